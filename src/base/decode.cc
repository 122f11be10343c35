#include "base/decode.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace slipway {
namespace {

const Node& empty_mapping() {
  static const Node node = [] {
    Node mapping;
    mapping.kind = Node::Kind::kMapping;
    return mapping;
  }();
  return node;
}

// "a whole number", and what is known about its bounds.
template <class Number, class Show>
std::string expected_in_range(std::string_view kind, Number at_least, Number at_most, Number lowest,
                              Number highest, Show show) {
  if (at_least > lowest && at_most < highest)
    return fmt::format("{} from {} to {}", kind, show(at_least), show(at_most));
  if (at_least > lowest) return fmt::format("{} of at least {}", kind, show(at_least));
  if (at_most < highest) return fmt::format("{} of at most {}", kind, show(at_most));
  return std::string(kind);
}

std::string expected_count(EntryCount count) {
  const EntryCount any;
  if (count.at_most == any.at_most) return "at least " + counted(count.at_least, "entry");
  if (count.at_least == 0) return "at most " + counted(count.at_most, "entry");
  if (count.at_least == count.at_most) return counted(count.at_least, "entry");
  return fmt::format("{} to {}", count.at_least, counted(count.at_most, "entry"));
}

// The node with what its quotes hide, where they are to be overlooked.
Node without_quotes(const Node& node) {
  Node plain;
  plain.kind = node.kind;
  plain.text = node.text;
  return plain;
}

std::optional<std::string> meant_boolean(const Node& node) {
  if (!node.is_scalar()) return std::nullopt;
  const std::string word = to_lower(node.text);
  if (word == "yes" || word == "on" || word == "y" || word == "true") return "true";
  if (word == "no" || word == "off" || word == "n" || word == "false") return "false";
  return std::nullopt;
}

// A key that could be misread in a path, such as "my.web", or that could upset a terminal stands in
// brackets and quotes.
std::string join_path(std::string_view path, std::string_view key) {
  const bool is_odd = key.empty() || std::ranges::any_of(key, [](char c) {
                        return static_cast<unsigned char>(c) <= ' ' || c == 0x7f ||
                               std::string_view(".[]\"'").find(c) != std::string_view::npos;
                      });
  if (is_odd) return fmt::format("{}[{}]", path, quote(key));
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

}  // namespace

Fields::Fields(const Node& node, Diagnostics& diagnostics, DecodeOptions options, std::string path)
    // Something missing in the document as a whole has no better place than the document. Braces:
    // they are worked out from left to right.
    : Fields{node, path.empty() ? SourceSpan{.source = node.span.source} : node.span, diagnostics,
             options, std::move(path)} {}

Fields::Fields(const Node& node, SourceSpan span, Diagnostics& diagnostics, DecodeOptions options,
               std::string path)
    : node_(&node),
      span_(std::move(span)),
      diagnostics_(&diagnostics),
      options_(options),
      path_(std::move(path)),
      asked_(node.members.size(), false) {
  if (!node.is_mapping()) report(node, path_, "a mapping");
  if (options_.ignore_key_case) report_duplicates_by_case();
}

Fields::Fields(Fields&& other) noexcept
    : node_(other.node_),
      span_(std::move(other.span_)),
      diagnostics_(std::exchange(other.diagnostics_, nullptr)),
      options_(other.options_),
      path_(std::move(other.path_)),
      asked_(std::move(other.asked_)),
      absent_(std::move(other.absent_)) {}

Fields::~Fields() {
  if (diagnostics_ != nullptr) report_unknown_keys();
}

bool Fields::has(std::string_view key) const {
  const Node::Member* member = find(key);
  return member != nullptr && !member->value.is_null();
}

bool Fields::require(std::string_view key) {
  const Node::Member* member = ask(key);
  if (member != nullptr && !member->value.is_null()) return true;
  if (!node_->is_mapping()) return false;
  if (member != nullptr) {
    diagnostics_->error(member->value.span, "config.missing-key", path_of(key),
                        fmt::format("a value is required, found {}", describe(member->value)));
  } else {
    diagnostics_->error(span_, "config.missing-key", path_of(key), "required key is missing");
  }
  return false;
}

std::optional<std::string> Fields::text(std::string_view key, TextRules rules) {
  const Node* value = node(key);
  if (value == nullptr) return std::nullopt;
  return read_text(*value, path_of(key), rules);
}

std::optional<std::int64_t> Fields::integer(std::string_view key, IntegerRange range) {
  const Node* value = node(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<std::int64_t> unquoted = without_quotes(*value).as_int();
  const bool is_accepted = unquoted && (!value->quoted || options_.lenient_scalars);
  if (is_accepted && *unquoted >= range.at_least && *unquoted <= range.at_most) return unquoted;
  const IntegerRange any;
  report(*value, path_of(key),
         expected_in_range("a whole number", range.at_least, range.at_most, any.at_least,
                           any.at_most, [](std::int64_t number) { return number; }),
         unquoted && !is_accepted ? "remove the quotes" : "");
  return std::nullopt;
}

std::optional<double> Fields::number(std::string_view key, NumberRange range) {
  const Node* value = node(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<double> unquoted = without_quotes(*value).as_double();
  const bool is_accepted = unquoted && (!value->quoted || options_.lenient_scalars);
  if (is_accepted && *unquoted >= range.at_least && *unquoted <= range.at_most) return unquoted;
  const NumberRange any;
  report(*value, path_of(key),
         expected_in_range("a number", range.at_least, range.at_most, any.at_least, any.at_most,
                           [](double number) { return number; }),
         unquoted && !is_accepted ? "remove the quotes" : "");
  return std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view key) {
  const Node* value = node(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<bool> unquoted = without_quotes(*value).as_bool();
  if (unquoted && (!value->quoted || options_.lenient_scalars)) return unquoted;
  const std::optional<std::string> meant = meant_boolean(*value);
  report(*value, path_of(key), "true or false",
         unquoted ? "remove the quotes"
         : meant  ? fmt::format("did you mean {}?", *meant)
                  : "");
  return std::nullopt;
}

std::optional<Duration> Fields::duration(std::string_view key, DurationRange range) {
  const Node* value = node(key);
  if (value == nullptr) return std::nullopt;
  const std::optional<Duration> read =
      value->is_scalar() ? parse_duration(value->text) : std::nullopt;
  if (read && *read >= range.at_least && *read <= range.at_most) return read;
  const DurationRange any;
  const bool lacks_unit = value->is_scalar() && without_quotes(*value).as_double().has_value();
  report(*value, path_of(key),
         read ? expected_in_range("a duration", range.at_least, range.at_most, any.at_least,
                                  any.at_most, [](Duration bound) { return to_string(bound); })
              : "a duration such as 90s, 15m or 1h30m",
         lacks_unit ? fmt::format("write the unit: {0}s or {0}m", value->text) : "");
  return std::nullopt;
}

std::optional<Json> Fields::json(std::string_view key) {
  const Node* value = node(key);
  if (value == nullptr) return std::nullopt;
  return to_json(*value);
}

std::optional<Fields> Fields::mapping(std::string_view key) {
  const Node::Member* member = ask(key);
  if (member == nullptr || member->value.is_null()) return std::nullopt;
  if (!member->value.is_mapping()) {
    report(member->value, path_of(key), "a mapping");
    return std::nullopt;
  }
  return Fields(member->value, member->key_span, *diagnostics_, options_, path_of(key));
}

std::vector<std::string> Fields::texts(std::string_view key, EntryCount count, TextRules rules) {
  const Node* value = node(key);
  if (value == nullptr) return {};
  const std::string path = path_of(key);
  std::vector<std::string> result;
  if (value->is_scalar() && options_.lenient_scalars) {
    for (std::string_view part : split(value->text, ',')) {
      if (const std::string_view entry = trim(part); !entry.empty()) result.emplace_back(entry);
    }
    check_count(*value, path, result.size(), count);
    return result;
  }
  if (!value->is_sequence()) {
    report(*value, path, "a list",
           value->is_scalar() ? fmt::format("write it as a list: [{}]", value->text) : "");
    return {};
  }
  check_count(*value, path, value->items.size(), count);
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    if (auto entry = read_text(value->items[i], path_of(key, i), rules))
      result.push_back(std::move(*entry));
  }
  return result;
}

std::vector<Fields> Fields::mappings(std::string_view key, EntryCount count) {
  const Node* value = node(key);
  if (value == nullptr) return {};
  if (!value->is_sequence()) {
    report(*value, path_of(key), "a list");
    return {};
  }
  check_count(*value, path_of(key), value->items.size(), count);
  std::vector<Fields> result;
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    const Node& item = value->items[i];
    if (item.is_mapping()) {
      result.push_back(Fields(item, item.span, *diagnostics_, options_, path_of(key, i)));
    } else {
      report(item, path_of(key, i), "a mapping");
    }
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> Fields::texts_by_name(std::string_view key,
                                                                       TextRules rules) {
  const Node* value = node(key);
  if (value == nullptr) return {};
  if (!value->is_mapping()) {
    report(*value, path_of(key), "a mapping");
    return {};
  }
  std::vector<std::pair<std::string, std::string>> result;
  for (const Node::Member& member : value->members) {
    if (auto entry = read_text(member.value, join_path(path_of(key), member.key), rules))
      result.emplace_back(member.key, std::move(*entry));
  }
  return result;
}

std::vector<std::pair<std::string, Fields>> Fields::mappings_by_name(std::string_view key) {
  const Node* value = node(key);
  if (value == nullptr) return {};
  if (!value->is_mapping()) {
    report(*value, path_of(key), "a mapping");
    return {};
  }
  std::vector<std::pair<std::string, Fields>> result;
  for (const Node::Member& member : value->members) {
    const std::string path = join_path(path_of(key), member.key);
    const Node& entry = member.value.is_null() ? empty_mapping() : member.value;
    if (entry.is_mapping()) {
      result.emplace_back(member.key,
                          Fields(entry, member.key_span, *diagnostics_, options_, path));
    } else {
      report(entry, path, "a mapping");
    }
  }
  return result;
}

std::string Fields::required_text(std::string_view key, TextRules rules) {
  return require(key) ? text(key, rules).value_or("") : "";
}

std::int64_t Fields::required_integer(std::string_view key, IntegerRange range) {
  return require(key) ? integer(key, range).value_or(0) : 0;
}

std::vector<std::string> Fields::required_texts(std::string_view key, EntryCount count) {
  return require(key) ? texts(key, count) : std::vector<std::string>();
}

const Node* Fields::node(std::string_view key) {
  const Node::Member* member = ask(key);
  return member != nullptr && !member->value.is_null() ? &member->value : nullptr;
}

void Fields::ignore(std::string_view key, std::string why) {
  const Node::Member* member = ask(key);
  if (member != nullptr && !why.empty())
    diagnostics_->warning(member->key_span, "config.ignored-key", path_of(key), std::move(why));
}

void Fields::refuse(std::string_view key, std::string message, std::string suggestion) {
  const Node::Member* member = ask(key);
  if (member != nullptr)
    diagnostics_->error(member->key_span, "config.refused-key", path_of(key), std::move(message),
                        std::move(suggestion));
}

void Fields::error(std::string_view key, std::string message, std::string suggestion) {
  diagnostics_->error(span_of(key), "config.value", path_of(key), std::move(message),
                      std::move(suggestion));
}

void Fields::warning(std::string_view key, std::string message, std::string suggestion) {
  diagnostics_->warning(span_of(key), "config.value", path_of(key), std::move(message),
                        std::move(suggestion));
}

void Fields::error(std::string_view key, std::size_t entry, std::string message,
                   std::string suggestion) {
  const Node::Member* member = find(key);
  const bool has_entry = member != nullptr && entry < member->value.items.size();
  diagnostics_->error(has_entry ? member->value.items[entry].span : span_of(key), "config.value",
                      path_of(key, entry), std::move(message), std::move(suggestion));
}

std::string Fields::path_of(std::string_view key) const { return join_path(path_, key); }

std::string Fields::path_of(std::string_view key, std::size_t entry) const {
  return fmt::format("{}[{}]", path_of(key), entry);
}

const Node::Member* Fields::find(std::string_view key) const {
  const auto found = std::ranges::find_if(node_->members, [&](const Node::Member& member) {
    return options_.ignore_key_case ? equals_ignoring_case(member.key, key) : member.key == key;
  });
  return found != node_->members.end() ? &*found : nullptr;
}

const Node::Member* Fields::ask(std::string_view key) {
  const Node::Member* member = find(key);
  if (member != nullptr) {
    asked_[static_cast<std::size_t>(member - node_->members.data())] = true;
  } else if (std::ranges::find(absent_, key) == absent_.end()) {
    absent_.emplace_back(key);
  }
  return member;
}

SourceSpan Fields::span_of(std::string_view key) const {
  const Node::Member* member = find(key);
  return member != nullptr ? member->value.span : span_;
}

std::optional<std::size_t> Fields::choice_index(std::string_view key,
                                                std::span<const std::string_view> names) {
  const Node* value = node(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_scalar()) {
    const auto found = std::ranges::find(names, value->text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  const std::vector<std::string> candidates(names.begin(), names.end());
  const std::optional<std::string> meant =
      value->is_scalar() ? nearest(value->text, candidates) : std::nullopt;
  report(*value, path_of(key), join_with_or(names),
         meant ? fmt::format("did you mean {}?", *meant) : "");
  return std::nullopt;
}

std::optional<std::string> Fields::read_text(const Node& node, const std::string& path,
                                             TextRules rules) {
  if (!node.is_scalar()) {
    report(node, path, "text");
    return std::nullopt;
  }
  if (node.text.empty() && !rules.may_be_empty) {
    diagnostics_->error(node.span, "config.value", path, "must not be empty");
    return std::nullopt;
  }
  return node.text;
}

void Fields::check_count(const Node& list, const std::string& path, std::size_t found,
                         EntryCount count) {
  if (found >= count.at_least && found <= count.at_most) return;
  diagnostics_->error(list.span, "config.value", path,
                      fmt::format("expected {}, found {}", expected_count(count),
                                  found == 0 ? "none" : std::to_string(found)));
}

void Fields::report(const Node& node, const std::string& path, std::string_view expected,
                    std::string suggestion) {
  diagnostics_->error(node.span, "config.value", path,
                      fmt::format("expected {}, found {}", expected, describe(node)),
                      std::move(suggestion));
}

void Fields::report_duplicates_by_case() {
  std::map<std::string, const Node::Member*> first;
  for (std::size_t i = 0; i < node_->members.size(); ++i) {
    const Node::Member& member = node_->members[i];
    const auto [same, is_new] = first.try_emplace(to_lower(member.key), &member);
    if (is_new) continue;
    asked_[i] = true;  // one complaint is enough
    diagnostics_->error(member.key_span, "config.duplicate-key", path_of(member.key),
                        fmt::format("the same key is already given as {} on line {}",
                                    same->second->key, same->second->key_span.line));
  }
}

void Fields::report_unknown_keys() {
  for (std::size_t i = 0; i < node_->members.size(); ++i) {
    if (asked_[i]) continue;
    const Node::Member& member = node_->members[i];
    // Only what is not there yet can have been meant.
    const std::optional<std::string> meant = nearest(member.key, absent_);
    diagnostics_->add({.severity = options_.unknown_keys,
                       .code = "config.unknown-key",
                       .path = path_of(member.key),
                       .message = "unknown key",
                       .suggestion = meant ? fmt::format("did you mean {}?", *meant) : "",
                       .span = member.key_span});
  }
}

}  // namespace slipway
