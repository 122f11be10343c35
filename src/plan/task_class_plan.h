// What a run of a task class does, as data: its calls in their order, each with all of its input
// that is known before the first one is made. A dry run prints them; execute/task_class.h makes
// them.
#pragma once

#include "base/json.h"
#include "model/task_class.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

enum class TaskClassStep {
  kRegister,
  kRunTask,
  kWaitForTasks,  // describe_tasks until those have stopped
  kUpdateService,
  kPutTargets,
  kWaitForServices,  // describe_services until those are done
  kList,             // all pages in a deployment, the first in a rollback
  kDeregister,       // in a rollback: the newest revision
  kPrune,            // in a deployment: each revision beyond those that are kept
};

struct TaskClassCall {
  TaskClassStep step = TaskClassStep::kRegister;
  std::string client;  // "ecs", "events"
  std::string method;  // "run_task", in the words of boto3
  Json input;          // without the ARN that with_revision inserts
  std::string what;    // for people: "update_services[0] (service web)"
  bool announced = false;
};

struct TaskClassPlan {
  std::string name;
  std::string family;
  std::string tag;  // empty in a rollback
  // The revision that services and rules are pointed at, when it is known before: `rollback --to`.
  std::string revision;
  std::string topic;  // empty: nothing is announced
  int active_task_count = 10;
  std::vector<std::string> essential;  // containers of the definition that must end well
  std::optional<Duration> task_timeout;
  Duration service_timeout{};
  std::vector<TaskClassCall> calls;

  bool is_rollback() const { return tag.empty(); }
};

// The class was read for a deployment: every placeholder in it is known.
TaskClassPlan plan_deploy(const TaskClass& task_class, std::string_view image_tag);
// `to` is "family:revision": services and rules only.
TaskClassPlan plan_rollback(const TaskClass& task_class, std::string_view to = {});

// The input with the revision in its place: `taskDefinition` first, for the two calls of ECS; in
// the first target of a rule always, and in every other one that is an ECS target without one.
Json with_revision(const TaskClassCall& call, std::string_view arn);

// "ecs.run_task" and its input, for each call the plan makes and each announcement of one. What is
// not known yet stands in angle brackets.
std::vector<std::pair<std::string, Json>> calls_of(const TaskClassPlan& plan);

}  // namespace slipway
