// The part of a stage that moves schedules. A put is a call and no rollout: it holds as soon as AWS
// has answered. What makes it safe is to look first: at the targets that the plan saw, and on the
// way back at whether they still run what this run put there.
#include "aws/client.h"
#include "base/text.h"
#include "execute/stage_run.h"
#include "execute/triggers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

const Json* find_target(const std::vector<Json>& targets, const Json& wanted) {
  const auto found = std::ranges::find_if(
      targets, [&](const Json& target) { return id_of_target(target) == id_of_target(wanted); });
  return found == targets.end() ? nullptr : &*found;
}

std::string runs(const Json& target) {
  return family_revision_of(task_definition_of_target(target));
}

std::string named(const Json& target) {
  const std::string id = id_of_target(target);
  return id.empty() ? "its target" : "target " + id;
}

Trigger trigger_of(const PutTargets& action) {
  return {.rule = action.rule, .event_bus = action.event_bus, .schedule = {}, .group = {}};
}
Trigger trigger_of(const RemoveTargets& action) {
  return {.rule = action.rule, .event_bus = action.event_bus, .schedule = {}, .group = {}};
}
Trigger trigger_of(const UpdateSchedule& action) {
  return {.rule = {}, .event_bus = {}, .schedule = action.schedule, .group = action.group};
}

void note_definition(ItemReport& report, const std::string& definition) {
  if (definition.empty()) return;
  const std::string listed = ", " + report.task_definition + ",";
  if (listed.find(", " + definition + ",") != std::string::npos) return;
  report.task_definition += (report.task_definition.empty() ? "" : ", ") + definition;
}

// AWS has said no: the change has not happened.
bool is_refusal(const Error& error) {
  return error.kind == ErrorKind::kInvalid || error.kind == ErrorKind::kNotFound ||
         error.kind == ErrorKind::kDenied || error.kind == ErrorKind::kConflict ||
         error.kind == ErrorKind::kThrottled;
}

Verdict left_alone(const std::vector<std::string>& foreign) {
  return verdict_of_error(Error{ErrorKind::kConflict, "schedule.superseded",
                                "left as it is: somebody else has changed " + join(foreign, ", ")},
                          Outcome::kSkipped);
}

}  // namespace

// ---- Looking first -----------------------------------------------------------------------------

std::optional<Verdict> StageRun::check_targets(Item& item, const TargetsUnchanged& unchanged) {
  const std::string trigger = to_string(unchanged.trigger);
  auto seen = triggers_.find(trigger);
  if (seen == triggers_.end() || now() - seen->second.taken_at > kFresh) {
    Result<TriggerSnapshot> look = look_at_trigger(context_, unchanged.trigger);
    if (!look) return verdict_of(look.error(), Outcome::kFailedToStart);
    seen = triggers_.insert_or_assign(trigger, std::move(*look)).first;
  }
  for (const Json& planned : unchanged.targets) {
    const Json* const there = find_target(seen->second.targets, planned);
    if (there != nullptr && *there == planned) continue;
    std::string what = named(planned) + " is gone";
    if (there != nullptr)
      what = runs(*there) == runs(planned)
                 ? named(planned) + " was changed since this was planned"
                 : fmt::format("{} runs {} now, not {} as when this was planned", named(planned),
                               runs(*there), runs(planned));
    item.report.task_definition = there != nullptr ? runs(*there) : std::string();
    return verdict_of_error(Error{ErrorKind::kConflict, "schedule.changed",
                                  fmt::format("{}: {}; it was not changed", trigger, what)},
                            Outcome::kSuperseded);
  }
  return std::nullopt;
}

// ---- Moving ------------------------------------------------------------------------------------

Result<Json> StageRun::settle(Item& item, const TargetPut& put) {
  if (!put.task_definition) return put.document;
  TRY(const std::string arn, resolve(item, *put.task_definition));
  return with_task_definition(put.document, arn);
}

void StageRun::moved(Item& item, const std::string& trigger, const Json* before, const Json& now) {
  say(item, TargetMoved{.trigger = trigger,
                        .target = id_of_target(now),
                        .old_task_definition = before != nullptr ? runs(*before) : std::string(),
                        .new_task_definition = runs(now)});
  note_definition(item.report, runs(now));
}

Verdict StageRun::refused_change(Item& item, Error error) {
  if (is_refusal(error)) {
    const StartedChange* const started = started_change(item);
    // An earlier call of the same item may have changed other targets.
    if (started != nullptr && started->put.empty()) forget(item);
    item.report.changed = started != nullptr && !started->put.empty();
    return verdict_of(std::move(error), Outcome::kFailedToStart);
  }
  return verdict_of(std::move(error), Outcome::kFailed);
}

Verdict StageRun::act(Item& item, const Step& step, const PutTargets& action) {
  if (is_undo()) return put_back(item, action);
  const std::string trigger = to_string(trigger_of(action));
  TargetsToPut put{.rule = action.rule, .event_bus = action.event_bus, .targets = {}};
  for (const TargetPut& target : action.targets) {
    Result<Json> settled = settle(item, target);
    if (!settled) return verdict_of(settled.error(), Outcome::kFailedToStart);
    put.targets.push_back(std::move(*settled));
  }
  remember(item, step);
  item.report.changed = true;
  const Result<std::vector<FailedTarget>> failed =
      put_targets(context_, item.plan.subject, put, false);
  if (!failed) return refused_change(item, failed.error());

  const auto seen = triggers_.find(trigger);
  StartedChange& started = remember(item, Step{});
  for (const Json& target : put.targets) {
    const std::string id = id_of_target(target);
    if (std::ranges::find(*failed, id, &FailedTarget::id) != failed->end()) continue;
    started.put[id] = task_definition_of_target(target);
    moved(item, trigger,
          seen == triggers_.end() ? nullptr : find_target(seen->second.targets, target), target);
  }
  if (failed->empty()) return {};
  return verdict_of_error(failed_targets(trigger, "put", *failed, put.targets.size()),
                          Outcome::kFailed);
}

Verdict StageRun::act(Item& item, const Step&, const RemoveTargets& action) {
  return take_away(item, action);
}

Verdict StageRun::act(Item& item, const Step& step, const UpdateSchedule& action) {
  if (is_undo()) return put_back(item, action);
  const Result<Json> target = settle(item, action.target);
  if (!target) return verdict_of(target.error(), Outcome::kFailedToStart);
  remember(item, step);
  item.report.changed = true;
  const Result<void> updated = update_schedule(context_, item.plan.subject, action, *target, false);
  if (!updated) return refused_change(item, updated.error());
  remember(item, Step{}).put[id_of_target(*target)] = task_definition_of_target(*target);
  moved(item, to_string(trigger_of(action)), find(action.document, "Target"), *target);
  return {};
}

Verdict StageRun::act(Item& item, const Step&, const LeaveTargets& action) {
  item.report.task_definition = action.runs;
  return {};
}

// ---- The way back ------------------------------------------------------------------------------

Verdict StageRun::put_back(Item& item, const PutTargets& action) {
  const Trigger trigger = trigger_of(action);
  const StartedChange* const started = started_change(item);
  const Result<TriggerSnapshot> look = look_at_trigger(context_, trigger);
  if (!look) return verdict_of(look.error(), Outcome::kRollbackFailed);
  TargetsToPut back{.rule = action.rule, .event_bus = action.event_bus, .targets = {}};
  std::vector<std::string> foreign;
  for (const TargetPut& target : action.targets) {
    const Json* const there = find_target(look->targets, target.document);
    if (there != nullptr && *there == target.document) {
      note_definition(item.report, runs(*there));
      continue;
    }
    const auto ours = started->put.find(id_of_target(target.document));
    // A put without an answer may or may not have happened.
    const bool is_ours = there != nullptr && (ours == started->put.end() ||
                                              task_definition_of_target(*there) == ours->second);
    if (is_ours) {
      back.targets.push_back(target.document);
      continue;
    }
    foreign.push_back(named(target.document));
    if (there != nullptr) note_definition(item.report, runs(*there));
  }
  if (!back.targets.empty()) {
    item.report.changed = true;
    const Result<std::vector<FailedTarget>> failed =
        put_targets(context_, item.plan.subject, back, true);
    if (!failed) return verdict_of(failed.error(), Outcome::kRollbackFailed);
    for (const Json& target : back.targets) {
      if (std::ranges::find(*failed, id_of_target(target), &FailedTarget::id) != failed->end())
        note_definition(item.report, runs(*find_target(look->targets, target)));
      else
        moved(item, to_string(trigger), find_target(look->targets, target), target);
    }
    if (!failed->empty())
      return verdict_of_error(
          failed_targets(to_string(trigger), "put back", *failed, back.targets.size()),
          Outcome::kRollbackFailed);
  }
  return foreign.empty() ? Verdict{} : left_alone(foreign);
}

// Targets that were not there before this run.
Verdict StageRun::take_away(Item& item, const RemoveTargets& action) {
  const Trigger trigger = trigger_of(action);
  const StartedChange* const started = started_change(item);
  RemoveTargets ours = action;
  // AWS refused these: there is nothing to take away.
  std::erase_if(ours.ids, [&](const std::string& id) { return !started->put.contains(id); });
  if (ours.ids.empty()) return {};
  item.report.changed = true;
  const Result<std::vector<FailedTarget>> failed =
      remove_targets(context_, item.plan.subject, ours, true);
  if (!failed) return verdict_of(failed.error(), Outcome::kRollbackFailed);
  if (!failed->empty())
    return verdict_of_error(failed_targets(to_string(trigger), "removed", *failed, ours.ids.size()),
                            Outcome::kRollbackFailed);
  for (const std::string& id : ours.ids)
    say(item, TargetMoved{.trigger = to_string(trigger),
                          .target = id,
                          .old_task_definition = family_revision_of(started->put.at(id)),
                          .new_task_definition = {}});
  return {};
}

Verdict StageRun::put_back(Item& item, const UpdateSchedule& action) {
  const Trigger trigger = trigger_of(action);
  const StartedChange* const started = started_change(item);
  const Result<TriggerSnapshot> look = look_at_trigger(context_, trigger);
  if (!look) return verdict_of(look.error(), Outcome::kRollbackFailed);
  const Json& there = look->targets.front();
  if (there == action.target.document) {
    note_definition(item.report, runs(there));
    return {};
  }
  const auto ours = started->put.find(std::string());
  if (ours != started->put.end() && task_definition_of_target(there) != ours->second) {
    note_definition(item.report, runs(there));
    return left_alone({named(there)});
  }
  item.report.changed = true;
  const Result<void> updated =
      update_schedule(context_, item.plan.subject, action, action.target.document, true);
  if (!updated) return verdict_of(updated.error(), Outcome::kRollbackFailed);
  moved(item, to_string(trigger), &there, action.target.document);
  return {};
}

}  // namespace slipway
