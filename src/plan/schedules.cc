#include "plan/schedules.h"

#include "base/text.h"
#include "plan/derive.h"
#include "plan/rollback.h"
#include "plan/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace slipway {
namespace {

// What an item of the release runs in the end.
struct Settled {
  std::string family;
  TaskDefinitionTarget target;
  bool operator==(const Settled&) const = default;
};

Settled settled_at(const std::string& reference, const Snapshot& snapshot) {
  const Result<TaskDefinitionSnapshot>* seen = find_definition(snapshot, reference);
  const bool is_known = seen != nullptr && seen->has_value();
  return {.family = family_of(reference), .target = is_known ? seen->value().arn : reference};
}

Settled settled_by(const TaskDefinitionTarget& target, const PlanStage& stage,
                   const Snapshot& snapshot) {
  if (const auto* text = std::get_if<std::string>(&target)) return settled_at(*text, snapshot);
  const StepIndex step = std::get<RegisteredBy>(target).step;
  return {.family = std::get<RegisterTaskDefinition>(stage.steps[step].action).family,
          .target = RegisteredBy{step, stage.kind}};
}

// nullopt for an item that was refused or skipped.
std::optional<Settled> settled(const PlanItem& item, const PlanStage& stage,
                               const Snapshot& snapshot) {
  for (const StepIndex index : item.steps) {
    const Step& step = stage.steps[index];
    if (const auto* run = std::get_if<RunTask>(&step.action))
      return settled_by(run->task_definition, stage, snapshot);
    if (const auto* update = std::get_if<UpdateService>(&step.action)) {
      if (update->task_definition) return settled_by(*update->task_definition, stage, snapshot);
      return settled_at(std::get<ServiceStillUses>(step.expects).taskDefinition, snapshot);
    }
    if (std::holds_alternative<ObserveService>(step.action))
      return settled_at(std::get<DeploymentCompleted>(step.until).taskDefinition, snapshot);
  }
  return std::nullopt;
}

// What the release runs, by family. Services decide; a family that only tasks have is theirs.
class Released {
 public:
  Released(std::span<const PlanStage> before, const Snapshot& snapshot) {
    for (const StageKind kind : {StageKind::kServices, StageKind::kTasksBefore}) {
      std::map<std::string, Settled> of_this_kind;
      for (const PlanStage& stage : before) {
        if (stage.kind != kind) continue;
        for (const PlanItem& item : stage.items) {
          const std::optional<Settled> runs = settled(item, stage, snapshot);
          if (!runs) continue;
          const auto [known, is_new] = of_this_kind.emplace(runs->family, *runs);
          if (!is_new && known->second != *runs && !by_family_.contains(runs->family))
            ambiguous_.insert(runs->family);
        }
      }
      by_family_.merge(of_this_kind);
    }
  }

  const Settled* find(const std::string& family) const {
    const auto found = by_family_.find(family);
    return found == by_family_.end() ? nullptr : &found->second;
  }
  bool is_ambiguous(const std::string& family) const { return ambiguous_.contains(family); }

 private:
  std::map<std::string, Settled> by_family_;
  std::set<std::string> ambiguous_;
};

std::vector<std::string> families_of(const std::vector<Json>& targets) {
  std::vector<std::string> families;
  for (const Json& target : targets) {
    const std::string family = family_of(task_definition_of_target(target));
    if (!family.empty() && std::ranges::find(families, family) == families.end())
      families.push_back(family);
  }
  return families;
}

// The newest revision that any of the targets names.
std::string newest_in_use(const std::vector<Json>& targets) {
  std::string newest;
  for (const Json& target : targets) {
    const std::string runs = task_definition_of_target(target);
    if (runs.empty()) continue;
    if (newest.empty() || revision_number(runs) > revision_number(newest)) newest = runs;
  }
  return newest;
}

Json with_definition(Json target, const std::string& arn) {
  if (target.is_object())
    if (Json* ecs = target.get_object().if_contains("EcsParameters"); ecs && ecs->is_object())
      ecs->get_object()["TaskDefinitionArn"] = arn;
  return target;
}

bool is_for_ecs(const Json& target) { return find(target, "EcsParameters") != nullptr; }

class SchedulePlanner {
 public:
  SchedulePlanner(const ScheduleRelease& wanted, const TriggerSnapshot& trigger,
                  const Snapshot& snapshot, std::span<const PlanStage> before, PlanStage& stage,
                  PlanItem& item)
      : wanted_(wanted),
        trigger_(trigger),
        snapshot_(snapshot),
        before_(before),
        stage_(stage),
        item_(item) {}

  Result<void> plan() {
    TRY(std::optional<Settled> one, definition_for_all());
    TRY(std::vector<TargetPut> puts, wanted_.targets.empty() ? move_along(one) : say_all(one));
    if (puts.empty()) {
      add_step(stage_, item_, Step{.action = LeaveTargets{.runs = runs_now()}});
      return {};
    }
    if (wanted_.trigger.is_rule())
      put_targets(std::move(puts));
    else
      update_schedule(std::move(puts.front()));
    return {};
  }

 private:
  std::string trigger() const { return to_string(wanted_.trigger); }

  // What the file says for the schedule itself; nullopt when it follows the release.
  Result<std::optional<Settled>> definition_for_all() {
    if (std::holds_alternative<FollowRelease>(wanted_.task_definition))
      return std::optional<Settled>();
    if (const auto* item = std::get_if<FollowItem>(&wanted_.task_definition)) {
      TRY(Settled followed, followed_item(*item));
      return std::optional(std::move(followed));
    }
    if (const auto* whole = std::get_if<TaskDefinitionDocument>(&wanted_.task_definition)) {
      TRY(Settled from_file, from_document(*whole));
      return std::optional(std::move(from_file));
    }
    TRY(const std::string reference, base_reference());
    TRY(Settled derived, derived_from(reference));
    return std::optional(std::move(derived));
  }

  Result<Settled> followed_item(const FollowItem& follow) {
    const ItemKind kind = follow.is_task ? ItemKind::kTask : ItemKind::kService;
    for (const PlanStage& stage : before_) {
      for (const PlanItem& item : stage.items) {
        if (item.subject.kind != kind || item.subject.item != follow.name) continue;
        if (std::optional<Settled> runs = settled(item, stage, snapshot_)) return *runs;
      }
    }
    // Not released this time: then it is what the service runs now.
    const auto service = snapshot_.services.find(follow.name);
    if (!follow.is_task && service != snapshot_.services.end()) {
      if (!service->second) return service->second.error();
      return settled_at(service->second->taskDefinition, snapshot_);
    }
    return Error{.kind = ErrorKind::kInvalid,
                 .code = "schedule.unknown-item",
                 .message = fmt::format("it follows {} {}, which is not part of this run",
                                        to_string(kind), follow.name)};
  }

  Result<std::string> base_reference() const {
    if (const auto* given = std::get_if<TaskDefinitionReference>(&wanted_.task_definition))
      return given->reference;
    const std::vector<std::string> families = families_of(trigger_.targets);
    if (families.empty()) return no_ecs_target();
    if (families.size() > 1)
      return Error{.kind = ErrorKind::kInvalid,
                   .code = "schedule.several-families",
                   .message = fmt::format("the targets of {} run several families: {}; say in "
                                          "`task_definition` which one is meant",
                                          trigger(), join(families, ", "))};
    return references_of_trigger(wanted_, trigger_).front();
  }

  Result<Settled> derived_from(const std::string& reference) {
    const Result<TaskDefinitionSnapshot>* base = find_definition(snapshot_, reference);
    if (base == nullptr) return not_observed("task definition " + reference);
    if (!*base) return base->error();
    TRY(Derived derived, derive(base->value(), wanted_.images));
    item_.findings = std::move(derived.findings);
    const std::string& family = base->value().family;
    if (!derived.document) {
      TRY_VOID(check_is_usable(base->value()));
      return Settled{family, base->value().arn};
    }
    const StepIndex step = registration(
        stage_, item_,
        RegisterTaskDefinition{
            .family = family, .base = base->value().arn, .document = std::move(*derived.document)});
    return Settled{family, RegisteredBy{step}};
  }

  Result<Settled> from_document(const TaskDefinitionDocument& whole) {
    TRY(Derived derived, derive(whole, wanted_.images));
    item_.findings = std::move(derived.findings);
    const std::string family(string_or_empty(*derived.document, "family"));
    for (const std::string& reference : references_of_trigger(wanted_, trigger_)) {
      const Result<TaskDefinitionSnapshot>* seen = find_definition(snapshot_, reference);
      if (seen == nullptr || !*seen || !describes_same(*derived.document, seen->value())) continue;
      item_.findings.push_back(NothingToRegister{});
      return Settled{family, seen->value().arn};
    }
    const StepIndex step = registration(
        stage_, item_,
        RegisterTaskDefinition{.family = family, .document = std::move(*derived.document)});
    return Settled{family, RegisteredBy{step}};
  }

  Error no_ecs_target() const {
    return Error{.kind = ErrorKind::kInvalid,
                 .code = "schedule.no-ecs-target",
                 .message = trigger() + " has no target that runs an ECS task"};
  }

  // ---- The targets that are there ----

  Result<std::vector<TargetPut>> move_along(const std::optional<Settled>& one) {
    const std::vector<std::string> families = families_of(trigger_.targets);
    if (families.empty()) return no_ecs_target();
    if (one && std::ranges::find(families, one->family) == families.end())
      return Error{.kind = ErrorKind::kInvalid,
                   .code = "schedule.other-family",
                   .message = fmt::format("no target of {} runs family {}: they run {}", trigger(),
                                          one->family, join(families, ", "))};
    const Released released(before_, snapshot_);
    std::vector<TargetPut> puts;
    for (const Json& target : trigger_.targets) {
      const std::string runs = task_definition_of_target(target);
      if (runs.empty()) continue;
      const std::string family = family_of(runs);
      if (!one && released.is_ambiguous(family))
        return Error{.kind = ErrorKind::kInvalid,
                     .code = "schedule.ambiguous",
                     .message = fmt::format("items of this release run different revisions of {}; "
                                            "say with `of` which one {} follows",
                                            family, trigger())};
      const Settled* wanted = one ? &*one : released.find(family);
      if (wanted == nullptr || wanted->family != family)
        leave(target, runs, one ? "another family is meant" : "its family is not released");
      else if (!has_revision(runs))
        leave(target, runs, "it runs the newest revision of its family by itself");
      else if (wanted->target != TaskDefinitionTarget(runs))
        puts.push_back({.document = target, .task_definition = wanted->target});
    }
    return puts;
  }

  void leave(const Json& target, const std::string& runs, std::string reason) {
    item_.findings.push_back(TargetLeft{.trigger = trigger(),
                                        .target = id_of_target(target),
                                        .task_definition = family_revision_of(runs),
                                        .reason = std::move(reason)});
  }

  // ---- The file says all ----

  Result<std::vector<TargetPut>> say_all(const std::optional<Settled>& one) const {
    std::vector<TargetPut> puts;
    for (const Json& target : wanted_.targets) {
      TargetPut put{.document = target, .task_definition = {}};
      if (is_for_ecs(target) && task_definition_of_target(target).empty()) {
        if (!one)
          return Error{.kind = ErrorKind::kInvalid,
                       .code = "schedule.no-definition",
                       .message = fmt::format("target {} of {} names no task definition",
                                              id_of_target(target), trigger())};
        put.task_definition = one->target;
      }
      if (!is_there_already(put)) puts.push_back(std::move(put));
    }
    return puts;
  }

  bool is_there_already(const TargetPut& put) const {
    const Json* there = target_there(put.document);
    if (there == nullptr) return false;
    if (!put.task_definition) return *there == put.document;
    const auto* arn = std::get_if<std::string>(&*put.task_definition);
    return arn != nullptr && *there == with_definition(put.document, *arn);
  }

  const Json* target_there(const Json& wanted) const {
    if (!wanted_.trigger.is_rule())
      return trigger_.targets.empty() ? nullptr : &trigger_.targets.front();
    const auto found = std::ranges::find_if(trigger_.targets, [&](const Json& target) {
      return id_of_target(target) == id_of_target(wanted);
    });
    return found == trigger_.targets.end() ? nullptr : &*found;
  }

  // ---- Steps ----

  std::string runs_now() const {
    std::vector<std::string> names;
    for (const Json& target : trigger_.targets)
      if (const std::string runs = task_definition_of_target(target); !runs.empty())
        if (const std::string name = family_revision_of(runs);
            std::ranges::find(names, name) == names.end())
          names.push_back(name);
    return join(names, ", ");
  }

  static void need(Step& step, const TargetPut& put) {
    if (!put.task_definition) return;
    const auto* registered = std::get_if<RegisteredBy>(&*put.task_definition);
    if (registered == nullptr || registered->stage) return;
    if (std::ranges::find(step.needs, registered->step) == step.needs.end())
      step.needs.push_back(registered->step);
  }

  void put_targets(std::vector<TargetPut> puts) {
    for (std::size_t first = 0; first < puts.size(); first += kTargetsPerCall) {
      PutTargets action{.rule = wanted_.trigger.rule, .event_bus = wanted_.trigger.event_bus};
      TargetsUnchanged expects{.trigger = wanted_.trigger};
      PutTargets back = action;
      RemoveTargets away{.rule = action.rule, .event_bus = action.event_bus};
      Step step;
      const std::size_t last = std::min(first + kTargetsPerCall, puts.size());
      for (std::size_t i = first; i < last; ++i) {
        need(step, puts[i]);
        if (const Json* there = target_there(puts[i].document)) {
          expects.targets.push_back(*there);
          back.targets.push_back({.document = *there, .task_definition = {}});
        } else {
          away.ids.push_back(id_of_target(puts[i].document));
        }
        action.targets.push_back(std::move(puts[i]));
      }
      step.action = std::move(action);
      step.expects = std::move(expects);
      if (!away.ids.empty()) step.undo.push_back(std::move(away));
      if (!back.targets.empty()) step.undo.push_back(std::move(back));
      add_step(stage_, item_, std::move(step));
    }
  }

  void update_schedule(TargetPut put) {
    UpdateSchedule action{.schedule = wanted_.trigger.schedule,
                          .group = wanted_.trigger.group,
                          .document = trigger_.schedule,
                          .target = std::move(put)};
    UpdateSchedule back = action;
    back.target = {.document = trigger_.targets.empty() ? Json() : trigger_.targets.front(),
                   .task_definition = {}};
    Step step;
    need(step, action.target);
    step.expects = TargetsUnchanged{.trigger = wanted_.trigger, .targets = trigger_.targets};
    step.action = std::move(action);
    step.undo.push_back(std::move(back));
    add_step(stage_, item_, std::move(step));
  }

  const ScheduleRelease& wanted_;
  const TriggerSnapshot& trigger_;
  const Snapshot& snapshot_;
  std::span<const PlanStage> before_;
  PlanStage& stage_;
  PlanItem& item_;
};

}  // namespace

PlanItem plan_schedule(const ScheduleRelease& wanted, const Snapshot& snapshot,
                       std::span<const PlanStage> before, PlanStage& stage) {
  PlanItem item{.subject = {.stage = stage.kind, .kind = ItemKind::kSchedule, .item = wanted.name}};
  const std::string trigger = to_string(wanted.trigger);
  const auto found = snapshot.triggers.find(trigger);
  if (found == snapshot.triggers.end())
    return refused(stage, std::move(item), not_observed(trigger));
  if (!found->second) return refused(stage, std::move(item), found->second.error());
  const Result<void> planned =
      SchedulePlanner(wanted, *found->second, snapshot, before, stage, item).plan();
  return planned ? item : refused(stage, std::move(item), planned.error());
}

std::vector<std::string> references_of_trigger(const ScheduleRelease& wanted,
                                               const TriggerSnapshot& trigger) {
  const std::string in_use = newest_in_use(trigger.targets);
  if (in_use.empty()) return {};
  if (std::holds_alternative<InUse>(wanted.task_definition)) return {in_use};
  if (std::holds_alternative<LatestRevision>(wanted.task_definition)) return {family_of(in_use)};
  if (const auto* whole = std::get_if<TaskDefinitionDocument>(&wanted.task_definition)) {
    const std::string_view family = string_or_empty(whole->document, "family");
    std::vector<Json> of_family;
    for (const Json& target : trigger.targets)
      if (family_of(task_definition_of_target(target)) == family) of_family.push_back(target);
    const std::string newest = newest_in_use(of_family);
    return newest.empty() ? std::vector<std::string>() : std::vector<std::string>{newest};
  }
  return {};
}

}  // namespace slipway
