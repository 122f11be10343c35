// docs/events.md lists every type of event and its members; this test holds it against the code.
// UPDATE_GOLDEN=1 writes the table anew; the sentences about each type are kept in `kAbout`.
#include "base/runtime.h"
#include "model/json_codec.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace slipway {
namespace {

struct About {
  std::string_view type;
  std::string_view sentence;
};
constexpr About kAbout[] = {
    {"run_started", "a command that changes or watches something has begun"},
    {"plan_made", "the whole plan, as `slipway plan --output json` prints it"},
    {"run_ended", "how it ended, how many calls it took, where each changed item stands"},
    {"interrupted",
     "a signal ended the watch; what is still in progress and how to go on watching"},
    {"stage_empty", "the file has nothing for this stage"},
    {"stage_started", "a stage begins"},
    {"stage_ended", "all items of the stage have ended"},
    {"item_started", "a task, service or schedule has its turn"},
    {"item_ended", "its outcome"},
    {"base_task_definition", "the revision a new one is derived from"},
    {"container_not_listed", "a container no change names; left as it is"},
    {"container_missing", "a change names a container the definition does not have"},
    {"image_unchanged", "the container has the wanted image already"},
    {"image_changed", "the container gets another image"},
    {"nothing_to_register", "no image changed"},
    {"task_definition_registering", "RegisterTaskDefinition is about to be called"},
    {"task_definition_registered", "the new revision, perhaps shared with another item"},
    {"task_definition_deregistered", "pruning has made an old revision INACTIVE"},
    {"task_definition_deleted", "an INACTIVE revision is gone for good"},
    {"call_announced", "a changing call is about to be sent; in the journal, synced before it is"},
    {"call_made", "a call with all its attempts"},
    {"call_denied", "an optional call that is not allowed; not tried again"},
    {"poll_failed", "a look that failed after its retries, and is tolerated"},
    {"task_parameters", "how RunTask is about to be called"},
    {"tasks_started", "the tasks that RunTask started"},
    {"task_not_started", "one of RunTask's failures"},
    {"task_observed", "one look at one task"},
    {"task_stopped", "a task has stopped, well or not"},
    {"task_log_line", "a line that a container of a one-off task wrote; not in the journal"},
    {"tasks_completed", "all tasks of the item ended well"},
    {"service_updated", "UpdateService answered; the deployment that is ours"},
    {"service_observed", "one look at a service and its deployments"},
    {"service_event", "a new entry of the service's own event list"},
    {"first_task_running", "a first task of the new revision runs, healthy where that is checked"},
    {"checking_stability", "the rollout has completed, the service is not at rest yet"},
    {"service_stable", "the service is at rest on the wanted revision"},
    {"service_deployment_observed",
     "one look at a service deployment that is stopped or continued"},
    {"code_deploy_observed", "one look at a deployment of CodeDeploy that showed something new"},
    {"failure_explained",
     "why a rollout failed: stopped tasks by reason, events, ECS's own reason"},
    {"traffic_shifted", "the new side's share of traffic is another one, and was read back"},
    {"step_started", "a step's weight is in force, its bake time begins"},
    {"check_evaluated", "one evaluation of a check, with its value"},
    {"step_paused", "a step waits for a person; the weights stay"},
    {"targets_observed", "one look at a target group: how many targets are in which state"},
    {"target_moved", "a rule's or schedule's target runs another revision from now on"},
    {"target_left", "a target that does not move, and why"},
    {"notification_sent", "a message about this run was published"},
    {"rollback_started", "what this run changed is being undone"},
    {"service_rolled_back", "a service is back on its earlier revision"},
    {"note", "anything else worth a line"},
};

template <class T>
std::string json_type() {
  if constexpr (std::is_same_v<T, Json>)
    return "document";
  else if constexpr (codec::IsOptional<T>::value)
    return json_type<typename T::value_type>() + "?";
  else if constexpr (codec::IsVector<T>::value)
    return json_type<typename T::value_type>() + "[]";
  else if constexpr (std::is_same_v<T, TimePoint>)
    return "µs";
  else if constexpr (std::is_same_v<T, Duration>)
    return "seconds";
  else if constexpr (std::is_enum_v<T>)
    return "word";
  else if constexpr (std::is_same_v<T, bool>)
    return "boolean";
  else if constexpr (std::is_integral_v<T>)
    return "integer";
  else if constexpr (std::is_floating_point_v<T>)
    return "number";
  else if constexpr (std::is_same_v<T, std::string>)
    return "text";
  else {
    std::string members = "{";
    T value;
    for_each_member(value, [&](std::string_view name, auto& member) {
      if (members.size() > 1) members += ", ";
      members += std::string(name) + " " + json_type<std::decay_t<decltype(member)>>();
    });
    return members + "}";
  }
}

template <std::size_t I>
std::string row() {
  using Body = std::variant_alternative_t<I, EventBody>;
  EventBody body = Body{};
  const std::string_view type = type_of(body);
  const auto* about = std::ranges::find(kAbout, type, &About::type);
  std::string members = json_type<Body>();
  members = members.substr(1, members.size() - 2);  // the braces of the body itself
  return "| `" + std::string(type) + "` | " +
         std::string(about == std::end(kAbout) ? "?" : about->sentence) + " | " +
         (members.empty() ? "" : "`" + members + "`") + " |\n";
}

template <std::size_t... I>
std::string table(std::index_sequence<I...>) {
  return "| Type | What happened | Members of `data` |\n|---|---|---|\n" + (row<I>() + ...);
}

TEST(EventsPage, ListsEveryTypeAndEveryMember) {
  const std::filesystem::path file = SLIPWAY_SOURCE_DIR "/docs/events.md";
  const std::string wanted = table(std::make_index_sequence<std::variant_size_v<EventBody>>{});
  EXPECT_EQ(wanted.find("| ? |"), std::string::npos) << "a type without a sentence in kAbout";
  std::string page = read_file(file).value();
  const std::size_t begin = page.find("| Type |");
  ASSERT_NE(begin, std::string::npos);
  std::size_t end = page.find("\n\n", begin);
  end = end == std::string::npos ? page.size() : end + 1;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    page.replace(begin, end - begin, wanted);
    ASSERT_TRUE(write_file(file, page));
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), wanted);
}

}  // namespace
}  // namespace slipway
