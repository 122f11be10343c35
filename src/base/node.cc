#include "base/node.h"

#include "base/node_reader.h"
#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

namespace slipway {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return text;
}

// from_chars knows a minus but no plus.
std::string_view without_plus(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return text;
}

bool is_decimal(std::string_view text) {
  text = without_sign(text);
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_real(std::string_view text) {
  text = without_sign(text);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos && !is_decimal(text.substr(exponent + 1))) return false;
  const std::string_view mantissa = text.substr(0, exponent);
  const std::size_t point = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : mantissa.substr(point + 1);
  return std::ranges::all_of(whole, is_digit) && std::ranges::all_of(fraction, is_digit) &&
         !(whole.empty() && fraction.empty());
}

template <class Number>
std::optional<Number> parse_whole(std::string_view text, int base) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [read_to, error] = std::from_chars(text.data(), end, number, base);
  if (error != std::errc() || read_to != end) return std::nullopt;
  return number;
}

Json scalar_to_json(const Node& node) {
  if (node.quoted) return Json(node.text);
  if (const auto boolean = node.as_bool()) return Json(*boolean);
  if (const auto number = node.as_int()) return Json(*number);
  if (is_decimal(node.text)) {
    const std::string_view digits = without_plus(node.text);
    if (const auto number = parse_whole<std::uint64_t>(digits, 10)) return Json(*number);
  }
  if (const auto number = node.as_double()) return Json(*number);
  return Json(node.text);
}

bool looks_like_more_than_text(std::string_view text) {
  Node plain;
  plain.kind = Node::Kind::kScalar;
  plain.text = text;
  return plain.as_bool() || plain.as_double() || text == "null";
}

// Text that cannot be read at all: too much of it, or not UTF-8.
bool check_text(const Lines& lines, const SourceSpan& whole, Diagnostics& diagnostics,
                const ReadLimits& limits) {
  const std::string_view text = lines.text();
  if (text.size() > limits.max_bytes) {
    diagnostics.error(whole, "config.too-large", "",
                      fmt::format("larger than {} bytes", limits.max_bytes));
    return false;
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    diagnostics.error(whole, "config.encoding", "", "the text is UTF-16", "save it as UTF-8");
    return false;
  }
  if (const auto invalid = find_invalid_utf8(text)) {
    diagnostics.error(
        lines.span(*invalid, *invalid + 1), "config.encoding", "",
        fmt::format("the byte 0x{:02x} is not UTF-8", static_cast<unsigned char>(text[*invalid])),
        "save the file as UTF-8");
    return false;
  }
  return true;
}

bool read_all(std::shared_ptr<const SourceText> source, TextFormat format, Diagnostics& diagnostics,
              const ReadLimits& limits, std::vector<Node>& documents) {
  const Lines lines(source);
  if (!check_text(lines, {.source = std::move(source)}, diagnostics, limits)) return false;
  return format == TextFormat::kYaml ? read_yaml(lines, diagnostics, limits, documents)
                                     : read_json(lines, diagnostics, limits, documents);
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

std::optional<std::int64_t> Node::as_int() const {
  if (!is_scalar() || quoted) return std::nullopt;
  for (const auto& [prefix, base] : {std::pair("0x", 16), std::pair("0o", 8)}) {
    if (!text.starts_with(prefix)) continue;
    // Unsigned, so that no sign is taken after the prefix.
    const auto number = parse_whole<std::uint64_t>(std::string_view(text).substr(2), base);
    if (!number || *number > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return static_cast<std::int64_t>(*number);
  }
  if (!is_decimal(text)) return std::nullopt;
  return parse_whole<std::int64_t>(without_plus(text), 10);
}

std::optional<double> Node::as_double() const {
  if (!is_scalar() || quoted) return std::nullopt;
  if (const auto whole = as_int()) return static_cast<double>(*whole);
  if (!is_real(text)) return std::nullopt;
  const std::string_view number = without_plus(text);
  double value = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too small is zero; too large is not a number we can hold.
    const double approximate = std::strtod(std::string(number).c_str(), nullptr);
    if (!std::isfinite(approximate)) return std::nullopt;
    return approximate;
  }
  return value;
}

std::optional<bool> Node::as_bool() const {
  if (!is_scalar() || quoted) return std::nullopt;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

Json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return nullptr;
    case Node::Kind::kScalar:
      return scalar_to_json(node);
    case Node::Kind::kSequence: {
      JsonArray items;
      items.reserve(node.items.size());
      for (const Node& item : node.items) items.push_back(to_json(item));
      return items;
    }
    case Node::Kind::kMapping: {
      JsonObject members;
      members.reserve(node.members.size());
      for (const Node::Member& member : node.members)
        members.emplace(member.key, to_json(member.value));
      return members;
    }
  }
  return nullptr;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return node.text.empty() ? "nothing" : node.text;
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMapping:
      return "a mapping";
    case Node::Kind::kScalar:
      break;
  }
  const bool is_more_than_text = looks_like_more_than_text(node.text);
  if (!node.quoted) return is_more_than_text ? node.text : quote(node.text);
  return is_more_than_text ? "the text " + quote(node.text) : quote(node.text);
}

std::vector<Node> read_documents(std::shared_ptr<const SourceText> source, TextFormat format,
                                 Diagnostics& diagnostics, const ReadLimits& limits) {
  std::vector<Node> documents;
  read_all(std::move(source), format, diagnostics, limits, documents);
  return documents;
}

std::optional<Node> read_document(std::shared_ptr<const SourceText> source, TextFormat format,
                                  Diagnostics& diagnostics, const ReadLimits& limits) {
  std::vector<Node> documents;
  if (!read_all(source, format, diagnostics, limits, documents)) return std::nullopt;
  if (documents.size() == 1) return std::move(documents.front());
  if (documents.empty()) {
    diagnostics.error({.source = std::move(source)}, "config.empty", "", "the file is empty");
  } else {
    diagnostics.error(documents[1].span, "config.documents", "",
                      fmt::format("expected one document, found {}", documents.size()));
  }
  return std::nullopt;
}

Lines::Lines(std::shared_ptr<const SourceText> source)
    : source_(std::move(source)), text_(source_->text), starts_{0} {
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  for (std::size_t end = text_.find('\n'); end != std::string_view::npos;
       end = text_.find('\n', end + 1))
    starts_.push_back(end + 1);
}

std::size_t Lines::line_start(std::size_t offset) const {
  return *std::prev(std::ranges::upper_bound(starts_, offset));
}

std::string_view Lines::line_at(std::size_t offset) const {
  // Not by searching for the end of the line: a file may be one line, asked about at every value.
  const auto next = std::ranges::upper_bound(starts_, offset);
  const std::size_t start = *std::prev(next);
  if (next == starts_.end()) return text_.substr(start);
  const std::string_view line = text_.substr(start, *next - 1 - start);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

SourceSpan Lines::span(std::size_t begin, std::size_t end) const {
  begin = std::min(begin, text_.size());
  const auto next = std::ranges::upper_bound(starts_, begin);
  const std::size_t start = *std::prev(next);
  // Blanks before the end of the line belong to nothing.
  std::size_t last = std::min(end, start + line_at(begin).size());
  while (last > begin && (text_[last - 1] == ' ' || text_[last - 1] == '\t')) --last;
  const std::size_t length = last > begin ? last - begin : 1;
  return {.source = source_,
          .line = static_cast<int>(next - starts_.begin()),
          .column = static_cast<int>(begin - start) + 1,
          .length = static_cast<int>(length)};
}

bool Keys::add(const std::string& key, const SourceSpan& span, Diagnostics& diagnostics) {
  const auto [first, is_new] = lines_.try_emplace(key, span.line);
  if (is_new) return true;
  diagnostics.error(
      span, "config.duplicate-key", "",
      fmt::format("the key {} is already given on line {}", quote(key), first->second));
  return false;
}

std::size_t cost_of(std::string_view text) { return 1 + text.size() / 64; }

}  // namespace slipway
