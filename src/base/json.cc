// Boost.JSON does the work; two things are ours. Numbers: its doubles can be off in the last digit
// when read, and are printed as 1E-1. Errors: it knows an offset, people want line and column.
#include "base/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace slipway {
namespace {

namespace bj = boost::json;

constexpr std::size_t kMaxDepth = 200;

// Brings the parser's parts together: whole strings, and doubles that are read exactly.
struct Parts {
  static constexpr std::size_t max_object_size = bj::object::max_size();
  static constexpr std::size_t max_array_size = bj::array::max_size();
  static constexpr std::size_t max_key_size = bj::string::max_size();
  static constexpr std::size_t max_string_size = bj::string::max_size();

  explicit Parts(JsonListener& the_listener) : listener(the_listener) {}

  JsonListener& listener;
  std::string parts;  // of the string or number being read, when it comes in several

  bool go_on(bool yes, bj::error_code& error) {
    if (!yes) error = kNoMore;
    return yes;
  }
  // The whole of a string whose last part this is; valid until the next one.
  std::string_view whole(bj::string_view part, std::size_t size) {
    if (part.size() == size) return part;
    parts.append(part.data(), part.size());
    return parts;
  }
  bool said(bool yes, bj::error_code& error) {
    parts.clear();
    return go_on(yes, error);
  }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code& error) { return go_on(listener.on_object_begin(), error); }
  bool on_array_begin(bj::error_code& error) { return go_on(listener.on_array_begin(), error); }
  bool on_object_end(std::size_t members, bj::error_code& error) {
    return go_on(listener.on_object_end(members), error);
  }
  bool on_array_end(std::size_t items, bj::error_code& error) {
    return go_on(listener.on_array_end(items), error);
  }
  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) {
    return parts.append(part.data(), part.size()), true;
  }
  bool on_key(bj::string_view part, std::size_t size, bj::error_code& error) {
    return said(listener.on_key(whole(part, size)), error);
  }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) {
    return parts.append(part.data(), part.size()), true;
  }
  bool on_string(bj::string_view part, std::size_t size, bj::error_code& error) {
    return said(listener.on_string(whole(part, size)), error);
  }
  bool on_number_part(bj::string_view part, bj::error_code&) {
    return parts.append(part.data(), part.size()), true;
  }
  bool on_int64(std::int64_t value, bj::string_view, bj::error_code& error) {
    return said(listener.on_int(value), error);
  }
  bool on_uint64(std::uint64_t value, bj::string_view, bj::error_code& error) {
    return said(listener.on_uint(value), error);
  }
  bool on_double(double approximate, bj::string_view part, bj::error_code& error) {
    parts.append(part.data(), part.size());
    double exact = approximate;
    // Out of range leaves `exact` alone: too small stays Boost's zero, too large its infinity.
    std::from_chars(parts.data(), parts.data() + parts.size(), exact);
    if (!std::isfinite(exact)) {
      error = bj::error::exponent_overflow;
      return false;
    }
    return said(listener.on_double(exact), error);
  }
  bool on_bool(bool value, bj::error_code& error) { return go_on(listener.on_bool(value), error); }
  bool on_null(bj::error_code& error) { return go_on(listener.on_null(), error); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

  // No syntax error of Boost's.
  static const bj::error_code kNoMore;
};
const bj::error_code Parts::kNoMore = std::make_error_code(std::errc::operation_canceled);

std::string explain(const bj::error_code& error) {
  if (error == bj::error::incomplete) return "the text ends too early";
  if (error == bj::error::extra_data) return "there is more text after the value";
  if (error == bj::error::too_deep) return fmt::format("nested deeper than {} levels", kMaxDepth);
  if (error == bj::error::exponent_overflow) return "the number is too large";
  if (error == bj::error::illegal_leading_surrogate ||
      error == bj::error::illegal_trailing_surrogate || error == bj::error::expected_utf16_escape)
    return "a \\u escape is half of a surrogate pair";
  if (error == bj::error::expected_hex_digit) return "\\u wants four hexadecimal digits";
  return error.message();
}

Error syntax_error(std::string_view text, std::size_t offset, std::string_view what) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  // rfind answers npos, that is -1, when the offset is on the first line: the column is right too.
  const std::size_t column = offset - before.rfind('\n');
  return Error{ErrorKind::kInvalid, "json.syntax",
               fmt::format("not valid JSON at line {}, column {}: {}", line, column, what)};
}

class Writer {
 public:
  Writer(std::string& out, bool pretty) : out_(out), pretty_(pretty) {}

  void write(const Json& json) {
    switch (json.kind()) {
      case bj::kind::null:
        out_ += "null";
        break;
      case bj::kind::bool_:
        out_ += json.get_bool() ? "true" : "false";
        break;
      case bj::kind::int64:
        number(json.get_int64());
        break;
      case bj::kind::uint64:
        number(json.get_uint64());
        break;
      case bj::kind::double_:
        real(json.get_double());
        break;
      case bj::kind::string:
        string(json.get_string());
        break;
      case bj::kind::array:
        array(json.get_array());
        break;
      case bj::kind::object:
        object(json.get_object());
        break;
    }
  }

  template <class Number>
  void number(Number value) {
    std::array<char, 32> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    out_.append(buffer.data(), end);
  }

  void real(double value) {
    // JSON has no word for these, and nothing that reached us over the wire can be one.
    if (!std::isfinite(value)) {
      out_ += "null";
      return;
    }
    const std::size_t start = out_.size();
    number(value);
    if (out_.find_first_of(".e", start) == std::string::npos) out_ += ".0";
  }

  void string(std::string_view text) {
    out_ += '"';
    std::size_t plain = 0;  // where the run of characters that stay as they are begins
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
      out_.append(text, plain, i - plain);
      plain = i + 1;
      switch (c) {
        case '"':
          out_ += "\\\"";
          break;
        case '\\':
          out_ += "\\\\";
          break;
        case '\b':
          out_ += "\\b";
          break;
        case '\f':
          out_ += "\\f";
          break;
        case '\n':
          out_ += "\\n";
          break;
        case '\r':
          out_ += "\\r";
          break;
        case '\t':
          out_ += "\\t";
          break;
        default:
          out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      }
    }
    out_.append(text, plain);
    out_ += '"';
  }

 private:
  void array(const JsonArray& items) {
    out_ += '[';
    ++depth_;
    bool first = true;
    for (const Json& item : items) {
      separate(first);
      write(item);
    }
    --depth_;
    if (!first) new_line();
    out_ += ']';
  }

  void object(const JsonObject& members) {
    out_ += '{';
    ++depth_;
    bool first = true;
    for (const auto& member : members) {
      separate(first);
      string(member.key());
      out_ += pretty_ ? ": " : ":";
      write(member.value());
    }
    --depth_;
    if (!first) new_line();
    out_ += '}';
  }

  void separate(bool& first) {
    if (!first) out_ += ',';
    first = false;
    new_line();
  }

  void new_line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  std::string& out_;
  bool pretty_;
  std::size_t depth_ = 0;
};

}  // namespace

Result<bool> read_json(std::string_view text, JsonListener& listener) {
  bj::parse_options options;
  options.max_depth = kMaxDepth;
  bj::basic_parser<Parts> parser(options, listener);
  bj::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error == Parts::kNoMore) return false;
  if (error) return syntax_error(text, read, explain(error));
  if (read < text.size()) return syntax_error(text, read, explain(bj::error::extra_data));
  return true;
}

bool read_document(const Json& document, JsonListener& listener) {
  switch (document.kind()) {
    case bj::kind::null:
      return listener.on_null();
    case bj::kind::bool_:
      return listener.on_bool(document.get_bool());
    case bj::kind::int64:
      return listener.on_int(document.get_int64());
    case bj::kind::uint64:
      return listener.on_uint(document.get_uint64());
    case bj::kind::double_:
      return listener.on_double(document.get_double());
    case bj::kind::string:
      return listener.on_string(document.get_string());
    case bj::kind::array:
      if (!listener.on_array_begin()) return false;
      for (const Json& item : document.get_array())
        if (!read_document(item, listener)) return false;
      return listener.on_array_end(document.get_array().size());
    case bj::kind::object:
      if (!listener.on_object_begin()) return false;
      for (const auto& member : document.get_object())
        if (!listener.on_key(member.key()) || !read_document(member.value(), listener))
          return false;
      return listener.on_object_end(document.get_object().size());
  }
  return true;
}

Result<Json> parse_json(std::string_view text) {
  JsonBuilder builder;
  builder.start();
  TRY_VOID(read_json(text, builder));
  return builder.finish();
}

std::string to_text(const Json& json) {
  std::string out;
  append_text(out, json);
  return out;
}

void append_text(std::string& out, const Json& json) { Writer(out, false).write(json); }

void append_json_string(std::string& out, std::string_view text) {
  Writer(out, false).string(text);
}

std::string to_pretty_text(const Json& json) {
  std::string out;
  Writer(out, true).write(json);
  out += '\n';
  return out;
}

const Json* find(const Json& json, std::string_view member) {
  const JsonObject* object = json.if_object();
  if (object == nullptr) return nullptr;
  const Json* value = object->if_contains(member);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

std::optional<std::string_view> find_string(const Json& json, std::string_view member) {
  const Json* value = find(json, member);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<std::int64_t> find_int(const Json& json, std::string_view member) {
  const Json* value = find(json, member);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value->is_uint64() && value->get_uint64() <= kMax)
    return static_cast<std::int64_t>(value->get_uint64());
  return std::nullopt;
}

std::optional<double> find_double(const Json& json, std::string_view member) {
  const Json* value = find(json, member);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<bool> find_bool(const Json& json, std::string_view member) {
  const Json* value = find(json, member);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

const JsonArray* find_array(const Json& json, std::string_view member) {
  const Json* value = find(json, member);
  return value != nullptr ? value->if_array() : nullptr;
}

const JsonObject* find_object(const Json& json, std::string_view member) {
  const Json* value = find(json, member);
  return value != nullptr ? value->if_object() : nullptr;
}

std::string_view string_or_empty(const Json& json, std::string_view member) {
  return find_string(json, member).value_or(std::string_view());
}

void remove_member(JsonObject& object, std::string_view member) { object.stable_erase(member); }

}  // namespace slipway
