#include "execute/observe.h"

#include "aws/ecs.h"
#include "aws/last_answer.h"
#include "execute/code_deploy_group.h"
#include "execute/traffic_look.h"
#include "execute/triggers.h"
#include "plan/canary_pair.h"
#include "plan/plan.h"
#include "plan/schedules.h"
#include "plan/service_target.h"

#include <algorithm>
#include <set>
#include <utility>

namespace slipway {
namespace {

// Enough to be quick, few enough to share a handful of connections.
constexpr std::size_t kAtOnce = 16;

Error service_missing(const std::string& name, const std::string& cluster) {
  return Error{
      ErrorKind::kNotFound, "service.missing",
      "service " + last_segment(name) + " does not exist in cluster " + last_segment(cluster)};
}

bool is_named(const aws::Service& service, const std::string& name) {
  return service.serviceArn == name || service.serviceName == name ||
         service.serviceName == last_segment(name);
}

// Whether the call failed for what one of its names is, and the others deserve their own.
bool may_be_one_name(const Error& error) {
  if (error.code == "ClusterNotFoundException") return false;
  return error.kind == ErrorKind::kInvalid || aws::is_access_denied(error);
}

// One for each of the names, in their order.
std::vector<Result<ServiceLook>> looks_of(const aws::DescribeServicesResponse& reply,
                                          const std::string& cluster,
                                          std::span<const std::string> names) {
  std::vector<Result<ServiceLook>> looks;
  for (const std::string& name : names) {
    // ECS answers an unknown service with 200 and an entry of `failures`.
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
    const auto found = std::ranges::find_if(
        reply.services, [&](const aws::Service& service) { return is_named(service, name); });
    if (found == reply.services.end())
      looks.emplace_back(service_missing(name, cluster));
    else
      looks.emplace_back(look_of(*found));
  }
  return looks;
}

// What planning regards as a service: one that can be updated.
Result<ServiceSnapshot> as_snapshot(const Result<ServiceLook>& look, const std::string& name) {
  if (!look) return look.error();
  if (look->service.status != "ACTIVE")
    return Error{ErrorKind::kNotFound, "service.not-active",
                 "service " + last_segment(name) + " is " + look->service.status};
  return look->service;
}

// Where the traffic of pairs goes, of those whose two services were looked at.
void observe_pairs(Context& context, const Release& release,
                   const std::map<std::string, const Result<ServiceLook>*>& seen,
                   Snapshot& snapshot) {
  Group lookups(context.runtime.fibers, kAtOnce);
  for (const ServiceRelease& wanted : release.services) {
    const std::optional<TrafficPair> pair = pair_of(wanted);
    if (!pair) continue;
    const auto blue = seen.find(pair->blue.service);
    const auto green = seen.find(pair->green.service);
    if (blue == seen.end() || green == seen.end()) continue;
    lookups.spawn("read weights", [&context, &snapshot, &wanted, blue, green] {
      const Subject subject{
          .stage = StageKind::kServices, .kind = ItemKind::kService, .item = wanted.name};
      snapshot.traffic.emplace(wanted.name,
                               look_at_traffic(context, subject, std::get<Canary>(wanted.strategy),
                                               *blue->second, *green->second));
    });
  }
  lookups.join();
}

// The deployment groups of the services whose traffic CodeDeploy moves.
void observe_deployment_groups(Context& context, const Release& release,
                               const std::map<std::string, const Result<ServiceLook>*>& seen,
                               Snapshot& snapshot) {
  Group lookups(context.runtime.fibers, kAtOnce);
  for (const ServiceRelease& wanted : release.services) {
    const auto found = seen.find(wanted.name);
    if (!is_by_code_deploy(wanted) || found == seen.end() || !*found->second) continue;
    lookups.spawn("read a deployment group", [&context, &snapshot, &wanted, found] {
      const Canary& canary = std::get<Canary>(wanted.strategy);
      snapshot.deployment_groups.emplace(
          wanted.name, look_at_deployment_group(context, std::get<CodeDeployMover>(canary.mover),
                                                canary, **found->second));
    });
  }
  lookups.join();
}

}  // namespace

std::vector<Result<ServiceLook>> describe_services(aws::Client& ecs, const std::string& cluster,
                                                   std::span<const std::string> names) {
  return RepeatedLooks().describe(ecs, cluster, names);
}

Result<ServiceLook> describe_service(aws::Client& ecs, const std::string& cluster,
                                     const std::string& name) {
  return std::move(describe_services(ecs, cluster, std::span(&name, 1)).front());
}

std::vector<Result<ServiceLook>> RepeatedLooks::describe(aws::Client& ecs,
                                                         const std::string& cluster,
                                                         std::span<const std::string> names) {
  if (names.empty()) return {};
  // Taken out while we wait: somebody else may ask for the same services meanwhile.
  Seen seen = std::exchange(seen_[names.front()], {});
  if (!std::ranges::equal(seen.names, names)) seen = {};
  const aws::DescribeServicesRequest request{.cluster = cluster,
                                             .services = {names.begin(), names.end()}};
  aws::DescribeServicesResponse reply;
  aws::LastAnswer last{.answer = aws::ref(reply), .body = std::move(seen.answer)};
  const Result<void> called =
      ecs.call_untyped(aws::DescribeServices.facts(request), aws::ref(request), aws::ref(last));
  if (!called) return std::vector<Result<ServiceLook>>(names.size(), called.error());
  if (!last.is_same) {
    seen.names = request.services;
    seen.looks = looks_of(reply, cluster, names);
  }
  seen.answer = std::move(last.body);
  const Seen& kept = seen_[names.front()] = std::move(seen);
  return kept.looks;
}

std::vector<Result<TaskLook>> describe_tasks(aws::Client& ecs, const std::string& cluster,
                                             std::span<const std::string> arns) {
  const Result<aws::DescribeTasksResponse> reply =
      ecs.call(aws::DescribeTasks, {.cluster = cluster, .tasks = {arns.begin(), arns.end()}});
  std::vector<Result<TaskLook>> looks;
  for (const std::string& arn : arns) {
    if (!reply) {
      looks.emplace_back(reply.error());
      continue;
    }
    const std::string id = last_segment(arn);
    const auto found = std::ranges::find_if(
        reply->tasks, [&](const aws::Task& task) { return last_segment(task.taskArn) == id; });
    if (found == reply->tasks.end())
      looks.emplace_back(
          Error{ErrorKind::kNotFound, "task.missing", "ECS does not know task " + id});
    else
      looks.emplace_back(look_of(*found));
  }
  return looks;
}

std::vector<Result<ServiceLook>> look_at_services(Context& context,
                                                  std::span<const std::string> names) {
  const Error not_looked{ErrorKind::kInternal, "observe.not-looked", "nobody looked"};
  std::vector<Result<ServiceLook>> looks(names.size(), not_looked);
  Group calls(context.runtime.fibers, kAtOnce);
  for (std::size_t first = 0; first < names.size(); first += kServicesPerCall) {
    calls.spawn("describe services", [&, first] {
      const auto chunk = names.subspan(first, std::min(kServicesPerCall, names.size() - first));
      std::vector<Result<ServiceLook>> seen =
          describe_services(context.ecs, context.cluster, chunk);
      const bool one_by_one =
          chunk.size() > 1 && !seen.front() && may_be_one_name(seen.front().error());
      for (std::size_t i = 0; i < chunk.size(); ++i)
        looks[first + i] = one_by_one ? describe_service(context.ecs, context.cluster, chunk[i])
                                      : std::move(seen[i]);
    });
  }
  calls.join();
  return looks;
}

Result<TaskDefinitionSnapshot> look_at_task_definition(Context& context,
                                                       const std::string& reference) {
  TRY(auto reply,
      context.ecs
          .call(aws::DescribeTaskDefinition, {.taskDefinition = reference, .include = {"TAGS"}})
          .context("looking up task definition " + family_revision_of(reference)));
  return snapshot_of(std::move(reply.taskDefinition), std::move(reply.tags));
}

Snapshot observe(Context& context, const Release& release, std::optional<StageKind> stage) {
  Snapshot snapshot{.taken_at = context.clock().now()};
  std::vector<std::string> services;
  std::set<std::string> references;
  std::vector<Trigger> triggers;
  for (const StageKind kind : kStagesInOrder) {
    if (stage && *stage != kind) continue;
    Needed needed = needed_for(release, kind);
    services.insert(services.end(), needed.services.begin(), needed.services.end());
    references.insert(needed.task_definitions.begin(), needed.task_definitions.end());
    std::ranges::move(needed.triggers, std::back_inserter(triggers));
  }

  Group lookups(context.runtime.fibers, kAtOnce);
  const auto look_up = [&](const std::string& reference) {
    lookups.spawn("describe task definition", [&, reference] {
      snapshot.task_definitions.emplace(reference, look_at_task_definition(context, reference));
    });
  };
  for (const std::string& reference : references) look_up(reference);
  // Only a trigger's own targets say which revisions they run.
  for (const Trigger& trigger : triggers) {
    lookups.spawn("read targets", [&, trigger] {
      const auto [seen, is_new] =
          snapshot.triggers.insert_or_assign(to_string(trigger), look_at_trigger(context, trigger));
      if (!is_new || !seen->second) return;
      for (const ScheduleRelease& wanted : release.schedules)
        if (wanted.trigger == trigger)
          for (const std::string& reference : references_of_trigger(wanted, *seen->second))
            if (references.insert(reference).second) look_up(reference);
    });
  }

  const std::vector<Result<ServiceLook>> looks = look_at_services(context, services);
  for (std::size_t i = 0; i < services.size(); ++i)
    snapshot.services.emplace(services[i], as_snapshot(looks[i], services[i]));

  // The services have answered, and only they know which revisions are in use.
  if (!services.empty()) {
    std::map<std::string, const Result<ServiceLook>*> seen;
    for (std::size_t i = 0; i < services.size(); ++i) seen.emplace(services[i], &looks[i]);
    observe_pairs(context, release, seen, snapshot);
    observe_deployment_groups(context, release, seen, snapshot);
    for (const ServiceRelease& wanted : release.services) {
      const std::optional<ServiceSnapshot> service = served_by(wanted, snapshot);
      const bool is_planned = is_pair(wanted) || is_by_code_deploy(wanted);
      if (!service || (service->deploymentController != "ECS" && !is_planned)) continue;
      for (const std::string& reference : references_of_service(wanted, *service))
        if (references.insert(reference).second) look_up(reference);
    }
  }
  lookups.join();
  return snapshot;
}

}  // namespace slipway
