#include "sim/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

Policy policy(std::string text) {
  Diagnostics diagnostics;
  auto source = std::make_shared<SourceText>(SourceText{"policy.json", std::move(text)});
  const auto node = read_document(source, TextFormat::kYaml, diagnostics);
  Policy result = node ? read_policy(*node, "policy", diagnostics) : Policy{};
  for (const auto& diagnostic : diagnostics.all()) ADD_FAILURE() << to_string(diagnostic);
  return result;
}

std::string complaints(std::string text) {
  Diagnostics diagnostics;
  auto source = std::make_shared<SourceText>(SourceText{"p.yml", std::move(text)});
  if (const auto node = read_document(source, TextFormat::kYaml, diagnostics))
    read_policy(*node, "policy", diagnostics);
  std::string all;
  for (const auto& d : diagnostics.all())
    all += fmt::format("{}:{} {}: {}{}\n", d.span.line, d.span.column, d.path, d.message,
                       d.suggestion.empty() ? "" : " (" + d.suggestion + ")");
  return all;
}

Json json(std::string_view text) { return boost::json::parse({text.data(), text.size()}); }

const char* kService = "arn:aws:ecs:eu-west-1:111111111111:service/prod/web";
const char* kCluster = "arn:aws:ecs:eu-west-1:111111111111:cluster/prod";

Verdict verdict(std::string_view text, const Access& access) {
  const Policy one[] = {policy(std::string(text))};
  return evaluate(one, access);
}

Access update_service() { return {"ecs:UpdateService", kService, {{"ecs:cluster", {kCluster}}}}; }

TEST(Policy, AllowsOnlyWhatAStatementNames) {
  struct Case {
    const char* statement;
    Verdict wanted;
  };
  for (const auto& [statement, wanted] : {
           Case{R"({Effect: Allow, Action: "ecs:UpdateService", Resource: "*"})",
                Verdict::kAllowed},
           Case{R"({Effect: Allow, Action: "ECS:updateservice", Resource: "*"})",
                Verdict::kAllowed},
           Case{R"({Effect: Allow, Action: "ecs:Update*", Resource: "*"})", Verdict::kAllowed},
           Case{R"({Effect: Allow, Action: "ecs:Describe*", Resource: "*"})", Verdict::kNoAllow},
           Case{R"({Effect: Allow, Action: ["iam:*", "*"], Resource: "*"})", Verdict::kAllowed},
           Case{R"({Effect: Allow, NotAction: "iam:*", Resource: "*"})", Verdict::kAllowed},
           Case{R"({Effect: Allow, NotAction: "ecs:*", Resource: "*"})", Verdict::kNoAllow},
           Case{R"({Effect: Allow, Action: "*", Resource: "arn:aws:ecs:*:*:service/prod/*"})",
                Verdict::kAllowed},
           Case{R"({Effect: Allow, Action: "*", Resource: "arn:aws:ecs:*:*:service/test/*"})",
                Verdict::kNoAllow},
           Case{R"({Effect: Allow, Action: "*", NotResource: "arn:aws:ecs:*:*:service/test/*"})",
                Verdict::kAllowed},
           Case{R"({Effect: Allow, Action: "*", Resource: "arn:aws:ecs:*:*:service/prod/w?b"})",
                Verdict::kAllowed},
           Case{R"({Effect: Deny, Action: "ecs:UpdateService", Resource: "*"})",
                Verdict::kExplicitDeny},
       }) {
    SCOPED_TRACE(statement);
    EXPECT_EQ(verdict(fmt::format("{{Version: 2012-10-17, Statement: [{}]}}", statement),
                      update_service()),
              wanted);
  }
}

TEST(Policy, LetsAnExplicitDenyWinOverEveryAllow) {
  const Policy both[] = {
      policy(R"({Statement: {Effect: Allow, Action: "*", Resource: "*"}})"),
      policy(R"({Statement: {Effect: Deny, Action: "ecs:Update*", Resource: "*"}})"),
  };
  EXPECT_EQ(evaluate(both, update_service()), Verdict::kExplicitDeny);
  EXPECT_EQ(evaluate(both, {"ecs:DescribeServices", kService, {}}), Verdict::kAllowed);
}

TEST(Policy, HoldsEveryConditionAgainstTheCall) {
  struct Case {
    const char* condition;
    bool allowed;
  };
  for (
      const auto& [condition, allowed] : {
          Case{
              R"({StringEquals: {"ecs:cluster": "arn:aws:ecs:eu-west-1:111111111111:cluster/prod"}})",
              true},
          Case{
              R"({StringEquals: {"ECS:Cluster": "arn:aws:ecs:eu-west-1:111111111111:cluster/prod"}})",
              true},
          Case{
              R"({StringEquals: {"ecs:cluster": "arn:aws:ecs:eu-west-1:111111111111:cluster/test"}})",
              false},
          Case{R"({StringLike: {"ecs:cluster": ["*/test", "*/prod"]}})", true},
          Case{R"({StringNotLike: {"ecs:cluster": ["*/test", "*/prod"]}})", false},
          Case{R"({StringNotEquals: {"ecs:cluster": "other"}})", true},
          Case{
              R"({StringEqualsIgnoreCase: {"ecs:cluster": "ARN:AWS:ECS:EU-WEST-1:111111111111:CLUSTER/PROD"}})",
              true},
          Case{R"({ArnEquals: {"ecs:cluster": "arn:aws:ecs:*:111111111111:cluster/prod"}})", true},
          Case{R"({ArnLike: {"ecs:cluster": "arn:aws:ecs:*:cluster/prod"}})", false},
          Case{R"({ArnNotLike: {"ecs:cluster": "arn:aws:ecs:*:*:cluster/test"}})", true},
          Case{R"({StringEquals: {"aws:absent": "x"}})", false},
          Case{R"({StringEqualsIfExists: {"aws:absent": "x"}})", true},
          Case{R"({StringNotEquals: {"aws:absent": "x"}})", true},
          Case{R"({Null: {"aws:absent": "true"}})", true},
          Case{R"({Null: {"ecs:cluster": true}})", false},
          Case{R"({Bool: {"aws:securetransport": true}})", true},
          Case{R"({BoolIfExists: {"aws:absent": false}})", true},
          Case{R"({"ForAllValues:StringEquals": {"aws:tagkeys": [team, stage]}})", true},
          Case{R"({"ForAllValues:StringEquals": {"aws:tagkeys": [team]}})", false},
          Case{R"({"ForAnyValue:StringEquals": {"aws:tagkeys": [team]}})", true},
          Case{R"({"ForAnyValue:StringEquals": {"aws:absent": [team]}})", false},
          Case{R"({StringLike: {"ecs:cluster": "*/prod"}, Bool: {"aws:securetransport": false}})",
               false},
      }) {
    SCOPED_TRACE(condition);
    Access access = update_service();
    access.context["aws:securetransport"] = {"true"};
    access.context["aws:tagkeys"] = {"team", "stage"};
    EXPECT_EQ(verdict(fmt::format("{{Statement: {{Effect: Allow, Action: '*', Resource: '*', "
                                  "Condition: {}}}}}",
                                  condition),
                      access) == Verdict::kAllowed,
              allowed);
  }
}

TEST(Policy, SaysWhatIsWrongInADocumentAndWhere) {
  EXPECT_EQ(complaints("Statement:\n"
                       "- Effect: Permit\n"
                       "  Actions: \"*\"\n"
                       "  Resource: \"*\"\n"
                       "- Effect: Deny\n"
                       "  Action: [ecs:*]\n"
                       "  Resource: arn:aws:s3:::${aws:username}\n"
                       "  Condition: {StringEqual: {a: b}}\n"),
            "3:3 policy.Statement[0].Actions: policy documents have no such member (did you mean "
            "Action?)\n"
            "2:11 policy.Statement[0].Effect: expected Allow or Deny, found \"Permit\"\n"
            "2:3 policy.Statement[0]: expected either Action or NotAction\n"
            "7:13 policy.Statement[1].Resource: policy variables are not simulated\n"
            "8:15 policy.Statement[1].Condition.StringEqual: this condition operator is not "
            "simulated (did you mean StringEquals?)\n");
}

std::vector<std::string> needs(std::string_view operation, std::string_view input,
                               const DefinitionInUse& definition = {}, bool tags = true) {
  std::vector<std::string> lines;
  for (const Access& access : needed_access({}, "ecs", operation, json(input), definition, tags))
    lines.push_back(access.action + " " + access.resource);
  return lines;
}

TEST(NeededAccess, NamesTheResourceOfEachOperationAsIamKnowsIt) {
  const std::string base = "arn:aws:ecs:eu-west-1:111111111111:";
  struct Case {
    const char* operation;
    const char* input;
    std::string wanted;
  };
  for (const auto& [operation, input, wanted] : std::vector<Case>{
           {"UpdateService", R"({"cluster":"prod","service":"web"})", base + "service/prod/web"},
           {"UpdateService", R"({"service":"web"})", base + "service/default/web"},
           {"UpdateService",
            R"({"cluster":"arn:aws:ecs:eu-west-1:111111111111:cluster/prod","service":"web"})",
            base + "service/prod/web"},
           {"UpdateService",
            R"({"cluster":"prod","service":"arn:aws:ecs:eu-west-1:111111111111:service/web"})",
            base + "service/prod/web"},
           {"CreateService", R"({"cluster":"prod","serviceName":"web"})",
            base + "service/prod/web"},
           {"DescribeTaskDefinition", R"({"taskDefinition":"web"})", "*"},
           {"RegisterTaskDefinition", R"({"family":"web"})", "*"},
           {"ListServices", R"({"cluster":"prod"})", "*"},
           {"ListTasks", R"({"cluster":"prod"})", "*"},
           {"RunTask", R"({"taskDefinition":"web:7"})", base + "task-definition/web:7"},
           {"StopTask", R"({"cluster":"prod","task":"0123"})", base + "task/prod/0123"},
           {"DescribeTasks", R"({"cluster":"prod","tasks":["0123"]})", base + "task/prod/0123"},
           {"DescribeClusters", "{}", base + "cluster/default"},
           {"ListClusters", "{}", "*"},
           {"DescribeServiceDeployments", R"({"serviceDeploymentArns":["arn:x"]})", "arn:x"},
           {"DescribeTaskSets", R"({"cluster":"prod","service":"web"})",
            base + "task-set/prod/web/*"},
       }) {
    SCOPED_TRACE(operation);
    EXPECT_THAT(needs(operation, input),
                ElementsAre("ecs:" + std::string(operation) + " " + wanted));
  }
}

TEST(NeededAccess, AsksForEveryResourceACallNames) {
  EXPECT_THAT(
      needs("DescribeServices", R"({"cluster":"prod","services":["web","api"]})"),
      ElementsAre("ecs:DescribeServices " + std::string(kService),
                  "ecs:DescribeServices arn:aws:ecs:eu-west-1:111111111111:service/prod/api"));
}

TEST(NeededAccess, AsksForPassRoleOnEveryRoleHandedToTheTasks) {
  EXPECT_THAT(needs("RegisterTaskDefinition",
                    R"({"family":"web","taskRoleArn":"web-task",)"
                    R"("executionRoleArn":"arn:aws:iam::111111111111:role/exec"})"),
              ElementsAre("ecs:RegisterTaskDefinition *",
                          "iam:PassRole arn:aws:iam::111111111111:role/web-task",
                          "iam:PassRole arn:aws:iam::111111111111:role/exec"));
  EXPECT_THAT(needs("RunTask", R"({"taskDefinition":"web","overrides":{"taskRoleArn":"other"}})",
                    {.roles = {"arn:aws:iam::111111111111:role/exec"}}),
              ElementsAre("ecs:RunTask arn:aws:ecs:eu-west-1:111111111111:task-definition/web",
                          "iam:PassRole arn:aws:iam::111111111111:role/exec",
                          "iam:PassRole arn:aws:iam::111111111111:role/other"));
  const auto passed = needed_access({}, "ecs", "RegisterTaskDefinition",
                                    json(R"({"family":"a","taskRoleArn":"r"})"), {}, true);
  EXPECT_THAT(passed.back().context.at("iam:passedtoservice"),
              ElementsAre("ecs-tasks.amazonaws.com"));
}

TEST(NeededAccess, AsksForTagResourceWhereTheAccountAuthorizesTags) {
  const char* tagged = R"({"family":"web","tags":[{"key":"team","value":"shop"}]})";
  EXPECT_THAT(
      needs("RegisterTaskDefinition", tagged),
      ElementsAre("ecs:RegisterTaskDefinition *",
                  "ecs:TagResource arn:aws:ecs:eu-west-1:111111111111:task-definition/web:*"));
  EXPECT_THAT(needs("RegisterTaskDefinition", tagged, {}, false),
              ElementsAre("ecs:RegisterTaskDefinition *"));
  const char* propagating =
      R"({"cluster":"prod","taskDefinition":"a","propagateTags":"TASK_DEFINITION"})";
  EXPECT_EQ(needs("RunTask", propagating, {.has_tags = false}).size(), 1u);
  EXPECT_THAT(needs("RunTask", propagating, {.has_tags = true}),
              testing::Contains("ecs:TagResource arn:aws:ecs:eu-west-1:111111111111:task/prod/*"));
}

TEST(NeededAccess, FindsTheClusterInAnArnWhenTheCallNamesNone) {
  const auto access = needed_access(
      {}, "ecs", "StopServiceDeployment",
      json(R"({"serviceDeploymentArn":)"
           R"("arn:aws:ecs:eu-west-1:111111111111:service-deployment/prod/web/abc"})"),
      {}, true);
  EXPECT_THAT(access.front().context.at("ecs:cluster"), ElementsAre(kCluster));
}

TEST(Wildcards, MatchTheWholeTextWithoutRunningAway) {
  EXPECT_TRUE(matches_wildcard("*", ""));
  EXPECT_TRUE(matches_wildcard("a*b*c", "aXbYbc"));
  EXPECT_FALSE(matches_wildcard("a*b*c", "aXbYbd"));
  EXPECT_FALSE(matches_wildcard("a", "ab"));
  EXPECT_TRUE(matches_wildcard("??", "ab"));
  // Exponential in a naive matcher.
  EXPECT_FALSE(matches_wildcard("*a*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace slipway::sim
