// Acceptance items of ecs-crd about templates, as whole releases on the simulator: what the file
// says is what stands in AWS in the end.
#include "cli/ecs_crd_world_for_test.h"

#include <algorithm>

namespace slipway::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;

const std::string kImage = "    image: \"registry.example/web:{{version}}\"\n";

int run(CrdWorld& world, const std::string& command, const std::string& text) {
  world.line.file("stage.deploy.yml", text);
  return world.crd({command});
}

// Logical id to physical id.
std::map<std::string, std::string> resources_of(CrdWorld& world, const std::string& stack) {
  const Json answer =
      world.ask("cloudformation", "ListStackResources", JsonObject{{"StackName", stack}});
  std::map<std::string, std::string> all;
  for (const Json& each : answer.at("StackResourceSummaries").as_array())
    all[std::string(string_or_empty(each, "LogicalResourceId"))] =
        string_or_empty(each, "PhysicalResourceId");
  return all;
}

Json task_definition_of(CrdWorld& world, const std::string& service) {
  const Json services = world.ask(
      "ecs", "DescribeServices",
      JsonObject{{"cluster", "stage-ecs-cluster"}, {"services", JsonArray{Json(service)}}});
  return world
      .ask("ecs", "DescribeTaskDefinition",
           JsonObject{{"taskDefinition",
                       string_or_empty(services.at("services").at(0), "taskDefinition")}})
      .at("taskDefinition");
}

std::vector<std::string> policies_of(CrdWorld& world, const std::string& role) {
  const Json answer = world.ask("iam", "ListRolePolicies", JsonObject{{"RoleName", role}});
  std::vector<std::string> names;
  for (const Json& name : answer.at("PolicyNames").as_array()) names.emplace_back(name.as_string());
  return names;
}

std::string decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return plain;
}

Json policy_of(CrdWorld& world, const std::string& role, const std::string& name) {
  const Json answer =
      world.ask("iam", "GetRolePolicy", JsonObject{{"RoleName", role}, {"PolicyName", name}});
  return parse_json(decoded(string_or_empty(answer, "PolicyDocument"))).value();
}

Json rule_of(CrdWorld& world, const std::string& arn) {
  return world
      .ask("elasticloadbalancing", "DescribeRules", JsonObject{{"RuleArns", JsonArray{Json(arn)}}})
      .at("Rules")
      .at(0);
}

TEST(EcsCrdAcceptance, Item09_TheVersionIsInTagsImageAndLogs) {
  CrdWorld world;
  world.world("repositories: [{repositoryName: web, images: [\"1.10\", latest]}]\n");
  const std::string text =
      with(with(CrdTestFile{}.text(), "version: \"1\"", "version: 1.10"), kImage, "");
  ASSERT_EQ(run(world, "deploy", text), 0) << world.line.err;
  const Json container = task_definition_of(world, "web-1").at("containerDefinitions").at(0);
  EXPECT_EQ(string_or_empty(container, "image"),
            "123456789012.dkr.ecr.eu-west-3.amazonaws.com/web:1.10");
  EXPECT_EQ(
      string_or_empty(container.at("logConfiguration").at("options"), "awslogs-stream-prefix"),
      "1.10");
  const Json stack =
      world.ask("cloudformation", "DescribeStacks", JsonObject{{"StackName", "stage-web-1"}})
          .at("Stacks")
          .at(0);
  EXPECT_THAT(to_text(stack.at("Tags")), HasSubstr(R"({"Key":"Version","Value":"1.10"})"));
  EXPECT_THAT(world.item(), Contains(Pair("service_version", "1.10")));

  CrdWorld unversioned;
  unversioned.world("repositories: [{repositoryName: web, images: [latest]}]\n");
  ASSERT_EQ(run(unversioned, "deploy",
                with(with(CrdTestFile{}.text(), "  version: \"1\"\n", ""), kImage, "")),
            0)
      << unversioned.line.err;
  EXPECT_THAT(unversioned.item(), Contains(Pair("service_version", "latest")));
}

// CloudFormation takes 51,200 bytes inline; more is said before anything is made, with the way out.
TEST(EcsCrdStacks, ATemplateThatIsTooLongIsRefusedBeforeAnythingIsMade) {
  CrdWorld world;
  const CrdTestFile wanted{.container_more =
                               "    port_mappings: [{container_port: 8080}]\n"
                               "    command: [\"" +
                               std::string(52'000, 'x') + "\"]\n"};
  world.file(wanted);
  for (const char* command : {"dry-run", "deploy"}) {
    EXPECT_EQ(world.crd({command}), 12);
    EXPECT_THAT(world.line.err, ContainsRegex("the template of stack stage-web-1 has 55[0-9]+ "
                                              "bytes, and CloudFormation takes 51200 inline"));
    EXPECT_EQ(world.count("CreateStack") + world.count("CreateTable"), 0u);
  }
}

TEST(EcsCrdAcceptance, Item40_TheServiceIsMadeAfterWhatForwardsToIt_D25) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  const Json answer =
      world.ask("cloudformation", "DescribeStackEvents", JsonObject{{"StackName", "stage-web-1"}});
  std::vector<std::string> order;
  for (const Json& event : answer.at("StackEvents").as_array()) {
    const std::string line = fmt::format("{} {}", string_or_empty(event, "LogicalResourceId"),
                                         string_or_empty(event, "ResourceStatus"));
    if (line == "ListenerApp8080 CREATE_COMPLETE" || line == "Service CREATE_IN_PROGRESS")
      order.push_back(line);
  }
  // Newest first.
  ASSERT_GE(order.size(), 2u);
  EXPECT_EQ(order.back(), "ListenerApp8080 CREATE_COMPLETE");
}

TEST(EcsCrdAcceptance, Item41_RulesOnAnOpenPortTakeTheNextNumbers_D50) {
  const std::string open = with(
      kCrdWorld, "  DNSName: one.elb.test\n",
      "  DNSName: one.elb.test\n"
      "  listeners:\n"
      "  - Port: 80\n"
      "    Protocol: HTTP\n"
      "    DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: \"404\"}}]\n"
      "    rules:\n"
      "    - Priority: 7\n"
      "      Conditions: [{Field: path-pattern, Values: [\"/theirs/*\"]}]\n"
      "      Actions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: \"204\"}}]\n");
  CrdWorld world;
  world.world("", true, open);
  EXPECT_EQ(run(world, "deploy", CrdTestFile{}.text()), 2);
  EXPECT_THAT(world.line.err, HasSubstr("load balancer public-1 listens on port 80 already, so the "
                                        "listener of app:8080 needs rules"));
  EXPECT_EQ(world.count("CreateStack"), 0u);

  const std::string ruled = CrdTestFile{}.text() +
                            "  rules:\n"
                            "  - conditions: [{field: host-header, values: [\"{{fqdn}}\"]}]\n"
                            "  - priority: 9\n"
                            "    conditions: [{field: path-pattern, values: [/nine]}]\n"
                            "  - conditions: [{field: path-pattern, values: [/next]}]\n";
  ASSERT_EQ(run(world, "deploy", ruled), 0) << world.line.err;
  const auto made = resources_of(world, "stage-web-1");
  std::vector<std::string> priorities;
  for (const char* id : {"ListenerRule1App8080", "ListenerRule2App8080", "ListenerRule3App8080"}) {
    priorities.emplace_back(string_or_empty(rule_of(world, made.at(id)), "Priority"));
  }
  EXPECT_THAT(priorities, ElementsAre("8", "9", "10"));
}

TEST(EcsCrdAcceptance, Item42_WhoeverIsAskedWhoHeIsIsForwardedAfterwards_D50_D53) {
  CrdWorld world;
  world.world("certificates: [{DomainName: \"*.example.com\"}]\n");
  const std::string text =
      with(CrdTestFile{}.text(), "- port: 80\n",
           "- port: 443\n  protocol: https\n  certificates: [shop.example.com]\n") +
      "  rules:\n"
      "  - conditions:\n"
      "    - {field: http-header, http_header_name: X-Beta, values: [\"yes\"]}\n"
      "    - {field: query-string, values: [{key: a, value: \"1\"}, {value: b}]}\n"
      "    actions:\n"
      "    - type: authenticate-oidc\n"
      "      order: 5\n"
      "      config: {issuer: \"https://id.test\", authorization_endpoint: \"https://id.test/a\", "
      "token_endpoint: \"https://id.test/t\", user_info_endpoint: \"https://id.test/u\", "
      "client_id: c, client_secret: s}\n"
      "  - conditions: [{field: path-pattern, values: [/gone]}]\n"
      "    actions: [{type: fixed-response, config: {status_code: 410}}]\n";
  ASSERT_EQ(run(world, "deploy", text), 0) << world.line.err;
  const auto resources = resources_of(world, "stage-web-1");
  const Json made = rule_of(world, resources.at("ListenerRule1App8080"));
  const JsonArray& actions = made.at("Actions").as_array();
  ASSERT_EQ(actions.size(), 2u);
  EXPECT_EQ(find_int(actions[0], "Order"), 5);
  EXPECT_EQ(string_or_empty(actions[1], "Type"), "forward");
  EXPECT_EQ(find_int(actions[1], "Order"), 6);
  EXPECT_THAT(to_text(made.at("Conditions")),
              AllOf(HasSubstr("X-Beta"), HasSubstr("QueryStringConfig")));
  const Json gone = rule_of(world, resources.at("ListenerRule2App8080"));
  EXPECT_EQ(gone.at("Actions").as_array().size(), 1u);
}

TEST(EcsCrdAcceptance, Item46_TheExecutionRoleReadsExactlyTheSecrets_D34) {
  CrdWorld world;
  world.world(
      "keys: [{KeyId: 1234abcd-12ab-34cd-56ef-1234567890ab}]\n"
      "secrets:\n"
      "- {Name: stage/plain}\n"
      "- {Name: stage/keyed, KmsKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab}\n"
      "- {Name: stage/other}\n");
  CrdTestFile file;
  file.container_more +=
      "    secrets: [{A: stage/plain}, {B: 'stage/plain:password::'}, {C: stage/keyed}]\n";
  ASSERT_EQ(world.deploy(file), 0) << world.line.err;
  const std::string role = resources_of(world, "stage-web-1").at("TaskExecutionRole");
  const Json policy = policy_of(world, role, "AllowReadSecrets");
  const std::string text = to_text(policy.at("Statement"));
  EXPECT_THAT(text, AllOf(HasSubstr(":secret:stage/plain-"), HasSubstr(":secret:stage/keyed-"),
                          Not(HasSubstr("stage/other"))));
  EXPECT_THAT(text, HasSubstr(R"("Action":"kms:Decrypt","Resource":["arn:aws:kms:eu-west-3:)"
                              R"(123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"])"));
  const Json secrets =
      task_definition_of(world, "web-1").at("containerDefinitions").at(0).at("secrets");
  EXPECT_TRUE(string_or_empty(secrets.at(1), "valueFrom").ends_with(":password::"))
      << to_text(secrets);
  const std::string arn(string_or_empty(secrets.at(2), "valueFrom"));
  EXPECT_THAT(arn, HasSubstr("arn:aws:secretsmanager:eu-west-3:123456789012:secret:stage/keyed-"));

  // By its ARN it is the same one.
  file.version = "2";
  file.container_more = with(file.container_more, "{C: stage/keyed}", "{C: '" + arn + "'}");
  ASSERT_EQ(world.deploy(file), 0) << world.line.err;
  const Json again =
      task_definition_of(world, "web-2").at("containerDefinitions").at(0).at("secrets");
  EXPECT_EQ(string_or_empty(again.at(2), "valueFrom"), arn);
}

TEST(EcsCrdAcceptance, Item47_ImagesOfTheOwnRegistryMustBeThere_D35) {
  const std::string repositories =
      "repositories: [{repositoryName: team/web, images: [{imageTag: \"1\", imageDigest: "
      "\"sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a\"}, latest]}]\n";
  const std::string own = "{{account_id}}.dkr.ecr.{{region}}.amazonaws.com/team/web";
  struct Case {
    std::string image;
    int status;
    std::string message;
  };
  for (const auto& [image, status, message] : std::vector<Case>{
           {own + ":1", 0, ""},
           {own, 0, ""},
           {own + "@sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a", 0,
            ""},
           {"public.example.test/nobody/knows:7", 0, ""},
           {own + ":2", 4, "team/web:2 does not exist"},
           {own + "s:1", 4, "the ECR repository team/webs does not exist"}}) {
    SCOPED_TRACE(image);
    CrdWorld world;
    world.world(repositories);
    EXPECT_EQ(
        run(world, "dry-run", with(CrdTestFile{}.text(), kImage, "    image: \"" + image + "\"\n")),
        status)
        << world.line.err;
    EXPECT_THAT(world.line.err, HasSubstr(message));
  }
  CrdWorld denied;
  denied.world(repositories + "faults: [{fault: access-denied, on: \"ecr:DescribeImages\"}]\n");
  EXPECT_EQ(
      run(denied, "dry-run", with(CrdTestFile{}.text(), kImage, "    image: \"" + own + ":1\"\n")),
      4);
  EXPECT_THAT(denied.line.err, HasSubstr("could not be looked up, access is denied: "));
}

TEST(EcsCrdAcceptance, Item48_RolesOfBothSpellingsAreTheSame_D51_D52) {
  const std::string execution = "task_execution_role: [{actions: [\"s3:GetObject\"]}]";
  const std::string task =
      "task_role: [{actions: [\"sqs:ReceiveMessage\"]}, {actions: [\"sqs:DeleteMessage\"]}]";
  for (const std::string& roles :
       {"{" + execution + ", " + task + "}", "[{" + execution + "}, {" + task + "}]"}) {
    SCOPED_TRACE(roles);
    CrdWorld world;
    ASSERT_EQ(world.deploy(CrdTestFile{.service_more = "  iam_roles: " + roles + "\n"}), 0)
        << world.line.err;
    const auto made = resources_of(world, "stage-web-1");
    EXPECT_THAT(policies_of(world, made.at("TaskExecutionRole")), ElementsAre("policy_1"));
    EXPECT_THAT(policies_of(world, made.at("TaskRole")), ElementsAre("policy_1", "policy_2"));
    EXPECT_THAT(to_text(policy_of(world, made.at("TaskRole"), "policy_2")),
                HasSubstr("sqs:DeleteMessage"));
    EXPECT_THAT(std::string(string_or_empty(task_definition_of(world, "web-1"), "taskRoleArn")),
                testing::EndsWith(made.at("TaskRole")));
  }
  CrdWorld without;
  ASSERT_EQ(without.deploy("1"), 0);
  EXPECT_FALSE(resources_of(without, "stage-web-1").contains("TaskRole"));
  EXPECT_EQ(string_or_empty(task_definition_of(without, "web-1"), "taskRoleArn"), "");
}

}  // namespace
}  // namespace slipway::cli
