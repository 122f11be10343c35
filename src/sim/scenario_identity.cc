#include "sim/scenario_identity.h"

#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

namespace slipway::sim {
namespace {

std::optional<std::vector<Policy>> read_policies(Fields& fields, const char* key,
                                                 Diagnostics& diagnostics) {
  const Node* list = fields.node(key);
  if (list == nullptr) return std::nullopt;
  std::vector<Policy> policies;
  if (!list->is_sequence()) {
    fields.error(key, "expected a list of policy documents");
    return policies;
  }
  for (std::size_t i = 0; i < list->items.size(); ++i)
    policies.push_back(read_policy(list->items[i], fields.path_of(key, i), diagnostics));
  return policies;
}

// Where credentials come from that nobody wrote down.
void read_endpoints(Fields& fields, IdentitySettings& identity) {
  CredentialEndpoints& endpoints = identity.endpoints;
  set(endpoints.lifetime, fields.duration("credential_lifetime"));
  if (auto imds = fields.mapping("instance_metadata")) {
    endpoints.instance_role = imds->required_text("role");
    set(endpoints.imds_v1, imds->boolean("version_1"));
  }
  if (auto container = fields.mapping("container_credentials")) {
    endpoints.container_role = container->required_text("role");
    set(endpoints.container_authorization, container->text("authorization"));
  }
  if (auto sso = fields.mapping("sso")) {
    endpoints.sso_role = sso->required_text("role");
    set(endpoints.sso_access_token, sso->text("access_token"));
    set(endpoints.sso_refresh_token, sso->text("refresh_token"));
    set(endpoints.sso_token_lifetime, sso->duration("token_lifetime"));
  }
  for (const auto& [key, role] : {std::pair{"instance_metadata", endpoints.instance_role},
                                  std::pair{"container_credentials", endpoints.container_role},
                                  std::pair{"sso", endpoints.sso_role}}) {
    const auto is_role = [&](const RoleSettings& known) { return known.name == role; };
    if (!role.empty() && !identity.any_role &&
        std::none_of(identity.roles.begin(), identity.roles.end(), is_role))
      fields.error(key, fmt::format("there is no role {}", role));
  }
}

}  // namespace

void read_identity(Fields& fields, IdentitySettings& identity, Diagnostics& diagnostics) {
  set(identity.signatures,
      fields.choice<SignatureMode>("signatures", {{"verify", SignatureMode::kVerify},
                                                  {"lenient", SignatureMode::kLenient},
                                                  {"off", SignatureMode::kOff}}));
  for (auto& [name, user] : fields.mappings_by_name("users")) {
    UserSettings settings;
    settings.name = name;
    settings.access_key = user.required_text("access_key");
    settings.secret_key = user.required_text("secret_key");
    settings.policies = read_policies(user, "policies", diagnostics);
    identity.users.push_back(std::move(settings));
  }
  for (auto& [name, role] : fields.mappings_by_name("roles")) {
    RoleSettings settings;
    settings.name = name;
    settings.policies = read_policies(role, "policies", diagnostics);
    if (role.has("trusted")) settings.trusted = role.texts("trusted");
    set(settings.external_id, role.text("external_id"));
    set(settings.needs_mfa, role.boolean("needs_mfa"));
    set(settings.max_session, role.duration("max_session"));
    if (const auto lifetime = role.duration("lifetime")) settings.lifetime = *lifetime;
    settings.web_identity_tokens = role.texts("web_identity_tokens");
    identity.roles.push_back(std::move(settings));
  }
  set(identity.anyone, fields.text("anyone"));
  const auto is_anyone = [&](const UserSettings& user) { return user.name == identity.anyone; };
  if (!identity.anyone.empty() &&
      std::none_of(identity.users.begin(), identity.users.end(), is_anyone))
    fields.error("anyone", fmt::format("there is no user {}", identity.anyone));
  set(identity.any_role, fields.boolean("any_role"));
  identity.service_control_policies =
      read_policies(fields, "service_control_policies", diagnostics);
  read_endpoints(fields, identity);
}

}  // namespace slipway::sim
