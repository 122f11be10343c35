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

// A service that registers its tasks somewhere else would be up and never get a request.
std::optional<Error> wrong_target_group(const TrafficEnd& end) {
  const std::string& wanted = end.side.target_group;
  if (wanted.empty() || std::ranges::find(end.target_groups, wanted) != end.target_groups.end())
    return std::nullopt;
  return Error{
      ErrorKind::kInvalid, "traffic.target-group",
      fmt::format("service {} registers no task in target group {}{}", end.side.service,
                  last_segment(wanted.substr(0, wanted.rfind('/'))),
                  end.target_groups.empty() ? ": it has no load balancer"
                                            : "; its own is " + join(end.target_groups, ", "))};
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
  if (const std::optional<TrafficPair> pair = pair_of(wanted))
    return {pair->blue.service, pair->green.service};
  return {wanted.name};
}

Result<LiveAndIdle> live_and_idle(const TrafficSnapshot& traffic, const std::string& name) {
  const bool blue_has_it = traffic.blue_weight > 0 && traffic.green_weight == 0;
  const bool green_has_it = traffic.green_weight > 0 && traffic.blue_weight == 0;
  if (!traffic.is_uniform || blue_has_it == green_has_it) return divided(traffic, name);
  if (blue_has_it) return LiveAndIdle{traffic.blue, traffic.green};
  return LiveAndIdle{traffic.green, traffic.blue};
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

std::string next_of(const Canary& canary, const TrafficSnapshot& traffic, const std::string& name) {
  const LiveAndIdle ends = old_and_new(traffic);
  const int percent = new_percent(traffic, ends);
  const std::string commands =
      fmt::format("go on: slipway continue {}; go back: slipway stop {}", name, name);
  if (percent < 0 || !traffic.is_uniform) return "the weights are not a step of ours";
  if (percent == 0 && (ends.idle.desiredCount == 0 || ends.idle.runningCount == 0))
    return fmt::format("at rest: {} serves", ends.live.side.service);
  if (percent == 100 && (ends.live.desiredCount == 0 || ends.live.runningCount == 0))
    return fmt::format("at rest: {} serves", ends.idle.side.service);
  for (const TrafficStep& step : canary.steps)
    if (step.weight > percent)
      return fmt::format("next: {}% on {} for {}; {}", step.weight, ends.idle.side.service,
                         to_string(step.bake), commands);
  return fmt::format("next: {} goes to no task; {}", ends.live.side.service, commands);
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
    if (service->second->deploymentController != "ECS")
      return refused(stage, std::move(item), foreign_controller(*service->second));
    if (std::optional<Error> wrong = wrong_target_group(*end))
      return refused(stage, std::move(item), std::move(*wrong));
  }
  const Result<LiveAndIdle> ends = live_and_idle(traffic, wanted.name);
  if (!ends) return refused(stage, std::move(item), ends.error());
  const ServiceSnapshot& live = *snapshot.services.at(ends->live.side.service);
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
  const bool is_over = percent == 100 && ends.live.desiredCount == 0;
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
  return RestoreTraffic{.cluster = release.cluster,
                        .canary = canary_of(wanted),
                        .back_to = ends.live,
                        .away_from = ends.idle,
                        .max_wait = wanted.max_wait};
}

}  // namespace slipway
