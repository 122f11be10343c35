// What becomes of stacks whose resources fail, change, or cannot go.
#include "sim/api_test_support.h"
#include "sim/stack_testing.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// B needs A; C stands alone.
constexpr std::string_view kGroups = R"(
Resources:
  A: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: a}}
  B: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Sub "${A}-b"}}
  C: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: c}}
)";

class StackEngine : public testing::Test {
 protected:
  StackEngine() { rehearsal.at(0); }
  void strike(StackFault fault) { rehearsal.arrange(SetStackFaults{.faults = {std::move(fault)}}); }
  std::vector<std::string> log_groups() {
    std::vector<std::string> names;
    const Json answer = rehearsal.call("logs:DescribeLogGroups");
    for (const Json& group : answer.at("logGroups").as_array())
      names.emplace_back(group.at("logGroupName").as_string());
    return names;
  }
  StackRehearsal rehearsal;
};

TEST_F(StackEngine, RollsBackWhatWasMadeWhenAResourceFails) {
  strike({.resource = "B", .reason = "no room"});
  rehearsal.create("s", kGroups);
  rehearsal.at(60);
  EXPECT_THAT(
      rehearsal.happened("s"),
      ElementsAre("0 s CREATE_IN_PROGRESS: User Initiated", "0 A CREATE_IN_PROGRESS",
                  "0 C CREATE_IN_PROGRESS", "1 A CREATE_IN_PROGRESS: Resource creation Initiated",
                  "1 C CREATE_IN_PROGRESS: Resource creation Initiated", "3 A CREATE_COMPLETE",
                  "3 B CREATE_IN_PROGRESS", "3 C CREATE_COMPLETE", "4 B CREATE_FAILED: no room",
                  "4 s ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [B]. "
                  "Rollback requested by user.",
                  "4 C DELETE_IN_PROGRESS", "4 B DELETE_COMPLETE", "4 A DELETE_IN_PROGRESS",
                  "7 C DELETE_COMPLETE", "7 A DELETE_COMPLETE", "7 s ROLLBACK_COMPLETE"));
  EXPECT_THAT(log_groups(), ElementsAre());
}

TEST_F(StackEngine, DoesOnFailureWhatTheCallSays) {
  strike({.resource = "B", .reason = "no room"});
  rehearsal.create("kept", kGroups, R"(, "OnFailure": "DO_NOTHING")");
  rehearsal.at(60);
  EXPECT_EQ(rehearsal.status("kept"), "CREATE_FAILED");
  EXPECT_THAT(log_groups(), ElementsAre("a", "c"));
  rehearsal.remove("kept");
  rehearsal.at(120);
  rehearsal.create("gone", kGroups, R"(, "OnFailure": "DELETE")");
  const std::string id(rehearsal.stack("gone").at("StackId").as_string());
  rehearsal.at(180);
  EXPECT_EQ(rehearsal.status(id), "DELETE_COMPLETE");
  EXPECT_THAT(rehearsal.happened(id, 122),
              testing::Contains(HasSubstr("DELETE_IN_PROGRESS: The following resource(s) failed to "
                                          "create: [B]. Delete requested by user.")));
}

TEST_F(StackEngine, CancelsWhatIsBeingMadeBesideAFailure) {
  strike({.resource = "A", .reason = "too late", .takes = std::chrono::seconds(1)});
  rehearsal.create("s", kGroups);
  rehearsal.at(60);
  EXPECT_THAT(rehearsal.happened("s"),
              testing::IsSupersetOf({"2 A CREATE_FAILED: too late",
                                     "2 C CREATE_FAILED: Resource creation cancelled"}));
  EXPECT_EQ(rehearsal.status("s"), "ROLLBACK_COMPLETE");
}

TEST_F(StackEngine, QuotesTheCallThatFailed) {
  rehearsal.call("logs:CreateLogGroup", R"({"logGroupName": "a"})");
  rehearsal.create("s", kGroups);
  rehearsal.at(60);
  EXPECT_THAT(rehearsal.happened("s"),
              testing::Contains(
                  "1 A CREATE_FAILED: Resource handler returned message: \"Resource of type "
                  "'AWS::Logs::LogGroup' with identifier "
                  "'{\"/properties/LogGroupName\":\"a\"}' already exists.\" (RequestToken: U, "
                  "HandlerErrorCode: AlreadyExists)"));
  rehearsal.create("t", R"(
Resources:
  S:
    Type: AWS::ECS::Service
    Properties: {Cluster: nowhere, TaskDefinition: x, DesiredCount: 0}
)");
  rehearsal.at(120);
  EXPECT_THAT(
      rehearsal.happened("t"),
      testing::Contains(HasSubstr(
          "CREATE_FAILED: Resource handler returned message: \"Cluster not found. (Service: "
          "Ecs, Status Code: 400, Request ID: U)\" (RequestToken: U, HandlerErrorCode: "
          "NotFound)")));
}

TEST_F(StackEngine, RefusesPropertiesThatTheTypeDoesNotHave) {
  rehearsal.create("s", R"(
Resources:
  A:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Familiy: web
      ContainerDefinitions: [{Name: app, Image: web, portMappings: [], Memory: much}]
)");
  rehearsal.at(60);
  EXPECT_THAT(rehearsal.happened("s"),
              testing::Contains("1 A CREATE_FAILED: Properties validation failed for resource A "
                                "with message:\n#: extraneous key [Familiy] is not permitted\n"
                                "#/ContainerDefinitions/0: extraneous key [portMappings] is not "
                                "permitted\n#/ContainerDefinitions/0/Memory: expected type: "
                                "Integer, found: String"));
}

TEST_F(StackEngine, LeavesWhatCannotGoUntilItIsRetained) {
  rehearsal.create("s", kGroups);
  rehearsal.at(30);
  EXPECT_EQ(rehearsal.refusal("cloudformation:DeleteStack",
                              R"({"StackName": "s", "RetainResources": ["A"]})"),
            "ValidationError: Invalid operation on stack: resources to retain can only be "
            "specified for a stack in the DELETE_FAILED state.");
  strike({.resource = "B", .on = StackFault::On::kDelete, .reason = "held"});
  rehearsal.remove("s");
  rehearsal.at(60);
  EXPECT_EQ(rehearsal.status("s"), "DELETE_FAILED");
  EXPECT_EQ(rehearsal.stack("s").at("StackStatusReason").as_string(),
            "The following resource(s) failed to delete: [B]. ");
  // A is needed by B; C is gone.
  EXPECT_THAT(log_groups(), ElementsAre("a", "a-b"));
  EXPECT_EQ(rehearsal.refusal("cloudformation:DeleteStack",
                              R"({"StackName": "s", "RetainResources": ["C"]})"),
            "ValidationError: The specified resources to retain must be in a valid state. Do not "
            "specify resources that are in the DELETE_COMPLETE state.");
  const std::string id(rehearsal.stack("s").at("StackId").as_string());
  rehearsal.remove("s", R"(, "RetainResources": ["B"])");
  rehearsal.at(90);
  EXPECT_EQ(rehearsal.status(id), "DELETE_COMPLETE");
  EXPECT_THAT(log_groups(), ElementsAre("a-b"));
}

TEST_F(StackEngine, KeepsWhatItsPolicyRetains) {
  rehearsal.create("s", R"(
Resources:
  A: {Type: "AWS::Logs::LogGroup", DeletionPolicy: Retain, Properties: {LogGroupName: a}}
)");
  rehearsal.at(30);
  const std::string id(rehearsal.stack("s").at("StackId").as_string());
  rehearsal.remove("s");
  rehearsal.at(60);
  EXPECT_EQ(rehearsal.status(id), "DELETE_COMPLETE");
  EXPECT_THAT(log_groups(), ElementsAre("a"));
}

TEST_F(StackEngine, ChangesInPlaceReplacesAndRemoves) {
  rehearsal.create("s", R"(
Resources:
  A: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: a}}
  B: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: b}}
  C: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: c}}
)");
  rehearsal.at(30);
  const std::string_view next = R"(
Resources:
  A: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: a, RetentionInDays: 3}}
  B: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: bb}}
  D: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: d}}
)";
  rehearsal.update("s", next);
  rehearsal.at(90);
  EXPECT_THAT(
      rehearsal.happened("s", 30),
      ElementsAre("30 s UPDATE_IN_PROGRESS: User Initiated", "30 A UPDATE_IN_PROGRESS",
                  "30 B UPDATE_IN_PROGRESS: Requested update requires the creation of a new "
                  "physical resource; hence creating one.",
                  "30 D CREATE_IN_PROGRESS", "31 B UPDATE_IN_PROGRESS: Resource creation Initiated",
                  "31 D CREATE_IN_PROGRESS: Resource creation Initiated", "33 A UPDATE_COMPLETE",
                  "33 B UPDATE_COMPLETE", "33 D CREATE_COMPLETE",
                  "33 s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "33 B DELETE_IN_PROGRESS",
                  "33 C DELETE_IN_PROGRESS", "36 B DELETE_COMPLETE", "36 C DELETE_COMPLETE",
                  "36 s UPDATE_COMPLETE"));
  EXPECT_THAT(log_groups(), ElementsAre("a", "bb", "d"));
  EXPECT_EQ(rehearsal.physical_id("s", "B"), "bb");
  EXPECT_EQ(rehearsal.refusal("cloudformation:UpdateStack",
                              R"({"StackName": "s", "UsePreviousTemplate": true})"),
            "ValidationError: No updates are to be performed.");
}

TEST_F(StackEngine, AnUpdateThatFailsIsTakenBack) {
  rehearsal.create("s", kGroups);
  rehearsal.at(30);
  strike({.resource = "D", .reason = "no room"});
  rehearsal.update("s", R"(
Resources:
  A: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: aa}}
  B: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Sub "${A}-b"}}
  D: {Type: "AWS::Logs::LogGroup", DependsOn: [A, B]}
)");
  rehearsal.at(120);
  EXPECT_EQ(rehearsal.status("s"), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(log_groups(), ElementsAre("a", "a-b", "c"));
  EXPECT_EQ(rehearsal.physical_id("s", "B"), "a-b");
  EXPECT_THAT(rehearsal.happened("s", 30),
              testing::Contains(HasSubstr("UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) "
                                          "failed to update: [D]. ")));
}

TEST_F(StackEngine, AStackCannotBeUpdatedWhileItChanges) {
  rehearsal.create("s", kGroups);
  const std::string id(rehearsal.stack("s").at("StackId").as_string());
  EXPECT_EQ(rehearsal.refusal("cloudformation:UpdateStack",
                              R"({"StackName": "s", "UsePreviousTemplate": true})"),
            fmt::format("ValidationError: Stack:{} is in CREATE_IN_PROGRESS state and can not be "
                        "updated.",
                        id));
}

TEST_F(StackEngine, GivesUpAfterItsTimeout) {
  strike({.resource = "A", .takes = std::chrono::minutes(5)});
  rehearsal.create("s", kGroups, R"(, "TimeoutInMinutes": 2)");
  rehearsal.at(180);
  EXPECT_EQ(rehearsal.status("s"), "ROLLBACK_COMPLETE");
  EXPECT_THAT(
      rehearsal.happened("s", 100),
      testing::Contains(HasSubstr("120 s ROLLBACK_IN_PROGRESS: Stack creation time exceeded "
                                  "the specified timeout. The following resource(s) failed "
                                  "to create: [A, B]. ")));
}

TEST_F(StackEngine, AChangeSetIsLookedAtBeforeItIsDone) {
  std::string body;
  append_json_string(body, kGroups);
  rehearsal.call("cloudformation:CreateChangeSet",
                 fmt::format(R"({{"StackName": "s", "ChangeSetName": "first", "ChangeSetType":
                   "CREATE", "TemplateBody": {}}})",
                             body));
  EXPECT_EQ(rehearsal.status("s"), "REVIEW_IN_PROGRESS");
  const Json set = rehearsal.call("cloudformation:DescribeChangeSet",
                                  R"({"StackName": "s", "ChangeSetName": "first"})");
  EXPECT_EQ(set.at("Changes").as_array().size(), 3u);
  EXPECT_EQ(to_text(set.at("Changes").at(0).at("ResourceChange")),
            R"({"Action":"Add","LogicalResourceId":"A","ResourceType":"AWS::Logs::LogGroup",)"
            R"("Scope":[],"Details":[]})");
  rehearsal.call("cloudformation:ExecuteChangeSet",
                 R"({"StackName": "s", "ChangeSetName": "first"})");
  rehearsal.at(30);
  EXPECT_EQ(rehearsal.status("s"), "CREATE_COMPLETE");
  rehearsal.call("cloudformation:CreateChangeSet",
                 R"({"StackName": "s", "ChangeSetName": "empty", "UsePreviousTemplate": true})");
  const Json empty = rehearsal.call("cloudformation:DescribeChangeSet",
                                    R"({"StackName": "s", "ChangeSetName": "empty"})");
  EXPECT_EQ(empty.at("Status").as_string(), "FAILED");
  EXPECT_EQ(empty.at("StatusReason").as_string(),
            "The submitted information didn't contain changes. Submit different information to "
            "create a change set.");
}

// ---- Whose rights count -----------------------------------------------------------------------

HttpRequest form(std::string body) {
  HttpRequest request = form_request(std::move(body) + "&Version=2010-05-15");
  request.body.resize(request.body.size() - std::string_view("&Version=2011-06-15").size());
  auto& authorization = request.headers.back().second;
  authorization.replace(authorization.find("/sts/"), 5, "/cloudformation/");
  return request;
}

TEST(StackRights, AreThoseOfTheCallerForEachResource) {
  auto aws = shop_with(R"(
identity:
  users:
    ci:
      access_key: AKIATEST
      secret_key: secret
      policies:
      - Statement: {Effect: Allow, Action: ["cloudformation:*", "logs:CreateLogGroup"], Resource: "*"}
)");
  const TimePoint now = kUsualStart;
  const auto made = aws->handle(
      form("Action=CreateStack&StackName=s&TemplateBody="
           "Resources%3A%20%7BA%3A%20%7BType%3A%20%22AWS%3A%3ALogs%3A%3ALogGroup%22%2C%20"
           "Properties%3A%20%7BRetentionInDays%3A%203%7D%7D%7D"),
      now);
  ASSERT_EQ(made.response.status, 200) << made.response.body;
  const auto events =
      aws->handle(form("Action=DescribeStackEvents&StackName=s"), now + std::chrono::seconds(30));
  EXPECT_THAT(events.response.body,
              HasSubstr("User: arn:aws:iam::111111111111:user/ci is not authorized to perform: "
                        "logs:PutRetentionPolicy on resource: "));
  EXPECT_THAT(events.response.body, HasSubstr("HandlerErrorCode: AccessDenied"));
  // Deleting is not allowed either.
  EXPECT_THAT(events.response.body, HasSubstr("ROLLBACK_FAILED"));
  const auto denied = aws->handle(form("Action=DescribeStacks&StackName=s"), now);
  EXPECT_EQ(denied.response.status, 200);
}

}  // namespace
}  // namespace slipway::sim
