#include "sim/ecs_events.h"

#include "sim/testing.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kTopic = "arn:aws:sns:eu-west-1:123456789012:events";

// The service `web`, and a rule for a topic.
class Events : public testing::Test {
 protected:
  Events() { r.call("sns:CreateTopic", R"({"Name": "events"})"); }

  void rule(std::string_view name, std::string_view pattern, std::string_view arn = kTopic,
            std::string_view more = "") {
    r.call("events:PutRule", to_text(JsonObject{{"Name", name}, {"EventPattern", pattern}}));
    r.call("events:PutTargets",
           fmt::format(R"({{"Rule": "{}", "Targets": [{{"Id": "t", "Arn": "{}"{}}}]}})", name, arn,
                       more));
  }
  void rule_about(std::string_view detail_type) {
    rule("r", fmt::format(R"({{"source": ["aws.ecs"], "detail-type": ["{}"]}})", detail_type));
  }
  // What the topic heard, as JSON.
  std::vector<Json> heard() {
    std::vector<Json> all;
    for (const Json& message : r.world().messages())
      all.push_back(parse_json(string_or_empty(message, "Message")).value());
    return all;
  }
  // "INFO SERVICE_STEADY_STATE", and the reason.
  std::vector<std::string> told() {
    std::vector<std::string> all;
    for (const Json& event : heard()) {
      const Json& detail = event.at("detail");
      const std::string_view reason = string_or_empty(detail, "reason");
      all.push_back(Rehearsal::without_ids(
          fmt::format("{} {}{}{}", string_or_empty(detail, "eventType"),
                      string_or_empty(detail, "eventName"), reason.empty() ? "" : ": ", reason)));
    }
    return all;
  }
  void put_event(std::string_view entry) {
    const Json answer = r.call("events:PutEvents", fmt::format(R"({{"Entries": [{}]}})", entry));
    EXPECT_EQ(find_int(answer, "FailedEntryCount"), 0);
  }

  Rehearsal r;
};

TEST_F(Events, TellOfADeploymentFromItsBeginningToItsEnd) {
  r.set_up_web(2);
  r.at(0);
  rule_about("ECS Deployment State Change");
  r.register_web("web:2");
  r.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  r.at(300);
  EXPECT_THAT(
      told(),
      ElementsAre("INFO SERVICE_DEPLOYMENT_IN_PROGRESS: ECS deployment ecs-svc/N in progress.",
                  "INFO SERVICE_DEPLOYMENT_COMPLETED: ECS deployment ecs-svc/N completed."));
  const Json event = heard().front();
  EXPECT_EQ(string_or_empty(event, "time"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(string_or_empty(event, "account"), "123456789012");
  EXPECT_EQ(to_text(event.at("resources")),
            R"(["arn:aws:ecs:eu-west-1:123456789012:service/prod/web"])");
  EXPECT_EQ(string_or_empty(event.at("detail"), "updatedAt"), "2026-01-01T00:00:00.000Z");
}

TEST_F(Events, TellOfAFailureAndOfTheWayBack) {
  r.set_up_web(2, 100, 200);
  r.call("UpdateService", R"({"cluster": "prod", "service": "web", "deploymentConfiguration":
         {"deploymentCircuitBreaker": {"enable": true, "rollback": true}}})");
  r.at(0);
  rule_about("ECS Deployment State Change");
  ImageBehaviour crash{.image = "web:2"};
  crash.run_for = std::chrono::seconds(1);
  crash.exit_code = 1;
  r.arrange(SetImages{.behaviours = {crash}});
  r.register_web("web:2");
  r.call("UpdateService", R"({"cluster": "prod", "service": "web", "taskDefinition": "web"})");
  r.at(900);
  EXPECT_THAT(told(),
              ElementsAre("INFO SERVICE_DEPLOYMENT_IN_PROGRESS: ECS deployment ecs-svc/N in "
                          "progress.",
                          "ERROR SERVICE_DEPLOYMENT_FAILED: ECS deployment circuit breaker: tasks "
                          "failed to start.",
                          "INFO SERVICE_DEPLOYMENT_IN_PROGRESS: ECS deployment circuit breaker: "
                          "rolling back to deploymentId ecs-svc/N.",
                          "INFO SERVICE_DEPLOYMENT_COMPLETED: ECS deployment ecs-svc/N "
                          "completed."));
}

TEST_F(Events, TellOfServicesThatComeToRestOrFindNoPlace) {
  r.set_up_web(1);
  r.at(0);
  rule_about("ECS Service Action");
  r.arrange(SetCapacity{"FARGATE", 0});
  r.call("UpdateService", R"({"cluster": "prod", "service": "web", "desiredCount": 2})");
  r.at(100);
  EXPECT_THAT(told(), ElementsAre(HasSubstr("ERROR SERVICE_TASK_PLACEMENT_FAILURE: RESOURCE:")));
  r.arrange(SetCapacity{"FARGATE", 5});
  r.at(600);
  EXPECT_EQ(told().back(), "INFO SERVICE_STEADY_STATE");
}

TEST_F(Events, TellEachStateOfATaskOnceWithItsTimesAsText) {
  r.call("CreateCluster", R"({"clusterName": "prod"})");
  r.register_web();
  rule_about("ECS Task State Change");
  r.at(0);
  r.call("RunTask", R"({"cluster": "prod", "taskDefinition": "web", "launchType": "FARGATE",
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}})");
  r.at(120);
  std::vector<std::string> states;
  std::vector<std::int64_t> versions;
  for (const Json& event : heard()) {
    const Json& detail = event.at("detail");
    states.emplace_back(string_or_empty(detail, "lastStatus"));
    versions.push_back(find_int(detail, "version").value_or(0));
    EXPECT_EQ(string_or_empty(detail, "createdAt"), "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(to_text(event.at("resources")),
              "[\"" + std::string(string_or_empty(detail, "taskArn")) + "\"]");
  }
  ASSERT_THAT(states, testing::Not(IsEmpty()));
  EXPECT_EQ(states.front(), "PROVISIONING");
  EXPECT_THAT(states, AllOf(Contains("PENDING"), Contains("RUNNING")));
  EXPECT_TRUE(std::ranges::is_sorted(versions, std::ranges::less_equal()));
  EXPECT_EQ(std::ranges::adjacent_find(versions), versions.end());
  EXPECT_THAT(string_or_empty(heard().back().at("detail"), "startedAt"), HasSubstr("2026-01-01T"));
}

TEST_F(Events, AreForTheRulesThatMatchAndAreEnabled) {
  rule("r", R"({"source": ["shop"]})");
  put_event(R"({"Source": "shop", "DetailType": "sale", "Detail": "{}"})");
  put_event(R"({"Source": "other", "DetailType": "sale", "Detail": "{}"})");
  EXPECT_THAT(heard(), IsEmpty());  // they are on their way
  r.at(1);
  EXPECT_THAT(heard(), SizeIs(1));
  r.call("events:DisableRule", R"({"Name": "r"})");
  put_event(R"({"Source": "shop", "DetailType": "sale", "Detail": "{}"})");
  r.at(2);
  EXPECT_THAT(heard(), SizeIs(1));
}

TEST_F(Events, AreSentAsTheTargetSays) {
  struct Case {
    std::string_view more, sent;
  };
  for (
      const auto& [more, sent] :
      {Case{R"(, "Input": "{\"a\": 1}")", R"({"a": 1})"},
       Case{R"(, "InputPath": "$.detail.list")", "[1,2]"},
       Case{R"(, "InputPath": "$.detail.list[1]")", "2"},
       Case{
           R"(, "InputTransformer": {"InputPathsMap": {"who": "$.detail.who", "l": "$.detail.list"},
                  "InputTemplate": "{\"who\": <who>, \"said\": \"<who> says\", \"list\": <l>}"})",
           R"({"who": "Ann", "said": "Ann says", "list": [1,2]})"},
       Case{R"(, "InputTransformer": {"InputTemplate": "\"nobody <who>\""})", R"("nobody ")"}}) {
    SCOPED_TRACE(more);
    r.world().forget_messages();
    rule("r", R"({"source": ["shop"]})", kTopic, more);
    put_event(
        R"({"Source": "shop", "DetailType": "d", "Detail": "{\"who\": \"Ann\", \"list\": [1, 2]}"})");
    r.at(r.now() + 1);
    ASSERT_THAT(r.world().messages(), SizeIs(1));
    EXPECT_EQ(string_or_empty(r.world().messages().front(), "Message"), sent);
  }
}

TEST_F(Events, StartTasksAreLoggedAndGoToOtherBuses) {
  r.call("CreateCluster", R"({"clusterName": "prod"})");
  r.register_web();
  r.call("logs:CreateLogGroup", R"({"logGroupName": "/aws/events/shop"})");
  r.call("events:CreateEventBus", R"({"Name": "other"})");
  constexpr std::string_view kShop = R"({"source": ["shop"]})";
  rule("task", kShop, "arn:aws:ecs:eu-west-1:123456789012:cluster/prod",
       R"(, "RoleArn": "arn:aws:iam::1:role/run", "EcsParameters": {"TaskDefinitionArn": "web",
         "LaunchType": "FARGATE",
         "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-1"]}}},
         "InputTransformer": {"InputPathsMap": {"c": "$.detail.command"}, "InputTemplate":
         "{\"containerOverrides\": [{\"name\": \"app\", \"command\": [<c>]}]}"})");
  rule("log", kShop, "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/events/shop");
  rule("bus", kShop, "arn:aws:events:eu-west-1:123456789012:event-bus/other");
  r.call(
      "events:PutRule",
      to_text(JsonObject{{"Name", "there"}, {"EventBusName", "other"}, {"EventPattern", kShop}}));
  r.call("events:PutTargets",
         fmt::format(R"({{"Rule": "there", "EventBusName": "other", "Targets": [
           {{"Id": "t", "Arn": "{}"}},
           {{"Id": "u", "Arn": "arn:aws:events:eu-west-1:123456789012:event-bus/default"}}]}})",
                     kTopic));
  r.at(0);
  put_event(R"({"Source": "shop", "DetailType": "d", "Detail": "{\"command\": \"sell\"}"})");
  r.at(1);
  const Json tasks = r.call("ListTasks", R"({"cluster": "prod"})");
  ASSERT_THAT(tasks.at("taskArns").as_array(), SizeIs(1));
  const Json task =
      r.call("DescribeTasks",
             to_text(JsonObject{{"cluster", "prod"}, {"tasks", tasks.at("taskArns")}}))
          .at("tasks")
          .at(0);
  EXPECT_EQ(string_or_empty(task, "startedBy"), "events-rule/task");
  EXPECT_EQ(to_text(task.at("overrides")),
            R"({"containerOverrides":[{"name":"app","command":["sell"]}]})");
  r.at(10);
  const Json logged = r.call("logs:FilterLogEvents", R"({"logGroupName": "/aws/events/shop"})");
  ASSERT_THAT(logged.at("events").as_array(), SizeIs(1));
  EXPECT_THAT(string_or_empty(logged.at("events").at(0), "message"),
              HasSubstr(R"("detail-type":"d")"));
  // Once: what came from another bus goes to none.
  EXPECT_THAT(heard(), SizeIs(1));
}

TEST_F(Events, OfWhoeverSaysTooLittleAreRefusedOneByOne) {
  const Json answer = r.call("events:PutEvents", R"({"Entries": [
    {"Source": "shop", "DetailType": "d", "Detail": "{}"},
    {"DetailType": "d", "Detail": "{}"},
    {"Source": "shop", "DetailType": "d", "Detail": "no"},
    {"Source": "aws.ecs", "DetailType": "d", "Detail": "{}"}]})");
  EXPECT_EQ(find_int(answer, "FailedEntryCount"), 3);
  std::vector<std::string> codes;
  for (const Json& entry : answer.at("Entries").as_array())
    codes.emplace_back(string_or_empty(entry, "ErrorCode"));
  EXPECT_THAT(codes, ElementsAre("", "InvalidArgument", "MalformedDetail",
                                 "NotAuthorizedForSourceException"));
  EXPECT_EQ(string_or_empty(answer.at("Entries").at(1), "ErrorMessage"),
            "Parameter Source is not valid. Reason: Source is a required argument.");
}

TEST_F(Events, AreTestedAgainstAPatternWithoutBeingSent) {
  const auto test = [&](std::string_view pattern) {
    return to_text(
        JsonObject{{"EventPattern", pattern},
                   {"Event", R"({"id": "1", "detail-type": "d", "source": "shop", "account": "1",
                      "time": "2026-01-01T00:00:00Z", "region": "eu-west-1", "resources": []})"}});
  };
  EXPECT_EQ(r.call("events:TestEventPattern", test(R"({"source": ["shop"]})")).at("Result"), true);
  EXPECT_EQ(r.call("events:TestEventPattern", test(R"({"source": ["x"]})")).at("Result"), false);
  EXPECT_EQ(r.refusal("events:TestEventPattern", test(R"({"source": "shop"})")),
            "InvalidEventPatternException: Event pattern is not valid. Reason: \"source\" must be "
            "an object or an array");
  EXPECT_EQ(r.refusal("events:TestEventPattern",
                      R"({"EventPattern": "{\"source\": [\"x\"]}", "Event": "{\"id\": \"1\"}"})"),
            "ValidationException: Parameter Event is not valid. Reason: detail-type is a required "
            "field.");
}

}  // namespace
}  // namespace slipway::sim
