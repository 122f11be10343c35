// A CloudFormation template: read from JSON or YAML with its short tags, and checked as CreateStack
// and ValidateTemplate check it, before anything is made.
#pragma once

#include "base/json.h"
#include "sim/answer.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {

inline constexpr std::size_t kMostTemplateBytes = 51'200;

// The template as JSON, "!Ref x" being {"Ref": "x"}.
Answer<Json> read_template(std::string_view text);

// The first thing that is wrong with it, in CloudFormation's words.
std::optional<ServiceError> template_problem(const Json& document);

// CAPABILITY_IAM or CAPABILITY_NAMED_IAM when a resource asks for it, and which ones do.
struct NeededCapability {
  std::string capability;
  std::vector<std::string> resource_types;
};
std::optional<NeededCapability> needed_capability(const Json& document);

// What an expression mentions. With `conditions`, only the branches of Fn::If that count.
struct References {
  std::set<std::string> names;                                  // Ref, and ${...} of Fn::Sub
  std::vector<std::pair<std::string, std::string>> attributes;  // Fn::GetAtt: resource, attribute
  std::set<std::string> conditions;
};
References references_in(const Json& expression,
                         const std::map<std::string, bool>* conditions = nullptr);

// The names in ${...} of a Fn::Sub's text; "${!x}" is none. An attribute keeps its dot.
std::vector<std::string> names_in_sub(std::string_view text);

// The resources that come before this one: DependsOn and what its properties mention.
std::set<std::string> needs_of(const Json& document, std::string_view logical_id,
                               const std::map<std::string, bool>* conditions = nullptr);

ServiceError validation_error(std::string message);
bool is_pseudo_parameter(std::string_view name);  // "AWS::Region"

}  // namespace slipway::sim
