#include "sim/input_check.h"

#include "aws/facts.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace slipway::sim {
namespace {

using aws::FactKind;
using aws::ShapeFacts;

constexpr const char* kNoStructure = "Start of structure or map found where not expected.";
constexpr const char* kNoList = "Start of list found where not expected.";

class InputCheck {
 public:
  explicit InputCheck(const aws::ServiceFacts& service)
      : facts_(aws::Facts::of(service)), service_(service) {}

  std::optional<ServiceError> check(std::string_view shape_name, const Json& value,
                                    const std::string& path) {
    const ShapeFacts* shape = facts_.shape(shape_name);
    if (shape == nullptr || shape->is_document) return std::nullopt;
    switch (shape->kind) {
      case FactKind::kStructure:
        return structure(*shape, value, path);
      case FactKind::kList:
        return list(*shape, value, path);
      case FactKind::kMap:
        return map(*shape, value, path);
      case FactKind::kString:
      case FactKind::kBlob:
        return text(*shape, value, path);
      case FactKind::kInteger:
      case FactKind::kLong:
        return number(*shape, value, path, "an Integer");
      case FactKind::kFloat:
      case FactKind::kDouble:
        return number(*shape, value, path, "a Double");
      case FactKind::kBoolean:
        if (!value.is_bool()) return wrong_type(value, "a Boolean");
        break;
      case FactKind::kTimestamp:
        if (!value.is_number() && !value.is_string()) return wrong_type(value, "a Date");
        break;
    }
    return std::nullopt;
  }

 private:
  std::optional<ServiceError> structure(const ShapeFacts& shape, const Json& value,
                                        const std::string& path) {
    if (!value.is_object())
      return serialization(value.is_array() ? kNoList : "Expected structure or null");
    for (const auto& [name, member] : value.get_object()) {
      const aws::MemberFacts* known = shape.find(name);
      if (known == nullptr || member.is_null()) continue;
      if (auto error = check(known->shape, member, child(path, name))) return error;
    }
    const bool is_operation = path.empty();
    // ECS has texts of its own for what is missing; its handlers know them.
    if (is_operation && is_ecs()) return std::nullopt;
    for (const aws::MemberFacts& member : shape.members)
      if (member.is_required && find(value, member.name) == nullptr)
        return violation("null", child(path, member.name), "Member must not be null");
    return std::nullopt;
  }

  std::optional<ServiceError> list(const ShapeFacts& shape, const Json& value,
                                   const std::string& path) {
    if (!value.is_array())
      return serialization(value.is_object() ? kNoStructure : "Expected list or null");
    std::size_t index = 0;
    for (const Json& item : value.get_array()) {
      ++index;
      if (item.is_null()) continue;
      if (auto error = check(shape.element, item, fmt::format("{}.{}.member", path, index)))
        return error;
    }
    return length(shape, value.get_array().size(), to_text(value), path);
  }

  std::optional<ServiceError> map(const ShapeFacts& shape, const Json& value,
                                  const std::string& path) {
    if (!value.is_object())
      return serialization(value.is_array() ? kNoList : "Expected map or null");
    for (const auto& [key, item] : value.get_object()) {
      if (item.is_null()) continue;
      if (auto error =
              check(shape.element, item, fmt::format("{}.{}.member", path, std::string_view(key))))
        return error;
    }
    return std::nullopt;
  }

  std::optional<ServiceError> text(const ShapeFacts& shape, const Json& value,
                                   const std::string& path) {
    if (!value.is_string()) return wrong_type(value, "a String");
    const std::string_view given = value.get_string();
    if (shape.values.empty()) return length(shape, given.size(), given, path);
    if (std::find(shape.values.begin(), shape.values.end(), given) != shape.values.end())
      return std::nullopt;
    return violation(
        given, path,
        fmt::format("Member must satisfy enum value set: [{}]", join(shape.values, ", ")));
  }

  std::optional<ServiceError> number(const ShapeFacts& shape, const Json& value,
                                     const std::string& path, std::string_view wanted) {
    if (!value.is_number()) return wrong_type(value, wanted);
    const double given = value.to_number<double>();
    const bool is_whole = given == std::floor(given);
    if (!is_whole && wanted == "an Integer") return wrong_type(value, wanted);
    if (shape.min && given < *shape.min)
      return violation(
          to_text(value), path,
          fmt::format("Member must have value greater than or equal to {}", *shape.min));
    if (shape.max && given > *shape.max)
      return violation(to_text(value), path,
                       fmt::format("Member must have value less than or equal to {}", *shape.max));
    return std::nullopt;
  }

  std::optional<ServiceError> length(const ShapeFacts& shape, std::size_t size,
                                     std::string_view value, const std::string& path) {
    const double given = static_cast<double>(size);
    if (shape.min && given < *shape.min)
      return violation(
          value, path,
          fmt::format("Member must have length greater than or equal to {}", *shape.min));
    if (shape.max && given > *shape.max)
      return violation(value, path,
                       fmt::format("Member must have length less than or equal to {}", *shape.max));
    return std::nullopt;
  }

  // All but ECS name members with a small first letter in their messages.
  std::string child(const std::string& path, std::string_view name) const {
    std::string text(name);
    if (!is_ecs() && !text.empty()) text[0] = to_lower(text.substr(0, 1))[0];
    return path.empty() ? text : path + "." + text;
  }

  static std::optional<ServiceError> wrong_type(const Json& value, std::string_view wanted) {
    if (value.is_object()) return serialization(kNoStructure);
    if (value.is_array()) return serialization(kNoList);
    const char* found = value.is_string()   ? "STRING_VALUE"
                        : value.is_double() ? "DECIMAL_VALUE"
                        : value.is_number() ? "NUMBER_VALUE"
                        : value.get_bool()  ? "TRUE_VALUE"
                                            : "FALSE_VALUE";
    return serialization(fmt::format("{} can not be converted to {}", found, wanted));
  }

  static std::optional<ServiceError> serialization(std::string message) {
    return ServiceError{400, "SerializationException", std::move(message), {}};
  }

  std::optional<ServiceError> violation(std::string_view value, const std::string& path,
                                        const std::string& must) const {
    return ServiceError{
        400,
        violation_code(),
        fmt::format("1 validation error detected: Value {} at '{}' failed to satisfy constraint: "
                    "{}",
                    value == "null" ? "null" : fmt::format("'{}'", value), path, must),
        {}};
  }

  bool is_ecs() const { return service_.id == "ecs"; }

  const char* violation_code() const {
    if (service_.protocol == aws::Protocol::kQuery) return "ValidationError";
    if (service_.protocol == aws::Protocol::kEc2) return "InvalidParameterValue";
    if (service_.protocol == aws::Protocol::kRestXml) return "InvalidInput";
    const bool says_parameter = is_ecs() || service_.id == "logs" || service_.id == "ecr";
    return says_parameter ? "InvalidParameterException" : "ValidationException";
  }

  const aws::Facts& facts_;
  const aws::ServiceFacts& service_;
};

}  // namespace

std::optional<ServiceError> check_input(const aws::ServiceFacts& service,
                                        std::string_view operation, const Json& input) {
  const aws::Facts& facts = aws::Facts::of(service);
  const aws::OperationFacts* known = facts.operation(operation);
  if (known == nullptr || known->input.empty()) return std::nullopt;
  return InputCheck(service).check(known->input, input, "");
}

}  // namespace slipway::sim
