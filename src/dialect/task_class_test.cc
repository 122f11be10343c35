#include "dialect/task_class.h"

#include "model/python_json.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct ReadClasses {
  std::optional<std::vector<TaskClass>> classes;
  std::vector<std::string> messages;  // "line:column path: message (suggestion)"

  const TaskClass& at(std::size_t index) const { return classes.value().at(index); }
};

ReadClasses read(const std::string& text, TaskClassUse use = TaskClassUse::kDeploy,
                 const std::map<std::string, std::string>& vars = {},
                 const std::string& name = "ecs-task.yml") {
  Diagnostics diagnostics;
  ReadClasses result;
  const std::vector<Node> documents =
      read_task_class_documents(std::make_shared<SourceText>(SourceText{name, text}), diagnostics);
  const Environment environment({{"STAGE", "prod"}, {"EMPTY", ""}, {"COUNT", "3"}});
  if (!diagnostics.has_errors())
    result.classes = read_task_classes(
        {.documents = documents, .environment = environment, .vars = vars, .use = use},
        diagnostics);
  diagnostics.sort();
  for (const Diagnostic& each : diagnostics.all()) {
    std::string message = each.severity == Severity::kWarning ? "warning: " : "";
    message += std::to_string(each.span.line) + ":" + std::to_string(each.span.column) + " ";
    if (!each.path.empty()) message += each.path + ": ";
    message += each.message;
    if (!each.suggestion.empty()) message += " (" + each.suggestion + ")";
    result.messages.push_back(std::move(message));
  }
  return result;
}

const std::string kWeb =
    "task_definition: {family: web, containerDefinitions: [{name: a, image: x}]}\n";

TEST(TaskClasses, ShortFormIsOneClassPerDocument) {
  const ReadClasses result = read(kWeb + "---\n" + kWeb + "---\nname: Own\n" + kWeb + "---\n");
  EXPECT_THAT(result.messages, IsEmpty());
  ASSERT_TRUE(result.classes);
  std::vector<std::string> names;
  for (const TaskClass& each : *result.classes) names.push_back(each.name);
  EXPECT_THAT(names, ElementsAre("web", "web-2", "Own"));
}

TEST(TaskClasses, AreWhatTheFileSays) {
  const ReadClasses result = read(
      "version: v1\nkind: task-classes\nclasses:\n- name: A\n  task_definition: {family: f, "
      "containerDefinitions: [{image: x}]}\n  active_task_count: 5\n  sns_notification_topic_arn: "
      "arn:aws:sns:eu-west-1:111111111111:t\n  notification_method_blacklist_regex: ^x\n  "
      "wait_for_tasks: true\n  wait_for_services: true\n  task_timeout: 60\n  service_timeout: "
      "120\n- {name: B, extends: A, sns_notification_topic_arn: null}\n");
  EXPECT_THAT(result.messages, IsEmpty());
  const TaskClass& a = result.at(0);
  EXPECT_EQ(a.active_task_count, 5);
  EXPECT_EQ(a.sns_notification_topic_arn, "arn:aws:sns:eu-west-1:111111111111:t");
  EXPECT_EQ(a.notification_method_blacklist_regex, "^x");
  EXPECT_TRUE(a.wait_for_tasks && a.wait_for_services);
  EXPECT_EQ(a.task_timeout, std::chrono::seconds(60));
  EXPECT_EQ(a.service_timeout, std::chrono::seconds(120));
  EXPECT_EQ(result.at(1).sns_notification_topic_arn, "");
  EXPECT_EQ(result.at(1).family(), "f");
}

// As Python would: B before C before their common parent.
TEST(TaskClasses, InheritInPythonsOrder) {
  const ReadClasses result = read(
      "classes:\n- {name: A, abstract: true, active_task_count: 1, task_timeout: 1, "
      "service_timeout: 1}\n- {name: B, extends: A, abstract: true, task_timeout: 2}\n"
      "- {name: C, extends: [A], abstract: true, active_task_count: 3, task_timeout: 3}\n"
      "- {name: D, extends: [B, C]}\n",
      TaskClassUse::kDebug);
  EXPECT_THAT(result.messages, IsEmpty());
  EXPECT_EQ(result.at(0).active_task_count, 3);
  EXPECT_EQ(result.at(0).task_timeout, std::chrono::seconds(2));
  EXPECT_EQ(result.at(0).service_timeout, std::chrono::seconds(1));
}

TEST(TaskClasses, SeveralJsonObjectsAreSeveralClassesWhateverTheFileIsCalled) {
  const std::string text =
      "{\"task_definition\": {\"family\": \"a\"}}\n{\"task_definition\": {\"family\": \"b\"}}\n";
  for (const std::string name : {"x.json", "x.yml"}) {
    SCOPED_TRACE(name);
    const ReadClasses result = read(text, TaskClassUse::kDebug, {}, name);
    EXPECT_THAT(result.messages, IsEmpty());
    EXPECT_EQ(result.at(1).name, "b");
  }
}

TEST(TaskClasses, PutVariablesInTheirPlaces) {
  const auto role = [](const std::string& text,
                       const std::map<std::string, std::string>& given = {}) {
    const ReadClasses result = read(
        "vars: {stage: '${env:STAGE}-1', n: 5, twice: '${var:n}${var:n}'}\ntask_definition:\n"
        "  family: f\n  taskRoleArn: " +
            text + "\n",
        TaskClassUse::kRollback, given);
    EXPECT_THAT(result.messages, IsEmpty());
    return result.classes ? to_text(result.at(0).task_definition) : "";
  };
  struct Case {
    std::string text, wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"${env:STAGE}", "\"prod\""},
           Case{"'a-${env:STAGE}-b-${env:STAGE}'", "\"a-prod-b-prod\""},
           Case{"${env:EMPTY:-x}", "\"x\""},
           Case{"'${env:NOBODY:-}'", "\"\""},
           Case{"'${var:stage}'", "\"prod-1\""},
           Case{"'${var:twice}'", "\"55\""},
           Case{"${PORT}", "\"${PORT}\""},
           Case{"'$${var:n}'", "\"${var:n}\""},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(role(text), "{\"family\":\"f\",\"taskRoleArn\":" + wanted + "}");
  }
  EXPECT_EQ(role("${var:n}", {{"n", "given"}}), "{\"family\":\"f\",\"taskRoleArn\":\"given\"}");
}

TEST(TaskClasses, TakeNumbersOutOfVariablesWhereNumbersAreWanted) {
  const ReadClasses result =
      read(kWeb +
           "update_services: [{service: \"${env:COUNT}\", desiredCount: \"${env:COUNT}\"}]\n"
           "active_task_count: ${env:COUNT}\n");
  EXPECT_THAT(result.messages, IsEmpty());
  EXPECT_EQ(to_text(result.at(0).update_services.at(0)), R"({"service":"3","desiredCount":3})");
  EXPECT_EQ(result.at(0).active_task_count, 3);
}

TEST(TaskClasses, AreCheckedBeforeAnythingIsCalled) {
  struct Case {
    std::string text, wanted;
  };
  const std::string topic = "sns_notification_topic_arn";
  for (const auto& [text, wanted] : {
           Case{"task_definition: {containerDefinitions: [{image: x}]}\n",
                "1:18 task_definition.family: required key is missing"},
           Case{"task_definition: {family: f}\n",
                "1:18 task_definition.containerDefinitions: required key is missing"},
           Case{"task_definition: {family: f, containerDefinitions: []}\n",
                "1:52 task_definition.containerDefinitions: there is no container in it"},
           Case{"task_definition: {family: f, containerDefinitions: [{name: a}]}\n",
                "1:53 task_definition.containerDefinitions[0].image: required key is missing"},
           Case{"task_definition: [1]\n", "1:18 task_definition: expected a mapping, found a list"},
           Case{"run_tasks: []\n", "1:1 task_definition: required key is missing"},
           Case{kWeb + "update_services: [{cluster: c}]\n",
                "2:19 update_services[0].service: required key is missing"},
           Case{kWeb + "update_services: {service: a}\n",
                "2:18 update_services: expected a list of mappings, found a mapping"},
           Case{kWeb + "update_services: [web]\n",
                "2:19 update_services[0]: expected a mapping, found \"web\""},
           Case{kWeb + "run_tasks:\n",
                "2:1 run_tasks: a value is required, found nothing (leave the key out)"},
           Case{kWeb + "run_tasks: [{cluster: null}]\n",
                "2:23 run_tasks[0].cluster: null cannot be sent to AWS (leave the key out)"},
           Case{kWeb + "run_tasks: [{count: two}]\n",
                "2:21 run_tasks[0].count: expected a whole number, found \"two\""},
           Case{kWeb + "events__put_targets: [{Targets: [{Id: a, Arn: b, EcsParameters: {}}]}]\n",
                "2:23 events__put_targets[0].Rule: required key is missing"},
           Case{kWeb + "events__put_targets: [{Rule: r}]\n",
                "2:23 events__put_targets[0].Targets: required key is missing"},
           Case{kWeb + "events__put_targets: [{Rule: r, Targets: []}]\n",
                "2:42 events__put_targets[0].Targets: there is no target in it"},
           Case{kWeb + "events__put_targets: [{Rule: r, Targets: [{Id: a, Arn: b}]}]\n",
                "2:43 events__put_targets[0].Targets[0].EcsParameters: required key is missing"},
           Case{kWeb + "events__put_targets: [{Rule: r, Targets: [{Arn: b, EcsParameters: {}}]}]\n",
                "2:43 events__put_targets[0].Targets[0].Id: required key is missing"},
           Case{kWeb + topic + ": deploys\n", "2:29 " + topic +
                                                  ": \"deploys\" is not the ARN of an SNS topic "
                                                  "(arn:aws:sns:REGION:ACCOUNT:NAME)"},
           Case{kWeb + "notification_method_blacklist_regex: '(?!x)'\n",
                "2:38 notification_method_blacklist_regex: this regular expression cannot be used: "
                "invalid perl operator: (?!"},
           Case{kWeb + "update_service: []\n",
                "2:1 update_service: unknown key (did you mean update_services?)"},
           Case{"version: v2\n" + kWeb,
                "1:10 version: expected v1, found \"v2\" (did you mean v1?)"},
           Case{"classes: []\n", "1:10 classes: there is no class in it"},
           Case{"classes:\n- {abstract: true}\n", "2:3 classes[0].name: required key is missing"},
           Case{"classes:\n- name: A\n  " + kWeb + "- name: A\n  " + kWeb,
                "4:3 classes[1].name: there is a class \"A\" already"},
           Case{"classes:\n- name: A\n  extends: Bse\n  " + kWeb +
                    "- {name: Base, abstract: true}\n",
                "3:12 classes[0].extends: there is no class \"Bse\" (did you mean Base?)"},
           Case{"classes:\n- name: A\n  extends: B\n  " + kWeb +
                    "- {name: B, extends: A, abstract: true}\n",
                "3:12 classes[0].extends: \"A\" extends itself"},
           Case{kWeb + "vars: {a: '${var:b}', b: '${var:a}'}\nname: '${var:a}'\n",
                "2:26 vars.b: the variables b and a need each other"},
           Case{kWeb + "vars: {stage: x}\nname: '${var:stge}'\n",
                "3:7 name: there is no variable stge (did you mean stage?)"},
           Case{kWeb + "name: '${var:x'\n", "2:7 name: ${var: has no closing brace"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_THAT(read(text).messages, testing::Contains(wanted));
  }
}

TEST(TaskClasses, TellEveryMistakeAtOnce) {
  const ReadClasses result = read(
      "task_definition: {family: f, cpu: true, containerDefinitions: [{name: a}]}\n"
      "active_task_count: 0\nrun_tasks: [{count: x}]\n");
  EXPECT_FALSE(result.classes);
  EXPECT_EQ(result.messages.size(), 4u) << testing::PrintToString(result.messages);
}

TEST(TaskClasses, NeedLessToBeLookedAtOrRolledBack) {
  const std::string text =
      "task_definition: {family: f, containerDefinitions: [{cpu: null}]}\n"
      "run_tasks: [{taskDefinition: x}]\n";
  EXPECT_THAT(read(text, TaskClassUse::kDebug).messages, IsEmpty());
  EXPECT_THAT(read(text, TaskClassUse::kRollback).messages, IsEmpty());
  EXPECT_FALSE(read(text, TaskClassUse::kDeploy).classes);
  EXPECT_EQ(
      to_text(read("task_definition: {cpu: 256}\n", TaskClassUse::kDebug).at(0).task_definition),
      R"({"cpu":256})");
}

TEST(TaskClasses, TellAbstractClassesFromOthers) {
  EXPECT_THAT(read("classes: [{name: A, abstract: true}]\n").messages,
              ElementsAre("1:1 there is no class to do anything with (all are abstract)"));
}

}  // namespace
}  // namespace slipway
