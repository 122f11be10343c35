// The 90-day history: service deployments and the service revisions they lead from and to.
#include "sim/deployments.h"
#include "sim/images.h"
#include "sim/lifecycle_hooks.h"
#include "sim/operations.h"
#include "sim/scheduler.h"
#include "sim/services.h"
#include "sim/times.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim::ecs {
namespace {

// "arn:…:service-deployment/CLUSTER/SERVICE/ID" belongs to CLUSTER's SERVICE.
Service* service_of(Region& region, std::string_view arn) {
  const auto resource = arn.find_last_of(':');
  if (resource == std::string_view::npos) return nullptr;
  std::string_view rest = arn.substr(resource + 1);
  std::vector<std::string_view> parts;
  while (true) {
    const auto slash = rest.find('/');
    parts.push_back(rest.substr(0, slash));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  if (parts.size() != 4) return nullptr;
  Cluster* cluster = find_cluster(region, parts[1]);
  return cluster == nullptr ? nullptr : find_service(*cluster, parts[2]);
}

ServiceDeployment* find_record(Region& region, std::string_view arn) {
  Service* service = service_of(region, arn);
  if (service == nullptr) return nullptr;
  const auto found = std::find_if(service->history.begin(), service->history.end(),
                                  [&](const auto& record) { return record->arn == arn; });
  return found == service->history.end() ? nullptr : found->get();
}

const Deployment* deployment_of(const Service& service, const ServiceRevision& revision) {
  for (const auto& deployment : service.deployments)
    if (deployment->revision.get() == &revision) return deployment.get();
  return nullptr;
}

// How much of a revision runs now, and how much of the traffic it is to have.
void write_revision_summary(JsonWriter& json, const ServiceDeployment& record,
                            const ServiceRevision& revision) {
  const Service& service = *record.service;
  const Deployment* deployment = deployment_of(service, revision);
  TaskCounts counts;
  if (deployment != nullptr) counts = count_tasks(service, deployment);
  const bool is_primary = deployment != nullptr && deployment == service.primary();
  json.begin_object()
      .member("arn", revision.arn)
      .member("requestedTaskCount", is_primary ? service.desiredCount : counts.live)
      .member("runningTaskCount", counts.running)
      .member("pendingTaskCount", counts.pending);
  if (record.lifecycleStage) {
    // All that is not the target's is with the one source that serves.
    const bool is_target = &revision == record.target.get();
    const auto share = [&](double of_target) {
      if (is_target) return of_target;
      return record.sources.size() == 1 ? 100 - of_target : 0.0;
    };
    json.member("requestedTestTrafficWeight", share(record.requestedTestTrafficWeight))
        .member("requestedProductionTrafficWeight", share(record.requestedProductionTrafficWeight));
  }
  json.end_object();
}

void write_hooks(JsonWriter& json, const std::vector<HookRun>& hooks) {
  json.key("lifecycleHookDetails").begin_array();
  for (const HookRun& run : hooks) {
    json.begin_object()
        .member("hookId", run.hookId)
        .member("targetType", run.hook.is_pause ? "PAUSE" : "AWS_LAMBDA");
    if (!run.hook.is_pause) json.member("targetArn", run.hook.hookTargetArn);
    json.member("status", run.status);
    if (run.expiresAt)
      json.member("expiresAt", *run.expiresAt)
          .member("timeoutAction", run.hook.continues_after_timeout ? "CONTINUE" : "ROLLBACK");
    json.end_object();
  }
  json.end_array();
}

void write_record(JsonWriter& json, const ServiceDeployment& record) {
  const Service& service = *record.service;
  json.begin_object()
      .member("serviceDeploymentArn", record.arn)
      .member("serviceArn", service.arn)
      .member("clusterArn", service.cluster->arn)
      .member("createdAt", record.createdAt);
  if (record.startedAt) json.member("startedAt", *record.startedAt);
  if (record.finishedAt) json.member("finishedAt", *record.finishedAt);
  if (record.stoppedAt) json.member("stoppedAt", *record.stoppedAt);
  json.member("updatedAt", record.updatedAt).key("sourceServiceRevisions").begin_array();
  for (const auto& source : record.sources) write_revision_summary(json, record, *source);
  json.end_array().key("targetServiceRevision");
  write_revision_summary(json, record, *record.target);
  json.member("status", to_string(record.status));
  if (!record.statusReason.empty()) json.member("statusReason", record.statusReason);
  if (record.lifecycleStage) {
    json.member("lifecycleStage", to_string(*record.lifecycleStage));
    write_hooks(json, record.hooks);
  }
  json.raw_member("deploymentConfiguration", record.deploymentConfiguration.text());
  if (record.rollback)
    json.key("rollback")
        .begin_object()
        .member("reason", record.rollback->reason)
        .member("startedAt", record.rollback->startedAt)
        .member("serviceRevisionArn", record.rollback->to->arn)
        .end_object();
  json.key("deploymentCircuitBreaker")
      .begin_object()
      .member("status", to_string(record.breaker))
      .member("failureCount", record.failureCount)
      .member("threshold", record.threshold)
      .end_object();
  const Json* alarms = find(record.deploymentConfiguration.json(), "alarms");
  if (alarms != nullptr) {
    json.key("alarms").begin_object().member("status", to_string(record.alarms));
    json.key("alarmNames").begin_array();
    for (const std::string& name : strings(*alarms, "alarmNames")) json.value(name);
    json.end_array().key("triggeredAlarmNames").begin_array();
    for (const std::string& name : record.triggeredAlarmNames) json.value(name);
    json.end_array().end_object();
  }
  json.end_object();
}

void write_brief(JsonWriter& json, const ServiceDeployment& record) {
  json.begin_object()
      .member("serviceDeploymentArn", record.arn)
      .member("serviceArn", record.service->arn)
      .member("clusterArn", record.service->cluster->arn);
  if (record.startedAt) json.member("startedAt", *record.startedAt);
  json.member("createdAt", record.createdAt);
  if (record.finishedAt) json.member("finishedAt", *record.finishedAt);
  json.member("targetServiceRevisionArn", record.target->arn)
      .member("status", to_string(record.status));
  if (!record.statusReason.empty()) json.member("statusReason", record.statusReason);
  json.end_object();
}

void write_revision(JsonWriter& json, const Service& service, const ServiceRevision& revision) {
  const Workload& workload = revision.workload;
  json.begin_object()
      .member("serviceRevisionArn", revision.arn)
      .member("serviceArn", service.arn)
      .member("clusterArn", service.cluster->arn)
      .member("taskDefinition", workload.definition->arn);
  if (workload.capacityProviderStrategy.empty()) {
    json.member("launchType", workload.launchType);
  } else {
    json.key("capacityProviderStrategy");
    write_strategy(json, workload.capacityProviderStrategy);
  }
  write_platform(json, workload);
  const auto write_list = [&](std::string_view member, const Document& list) {
    json.raw_member(member, list.empty() ? "[]" : list.text());
  };
  write_list("loadBalancers", workload.loadBalancers);
  write_list("serviceRegistries", workload.serviceRegistries);
  if (!workload.networkConfiguration.empty())
    json.raw_member("networkConfiguration", workload.networkConfiguration.text());
  json.key("containerImages").begin_array();
  for (const ContainerDefinition& container : workload.definition->containers)
    json.begin_object()
        .member("containerName", container.name)
        .member("imageDigest", digest_of(container.image))
        .member("image", container.image)
        .end_object();
  json.end_array().member("guardDutyEnabled", false);
  if (!workload.serviceConnectConfiguration.empty())
    json.raw_member("serviceConnectConfiguration", workload.serviceConnectConfiguration.text());
  write_list("volumeConfigurations", workload.volumeConfigurations);
  write_list("vpcLatticeConfigurations", workload.vpcLatticeConfigurations);
  json.member("createdAt", revision.createdAt);
  if (!workload.load_balancers.empty()) {
    json.key("resolvedConfiguration").begin_object().key("loadBalancers").begin_array();
    for (const LoadBalancer& balancer : workload.load_balancers) {
      json.begin_object().member("targetGroupArn", balancer.targetGroupArn);
      if (balancer.advancedConfiguration &&
          !balancer.advancedConfiguration->productionListenerRule.empty())
        json.member("productionListenerRule",
                    balancer.advancedConfiguration->productionListenerRule);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_object();
}

ServiceError no_such_deployment() {
  return {400, "ServiceDeploymentNotFoundException", "The service deployment does not exist.", {}};
}

}  // namespace

Reply ListServiceDeployments(const Call& call) {
  TRY(Cluster * cluster, find_cluster(call));
  TRY(Service * service, find_service(call, *cluster));
  const std::vector<std::string> statuses = strings(call.input, "status");
  std::optional<TimePoint> after, before;
  if (const Json* created = find(call.input, "createdAt")) {
    after = find_time(*created, "after");
    before = find_time(*created, "before");
  }
  std::vector<ListItem> items;
  std::vector<std::string> written;
  written.reserve(service->history.size());
  for (std::size_t i = service->history.size(); i-- > 0;) {
    const ServiceDeployment& record = *service->history[i];
    if (!statuses.empty() &&
        std::find(statuses.begin(), statuses.end(), to_string(record.status)) == statuses.end())
      continue;
    if ((after && record.createdAt <= *after) || (before && record.createdAt >= *before)) continue;
    JsonWriter json;
    write_brief(json, record);
    written.push_back(std::move(json).text());
    items.push_back({serial_key(record.serial), written.back()});
  }
  return list_page(call.input, items,
                   {.member = "serviceDeployments", .default_results = 20, .shown_is_json = true});
}

Reply DescribeServiceDeployments(const Call& call) {
  constexpr std::size_t kMost = 20;
  const std::vector<std::string> arns = strings(call.input, "serviceDeploymentArns");
  if (arns.empty() || arns.size() > kMost)
    return invalid_parameter("serviceDeploymentArns must have 1 to 20 items.");
  std::vector<ApiFailure> failures;
  JsonWriter json;
  json.begin_object().key("serviceDeployments").begin_array();
  for (const std::string& arn : arns) {
    if (const ServiceDeployment* record = find_record(call.region, arn))
      write_record(json, *record);
    else
      failures.push_back({arn, "MISSING", ""});
  }
  return list_with_failures(std::move(json), failures);
}

Reply DescribeServiceRevisions(const Call& call) {
  constexpr std::size_t kMost = 20;
  const std::vector<std::string> arns = strings(call.input, "serviceRevisionArns");
  if (arns.empty() || arns.size() > kMost)
    return invalid_parameter("serviceRevisionArns must have 1 to 20 items.");
  std::vector<ApiFailure> failures;
  JsonWriter json;
  json.begin_object().key("serviceRevisions").begin_array();
  for (const std::string& arn : arns) {
    const Service* service = service_of(call.region, arn);
    const ServiceRevision* found = nullptr;
    if (service != nullptr)
      for (const auto& revision : service->revisions)
        if (revision->arn == arn) found = revision.get();
    if (found != nullptr)
      write_revision(json, *service, *found);
    else
      failures.push_back({arn, "MISSING", ""});
  }
  return list_with_failures(std::move(json), failures);
}

Reply StopServiceDeployment(const Call& call) {
  ServiceDeployment* record =
      find_record(call.region, string_or_empty(call.input, "serviceDeploymentArn"));
  if (record == nullptr) return no_such_deployment();
  const std::string_view type = string_or_empty(call.input, "stopType");
  if (!type.empty() && type != "ROLLBACK")
    return invalid_parameter("The only valid stopType is ROLLBACK.");
  if (is_over(record->status))
    return ServiceError{400,
                        "ConflictException",
                        fmt::format("The service deployment is already in the terminal state {}.",
                                    to_string(record->status)),
                        {}};
  if (record->status == ServiceDeploymentStatus::kPending ||
      record->status == ServiceDeploymentStatus::kInProgress) {
    record->status = ServiceDeploymentStatus::kRollbackRequested;
    record->updatedAt = call.region.now;
    wake(call.region, *record->service);
  }
  JsonWriter json;
  json.begin_object().member("serviceDeploymentArn", record->arn).end_object();
  return JsonText{std::move(json).text()};
}

Reply ContinueServiceDeployment(const Call& call) {
  ServiceDeployment* record =
      find_record(call.region, string_or_empty(call.input, "serviceDeploymentArn"));
  if (record == nullptr) return no_such_deployment();
  const std::string_view hook = string_or_empty(call.input, "hookId");
  if (!hook.starts_with("ecs-") || hook.find('-', 4) == std::string_view::npos)
    return invalid_parameter("Invalid hookId: hookId must follow the format: ecs-{hookType}-{id}");
  if (is_over(record->status))
    return invalid_parameter(
        "Continuing a service deployment is not allowed for service deployment in terminal "
        "states.");
  HookRun* run = awaiting_hook(*record, hook);
  if (run == nullptr)
    return invalid_parameter(
        "Provided hookId is either completed, unavailable, or not associated with the given "
        "Resource ARN");
  run->status = string_or_empty(call.input, "action") == "ROLLBACK" ? "FAILED" : "SUCCEEDED";
  record->updatedAt = call.region.now;
  wake(call.region, *record->service);
  JsonWriter json;
  json.begin_object().member("serviceDeploymentArn", record->arn).end_object();
  return JsonText{std::move(json).text()};
}

}  // namespace slipway::sim::ecs
