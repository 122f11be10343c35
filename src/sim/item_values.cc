#include "sim/item_values.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

namespace slipway::sim {
namespace {

using Problem = std::optional<std::string>;

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  // Beyond a double's range it still is one.
  return !text.empty() && end == text.data() + text.size() &&
         error != std::errc::invalid_argument &&
         text.find_first_of("iInN") == std::string_view::npos;
}

Problem number_problem(std::string_view text) {
  constexpr std::string_view kProblem = "The parameter cannot be converted to a numeric value";
  if (text.empty()) return std::string(kProblem);
  if (!is_number(text)) return fmt::format("{}: {}", kProblem, text);
  return std::nullopt;
}

// The two blanks are AWS's.
Problem set_problem(std::string_view kind, const JsonArray& items) {
  if (items.empty())
    return fmt::format("One or more parameter values were invalid: An {} set  may not be empty",
                       kind == "SS"   ? "string"
                       : kind == "NS" ? "number"
                                      : "binary");
  if (kind != "NS") return std::nullopt;
  for (const Json& item : items)
    if (item.is_string())
      if (auto problem = number_problem(item.get_string())) return problem;
  return std::nullopt;
}

Problem list_problem(const JsonArray& items) {
  for (const Json& item : items)
    if (auto problem = item_value_problem(item)) return problem;
  return std::nullopt;
}

Problem map_problem(const JsonObject& members) {
  for (const auto& member : members)
    if (auto problem = item_value_problem(member.value())) return problem;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> item_value_problem(const Json& value) {
  const JsonObject* object = value.if_object();
  if (object == nullptr || object->empty())
    return "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
  if (object->size() > 1)
    return "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
           "the supported datatypes";
  const std::string_view kind = object->begin()->key();
  const Json& content = object->begin()->value();
  if (kind == "N" && content.is_string()) return number_problem(content.get_string());
  if (const JsonArray* items = content.if_array())
    return kind == "L" ? list_problem(*items) : set_problem(kind, *items);
  if (const JsonObject* members = content.if_object(); kind == "M" && members != nullptr)
    return map_problem(*members);
  return std::nullopt;
}

}  // namespace slipway::sim
