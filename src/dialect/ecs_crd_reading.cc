#include "dialect/ecs_crd_reading.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace slipway::crd {
namespace {

constexpr IntegerRange kAnyPort{1, 65535};

// The words YAML 1.1 takes for a boolean, in its three cases.
std::optional<bool> boolean_of(const Node& node) {
  if (!node.is_scalar() || node.text.empty()) return std::nullopt;
  const std::string word = to_lower(node.text);
  const bool is_in_one_case = node.text == word || node.text == to_upper(word) ||
                              node.text == to_upper(word.substr(0, 1)) + word.substr(1);
  if (!is_in_one_case) return std::nullopt;
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

std::string one_of_these(Fields& fields, std::string_view key,
                         std::initializer_list<std::string_view> choices, std::string otherwise,
                         bool any_case) {
  const std::optional<std::string> value = fields.text(key);
  if (!value) return otherwise;
  std::string wanted = any_case ? to_upper(*value) : *value;
  if (std::ranges::find(choices, wanted) != choices.end()) return wanted;
  const std::optional<std::string> meant = nearest(*value, choices);
  fields.error(key,
               fmt::format("expected {}, found {}",
                           join_with_or(std::vector<std::string_view>(choices)), quote(*value)),
               meant ? fmt::format("did you mean {}?", *meant) : "");
  return otherwise;
}

}  // namespace

CrdPlace place_of(Fields& fields, std::string_view key) {
  const Node* node = fields.node(key);
  return {fields.path_of(key), node == nullptr ? fields.span() : node->span};
}

CrdPlace place_of(const Fields& fields) { return {fields.path(), fields.span()}; }

CrdText text(Fields& fields, std::string_view key) {
  return {fields.required_text(key), place_of(fields, key)};
}

std::string text_or(Fields& fields, std::string_view key, std::string otherwise) {
  return fields.text(key).value_or(std::move(otherwise));
}

std::optional<CrdText> optional_text(Fields& fields, std::string_view key) {
  std::optional<std::string> value = fields.text(key);
  if (!value) return std::nullopt;
  return CrdText{std::move(*value), place_of(fields, key)};
}

std::vector<std::string> texts(Fields& fields, std::string_view key, EntryCount count) {
  const Node* node = fields.node(key);
  if (node != nullptr && node->is_scalar()) {
    fields.error(key, "expected a list, found " + describe(*node),
                 fmt::format("write it as a list: [{}]", node->text));
    return {};
  }
  return fields.texts(key, count, {.may_be_empty = true});
}

std::optional<int> integer(Fields& fields, std::string_view key, IntegerRange range) {
  range.at_least = std::max<std::int64_t>(range.at_least, std::numeric_limits<int>::min());
  range.at_most = std::min<std::int64_t>(range.at_most, std::numeric_limits<int>::max());
  const std::optional<std::int64_t> value = fields.integer(key, range);
  if (!value) return std::nullopt;
  return static_cast<int>(*value);
}

std::optional<bool> flag(Fields& fields, std::string_view key) {
  const Node* node = fields.node(key);
  if (node == nullptr) return std::nullopt;
  const std::optional<bool> value = boolean_of(*node);
  if (!value) fields.error(key, "expected true or false, found " + describe(*node));
  return value;
}

std::string one_of(Fields& fields, std::string_view key,
                   std::initializer_list<std::string_view> choices, std::string otherwise) {
  return one_of_these(fields, key, choices, std::move(otherwise), false);
}

std::string one_of_in_any_case(Fields& fields, std::string_view key,
                               std::initializer_list<std::string_view> choices,
                               std::string otherwise) {
  return one_of_these(fields, key, choices, std::move(otherwise), true);
}

std::vector<NamedText> named_texts(Fields& fields, std::string_view key) {
  const Node* node = fields.node(key);
  if (node == nullptr) return {};
  std::vector<NamedText> all;
  std::set<std::string> seen;
  const auto add = [&](const std::string& name, const Node& value, const std::string& path) {
    if (value.is_null()) return;
    if (!value.is_scalar())
      fields.error(key, fmt::format("{}: expected text, found {}", name, describe(value)));
    else if (!seen.insert(name).second)
      fields.error(key, fmt::format("{} is given twice", name));
    else
      all.push_back({name, value.text, {path, value.span}});
  };
  if (node->is_mapping()) {
    for (const Node::Member& member : node->members)
      add(member.key, member.value, fields.path_of(key) + "." + member.key);
    return all;
  }
  if (!node->is_sequence()) {
    fields.error(key, "expected a list of pairs, found " + describe(*node));
    return {};
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const Node& item = node->items[i];
    const Node* name = item.find("key");
    const Node* value = item.find("value");
    if (item.members.size() == 2 && name != nullptr && value != nullptr && name->is_scalar())
      add(name->text, *value, fields.path_of(key, i));
    else if (item.members.size() == 1)
      add(item.members[0].key, item.members[0].value, fields.path_of(key, i));
    else
      fields.error(key, i, "expected one pair, NAME: VALUE, found " + describe(item));
  }
  return all;
}

CrdPairs pairs(Fields& fields, std::string_view key) {
  CrdPairs all;
  for (NamedText& each : named_texts(fields, key))
    all.emplace_back(std::move(each.name), std::move(each.value));
  return all;
}

std::optional<CrdPort> port(Fields& fields, std::string_view key, PortRules rules) {
  const Node* node = fields.node(key);
  if (node == nullptr) return std::nullopt;
  const auto check_quotes = [&](Fields& of, std::string_view name) {
    const Node* value = of.node(name);
    if (rules.takes_quoted || value == nullptr || !value->quoted) return true;
    of.error(name, "expected a whole number, found " + describe(*value), "remove the quotes");
    return false;
  };
  const IntegerRange range{rules.at_least, kAnyPort.at_most};
  if (node->is_mapping()) {
    std::optional<Fields> both = fields.mapping(key);
    const bool is_whole = both->require("blue") && both->require("green");
    const bool is_plain = check_quotes(*both, "blue") && check_quotes(*both, "green");
    if (!is_whole || !is_plain) {
      both->ignore("blue");
      both->ignore("green");
      return std::nullopt;
    }
    const std::optional<int> blue = integer(*both, "blue", kAnyPort);
    const std::optional<int> green = integer(*both, "green", kAnyPort);
    if (!blue || !green) return std::nullopt;
    return CrdPort{*blue, *green};
  }
  if (!check_quotes(fields, key)) return std::nullopt;
  const std::optional<int> number = integer(fields, key, range);
  if (!number) return std::nullopt;
  return CrdPort{*number, *number};
}

CrdContainerPort container_port(Fields& fields) {
  CrdContainerPort result;
  if (!fields.require("container")) return result;
  if (std::optional<Fields> container = fields.mapping("container")) {
    result.container = text_or(*container, "name", result.container);
    if (container->require("port")) result.port = integer(*container, "port", kAnyPort).value_or(0);
  }
  return result;
}

void explain(Fields& fields, std::string_view key, const std::string& why,
             const DecodeOptions& options) {
  if (!fields.has(key)) return;
  fields.ignore(key);
  if (options.unknown_keys == Severity::kError)
    fields.error(key, "unknown key: " + why);
  else
    fields.warning(key, "unknown key: " + why);
}

bool is_made_of(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

}  // namespace slipway::crd
