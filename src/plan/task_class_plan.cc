#include "plan/task_class_plan.h"

#include "model/method_pattern.h"

#include <fmt/format.h>

namespace slipway {
namespace {

Json with_tag(const Json& task_definition, std::string_view image_tag) {
  // On a copy: classes may share the document.
  Json document = task_definition;
  Json* containers =
      document.is_object() ? document.get_object().if_contains("containerDefinitions") : nullptr;
  if (containers == nullptr || !containers->is_array()) return document;
  for (Json& container : containers->get_array()) {
    Json* image = container.is_object() ? container.get_object().if_contains("image") : nullptr;
    if (image == nullptr || !image->is_string()) continue;
    const std::string_view text = image->get_string();
    *image = with_image_tag(text, image_tag).value_or(std::string(text));
  }
  return document;
}

std::vector<std::string> essential_containers(const Json& task_definition) {
  std::vector<std::string> names;
  const JsonArray* containers = find_array(task_definition, "containerDefinitions");
  if (containers == nullptr) return names;
  for (const Json& container : *containers)
    if (find_bool(container, "essential").value_or(true))
      names.emplace_back(string_or_empty(container, "name"));
  return names;
}

class Planner {
 public:
  explicit Planner(const TaskClass& task_class)
      : class_(task_class),
        pattern_(MethodPattern::parse(task_class.notification_method_blacklist_regex)) {
    plan_.name = task_class.name;
    plan_.family = task_class.family();
    plan_.topic = task_class.sns_notification_topic_arn;
    plan_.active_task_count = task_class.active_task_count;
    plan_.task_timeout = task_class.task_timeout;
    plan_.service_timeout = task_class.service_timeout;
  }

  TaskClassPlan deploy(std::string_view image_tag) {
    plan_.tag = image_tag;
    plan_.essential = essential_containers(class_.task_definition);
    add(TaskClassStep::kRegister, "register_task_definition",
        with_tag(class_.task_definition, image_tag), "task_definition");
    for (std::size_t i = 0; i < class_.run_tasks.size(); ++i)
      add(TaskClassStep::kRunTask, "run_task", class_.run_tasks[i],
          fmt::format("run_tasks[{}]", i));
    if (class_.wait_for_tasks && !class_.run_tasks.empty())
      add(TaskClassStep::kWaitForTasks, "describe_tasks", JsonObject(), "waiting for the tasks");
    point_at_revision();
    wait_for_services();
    list();
    add(TaskClassStep::kPrune, "deregister_task_definition", JsonObject(), "pruning");
    return std::move(plan_);
  }

  TaskClassPlan rollback(std::string_view to) {
    plan_.revision = to;
    if (to.empty()) {
      list();
      add(TaskClassStep::kDeregister, "deregister_task_definition", JsonObject(),
          "deregistering the newest revision");
    }
    point_at_revision();
    wait_for_services();
    return std::move(plan_);
  }

 private:
  void add(TaskClassStep step, std::string_view method, Json input, std::string what) {
    const bool is_wait =
        step == TaskClassStep::kWaitForTasks || step == TaskClassStep::kWaitForServices;
    plan_.calls.push_back(
        {.step = step,
         .client = step == TaskClassStep::kPutTargets ? "events" : "ecs",
         .method = std::string(method),
         .input = std::move(input),
         .what = std::move(what),
         .announced = !is_wait && !plan_.topic.empty() && pattern_ && !pattern_->matches(method)});
  }

  void point_at_revision() {
    for (std::size_t i = 0; i < class_.update_services.size(); ++i)
      add(TaskClassStep::kUpdateService, "update_service", class_.update_services[i],
          fmt::format("update_services[{}] (service {})", i,
                      string_or_empty(class_.update_services[i], "service")));
    for (std::size_t i = 0; i < class_.events__put_targets.size(); ++i)
      add(TaskClassStep::kPutTargets, "put_targets", class_.events__put_targets[i],
          fmt::format("events__put_targets[{}] (rule {})", i,
                      string_or_empty(class_.events__put_targets[i], "Rule")));
  }

  void wait_for_services() {
    if (class_.wait_for_services && !class_.update_services.empty())
      add(TaskClassStep::kWaitForServices, "describe_services", JsonObject(),
          "waiting for the services");
  }

  void list() {
    add(TaskClassStep::kList, "list_task_definitions",
        JsonObject{{"familyPrefix", plan_.family}, {"status", "ACTIVE"}, {"sort", "DESC"}},
        "listing the revisions");
  }

  const TaskClass& class_;
  Result<MethodPattern> pattern_;
  TaskClassPlan plan_;
};

// EventBridge takes an ARN only. The target's own ARN, that of a cluster, says the rest of it.
std::string arn_for(const Json& target, std::string_view revision) {
  constexpr std::string_view kCluster = ":cluster/";
  const std::string_view cluster = string_or_empty(target, "Arn");
  const std::size_t end = cluster.find(kCluster);
  if (revision.starts_with("arn:") || end == std::string_view::npos ||
      revision.find(':') == std::string_view::npos)
    return std::string(revision);
  return fmt::format("{}:task-definition/{}", cluster.substr(0, end), revision);
}

bool wants_revision(const Json& target, bool is_first) {
  if (is_first) return true;
  const Json* parameters = find(target, "EcsParameters");
  return parameters != nullptr && find(*parameters, "TaskDefinitionArn") == nullptr;
}

Json in_targets(Json input, std::string_view revision) {
  Json* targets = input.get_object().if_contains("Targets");
  if (targets == nullptr || !targets->is_array()) return input;
  bool is_first = true;
  for (Json& target : targets->get_array()) {
    if (target.is_object() && wants_revision(target, is_first)) {
      const std::string arn = arn_for(target, revision);
      Json& parameters = target.get_object()["EcsParameters"];
      if (!parameters.is_object()) parameters = JsonObject();
      parameters.get_object()["TaskDefinitionArn"] = arn;
    }
    is_first = false;
  }
  return input;
}

Json first_of_all(std::string_view arn, const Json& input) {
  JsonObject object{{"taskDefinition", arn}};
  if (input.is_object())
    for (const auto& member : input.get_object()) object.insert(member);
  return object;
}

}  // namespace

TaskClassPlan plan_deploy(const TaskClass& task_class, std::string_view image_tag) {
  return Planner(task_class).deploy(image_tag);
}

TaskClassPlan plan_rollback(const TaskClass& task_class, std::string_view to) {
  return Planner(task_class).rollback(to);
}

Json with_revision(const TaskClassCall& call, std::string_view arn) {
  switch (call.step) {
    case TaskClassStep::kRunTask:
    case TaskClassStep::kUpdateService:
      return first_of_all(arn, call.input);
    case TaskClassStep::kPutTargets:
      return call.input.is_object() ? in_targets(call.input, arn) : call.input;
    case TaskClassStep::kDeregister:
    case TaskClassStep::kPrune:
      return JsonObject{{"taskDefinition", arn}};
    case TaskClassStep::kRegister:
    case TaskClassStep::kWaitForTasks:
    case TaskClassStep::kWaitForServices:
    case TaskClassStep::kList:
      break;
  }
  return call.input;
}

namespace {

// The input as far as it can be told before.
Json foreseen(const TaskClassPlan& plan, const TaskClassCall& call) {
  switch (call.step) {
    case TaskClassStep::kWaitForTasks:
      return JsonObject{{"tasks", JsonArray{"<each task that was started>"}}};
    case TaskClassStep::kWaitForServices:
      return JsonObject{{"services", JsonArray{"<each service that was updated>"}}};
    case TaskClassStep::kPrune:
      return with_revision(call, fmt::format("<each ACTIVE revision of {} but the newest {}>",
                                             plan.family, plan.active_task_count));
    case TaskClassStep::kDeregister:
      return with_revision(call, fmt::format("<the newest ACTIVE revision of {}>", plan.family));
    case TaskClassStep::kRegister:
    case TaskClassStep::kRunTask:
    case TaskClassStep::kUpdateService:
    case TaskClassStep::kPutTargets:
    case TaskClassStep::kList:
      break;
  }
  if (!plan.revision.empty()) return with_revision(call, plan.revision);
  return with_revision(
      call, plan.is_rollback() ? fmt::format("<the revision of {} before the newest>", plan.family)
                               : fmt::format("<the new revision of {}>", plan.family));
}

}  // namespace

std::vector<std::pair<std::string, Json>> calls_of(const TaskClassPlan& plan) {
  std::vector<std::pair<std::string, Json>> calls;
  for (const TaskClassCall& call : plan.calls) {
    calls.emplace_back(call.client + "." + call.method, foreseen(plan, call));
    if (call.announced)
      calls.emplace_back(
          "sns.publish",
          JsonObject{{"TargetArn", plan.topic},
                     {"Message", fmt::format("<client, method, input and result of {}.{}>",
                                             call.client, call.method)}});
  }
  return calls;
}

}  // namespace slipway
