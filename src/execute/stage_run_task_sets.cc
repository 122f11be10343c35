// The sides of a shift where they are task sets of one service: the new side is a task set made
// like the one that serves, and the old one stays with no task until the next release, so that a
// rollback finds it.
#include "execute/changes.h"
#include "execute/explain.h"
#include "execute/pace.h"
#include "execute/stage_run.h"
#include "execute/task_sets.h"
#include "execute/traffic_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace slipway {

namespace {

Error gone(const TrafficEnd& end) {
  return Error{ErrorKind::kConflict, "task-set.deleted",
               fmt::format("somebody else has deleted the task set of {}", to_string(end.side))};
}

// What undoes the shift deletes the set that the shift has made, and no other.
void say_which(std::vector<Action>& undo, const std::string& task_set) {
  for (Action& action : undo)
    if (auto* back = std::get_if<RestoreTraffic>(&action)) back->away_from.task_set = task_set;
}

}  // namespace

Result<ServiceLook> StageRun::look_now(const TrafficSide& side) {
  TRY(Result<ServiceLook> look, poller_.look_at_service(side.service, now()));
  return look;
}

// ---- Up ----------------------------------------------------------------------------------------

Verdict StageRun::bring_up_task_set(Item& item, ShiftTraffic& begun,
                                    const std::string& definition) {
  const TrafficSide& side = begun.to.side;
  const Result<ServiceLook> look = look_now(side);
  if (!look) return verdict_of(look.error(), Outcome::kFailedToStart);
  const aws::TaskSet* const live = find_task_set(*look, begun.from.task_set);
  if (live == nullptr) return verdict_of_error(gone(begun.from), Outcome::kSuperseded);

  // Until the new set is there, there is none to delete on the way back.
  std::vector<Action>* undo = nullptr;
  for (StartedChange& started : state_.started)
    if (started.subject == item.plan.subject) undo = &started.undo;
  const std::string planned = std::exchange(begun.to.task_set, {});
  if (undo != nullptr) say_which(*undo, {});
  const Change change{.subject = item.plan.subject, .is_undo = is_undo(), .sent = [&] {
                        item.report.changed = true;
                        set_in_progress(
                            item, fmt::format("{} gets {}; no traffic has moved", to_string(side),
                                              family_revision_of(definition)));
                      }};
  // What the plan has named goes, and what has no task; the rest is somebody else's.
  for (const aws::TaskSet* other : task_sets_of(*look, side))
    if (other->taskSetArn != planned && other->computedDesiredCount > 0)
      return verdict_of_error(
          Error{ErrorKind::kConflict, "traffic.superseded",
                fmt::format("somebody else has created task set {} ({}) for {} since this was "
                            "planned; no traffic was moved",
                            other->id, family_revision_of(other->taskDefinition), to_string(side))},
          Outcome::kSuperseded);
  for (const aws::TaskSet* old : task_sets_of(*look, side)) {
    say(item, Note{NoteLevel::kInfo,
                   fmt::format("{} gets a new task set; {} ({}) of an earlier release is deleted",
                               to_string(side), old->id, family_revision_of(old->taskDefinition))});
    if (const Result<void> done = delete_task_set(context_, change, side, old->taskSetArn); !done)
      return verdict_of(done.error(), Outcome::kFailedToStart);
  }

  aws::CreateTaskSetRequest request = like(*live, side, definition);
  request.cluster = context_.cluster;
  request.clientToken = context_.runtime.random.uuid();
  request.externalId = "slipway-" + request.clientToken;
  const Result<aws::TaskSet> set = create_task_set(context_, change, request);
  if (!set) return verdict_of(set.error(), Outcome::kFailedToStart);
  const TimePoint since = now();
  begun.to.task_set = set->taskSetArn;
  begun.to.scale = request.scale.value_or(aws::Scale{}).value.value_or(0);
  begun.to.task_definition = definition;
  if (undo != nullptr) say_which(*undo, set->taskSetArn);
  item.report.deployment_id = set->id;
  say(item, ServiceUpdated{.deployment_id = set->id,
                           .service_revision = {},
                           .service_deployment = {},
                           .old_task_definition = family_revision_of(begun.from.task_definition),
                           .new_task_definition = family_revision_of(definition),
                           .desiredCount = begun.from.desiredCount});
  return watch_task_set(item, begun.to, since, begun.max_wait);
}

Verdict StageRun::scale_up_task_set(Item& item, const TrafficEnd& end, double percent,
                                    Duration max_wait) {
  const TimePoint since = now();
  const Result<void> scaled = scale_task_set(context_,
                                             {.subject = item.plan.subject,
                                              .is_undo = is_undo(),
                                              .sent = [&] { item.report.changed = true; }},
                                             end.side, end.task_set, percent);
  if (!scaled) return verdict_of(scaled.error(), Outcome::kFailed);
  TrafficEnd wanted = end;
  wanted.scale = percent;
  return watch_task_set(item, wanted, since, max_wait);
}

Verdict StageRun::watch_task_set(Item& item, const TrafficEnd& end, TimePoint since,
                                 Duration max_wait) {
  TaskSetWatch watch{.side = end.side,
                     .task_set = end.task_set,
                     .scale = end.scale,
                     .since = since,
                     .max_wait = max_wait};
  const std::string id =
      end.task_set.substr(std::min(end.task_set.find("ecs-svc/"), end.task_set.size()));
  std::set<std::string> old_events;
  std::set<std::string> told;
  std::optional<ServiceLook> last;
  LookPace pace;
  for (;;) {
    const Duration age = std::min(next_look(pace), max_wait);
    const Result<Result<ServiceLook>> looked =
        poller_.look_at_service(end.side.service, since + age);
    if (!looked) return verdict_of(looked.error(), Outcome::kStopped);
    const Result<ServiceLook>& look = *looked;
    if (look) {
      for (const ServiceEvent& event : look->events)
        if (event.createdAt < since) old_events.insert(event.id);
      for (auto event = look->events.rbegin(); event != look->events.rend(); ++event)
        if (!old_events.contains(event->id) && told.insert(event->id).second) say(item, *event);
      say(item, ServiceObserved{.service = look->service, .our_deployment = id});
      last = *look;
    } else if (std::optional<Verdict> off = called_off(look.error())) {
      return *off;
    }
    std::optional<Verdict> verdict = judge(watch, look, now());
    if (watch.failed_looks > 0)
      say(item, PollFailed{.error = look.error(),
                           .in_a_row = watch.failed_looks,
                           .limit = kFailedLooksTolerated});
    pace.last = now() - since;
    if (!verdict) continue;
    if (is_good(*verdict)) {
      const aws::TaskSet* const set = find_task_set(*last, end.task_set);
      const int count = set == nullptr ? 1 : set->computedDesiredCount;
      return wait_for_targets(item, end, count, since + max_wait);
    }
    if (last)
      explain_failure(item,
                      ServiceWatch{.service = end.side.service,
                                   .our_deployment = id,
                                   .taskDefinition = end.task_definition,
                                   .since = since,
                                   .max_wait = max_wait},
                      *last, old_events, {}, *verdict);
    return *verdict;
  }
}

// ---- Primary, and down -------------------------------------------------------------------------

Verdict StageRun::be_primary(Item& item, const TrafficEnd& end, bool is_undo_of_ours) {
  if (!end.side.is_task_set) return {};
  const Result<ServiceLook> look = look_now(end.side);
  if (!look) return verdict_of(look.error(), Outcome::kFailed);
  const aws::TaskSet* const set = find_task_set(*look, end.task_set);
  if (set == nullptr) return verdict_of_error(gone(end), Outcome::kFailed);
  if (set->status == aws::deployment_status::kPrimary) return {};
  const Result<void> done = make_primary(
      context_, {.subject = item.plan.subject, .is_undo = is_undo_of_ours}, end.side, end.task_set);
  if (!done) return verdict_of(done.error(), Outcome::kFailed);
  say(item, Note{NoteLevel::kInfo, to_string(end.side) + " is the primary task set"});
  return {};
}

Verdict StageRun::take_down_task_set(Item& item, const TrafficEnd& end, bool is_undo_of_ours) {
  const std::string name = to_string(end.side);
  // Nothing of ours is there: it was never created, or its side had none.
  if (end.task_set.empty()) return {};
  const Change change{.subject = item.plan.subject, .is_undo = is_undo_of_ours};
  const Result<void> done = is_undo_of_ours
                                ? delete_task_set(context_, change, end.side, end.task_set)
                                : scale_task_set(context_, change, end.side, end.task_set, 0);
  if (!done) return verdict_of(done.error(), Outcome::kFailed);
  say(item,
      Note{NoteLevel::kInfo, is_undo_of_ours ? fmt::format("the task set of {} is deleted", name)
                                             : fmt::format("{} goes to no task", name)});
  return {};
}

// ---- Back --------------------------------------------------------------------------------------

// The old side with the share that all of the traffic needs.
Verdict StageRun::restart_task_set(Item& item, const RestoreTraffic& action) {
  const Result<ServiceLook> look = look_now(action.back_to.side);
  if (!look) return verdict_of(look.error(), Outcome::kRollbackFailed);
  const aws::TaskSet* const set = find_task_set(*look, action.back_to.task_set);
  if (set == nullptr) return verdict_of_error(gone(action.back_to), Outcome::kRollbackFailed);
  const double wanted = std::max(action.back_to.scale, end_of(action.away_from.side, *look).scale);
  const bool has_enough =
      set->scale.value.value_or(0) >= wanted && set->runningCount >= set->computedDesiredCount;
  if (has_enough) return {};
  return scale_up_task_set(item, action.back_to, wanted, action.max_wait);
}

}  // namespace slipway
