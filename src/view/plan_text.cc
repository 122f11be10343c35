#include "view/plan_text.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

namespace slipway {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

constexpr std::string_view kChange = "~";
constexpr std::string_view kSame = "=";
constexpr std::string_view kProblem = "!";

std::string target_of(const TaskDefinitionTarget& target) {
  if (const auto* text = std::get_if<std::string>(&target)) return family_revision_of(*text);
  return "the new revision";
}

// "\njob: web:41 -> the new revision", a line for each.
std::string targets_of(const std::vector<TargetPut>& targets) {
  std::string text;
  for (const TargetPut& put : targets) {
    const std::string id = id_of_target(put.document);
    const std::string was = family_revision_of(task_definition_of_target(put.document));
    text += "\n  " + (id.empty() ? std::string() : id + ": ");
    if (!put.task_definition)
      text += was.empty() ? "as the file says" : was + ", as the file says";
    else
      text += (was.empty() ? std::string() : was + " -> ") + target_of(*put.task_definition);
  }
  return text;
}

std::string where_of(const Mover& mover) {
  if (const auto* alb = std::get_if<AlbMover>(&mover))
    return alb->rule.empty() ? "listener " + last_segment(alb->listener)
                             : "rule " + last_segment(alb->rule);
  if (const auto* dns = std::get_if<DnsMover>(&mover)) return join(dns->names, ", ");
  return std::string(to_string(mover));
}

std::string step_of(const Canary& canary, const TrafficStep& step) {
  std::string text = fmt::format("{:>3}%, bake {}", step.weight, to_string(step.bake));
  std::vector<std::string> checks;
  for (const std::string& name : step.checks)
    if (const Check* check = find_check(canary, name)) checks.push_back(to_string(*check));
  if (!checks.empty()) text += ": " + join(checks, "; ");
  if (step.pause) text += ", then wait for a person";
  return text;
}

std::string shift_of(const ShiftTraffic& action) {
  const std::string old_side = to_string(action.from.side);
  std::string text =
      fmt::format("{} {} and {}; then traffic of {} goes over from {}:", to_string(action.to.side),
                  action.task_definition ? "gets " + target_of(*action.task_definition)
                                         : "keeps " + family_revision_of(action.to.task_definition),
                  counted(static_cast<std::size_t>(action.from.desiredCount), "task"),
                  where_of(action.canary.mover), old_side);
  for (const TrafficStep& step : action.canary.steps)
    if (!action.taken_over_at || step.weight > *action.taken_over_at || step.weight == 100)
      text += "\n  " + step_of(action.canary, step);
  std::vector<std::string> alarms;
  for (const Check& check : action.canary.checks)
    if (const auto* alarm = std::get_if<AlarmCheck>(&check)) alarms.push_back(alarm->alarm);
  if (!alarms.empty()) text += "\n  alarms watched all the time: " + join(alarms, ", ");
  text += fmt::format("\n  in the end {} goes to no task", old_side);
  if (action.canary.keep_previous > Duration{0})
    text += ", " + to_string(action.canary.keep_previous) + " later";
  if (!action.taken_over_at && !action.to.task_set.empty())
    text += fmt::format("\n  the task set that {} has, {} of an earlier release, is deleted first",
                        to_string(action.to.side), family_revision_of(action.to.task_definition));
  return text;
}

// Where ECS waits for this run, or for whoever goes on in its place.
std::string pauses_of(const ShiftByEcs& action) {
  std::string text;
  const JsonArray* const hooks = find_array(action.deploymentConfiguration, "lifecycleHooks");
  if (hooks == nullptr) return text;
  for (const Json& hook : *hooks) {
    const Json* const timeout = find(hook, "timeoutConfiguration");
    const JsonArray* const stages = find_array(hook, "lifecycleStages");
    if (string_or_empty(hook, "targetType") != "PAUSE" || timeout == nullptr || stages == nullptr)
      continue;
    const bool at_the_end = std::ranges::any_of(*stages, [](const Json& stage) {
      return stage.is_string() && stage.get_string() == "POST_PRODUCTION_TRAFFIC_SHIFT";
    });
    const std::chrono::minutes patience(find_int(*timeout, "timeoutInMinutes").value_or(0));
    text += fmt::format("; it pauses {}, and goes back when nobody continues it within {}",
                        at_the_end ? "after all traffic has moved" : "before each step",
                        to_string(patience));
  }
  return text;
}

// One service, whose traffic somebody else moves.
std::string shift_of(std::string_view who, const Canary& canary, const std::string& to) {
  std::string text = fmt::format("{} moves traffic to {}:", who, to);
  for (const TrafficStep& step : canary.steps) text += "\n  " + step_of(canary, step);
  return text;
}

std::string shift_of(const ShiftByCodeDeploy& action) {
  std::string text = shift_of("CodeDeploy", action.canary, target_of(action.task_definition));
  text += fmt::format("\n  deployment group {}/{}, configuration {}", action.application,
                      action.deployment_group, action.deployment_config);
  if (!action.alarms.empty()) text += "\n  alarms that stop it: " + join(action.alarms, ", ");
  if (action.waits_for_go_ahead)
    text += "\n  ContinueDeployment before traffic moves, once the new tasks are up";
  const Duration watched = action.canary.steps.back().bake + action.canary.keep_previous;
  if (watched < action.keeps_old)
    text +=
        fmt::format("\n  ContinueDeployment lets the old tasks go {} after the last step, not {}",
                    to_string(watched), to_string(action.keeps_old));
  return text;
}

std::string sentence_of(const Step& step) {
  return std::visit(
      Overloaded{
          [](const RegisterTaskDefinition& action) {
            return "register a revision of " + action.family +
                   (action.base.empty() ? std::string()
                                        : ", derived from " + family_revision_of(action.base));
          },
          [](const RunTask& action) {
            std::string text = fmt::format(
                "run {} of {}", counted(static_cast<std::size_t>(action.run.count), "task"),
                target_of(action.task_definition));
            if (!action.run.launchType.empty()) text += " on " + action.run.launchType;
            return text;
          },
          [](const UpdateService& action) {
            std::string text = action.task_definition
                                   ? "update to " + target_of(*action.task_definition)
                                   : std::string("keep its revision");
            if (action.forceNewDeployment) text += ", force a new deployment";
            return text;
          },
          [](const ShiftTraffic& action) { return shift_of(action); },
          [](const RestoreTraffic& action) {
            return fmt::format("all traffic back to {}", to_string(action.back_to.side));
          },
          [](const ShiftByEcs& action) {
            return shift_of("ECS", action.canary,
                            (action.task_definition ? target_of(*action.task_definition)
                                                    : std::string("a new deployment")) +
                                pauses_of(action));
          },
          [](const ShiftByCodeDeploy& action) { return shift_of(action); },
          [](const ObserveService&) { return std::string("nothing to change, only look"); },
          [](const PutTargets& action) {
            return fmt::format("put {} of {}{}", counted(action.targets.size(), "target"),
                               to_string(Trigger{.rule = action.rule,
                                                 .event_bus = action.event_bus,
                                                 .schedule = {},
                                                 .group = {}}),
                               targets_of(action.targets));
          },
          [](const RemoveTargets& action) {
            return fmt::format("remove {} of rule {}", counted(action.ids.size(), "target"),
                               action.rule);
          },
          [](const UpdateSchedule& action) {
            return "update " +
                   to_string(Trigger{.rule = {},
                                     .event_bus = {},
                                     .schedule = action.schedule,
                                     .group = action.group}) +
                   targets_of({action.target});
          },
          [](const LeaveTargets& action) {
            return "nothing to change" +
                   (action.runs.empty() ? std::string() : ", its targets run " + action.runs);
          },
          [](const ObserveTasks&) { return std::string("nothing to start, only look"); },
          [](const Refuse& action) { return to_string(action.error); },
          [](const Skip& action) { return "skipped: " + action.reason; },
      },
      step.action);
}

std::string waiting_of(const Step& step) {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string(); },
                        [](const TasksStopped& until) {
                          return until.max_wait ? fmt::format(", wait until it stops, at most {}",
                                                              to_string(*until.max_wait))
                                                : std::string(", wait until it stops");
                        },
                        [](const DeploymentCompleted& until) {
                          return fmt::format(", wait until stable, at most {}",
                                             to_string(until.max_wait));
                        },
                    },
                    step.until);
}

std::string_view mark_of(const PlanStage& stage, const PlanItem& item) {
  std::string_view mark = kSame;
  for (const StepIndex index : item.steps) {
    const Action& action = stage.steps[index].action;
    if (std::holds_alternative<Refuse>(action)) return kProblem;
    if (!std::holds_alternative<ObserveService>(action) &&
        !std::holds_alternative<LeaveTargets>(action) && !std::holds_alternative<Skip>(action))
      mark = kChange;
  }
  return mark;
}

std::string_view color_of(std::string_view mark) {
  return mark == kChange ? "\x1b[33m" : mark == kProblem ? "\x1b[31m" : "\x1b[32m";
}

// "\n" inside a text continues under its first line.
std::string indented(std::string_view text, std::size_t by) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(by, ' ');
  }
  return out;
}

std::string_view name_of(const Action& action) {
  if (std::holds_alternative<RegisterTaskDefinition>(action)) return "RegisterTaskDefinition";
  if (std::holds_alternative<RunTask>(action)) return "RunTask";
  if (std::holds_alternative<UpdateService>(action)) return "UpdateService";
  if (std::holds_alternative<ShiftTraffic>(action)) return "traffic shift";
  if (std::holds_alternative<ShiftByEcs>(action)) return "UpdateService";
  if (std::holds_alternative<ShiftByCodeDeploy>(action)) return "CreateDeployment";
  if (std::holds_alternative<PutTargets>(action)) return "PutTargets";
  if (std::holds_alternative<UpdateSchedule>(action)) return "UpdateSchedule";
  return "";
}

}  // namespace

std::string to_string(const Plan& plan, bool color) {
  std::string text;
  std::map<std::string_view, int> calls;
  for (const PlanStage& stage : plan.stages) {
    if (stage.items.empty()) continue;
    text += fmt::format("{}\n", to_string(stage.kind));
    for (const PlanItem& item : stage.items) {
      const std::string_view mark = mark_of(stage, item);
      text += fmt::format("  {}{}{} {}", color ? color_of(mark) : "", mark, color ? "\x1b[0m" : "",
                          item.subject.item);
      if (!item.after.empty()) text += fmt::format(" (after {})", join(item.after, ", "));
      text += "\n";
      for (const EventBody& finding : item.findings) {
        if (const auto* image = std::get_if<ImageChanged>(&finding))
          text += fmt::format("      {}: {} -> {}\n", image->container, image->old_image,
                              image->new_image);
        else if (const auto* same = std::get_if<ImageUnchanged>(&finding))
          text += fmt::format("      {}: {}, as it is\n", same->container, same->image);
        else if (const auto* missing = std::get_if<ContainerMissing>(&finding))
          text += fmt::format("      warning: no container named \"{}\"{}{}\n", missing->container,
                              missing->suggestion.empty() ? "" : "; ", missing->suggestion);
        else if (const auto* left = std::get_if<TargetLeft>(&finding))
          text +=
              fmt::format("      {}{} stays: {}\n", left->target.empty() ? "" : left->target + ": ",
                          left->task_definition, left->reason);
      }
      for (const StepIndex index : item.steps) {
        const Step& step = stage.steps[index];
        text += fmt::format("      {}{}\n", indented(sentence_of(step), 6), waiting_of(step));
        if (const std::string_view name = name_of(step.action); !name.empty()) ++calls[name];
        for (const StepIndex needed : step.needs) {
          const bool own = std::ranges::find(item.steps, needed) != item.steps.end();
          if (!own) text += "      (the new revision is the one registered above)\n";
        }
      }
    }
  }
  if (calls.empty()) return text + "\nNothing to change.\n";
  std::vector<std::string> parts;
  for (const auto& [name, count] : calls) parts.push_back(fmt::format("{} {}", count, name));
  text += fmt::format("\nChanging calls: {}. ", join(parts, ", "));
  text += plan.on_failure == OnFailure::kRollback
              ? "If a service fails, what was changed is rolled back.\n"
              : "If a service fails, services stay where they are.\n";
  return text;
}

}  // namespace slipway
