#include "execute/triggers.h"

#include "aws/codec.h"
#include "aws/events.h"
#include "aws/pages.h"
#include "aws/scheduler.h"
#include "base/text.h"
#include "execute/changes.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

constexpr int kPutTries = 3;
constexpr Duration kPutPause = 1s;

bool is_gone(const Error& error) { return error.code == "ResourceNotFoundException"; }

Error missing(const Trigger& trigger, Error error) {
  error.kind = ErrorKind::kNotFound;
  error.code = "trigger.missing";
  error.message = to_string(trigger) + " does not exist";
  if (trigger.is_rule() && trigger.event_bus.empty()) error.message += " on the default event bus";
  return error;
}

// AWS puts some and refuses others; these it may take a moment later.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargetsResultEntry.html
bool is_for_the_moment(const FailedTarget& failed) {
  return failed.code == "ConcurrentModificationException" || failed.code == "InternalException" ||
         failed.code == "InternalFailure" || failed.code == "ThrottlingException";
}

template <class Entry>
std::vector<FailedTarget> failed_of(const std::vector<Entry>& entries) {
  std::vector<FailedTarget> failed;
  for (const Entry& entry : entries)
    failed.push_back({entry.TargetId, entry.ErrorCode, entry.ErrorMessage});
  return failed;
}

Result<TriggerSnapshot> look_at_rule(Context& context, const Trigger& trigger) {
  TriggerSnapshot seen{.taken_at = context.clock().now(), .targets = {}, .schedule = nullptr};
  TRY(aws::Client* const events, context.clients.of(aws::kEvents));
  Result<std::vector<Json>> targets = aws::all_items(
      *events, aws::ListTargetsByRule, {.Rule = trigger.rule, .EventBusName = trigger.event_bus},
      &aws::ListTargetsByRuleResponse::Targets);
  if (!targets)
    return is_gone(targets.error()) ? missing(trigger, targets.error()) : targets.error();
  seen.targets = std::move(*targets);
  return seen;
}

Result<TriggerSnapshot> look_at_schedule(Context& context, const Trigger& trigger) {
  const Result<aws::GetScheduleOutput> schedule = context.clients.call(
      aws::GetSchedule, {.GroupName = trigger.group, .Name = trigger.schedule});
  if (!schedule)
    return is_gone(schedule.error()) ? missing(trigger, schedule.error()) : schedule.error();
  TRY(Json document, parse_json(aws::encode_json(aws::ref(*schedule), aws::Side::kAnswer)));
  TriggerSnapshot seen{.taken_at = context.clock().now(),
                       .targets = {schedule->Target},
                       .schedule = std::move(document)};
  return seen;
}

}  // namespace

Result<TriggerSnapshot> look_at_trigger(Context& context, const Trigger& trigger) {
  return (trigger.is_rule() ? look_at_rule(context, trigger) : look_at_schedule(context, trigger))
      .context("reading the targets of " + to_string(trigger));
}

Result<std::vector<FailedTarget>> put_targets(Context& context, const Subject& subject,
                                              const TargetsToPut& put, bool undo) {
  aws::PutTargetsRequest request{
      .Rule = put.rule, .EventBusName = put.event_bus, .Targets = put.targets};
  std::vector<FailedTarget> refused;
  for (int attempt = 1;; ++attempt) {
    TRY(const aws::PutTargetsResponse reply,
        call_announced(context, {.subject = subject, .is_undo = undo}, aws::PutTargets, request)
            .context("putting targets of rule " + put.rule));
    std::vector<Json> again;
    for (FailedTarget& failed : failed_of(reply.FailedEntries)) {
      const auto target = std::ranges::find_if(
          request.Targets, [&](const Json& json) { return id_of_target(json) == failed.id; });
      if (is_for_the_moment(failed) && attempt < kPutTries && target != request.Targets.end())
        again.push_back(*target);
      else
        refused.push_back(std::move(failed));
    }
    if (again.empty()) return refused;
    request.Targets = std::move(again);
    TRY_VOID(context.clock().sleep_for(kPutPause * attempt));
  }
}

Result<std::vector<FailedTarget>> remove_targets(Context& context, const Subject& subject,
                                                 const RemoveTargets& action, bool undo) {
  const aws::RemoveTargetsRequest request{.Rule = action.rule,
                                          .EventBusName = action.event_bus,
                                          .Ids = action.ids,
                                          .Force = std::nullopt};
  TRY(const aws::RemoveTargetsResponse reply,
      call_announced(context, {.subject = subject, .is_undo = undo}, aws::RemoveTargets, request)
          .context("removing targets of rule " + action.rule));
  return failed_of(reply.FailedEntries);
}

Result<void> update_schedule(Context& context, const Subject& subject, const UpdateSchedule& action,
                             const Json& target, bool undo) {
  TRY(aws::UpdateScheduleInput request, aws::from_json<aws::UpdateScheduleInput>(action.document));
  request.Name = action.schedule;
  request.GroupName = action.group;
  request.Target = target;
  request.ClientToken = context.runtime.random.uuid();
  TRY_VOID(
      call_announced(context, {.subject = subject, .is_undo = undo}, aws::UpdateSchedule, request)
          .context("updating schedule " + action.schedule));
  return {};
}

Error failed_targets(const std::string& trigger, std::string_view done,
                     const std::vector<FailedTarget>& failed, std::size_t of) {
  std::vector<std::string> words;
  for (const FailedTarget& target : failed)
    words.push_back(fmt::format("{}: {}, {}", target.id, target.code, target.message));
  return Error{.kind = ErrorKind::kFailed,
               .code = failed.front().code,
               .message = fmt::format(
                   "{} of {} of {} {} not {}: {}", failed.size(), counted(of, "target"), trigger,
                   failed.size() == 1 ? "was" : "were", done, join(words, "; "))};
}

Json with_task_definition(Json target, const std::string& arn) {
  if (target.is_object())
    if (Json* ecs = target.get_object().if_contains("EcsParameters"); ecs && ecs->is_object())
      ecs->get_object()["TaskDefinitionArn"] = arn;
  return target;
}

}  // namespace slipway
