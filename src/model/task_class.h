// A task class: one application's task definition, whole, and what is done with each new revision
// of it. The members bear the names that ecs-task gives them; each document is the input of the AWS
// operation it is named after, sent as it stands, members we do not know included.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct TaskClass {
  // Methods that are not announced.
  static constexpr std::string_view kUsualBlacklist = "^describe_|get_|list_|.*register_task";

  std::string name;
  Json task_definition = JsonObject();     // ecs.register_task_definition, {image_tag} in its place
  std::vector<Json> update_services;       // ecs.update_service, without taskDefinition
  std::vector<Json> run_tasks;             // ecs.run_task, without taskDefinition
  std::vector<Json> events__put_targets;   // events.put_targets
  int active_task_count = 10;              // ACTIVE revisions that are kept, at least 1
  std::string sns_notification_topic_arn;  // empty: nothing is announced
  std::string notification_method_blacklist_regex = std::string(kUsualBlacklist);

  bool wait_for_tasks = false;
  bool wait_for_services = false;
  std::optional<Duration> task_timeout;
  Duration service_timeout = std::chrono::minutes(15);

  std::string family() const { return std::string(string_or_empty(task_definition, "family")); }
  bool operator==(const TaskClass&) const = default;
};

// {image_tag} replaced wherever it stands; {{ and }} are braces. kInvalid "image.placeholder" for
// any other placeholder and for a brace that has no partner.
Result<std::string> with_image_tag(std::string_view image, std::string_view tag);

}  // namespace slipway
