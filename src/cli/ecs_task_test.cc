// The 37 acceptance items of the task classes, by number: the ecs-task personality run as its users
// type it, against a stub that records what it is asked.
#include "cli/session.h"
#include "cli/stub_aws_for_test.h"
#include "cli/world_for_test.h"

#include <gmock/gmock.h>

#include <csignal>

namespace slipway::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kClass = R"(
task_definition:
  family: web
  cpu: 256
  memory: "512"
  containerDefinitions:
    - name: web
      image: my_image:{image_tag}
      cpu: 128
      environment: [{name: TAG, value: "{image_tag}"}]
      command: ["echo", "{image_tag}", "${PORT}"]
    - {name: helper, image: "helper:1", essential: false}
run_tasks:
  - {cluster: c, overrides: {containerOverrides: [{name: web, command: [migrate]}]}}
update_services:
  - {service: web, cluster: c}
events__put_targets:
  - Rule: nightly
    Targets:
      - Id: web
        Arn: arn:aws:ecs:eu-west-1:111111111111:cluster/c
        RoleArn: arn:aws:iam::111111111111:role/events
        EcsParameters: {TaskCount: 1}
)";

constexpr const char* kTopic =
    "sns_notification_topic_arn: arn:aws:sns:eu-west-1:111111111111:deploys\n";

constexpr const char* kMinimal = R"(
task_definition:
  family: web
  containerDefinitions: [{name: web, image: "app:{image_tag}"}]
)";

// A class of that name that updates the service of that name, as an entry of `classes`.
std::string entry(const std::string& name, const std::string& more = "") {
  return fmt::format(
      "  - name: {0}\n    task_definition: {{family: {1}, containerDefinitions: [{{name: web, "
      "image: \"app:{{image_tag}}\"}}]}}\n    update_services: [{{service: {1}}}]\n{2}",
      name, to_lower(name), more);
}

class EcsTaskAcceptance : public testing::Test {
 protected:
  EcsTaskAcceptance() {
    line.answer = [this](const HttpRequest& request) { return aws(request); };
  }
  void classes(const std::string& text, const std::string& name = "ecs-task.yml") {
    line.file(name, text);
  }
  int run(std::vector<std::string> arguments, const std::string& name = "ecs-task") {
    aws.sent.clear();
    return line.run(std::move(arguments), name);
  }
  int deploy(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"deploy", "42", "--sim"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  int rollback(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"rollback", "--sim"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  Json registered() { return aws.inputs_of("RegisterTaskDefinition").at(0); }
  std::string image(std::size_t container) {
    return std::string(
        string_or_empty(find_array(registered(), "containerDefinitions")->at(container), "image"));
  }
  // Refused before anything is sent, with these words.
  void expect_refused(const std::string& text, const std::string& words) {
    SCOPED_TRACE(text);
    classes(text);
    EXPECT_EQ(deploy(), 2);
    EXPECT_THAT(line.err, HasSubstr(words));
    EXPECT_THAT(line.err, HasSubstr("Nothing was changed."));
    EXPECT_EQ(aws.order(), "");
  }

  StubAws aws;
  CommandLine line;
};

TEST_F(EcsTaskAcceptance, Item01_RegistersTheDefinitionWithTheTag) {
  classes(kClass);
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(to_text(registered()),
            R"({"family":"web","cpu":"256","memory":"512","containerDefinitions":[{"name":"web",)"
            R"("image":"my_image:42","cpu":128,"environment":[{"name":"TAG","value":)"
            R"("{image_tag}"}],"command":["echo","{image_tag}","${PORT}"]},{"name":"helper",)"
            R"("image":"helper:1","essential":false}]})");
  EXPECT_EQ(line.out,
            "Using image tag 42\n"
            "Registered web:1\n"
            "  task arn:aws:ecs:eu-west-1:111111111111:task/c/1\n"
            "  service web\n"
            "  rule nightly, target web\n"
            "Succeeded: web (web:1)\n");
}

TEST_F(EcsTaskAcceptance, Item02_ReplacesEveryPlaceholderOfAnImage) {
  classes(R"(
task_definition:
  family: web
  containerDefinitions:
    - {name: a, image: "app:1"}
    - {name: b, image: "app:{image_tag}-{image_tag}"}
    - {name: c, image: "{{x}}"}
)");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(image(0), "app:1");
  EXPECT_EQ(image(1), "app:42-42");
  EXPECT_EQ(image(2), "{x}");
}

TEST_F(EcsTaskAcceptance, Item03_RefusesOtherPlaceholders) {
  expect_refused(
      "task_definition:\n  family: web\n  containerDefinitions:\n    - {name: a, image: "
      "\"{registry}/app:{image_tag}\"}\n",
      "ecs-task.yml:4:24: error: task_definition.containerDefinitions[0].image: unknown "
      "placeholder {registry} in \"{registry}/app:{image_tag}\"");
}

TEST_F(EcsTaskAcceptance, Item04_TouchesNoOtherText) {
  classes(kClass);
  ASSERT_EQ(deploy(), 0) << line.err;
  const Json definition = registered();
  const Json& container = find_array(definition, "containerDefinitions")->at(0);
  EXPECT_EQ(to_text(*find(container, "environment")), R"([{"name":"TAG","value":"{image_tag}"}])");
  EXPECT_EQ(to_text(*find(container, "command")), R"(["echo","{image_tag}","${PORT}"])");
}

TEST_F(EcsTaskAcceptance, Item05_SendsMembersItDoesNotKnow) {
  classes(
      "task_definition:\n  family: web\n  futureField: 1\n  containerDefinitions: [{name: a, "
      "image: x, futureThing: {a: [1, true]}}]\nupdate_services: [{service: web, futureField: 1}]\n"
      "run_tasks: [{futureField: 1}]\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(to_text(registered()),
            R"({"family":"web","futureField":1,"containerDefinitions":[{"name":"a","image":"x",)"
            R"("futureThing":{"a":[1,true]}}]})");
  EXPECT_EQ(find_int(aws.inputs_of("UpdateService").at(0), "futureField"), 1);
  EXPECT_EQ(find_int(aws.inputs_of("RunTask").at(0), "futureField"), 1);
  EXPECT_THAT(line.err, HasSubstr("warning: task_definition.futureField: unknown key"));
}

TEST_F(EcsTaskAcceptance, Item06_KeepsTheOrder) {
  classes(kClass);
  aws.has("web", 12);
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(),
            "RegisterTaskDefinition RunTask UpdateService PutTargets ListTaskDefinitions "
            "DeregisterTaskDefinition*3");
}

TEST_F(EcsTaskAcceptance, Item07_AnnouncesWhatChangesTheWorld) {
  classes(std::string(kClass) + kTopic);
  aws.has("web", 10);
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(),
            "RegisterTaskDefinition RunTask Publish UpdateService Publish PutTargets Publish "
            "ListTaskDefinitions DeregisterTaskDefinition");
}

TEST_F(EcsTaskAcceptance, Item08_AnnouncesWhatThePatternLeaves) {
  aws.has("web", 10);
  classes(std::string(kClass) + kTopic + "notification_method_blacklist_regex: ^list_\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(),
            "RegisterTaskDefinition Publish RunTask Publish UpdateService Publish PutTargets "
            "Publish ListTaskDefinitions DeregisterTaskDefinition Publish");
  classes(std::string(kClass) + kTopic + "notification_method_blacklist_regex: xyz\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(),
            "RegisterTaskDefinition Publish RunTask Publish UpdateService Publish PutTargets "
            "Publish ListTaskDefinitions Publish DeregisterTaskDefinition Publish");
}

TEST_F(EcsTaskAcceptance, Item09_MatchesAtTheBeginningOnly) {
  classes(std::string(kClass) + kTopic + "notification_method_blacklist_regex: service\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_THAT(aws.order(), HasSubstr("UpdateService Publish"));
}

TEST_F(EcsTaskAcceptance, Item10_SendsTheMessageItsListenersExpect) {
  classes(std::string(kClass) + kTopic);
  ASSERT_EQ(deploy(), 0) << line.err;
  const Json published = aws.inputs_of("Publish").at(0);
  std::vector<std::string> members;
  for (const auto& member : published.get_object()) members.emplace_back(member.key());
  EXPECT_THAT(members, testing::UnorderedElementsAre("Action", "Version", "TargetArn", "Message"));
  EXPECT_EQ(
      string_or_empty(published, "Message"),
      R"({"client": "ecs", "method": "run_task", "input": {"taskDefinition": )"
      R"("arn:aws:ecs:eu-west-1:111111111111:task-definition/web:1", "cluster": "c", "overrides": )"
      R"({"containerOverrides": [{"name": "web", "command": ["migrate"]}]}}, "result": {"tasks": )"
      R"([{"taskArn": "arn:aws:ecs:eu-west-1:111111111111:task/c/1", "createdAt": )"
      R"("2024-01-02T03:04:05+00:00"}], "failures": [], "ResponseMetadata": {"RequestId": )"
      R"("request-of-the-stub", "HTTPStatusCode": 200, "HTTPHeaders": {"x-amzn-requestid": )"
      R"("request-of-the-stub", "x-odd-name": "v"}, "RetryAttempts": 0}}})");
  const Json update = aws.messages().at(1);
  EXPECT_EQ(string_or_empty(update, "method"), "update_service");
  const Json& service = *find(*find(update, "result"), "service");
  EXPECT_EQ(string_or_empty(find_array(service, "deployments")->at(0), "createdAt"),
            "2024-01-02T03:04:05.678000+00:00");
  EXPECT_EQ(string_or_empty(aws.messages().at(2), "client"), "events");
}

TEST_F(EcsTaskAcceptance, Item11_GoesOnWhenNobodyCanBeTold) {
  classes(std::string(kClass) + kTopic);
  aws.will_refuse("Publish", "AuthorizationError", "not allowed");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_THAT(line.err,
              HasSubstr("warning: run_task was not announced on "
                        "arn:aws:sns:eu-west-1:111111111111:deploys: AuthorizationError: not "
                        "allowed\n"));
  EXPECT_THAT(aws.order(), HasSubstr("PutTargets Publish ListTaskDefinitions"));
}

TEST_F(EcsTaskAcceptance, Item12_PublishesInTheTopicsRegion) {
  classes(std::string(kClass) +
          "sns_notification_topic_arn: arn:aws:sns:us-east-2:111111111111:deploys\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  int published = 0;
  for (const StubAws::Sent& call : aws.sent) {
    if (call.operation != "Publish") continue;
    ++published;
    EXPECT_EQ(call.url, "https://sns.us-east-2.amazonaws.com/");
    EXPECT_THAT(call.authorization, HasSubstr("/us-east-2/sns/aws4_request"));
  }
  EXPECT_EQ(published, 3);
}

TEST_F(EcsTaskAcceptance, Item13_StopsWhereAServiceCannotBeUpdated) {
  classes(std::string(kClass) + kTopic);
  aws.will_refuse("UpdateService", "ServiceNotFoundException", "Service not found.");
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(aws.order(), "RegisterTaskDefinition RunTask Publish UpdateService");
  EXPECT_EQ(line.err,
            "error: class web, update_services[0] (service web): ecs:UpdateService: "
            "ServiceNotFoundException: Service not found. (request request-of-the-stub)\n"
            "  done: registered web:1, started 1 task\n"
            "  not done: update_services[0] (service web), events__put_targets[0] (rule nightly), "
            "pruning\n"
            "  The new revision arn:aws:ecs:eu-west-1:111111111111:task-definition/web:1 stays "
            "ACTIVE; nothing was undone.\n");
  EXPECT_THAT(line.out, HasSubstr("Failed: web, at update_services[0] (service web); new revision "
                                  "arn:aws:ecs:eu-west-1:111111111111:task-definition/web:1\n"));
}

TEST_F(EcsTaskAcceptance, Item14_StopsWhereNoTaskStarts) {
  classes(std::string(kClass) + kTopic);
  aws.will_answer("RunTask", R"({"tasks":[],"failures":[{"reason":"RESOURCE:MEMORY"}]})");
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(aws.order(), "RegisterTaskDefinition RunTask Publish");
  EXPECT_THAT(line.err, HasSubstr("ECS started 0 of 1 task; it answered {\"tasks\":[],\"failures\":"
                                  "[{\"reason\":\"RESOURCE:MEMORY\"}]}"));
}

TEST_F(EcsTaskAcceptance, Item15_StopsWhereTooFewTasksStart) {
  classes(std::string(kMinimal) + "run_tasks: [{count: 2}]\nupdate_services: [{service: web}]\n");
  aws.will_answer("RunTask", R"({"tasks":[{"taskArn":"arn:t/1"}],"failures":[]})");
  EXPECT_EQ(deploy(), 1);
  EXPECT_THAT(line.out, HasSubstr("  task arn:t/1\n"));
  EXPECT_THAT(line.err, HasSubstr("ECS started 1 of 2 tasks"));
  EXPECT_TRUE(aws.inputs_of("UpdateService").empty());
}

TEST_F(EcsTaskAcceptance, Item16_UpdatesTheServicesInTheirOrder) {
  classes(std::string(kMinimal) +
          "update_services:\n  - {service: a, cluster: c, desiredCount: 3}\n  - {service: b, "
          "forceNewDeployment: true}\n  - {service: a2}\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  std::vector<std::string> inputs;
  for (const Json& input : aws.inputs_of("UpdateService")) inputs.push_back(to_text(input));
  const std::string arn =
      R"({"taskDefinition":"arn:aws:ecs:eu-west-1:111111111111:task-definition/web:1",)";
  EXPECT_THAT(inputs, ElementsAre(arn + R"("service":"a","cluster":"c","desiredCount":3})",
                                  arn + R"("service":"b","forceNewDeployment":true})",
                                  arn + R"("service":"a2"})"));
}

TEST_F(EcsTaskAcceptance, Item17_InsertsTheRevisionIntoTargets) {
  classes(std::string(kMinimal) + R"(
events__put_targets:
  - Rule: nightly
    EventBusName: bus
    Targets:
      - {Id: a, Arn: "arn:x:cluster/c", EcsParameters: {TaskDefinitionArn: "arn:old", TaskCount: 2}}
      - {Id: b, Arn: "arn:x:cluster/c", EcsParameters: {TaskCount: 1}}
      - {Id: c, Arn: "arn:x:cluster/c", EcsParameters: {TaskDefinitionArn: "arn:own"}}
      - {Id: d, Arn: "arn:aws:lambda:eu-west-1:111111111111:function:f", Input: "{}"}
)");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(
      to_text(aws.inputs_of("PutTargets").at(0)),
      R"({"Rule":"nightly","EventBusName":"bus","Targets":[{"Id":"a","Arn":"arn:x:cluster/c",)"
      R"("EcsParameters":{"TaskDefinitionArn":)"
      R"("arn:aws:ecs:eu-west-1:111111111111:task-definition/web:1","TaskCount":2}},{"Id":"b",)"
      R"("Arn":"arn:x:cluster/c","EcsParameters":{"TaskCount":1,"TaskDefinitionArn":)"
      R"("arn:aws:ecs:eu-west-1:111111111111:task-definition/web:1"}},{"Id":"c","Arn":)"
      R"("arn:x:cluster/c","EcsParameters":{"TaskDefinitionArn":"arn:own"}},{"Id":"d","Arn":)"
      R"("arn:aws:lambda:eu-west-1:111111111111:function:f","Input":"{}"}]})");
}

TEST_F(EcsTaskAcceptance, Item18_FailsWhereATargetIsNotSet) {
  classes(kClass);
  aws.will_answer("PutTargets",
                  R"({"FailedEntryCount":1,"FailedEntries":[{"TargetId":"web","ErrorCode":)"
                  R"("ConcurrentModificationException","ErrorMessage":"later"}]})");
  EXPECT_EQ(deploy(), 1);
  EXPECT_THAT(line.err,
              HasSubstr("EventBridge did not set all targets of rule nightly: "
                        "{\"FailedEntryCount\":1,\"FailedEntries\":[{\"TargetId\":\"web\""));
  EXPECT_THAT(line.out, Not(HasSubstr("target web")));
}

TEST_F(EcsTaskAcceptance, Item19_DeregistersTheOldest) {
  classes(kMinimal);
  aws.has("web", 12);
  ASSERT_EQ(deploy(), 0) << line.err;
  std::vector<std::string> inputs;
  for (const Json& input : aws.inputs_of("DeregisterTaskDefinition"))
    inputs.emplace_back(string_or_empty(input, "taskDefinition"));
  EXPECT_THAT(inputs,
              ElementsAre(StubAws::arn("web", 3), StubAws::arn("web", 2), StubAws::arn("web", 1)));
  EXPECT_THAT(line.out, HasSubstr("  deregistered " + StubAws::arn("web", 3) + "\n"));
}

TEST_F(EcsTaskAcceptance, Item20_ReadsEveryPage) {
  classes(kMinimal);
  aws.has("web", 249);
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(),
            "RegisterTaskDefinition ListTaskDefinitions*3 DeregisterTaskDefinition*240");
}

TEST_F(EcsTaskAcceptance, Item21_WantsACountOfAtLeastOne) {
  for (const char* count : {"0", "-1"})
    expect_refused(
        std::string(kMinimal) + "active_task_count: " + count + "\n",
        fmt::format("active_task_count: expected a whole number of at least 1, found {}", count));
  expect_refused(std::string(kMinimal) + "active_task_count: \"x\"\n",
                 "active_task_count: expected a whole number of at least 1, found \"x\"");
}

TEST_F(EcsTaskAcceptance, Item22_RollsBack) {
  classes(kClass);
  aws.has("web", 3);
  ASSERT_EQ(rollback(), 0) << line.err;
  EXPECT_EQ(aws.order(), "ListTaskDefinitions DeregisterTaskDefinition UpdateService PutTargets");
  EXPECT_EQ(string_or_empty(aws.inputs_of("DeregisterTaskDefinition").at(0), "taskDefinition"),
            StubAws::arn("web", 3));
  EXPECT_EQ(string_or_empty(aws.inputs_of("UpdateService").at(0), "taskDefinition"),
            StubAws::arn("web", 2));
  EXPECT_THAT(to_text(aws.inputs_of("PutTargets").at(0)), HasSubstr(StubAws::arn("web", 2)));
  EXPECT_EQ(line.out,
            "Rolling back from web:3 to web:2\nDeregistered web:3\nServices and rules go to web:2\n"
            "  service web\n  rule nightly, target web\nSucceeded: web (web:2)\n");
}

TEST_F(EcsTaskAcceptance, Item23_DoesNotRollBackToNothing) {
  classes(kClass);
  for (const int count : {0, 1}) {
    EXPECT_EQ(rollback(), 1);
    EXPECT_EQ(aws.order(), "ListTaskDefinitions");
    EXPECT_THAT(line.err, HasSubstr(count == 0 ? "web has no revision ACTIVE"
                                               : "web has only one revision ACTIVE"));
    aws.has("web", 1);
  }
}

TEST_F(EcsTaskAcceptance, Item24_SaysHowToFinishARollback) {
  classes(kClass);
  aws.has("web", 3);
  aws.will_refuse("UpdateService", "ServiceNotFoundException", "Service not found.");
  EXPECT_EQ(rollback(), 1);
  EXPECT_THAT(line.err, HasSubstr("  A second rollback would go back one revision further. To "
                                  "finish this one:\n    ecs-task rollback -f ecs-task.yml --class "
                                  "web --to web:2\n"));
  ASSERT_EQ(run({"rollback", "-f", "ecs-task.yml", "--class", "web", "--to", "web:2", "--sim"}), 0)
      << line.err;
  EXPECT_EQ(aws.order(), "UpdateService PutTargets");
  EXPECT_THAT(to_text(aws.inputs_of("PutTargets").at(0)), HasSubstr(StubAws::arn("web", 2)));
}

TEST_F(EcsTaskAcceptance, Item25_KnowsItsCommandLine) {
  classes(kClass);
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"rollback", "extra"},
                                                    {"deploy"},
                                                    {"deploy", ""},
                                                    {"deplyo"},
                                                    {},
                                                    {"deploy", "42", "43"},
                                                    {"debug", "--nope"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(run(arguments), 2);
    EXPECT_THAT(line.err, HasSubstr("usage: ecs-task"));
    EXPECT_EQ(line.out, "");
  }
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"-h"},
                                                    {"--help"},
                                                    {"deploy", "-h"},
                                                    {"rollback", "--help"},
                                                    {"debug", "-h"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    EXPECT_EQ(run(arguments), 0);
    EXPECT_THAT(line.out, HasSubstr("usage: ecs-task"));
    EXPECT_EQ(line.err, "");
  }
  EXPECT_EQ(line.run({"ecs-task", "debug", "--nope"}), 2);
  EXPECT_THAT(line.err, HasSubstr("usage: slipway ecs-task [-h]"));
}

TEST_F(EcsTaskAcceptance, Item26_DebugShowsTheClass) {
  classes("classes: [{name: Empty}]\n");
  EXPECT_EQ(run({"debug"}), 0);
  EXPECT_EQ(line.out,
            "{\n  \"task_definition\": {},\n  \"update_services\": [],\n  \"run_tasks\": [],\n"
            "  \"events__put_targets\": []\n}\n");
  classes(kMinimal);
  EXPECT_EQ(run({"debug", "--all"}), 0);
  EXPECT_EQ(line.out, R"({
  "name": "web",
  "task_definition": {
    "family": "web",
    "containerDefinitions": [
      {
        "name": "web",
        "image": "app:{image_tag}"
      }
    ]
  },
  "update_services": [],
  "run_tasks": [],
  "events__put_targets": [],
  "active_task_count": 10,
  "sns_notification_topic_arn": null,
  "notification_method_blacklist_regex": "^describe_|get_|list_|.*register_task"
}
)");
}

TEST_F(EcsTaskAcceptance, Item27_DebugPrintsAFile) {
  classes("classes:\n" + entry("Web") + entry("Worker"));
  ASSERT_EQ(run({"debug"}), 0) << line.err;
  const std::string printed = line.out;
  EXPECT_EQ(deploy(), 0);
  const std::string calls = aws.order();
  for (const char* name : {"saved.json", "saved.yml"}) {
    SCOPED_TRACE(name);
    line.file(name, printed);
    ASSERT_EQ(run({"debug", "-f", name}), 0) << line.err;
    EXPECT_EQ(line.out, printed);
    EXPECT_EQ(deploy({"-f", name}), 0);
    EXPECT_EQ(aws.order(), calls);
  }
}

// A literal reference and one that came out of a variable are not looked up a second time, and
// nothing that `--all` prints is lost.
TEST_F(EcsTaskAcceptance, Item27_DebugOfDebugIsTheSame) {
  line.environment.set("ODD", "${var:none}");
  classes(R"(
task_definition:
  family: web
  containerDefinitions:
    - {name: web, image: "app:{image_tag}", command: ["$${env:HOME} $$${var:x} ${env:ODD} ${PORT}"]}
active_task_count: 3
wait_for_tasks: true
task_timeout: 90
service_timeout: 60
)");
  ASSERT_EQ(deploy(), 0) << line.err;
  const std::string sent = to_text(registered());
  EXPECT_THAT(sent, HasSubstr("${env:HOME} $${var:x} ${var:none} ${PORT}"));
  for (const std::string& all : {std::string("--all=true"), std::string("--all=false")}) {
    SCOPED_TRACE(all);
    ASSERT_EQ(run({"debug", all}), 0) << line.err;
    const std::string printed = line.out;
    line.file("saved.json", printed);
    ASSERT_EQ(run({"debug", all, "-f", "saved.json"}), 0) << line.err;
    EXPECT_EQ(line.out, printed);
    EXPECT_EQ(deploy({"-f", "saved.json"}), 0) << line.err;
    EXPECT_EQ(to_text(registered()), sent);
  }
}

TEST_F(EcsTaskAcceptance, Item28_DeploysTheExampleOfTheReadme) {
  classes(R"(
task_definition:
  family: web
  executionRoleArn: EXECUTION_ROLE_ARN
  containerDefinitions:
    - name: web
      image: my_image:{image_tag}
      portMappings: [{containerPort: 8080}]
      cpu: 1024
      memory: 1024
update_services: [{service: web, cluster: my_cluster}]
)");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(), "RegisterTaskDefinition UpdateService ListTaskDefinitions");
}

TEST_F(EcsTaskAcceptance, Item29_InheritsAttributeByAttribute) {
  const std::string parent = entry("Base", "    abstract: true\n    run_tasks: [{cluster: c}]\n");
  classes("classes:\n" + parent + "  - {name: Child, extends: Base}\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(), "RegisterTaskDefinition RunTask UpdateService ListTaskDefinitions");
  classes("classes:\n" + parent + "  - {name: Child, extends: Base, run_tasks: []}\n");
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(aws.order(), "RegisterTaskDefinition UpdateService ListTaskDefinitions");
}

TEST_F(EcsTaskAcceptance, Item30_StopsAtTheFirstClassThatFails) {
  classes("classes:\n" + entry("First") + entry("Second"));
  aws.will_refuse("UpdateService", "ServiceNotFoundException", "Service not found.");
  EXPECT_EQ(deploy(), 1);
  EXPECT_EQ(aws.order(), "RegisterTaskDefinition UpdateService");
  EXPECT_THAT(line.out, testing::EndsWith("Failed: First, at update_services[0] (service first); "
                                          "new revision " +
                                          StubAws::arn("first", 1) + "\nNot started: Second\n"));
  EXPECT_EQ(deploy({"--class", "Second"}), 0);
  EXPECT_EQ(string_or_empty(registered(), "family"), "second");
  EXPECT_EQ(deploy({"--class", "Secnd"}), 2);
  EXPECT_THAT(line.err, HasSubstr("the file has no class \"Secnd\" to run"));
  EXPECT_THAT(line.err, HasSubstr("did you mean Second?"));
}

TEST_F(EcsTaskAcceptance, Item31_ExpandsVariables) {
  const auto text = [](const std::string& role) {
    return "task_definition:\n  family: web\n  taskRoleArn: " + role +
           "\n  containerDefinitions: [{name: a, image: x, command: [\"${PORT}\", \"$HOME\"]}]\n";
  };
  expect_refused(text("${env:UNSET}"),
                 "task_definition.taskRoleArn: the environment variable UNSET is not set");
  classes(text("${env:UNSET:-x}"));
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(string_or_empty(registered(), "taskRoleArn"), "x");
  EXPECT_THAT(to_text(registered()), HasSubstr(R"("command":["${PORT}","$HOME"])"));
  line.environment.set("ROLE", "arn:role");
  classes(text("${env:ROLE}-${var:stage}-$${env:ROLE}"));
  ASSERT_EQ(deploy({"--var", "stage=prod"}), 0) << line.err;
  EXPECT_EQ(string_or_empty(registered(), "taskRoleArn"), "arn:role-prod-${env:ROLE}");
}

TEST_F(EcsTaskAcceptance, Item32_SendsTextsWhereTheApiWantsTexts) {
  classes(kClass);
  ASSERT_EQ(deploy(), 0) << line.err;
  EXPECT_EQ(string_or_empty(registered(), "cpu"), "256");
  EXPECT_EQ(find_int(find_array(registered(), "containerDefinitions")->at(0), "cpu"), 128);
  expect_refused(
      "task_definition:\n  family: web\n  cpu: 0.5\n  containerDefinitions: [{name: a, image: x, "
      "environment: [{name: DEBUG, value: true}]}]\n",
      "task_definition.cpu: expected text, found 0.5");
  EXPECT_THAT(line.err, HasSubstr("task_definition.containerDefinitions[0].environment[0].value: "
                                  "expected text, found true"));
}

TEST_F(EcsTaskAcceptance, Item33_InsertsTheRevisionItself) {
  expect_refused(std::string(kMinimal) + "update_services: [{service: web, taskDefinition: web}]\n",
                 "update_services[0].taskDefinition: the revision that is registered is inserted "
                 "here");
  expect_refused(std::string(kMinimal) + "run_tasks: [{taskDefinition: web}]\n",
                 "run_tasks[0].taskDefinition: the revision");
}

TEST_F(EcsTaskAcceptance, Item34_ReadsJsonAsItReadsYaml) {
  classes(kClass);
  ASSERT_EQ(deploy(), 0) << line.err;
  const std::vector<StubAws::Sent> from_yaml = aws.sent;
  ASSERT_EQ(run({"debug"}), 0);
  aws = StubAws();
  line.file("same.json", line.out);
  ASSERT_EQ(deploy({"-f", "same.json"}), 0) << line.err;
  ASSERT_EQ(aws.sent.size(), from_yaml.size());
  for (std::size_t i = 0; i < from_yaml.size(); ++i) {
    EXPECT_EQ(aws.sent[i].operation, from_yaml[i].operation);
    EXPECT_EQ(to_text(aws.sent[i].input), to_text(from_yaml[i].input));
  }
}

TEST_F(EcsTaskAcceptance, Item35_WaitsWhenItIsAskedTo) {
  classes(kClass);
  aws.has("web", 10);
  aws.exit_code = 1;
  EXPECT_EQ(deploy({"--wait"}), 1);
  EXPECT_EQ(aws.order(), "RegisterTaskDefinition RunTask DescribeTasks");
  EXPECT_THAT(line.err, HasSubstr("error: class web, waiting for the tasks: task.failed: task 1 "
                                  "failed: container web exited with 1"));
  aws.exit_code = 0;
  EXPECT_EQ(deploy({"--wait"}), 0) << line.err;
  EXPECT_EQ(aws.order(),
            "RegisterTaskDefinition RunTask DescribeTasks UpdateService PutTargets "
            "DescribeServices ListTaskDefinitions DeregisterTaskDefinition*2");
  aws.rollout = "FAILED";
  EXPECT_EQ(deploy({"--wait"}), 1);
  EXPECT_EQ(aws.order(),
            "RegisterTaskDefinition RunTask DescribeTasks UpdateService PutTargets "
            "DescribeServices");
  EXPECT_THAT(line.err, HasSubstr("error: class web, waiting for the services: "));
}

TEST_F(EcsTaskAcceptance, Item36_SharesAnchorsBetweenClasses) {
  classes(R"(
classes:
  - name: A
    task_definition: &definition
      family: a
      containerDefinitions: &containers [{name: web, image: "app:{image_tag}"}]
  - name: B
    task_definition: {<<: *definition, family: b}
)");
  ASSERT_EQ(deploy(), 0) << line.err;
  for (const Json& input : aws.inputs_of("RegisterTaskDefinition"))
    EXPECT_THAT(to_text(input), HasSubstr("app:42"));
  EXPECT_EQ(aws.inputs_of("RegisterTaskDefinition").size(), 2u);
}

TEST_F(EcsTaskAcceptance, Item37_PrintsTheCallsOfADryRun) {
  classes(std::string(kMinimal) + kTopic +
          "run_tasks: [{cluster: c}]\nupdate_services: [{service: web}]\n");
  EXPECT_EQ(run({"deploy", "42", "--dry-run"}), 0) << line.err;
  EXPECT_EQ(aws.order(), "");
  EXPECT_EQ(
      line.out,
      R"(ecs.register_task_definition {"family": "web", "containerDefinitions": [{"name": "web", "image": "app:42"}]}
ecs.run_task {"taskDefinition": "<the new revision of web>", "cluster": "c"}
sns.publish {"TargetArn": "arn:aws:sns:eu-west-1:111111111111:deploys", "Message": "<client, method, input and result of ecs.run_task>"}
ecs.update_service {"taskDefinition": "<the new revision of web>", "service": "web"}
sns.publish {"TargetArn": "arn:aws:sns:eu-west-1:111111111111:deploys", "Message": "<client, method, input and result of ecs.update_service>"}
ecs.list_task_definitions {"familyPrefix": "web", "status": "ACTIVE", "sort": "DESC"}
ecs.deregister_task_definition {"taskDefinition": "<each ACTIVE revision of web but the newest 10>"}
)");
}

// ---- Beyond the items --------------------------------------------------------------------------

using EcsTask = EcsTaskAcceptance;

TEST_F(EcsTask, WarnsOfAnOddTag) {
  classes(kMinimal);
  EXPECT_EQ(run({"deploy", "a/b", "--sim"}), 0);
  EXPECT_THAT(line.err, HasSubstr("warning: \"a/b\" is neither a tag nor a sha256: digest\n"));
}

TEST_F(EcsTask, TellsAPruningThatIsNotAllowedOnce) {
  classes(kMinimal);
  aws.has("web", 12);
  aws.will_refuse("DeregisterTaskDefinition", "AccessDeniedException", "no");
  EXPECT_EQ(deploy(), 0);
  EXPECT_EQ(aws.inputs_of("DeregisterTaskDefinition").size(), 1u);
  EXPECT_EQ(line.err, "warning: " + StubAws::arn("web", 3) +
                          " stays ACTIVE, as do all older ones: AccessDeniedException: no\n");
}

TEST_F(EcsTask, NeverDeregistersWhatItHasRegistered) {
  classes(std::string(kMinimal) + "active_task_count: 1\n");
  aws.has("web", 2);
  // A listing from before the registration, and somebody else's revision since.
  aws.will_answer("ListTaskDefinitions", fmt::format(R"({{"taskDefinitionArns":["{}","{}","{}"]}})",
                                                     StubAws::arn("web", 4), StubAws::arn("web", 3),
                                                     StubAws::arn("web", 2)));
  EXPECT_EQ(deploy(), 0);
  ASSERT_EQ(aws.inputs_of("DeregisterTaskDefinition").size(), 1u);
  EXPECT_EQ(string_or_empty(aws.inputs_of("DeregisterTaskDefinition").at(0), "taskDefinition"),
            StubAws::arn("web", 2));
}

TEST_F(EcsTask, SendsATokenThatListenersDoNotSee) {
  classes(std::string(kClass) + kTopic);
  ASSERT_EQ(deploy(), 0);
  EXPECT_FALSE(string_or_empty(aws.inputs_of("RunTask").at(0), "clientToken").empty());
  EXPECT_THAT(to_text(aws.messages().at(0)), Not(HasSubstr("clientToken")));
}

TEST_F(EcsTask, StopsAfterTheCallThatIsOnItsWay) {
  classes(kClass);
  Session* session = nullptr;
  line.on_session = [&](Session& opened) { session = &opened; };
  line.answer = [&](const HttpRequest& request) {
    Result<HttpResponse> answer = aws(request);
    if (aws.sent.back().operation == "RunTask") session->signals().raise(SIGTERM);
    return answer;
  };
  EXPECT_EQ(deploy({"--wait"}), 143);
  EXPECT_THAT(aws.order(), testing::StartsWith("RegisterTaskDefinition RunTask"));
  EXPECT_THAT(line.err, HasSubstr("stopped by SIGTERM"));
  EXPECT_TRUE(aws.inputs_of("UpdateService").empty());
}

}  // namespace
}  // namespace slipway::cli
