#include "sim/roles.h"

#include "aws/sigv4.h"
#include "base/text.h"
#include "sim/calls.h"
#include "sim/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

ServiceError no_such_entity(std::string message) {
  return {404, "NoSuchEntity", std::move(message), {}};
}

Answer<IamRole*> find_role(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "RoleName");
  const auto found = call.region.roles->by_name.find(name);
  if (found == call.region.roles->by_name.end())
    return no_such_entity(fmt::format("The role with name {} cannot be found.", name));
  return &found->second;
}

std::string unique_id(Region& region, std::string_view prefix) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id(prefix);
  for (int i = 0; i < 17; ++i) id += kAlphabet[region.random.below(kAlphabet.size())];
  return id;
}

JsonObject described(const IamRole& role) {
  JsonObject described{{"Path", role.Path},
                       {"RoleName", role.RoleName},
                       {"RoleId", role.RoleId},
                       {"Arn", role.Arn},
                       {"CreateDate", seconds_of(role.CreateDate)},
                       {"AssumeRolePolicyDocument", aws::uri_encode(role.AssumeRolePolicyDocument)},
                       {"MaxSessionDuration", role.MaxSessionDuration}};
  if (!role.Description.empty()) described["Description"] = role.Description;
  if (!role.Tags.empty()) described["Tags"] = role.Tags;
  return described;
}

bool is_json_object(std::string_view text) {
  const Result<Json> json = parse_json(text);
  return json && json->is_object();
}

ServiceError malformed_policy() {
  return {400, "MalformedPolicyDocument", "Syntax errors in policy.", {}};
}

// A document given as text, or in a scenario as a mapping.
std::string document_text(const Json& value) {
  return value.is_string() ? std::string(value.get_string()) : to_text(value);
}

Answer<IamRole*> make_role(const Call& call, std::string name, std::string path,
                           std::string trust) {
  auto& roles = call.region.roles->by_name;
  if (roles.contains(name))
    return ServiceError{
        409, "EntityAlreadyExists", fmt::format("Role with name {} already exists.", name), {}};
  if (!is_json_object(trust)) return malformed_policy();
  IamRole role;
  role.Path = std::move(path);
  role.RoleName = name;
  role.RoleId = unique_id(call.region, "AROA");
  role.Arn = fmt::format("arn:{}:iam::{}:role{}{}", call.region.partition, call.region.account,
                         role.Path, name);
  role.CreateDate = call.region.now;
  role.AssumeRolePolicyDocument = std::move(trust);
  return &roles.emplace(std::move(name), std::move(role)).first->second;
}

Reply CreateRole(const Call& call) {
  const std::string_view path = string_or_empty(call.input, "Path");
  const Json* trust = find(call.input, "AssumeRolePolicyDocument");
  TRY(IamRole * role, make_role(call, std::string(string_or_empty(call.input, "RoleName")),
                                path.empty() ? "/" : std::string(path),
                                trust == nullptr ? std::string() : document_text(*trust)));
  role->Description = string_or_empty(call.input, "Description");
  role->MaxSessionDuration = find_int(call.input, "MaxSessionDuration").value_or(3600);
  if (const JsonArray* tags = find_array(call.input, "Tags")) role->Tags = *tags;
  // What a scenario's role has from the beginning.
  if (const JsonObject* policies = find_object(call.input, "policies"))
    for (const auto& policy : *policies)
      role->inline_policies[policy.key()] = document_text(policy.value());
  for (const std::string& arn : strings(call.input, "attached_policies"))
    role->attached_policies.insert(arn);
  return answer_with({{"Role", described(*role)}});
}

Reply GetRole(const Call& call) {
  TRY(const IamRole* role, find_role(call));
  return answer_with({{"Role", described(*role)}});
}

Reply DeleteRole(const Call& call) {
  TRY(const IamRole* role, find_role(call));
  if (!role->attached_policies.empty())
    return ServiceError{
        409, "DeleteConflict", "Cannot delete entity, must detach all policies first.", {}};
  if (!role->inline_policies.empty())
    return ServiceError{
        409, "DeleteConflict", "Cannot delete entity, must delete policies first.", {}};
  call.region.roles->by_name.erase(call.region.roles->by_name.find(role->RoleName));
  return answer_with({});
}

// ---- Policies ----

Reply PutRolePolicy(const Call& call) {
  TRY(IamRole * role, find_role(call));
  std::string document(string_or_empty(call.input, "PolicyDocument"));
  if (!is_json_object(document)) return malformed_policy();
  role->inline_policies[std::string(string_or_empty(call.input, "PolicyName"))] =
      std::move(document);
  return answer_with({});
}

ServiceError no_policy(std::string_view name) {
  return no_such_entity(fmt::format("The role policy with name {} cannot be found.", name));
}

Reply GetRolePolicy(const Call& call) {
  TRY(const IamRole* role, find_role(call));
  const std::string_view name = string_or_empty(call.input, "PolicyName");
  const auto found = role->inline_policies.find(name);
  if (found == role->inline_policies.end()) return no_policy(name);
  return answer_with({{"RoleName", role->RoleName},
                      {"PolicyName", name},
                      {"PolicyDocument", aws::uri_encode(found->second)}});
}

Reply DeleteRolePolicy(const Call& call) {
  TRY(IamRole * role, find_role(call));
  const std::string_view name = string_or_empty(call.input, "PolicyName");
  const auto found = role->inline_policies.find(name);
  if (found == role->inline_policies.end()) return no_policy(name);
  role->inline_policies.erase(found);
  return answer_with({});
}

// IAM says with a member of its own whether there is more.
Reply paged(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  TRY(JsonObject page, page_of(call.input, items,
                               {.member = member,
                                .token = "Marker",
                                .limit = "MaxItems",
                                .bad_token = {400, "InvalidInput", "Invalid Marker.", {}}}));
  page["IsTruncated"] = page.contains("Marker");
  return answer_with(std::move(page));
}

Reply ListRolePolicies(const Call& call) {
  TRY(const IamRole* role, find_role(call));
  std::vector<PageItem> items;
  for (const auto& [name, document] : role->inline_policies) items.push_back({name, Json(name)});
  return paged(call, "PolicyNames", items);
}

Reply AttachRolePolicy(const Call& call) {
  TRY(IamRole * role, find_role(call));
  const std::string arn(string_or_empty(call.input, "PolicyArn"));
  if (!arn.starts_with("arn:"))
    return ServiceError{400, "InvalidInput", fmt::format("ARN {} is not valid.", arn), {}};
  role->attached_policies.insert(arn);
  return answer_with({});
}

Reply DetachRolePolicy(const Call& call) {
  TRY(IamRole * role, find_role(call));
  const std::string_view arn = string_or_empty(call.input, "PolicyArn");
  const auto found = role->attached_policies.find(arn);
  if (found == role->attached_policies.end())
    return no_such_entity(fmt::format("Policy {} was not found.", arn));
  role->attached_policies.erase(found);
  return answer_with({});
}

Reply ListAttachedRolePolicies(const Call& call) {
  TRY(const IamRole* role, find_role(call));
  std::vector<PageItem> items;
  for (const std::string& arn : role->attached_policies)
    items.push_back(
        {arn, JsonObject{{"PolicyName", arn.substr(arn.rfind('/') + 1)}, {"PolicyArn", arn}}});
  return paged(call, "AttachedPolicies", items);
}

// ---- What a role may do ----

std::vector<Policy> policies_of(const IamRole& role) {
  std::vector<Policy> policies;
  for (const auto& [name, document] : role.inline_policies) {
    Diagnostics ignored;  // what the evaluator does not know allows nothing
    const auto source = std::make_shared<SourceText>(SourceText{name, document});
    if (const auto node = read_document(source, TextFormat::kJson, ignored))
      policies.push_back(read_policy(*node, name, ignored));
  }
  for (const std::string& arn : role.attached_policies)
    if (arn.ends_with(":policy/AdministratorAccess"))
      policies.push_back({{{.actions = {"*"}, .resources = {"*"}}}});
  return policies;
}

// Of roles: their inline policies, and AdministratorAccess. What other managed policies say is not
// known here.
Reply SimulatePrincipalPolicy(const Call& call) {
  const std::string_view arn = string_or_empty(call.input, "PolicySourceArn");
  const auto& roles = call.region.roles->by_name;
  const auto role = std::find_if(roles.begin(), roles.end(),
                                 [&](const auto& entry) { return entry.second.Arn == arn; });
  if (role == roles.end())
    return no_such_entity(fmt::format("The user or role with ARN {} cannot be found.", arn));
  const std::vector<Policy> policies = policies_of(role->second);
  std::vector<std::string> resources = strings(call.input, "ResourceArns");
  if (resources.empty()) resources = {"*"};
  std::vector<PageItem> items;
  for (const std::string& action : strings(call.input, "ActionNames"))
    for (const std::string& resource : resources) {
      const Verdict verdict = evaluate(policies, {action, resource, {}});
      items.push_back(
          {serial_key(items.size()),
           JsonObject{{"EvalActionName", action},
                      {"EvalResourceName", resource},
                      {"EvalDecision", verdict == Verdict::kAllowed        ? "allowed"
                                       : verdict == Verdict::kExplicitDeny ? "explicitDeny"
                                                                           : "implicitDeny"},
                      {"MatchedStatements", JsonArray{}},
                      {"MissingContextValues", JsonArray{}}}});
    }
  return paged(call, "EvaluationResults", items);
}

// "ecs.amazonaws.com" has AWSServiceRoleForECS.
Reply CreateServiceLinkedRole(const Call& call) {
  struct Row {
    std::string_view service;
    std::string_view role;
  };
  constexpr Row kRows[] = {
      {"ecs.amazonaws.com", "AWSServiceRoleForECS"},
      {"ecs.application-autoscaling.amazonaws.com",
       "AWSServiceRoleForApplicationAutoScaling_ECSService"},
      {"elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"}};
  const std::string service(string_or_empty(call.input, "AWSServiceName"));
  const auto row = std::find_if(std::begin(kRows), std::end(kRows),
                                [&](const Row& each) { return each.service == service; });
  if (row == std::end(kRows))
    return ServiceError{400,
                        "InvalidInput",
                        fmt::format("Service linked role for {} is not supported.", service),
                        {}};
  const std::string trust = to_text(Json(
      JsonObject{{"Version", "2012-10-17"},
                 {"Statement", JsonArray{JsonObject{{"Effect", "Allow"},
                                                    {"Principal", JsonObject{{"Service", service}}},
                                                    {"Action", "sts:AssumeRole"}}}}}));
  Answer<IamRole*> role =
      make_role(call, std::string(row->role), fmt::format("/aws-service-role/{}/", service), trust);
  if (!role)
    return ServiceError{
        400,
        "InvalidInput",
        fmt::format("Service role name {} has been taken in this account, please try a different "
                    "suffix.",
                    row->role),
        {}};
  return answer_with({{"Role", described(**role)}});
}

}  // namespace

std::span<const Operation> iam_operations() {
  static constexpr bool kReads = true;
  static constexpr std::array kOperations = {
      Operation{"AttachRolePolicy", AttachRolePolicy},
      Operation{"CreateRole", CreateRole},
      Operation{"CreateServiceLinkedRole", CreateServiceLinkedRole},
      Operation{"DeleteRole", DeleteRole},
      Operation{"DeleteRolePolicy", DeleteRolePolicy},
      Operation{"DetachRolePolicy", DetachRolePolicy},
      Operation{"GetRole", GetRole, kReads},
      Operation{"GetRolePolicy", GetRolePolicy, kReads},
      Operation{"ListAttachedRolePolicies", ListAttachedRolePolicies, kReads},
      Operation{"ListRolePolicies", ListRolePolicies, kReads},
      Operation{"PutRolePolicy", PutRolePolicy},
      Operation{"SimulatePrincipalPolicy", SimulatePrincipalPolicy, kReads},
  };
  return kOperations;
}

}  // namespace slipway::sim
