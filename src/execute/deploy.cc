#include "execute/deploy.h"

#include "base/text.h"
#include "execute/changes.h"
#include "execute/observe.h"
#include "execute/prune.h"
#include "execute/requests.h"
#include "plan/canary_pair.h"
#include "plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

bool has_failed(const ItemReport& item) { return is_failure(item.verdict); }

// What waits for a person is no failure; it goes back only together with what is.
bool needs_undoing(const ItemReport& item) {
  return has_failed(item) && item.verdict.outcome != Outcome::kPaused;
}

bool was_not_begun(const ItemReport& item) {
  return item.verdict.error && item.verdict.error->code == kNotBegun;
}

bool is_empty(const Release& release, StageKind stage) {
  switch (stage) {
    case StageKind::kTasksBefore:
    case StageKind::kTasks:
      return release.tasks_before.empty();
    case StageKind::kServices:
      return release.services.empty();
    case StageKind::kSchedules:
      return release.schedules.empty();
    case StageKind::kTasksAfter:
      return release.tasks_after.empty();
    case StageKind::kRollback:
      break;
  }
  return true;
}

// Stages that nobody misses: the older files have no schedules, and a release of schedules alone,
// as
// `--only` makes it, has no services.
bool may_be_absent(const Release& release, StageKind stage) {
  return stage == StageKind::kSchedules ||
         (stage == StageKind::kServices && !release.schedules.empty());
}

std::string could_not_tell(const Notify& notify, RunMoment moment, const Error& error) {
  return fmt::format("could not tell {} that the run has {}: {}", notify.topic_arn,
                     to_string(moment), error.message);
}

void add(Counts& sum, const Counts& counts) {
  sum.total += counts.total;
  sum.successful += counts.successful;
  sum.skipped += counts.skipped;
  sum.failed += counts.failed;
  sum.paused += counts.paused;
}

}  // namespace

Engine::Engine(Runtime& runtime, aws::Clients& clients, aws::Client& ecs, Sink& views,
               const CallLog& calls, RunOptions options)
    : runtime_(runtime),
      clients_(clients),
      ecs_(ecs),
      views_(views),
      calls_(calls),
      options_(std::move(options)) {}

// ---- Beginning and end -------------------------------------------------------------------------

bool Engine::begin(const std::string& application, const std::string& cluster,
                   ExecutorSettings settings) {
  RunRecord record = begin_record(runtime_, options_.journal_directory, options_.owner);
  began_ = record.began;
  waits_ = settings.wait;
  report_.run_id = record.run_id;
  journal_ = std::move(record.journal);
  events_.emplace(runtime_.clock(), views_and_digest_, journal_ ? &*journal_ : nullptr,
                  options_.journal_use);
  optional_.emplace(runtime_.fibers, clients_, *events_);
  context_.emplace(Context{runtime_, clients_, ecs_, *events_, *optional_, cluster, options_.file});
  settings.logs = options_.logs;
  executor_.emplace(*context_, settings);
  events_->say({}, RunStarted{.run_id = report_.run_id,
                              .command = options_.command,
                              .application = application,
                              .cluster = cluster,
                              .file = options_.file,
                              .dialect = options_.dialect,
                              .region = options_.region,
                              .simulated = options_.simulated,
                              .by = options_.by});
  for (const Note& note : options_.first_words) events_->say({}, note);
  if (!record.no_journal) return true;
  if (options_.journal_use == JournalUse::kIfPossible) {
    events_->say({}, going_on_without(*record.no_journal));
    return true;
  }
  report_.outcome = Outcome::kFailedToStart;
  report_.error = std::move(record.no_journal);
  report_.problems = {*report_.error};
  return false;
}

RunReport Engine::finish() {
  Ending ending;
  for (const ItemReport& item : report_.items)
    if (item.changed) ending.state.push_back(where_it_stands(item));
  ending.next_step = next_step(!ending.state.empty());
  if (const std::string names = not_begun(); !names.empty()) {
    ending.state.push_back("not started: " + names);
    if (report_.undone.empty())
      ending.next_step += (ending.next_step.empty() ? "" : "; ") +
                          std::string("release again for what was not started");
  }
  return finish(std::move(ending));
}

RunReport Engine::finish(Ending ending) {
  RunEnded ended{.outcome = report_.outcome,
                 .services = report_.services,
                 .tasks = report_.tasks,
                 .schedules = report_.schedules,
                 .api_calls = calls_.calls(),
                 .throttled_calls = calls_.throttled(),
                 .elapsed = runtime_.clock().now() - began_,
                 .state = std::move(ending.state),
                 .next_step = std::move(ending.next_step)};
  if (report_.error) ended.reason = report_.error->message;
  if (notify_) notify_end(ended);
  events_->say({}, std::move(ended));
  return report_;
}

void Engine::in_scope(std::optional<Duration> timeout, const std::function<void()>& body) {
  if (!report_.signal.empty()) return;
  Group scope(runtime_.fibers);
  scope_ = &scope;
  scope.spawn(options_.command, [&] {
    std::optional<Deadline> deadline;
    if (timeout) deadline.emplace(runtime_.fibers, runtime_.clock().now() + *timeout);
    body();
  });
  scope.join();
  scope_ = nullptr;
}

// By a signal or by the time limit; then what was observed is not to be believed.
bool Engine::was_called_off() {
  const Result<void> going_on = runtime_.clock().sleep_until(runtime_.clock().now());
  if (going_on) return false;
  const bool in_time = going_on.error().kind == ErrorKind::kCancelled;
  report_.outcome = in_time ? Outcome::kStopped : Outcome::kTimedOut;
  report_.error = in_time ? going_on.error()
                          : Error{ErrorKind::kTimeout, "run.timeout",
                                  "the time limit of the whole run has passed"};
  return true;
}

void Engine::interrupt(const std::string& signal) {
  if (!report_.signal.empty()) return;
  report_.signal = signal;
  if (!executor_) return;
  // Traffic that is divided is brought back in a moment; then there is nothing to go on with.
  const bool goes_back = undoes_ && !continuing().empty();
  Interrupted interrupted{
      .signal = signal, .in_progress = {}, .reattach = goes_back ? std::string() : reattach()};
  for (const auto& [name, what] : executor_->state().in_progress)
    interrupted.in_progress.push_back(what);
  events_->say({}, std::move(interrupted));
  if (scope_ != nullptr) scope_->cancel();
}

// ---- Deploying ---------------------------------------------------------------------------------

RunReport Engine::deploy(const Release& release) {
  notify_ = release.notify;
  undoes_ = release.on_failure == OnFailure::kRollback;
  if (!begin(
          release.application, release.cluster,
          {.max_parallel = release.max_parallel, .wait = release.wait, .stop_at_failure = undoes_}))
    return finish();
  in_scope(options_.timeout, [&] { deploy_stages(release); });
  judge_run(release);
  if (!report_.signal.empty() && options_.stop_tasks_when_interrupted) stop_tasks();
  if (undoes_) undo_what_is_half_done();
  prune_after(release);
  return finish();
}

// Once the new revisions serve, the oldest of their families go. The release has succeeded by then:
// what cannot be looked up or taken away costs a warning.
void Engine::prune_after(const Release& release) {
  if (!release.keep_revisions || report_.outcome != Outcome::kSucceeded) return;
  if (!release.wait) {
    events_->say({},
                 Note{.message = "old revisions stay: nobody waited to see the new ones serve"});
    return;
  }
  PruneRequest request{.keep = static_cast<std::size_t>(*release.keep_revisions)};
  for (const ItemReport& item : report_.items) {
    const std::string family = family_of(item.task_definition);
    if (!family.empty() && std::ranges::find(request.families, family) == request.families.end())
      request.families.push_back(family);
  }
  for (const ScheduleRelease& schedule : release.schedules)
    if (!schedule.trigger.event_bus.empty())
      request.event_buses.push_back(schedule.trigger.event_bus);
  if (request.families.empty()) return;
  const auto warn = [&](const Error& error) {
    events_->say({}, Note{NoteLevel::kWarning, "old revisions stay: " + error.message});
  };
  in_scope(options_.timeout, [&] {
    const Result<std::vector<PrunedFamily>> planned = plan_prune(*context_, request);
    if (!planned) return warn(planned.error());
    if (const Verdict pruned = prune(*context_, *planned); pruned.error) warn(*pruned.error);
  });
}

// A person called it off and wants nothing left running. They answer at once and stop in their
// time.
void Engine::stop_tasks() {
  Group group(runtime_.fibers);
  for (const auto& [name, ids] : executor_->state().tasks)
    for (const std::string& id : ids)
      group.spawn("stop " + name, [this, id] {
        const aws::StopTaskRequest request{
            .cluster = context_->cluster,
            .task = id,
            .reason = "slipway was interrupted by " + report_.signal};
        const Subject subject{.stage = StageKind::kTasks};
        const auto done = call_announced(*context_, {.subject = subject}, aws::StopTask, request);
        events_->say(subject, done
                                  ? Note{NoteLevel::kInfo, "task " + id + " was told to stop"}
                                  : Note{NoteLevel::kError,
                                         "task " + id + " may still run: " + done.error().message});
      });
  group.join();
}

void Engine::deploy_stages(const Release& release) {
  // What the user left out is no part of the release, not even as "none found".
  Release wanted = release;
  std::vector<StageKind> stages;
  for (const StageKind stage : kStagesInOrder) {
    if (stage == StageKind::kTasksBefore && options_.skip_tasks_before)
      wanted.tasks_before.clear();
    else if (stage == StageKind::kTasksAfter && options_.skip_tasks_after)
      wanted.tasks_after.clear();
    else if (stage == StageKind::kServices && options_.skip_services)
      wanted.services.clear();
    else if (!may_be_absent(wanted, stage) || !is_empty(wanted, stage))
      stages.push_back(kind_in(wanted, stage));
  }

  if (wanted.planning == Planning::kWholeRelease) {
    const Snapshot snapshot = observe(*context_, wanted);
    if (was_called_off()) return;
    const Plan plan = plan_release(wanted, snapshot);
    events_->say({}, PlanMade{to_json(plan)});
    if (!has_no_problems(plan.problems()) || !notify_start(wanted)) return;
    for (const PlanStage& stage : plan.stages)
      if (std::ranges::find(stages, stage.kind) != stages.end() && !run_stage(stage, snapshot))
        return;
    return;
  }

  if (!notify_start(wanted)) return;
  std::vector<PlanStage> before;
  for (const StageKind kind : stages) {
    if (is_empty(wanted, kind)) {
      run_stage(PlanStage{.kind = kind}, Snapshot{});
      continue;
    }
    const Snapshot snapshot = observe(*context_, wanted, kind);
    if (was_called_off()) return;
    Plan plan{.application = wanted.application,
              .cluster = wanted.cluster,
              .stages = {plan_stage(wanted, kind, snapshot, before)},
              .on_failure = wanted.on_failure,
              .max_parallel = wanted.max_parallel,
              .wait = wanted.wait};
    events_->say({.stage = kind}, PlanMade{to_json(plan)});
    if (!run_stage(plan.stages.front(), snapshot)) return;
    before.push_back(std::move(plan.stages.front()));
  }
}

bool Engine::has_no_problems(std::vector<Error> problems) {
  report_.problems = without_repeats(std::move(problems));
  if (report_.problems.empty()) return true;
  report_.outcome = Outcome::kFailedToStart;
  report_.error = report_.problems.front();
  return false;
}

bool Engine::run_stage(const PlanStage& stage, const Snapshot& snapshot) {
  StageReport report = executor_->run(stage, snapshot);
  add(stage.kind == StageKind::kServices    ? report_.services
      : stage.kind == StageKind::kSchedules ? report_.schedules
                                            : report_.tasks,
      report.counts);
  const bool is_whole = std::ranges::none_of(report.items, was_not_begun);
  std::ranges::move(report.items, std::back_inserter(report_.items));
  return report.ok() && (is_whole || !was_called_off());
}

void Engine::judge_items(const std::vector<ItemReport>& items) {
  const ItemReport* const first = failed_first(items);
  if (!report_.error && first != nullptr && first->verdict.error) {
    report_.error = first->verdict.error;
    if (first->subject.kind != ItemKind::kNone)
      report_.error->context.push_back("releasing " + to_string(first->subject));
  }
  for (const ItemReport& item : items) {
    if (!has_failed(item)) continue;
    report_.outcome = worse(report_.outcome, item.verdict.outcome);
    if (report_.rolled_back_by == RolledBackBy::kNobody)
      report_.rolled_back_by = item.verdict.rolled_back_by;
  }
}

void Engine::judge_run(const Release& release) {
  judge_items(report_.items);
  const int skipped = report_.services.skipped + report_.tasks.skipped;
  if (release.fail_on_skipped && skipped > 0 && report_.outcome == Outcome::kSucceeded) {
    report_.outcome = Outcome::kFailed;
    report_.error = Error{ErrorKind::kFailed, "run.skipped",
                          counted(static_cast<std::size_t>(skipped), "item") +
                              " skipped, which this run counts as a failure"};
  }
  if (!report_.signal.empty()) report_.outcome = Outcome::kStopped;
}

void Engine::undo() {
  if (!report_.signal.empty() || executor_->undo_stage().items.empty()) return;
  const ItemReport* const failed = failed_first(report_.items);
  std::string because = to_string(failed->subject) + " failed";
  if (failed->verdict.error) because += ": " + failed->verdict.error->message;
  in_scope(std::nullopt, [&] { report_.undone = executor_->undo(because).items; });

  const bool is_left = std::ranges::any_of(report_.items, [](const ItemReport& item) {
    return item.verdict.outcome == Outcome::kRollbackFailed;
  });
  if (is_left || std::ranges::any_of(report_.undone, has_failed)) {
    report_.outcome = Outcome::kRollbackFailed;
    return;
  }
  report_.outcome = Outcome::kRolledBack;
  if (report_.rolled_back_by == RolledBackBy::kNobody) report_.rolled_back_by = RolledBackBy::kUs;
}

void Engine::undo_what_is_half_done() {
  if (!report_.signal.empty())
    bring_traffic_back();
  else if (std::ranges::any_of(report_.items, needs_undoing))
    undo();
}

// A signal ends the watching; traffic that is divided meanwhile would stay so with nobody looking.
void Engine::bring_traffic_back() {
  if (executor_->undo_stage(UndoScope::kTraffic).items.empty()) return;
  Group scope(runtime_.fibers);
  scope.spawn("bring traffic back", [&] {
    report_.undone = executor_->undo("interrupted by " + report_.signal, UndoScope::kTraffic).items;
  });
  scope.join();
  if (std::ranges::any_of(report_.undone, has_failed)) report_.outcome = Outcome::kRollbackFailed;
}

RunReport Engine::move_traffic(const Release& release, MoveTraffic where, const Work& others) {
  undoes_ = where == MoveTraffic::kGoOn && release.on_failure == OnFailure::kRollback;
  if (!begin(release.application, release.cluster, {})) return finish();
  WorkReport of_others;
  in_scope(options_.timeout, [&] {
    Group group(runtime_.fibers);
    if (others)
      group.spawn("other services", [&] { of_others = others(*context_, executor_->state()); });
    const PlanStage stage = plan_traffic_moves(*context_, release, where, false);
    if (!was_called_off()) run_stage(stage, Snapshot{});
    group.join();
  });
  judge_run(release);
  // Each was asked for by itself: what fails elsewhere takes no traffic back.
  if (undoes_) undo_what_is_half_done();
  take_in(std::move(of_others.items));
  return finish();
}

RunReport Engine::roll_back(const RollbackRequest& request) {
  const Release& release = request.release;
  notify_ = release.notify;
  if (!begin(release.application, release.cluster,
             {.max_parallel = release.max_parallel, .wait = release.wait}))
    return finish();
  in_scope(options_.timeout, [&] {
    const PlanStage pairs = plan_traffic_moves(*context_, release, MoveTraffic::kGoBack, true);
    if (was_called_off() || (!pairs.items.empty() && !run_stage(pairs, Snapshot{}))) return;
    RollbackRequest others = request;
    std::erase_if(others.release.services, is_pair);
    if (!pairs.items.empty() && others.release.services.empty() && others.release.schedules.empty())
      return;
    EarlierState earlier = find_earlier_state(*context_, others);
    if (was_called_off() || !has_no_problems(std::move(earlier.problems))) return;
    deploy_stages(earlier.release);
  });
  judge_run(release);
  return finish();
}

// ---- Telling people ----------------------------------------------------------------------------

// False when the release wants to be announced and could not be.
bool Engine::notify_start(const Release& release) {
  if (!release.notify || !wants(*release.notify, RunMoment::kStarted)) return true;
  const Result<void> told =
      publish(*context_, *release.notify, RunMoment::kStarted,
              message_of(digest_, RunMoment::kStarted, nullptr), report_.run_id);
  if (told) return true;
  if (was_called_off()) return false;
  if (!release.notify->required) {
    events_->say({}, Note{NoteLevel::kWarning,
                          could_not_tell(*release.notify, RunMoment::kStarted, told.error())});
    return true;
  }
  report_.outcome = Outcome::kFailedToStart;
  report_.error = told.error();
  return false;
}

void Engine::notify_end(RunEnded& ended) {
  const bool is_good = ended.outcome == Outcome::kSucceeded || ended.outcome == Outcome::kSkipped;
  const RunMoment moment = is_good ? RunMoment::kSucceeded : RunMoment::kFailed;
  if (!wants(*notify_, moment)) return;
  const Result<void> told =
      publish(*context_, *notify_, moment, message_of(digest_, moment, &ended), report_.run_id);
  ended.api_calls = calls_.calls();
  ended.throttled_calls = calls_.throttled();
  if (told) return;
  events_->say({}, Note{NoteLevel::kWarning, could_not_tell(*notify_, moment, told.error())});
  if (!notify_->required || !is_good) return;
  report_.outcome = ended.outcome = Outcome::kFailed;
  report_.error = told.error();
  ended.reason = "the release is done, but nobody was told: " + told.error().message;
  ended.next_step = "nothing was undone; tell them, and mend the topic";
}

// ---- Other work ---------------------------------------------------------------------

RunReport Engine::work(const std::string& cluster, const Work& body) {
  if (!begin("", cluster, {})) return finish();
  WorkReport done;
  in_scope(options_.timeout, [&] { done = body(*context_, executor_->state()); });
  take_in(std::move(done.items));
  if (!done.ending) return finish();
  if (!report_.signal.empty()) done.ending->next_step = reattach_step();
  return finish(*std::move(done.ending));
}

void Engine::take_in(std::vector<ItemReport> items) {
  std::vector<ItemReport> services;
  std::ranges::copy_if(items, std::back_inserter(services), [](const ItemReport& item) {
    return item.subject.kind == ItemKind::kService;
  });
  add(report_.services, count(services));
  judge_items(items);
  std::ranges::move(items, std::back_inserter(report_.items));
  if (!report_.signal.empty()) report_.outcome = Outcome::kStopped;
}

// Fifty services without credentials have one problem, not fifty.
std::vector<Error> without_repeats(std::vector<Error> problems) {
  std::vector<Error> kept;
  for (Error& problem : problems) {
    const bool is_known = std::ranges::any_of(kept, [&](const Error& other) {
      return other.code == problem.code && other.message == problem.message;
    });
    if (!is_known) kept.push_back(std::move(problem));
  }
  return kept;
}

Plan make_plan(Context& context, const Release& release) {
  return plan_release(release, observe(context, release));
}

}  // namespace slipway
