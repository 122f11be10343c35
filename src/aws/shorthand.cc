#include "aws/shorthand.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

namespace slipway::aws {
namespace {

// What people type is short; this keeps the recursion within a fiber's stack.
constexpr int kMaxDepth = 32;

// One value and everything in it. Bare words end at a comma, and inside brackets or braces at their
// end too; a backslash makes the next character a plain one.
class Shorthand {
 public:
  Shorthand(const SourceText& source, Diagnostics& diagnostics)
      : source_(std::make_shared<SourceText>(source)),
        text_(source_->text),
        diagnostics_(diagnostics) {}

  std::optional<Json> read() {
    std::optional<JsonObject> members = read_members('\0', 0);
    if (!members) return std::nullopt;
    return Json(std::move(*members));
  }

 private:
  std::nullopt_t fail(const std::string& message) {
    const int column = static_cast<int>(std::min(at_, text_.size())) + 1;
    diagnostics_.error({source_, 1, column, 1}, "shorthand.syntax", "", message);
    return std::nullopt;
  }
  // "found ]", "found nothing more".
  std::string found() const {
    return is_at_end() ? "found nothing more" : "found " + quote(text_.substr(at_, 1));
  }

  bool is_at_end() const { return at_ >= text_.size(); }
  bool is_at(char wanted) const { return !is_at_end() && text_[at_] == wanted; }
  bool take(char wanted) {
    if (!is_at(wanted)) return false;
    ++at_;
    return true;
  }
  void skip_blanks() {
    while (!is_at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  // key=value,key=value up to `end`, which is taken; '\0' is the end of the text.
  std::optional<JsonObject> read_members(char end, int depth) {
    JsonObject members;
    skip_blanks();
    if (end != '\0' && take(end)) return members;
    for (;;) {
      skip_blanks();
      const std::size_t key_at = at_;
      const std::string key = read_key();
      if (key.empty()) return fail("expected a member's name and '=', " + found());
      skip_blanks();
      if (!take('=')) return fail(fmt::format("expected '=' after {}, {}", key, found()));
      std::optional<Json> value = read_values(end, depth);
      if (!value) return std::nullopt;
      if (members.contains(key)) {
        at_ = key_at;
        return fail(key + " is given twice");
      }
      members[key] = std::move(*value);
      skip_blanks();
      if (end == '\0' ? is_at_end() : take(end)) return members;
      if (!take(','))
        return fail(end == '\0' ? "expected ',' or the end, " + found()
                                : fmt::format("expected ',' or '{}', {}", end, found()));
    }
  }

  std::string read_key() {
    const std::size_t begin = at_;
    const auto is_of_key = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("-_.#/:").find(c) != std::string_view::npos;
    };
    while (!is_at_end() && is_of_key(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  // a=b,c,d=e: what follows the comma belongs to `a` unless it turns out to be the next key.
  std::optional<Json> read_values(char end, int depth) {
    std::optional<Json> first = read_value(end, depth);
    if (!first || first->is_array() || first->is_object()) return first;
    JsonArray list{*first};
    for (;;) {
      const std::size_t before = at_;
      skip_blanks();
      if (!take(',') || is_at_end() || is_next_key()) {
        at_ = before;
        break;
      }
      std::optional<Json> next = read_value(end, depth);
      if (!next) return std::nullopt;
      list.push_back(std::move(*next));
    }
    if (list.size() == 1) return first;
    return Json(std::move(list));
  }

  bool is_next_key() {
    const std::size_t before = at_;
    skip_blanks();
    const bool has_key = !read_key().empty();
    skip_blanks();
    const bool is_key = has_key && is_at('=');
    at_ = before;
    return is_key;
  }

  std::optional<Json> read_value(char end, int depth) {
    if (depth > kMaxDepth) return fail("nested too deeply");
    skip_blanks();
    if (take('[')) return read_list(depth + 1);
    if (take('{')) {
      std::optional<JsonObject> members = read_members('}', depth + 1);
      if (!members) return std::nullopt;
      return Json(std::move(*members));
    }
    for (const char mark : {'\'', '"'})
      if (take(mark)) return read_quoted(mark);
    return read_word(end);
  }

  std::optional<Json> read_list(int depth) {
    JsonArray list;
    skip_blanks();
    if (take(']')) return Json(std::move(list));
    for (;;) {
      std::optional<Json> item = read_value(']', depth);
      if (!item) return std::nullopt;
      list.push_back(std::move(*item));
      skip_blanks();
      if (take(']')) return Json(std::move(list));
      if (!take(',')) return fail("expected ',' or ']', " + found());
    }
  }

  std::optional<Json> read_quoted(char mark) {
    const std::size_t begin = at_ - 1;
    std::string value;
    while (!is_at_end()) {
      if (take(mark)) return Json(value);
      const bool is_escape = is_at('\\') && at_ + 1 < text_.size() &&
                             (text_[at_ + 1] == mark || text_[at_ + 1] == '\\');
      if (is_escape) ++at_;
      value += text_[at_++];
    }
    at_ = begin;
    return fail("a quotation that does not end");
  }

  std::optional<Json> read_word(char end) {
    std::string value;
    while (!is_at_end() && !is_at(',') && !(end != '\0' && is_at(end))) {
      if (is_at('\\') && at_ + 1 < text_.size()) ++at_;
      value += text_[at_++];
    }
    return Json(std::string(trim(value)));
  }

  std::shared_ptr<const SourceText> source_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
};

Json as_number(const Json& text, FactKind kind) {
  const std::string_view digits = text.get_string();
  const char* const end = digits.data() + digits.size();
  if (kind == FactKind::kFloat || kind == FactKind::kDouble) {
    double number = 0;
    const auto [stopped, failed] = std::from_chars(digits.data(), end, number);
    return failed == std::errc() && stopped == end ? Json(number) : text;
  }
  std::int64_t number = 0;
  const auto [stopped, failed] = std::from_chars(digits.data(), end, number);
  return failed == std::errc() && stopped == end ? Json(number) : text;
}

Json as_boolean(const Json& text) {
  const std::string_view word = text.get_string();
  if (equals_ignoring_case(word, "true")) return true;
  if (equals_ignoring_case(word, "false")) return false;
  return text;
}

}  // namespace

std::optional<Json> parse_shorthand(const SourceText& text, Diagnostics& diagnostics) {
  return Shorthand(text, diagnostics).read();
}

Json as_shape(const Facts& facts, std::string_view shape, const Json& document) {
  const ShapeFacts* const wanted = facts.shape(shape);
  if (wanted == nullptr || document.is_null()) return document;
  switch (wanted->kind) {
    case FactKind::kStructure: {
      if (!document.is_object()) return document;
      JsonObject object;
      for (const auto& [name, value] : document.get_object()) {
        const MemberFacts* const member = wanted->find(name);
        object[name] = member == nullptr ? value : as_shape(facts, member->shape, value);
      }
      return object;
    }
    case FactKind::kList: {
      JsonArray list;
      if (!document.is_array()) return JsonArray{as_shape(facts, wanted->element, document)};
      for (const Json& item : document.get_array())
        list.push_back(as_shape(facts, wanted->element, item));
      return list;
    }
    case FactKind::kMap: {
      if (!document.is_object()) return document;
      JsonObject map;
      for (const auto& [name, value] : document.get_object())
        map[name] = as_shape(facts, wanted->element, value);
      return map;
    }
    case FactKind::kInteger:
    case FactKind::kLong:
    case FactKind::kFloat:
    case FactKind::kDouble:
      return document.is_string() ? as_number(document, wanted->kind) : document;
    case FactKind::kBoolean:
      return document.is_string() ? as_boolean(document) : document;
    case FactKind::kString:
    case FactKind::kTimestamp:
    case FactKind::kBlob:
      return document;
  }
  return document;
}

std::optional<Json> read_structure(const SourceText& given, const Facts& facts,
                                   std::string_view shape, const ReadFile& read_file,
                                   Diagnostics& diagnostics) {
  SourceText source = given;
  const auto whole = [&] {
    return SourceSpan{std::make_shared<const SourceText>(source), 0, 0, 0};
  };
  constexpr std::string_view kFile = "file://";
  if (source.text.starts_with(kFile)) {
    const std::string path = source.text.substr(kFile.size());
    Result<std::string> text = read_file(path);
    if (!text) {
      diagnostics.error(whole(), text.error().code, "", text.error().message);
      return std::nullopt;
    }
    source = {path, std::move(*text)};
  }

  const std::string_view trimmed = trim(source.text);
  std::optional<Json> document;
  if (trimmed.starts_with('{') || trimmed.starts_with('[')) {
    Result<Json> json = parse_json(source.text);
    if (!json) {
      diagnostics.error(whole(), json.error().code, "", json.error().message);
      return std::nullopt;
    }
    document = std::move(*json);
  } else {
    document = parse_shorthand(source, diagnostics);
    if (!document) return std::nullopt;
    document = as_shape(facts, shape, *document);
  }

  bool is_sound = true;
  for (const Violation& violation : check_document(facts, shape, *document)) {
    using enum Violation::Kind;
    const bool is_error = violation.kind != kUnknownValue && violation.kind != kOutOfRange;
    is_sound = is_sound && !is_error;
    diagnostics.add({.severity = is_error ? Severity::kError : Severity::kWarning,
                     .code = "flags.structure",
                     .path = violation.path,
                     .message = violation.message,
                     .suggestion = violation.suggestion,
                     .span = whole()});
  }
  return is_sound ? document : std::nullopt;
}

}  // namespace slipway::aws
