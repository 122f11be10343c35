#include "sim/policy.h"

#include "base/text.h"
#include "sim/service_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

using Operator = PolicyCondition::Operator;
using Quantifier = PolicyCondition::Quantifier;

constexpr std::array<std::pair<std::string_view, Operator>, 12> kOperators = {{
    {"StringEquals", Operator::kStringEquals},
    {"StringNotEquals", Operator::kStringNotEquals},
    {"StringEqualsIgnoreCase", Operator::kStringEqualsIgnoreCase},
    {"StringNotEqualsIgnoreCase", Operator::kStringNotEqualsIgnoreCase},
    {"StringLike", Operator::kStringLike},
    {"StringNotLike", Operator::kStringNotLike},
    {"ArnEquals", Operator::kArnLike},
    {"ArnLike", Operator::kArnLike},
    {"ArnNotEquals", Operator::kArnNotLike},
    {"ArnNotLike", Operator::kArnNotLike},
    {"Bool", Operator::kBool},
    {"Null", Operator::kNull},
}};

// ---- reading --------------------------------------------------------------------------------

class PolicyReader {
 public:
  explicit PolicyReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Policy read(const Node& document, const std::string& path) {
    Policy policy;
    if (!document.is_mapping()) {
      wrong(document, path,
            fmt::format("expected a policy document, found {}", describe(document)));
      return policy;
    }
    check_keys(document, path, {"Version", "Id", "Statement"});
    if (const Node* version = document.find("Version");
        version != nullptr && version->text != "2012-10-17" && version->text != "2008-10-17")
      wrong(*version, path + ".Version", "expected 2012-10-17");
    const Node* statements = document.find("Statement");
    if (statements == nullptr) {
      wrong(document, path, "Statement is missing");
    } else if (statements->is_sequence()) {
      for (std::size_t i = 0; i < statements->items.size(); ++i)
        policy.statements.push_back(
            statement(statements->items[i], fmt::format("{}.Statement[{}]", path, i)));
    } else {
      policy.statements.push_back(statement(*statements, path + ".Statement"));
    }
    return policy;
  }

 private:
  PolicyStatement statement(const Node& node, const std::string& path) {
    PolicyStatement result;
    if (!node.is_mapping()) {
      wrong(node, path, fmt::format("expected a statement, found {}", describe(node)));
      return result;
    }
    check_keys(node, path,
               {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"});
    const Node* effect = node.find("Effect");
    if (effect == nullptr) {
      wrong(node, path, "Effect is missing");
    } else if (effect->text != "Allow" && effect->text != "Deny") {
      wrong(*effect, path + ".Effect",
            fmt::format("expected Allow or Deny, found {}", describe(*effect)));
    } else {
      result.allows = effect->text == "Allow";
    }
    result.actions = one_of(node, path, "Action", "NotAction", result.all_but_actions);
    result.resources = one_of(node, path, "Resource", "NotResource", result.all_but_resources);
    if (const Node* conditions = node.find("Condition"))
      result.conditions = conditions_of(*conditions, path + ".Condition");
    return result;
  }

  std::vector<std::string> one_of(const Node& node, const std::string& path, const char* plain,
                                  const char* negated, bool& is_negated) {
    const Node* wanted = node.find(plain);
    const Node* others = node.find(negated);
    if ((wanted == nullptr) == (others == nullptr)) {
      wrong(node, path, fmt::format("expected either {} or {}", plain, negated));
      return {};
    }
    is_negated = others != nullptr;
    return texts(is_negated ? *others : *wanted, path + "." + (is_negated ? negated : plain));
  }

  std::vector<std::string> texts(const Node& node, const std::string& path) {
    std::vector<std::string> result;
    const auto add = [&](const Node& item) {
      if (!item.is_scalar()) {
        wrong(item, path, fmt::format("expected text, found {}", describe(item)));
      } else if (item.text.find("${") != std::string::npos) {
        wrong(item, path, "policy variables are not simulated");
      } else {
        result.push_back(item.text);
      }
    };
    if (node.is_sequence()) {
      for (const Node& item : node.items) add(item);
    } else {
      add(node);
    }
    return result;
  }

  std::vector<PolicyCondition> conditions_of(const Node& node, const std::string& path) {
    std::vector<PolicyCondition> result;
    if (!node.is_mapping()) {
      wrong(node, path, fmt::format("expected a mapping of operators, found {}", describe(node)));
      return result;
    }
    for (const Node::Member& member : node.members) {
      PolicyCondition condition;
      if (!read_operator(member.key, condition)) {
        std::vector<std::string> known;
        for (const auto& [name, op] : kOperators) known.emplace_back(name);
        const auto near = nearest(member.key, known);
        diagnostics_.error(member.key_span, "policy.operator", path + "." + member.key,
                           "this condition operator is not simulated",
                           near ? "did you mean " + *near + "?" : "");
        continue;
      }
      if (!member.value.is_mapping()) {
        wrong(
            member.value, path + "." + member.key,
            fmt::format("expected a mapping of condition keys, found {}", describe(member.value)));
        continue;
      }
      for (const Node::Member& key : member.value.members) {
        condition.key = to_lower(key.key);
        condition.values = texts(key.value, path + "." + member.key + "." + key.key);
        result.push_back(condition);
      }
    }
    return result;
  }

  static bool read_operator(std::string_view text, PolicyCondition& condition) {
    if (text.starts_with("ForAnyValue:")) {
      condition.quantifier = Quantifier::kForAnyValue;
      text.remove_prefix(12);
    } else if (text.starts_with("ForAllValues:")) {
      condition.quantifier = Quantifier::kForAllValues;
      text.remove_prefix(13);
    }
    if (text.ends_with("IfExists")) {
      condition.if_exists = true;
      text.remove_suffix(8);
    }
    for (const auto& [name, op] : kOperators) {
      if (name != text) continue;
      condition.op = op;
      return true;
    }
    return false;
  }

  void check_keys(const Node& node, const std::string& path,
                  std::initializer_list<std::string_view> known) {
    for (const Node::Member& member : node.members) {
      if (std::find(known.begin(), known.end(), member.key) != known.end()) continue;
      const auto near = nearest(member.key, known);
      diagnostics_.error(member.key_span, "policy.unknown-key", path + "." + member.key,
                         "policy documents have no such member",
                         near ? "did you mean " + *near + "?" : "");
    }
  }

  void wrong(const Node& node, const std::string& path, std::string message) {
    diagnostics_.error(node.span, "policy.invalid", path, std::move(message));
  }

  Diagnostics& diagnostics_;
};

// ---- evaluating -----------------------------------------------------------------------------

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_wildcard(pattern, text); });
}

bool value_matches(Operator op, std::string_view wanted, std::string_view value) {
  switch (op) {
    case Operator::kStringEquals:
    case Operator::kStringNotEquals:
      return wanted == value;
    case Operator::kStringEqualsIgnoreCase:
    case Operator::kStringNotEqualsIgnoreCase:
    case Operator::kBool:
      return equals_ignoring_case(wanted, value);
    case Operator::kStringLike:
    case Operator::kStringNotLike:
      return matches_wildcard(wanted, value);
    case Operator::kArnLike:
    case Operator::kArnNotLike:
      return matches_arn(wanted, value);
    case Operator::kNull:
      break;
  }
  return false;
}

bool is_negated(Operator op) {
  return op == Operator::kStringNotEquals || op == Operator::kStringNotEqualsIgnoreCase ||
         op == Operator::kStringNotLike || op == Operator::kArnNotLike;
}

bool holds(const PolicyCondition& condition, const Access& access) {
  const auto found = access.context.find(condition.key);
  const bool present = found != access.context.end() && !found->second.empty();
  if (condition.op == Operator::kNull)
    return std::all_of(
        condition.values.begin(), condition.values.end(),
        [&](const std::string& wanted) { return equals_ignoring_case(wanted, "true") != present; });
  if (!present) {
    if (condition.quantifier == Quantifier::kForAnyValue) return condition.if_exists;
    return condition.if_exists || condition.quantifier == Quantifier::kForAllValues ||
           is_negated(condition.op);
  }
  const auto one_holds = [&](const std::string& value) {
    const bool matched = std::any_of(
        condition.values.begin(), condition.values.end(),
        [&](const std::string& wanted) { return value_matches(condition.op, wanted, value); });
    return matched != is_negated(condition.op);
  };
  const auto& values = found->second;
  // Only ForAnyValue is content with one of several; the others ask it of each.
  if (condition.quantifier == Quantifier::kForAnyValue)
    return std::any_of(values.begin(), values.end(), one_holds);
  return std::all_of(values.begin(), values.end(), one_holds);
}

bool applies(const PolicyStatement& statement, const Access& access) {
  const std::string action = to_lower(access.action);
  const bool names_action = std::any_of(
      statement.actions.begin(), statement.actions.end(),
      [&](const std::string& pattern) { return matches_wildcard(to_lower(pattern), action); });
  if (names_action == statement.all_but_actions) return false;
  if (any_matches(statement.resources, access.resource) == statement.all_but_resources)
    return false;
  return std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const PolicyCondition& condition) { return holds(condition, access); });
}

// ---- what a call needs ----------------------------------------------------------------------

// ECS takes names, short and full ARNs alike; IAM only knows full ARNs.
class EcsNames {
 public:
  EcsNames(const PlaceInAws& place, const Json& input)
      : prefix_(fmt::format("arn:{}:ecs:{}:{}:", place.partition, place.region, place.account)) {
    std::string_view cluster = string_or_empty(input, "cluster");
    if (cluster.empty()) cluster = "default";
    cluster_ = last_part(cluster);
    if (cluster.starts_with("arn:")) cluster_arn_ = cluster;
  }

  std::string cluster() const { return cluster_arn_.empty() ? cluster(cluster_) : cluster_arn_; }
  std::string cluster(std::string_view name) const {
    return name.starts_with("arn:") ? std::string(name)
                                    : fmt::format("{}cluster/{}", prefix_, name);
  }
  // "service", "task", "container-instance", "task-set": what lives in a cluster.
  std::string in_cluster(std::string_view kind, std::string_view name) const {
    if (name.starts_with("arn:") && std::count(name.begin(), name.end(), '/') > 1)
      return std::string(name);
    return fmt::format("{}{}/{}/{}", prefix_, kind, cluster_, last_part(name));
  }
  std::string task_definition(std::string_view name) const {
    return name.starts_with("arn:") ? std::string(name)
                                    : fmt::format("{}task-definition/{}", prefix_, name);
  }
  std::string capacity_provider(std::string_view name) const {
    return name.starts_with("arn:") ? std::string(name)
                                    : fmt::format("{}capacity-provider/{}", prefix_, name);
  }

 private:
  static std::string last_part(std::string_view name) {
    const auto slash = name.rfind('/');
    return std::string(slash == std::string_view::npos ? name : name.substr(slash + 1));
  }

  std::string prefix_;
  std::string cluster_;
  std::string cluster_arn_;
};

// Where an operation's resource comes from.
enum class Resource {
  kNone,  // "*"
  kCluster,
  kClusters,
  kClusterName,
  kService,
  kServiceName,
  kServices,
  kTask,
  kTasks,
  kTaskDefinition,
  kContainerInstance,
  kContainerInstances,
  kTaskSet,
  kTaskSets,
  kServiceDeployment,
  kServiceDeployments,
  kServiceRevisions,
  kResourceArn,
};

struct EcsAction {
  std::string_view operation;
  Resource resource;
  bool in_cluster;  // has the condition key ecs:cluster
};

// Operations that are not here have no resource-level permissions ("*").
constexpr std::array kEcsActions = {
    EcsAction{"CreateCluster", Resource::kClusterName, false},
    EcsAction{"DescribeClusters", Resource::kClusters, false},
    EcsAction{"UpdateCluster", Resource::kCluster, false},
    EcsAction{"UpdateClusterSettings", Resource::kCluster, false},
    EcsAction{"DeleteCluster", Resource::kCluster, false},
    EcsAction{"PutClusterCapacityProviders", Resource::kCluster, false},
    EcsAction{"RegisterContainerInstance", Resource::kCluster, false},
    EcsAction{"DeregisterContainerInstance", Resource::kCluster, false},
    EcsAction{"ListContainerInstances", Resource::kCluster, false},
    EcsAction{"ListAttributes", Resource::kCluster, false},
    EcsAction{"DescribeContainerInstances", Resource::kContainerInstances, true},
    EcsAction{"UpdateContainerInstancesState", Resource::kContainerInstances, true},
    EcsAction{"PutAttributes", Resource::kNone, true},
    EcsAction{"DeleteAttributes", Resource::kNone, true},
    EcsAction{"CreateService", Resource::kServiceName, true},
    EcsAction{"UpdateService", Resource::kService, true},
    EcsAction{"DeleteService", Resource::kService, true},
    EcsAction{"DescribeServices", Resource::kServices, true},
    EcsAction{"ListServices", Resource::kNone, true},
    EcsAction{"ListServiceDeployments", Resource::kService, true},
    EcsAction{"DescribeServiceDeployments", Resource::kServiceDeployments, true},
    EcsAction{"DescribeServiceRevisions", Resource::kServiceRevisions, true},
    EcsAction{"StopServiceDeployment", Resource::kServiceDeployment, true},
    EcsAction{"ContinueServiceDeployment", Resource::kServiceDeployment, true},
    EcsAction{"CreateTaskSet", Resource::kTaskSet, true},
    EcsAction{"UpdateTaskSet", Resource::kTaskSet, true},
    EcsAction{"DeleteTaskSet", Resource::kTaskSet, true},
    EcsAction{"DescribeTaskSets", Resource::kTaskSets, true},
    EcsAction{"UpdateServicePrimaryTaskSet", Resource::kService, true},
    EcsAction{"RunTask", Resource::kTaskDefinition, true},
    EcsAction{"StartTask", Resource::kTaskDefinition, true},
    EcsAction{"StopTask", Resource::kTask, true},
    EcsAction{"DescribeTasks", Resource::kTasks, true},
    EcsAction{"ListTasks", Resource::kContainerInstance, true},
    EcsAction{"ExecuteCommand", Resource::kTask, true},
    EcsAction{"GetTaskProtection", Resource::kTasks, true},
    EcsAction{"UpdateTaskProtection", Resource::kTasks, true},
    EcsAction{"TagResource", Resource::kResourceArn, false},
    EcsAction{"UntagResource", Resource::kResourceArn, false},
    EcsAction{"ListTagsForResource", Resource::kResourceArn, false},
};

std::vector<std::string_view> texts_of(const Json& input, std::string_view member) {
  std::vector<std::string_view> texts;
  if (const JsonArray* items = find_array(input, member))
    for (const Json& item : *items)
      if (item.is_string()) texts.push_back(item.get_string());
  return texts;
}

// ".../service-deployment/CLUSTER/SERVICE/ID" -> ".../cluster/CLUSTER", for ecs:cluster of calls
// that name no cluster.
std::string cluster_in_arn(std::string_view arn) {
  const auto kind = arn.rfind(':');
  const auto name = arn.find('/', kind == std::string_view::npos ? 0 : kind);
  const auto end = arn.find('/', name == std::string_view::npos ? name : name + 1);
  if (kind == std::string_view::npos || end == std::string_view::npos) return {};
  return fmt::format("{}:cluster/{}", arn.substr(0, kind), arn.substr(name + 1, end - name - 1));
}

std::vector<std::string> resources_of(Resource kind, const EcsNames& names, const Json& input) {
  const auto one = [&](std::string_view member) { return string_or_empty(input, member); };
  std::vector<std::string> resources;
  switch (kind) {
    case Resource::kNone:
      break;
    case Resource::kCluster:
      return {names.cluster()};
    case Resource::kClusterName: {
      const std::string_view name = one("clusterName");
      return {names.cluster(name.empty() ? "default" : name)};
    }
    case Resource::kClusters:
      for (std::string_view name : texts_of(input, "clusters"))
        resources.push_back(names.cluster(name));
      return resources.empty() ? std::vector<std::string>{names.cluster("default")} : resources;
    case Resource::kService:
      return {names.in_cluster("service", one("service"))};
    case Resource::kServiceName:
      return {names.in_cluster("service", one("serviceName"))};
    case Resource::kServices:
      for (std::string_view name : texts_of(input, "services"))
        resources.push_back(names.in_cluster("service", name));
      break;
    case Resource::kTask:
      return {names.in_cluster("task", one("task"))};
    case Resource::kTasks:
      for (std::string_view name : texts_of(input, "tasks"))
        resources.push_back(names.in_cluster("task", name));
      break;
    case Resource::kTaskDefinition:
      return {names.task_definition(one("taskDefinition"))};
    case Resource::kContainerInstance:
      if (const std::string_view name = one("containerInstance"); !name.empty())
        return {names.in_cluster("container-instance", name)};
      break;
    case Resource::kContainerInstances:
      for (std::string_view name : texts_of(input, "containerInstances"))
        resources.push_back(names.in_cluster("container-instance", name));
      break;
    case Resource::kTaskSet:
    case Resource::kTaskSets: {
      // ".../task-set/CLUSTER/SERVICE/ID"
      const std::string service = names.in_cluster("service", one("service"));
      const auto name = service.find(":service/") + 9;
      const std::string prefix = service.substr(0, name - 9) + ":task-set/" + service.substr(name);
      if (kind == Resource::kTaskSet) {
        const std::string_view id = one("taskSet");
        return {id.starts_with("arn:") ? std::string(id)
                                       : prefix + "/" + (id.empty() ? "*" : std::string(id))};
      }
      for (std::string_view id : texts_of(input, "taskSets"))
        resources.push_back(id.starts_with("arn:") ? std::string(id)
                                                   : prefix + "/" + std::string(id));
      if (resources.empty()) resources.push_back(prefix + "/*");
      break;
    }
    case Resource::kServiceDeployment:
      return {std::string(one("serviceDeploymentArn"))};
    case Resource::kServiceDeployments:
      for (std::string_view arn : texts_of(input, "serviceDeploymentArns"))
        resources.emplace_back(arn);
      break;
    case Resource::kServiceRevisions:
      for (std::string_view arn : texts_of(input, "serviceRevisionArns"))
        resources.emplace_back(arn);
      break;
    case Resource::kResourceArn:
      return {std::string(one("resourceArn"))};
  }
  if (resources.empty()) resources.emplace_back("*");
  return resources;
}

// The new resource that gets the tags of a creating call; empty for other calls.
std::string tagged_resource(std::string_view operation, const EcsNames& names, const Json& input) {
  if (operation == "CreateCluster") {
    const std::string_view name = string_or_empty(input, "clusterName");
    return names.cluster(name.empty() ? "default" : name);
  }
  if (operation == "CreateService")
    return names.in_cluster("service", string_or_empty(input, "serviceName"));
  if (operation == "RegisterTaskDefinition")
    return names.task_definition(std::string(string_or_empty(input, "family")) + ":*");
  if (operation == "RunTask" || operation == "StartTask") return names.in_cluster("task", "*");
  if (operation == "CreateTaskSet") return resources_of(Resource::kTaskSet, names, input).front();
  if (operation == "CreateCapacityProvider")
    return names.capacity_provider(string_or_empty(input, "name"));
  return {};
}

std::vector<Access> needed_in_ecs(const PlaceInAws& place, std::string_view operation,
                                  const Json& input, const DefinitionInUse& definition,
                                  bool tags_need_permission) {
  const EcsNames names(place, input);
  const auto row = std::find_if(kEcsActions.begin(), kEcsActions.end(),
                                [&](const EcsAction& a) { return a.operation == operation; });
  const Resource kind = row == kEcsActions.end() ? Resource::kNone : row->resource;
  const bool in_cluster = row != kEcsActions.end() && row->in_cluster;

  std::map<std::string, std::vector<std::string>> context;
  const JsonArray* tags = find_array(input, "tags");
  if (tags != nullptr) {
    for (const Json& tag : *tags) {
      const std::string key(string_or_empty(tag, "key"));
      context["aws:tagkeys"].push_back(key);
      context[to_lower("aws:RequestTag/" + key)] = {std::string(string_or_empty(tag, "value"))};
    }
  }

  std::vector<Access> needed;
  for (std::string& resource : resources_of(kind, names, input)) {
    Access access{fmt::format("ecs:{}", operation), std::move(resource), context};
    if (in_cluster) {
      const std::string of_arn =
          find(input, "cluster") == nullptr ? cluster_in_arn(access.resource) : "";
      access.context["ecs:cluster"] = {of_arn.empty() ? names.cluster() : of_arn};
    }
    if (operation == "CreateService" || operation == "UpdateService")
      if (const auto name = find_string(input, "taskDefinition"))
        access.context["ecs:task-definition"] = {names.task_definition(*name)};
    if (const JsonArray* strategy = find_array(input, "capacityProviderStrategy"))
      for (const Json& item : *strategy)
        access.context["ecs:capacity-provider"].push_back(
            names.capacity_provider(string_or_empty(item, "capacityProvider")));
    if (const auto service = find_string(input, "service"); service && kind == Resource::kTaskSet)
      access.context["ecs:service"] = {names.in_cluster("service", *service)};
    needed.push_back(std::move(access));
  }

  const auto pass = [&](std::string_view role, const char* to) {
    if (role.empty()) return;
    std::string arn = role.starts_with("arn:") ? std::string(role)
                                               : fmt::format("arn:{}:iam::{}:role/{}",
                                                             place.partition, place.account, role);
    needed.push_back({"iam:PassRole", std::move(arn), {{"iam:passedtoservice", {to}}}});
  };
  constexpr const char* kTasks = "ecs-tasks.amazonaws.com";
  if (operation == "RegisterTaskDefinition") {
    pass(string_or_empty(input, "taskRoleArn"), kTasks);
    pass(string_or_empty(input, "executionRoleArn"), kTasks);
  }
  if (operation == "RunTask" || operation == "StartTask") {
    for (const std::string& role : definition.roles) pass(role, kTasks);
    if (const Json* overrides = find(input, "overrides")) {
      pass(string_or_empty(*overrides, "taskRoleArn"), kTasks);
      pass(string_or_empty(*overrides, "executionRoleArn"), kTasks);
    }
  }
  if (operation == "CreateService") pass(string_or_empty(input, "role"), "ecs.amazonaws.com");

  const bool passes_tags_on = (operation == "RunTask" || operation == "StartTask") &&
                              definition.has_tags &&
                              string_or_empty(input, "propagateTags") == "TASK_DEFINITION";
  if (tags_need_permission && ((tags != nullptr && !tags->empty()) || passes_tags_on)) {
    if (std::string resource = tagged_resource(operation, names, input); !resource.empty()) {
      Access access{"ecs:TagResource", std::move(resource), context};
      access.context["ecs:createaction"] = {std::string(operation)};
      needed.push_back(std::move(access));
    }
  }
  return needed;
}

}  // namespace

bool matches_arn(std::string_view pattern, std::string_view arn) {
  for (int part = 0; part < 5; ++part) {
    const auto pattern_end = pattern.find(':');
    const auto arn_end = arn.find(':');
    if (pattern_end == std::string_view::npos || arn_end == std::string_view::npos)
      return pattern == "*" && part == 0;
    if (!matches_wildcard(pattern.substr(0, pattern_end), arn.substr(0, arn_end))) return false;
    pattern.remove_prefix(pattern_end + 1);
    arn.remove_prefix(arn_end + 1);
  }
  return matches_wildcard(pattern, arn);  // the resource part may hold colons of its own
}

Policy read_policy(const Node& document, std::string_view path, Diagnostics& diagnostics) {
  return PolicyReader(diagnostics).read(document, std::string(path));
}

Verdict evaluate(std::span<const Policy> policies, const Access& access) {
  bool allowed = false;
  for (const Policy& policy : policies) {
    for (const PolicyStatement& statement : policy.statements) {
      if (!applies(statement, access)) continue;
      if (!statement.allows) return Verdict::kExplicitDeny;
      allowed = true;
    }
  }
  return allowed ? Verdict::kAllowed : Verdict::kNoAllow;
}

std::vector<Access> needed_access(const PlaceInAws& place, std::string_view service,
                                  std::string_view operation, const Json& input,
                                  const DefinitionInUse& definition, bool tags_need_permission) {
  if (service == "ecs")
    return needed_in_ecs(place, operation, input, definition, tags_need_permission);
  // GetCallerIdentity needs valid credentials and nothing else.
  if (service == "sts" && operation == "AssumeRole")
    return {{"sts:AssumeRole", std::string(string_or_empty(input, "RoleArn")), {}}};
  return needed_by_service(place, service, operation, input);
}

}  // namespace slipway::sim
