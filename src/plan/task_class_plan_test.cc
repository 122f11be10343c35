#include "plan/task_class_plan.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

Json parsed(std::string_view text) { return parse_json(text).value(); }

TaskClass web() {
  return {.name = "Web",
          .task_definition = parsed(R"({"family":"web","containerDefinitions":[)"
                                    R"({"name":"a","image":"x:{image_tag}"},)"
                                    R"({"name":"b","image":"y","essential":false}]})"),
          .update_services = {parsed(R"({"service":"web"})")},
          .run_tasks = {parsed(R"({"count":2})")},
          .events__put_targets = {parsed(
              R"({"Rule":"r","Targets":[{"Id":"a","Arn":"arn:aws:ecs:eu-west-1:1:cluster/c"}]})")}};
}

std::vector<std::string> methods_of(const TaskClassPlan& plan) {
  std::vector<std::string> methods;
  for (const TaskClassCall& call : plan.calls)
    methods.push_back(call.method + (call.announced ? "!" : ""));
  return methods;
}

TEST(TaskClassPlan, DeploysInOneOrder) {
  TaskClass task_class = web();
  EXPECT_THAT(
      methods_of(plan_deploy(task_class, "1")),
      testing::ElementsAre("register_task_definition", "run_task", "update_service", "put_targets",
                           "list_task_definitions", "deregister_task_definition"));
  task_class.wait_for_tasks = task_class.wait_for_services = true;
  task_class.sns_notification_topic_arn = "arn";
  EXPECT_THAT(methods_of(plan_deploy(task_class, "1")),
              testing::ElementsAre("register_task_definition", "run_task!", "describe_tasks",
                                   "update_service!", "put_targets!", "describe_services",
                                   "list_task_definitions", "deregister_task_definition"));
}

TEST(TaskClassPlan, ChangesACopyOfTheDefinition) {
  const TaskClass task_class = web();
  const TaskClassPlan plan = plan_deploy(task_class, "1");
  EXPECT_EQ(to_text(plan.calls.front().input),
            R"({"family":"web","containerDefinitions":[{"name":"a","image":"x:1"},)"
            R"({"name":"b","image":"y","essential":false}]})");
  EXPECT_EQ(task_class, web());
  EXPECT_THAT(plan.essential, testing::ElementsAre("a"));
}

TEST(TaskClassPlan, RollsBackInOneOrder) {
  EXPECT_THAT(methods_of(plan_rollback(web())),
              testing::ElementsAre("list_task_definitions", "deregister_task_definition",
                                   "update_service", "put_targets"));
  EXPECT_THAT(methods_of(plan_rollback(web(), "web:3")),
              testing::ElementsAre("update_service", "put_targets"));
}

TEST(TaskClassPlan, InsertsTheRevision) {
  const TaskClassPlan plan = plan_rollback(web(), "web:3");
  EXPECT_EQ(to_text(with_revision(plan.calls[0], "web:3")),
            R"({"taskDefinition":"web:3","service":"web"})");
  // A rule takes an ARN only: the rest of it is that of the cluster.
  EXPECT_EQ(to_text(with_revision(plan.calls[1], "web:3")),
            R"({"Rule":"r","Targets":[{"Id":"a","Arn":"arn:aws:ecs:eu-west-1:1:cluster/c",)"
            R"("EcsParameters":{"TaskDefinitionArn":)"
            R"("arn:aws:ecs:eu-west-1:1:task-definition/web:3"}}]})");
  EXPECT_THAT(to_text(with_revision(plan.calls[1], "arn:own")),
              testing::HasSubstr(R"("TaskDefinitionArn":"arn:own")"));
}

}  // namespace
}  // namespace slipway
