#include "sim/input_check.h"

#include "aws/embedded_models.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace slipway::sim {
namespace {

// nullptr for a service without facts.
const Json* model_of(std::string_view service) {
  static std::map<std::string, Json, std::less<>> models;
  if (const auto found = models.find(service); found != models.end()) return &found->second;
  for (const aws::EmbeddedModel& model : aws::embedded_models()) {
    if (model.name != service) continue;
    Result<Json> parsed = parse_json(model.text);
    return &models.emplace(service, std::move(parsed).value()).first->second;
  }
  return nullptr;
}

class InputCheck {
 public:
  InputCheck(const Json& model, bool is_query)
      : shapes_(*find(model, "shapes")), query_(is_query) {}

  std::optional<ServiceError> check(std::string_view shape_name, const Json& value,
                                    const std::string& path) {
    const Json* shape = find(shapes_, shape_name);
    if (shape == nullptr) return std::nullopt;
    const std::string_view type = string_or_empty(*shape, "type");
    if (type == "structure") return structure(*shape, value, path);
    if (type == "list") return list(*shape, value, path);
    if (type == "map") return map(*shape, value, path);
    if (type == "string") return text(*shape, value, path);
    if (type == "integer" || type == "long") return number(*shape, value, path, "Integer");
    if (type == "double" || type == "float") return number(*shape, value, path, "Double");
    if (type == "boolean" && !value.is_bool()) return wrong_type(value, "Boolean");
    if (type == "timestamp" && !value.is_number() && !value.is_string())
      return wrong_type(value, "Date");
    return std::nullopt;
  }

 private:
  std::optional<ServiceError> structure(const Json& shape, const Json& value,
                                        const std::string& path) {
    if (find_bool(shape, "document").value_or(false)) return std::nullopt;
    if (!value.is_object())
      return serialization(value.is_array() ? "Start of list found where not expected."
                                            : "Unexpected value where a structure was expected.");
    if (const JsonObject* members = find_object(shape, "members")) {
      for (const auto& [name, member] : value.get_object()) {
        if (member.is_null()) continue;
        const auto known = members->find(name);
        if (known == members->end()) continue;
        if (auto error = check(string_or_empty(known->value(), "shape"), member,
                               child(path, std::string_view(name))))
          return error;
      }
    }
    if (path.empty() && !query_) return std::nullopt;  // the operation's own members
    if (const JsonArray* required = find_array(shape, "required"))
      for (const Json& name : *required)
        if (find(value, name.get_string()) == nullptr)
          return violation("null", child(path, name.get_string()), "Member must not be null");
    return std::nullopt;
  }

  std::optional<ServiceError> list(const Json& shape, const Json& value, const std::string& path) {
    if (!value.is_array())
      return serialization(value.is_object() ? "Start of structure or map found where not expected."
                                             : "Expected list or null");
    const Json* member = find(shape, "member");
    std::size_t index = 0;
    for (const Json& item : value.get_array()) {
      ++index;
      if (item.is_null()) continue;
      if (auto error = check(string_or_empty(*member, "shape"), item,
                             fmt::format("{}.{}.member", path, index)))
        return error;
    }
    return length(shape, value.get_array().size(), to_text(value), path);
  }

  std::optional<ServiceError> map(const Json& shape, const Json& value, const std::string& path) {
    if (!value.is_object())
      return serialization(value.is_array() ? "Start of list found where not expected."
                                            : "Expected map or null");
    const Json* member = find(shape, "value");
    for (const auto& [key, item] : value.get_object()) {
      if (item.is_null()) continue;
      if (auto error = check(string_or_empty(*member, "shape"), item,
                             fmt::format("{}.{}.member", path, std::string_view(key))))
        return error;
    }
    return std::nullopt;
  }

  std::optional<ServiceError> text(const Json& shape, const Json& value, const std::string& path) {
    if (!value.is_string()) {
      if (value.is_object())
        return serialization("Start of structure or map found where not expected.");
      if (value.is_array()) return serialization("Start of list found where not expected.");
      return wrong_type(value, "String");
    }
    const std::string_view given = value.get_string();
    if (const JsonArray* allowed = find_array(shape, "enum")) {
      std::string names;
      for (const Json& name : *allowed) {
        if (name.get_string() == given) return std::nullopt;
        names += names.empty() ? "" : ", ";
        names += std::string_view(name.get_string());
      }
      return violation(given, path, fmt::format("Member must satisfy enum value set: [{}]", names));
    }
    return length(shape, given.size(), given, path);
  }

  std::optional<ServiceError> number(const Json& shape, const Json& value, const std::string& path,
                                     std::string_view wanted) {
    if (!value.is_number()) return wrong_type(value, wanted);
    const double given = value.to_number<double>();
    if (wanted == "Integer" && given != std::floor(given)) return wrong_type(value, wanted);
    if (const auto min = find_int(shape, "min"); min && given < static_cast<double>(*min))
      return violation(to_text(value), path,
                       fmt::format("Member must have value greater than or equal to {}", *min));
    if (const auto max = find_int(shape, "max"); max && given > static_cast<double>(*max))
      return violation(to_text(value), path,
                       fmt::format("Member must have value less than or equal to {}", *max));
    return std::nullopt;
  }

  std::optional<ServiceError> length(const Json& shape, std::size_t size, std::string_view value,
                                     const std::string& path) {
    if (const auto min = find_int(shape, "min"); min && size < static_cast<std::size_t>(*min))
      return violation(value, path,
                       fmt::format("Member must have length greater than or equal to {}", *min));
    if (const auto max = find_int(shape, "max"); max && size > static_cast<std::size_t>(*max))
      return violation(value, path,
                       fmt::format("Member must have length less than or equal to {}", *max));
    return std::nullopt;
  }

  // Query services name members with a small first letter in their messages.
  std::string child(const std::string& path, std::string_view name) const {
    std::string text(name);
    if (query_ && !text.empty()) text[0] = to_lower(text.substr(0, 1))[0];
    return path.empty() ? text : path + "." + text;
  }

  std::optional<ServiceError> wrong_type(const Json& value, std::string_view wanted) const {
    const char* found = value.is_string()                     ? "STRING_VALUE"
                        : value.is_bool() && value.get_bool() ? "TRUE_VALUE"
                        : value.is_bool()                     ? "FALSE_VALUE"
                        : value.is_double()                   ? "DECIMAL_VALUE"
                        : value.is_number()                   ? "NUMBER_VALUE"
                                                              : "VALUE";
    if (value.is_object())
      return serialization("Start of structure or map found where not expected.");
    if (value.is_array()) return serialization("Start of list found where not expected.");
    return serialization(fmt::format("{} can not be converted to {} {}", found,
                                     wanted == "Integer" ? "an" : "a", wanted));
  }

  static std::optional<ServiceError> serialization(std::string message) {
    return ServiceError{400, "SerializationException", std::move(message), {}};
  }

  std::optional<ServiceError> violation(std::string_view value, const std::string& path,
                                        const std::string& must) const {
    return ServiceError{
        400,
        query_ ? "ValidationError" : "InvalidParameterException",
        fmt::format("1 validation error detected: Value {} at '{}' failed to "
                    "satisfy constraint: {}",
                    value == "null" ? "null" : fmt::format("'{}'", value), path, must),
        {}};
  }

  const Json& shapes_;
  bool query_;
};

// A person's document, read as its shape wants it.
class InputReader {
 public:
  InputReader(const Json& model, Diagnostics& diagnostics)
      : shapes_(*find(model, "shapes")), diagnostics_(diagnostics) {}

  Json read(std::string_view shape_name, const Node& node, const std::string& path) {
    if (node.is_null()) return nullptr;
    const Json* shape = find(shapes_, shape_name);
    const std::string_view type = shape == nullptr ? "" : string_or_empty(*shape, "type");
    if (type == "structure" && !find_bool(*shape, "document").value_or(false))
      return structure(*shape, node, path);
    if (type == "list") {
      if (!node.is_sequence()) return wrong(node, path, "a list");
      JsonArray items;
      for (std::size_t i = 0; i < node.items.size(); ++i)
        items.push_back(read(string_or_empty(*find(*shape, "member"), "shape"), node.items[i],
                             fmt::format("{}[{}]", path, i)));
      return items;
    }
    if (type == "map") {
      if (!node.is_mapping()) return wrong(node, path, "a mapping");
      JsonObject entries;
      for (const Node::Member& member : node.members)
        entries[member.key] = read(string_or_empty(*find(*shape, "value"), "shape"), member.value,
                                   path + "." + member.key);
      return entries;
    }
    if (type == "string") return text(*shape, node, path);
    if (type == "integer" || type == "long") {
      const auto value = node.as_int();
      return value ? Json(*value) : wrong(node, path, "a whole number");
    }
    if (type == "double" || type == "float") {
      const auto value = node.as_double();
      return value ? Json(*value) : wrong(node, path, "a number");
    }
    if (type == "boolean") {
      const auto value = node.as_bool();
      return value ? Json(*value) : wrong(node, path, "true or false");
    }
    return to_json(node);
  }

 private:
  Json structure(const Json& shape, const Node& node, const std::string& path) {
    if (!node.is_mapping()) return wrong(node, path, "a mapping");
    static const JsonObject kNone;
    const JsonObject* known = find_object(shape, "members");
    if (known == nullptr) known = &kNone;
    JsonObject members;
    for (const Node::Member& member : node.members) {
      const auto found = known->find(member.key);
      if (found == known->end()) {
        std::vector<std::string> names;
        for (const auto& [name, reference] : *known) names.emplace_back(name);
        const auto near = nearest(member.key, names);
        diagnostics_.error(member.key_span, "scenario.unknown-member", path + "." + member.key,
                           "AWS knows no such member", near ? "did you mean " + *near + "?" : "");
        continue;
      }
      members[member.key] =
          read(string_or_empty(found->value(), "shape"), member.value, path + "." + member.key);
    }
    if (const JsonArray* required = find_array(shape, "required"))
      for (const Json& name : *required)
        if (!members.contains(name.get_string()))
          diagnostics_.error(node.span, "scenario.missing-member", path,
                             fmt::format("{} is missing", std::string_view(name.get_string())));
    return members;
  }

  Json text(const Json& shape, const Node& node, const std::string& path) {
    if (!node.is_scalar()) return wrong(node, path, "text");
    const JsonArray* allowed = find_array(shape, "enum");
    if (allowed == nullptr) return Json(node.text);
    std::vector<std::string> names;
    for (const Json& name : *allowed) names.emplace_back(name.get_string());
    if (std::find(names.begin(), names.end(), node.text) == names.end()) {
      const auto near = nearest(node.text, names);
      diagnostics_.error(
          node.span, "scenario.value", path,
          fmt::format("expected one of {}, found {}", join(names, ", "), describe(node)),
          near ? "did you mean " + *near + "?" : "");
    }
    return Json(node.text);
  }

  Json wrong(const Node& node, const std::string& path, std::string_view wanted) {
    diagnostics_.error(node.span, "scenario.type", path,
                       fmt::format("expected {}, found {}", wanted, describe(node)));
    return nullptr;
  }

  const Json& shapes_;
  Diagnostics& diagnostics_;
};

// The name of the operation's input shape; empty when there are no facts about it.
std::string_view input_shape(const Json* model, std::string_view operation) {
  const Json* operations = model == nullptr ? nullptr : find(*model, "operations");
  const Json* facts = operations == nullptr ? nullptr : find(*operations, operation);
  return facts == nullptr ? "" : string_or_empty(*facts, "input");
}

}  // namespace

Json read_input(std::string_view service, std::string_view operation, const Node& node,
                const std::string& path, Diagnostics& diagnostics) {
  const Json* model = model_of(service);
  const std::string_view shape = input_shape(model, operation);
  if (shape.empty()) {
    diagnostics.error(node.span, "scenario.operation", path,
                      fmt::format("{}:{} is not simulated", service, operation));
    return nullptr;
  }
  return InputReader(*model, diagnostics).read(shape, node, path);
}

std::optional<ServiceError> check_input(std::string_view service, std::string_view operation,
                                        const Json& input) {
  const Json* model = model_of(service);
  if (model == nullptr) return std::nullopt;
  const std::string_view shape = input_shape(model, operation);
  if (shape.empty()) return std::nullopt;
  const Json* metadata = find(*model, "metadata");
  const bool is_query = string_or_empty(*metadata, "protocol") == "query";
  return InputCheck(*model, is_query).check(shape, input, "");
}

}  // namespace slipway::sim
