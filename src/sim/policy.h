// IAM, as far as a release meets it: policy documents are evaluated for each call, and what a call
// asks for (its actions, resources and condition keys) is worked out as the service authorization
// reference lists it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
#pragma once

#include "base/diagnostic.h"
#include "base/json.h"
#include "base/node.h"
#include "base/wildcard.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// One operator of a Condition block: {"StringEquals": {"ecs:cluster": ["arn:..."]}}.
struct PolicyCondition {
  enum class Operator {
    kStringEquals,
    kStringNotEquals,
    kStringEqualsIgnoreCase,
    kStringNotEqualsIgnoreCase,
    kStringLike,
    kStringNotLike,
    kArnLike,  // also ArnEquals: IAM treats them alike
    kArnNotLike,
    kBool,
    kNull,
  };
  enum class Quantifier { kSingle, kForAnyValue, kForAllValues };

  Operator op = Operator::kStringEquals;
  Quantifier quantifier = Quantifier::kSingle;
  bool if_exists = false;
  std::string key;  // lower case: IAM ignores the case of keys
  std::vector<std::string> values;
};

struct PolicyStatement {
  bool allows = true;
  std::vector<std::string> actions;
  bool all_but_actions = false;  // NotAction
  std::vector<std::string> resources;
  bool all_but_resources = false;  // NotResource
  std::vector<PolicyCondition> conditions;
};

struct Policy {
  std::vector<PolicyStatement> statements;
};

// Reads a policy document as IAM writes them. What IAM would refuse, and what this evaluator does
// not know (other operators, policy variables), is an error with its place.
Policy read_policy(const Node& document, std::string_view path, Diagnostics& diagnostics);

// One permission that a call needs.
struct Access {
  std::string action;    // "ecs:UpdateService"
  std::string resource;  // an ARN, or "*" for actions without resource-level permissions
  std::map<std::string, std::vector<std::string>> context;  // condition keys, lower case
};

enum class Verdict { kAllowed, kNoAllow, kExplicitDeny };

// An explicit deny wins; without any matching allow nothing is permitted.
Verdict evaluate(std::span<const Policy> policies, const Access& access);

struct PlaceInAws {
  std::string partition = "aws";
  std::string region = "eu-west-1";
  std::string account = "111111111111";
};

// What a RunTask takes from its task definition, looked up by whoever knows the definitions.
struct DefinitionInUse {
  std::vector<std::string> roles;  // the task role and the execution role
  bool has_tags = false;
};

// Every permission the call needs, in the order AWS asks for them. `tags_need_permission` is the
// account's tagResourceAuthorization: creating something with tags then needs ecs:TagResource too.
std::vector<Access> needed_access(const PlaceInAws& place, std::string_view service,
                                  std::string_view operation, const Json& input,
                                  const DefinitionInUse& definition, bool tags_need_permission);

// The six parts of an ARN, each matched by itself.
bool matches_arn(std::string_view pattern, std::string_view arn);

}  // namespace slipway::sim
