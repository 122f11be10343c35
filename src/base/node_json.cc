// JSON into the located tree: the text of RFC 8259 and nothing beyond it. Ours because a person's
// JSON file deserves places, duplicate keys and sentences, which a fast parser leaves out.
// https://www.rfc-editor.org/rfc/rfc8259
#include "base/node_reader.h"
#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace slipway {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

class JsonReader {
 public:
  JsonReader(const Lines& lines, Diagnostics& diagnostics, const ReadLimits& limits)
      : lines_(lines), text_(lines.text()), diagnostics_(diagnostics), limits_(limits) {}

  bool read(std::vector<Node>& documents) {
    // One document, or several objects one after the other, as some programs print them.
    std::vector<Node> read;
    for (skip_blanks(); !at_end(); skip_blanks()) {
      if (at_comment()) return fail_at_comment();
      if (!read.empty() && !(read.back().is_mapping() && text_[at_] == '{'))
        return fail(at_, at_ + found_token().size(),
                    "there is more text after the end of the document");
      if (!read_value(read.emplace_back())) return false;
    }
    std::ranges::move(read, std::back_inserter(documents));
    return true;
  }

 private:
  // Every read_ function begins at the first character of what it reads and answers false when
  // reading cannot go on; why is in the diagnostics.
  bool read_value(Node& node) {
    if (at_end()) return fail_at_end();
    const std::size_t start = at_;
    if (++spent_ > limits_.max_nodes)
      return fail(start, start + 1,
                  fmt::format("the text has more than {} values", limits_.max_nodes), {},
                  "config.too-large");
    bool is_read = false;
    const char first = text_[at_];
    if (first == '{') {
      is_read = read_object(node);
    } else if (first == '[') {
      is_read = read_array(node);
    } else if (first == '"') {
      node.kind = Node::Kind::kScalar;
      node.quoted = true;
      is_read = read_string(node.text);
      spent_ += cost_of(node.text) - 1;
    } else if (first == '-' || is_digit(first)) {
      is_read = read_number(node);
    } else {
      is_read = read_word(node);
    }
    node.span = lines_.span(start, at_);
    return is_read;
  }

  bool read_object(Node& node) {
    node.kind = Node::Kind::kMapping;
    if (!open()) return false;
    Keys keys;
    std::size_t comma = 0;
    skip_blanks();
    if (take('}')) return close();
    while (true) {
      if (at_end()) return fail_at_end();
      if (text_[at_] != '"') return fail_at_key(comma);
      Node::Member member;
      const std::size_t start = at_;
      if (!read_string(member.key)) return false;
      member.key_span = lines_.span(start, at_);
      skip_blanks();
      if (at_end()) return fail_at_end();
      if (!take(':')) return fail_expecting("\":\" after the key");
      skip_blanks();
      if (!read_value(member.value)) return false;
      if (keys.add(member.key, member.key_span, diagnostics_))
        node.members.push_back(std::move(member));
      skip_blanks();
      if (take('}')) return close();
      comma = at_;
      if (!take(',')) return fail_at_separator("\",\" or \"}\"");
      skip_blanks();
    }
  }

  bool read_array(Node& node) {
    node.kind = Node::Kind::kSequence;
    if (!open()) return false;
    skip_blanks();
    if (take(']')) return close();
    while (true) {
      node.items.emplace_back();
      if (!read_value(node.items.back())) return false;
      skip_blanks();
      if (take(']')) return close();
      const std::size_t comma = at_;
      if (!take(',')) return fail_at_separator("\",\" or \"]\"");
      skip_blanks();
      if (!at_end() && text_[at_] == ']')
        return fail(comma, comma + 1, "a comma must be followed by another value");
    }
  }

  bool read_string(std::string& value) {
    const std::size_t start = at_++;
    std::size_t plain = at_;  // where the run of characters that mean themselves begins
    while (true) {
      if (at_end()) return fail(start, text_.size(), "this quote is not closed");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '\n' || c == '\r')
        return fail(start, at_, "this quote is not closed on its line",
                    "write \\n for a line break");
      if (c < 0x20)
        return fail(at_, at_ + 1, fmt::format("the control character U+{:04X} is not allowed", c),
                    c == '\t' ? "write \\t" : fmt::format("write \\u{:04x}", c));
      if (c != '"' && c != '\\') {
        ++at_;
        continue;
      }
      value += text_.substr(plain, at_ - plain);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (!read_escape(value)) return false;
      plain = at_;
    }
  }

  bool read_escape(std::string& value) {
    const std::size_t start = at_++;
    const char name = at_end() ? '\0' : text_[at_++];
    switch (name) {
      case '"':
      case '\\':
      case '/':
        value += name;
        return true;
      case 'b':
        value += '\b';
        return true;
      case 'f':
        value += '\f';
        return true;
      case 'n':
        value += '\n';
        return true;
      case 'r':
        value += '\r';
        return true;
      case 't':
        value += '\t';
        return true;
      case 'u':
        break;
      default:
        return fail(start, at_, "a backslash begins an escape, and this is none",
                    "write \\\\ for a backslash");
    }
    const std::optional<char32_t> unit = read_hex();
    if (!unit) return fail(start, at_, "\\u wants four hexadecimal digits");
    char32_t code = *unit;
    if (code >= 0xd800 && code < 0xe000) {
      // Characters above U+FFFF are written as two escapes: a high and a low surrogate.
      std::optional<char32_t> low;
      if (code < 0xdc00 && text_.substr(at_).starts_with("\\u")) {
        at_ += 2;
        low = read_hex();
      }
      if (!low || *low < 0xdc00 || *low >= 0xe000)
        return fail(start, start + 6, "this escape is half of a surrogate pair",
                    "write the character itself, or both halves");
      code = 0x10000 + ((code - 0xd800) << 10) + (*low - 0xdc00);
    }
    append_utf8(value, code);
    return true;
  }

  std::optional<char32_t> read_hex() {
    char32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_end()) return std::nullopt;
      const char c = text_[at_];
      if (is_digit(c)) {
        code = code * 16 + static_cast<char32_t>(c - '0');
      } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
        code = code * 16 + static_cast<char32_t>((c | 0x20) - 'a' + 10);
      } else {
        return std::nullopt;
      }
    }
    return code;
  }

  bool read_number(Node& node) {
    const std::size_t start = at_;
    auto fail_number = [&](std::string message) {
      while (!at_end() && (is_word(text_[at_]) || text_[at_] == '.' || text_[at_] == '-')) ++at_;
      return fail(start, at_, std::move(message));
    };
    take('-');
    if (take('0')) {
      if (!at_end() && is_digit(text_[at_])) return fail_number("a number cannot begin with 0");
    } else if (!take_digits()) {
      return fail_number("a minus must be followed by a digit");
    }
    if (take('.') && !take_digits()) return fail_number("a point must be followed by a digit");
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!take_digits()) return fail_number("an exponent must have a digit");
    }
    if (!at_end() && (is_word(text_[at_]) || text_[at_] == '.'))
      return fail_number("this is not a number");
    node.kind = Node::Kind::kScalar;
    node.text = text_.substr(start, at_ - start);
    if (!node.as_double()) return fail_number("this number is too large");
    return true;
  }

  bool read_word(Node& node) {
    const std::size_t start = at_;
    const std::string_view word = found_token();
    if (word == "true" || word == "false") {
      node.kind = Node::Kind::kScalar;
      node.text = word;
    } else if (word == "null") {
      node.text = word;
    } else {
      if (at_comment()) return fail_at_comment();
      if (word == "'") return fail(start, start + 1, "text is written in double quotes");
      const auto meant = nearest(word, {"true", "false", "null"});
      return fail_expecting("a value", meant ? fmt::format("did you mean {}?", *meant) : "");
    }
    at_ += word.size();
    return true;
  }

  bool open() {
    if (open_.size() >= static_cast<std::size_t>(limits_.max_depth))
      return fail(at_, at_ + 1, fmt::format("nested deeper than {} levels", limits_.max_depth), {},
                  "config.too-deep");
    open_.push_back(at_++);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  bool at_end() const { return at_ >= text_.size(); }

  void skip_blanks() {
    while (!at_end() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  bool take(char wanted) {
    if (at_end() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  bool take_digits() {
    const std::size_t start = at_;
    while (!at_end() && is_digit(text_[at_])) ++at_;
    return at_ > start;
  }

  // A word, or a single character.
  std::string_view found_token() const {
    const std::string_view rest = text_.substr(at_);
    std::size_t length = 0;
    while (length < rest.size() && is_word(rest[length])) ++length;
    return rest.substr(0, length > 0 ? length : first_character(rest).size);
  }

  bool at_comment() const {
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with("#");
  }

  bool fail(std::size_t begin, std::size_t end, std::string message, std::string suggestion = {},
            std::string code = "config.syntax") {
    diagnostics_.error(lines_.span(begin, end), std::move(code), "", std::move(message),
                       std::move(suggestion));
    return false;
  }

  bool fail_expecting(std::string_view wanted, std::string suggestion = {}) {
    if (at_comment()) return fail_at_comment();
    const std::string_view found = found_token();
    return fail(at_, at_ + found.size(), fmt::format("expected {}, found {}", wanted, quote(found)),
                std::move(suggestion));
  }

  // The bracket says more than the end of the text, where nothing can be seen.
  bool fail_at_end() {
    if (open_.empty()) return fail(at_, at_ + 1, "the text ends too early");
    return fail(open_.back(), open_.back() + 1, "this bracket is not closed");
  }

  bool fail_at_comment() {
    return fail(at_, lines_.line_start(at_) + lines_.line_at(at_).size(), "JSON has no comments");
  }

  bool fail_at_key(std::size_t comma) {
    if (text_[at_] == '}' && comma > 0)
      return fail(comma, comma + 1, "a comma must be followed by another key");
    const std::string_view found = found_token();
    if (found == "'" || is_word(found.front()))
      return fail(at_, at_ + found.size(), "a key is written in double quotes");
    return fail_expecting("a key in double quotes");
  }

  bool fail_at_separator(std::string_view wanted) {
    if (at_end()) return fail_at_end();
    const bool begins_a_value =
        is_word(text_[at_]) || std::string_view("\"{[-").find(text_[at_]) != std::string_view::npos;
    return fail_expecting(wanted, begins_a_value ? "is a comma missing before it?" : "");
  }

  const Lines& lines_;
  const std::string_view text_;
  Diagnostics& diagnostics_;
  const ReadLimits& limits_;
  std::size_t at_ = 0;
  std::size_t spent_ = 0;
  std::vector<std::size_t> open_;  // where the brackets are that are not closed yet
};

}  // namespace

bool read_json(const Lines& lines, Diagnostics& diagnostics, const ReadLimits& limits,
               std::vector<Node>& documents) {
  return JsonReader(lines, diagnostics, limits).read(documents);
}

}  // namespace slipway
