#include "sim/event_scheduler.h"

#include "sim/calls.h"
#include "sim/schedule_expression.h"
#include "sim/target_runs.h"
#include "sim/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kDefaultGroup = "default";

ServiceError invalid(std::string message) {
  return {400, "ValidationException", std::move(message), {}};
}
ServiceError missing(std::string message) {
  return {404, "ResourceNotFoundException", std::move(message), {}};
}
ServiceError conflict(std::string message) {
  return {409, "ConflictException", std::move(message), {}};
}

std::string group_named(const Json& input) {
  const std::string_view name = string_or_empty(input, "GroupName");
  return std::string(name.empty() ? kDefaultGroup : name);
}

ScheduleGroup* find_group(Region& region, std::string_view name) {
  const auto found = region.schedule_groups.find(name);
  return found == region.schedule_groups.end() ? nullptr : &found->second;
}

Answer<ScheduleGroup*> known_group(const Call& call, std::string_view name) {
  ScheduleGroup* group = find_group(call.region, name);
  if (group == nullptr) return missing(fmt::format("Schedule group {} does not exist.", name));
  return group;
}

Answer<Schedule*> known_schedule(const Call& call) {
  const std::string group = group_named(call.input);
  TRY([[maybe_unused]] ScheduleGroup * known, known_group(call, group));
  const std::string name(string_or_empty(call.input, "Name"));
  const auto found = call.region.schedules.find({group, name});
  if (found == call.region.schedules.end())
    return missing(fmt::format("Schedule {} does not exist.", name));
  return &found->second;
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::optional<ServiceError> check_name(std::string_view name) {
  if (is_name(name)) return std::nullopt;
  return invalid(
      fmt::format("1 validation error detected: Value '{}' at 'name' failed to satisfy constraint: "
                  "Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$",
                  name));
}

std::optional<ServiceError> check_target(const Json& target) {
  if (const auto input = find_string(target, "Input");
      input && is_ecs_target(target) && !parse_json(*input))
    return invalid("The Input provided for the target is not valid JSON.");
  if (!string_or_empty(target, "Arn").starts_with("arn:"))
    return invalid(fmt::format("Provided Arn is not in correct format. Arn: {}",
                               string_or_empty(target, "Arn")));
  if (is_ecs_target(target) && find(target, "EcsParameters") == nullptr)
    return invalid("EcsParameters must be specified for an ECS target.");
  return std::nullopt;
}

std::optional<ServiceError> check_schedule(const Json& input) {
  if (auto error = check_name(string_or_empty(input, "Name"))) return error;
  const std::string_view expression = string_or_empty(input, "ScheduleExpression");
  if (!ScheduleExpression::parse(expression, true))
    return invalid(fmt::format("Invalid Schedule Expression {}.", expression));
  if (const Json* window = find(input, "FlexibleTimeWindow")) {
    const bool is_flexible = string_or_empty(*window, "Mode") == "FLEXIBLE";
    if (is_flexible != find_int(*window, "MaximumWindowInMinutes").has_value())
      return invalid(is_flexible ? "MaximumWindowInMinutes is required when Mode is FLEXIBLE."
                                 : "MaximumWindowInMinutes can only be set when Mode is FLEXIBLE.");
  }
  const auto start = find_time(input, "StartDate");
  const auto end = find_time(input, "EndDate");
  for (const auto& [date, member] : {std::pair(start, "StartDate"), std::pair(end, "EndDate")})
    if (!date && find(input, member) != nullptr) return invalid(fmt::format("Invalid {}.", member));
  if (start && end && *start >= *end) return invalid("The StartDate must come before the EndDate.");
  const Json* target = find(input, "Target");
  return target == nullptr ? std::nullopt : check_target(*target);
}

void plan_next(Region& region, Schedule& schedule, TimePoint after);

void fire_and_go_on(Region& region, Schedule& schedule) {
  const Json target = schedule.document.at("Target");
  const std::string started_by = "chronos-schedule/" + schedule.Name;
  const bool ends_with_it = string_or_empty(schedule.document, "ActionAfterCompletion") == "DELETE";
  plan_next(region, schedule, region.now);
  // From here on the schedule may be gone.
  if (!schedule.next.is_set() && ends_with_it)
    region.schedules.erase({schedule.GroupName, schedule.Name});
  fire(region, target, started_by);
}

void plan_next(Region& region, Schedule& schedule, TimePoint after) {
  schedule.next.cancel();
  const Json& document = schedule.document;
  if (string_or_empty(document, "State") != "ENABLED" ||
      string_or_empty(document, "ScheduleExpressionTimezone") != "UTC")
    return;
  const auto expression =
      ScheduleExpression::parse(string_or_empty(document, "ScheduleExpression"), true);
  TimePoint since = schedule.LastModificationDate;
  if (const auto start = find_time(document, "StartDate")) {
    since = std::max(since, *start);
    after = std::max(after, *start - Duration(1));
  }
  const auto moment = expression->next(after, since);
  const auto end = find_time(document, "EndDate");
  if (!moment || (end && *moment > *end)) return;
  schedule.next.set(region.timeline, *moment,
                    [&region, &schedule] { fire_and_go_on(region, schedule); });
}

// What is not said has the default, and nothing of what was there stays.
void take(Region& region, Schedule& schedule, const Json& input) {
  JsonObject document;
  for (const auto& member : input.as_object())
    if (member.key() != "ClientToken" && !member.value().is_null())
      document[member.key()] = member.value();
  const auto set_default = [&](const char* name, Json value) {
    if (!document.contains(name)) document[name] = std::move(value);
  };
  document["GroupName"] = schedule.GroupName;
  document["Arn"] = schedule.Arn;
  set_default("State", "ENABLED");
  set_default("ScheduleExpressionTimezone", "UTC");
  set_default("ActionAfterCompletion", "NONE");
  if (JsonObject* target = document["Target"].if_object())
    if (!target->contains("RetryPolicy"))
      (*target)["RetryPolicy"] =
          JsonObject{{"MaximumEventAgeInSeconds", 86400}, {"MaximumRetryAttempts", 185}};
  schedule.document = std::move(document);
  schedule.LastModificationDate = region.now;
  plan_next(region, schedule, region.now);
}

Reply CreateSchedule(const Call& call) {
  const std::string group = group_named(call.input);
  if (auto error = check_schedule(call.input)) return std::move(*error);
  TRY([[maybe_unused]] ScheduleGroup * known, known_group(call, group));
  const std::string name(string_or_empty(call.input, "Name"));
  const std::string token(string_or_empty(call.input, "ClientToken"));
  if (const auto found = call.region.schedules.find({group, name});
      found != call.region.schedules.end()) {
    if (!token.empty() && found->second.made_with == token)
      return answer_with({{"ScheduleArn", found->second.Arn}});
    return conflict(fmt::format("Schedule {} already exists.", name));
  }
  Schedule& schedule = call.region.schedules[{group, name}];
  schedule.Name = name;
  schedule.GroupName = group;
  schedule.Arn = fmt::format("arn:{}:scheduler:{}:{}:schedule/{}/{}", call.region.partition,
                             call.region.name, call.region.account, group, name);
  schedule.made_with = token;
  schedule.CreationDate = call.region.now;
  take(call.region, schedule, call.input);
  return answer_with({{"ScheduleArn", schedule.Arn}});
}

Reply UpdateSchedule(const Call& call) {
  if (auto error = check_schedule(call.input)) return std::move(*error);
  TRY(Schedule * schedule, known_schedule(call));
  take(call.region, *schedule, call.input);
  return answer_with({{"ScheduleArn", schedule->Arn}});
}

Reply GetSchedule(const Call& call) {
  TRY(Schedule * schedule, known_schedule(call));
  JsonObject json = schedule->document.as_object();
  json["CreationDate"] = seconds_of(schedule->CreationDate);
  json["LastModificationDate"] = seconds_of(schedule->LastModificationDate);
  return answer_with(std::move(json));
}

Reply DeleteSchedule(const Call& call) {
  TRY(Schedule * schedule, known_schedule(call));
  call.region.schedules.erase({schedule->GroupName, schedule->Name});
  return JsonText{};
}

// The page of `items` that the call asks for.
Reply list(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  return answer_with_page(
      call.input, items,
      {.member = member, .limit = "MaxResults", .bad_token = invalid("Invalid NextToken.")});
}

Reply ListSchedules(const Call& call) {
  const std::string_view group = string_or_empty(call.input, "GroupName");
  const std::string_view prefix = string_or_empty(call.input, "NamePrefix");
  const std::string_view state = string_or_empty(call.input, "State");
  if (!group.empty()) TRY_VOID(known_group(call, group));
  std::vector<PageItem> items;
  for (const auto& [key, schedule] : call.region.schedules) {
    const std::string_view its_state = string_or_empty(schedule.document, "State");
    if ((!group.empty() && schedule.GroupName != group) || !schedule.Name.starts_with(prefix) ||
        (!state.empty() && its_state != state))
      continue;
    items.push_back(
        {key.first + "/" + key.second,
         JsonObject{{"Arn", schedule.Arn},
                    {"Name", schedule.Name},
                    {"GroupName", schedule.GroupName},
                    {"State", its_state},
                    {"CreationDate", seconds_of(schedule.CreationDate)},
                    {"LastModificationDate", seconds_of(schedule.LastModificationDate)},
                    {"Target", JsonObject{{"Arn", string_or_empty(schedule.document.at("Target"),
                                                                  "Arn")}}}}});
  }
  return list(call, "Schedules", items);
}

// ---- Groups -----------------------------------------------------------------------------------

Reply CreateScheduleGroup(const Call& call) {
  const std::string name(string_or_empty(call.input, "Name"));
  if (auto error = check_name(name)) return std::move(*error);
  const std::string token(string_or_empty(call.input, "ClientToken"));
  if (const ScheduleGroup* known = find_group(call.region, name)) {
    if (!token.empty() && known->made_with == token)
      return answer_with({{"ScheduleGroupArn", known->Arn}});
    return conflict(fmt::format("Schedule group {} already exists.", name));
  }
  ScheduleGroup& group = add_schedule_group(call.region, name);
  group.made_with = token;
  return answer_with({{"ScheduleGroupArn", group.Arn}});
}

JsonObject shown(const ScheduleGroup& group) {
  return {{"Arn", group.Arn},
          {"Name", group.Name},
          {"State", "ACTIVE"},
          {"CreationDate", seconds_of(group.CreationDate)},
          {"LastModificationDate", seconds_of(group.CreationDate)}};
}

Reply GetScheduleGroup(const Call& call) {
  TRY(ScheduleGroup * group, known_group(call, string_or_empty(call.input, "Name")));
  return answer_with(shown(*group));
}

Reply DeleteScheduleGroup(const Call& call) {
  const std::string name(string_or_empty(call.input, "Name"));
  if (name == kDefaultGroup) return invalid("The default schedule group cannot be deleted.");
  TRY_VOID(known_group(call, name));
  std::erase_if(call.region.schedules,
                [&](const auto& entry) { return entry.first.first == name; });
  call.region.schedule_groups.erase(name);
  return JsonText{};
}

Reply ListScheduleGroups(const Call& call) {
  const std::string_view prefix = string_or_empty(call.input, "NamePrefix");
  std::vector<PageItem> items;
  for (const auto& [name, group] : call.region.schedule_groups)
    if (name.starts_with(prefix)) items.push_back({name, shown(group)});
  return list(call, "ScheduleGroups", items);
}

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"CreateSchedule", CreateSchedule},
    Operation{"CreateScheduleGroup", CreateScheduleGroup},
    Operation{"DeleteSchedule", DeleteSchedule},
    Operation{"DeleteScheduleGroup", DeleteScheduleGroup},
    Operation{"GetSchedule", GetSchedule, kReads},
    Operation{"GetScheduleGroup", GetScheduleGroup, kReads},
    Operation{"ListScheduleGroups", ListScheduleGroups, kReads},
    Operation{"ListSchedules", ListSchedules, kReads},
    Operation{"UpdateSchedule", UpdateSchedule},
};

}  // namespace

ScheduleGroup& add_schedule_group(Region& region, const std::string& name) {
  ScheduleGroup& group = region.schedule_groups[name];
  group.Name = name;
  group.Arn = fmt::format("arn:{}:scheduler:{}:{}:schedule-group/{}", region.partition, region.name,
                          region.account, name);
  group.CreationDate = region.now;
  return group;
}

std::span<const Operation> event_scheduler_operations() { return kOperations; }

}  // namespace slipway::sim
