#include "execute/stage_run.h"

#include "base/text.h"
#include "execute/changes.h"
#include "execute/observe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

namespace {

bool is_same_definition(std::string_view a, std::string_view b) {
  return family_revision_of(a) == family_revision_of(b);
}

}  // namespace

StageRun::StageRun(Context& context, const ExecutorSettings& settings, RunState& state,
                   const PlanStage& stage, const Snapshot& snapshot)
    : context_(context),
      settings_(settings),
      state_(state),
      stage_(stage),
      snapshot_(snapshot),
      changed_(context.runtime.fibers),
      poller_(context) {
  for (const auto& [name, service] : snapshot.services)
    if (service) known_.emplace(name, Known{*service, snapshot.taken_at});
  for (const auto& [name, trigger] : snapshot.triggers)
    if (trigger) triggers_.emplace(name, *trigger);
  items_.reserve(stage.items.size());
  for (const PlanItem& item : stage.items)
    items_.push_back({.plan = item, .report = {.subject = item.subject}});
  if (settings.max_parallel > 0) places_.emplace(context.runtime.fibers, settings.max_parallel);
  find_cycles();
}

void StageRun::say(const Item& item, EventBody body) {
  context_.events.say(item.plan.subject, std::move(body));
}

void StageRun::set_in_progress(const Item& item, const std::string& what) {
  const std::string name = to_string(item.plan.subject);
  state_.in_progress[name] = name + " (" + what + ")";
}

// ---- Items -------------------------------------------------------------------------------------

std::vector<ItemReport> StageRun::run() {
  // Stages before this one have taken their time: one look at all services of this one.
  std::vector<std::string> old;
  for (const Step& step : stage_.steps)
    if (const auto* still = std::get_if<ServiceStillUses>(&step.expects))
      if (const Known* seen = known(still->service); seen != nullptr && now() - seen->at > kFresh)
        old.push_back(still->service);
  if (!old.empty()) look_again(old);

  Group group(context_.runtime.fibers);
  for (Item& item : items_)
    group.spawn(to_string(item.plan.subject), [this, &item] { run_item(item); });
  group.join();
  std::vector<ItemReport> reports;
  for (Item& item : items_) reports.push_back(std::move(item.report));
  return reports;
}

void StageRun::run_item(Item& item) {
  const TimePoint began = now();
  item.report.verdict = attempt(item);
  item.report.elapsed = now() - began;
  item.has_ended = true;
  const Verdict& verdict = item.report.verdict;
  // What was called off is still going on, and the report has to say so.
  if (verdict.outcome != Outcome::kStopped && verdict.outcome != Outcome::kTimedOut &&
      verdict.outcome != Outcome::kPaused)
    state_.in_progress.erase(to_string(item.plan.subject));
  say(item, ended(item.report));
  changed_.ring();
}

Verdict StageRun::attempt(Item& item) {
  if (std::optional<Verdict> blocked = wait_for_predecessors(item)) return *blocked;
  std::optional<Gate::Place> place;
  if (places_) {
    Result<Gate::Place> entered = places_->enter();
    if (!entered) return not_begun(entered.error());
    place.emplace(std::move(*entered));
  }
  if (settings_.stop_at_failure && !is_undo()) {
    const auto failed = std::ranges::find_if(items_, [](const Item& other) {
      return other.has_ended && is_failure(other.report.verdict);
    });
    if (failed != items_.end()) {
      item.is_blocked = true;
      return verdict_of_error(
          Error{ErrorKind::kFailed, "item.not-started",
                "not started, because " + to_string(failed->plan.subject) + " failed"},
          Outcome::kSkipped);
    }
  }

  say(item, ItemStarted{definition_before(item.plan)});
  for (const EventBody& finding : item.plan.findings) say(item, finding);
  if (std::optional<Verdict> changed = check_expectations(item)) return *changed;
  for (const StepIndex index : item.plan.steps) {
    const Step& step = stage_.steps[index];
    for (const StepIndex needed : step.needs) {
      const Result<TaskDefinitionSnapshot> definition = registered(item, needed);
      if (!definition) return verdict_of(definition.error(), Outcome::kFailedToStart);
    }
    const Verdict verdict =
        std::visit([&](const auto& action) { return act(item, step, action); }, step.action);
    if (!is_good(verdict)) return verdict;
  }
  return {};
}

// Items whose order can never be satisfied: none of them would ever begin.
void StageRun::find_cycles() {
  std::set<std::pair<ItemKind, std::string>> free;
  bool found = true;
  while (found) {
    found = false;
    for (const Item& item : items_) {
      const bool is_free = std::ranges::all_of(item.plan.after, [&](const std::string& name) {
        const ItemKind kind = item.plan.subject.kind;
        return free.contains({kind, name}) || find_item(kind, name) == nullptr;
      });
      if (is_free)
        found = free.emplace(item.plan.subject.kind, item.plan.subject.item).second || found;
    }
  }
  for (Item& item : items_) {
    item.is_cyclic = !free.contains({item.plan.subject.kind, item.plan.subject.item});
  }
}

const StageRun::Item* StageRun::find_item(ItemKind kind, const std::string& name) const {
  const auto found = std::ranges::find_if(items_, [&](const Item& item) {
    return item.plan.subject.kind == kind && item.plan.subject.item == name;
  });
  return found == items_.end() ? nullptr : &*found;
}

// A name that is no item of this run (it was not asked for) is not waited for.
std::optional<Verdict> StageRun::wait_for_predecessors(Item& item) {
  if (item.is_cyclic)
    return verdict_of_error(Error{ErrorKind::kInvalid, "plan.cycle",
                                  to_string(item.plan.subject) + " waits for itself: after " +
                                      join(item.plan.after, ", ")},
                            Outcome::kFailedToStart);
  for (const std::string& name : item.plan.after) {
    const Item* const other = find_item(item.plan.subject.kind, name);
    if (other == nullptr) continue;
    while (!other->has_ended) {
      if (Result<void> woken = changed_.wait(); !woken) return not_begun(woken.error());
    }
    // The way back keeps the order and takes every step of it that it can.
    if (is_undo() || (!is_failure(other->report.verdict) && !other->is_blocked)) continue;
    item.is_blocked = true;
    return verdict_of_error(
        Error{ErrorKind::kFailed, "item.not-started",
              "not started, because " + to_string(other->plan.subject) + " did not succeed"},
        Outcome::kSkipped);
  }
  return std::nullopt;
}

// Nothing of it was stopped. What was to go back and has not is no such thing, it is left.
Verdict StageRun::not_begun(const Error& why) const {
  Verdict off = verdict_of(why, Outcome::kStopped);
  if (is_undo()) return off;
  const std::string because = off.outcome == Outcome::kTimedOut
                                  ? "the time limit of the whole run has passed"
                                  : "the run was called off";
  return verdict_of_error(
      Error{ErrorKind::kCancelled, std::string(kNotBegun), "not started, because " + because},
      Outcome::kSkipped);
}

const StageRun::Known* StageRun::known(const std::string& service) const {
  const auto found = known_.find(service);
  return found != known_.end() && found->second ? &*found->second : nullptr;
}

Verdict StageRun::was_not_observed(const std::string& service) {
  return verdict_of_error(
      Error{ErrorKind::kInternal, "plan.not-observed", "service " + service + " was not looked at"},
      Outcome::kFailedToStart);
}

void StageRun::look_again(const std::vector<std::string>& services) {
  const std::vector<Result<ServiceLook>> looks = look_at_services(context_, services);
  for (std::size_t i = 0; i < services.size(); ++i) {
    if (looks[i])
      known_.insert_or_assign(services[i], Known{looks[i]->service, now()});
    else
      known_.insert_or_assign(services[i], looks[i].error());
  }
}

std::optional<Verdict> StageRun::check_expectations(Item& item) {
  for (const StepIndex index : item.plan.steps) {
    const Expectation& expects = stage_.steps[index].expects;
    std::optional<Verdict> changed;
    if (const auto* still = std::get_if<ServiceStillUses>(&expects))
      changed = check_service(item, *still);
    else if (const auto* unchanged = std::get_if<TargetsUnchanged>(&expects))
      changed = check_targets(item, *unchanged);
    if (changed) return changed;
  }
  return std::nullopt;
}

std::optional<Verdict> StageRun::check_service(Item& item, const ServiceStillUses& still) {
  if (const Known* seen = known(still.service); seen != nullptr && now() - seen->at > kFresh)
    look_again({still.service});
  const auto found = known_.find(still.service);
  if (found == known_.end()) return std::nullopt;
  if (!found->second) return verdict_of(found->second.error(), Outcome::kFailedToStart);
  const std::string& in_use = definition_in_use(found->second->service);
  if (is_same_definition(in_use, still.taskDefinition)) return std::nullopt;
  item.report.task_definition = family_revision_of(in_use);
  return verdict_of_error(
      Error{ErrorKind::kConflict, "service.changed",
            fmt::format("service {} runs {} now, not {} as when this was planned; it was not "
                        "changed",
                        still.service, family_revision_of(in_use),
                        family_revision_of(still.taskDefinition))},
      Outcome::kSuperseded);
}

std::string StageRun::definition_before(const PlanItem& item) const {
  for (const StepIndex index : item.steps) {
    const Step& step = stage_.steps[index];
    if (const auto* still = std::get_if<ServiceStillUses>(&step.expects))
      return family_revision_of(still->taskDefinition);
    if (const auto* until = std::get_if<DeploymentCompleted>(&step.until);
        until != nullptr && !until->taskDefinition.empty())
      return family_revision_of(until->taskDefinition);
    if (const auto* run = std::get_if<RunTask>(&step.action)) {
      if (const auto* text = std::get_if<std::string>(&run->task_definition))
        return family_revision_of(*text);
      const StepIndex from = std::get<RegisteredBy>(run->task_definition).step;
      if (const auto* action = std::get_if<RegisterTaskDefinition>(&stage_.steps[from].action))
        return family_revision_of(action->base);
    }
  }
  return {};
}

Verdict StageRun::act(Item&, const Step&, const Refuse& action) {
  return verdict_of_error(action.error, Outcome::kFailedToStart);
}

Verdict StageRun::act(Item&, const Step&, const Skip& action) {
  return verdict_of_error(Error{ErrorKind::kNotFound, "service.missing", action.reason},
                          Outcome::kSkipped);
}

StartedChange& StageRun::remember(const Item& item, const Step& step) {
  for (StartedChange& started : state_.started) {
    if (started.subject != item.plan.subject) continue;
    started.undo.insert(started.undo.begin(), step.undo.begin(), step.undo.end());
    return started;
  }
  return state_.started.emplace_back(StartedChange{.subject = item.plan.subject,
                                                   .undo = step.undo,
                                                   .after = item.plan.after,
                                                   .verdict = {},
                                                   .watch = {},
                                                   .put = {}});
}

void StageRun::forget(const Item& item) {
  std::erase_if(state_.started,
                [&](const StartedChange& started) { return started.subject == item.plan.subject; });
}

const StartedChange* StageRun::started_change(const Item& item) const {
  const auto found = std::ranges::find_if(state_.started, [&](const StartedChange& other) {
    return other.subject.kind == item.plan.subject.kind &&
           other.subject.item == item.plan.subject.item;
  });
  return found == state_.started.end() ? nullptr : &*found;
}

Error StageRun::not_changed_by_us(const Item& item) {
  return {ErrorKind::kInternal, "undo.unknown",
          "this run has not changed " + to_string(item.plan.subject)};
}

Verdict StageRun::rolled_back(Item& item, Verdict verdict) {
  if (is_good(verdict))
    say(item, ServiceRolledBack{item.report.task_definition});
  else if (verdict.outcome != Outcome::kStopped && verdict.outcome != Outcome::kTimedOut)
    verdict.outcome = Outcome::kRollbackFailed;
  return verdict;
}

// ---- Task definitions --------------------------------------------------------------------------

Verdict StageRun::act(Item& item, const Step& step, const RegisterTaskDefinition&) {
  const auto index = static_cast<StepIndex>(&step - stage_.steps.data());
  const Result<TaskDefinitionSnapshot> definition = registered(item, index);
  return definition ? Verdict{} : verdict_of(definition.error(), Outcome::kFailedToStart);
}

Result<TaskDefinitionSnapshot> StageRun::registered(Item& item, StepIndex index) {
  Registration& registration = registrations_[index];
  if (!registration.is_running && !registration.result) {
    registration.is_running = true;
    registration.result =
        register_task_definition(context_, {.subject = item.plan.subject, .is_undo = is_undo()},
                                 std::get<RegisterTaskDefinition>(stage_.steps[index].action));
    registration.is_running = false;
    if (*registration.result)
      state_.registered[{stage_.kind, index}] = registration.result->value().arn;
    item.has_told.insert(index);
    changed_.ring();
  }
  while (registration.is_running) TRY_VOID(changed_.wait());
  const Result<TaskDefinitionSnapshot>& result = *registration.result;
  if (result && item.has_told.insert(index).second)
    say(item,
        TaskDefinitionRegistered{
            .arn = result->arn, .family_revision = result->family_revision(), .shared = true});
  return result;
}

Result<std::string> StageRun::resolve(Item& item, const TaskDefinitionTarget& target) {
  if (const auto* text = std::get_if<std::string>(&target)) return *text;
  const auto& from = std::get<RegisteredBy>(target);
  if (from.stage) {
    const auto found = state_.registered.find({*from.stage, from.step});
    if (found != state_.registered.end()) return found->second;
    return Error{ErrorKind::kFailed, "task-definition.missing",
                 fmt::format("the revision that step {} of {} registers is not there", from.step,
                             to_string(*from.stage))};
  }
  TRY(const TaskDefinitionSnapshot definition, registered(item, from.step));
  return definition.arn;
}

}  // namespace slipway
