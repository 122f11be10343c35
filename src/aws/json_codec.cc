// awsJson 1.0 and 1.1: a shape is a JSON object, its members are spelled as they are in C++, a time
// is a number of seconds since 1970. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
#include "aws/codec.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace slipway::aws {
namespace {

// ---- Encoding ----

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), end);
}

// AWS counts in milliseconds and drops a fraction of nothing: 1700000000, 1700000000.12.
void append_time(std::string& out, TimePoint time) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::int64_t seconds = milliseconds / 1000;
  std::int64_t rest = milliseconds % 1000;
  if (milliseconds < 0 && rest != 0) {
    if (seconds == 0) out += '-';
    rest = -rest;
  }
  append_number(out, seconds);
  if (rest == 0) return;
  std::string fraction = fmt::format(".{:03}", rest);
  while (fraction.back() == '0') fraction.pop_back();
  out += fraction;
}

class Encoder {
 public:
  Encoder(std::string& out, Side side) : out_(out), side_(side) {}

  void value(const Type& type, const void* address) {
    switch (type.kind) {
      case Kind::kString:
        append_json_string(out_, *static_cast<const std::string*>(address));
        return;
      case Kind::kInt:
        append_number(out_, *static_cast<const int*>(address));
        return;
      case Kind::kLong:
        append_number(out_, *static_cast<const std::int64_t*>(address));
        return;
      case Kind::kDouble:
        append_text(out_, Json(*static_cast<const double*>(address)));
        return;
      case Kind::kBool:
        out_ += *static_cast<const bool*>(address) ? "true" : "false";
        return;
      case Kind::kTime:
        append_time(out_, *static_cast<const TimePoint*>(address));
        return;
      case Kind::kDocument:
        append_text(out_, *static_cast<const Json*>(address));
        return;
      case Kind::kOptional:
        if (const void* inside = type.value(address))
          value(*type.element, inside);
        else
          out_ += "null";
        return;
      case Kind::kList:
        list(type, address);
        return;
      case Kind::kMap:
        map(type, address);
        return;
      case Kind::kShape:
        shape(type, address);
        return;
    }
  }

 private:
  void list(const Type& type, const void* address) {
    out_ += '[';
    const std::size_t size = type.size(address);
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out_ += ',';
      value(*type.element, type.at(address, i));
    }
    out_ += ']';
  }

  void map(const Type& type, const void* address) {
    struct Context {
      Encoder& encoder;
      const Type& element;
      bool first;
    } context{*this, *type.element, true};
    out_ += '{';
    type.for_each(address, &context, [](void* opaque, const std::string& key, const void* entry) {
      auto& [encoder, element, first] = *static_cast<Context*>(opaque);
      if (!first) encoder.out_ += ',';
      first = false;
      append_json_string(encoder.out_, key);
      encoder.out_ += ':';
      encoder.value(element, entry);
    });
    out_ += '}';
  }

  void shape(const Type& type, const void* address) {
    out_ += '{';
    bool first = true;
    for (const Member& member : type.members) {
      const void* inside = member.in(address);
      if (!is_sent(*member.type, inside, side_)) continue;
      if (!first) out_ += ',';
      first = false;
      out_ += '"';
      out_ += member.name;
      out_ += "\":";
      value(*member.type, inside);
    }
    out_ += '}';
  }

  std::string& out_;
  Side side_;
};

// ---- Decoding ----

std::optional<std::int64_t> whole_number(const Json& json) {
  if (json.is_int64()) return json.get_int64();
  if (!json.is_double()) return std::nullopt;
  const double number = json.get_double();
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) != number || std::abs(number) > kExact) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<TimePoint> time(const Json& json) {
  if (json.is_string()) return parse_iso8601(std::string_view(json.get_string()));
  if (!json.is_number()) return std::nullopt;
  const double seconds = json.to_number<double>();
  constexpr double kYear9999 = 253402300800.0;
  if (!(std::abs(seconds) < kYear9999)) return std::nullopt;
  return TimePoint(Duration(std::llround(seconds * 1e6)));
}

// Documents are moved out of the tree, everything else is copied from it. On failure `path_` and
// `problem_` say where and why; the path is put together from the inside out.
class Decoder {
 public:
  bool value(Json& json, const Type& type, void* address) {
    switch (type.kind) {
      case Kind::kString:
        // AWS answers "256" for a task's cpu where other servers of its API answer 256.
        if (json.is_number()) {
          *static_cast<std::string*>(address) = to_text(json);
          return true;
        }
        if (!json.is_string()) return wrong(json, "text");
        static_cast<std::string*>(address)->assign(json.get_string().data(),
                                                   json.get_string().size());
        return true;
      case Kind::kInt: {
        const auto number = whole_number(json);
        if (!number || *number < std::numeric_limits<int>::min() ||
            *number > std::numeric_limits<int>::max())
          return wrong(json, "a whole number");
        *static_cast<int*>(address) = static_cast<int>(*number);
        return true;
      }
      case Kind::kLong: {
        const auto number = whole_number(json);
        if (!number) return wrong(json, "a whole number");
        *static_cast<std::int64_t*>(address) = *number;
        return true;
      }
      case Kind::kDouble:
        if (!json.is_number()) return wrong(json, "a number");
        *static_cast<double*>(address) = json.to_number<double>();
        return true;
      case Kind::kBool:
        if (!json.is_bool()) return wrong(json, "true or false");
        *static_cast<bool*>(address) = json.get_bool();
        return true;
      case Kind::kTime: {
        const auto when = time(json);
        if (!when) return wrong(json, "a time in seconds since 1970");
        *static_cast<TimePoint*>(address) = *when;
        return true;
      }
      case Kind::kDocument:
        *static_cast<Json*>(address) = std::move(json);
        return true;
      case Kind::kOptional:
        return value(json, *type.element, type.emplace(address));
      case Kind::kList:
        return list(json, type, address);
      case Kind::kMap:
        return map(json, type, address);
      case Kind::kShape:
        return shape(json, type, address);
    }
    return false;
  }

  Error error() const {
    const std::string_view path =
        path_.starts_with('.') ? std::string_view(path_).substr(1) : path_;
    return Error{ErrorKind::kUnavailable, "call.bad-answer",
                 path.empty() ? problem_ : fmt::format("{}: {}", path, problem_)};
  }

 private:
  bool list(Json& json, const Type& type, void* address) {
    JsonArray* items = json.if_array();
    if (items == nullptr) return wrong(json, "a list");
    type.clear(address);
    type.reserve(address, items->size());
    for (std::size_t i = 0; i < items->size(); ++i) {
      Json& item = (*items)[i];
      void* place = type.append(address);
      if (!item.is_null() && !value(item, *type.element, place))
        return within(fmt::format("[{}]", i));
    }
    return true;
  }

  bool map(Json& json, const Type& type, void* address) {
    JsonObject* entries = json.if_object();
    if (entries == nullptr) return wrong(json, "an object");
    type.clear(address);
    for (auto& entry : *entries) {
      if (!entry.value().is_null() &&
          !value(entry.value(), *type.element, type.entry(address, entry.key())))
        return within(fmt::format(".{}", std::string_view(entry.key())));
    }
    return true;
  }

  bool shape(Json& json, const Type& type, void* address) {
    JsonObject* members = json.if_object();
    if (members == nullptr) return wrong(json, "an object");
    // Both sides are mostly in the model's order: look on from the last member found.
    std::size_t next = 0;
    const std::size_t count = type.members.size();
    for (auto& entry : *members) {
      const std::string_view key = entry.key();
      for (std::size_t tried = 0; tried < count; ++tried) {
        const std::size_t index = next + tried < count ? next + tried : next + tried - count;
        const Member& member = type.members[index];
        if (member.name != key) continue;
        next = index + 1 == count ? 0 : index + 1;
        if (!entry.value().is_null() &&
            !value(entry.value(), *member.type, member.address(address)))
          return within(fmt::format(".{}", key));
        break;
      }
    }
    return true;
  }

  bool wrong(const Json& found, std::string_view expected) {
    problem_ = fmt::format("expected {}, found {}", expected, describe(found));
    return false;
  }

  bool within(std::string_view step) {
    path_.insert(0, step);
    return false;
  }

  std::string path_;
  std::string problem_;
};

}  // namespace

std::string describe(const Json& json) {
  switch (json.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return json.get_bool() ? "true" : "false";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      return to_text(json);
    case boost::json::kind::string: {
      constexpr std::size_t kMostShown = 40;
      const std::string_view text = json.get_string();
      return fmt::format("\"{}{}\"", text.substr(0, kMostShown),
                         text.size() > kMostShown ? "..." : "");
    }
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "an object";
  }
  return "something else";
}

std::string encode_json(ConstRef shape, Side side) {
  std::string out;
  Encoder(out, side).value(shape.type, shape.address);
  return out;
}

Result<void> decode_json(std::string_view text, Ref shape) {
  TRY(Json document, parse_json(text));
  return decode_document(std::move(document), shape);
}

Result<void> decode_document(Json document, Ref shape) {
  Decoder decoder;
  if (!decoder.value(document, shape.type, shape.address)) return decoder.error();
  return {};
}

std::optional<WireError> decode_json_error(std::string_view body) {
  const Result<Json> document = parse_json(body);
  if (!document || !document->is_object()) return std::nullopt;
  WireError error;
  error.code = plain_error_code(string_or_empty(*document, "__type"));
  error.message = find_string(*document, "message").value_or(string_or_empty(*document, "Message"));
  return error;
}

// "com.amazon.coral.service#ClientException:http://internal.amazon.com/..." is ClientException.
std::string plain_error_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  if (const std::size_t hash = code.rfind('#'); hash != std::string_view::npos)
    code.remove_prefix(hash + 1);
  return std::string(code);
}

}  // namespace slipway::aws
