#include "execute/ecs_leftovers.h"

#include "execute/journal.h"
#include "execute/requests.h"
#include "execute/service_deployments.h"
#include "plan/ecs_canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace slipway {
namespace {

// The plan's action on the service, as the journal has it; null when there is none.
const Json* shift_of(const Json& plan, const std::string& service) {
  const JsonArray* const stages = find_array(plan, "stages");
  if (stages == nullptr) return nullptr;
  for (const Json& stage : *stages) {
    const JsonArray* const steps = find_array(stage, "steps");
    if (steps == nullptr) continue;
    for (const Json& step : *steps)
      if (string_or_empty(step, "action") == "ShiftByEcs" &&
          last_segment(string_or_empty(step, "service")) == last_segment(service))
        return &step;
  }
  return nullptr;
}

// What a service shows may be spelled out more than what was sent: the members that tell.
bool is_what_was_sent(const Json& now, const Json& sent) {
  return string_or_empty(now, "strategy") == string_or_empty(sent, "strategy") &&
         find_int(now, "bakeTimeInMinutes") == find_int(sent, "bakeTimeInMinutes") &&
         has_pauses_of_ours(now) == has_pauses_of_ours(sent);
}

// The last UpdateService that the run may have sent; null when it sent none.
const Json* last_update(const std::vector<Event>& journal, const std::string& service) {
  const Json* last = nullptr;
  for (const Event& event : journal)
    if (const auto* call = std::get_if<CallAnnounced>(&event.body))
      if (call->operation == "ecs:UpdateService" &&
          last_segment(event.subject.item) == last_segment(service))
        last = &call->request;
  return last;
}

bool is_at_rest(const ServiceSnapshot& service) {
  const DeploymentSnapshot* const primary = service.primary();
  return primary == nullptr || primary->rolloutState != aws::DeploymentRolloutState::kInProgress;
}

// The newest that ECS remembers, for 90 days; none when it may not be asked.
std::vector<aws::ServiceDeployment> service_deployments_of(Context& context,
                                                           const std::string& service) {
  std::vector<aws::ServiceDeployment> known;
  const auto listed =
      context.optional.call(aws::ListServiceDeployments,
                            {.service = service,
                             .cluster = context.cluster,
                             .status = {},
                             .createdAt = std::nullopt,
                             .nextToken = {},
                             .maxResults = static_cast<int>(kServiceDeploymentsPerCall)},
                            "what its deploymentConfiguration was before the release is not known");
  if (!listed) return known;
  std::vector<std::string> arns;
  for (const auto& brief : listed->serviceDeployments) arns.push_back(brief.serviceDeploymentArn);
  for (Result<aws::ServiceDeployment>& seen : describe_service_deployments(context.ecs, arns))
    if (seen) known.push_back(std::move(*seen));
  return known;
}

std::optional<EcsLeftover> find_leftover(Context& context, const ServiceSnapshot& service,
                                         const std::optional<std::filesystem::path>& journals) {
  if (journals)
    for (const std::filesystem::path& file : recent_journals(*journals)) {
      const Result<std::vector<Event>> journal = Journal::read(file);
      if (!journal) continue;  // of another version, or damaged: the others still tell
      if (last_update(*journal, service.serviceName) == nullptr) continue;
      if (std::optional<EcsLeftover> left = left_by(*journal, context.cluster, service))
        return left;
      break;  // what older runs have left is this one's to know
    }
  if (!has_pauses_of_ours(service.deploymentConfiguration)) return std::nullopt;
  if (std::optional<EcsLeftover> left =
          left_since(service_deployments_of(context, service.serviceName), service))
    return left;
  return left_in(service);
}

// The members that a release sends; the others are not its business.
Json of_a_release(const Json& deploymentConfiguration) {
  JsonObject members;
  for (const char* name : {"strategy", "bakeTimeInMinutes", "lifecycleHooks", "alarms",
                           "linearConfiguration", "canaryConfiguration"})
    if (const Json* const value = find(deploymentConfiguration, name)) members[name] = *value;
  return Json(std::move(members));
}

}  // namespace

std::optional<EcsLeftover> left_since(std::vector<aws::ServiceDeployment> deployments,
                                      const ServiceSnapshot& service) {
  if (!has_pauses_of_ours(service.deploymentConfiguration)) return std::nullopt;
  std::ranges::sort(deployments, std::greater{}, &aws::ServiceDeployment::createdAt);
  for (const aws::ServiceDeployment& deployment : deployments) {
    if (!deployment.deploymentConfiguration) continue;
    const Json before = to_json(aws::ref(*deployment.deploymentConfiguration));
    if (has_pauses_of_ours(before)) continue;
    return EcsLeftover{
        .put_back =
            ecs_configuration_afterwards(before, of_a_release(service.deploymentConfiguration)),
        .service_deployment = std::string(last_segment(deployment.serviceDeploymentArn))};
  }
  return std::nullopt;
}

std::optional<EcsLeftover> left_by(const std::vector<Event>& journal, const std::string& cluster,
                                   const ServiceSnapshot& service) {
  const Json* shift = nullptr;
  for (const Event& event : journal) {
    if (const auto* started = std::get_if<RunStarted>(&event.body)) {
      if (last_segment(started->cluster) != last_segment(cluster)) return std::nullopt;
    } else if (const auto* made = std::get_if<PlanMade>(&event.body)) {
      if (const Json* action = shift_of(made->plan, service.serviceName)) shift = action;
    }
  }
  // One that says nothing of a new deployment has put it back already.
  const Json* const update = last_update(journal, service.serviceName);
  if (shift == nullptr || update == nullptr ||
      (find(*update, "taskDefinition") == nullptr &&
       find(*update, "forceNewDeployment") == nullptr))
    return std::nullopt;
  const Json* const sent = find(*shift, "deploymentConfiguration");
  const Json* const before = find(*shift, "afterwards");
  if (sent == nullptr || before == nullptr ||
      !is_what_was_sent(service.deploymentConfiguration, *sent))
    return std::nullopt;
  return EcsLeftover{.put_back = *before, .is_recorded = true};
}

std::optional<EcsLeftover> left_in(const ServiceSnapshot& service) {
  if (!has_pauses_of_ours(service.deploymentConfiguration)) return std::nullopt;
  const Json rest = without_pauses_of_ours(service.deploymentConfiguration);
  return EcsLeftover{.put_back = JsonObject{{"lifecycleHooks", rest.at("lifecycleHooks")}}};
}

bool put_back_leftovers(Context& context, const Subject& subject, const ServiceSnapshot& service,
                        const std::optional<std::filesystem::path>& journals) {
  if (!is_at_rest(service)) return false;
  const std::optional<EcsLeftover> left = find_leftover(context, service, journals);
  if (!left) return false;
  const Result<void> done =
      set_deployment_configuration(context, {.subject = subject}, subject.item, left->put_back);
  if (!done) {
    context.events.say(
        subject, Note{NoteLevel::kWarning,
                      fmt::format("service {} keeps the deploymentConfiguration of a release: {}",
                                  subject.item, done.error().message)});
    return false;
  }
  if (!left->service_deployment.empty()) {
    context.events.say(
        subject, Note{NoteLevel::kInfo,
                      fmt::format("its deploymentConfiguration is again what service deployment {} "
                                  "went by, the last one before a release left its pauses there",
                                  left->service_deployment)});
    return true;
  }
  context.events.say(
      subject,
      left->is_recorded
          ? Note{NoteLevel::kInfo,
                 "its deploymentConfiguration is again what it was before that release"}
          : Note{
                NoteLevel::kWarning,
                fmt::format("the pause hooks of a release are taken away; strategy {} stays, since "
                            "neither this machine nor ECS says what was there before",
                            string_or_empty(service.deploymentConfiguration, "strategy"))});
  return true;
}

Result<void> set_deployment_configuration(Context& context, const Change& change,
                                          const std::string& service, const Json& configuration) {
  TRY(auto typed, deployment_configuration(configuration));
  const aws::UpdateServiceRequest request{
      .cluster = context.cluster, .service = service, .deploymentConfiguration = std::move(typed)};
  TRY_VOID(call_announced(context, change, aws::UpdateService, request));
  return {};
}

}  // namespace slipway
