#include "execute/task_sets.h"

#include "base/text.h"
#include "execute/observe.h"
#include "execute/requests.h"
#include "execute/target_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view kDraining = "DRAINING";
constexpr std::string_view kSteady = "STEADY_STATE";

aws::Scale percent_of(double percent) { return {.value = percent, .unit = "PERCENT"}; }

// Calls that give the same state when they are made twice.
template <class Operation, class Request>
Result<void> send(Context& context, const Change& change, const Operation& operation,
                  const Request& request, const std::string& doing) {
  TRY_VOID(call_announced(context, change, operation, request).context(doing));
  return {};
}

Result<aws::TaskSet> find_lost_task_set(Context& context,
                                        const aws::CreateTaskSetRequest& request) {
  for (const Duration pause : {1s, 2s, 4s, 8s}) {
    TRY_VOID(context.clock().sleep_for(pause));
    const Result<ServiceLook> look =
        describe_service(context.ecs, context.cluster, request.service);
    if (!look && called_off(look.error())) return look.error();
    if (!look) continue;
    const auto found =
        std::ranges::find(look->task_sets, request.externalId, &aws::TaskSet::externalId);
    if (found != look->task_sets.end()) return *found;
  }
  return Error{ErrorKind::kNotFound, "task-set.missing",
               "service " + request.service + " has no task set " + request.externalId};
}

}  // namespace

// ---- Which it is -------------------------------------------------------------------------------

std::vector<std::string> target_groups_of(const aws::TaskSet& set) {
  std::vector<std::string> groups;
  if (const JsonArray* balancers = set.loadBalancers.if_array())
    for (const Json& balancer : *balancers)
      if (const std::string_view group = string_or_empty(balancer, "targetGroupArn");
          !group.empty())
        groups.emplace_back(group);
  return groups;
}

std::vector<const aws::TaskSet*> task_sets_of(const ServiceLook& look, const TrafficSide& side) {
  std::vector<const aws::TaskSet*> found;
  for (const aws::TaskSet& set : look.task_sets) {
    const std::vector<std::string> groups = target_groups_of(set);
    if (set.status != kDraining && std::ranges::find(groups, side.target_group) != groups.end())
      found.push_back(&set);
  }
  std::ranges::stable_sort(found, std::greater{}, &aws::TaskSet::createdAt);
  return found;
}

const aws::TaskSet* find_task_set(const ServiceLook& look, const TrafficSide& side) {
  const std::vector<const aws::TaskSet*> found = task_sets_of(look, side);
  return found.empty() ? nullptr : found.front();
}

const aws::TaskSet* find_task_set(const ServiceLook& look, const std::string& arn) {
  const auto found = std::ranges::find_if(look.task_sets, [&](const aws::TaskSet& set) {
    return set.taskSetArn == arn && set.status != kDraining;
  });
  return found == look.task_sets.end() ? nullptr : &*found;
}

std::optional<Error> objection(const ServiceLook& look, const TrafficSide& side) {
  std::vector<std::string> names;
  for (const aws::TaskSet* set : task_sets_of(look, side))
    if (set->computedDesiredCount > 0 || set->runningCount > 0)
      names.push_back(fmt::format("{} ({})", set->id, family_revision_of(set->taskDefinition)));
  if (names.size() < 2) return std::nullopt;
  return Error{
      ErrorKind::kConflict, "traffic.two-task-sets",
      fmt::format("task sets {} of service {} have tasks in the same target group {}: "
                  "delete all but one of them",
                  join(names, " and "), side.service, target_group_name(side.target_group))};
}

aws::CreateTaskSetRequest like(const aws::TaskSet& model, const TrafficSide& side,
                               const std::string& definition) {
  aws::CreateTaskSetRequest request{.service = side.service,
                                    .cluster = {},
                                    .externalId = {},
                                    .taskDefinition = definition,
                                    .networkConfiguration = model.networkConfiguration,
                                    .loadBalancers = model.loadBalancers,
                                    .serviceRegistries = model.serviceRegistries,
                                    .launchType = model.launchType,
                                    .capacityProviderStrategy = model.capacityProviderStrategy,
                                    .platformVersion = model.platformVersion,
                                    .scale = model.scale,
                                    .clientToken = {},
                                    .tags = {}};
  if (JsonArray* balancers = request.loadBalancers.if_array())
    for (Json& balancer : *balancers)
      if (JsonObject* object = balancer.if_object())
        (*object)["targetGroupArn"] = side.target_group;
  // An empty list is how AWS says "none", and what it refuses when it is sent back.
  for (Json* list : {&request.serviceRegistries, &request.capacityProviderStrategy})
    if (list->is_array() && list->get_array().empty()) *list = nullptr;
  // The two exclude each other, and ECS may answer with both.
  if (!request.capacityProviderStrategy.is_null()) request.launchType.clear();
  return request;
}

std::optional<Verdict> judge(TaskSetWatch& watch, const Result<ServiceLook>& seen, TimePoint now) {
  const std::string name = to_string(watch.side);
  const auto time_is_up = [&](std::string how) -> std::optional<Verdict> {
    if (now - watch.since < watch.max_wait) return std::nullopt;
    return failure(Outcome::kTimedOut, ErrorKind::kTimeout, "task-set.timeout",
                   fmt::format("{} is not in a steady state after {}{}", name,
                               to_string(watch.max_wait), how));
  };
  if (!seen) {
    if (seen.error().kind == ErrorKind::kNotFound || ++watch.failed_looks > kFailedLooksTolerated)
      return verdict_of_error(seen.error(), Outcome::kFailed);
    return time_is_up("");
  }
  watch.failed_looks = 0;
  const aws::TaskSet* const set = find_task_set(*seen, watch.task_set);
  if (set == nullptr) {
    if (now - watch.since < kStaleReads) return std::nullopt;
    return failure(Outcome::kSuperseded, ErrorKind::kConflict, "task-set.deleted",
                   fmt::format("somebody else has deleted task set {} of {}",
                               last_segment(watch.task_set), name));
  }
  // Its counts may be those of an earlier scale, and steady at that.
  const bool has_been_scaled = set->scale.value.value_or(0) == watch.scale;
  if (has_been_scaled && set->stabilityStatus == kSteady && set->pendingCount == 0 &&
      set->runningCount == set->computedDesiredCount)
    return Verdict{};
  return time_is_up(
      fmt::format(": {} of {} tasks run", set->runningCount, set->computedDesiredCount));
}

// ---- Changing them -----------------------------------------------------------------------------

Result<aws::TaskSet> create_task_set(Context& context, const Change& change,
                                     const aws::CreateTaskSetRequest& request) {
  Result<aws::CreateTaskSetResponse> reply =
      call_announced(context, change, aws::CreateTaskSet, request);
  if (reply) return std::move(reply->taskSet);
  Error lost = std::move(reply.error());
  lost.context.push_back("creating a task set of service " + request.service);
  if (!aws::is_reply_lost(lost)) return lost;
  context.events.say(
      change.subject,
      Note{NoteLevel::kWarning, "no answer to ecs:CreateTaskSet; looking whether it was created"});
  Result<aws::TaskSet> found = find_lost_task_set(context, request);
  if (found || called_off(found.error())) return found;
  return lost;
}

Result<void> scale_task_set(Context& context, const Change& change, const TrafficSide& side,
                            const std::string& task_set, double percent) {
  return send(context, change, aws::UpdateTaskSet,
              aws::UpdateTaskSetRequest{.cluster = context.cluster,
                                        .service = side.service,
                                        .taskSet = task_set,
                                        .scale = percent_of(percent)},
              "scaling " + to_string(side));
}

Result<void> make_primary(Context& context, const Change& change, const TrafficSide& side,
                          const std::string& task_set) {
  return send(context, change, aws::UpdateServicePrimaryTaskSet,
              aws::UpdateServicePrimaryTaskSetRequest{
                  .cluster = context.cluster, .service = side.service, .primaryTaskSet = task_set},
              "making " + to_string(side) + " the primary task set");
}

Result<void> delete_task_set(Context& context, const Change& change, const TrafficSide& side,
                             const std::string& task_set) {
  Result<void> done = send(
      context, change, aws::DeleteTaskSet,
      aws::DeleteTaskSetRequest{
          .cluster = context.cluster, .service = side.service, .taskSet = task_set, .force = true},
      "deleting task set " + last_segment(task_set) + " of " + to_string(side));
  if (!done && done.error().code == "TaskSetNotFoundException") return {};
  return done;
}

}  // namespace slipway
