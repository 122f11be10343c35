#include "sim/resource_types.h"

#include "aws/embedded_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

namespace slipway::sim {
namespace {

using Kind = PropertyFacts::Kind;

std::vector<std::string> texts(const Json& json, std::string_view member) {
  std::vector<std::string> all;
  if (const JsonArray* items = find_array(json, member))
    for (const Json& item : *items) all.emplace_back(item.as_string());
  return all;
}

PropertyFacts read_property(const Json& json) {
  static const std::map<std::string_view, Kind> kKinds = {
      {"object", Kind::kObject},   {"array", Kind::kArray},     {"map", Kind::kMap},
      {"string", Kind::kString},   {"integer", Kind::kInteger}, {"number", Kind::kNumber},
      {"boolean", Kind::kBoolean}, {"json", Kind::kAny}};
  PropertyFacts facts;
  facts.kind = kKinds.at(string_or_empty(json, "type"));
  if (const JsonObject* properties = find_object(json, "properties"))
    for (const auto& [name, property] : *properties) {
      facts.properties.push_back(read_property(property));
      facts.properties.back().name = name;
    }
  facts.required = texts(json, "required");
  facts.values = texts(json, "enum");
  if (const Json* items = find(json, "items")) facts.items.push_back(read_property(*items));
  return facts;
}

using AllTypes = std::map<std::string, ResourceTypeFacts, std::less<>>;

AllTypes read_types() {
  AllTypes types;
  for (const aws::EmbeddedModel& model : aws::embedded_models()) {
    if (model.name != "resource-types") continue;
    const Result<Json> json = parse_json(model.text);
    if (!json) break;
    for (const auto& [name, type] : json->at("types").as_object())
      types.emplace(name, ResourceTypeFacts{read_property(type), texts(type, "readOnlyProperties"),
                                            texts(type, "createOnlyProperties")});
  }
  if (types.empty()) {
    std::fprintf(stderr, "slipway: internal error: models/resource-types.json is not there\n");
    std::abort();
  }
  return types;
}

std::optional<double> number_in(const Json& value) {
  if (value.is_number()) return value.to_number<double>();
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = value.get_string();
  double number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

bool is_whole(double number) {
  constexpr double kExact = 9e15;  // beyond it a double skips whole numbers
  return std::abs(number) < kExact && number == std::floor(number);
}

std::string_view java_type(const Json& value) {
  if (value.is_string()) return "String";
  if (value.is_bool()) return "Boolean";
  if (value.is_int64() || value.is_uint64()) return "Integer";
  if (value.is_number()) return "BigDecimal";
  if (value.is_array()) return "JSONArray";
  return value.is_object() ? "JSONObject" : "Null";
}

class Conformer {
 public:
  std::vector<std::string> problems;

  void object(const PropertyFacts& facts, JsonObject& given, const std::string& path,
              std::span<const std::string> read_only = {}) {
    for (const std::string& name : facts.required)
      if (!given.contains(name)) say(path, fmt::format("required key [{}] not found", name));
    for (auto& [name, value] : given) {
      const PropertyFacts* property = facts.find(name);
      const bool is_known =
          property != nullptr &&
          std::find(read_only.begin(), read_only.end(), std::string_view(name)) == read_only.end();
      if (!is_known)
        say(path, fmt::format("extraneous key [{}] is not permitted", std::string_view(name)));
      else
        check(*property, value, fmt::format("{}/{}", path, std::string_view(name)));
    }
  }

 private:
  void say(const std::string& path, const std::string& what) {
    problems.push_back(fmt::format("{}: {}", path, what));
  }
  void wrong_type(const std::string& path, std::string_view wanted, const Json& value) {
    say(path, fmt::format("expected type: {}, found: {}", wanted, java_type(value)));
  }

  void check(const PropertyFacts& facts, Json& value, const std::string& path) {
    switch (facts.kind) {
      case Kind::kObject:
        if (!value.is_object()) return wrong_type(path, "JSONObject", value);
        return object(facts, value.get_object(), path);
      case Kind::kMap:
        if (!value.is_object()) return wrong_type(path, "JSONObject", value);
        for (auto& [name, item] : value.get_object())
          check(facts.items.front(), item, fmt::format("{}/{}", path, std::string_view(name)));
        return;
      case Kind::kArray: {
        if (!value.is_array()) return wrong_type(path, "JSONArray", value);
        std::size_t index = 0;
        for (Json& item : value.get_array())
          check(facts.items.front(), item, fmt::format("{}/{}", path, index++));
        return;
      }
      case Kind::kString:
        return text(facts, value, path);
      case Kind::kInteger:
      case Kind::kNumber:
        return number(facts, value, path);
      case Kind::kBoolean:
        if (value.is_string() && (value.get_string() == "true" || value.get_string() == "false"))
          value = value.get_string() == "true";
        if (!value.is_bool()) wrong_type(path, "Boolean", value);
        return;
      case Kind::kAny:
        return;
    }
  }

  void text(const PropertyFacts& facts, Json& value, const std::string& path) {
    if (value.is_number() || value.is_bool()) value = to_text(value);
    if (!value.is_string()) return wrong_type(path, "String", value);
    const std::string_view given = value.get_string();
    if (!facts.values.empty() &&
        std::find(facts.values.begin(), facts.values.end(), given) == facts.values.end())
      say(path, fmt::format("{} is not a valid enum value", given));
  }

  void number(const PropertyFacts& facts, Json& value, const std::string& path) {
    const bool wants_whole = facts.kind == Kind::kInteger;
    const auto given = number_in(value);
    if (!given || (wants_whole && !is_whole(*given)))
      return wrong_type(path, wants_whole ? "Integer" : "Number", value);
    if (is_whole(*given))
      value = static_cast<std::int64_t>(*given);
    else
      value = *given;
  }
};

}  // namespace

const PropertyFacts* PropertyFacts::find(std::string_view property) const {
  for (const PropertyFacts& known : properties)
    if (known.name == property) return &known;
  return nullptr;
}

bool ResourceTypeFacts::has_attribute(std::string_view name) const {
  return std::find(read_only.begin(), read_only.end(), name) != read_only.end();
}

const ResourceTypeFacts* find_resource_type(std::string_view type) {
  static const AllTypes kTypes = read_types();
  const auto found = kTypes.find(type);
  return found == kTypes.end() ? nullptr : &found->second;
}

std::vector<std::string> conform(const ResourceTypeFacts& type, Json& properties) {
  Conformer conformer;
  conformer.object(type.root, properties.as_object(), "#", type.read_only);
  return std::move(conformer.problems);
}

}  // namespace slipway::sim
