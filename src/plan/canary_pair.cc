#include "plan/canary_pair.h"

#include "base/text.h"
#include "plan/service_target.h"
#include "plan/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

const Canary& canary_of(const ServiceRelease& wanted) { return std::get<Canary>(wanted.strategy); }

bool is_deployed_later(const TrafficEnd& a, const TrafficEnd& b) {
  return a.deployed_at.value_or(TimePoint{}) > b.deployed_at.value_or(TimePoint{});
}

std::string group_name(const std::string& arn) {
  return last_segment(arn.substr(0, arn.rfind('/')));
}

// A service that registers its tasks somewhere else would be up and never get a request.
std::optional<Error> wrong_target_group(const TrafficEnd& end) {
  if (end.side.is_task_set) return std::nullopt;
  const std::string& wanted = end.side.target_group;
  if (wanted.empty() || std::ranges::find(end.target_groups, wanted) != end.target_groups.end())
    return std::nullopt;
  return Error{
      ErrorKind::kInvalid, "traffic.target-group",
      fmt::format("service {} registers no task in target group {}{}", end.side.service,
                  group_name(wanted),
                  end.target_groups.empty() ? ": it has no load balancer"
                                            : "; its own is " + join(end.target_groups, ", "))};
}

// Whether the two sides can be what the file says they are.
std::optional<Error> wrong_controller(const TrafficEnd& end, const ServiceSnapshot& service) {
  const std::string& controller = service.deploymentController;
  if (!end.side.is_task_set)
    return controller == "ECS" ? std::nullopt : std::optional(foreign_controller(service));
  if (controller == "EXTERNAL") return std::nullopt;
  return Error{ErrorKind::kInvalid, "service.deployment-controller",
               fmt::format("service {} is deployed by {}, and only the controller EXTERNAL leaves "
                           "its task sets to others: name a service for each side",
                           end.side.service, controller == "ECS" ? "ECS itself" : controller)};
}

// Of task sets: the one that has the traffic has to be there, to be the one that the service
// speaks for, and to be in one target group only, or the weights would not be all there is to say.
std::optional<Error> wrong_task_set(const TrafficEnd& live, const TrafficSnapshot& traffic,
                                    const std::string& name) {
  if (!live.side.is_task_set) return std::nullopt;
  const std::string group = group_name(live.side.target_group);
  if (live.task_set.empty())
    return Error{
        ErrorKind::kConflict, "traffic.nobody-serves",
        fmt::format("all traffic of {} goes to target group {}, and service {} has no task "
                    "set that registers its tasks there",
                    traffic.what, group, live.side.service)};
  if (live.target_groups.size() > 1)
    return Error{ErrorKind::kInvalid, "traffic.target-group",
                 fmt::format("task set {} of service {} registers its tasks in more target groups "
                             "than {}, and a new one would share those: {}",
                             last_segment(live.task_set), live.side.service, group,
                             join(live.target_groups, ", "))};
  if (live.is_primary) return std::nullopt;
  return Error{ErrorKind::kConflict, "traffic.not-ended",
               fmt::format("all traffic of {} is on {}, which is not the primary task set: a "
                           "release has not ended. End it (`slipway continue {}`) or go back "
                           "(`slipway stop {}`) before a new one",
                           traffic.what, to_string(live.side), name, name)};
}

// What the release starts from. A task set speaks for itself, whatever its service says.
ServiceSnapshot as_served(ServiceSnapshot service, const TrafficEnd& live) {
  if (live.side.is_task_set) service.taskDefinition = live.task_definition;
  return service;
}

Error divided(const TrafficSnapshot& traffic, const std::string& name) {
  return Error{ErrorKind::kConflict, "traffic.divided",
               fmt::format("traffic of {} is divided already: {}. Let it go on (`slipway continue "
                           "{}`) or bring it back (`slipway stop {}`) before a new release",
                           traffic.what, join(traffic.lines, "; "), name, name)};
}

}  // namespace

std::optional<TrafficPair> pair_of(const ServiceRelease& wanted) {
  const auto* canary = std::get_if<Canary>(&wanted.strategy);
  return canary == nullptr ? std::nullopt : pair_of(canary->mover);
}

std::vector<std::string> ecs_services_of(const ServiceRelease& wanted) {
  const std::optional<TrafficPair> pair = pair_of(wanted);
  if (!pair) return {wanted.name};
  if (pair->blue.is_task_set) return {pair->blue.service};
  return {pair->blue.service, pair->green.service};
}

Result<LiveAndIdle> live_and_idle(const TrafficSnapshot& traffic, const std::string& name) {
  const bool blue_has_it = traffic.blue_weight > 0 && traffic.green_weight == 0;
  const bool green_has_it = traffic.green_weight > 0 && traffic.blue_weight == 0;
  if (!traffic.is_uniform || blue_has_it == green_has_it) return divided(traffic, name);
  if (blue_has_it) return LiveAndIdle{traffic.blue, traffic.green};
  return LiveAndIdle{traffic.green, traffic.blue};
}

std::optional<ServiceSnapshot> served_by(const ServiceRelease& wanted, const Snapshot& snapshot) {
  const auto find_service = [&](const std::string& name) -> std::optional<ServiceSnapshot> {
    const auto found = snapshot.services.find(name);
    if (found == snapshot.services.end() || !found->second) return std::nullopt;
    return *found->second;
  };
  if (!is_pair(wanted)) return find_service(wanted.name);
  const auto traffic = snapshot.traffic.find(wanted.name);
  if (traffic == snapshot.traffic.end() || !traffic->second) return std::nullopt;
  const Result<LiveAndIdle> ends = live_and_idle(*traffic->second, wanted.name);
  if (!ends) return std::nullopt;
  const std::optional<ServiceSnapshot> service = find_service(ends->live.side.service);
  if (!service || (ends->live.side.is_task_set && ends->live.task_set.empty())) return std::nullopt;
  return as_served(*service, ends->live);
}

LiveAndIdle old_and_new(const TrafficSnapshot& traffic) {
  if (is_deployed_later(traffic.blue, traffic.green)) return {traffic.green, traffic.blue};
  return {traffic.blue, traffic.green};
}

int new_percent(const TrafficSnapshot& traffic, const LiveAndIdle& ends) {
  const int whole = traffic.blue_weight + traffic.green_weight;
  if (whole == 0) return -1;
  const int part = &ends.idle == &traffic.blue ? traffic.blue_weight : traffic.green_weight;
  const int percent = part * 100 / whole;
  return percent == 0 && part > 0 ? 1 : percent;
}

namespace {

// Whether a shift that has all its traffic on the new side has been seen to its end.
bool has_ended(const LiveAndIdle& ends) {
  const bool old_is_down = ends.live.desiredCount == 0 || ends.live.runningCount == 0;
  return old_is_down && (!ends.idle.side.is_task_set || ends.idle.is_primary);
}

}  // namespace

std::string next_of(const Canary& canary, const TrafficSnapshot& traffic, const std::string& name) {
  const LiveAndIdle ends = old_and_new(traffic);
  const int percent = new_percent(traffic, ends);
  const std::string commands =
      fmt::format("go on: slipway continue {}; go back: slipway stop {}", name, name);
  if (percent < 0 || !traffic.is_uniform) return "the weights are not a step of ours";
  if (percent == 0 && (ends.idle.desiredCount == 0 || ends.idle.runningCount == 0))
    return fmt::format("at rest: {} serves", to_string(ends.live.side));
  if (percent == 100 && has_ended(ends))
    return fmt::format("at rest: {} serves", to_string(ends.idle.side));
  for (const TrafficStep& step : canary.steps)
    if (step.weight > percent)
      return fmt::format("next: {}% on {} for {}; {}", step.weight, to_string(ends.idle.side),
                         to_string(step.bake), commands);
  return fmt::format("next: {} goes to no task; {}", to_string(ends.live.side), commands);
}

PlanItem plan_pair(const Release& release, const ServiceRelease& wanted, const Snapshot& snapshot,
                   PlanStage& stage, PlanItem item) {
  const auto found = snapshot.traffic.find(wanted.name);
  if (found == snapshot.traffic.end())
    return refused(stage, std::move(item), not_observed("traffic of " + wanted.name));
  if (!found->second) return refused(stage, std::move(item), found->second.error());
  const TrafficSnapshot& traffic = *found->second;
  if (!release.wait)
    return refused(stage, std::move(item),
                   Error{ErrorKind::kInvalid, "traffic.unwatched",
                         "traffic is moved only while somebody watches it: do not say --no-wait"});
  for (const TrafficEnd* end : {&traffic.blue, &traffic.green}) {
    const auto service = snapshot.services.find(end->side.service);
    if (service == snapshot.services.end())
      return refused(stage, std::move(item), not_observed("service " + end->side.service));
    if (!service->second) return refused(stage, std::move(item), service->second.error());
    if (std::optional<Error> wrong = wrong_controller(*end, *service->second))
      return refused(stage, std::move(item), std::move(*wrong));
    if (std::optional<Error> wrong = wrong_target_group(*end))
      return refused(stage, std::move(item), std::move(*wrong));
  }
  const Result<LiveAndIdle> ends = live_and_idle(traffic, wanted.name);
  if (!ends) return refused(stage, std::move(item), ends.error());
  if (std::optional<Error> wrong = wrong_task_set(ends->live, traffic, wanted.name))
    return refused(stage, std::move(item), std::move(*wrong));
  const ServiceSnapshot& seen = *snapshot.services.at(ends->live.side.service);
  const ServiceSnapshot live = as_served(seen, ends->live);
  if (live.desiredCount == 0)
    return refused(stage, std::move(item),
                   Error{ErrorKind::kConflict, "traffic.nobody-serves",
                         fmt::format("all traffic of {} goes to service {}, which has no task",
                                     traffic.what, ends->live.side.service)});

  Result<std::optional<TaskDefinitionTarget>> target =
      service_target(wanted, live, snapshot, stage, item);
  if (!target) return refused(stage, std::move(item), std::move(target).error());
  if (!*target && !wanted.forceNewDeployment) {
    add_step(stage, item,
             Step{.action = ObserveService{.cluster = release.cluster,
                                           .service = ends->live.side.service},
                  .until = DeploymentCompleted{.max_wait = wanted.max_wait,
                                               .taskDefinition = live.taskDefinition}});
    return item;
  }
  // The same revision once more is what a forced deployment asks for.
  const TaskDefinitionTarget definition = target->value_or(live.taskDefinition);
  Step step{.action = ShiftTraffic{.cluster = release.cluster,
                                   .canary = canary_of(wanted),
                                   .from = ends->live,
                                   .to = ends->idle,
                                   .task_definition = definition,
                                   .restores = release.on_failure == OnFailure::kRollback,
                                   .max_wait = wanted.max_wait},
            .expects = ServiceStillUses{.service = ends->live.side.service,
                                        .taskDefinition = live.taskDefinition},
            .undo = {RestoreTraffic{.cluster = release.cluster,
                                    .canary = canary_of(wanted),
                                    .back_to = ends->live,
                                    .away_from = ends->idle,
                                    .max_wait = wanted.max_wait}}};
  if (const auto* registered = std::get_if<RegisteredBy>(&definition))
    step.needs.push_back(registered->step);
  add_step(stage, item, std::move(step));
  return item;
}

Result<ShiftTraffic> plan_taking_over(const Release& release, const ServiceRelease& wanted,
                                      const TrafficSnapshot& traffic) {
  const LiveAndIdle ends = old_and_new(traffic);
  const int percent = new_percent(traffic, ends);
  if (percent < 0 || !traffic.is_uniform) return divided(traffic, wanted.name);
  const bool is_over = percent == 100 && ends.live.desiredCount == 0 && has_ended(ends);
  const bool has_not_begun = percent == 0 && ends.idle.runningCount == 0;
  if (is_over || has_not_begun)
    return Error{ErrorKind::kNotFound, "traffic.at-rest",
                 fmt::format("traffic of {} is not being moved: {}", traffic.what,
                             join(traffic.lines, "; "))};
  return ShiftTraffic{.cluster = release.cluster,
                      .canary = canary_of(wanted),
                      .from = ends.live,
                      .to = ends.idle,
                      .taken_over_at = percent,
                      .restores = release.on_failure == OnFailure::kRollback,
                      .max_wait = wanted.max_wait};
}

namespace {

// One task set alone has nothing beside it: what was before has been deleted.
std::optional<Error> nothing_to_go_back_to(const LiveAndIdle& ends,
                                           const TrafficSnapshot& traffic) {
  if (!ends.live.side.is_task_set || !ends.live.task_set.empty()) return std::nullopt;
  return Error{ErrorKind::kNotFound, "traffic.nothing-before",
               fmt::format("service {} has no task set beside {}, so traffic of {} has nowhere to "
                           "go back to: {}; release the earlier revision instead",
                           ends.idle.side.service, to_string(ends.idle.side), traffic.what,
                           join(traffic.lines, "; "))};
}

}  // namespace

Result<RestoreTraffic> plan_going_back(const Release& release, const ServiceRelease& wanted,
                                       const TrafficSnapshot& traffic, bool may_be_over) {
  const LiveAndIdle ends = old_and_new(traffic);
  const int percent = new_percent(traffic, ends);
  const bool is_back = percent == 0 && ends.idle.desiredCount == 0;
  const bool is_over = percent == 100 && traffic.is_uniform && ends.live.desiredCount == 0;
  if (is_back || (is_over && !may_be_over))
    return Error{ErrorKind::kNotFound, "traffic.at-rest",
                 fmt::format("traffic of {} is not being moved: {}{}", traffic.what,
                             join(traffic.lines, "; "),
                             is_over ? fmt::format(". To go back to what was before: `slipway "
                                                   "rollback --service {}`",
                                                   wanted.name)
                                     : "")};
  if (std::optional<Error> nothing = nothing_to_go_back_to(ends, traffic)) return *nothing;
  return RestoreTraffic{.cluster = release.cluster,
                        .canary = canary_of(wanted),
                        .back_to = ends.live,
                        .away_from = ends.idle,
                        .max_wait = wanted.max_wait};
}

}  // namespace slipway
