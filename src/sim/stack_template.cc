#include "sim/stack_template.h"

#include "base/diagnostic.h"
#include "base/node.h"
#include "base/text.h"
#include "sim/resource_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>

namespace slipway::sim {
namespace {

// ---- Reading ----------------------------------------------------------------------------------

constexpr std::array<std::string_view, 16> kTags = {
    "And", "Base64",      "Cidr", "Contains", "Equals", "FindInMap", "GetAZs", "GetAtt",
    "If",  "ImportValue", "Join", "Not",      "Or",     "Select",    "Split",  "Sub"};

// "!Sub x" is {"Fn::Sub": x}; "!GetAtt a.b" names two things.
bool apply_short_tag(std::string_view tag, Node& node) {
  tag.remove_prefix(1);
  std::string name;
  if (tag == "Ref" || tag == "Condition")
    name = tag;
  else if (std::find(kTags.begin(), kTags.end(), tag) != kTags.end())
    name = fmt::format("Fn::{}", tag);
  else
    return false;
  if (tag == "GetAtt" && node.is_scalar()) {
    Node pair;
    pair.kind = Node::Kind::kSequence;
    pair.span = node.span;
    const auto dot = std::min(node.text.find('.'), node.text.size());
    pair.items = {node, node};
    pair.items[0].text = node.text.substr(0, dot);
    pair.items[1].text = node.text.substr(std::min(dot + 1, node.text.size()));
    node = std::move(pair);
  }
  Node mapping;
  mapping.kind = Node::Kind::kMapping;
  mapping.span = node.span;
  mapping.members.push_back({std::move(name), node.span, std::move(node)});
  node = std::move(mapping);
  return true;
}

ServiceError format_error(std::string_view what) {
  return validation_error(fmt::format("Template format error: {}", what));
}

// ---- Checking ---------------------------------------------------------------------------------

bool is_alphanumeric(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& known) {
  return std::find(known.begin(), known.end(), name) != known.end();
}

const JsonObject& section(const Json& document, std::string_view name) {
  static const JsonObject kNone;
  const JsonObject* found = find_object(document, name);
  return found == nullptr ? kNone : *found;
}

std::string in_brackets(const std::set<std::string>& names) {
  return fmt::format("[{}]", join(std::vector<std::string>(names.begin(), names.end()), ", "));
}

// The path of the first null, "/Resources/X/Properties/Y".
std::optional<std::string> find_null(const Json& value, const std::string& path) {
  if (value.is_null()) return path;
  if (const JsonObject* object = value.if_object())
    for (const auto& [name, member] : *object)
      if (auto found = find_null(member, fmt::format("{}/{}", path, std::string_view(name))))
        return found;
  if (const JsonArray* items = value.if_array())
    for (std::size_t i = 0; i < items->size(); ++i)
      if (auto found = find_null((*items)[i], fmt::format("{}/{}", path, i))) return found;
  return std::nullopt;
}

std::optional<ServiceError> check_outline(const Json& document) {
  constexpr std::array<std::string_view, 11> kSections = {"AWSTemplateFormatVersion",
                                                          "Conditions",
                                                          "Description",
                                                          "Hooks",
                                                          "Mappings",
                                                          "Metadata",
                                                          "Outputs",
                                                          "Parameters",
                                                          "Resources",
                                                          "Rules",
                                                          "Transform"};
  constexpr std::size_t kMostResources = 500;
  if (!document.is_object()) return format_error("unsupported structure.");
  std::vector<std::string> unknown;
  for (const auto& [name, value] : document.get_object())
    if (!is_one_of(name, kSections)) unknown.emplace_back(name);
  if (!unknown.empty())
    return validation_error(
        fmt::format("Invalid template property or properties [{}]", join(unknown, ", ")));
  if (const Json* version = find(document, "AWSTemplateFormatVersion"))
    if (!version->is_string() || version->get_string() != "2010-09-09")
      return format_error("unsupported value for AWSTemplateFormatVersion.");
  if (const auto path = find_null(document, ""))
    return format_error(fmt::format("[{}] 'null' values are not allowed in templates", *path));
  for (const char* name : {"Parameters", "Mappings", "Conditions", "Resources", "Outputs"})
    if (const Json* part = find(document, name); part != nullptr && !part->is_object())
      return format_error(fmt::format("{} must be an object.", name));
  if (find(document, "Transform") != nullptr)
    return validation_error("Transforms (macros) are not simulated.");
  const JsonObject& resources = section(document, "Resources");
  if (resources.empty()) return format_error("At least one Resources member must be defined.");
  if (resources.size() > kMostResources)
    return format_error(fmt::format("Number of resources, {}, is greater than maximum allowed, {}",
                                    resources.size(), kMostResources));
  return std::nullopt;
}

bool is_parameter_type(std::string_view type) {
  if (type.starts_with("List<") && type.ends_with(">")) type = type.substr(5, type.size() - 6);
  return type == "String" || type == "Number" || type == "CommaDelimitedList" ||
         type.starts_with("AWS::");
}

std::optional<ServiceError> check_parameters(const Json& document) {
  constexpr std::array<std::string_view, 11> kMembers = {
      "AllowedPattern", "AllowedValues", "ConstraintDescription",
      "Default",        "Description",   "MaxLength",
      "MaxValue",       "MinLength",     "MinValue",
      "NoEcho",         "Type"};
  for (const auto& [name, parameter] : section(document, "Parameters")) {
    if (!is_alphanumeric(name))
      return format_error(
          fmt::format("Parameter name {} is non alphanumeric.", std::string_view(name)));
    if (!parameter.is_object()) return format_error("Every Parameters member must be an object.");
    const auto type = find_string(parameter, "Type");
    if (!type) return format_error("Every Parameters object must contain a Type member.");
    if (!is_parameter_type(*type))
      return format_error(fmt::format("Unrecognized parameter type: {}", *type));
    for (const auto& [key, value] : parameter.get_object())
      if (!is_one_of(key, kMembers))
        return validation_error(
            fmt::format("Invalid template parameter property '{}'", std::string_view(key)));
  }
  return std::nullopt;
}

std::optional<ServiceError> check_resources(const Json& document) {
  constexpr std::array<std::string_view, 9> kMembers = {
      "Condition",  "CreationPolicy", "DeletionPolicy", "DependsOn",          "Metadata",
      "Properties", "Type",           "UpdatePolicy",   "UpdateReplacePolicy"};
  constexpr std::array<std::string_view, 3> kPolicies = {"Delete", "Retain",
                                                         "RetainExceptOnCreate"};
  std::set<std::string> unknown;
  for (const auto& [name, resource] : section(document, "Resources")) {
    const std::string_view id = name;
    if (!is_alphanumeric(id))
      return format_error(fmt::format("Resource name {} is non alphanumeric.", id));
    const auto type = find_string(resource, "Type");
    if (!type)
      return format_error(
          fmt::format("[/Resources/{}] Every Resources object must contain a Type member.", id));
    for (const auto& [key, value] : resource.as_object())
      if (!is_one_of(key, kMembers))
        return validation_error(
            fmt::format("Invalid template resource property '{}'", std::string_view(key)));
    if (const Json* properties = find(resource, "Properties");
        properties != nullptr && !properties->is_object())
      return format_error(fmt::format("[/Resources/{}/Properties] must be an object.", id));
    if (const auto policy = find_string(resource, "DeletionPolicy");
        policy && !is_one_of(*policy, kPolicies))
      return format_error(
          fmt::format("Unrecognized DeletionPolicy {} for resource {}", *policy, id));
    if (find_resource_type(*type) == nullptr) unknown.insert(std::string(*type));
  }
  if (!unknown.empty())
    return format_error(fmt::format("Unrecognized resource types: {}", in_brackets(unknown)));
  return std::nullopt;
}

std::optional<ServiceError> check_outputs(const Json& document) {
  for (const auto& [name, output] : section(document, "Outputs")) {
    if (!is_alphanumeric(name))
      return format_error(
          fmt::format("Output name {} is non alphanumeric.", std::string_view(name)));
    if (!output.is_object()) return format_error("Outputs section is malformed");
    if (find(output, "Value") == nullptr)
      return format_error(fmt::format("Output {} is malformed. The value member is missing.",
                                      std::string_view(name)));
  }
  return std::nullopt;
}

std::set<std::string> depends_on(const Json& resource) {
  std::set<std::string> names;
  const Json* given = find(resource, "DependsOn");
  if (given == nullptr) return names;
  if (given->is_string()) names.emplace(given->get_string());
  if (const JsonArray* list = given->if_array())
    for (const Json& name : *list)
      if (name.is_string()) names.emplace(name.get_string());
  return names;
}

std::optional<ServiceError> check_references_of(const Json& document, const References& found,
                                                std::set<std::string> dependencies,
                                                std::string_view block) {
  const JsonObject& resources = section(document, "Resources");
  const JsonObject& parameters = section(document, "Parameters");
  for (const std::string& name : found.names)
    if (!parameters.contains(name) && !is_pseudo_parameter(name)) dependencies.insert(name);
  std::set<std::string> unresolved;
  for (const std::string& name : dependencies)
    if (!resources.contains(name)) unresolved.insert(name);
  if (!unresolved.empty())
    return format_error(
        fmt::format("Unresolved resource dependencies {} in the {} block of the template",
                    in_brackets(unresolved), block));

  for (const auto& [id, attribute] : found.attributes) {
    if (!resources.contains(id))
      return validation_error(fmt::format(
          "Template error: instance of Fn::GetAtt references undefined resource {}", id));
    const std::string_view type = string_or_empty(resources.at(id), "Type");
    if (!find_resource_type(type)->has_attribute(attribute))
      return validation_error(
          fmt::format("Template error: resource {} does not support attribute type {} in "
                      "Fn::GetAtt",
                      id, attribute));
  }
  for (const std::string& condition : found.conditions)
    if (!section(document, "Conditions").contains(condition))
      return format_error(fmt::format(
          "Unresolved condition dependency {} in the {} block of the template", condition, block));
  return std::nullopt;
}

std::optional<ServiceError> check_references(const Json& document) {
  for (const auto& [id, resource] : section(document, "Resources")) {
    References found;
    if (const Json* properties = find(resource, "Properties")) found = references_in(*properties);
    if (const auto condition = find_string(resource, "Condition"))
      found.conditions.emplace(*condition);
    if (auto error = check_references_of(document, found, depends_on(resource), "Resources"))
      return error;
  }
  for (const auto& [id, condition] : section(document, "Conditions"))
    if (auto error = check_references_of(document, references_in(condition), {}, "Conditions"))
      return error;
  for (const auto& [id, output] : section(document, "Outputs")) {
    References found = references_in(output);
    if (const auto condition = find_string(output, "Condition"))
      found.conditions.emplace(*condition);
    if (auto error = check_references_of(document, found, {}, "Outputs")) return error;
  }
  return std::nullopt;
}

// Takes away what needs nothing, again and again; what is left waits for itself.
std::optional<ServiceError> check_circles(const Json& document) {
  std::map<std::string, std::set<std::string>> waiting;
  for (const auto& [id, resource] : section(document, "Resources"))
    waiting[id] = needs_of(document, id);
  for (bool is_going_on = true; is_going_on;) {
    is_going_on = false;
    for (auto each = waiting.begin(); each != waiting.end();) {
      const bool is_free = std::none_of(each->second.begin(), each->second.end(),
                                        [&](const auto& id) { return waiting.contains(id); });
      is_going_on |= is_free;
      each = is_free ? waiting.erase(each) : std::next(each);
    }
  }
  if (waiting.empty()) return std::nullopt;
  std::set<std::string> left;
  for (const auto& [id, needs] : waiting) left.insert(id);
  return validation_error(
      fmt::format("Circular dependency between resources: {}", in_brackets(left)));
}

// ---- References -------------------------------------------------------------------------------

class ReferenceFinder {
 public:
  ReferenceFinder(References& found, const std::map<std::string, bool>* conditions)
      : found_(found), conditions_(conditions) {}

  void look(const Json& value) {
    if (const JsonArray* items = value.if_array())
      for (const Json& item : *items) look(item);
    const JsonObject* object = value.if_object();
    if (object == nullptr) return;
    if (object->size() == 1 && look_at_function(object->begin()->key(), object->begin()->value()))
      return;
    for (const auto& [name, member] : *object) look(member);
  }

 private:
  // False for a member that is no function, or one whose argument is looked at like any other.
  bool look_at_function(std::string_view name, const Json& argument) {
    if (name == "Ref" && argument.is_string()) {
      found_.names.emplace(argument.get_string());
      return true;
    }
    if (name == "Condition" && argument.is_string()) {
      found_.conditions.emplace(argument.get_string());
      return true;
    }
    if (name == "Fn::GetAtt") {
      add_attribute(argument);
      return true;
    }
    if (name == "Fn::Sub") {
      look_at_sub(argument);
      return true;
    }
    if (name == "Fn::If" && argument.is_array() && argument.get_array().size() == 3) {
      look_at_if(argument.get_array());
      return true;
    }
    return false;
  }

  void add_attribute(const Json& argument) {
    if (argument.is_string()) return add_dotted(argument.get_string());
    const JsonArray* parts = argument.if_array();
    if (parts == nullptr || parts->size() != 2 || !(*parts)[0].is_string()) return;
    if ((*parts)[1].is_string())
      found_.attributes.emplace_back((*parts)[0].get_string(), (*parts)[1].get_string());
    else
      look((*parts)[1]);
  }

  void add_dotted(std::string_view name) {
    const auto dot = name.find('.');
    if (dot == std::string_view::npos)
      found_.names.emplace(name);
    else
      found_.attributes.emplace_back(name.substr(0, dot), name.substr(dot + 1));
  }

  void look_at_sub(const Json& argument) {
    const Json* text = &argument;
    const JsonObject* own = nullptr;
    if (const JsonArray* parts = argument.if_array(); parts != nullptr && parts->size() == 2) {
      text = &(*parts)[0];
      own = (*parts)[1].if_object();
      look((*parts)[1]);
    }
    if (!text->is_string()) return;
    for (const std::string& name : names_in_sub(text->get_string()))
      if (own == nullptr || !own->contains(name)) add_dotted(name);
  }

  void look_at_if(const JsonArray& parts) {
    if (!parts[0].is_string()) return;
    const std::string condition(parts[0].get_string());
    found_.conditions.insert(condition);
    const auto known =
        conditions_ == nullptr ? decltype(conditions_->end()){} : conditions_->find(condition);
    if (conditions_ != nullptr && known != conditions_->end())
      return look(parts[known->second ? 1 : 2]);
    look(parts[1]);
    look(parts[2]);
  }

  References& found_;
  const std::map<std::string, bool>* conditions_;
};

}  // namespace

ServiceError validation_error(std::string message) {
  return {400, "ValidationError", std::move(message), {}};
}

bool is_pseudo_parameter(std::string_view name) {
  constexpr std::array<std::string_view, 8> kAll = {
      "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition",
      "AWS::Region",    "AWS::StackId", "AWS::StackName",        "AWS::URLSuffix"};
  return is_one_of(name, kAll);
}

Answer<Json> read_template(std::string_view text) {
  const std::string_view begins = trim(text);
  const bool is_json = begins.starts_with('{');
  Diagnostics diagnostics;
  const auto node = read_document(
      std::make_shared<SourceText>(SourceText{"template", std::string(text)}),
      is_json ? TextFormat::kJson : TextFormat::kYaml, diagnostics, {.apply_tag = apply_short_tag});
  if (!node || diagnostics.error_count() > 0) {
    const auto& all = diagnostics.all();
    const auto bad = std::find_if(all.begin(), all.end(), [](const Diagnostic& each) {
      return each.severity == Severity::kError;
    });
    const SourceSpan span = bad == all.end() ? SourceSpan() : bad->span;
    return format_error(fmt::format("{} not well-formed. (line {}, column {})",
                                    is_json ? "JSON" : "YAML", span.line, span.column));
  }
  return to_json(*node);
}

std::optional<ServiceError> template_problem(const Json& document) {
  for (const auto& check : {check_outline, check_parameters, check_resources, check_outputs,
                            check_references, check_circles})
    if (auto error = check(document)) return error;
  return std::nullopt;
}

std::optional<NeededCapability> needed_capability(const Json& document) {
  NeededCapability needed;
  for (const auto& [id, resource] : section(document, "Resources")) {
    const std::string_view type = string_or_empty(resource, "Type");
    if (type != "AWS::IAM::Role") continue;
    needed.resource_types.emplace_back(type);
    const Json* properties = find(resource, "Properties");
    const bool is_named = properties != nullptr && find(*properties, "RoleName") != nullptr;
    if (is_named || needed.capability.empty())
      needed.capability = is_named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM";
  }
  if (needed.capability.empty()) return std::nullopt;
  return needed;
}

References references_in(const Json& expression, const std::map<std::string, bool>* conditions) {
  References found;
  ReferenceFinder(found, conditions).look(expression);
  return found;
}

std::vector<std::string> names_in_sub(std::string_view text) {
  std::vector<std::string> names;
  for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    const auto end = text.find('}', at);
    if (end == std::string_view::npos) break;
    const std::string_view name = trim(text.substr(at + 2, end - at - 2));
    if (!name.empty() && !name.starts_with('!')) names.emplace_back(name);
  }
  return names;
}

std::set<std::string> needs_of(const Json& document, std::string_view logical_id,
                               const std::map<std::string, bool>* conditions) {
  const JsonObject& resources = section(document, "Resources");
  const Json& resource = resources.at(logical_id);
  std::set<std::string> needs = depends_on(resource);
  if (const Json* properties = find(resource, "Properties")) {
    const References found = references_in(*properties, conditions);
    for (const std::string& name : found.names)
      if (resources.contains(name)) needs.insert(name);
    for (const auto& [id, attribute] : found.attributes) needs.insert(id);
  }
  return needs;
}

}  // namespace slipway::sim
