#include "sim/scenario_surroundings.h"

#include "base/json.h"
#include "sim/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace slipway::sim {
namespace {

std::vector<std::string> problems(std::string_view sections) {
  const std::string text = "scenario: 1\n" + std::string(sections);
  const Diagnostics diagnostics =
      check_scenario(std::make_shared<SourceText>(SourceText{"world.yml", text}));
  std::vector<std::string> all;
  for (const Diagnostic& diagnostic : diagnostics.all())
    all.push_back(diagnostic.path + ": " + diagnostic.message);
  return all;
}

TEST(Surroundings, AreThereFromTheBeginning) {
  const std::string text = R"(scenario: 1
vpcs: [{VpcId: vpc-1, CidrBlock: 10.0.0.0/16}]
repositories: [{repositoryName: shop, images: ["1.0"]}]
tables:
- TableName: locks
  AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
  KeySchema: [{AttributeName: id, KeyType: HASH}]
  items: [{id: {S: a}, n: {N: "1"}}]
roles: [{RoleName: task, policies: {p: {Statement: []}}}]
)";
  Diagnostics diagnostics;
  const auto scenario =
      read_scenario(std::make_shared<SourceText>(SourceText{"world.yml", text}), diagnostics);
  ASSERT_TRUE(scenario);
  const auto aws = make_aws(*scenario, kUsualStart, diagnostics);
  ASSERT_NE(aws, nullptr);
  const auto answer = [&](std::string_view service, std::string_view operation,
                          std::string_view input) {
    const Reply reply = aws->world().call({}, service, operation, parse_json(input).value());
    return reply ? reply->text : reply.error().code;
  };
  EXPECT_THAT(answer("ec2", "DescribeVpcs", "{}"), testing::HasSubstr("vpc-1"));
  EXPECT_THAT(answer("ecr", "DescribeImages", R"({"repositoryName": "shop"})"),
              testing::HasSubstr(R"("imageTags":["1.0"])"));
  EXPECT_EQ(answer("dynamodb", "GetItem", R"({"TableName": "locks", "Key": {"id": {"S": "a"}}})"),
            R"({"Item":{"id":{"S":"a"},"n":{"N":"1"}}})");
  EXPECT_EQ(answer("iam", "ListRolePolicies", R"({"RoleName": "task"})"),
            R"({"PolicyNames":["p"],"IsTruncated":false})");
}

TEST(Surroundings, AreHeldAgainstWhatAwsTakes) {
  EXPECT_THAT(problems("tables: [{TableName: locks, KeySchema: x}]"),
              testing::ElementsAre(testing::HasSubstr("tables[0].KeySchema: ")));
  EXPECT_THAT(problems("secrets: [{SecretString: x}]"),
              testing::ElementsAre(testing::HasSubstr("secrets[0]")));
  EXPECT_THAT(problems("vpcs: vpc-1"),
              testing::ElementsAre("vpcs: expected a list of CreateVpc inputs"));
  EXPECT_THAT(problems("keys: [alias]"),
              testing::ElementsAre("keys[0]: expected what CreateKey takes"));
  EXPECT_THAT(problems("scalable_targets: [{ResourceId: service/a/b, MinCapacity: 1, "
                       "MaxCapacity: 2}]"),
              testing::ElementsAre("scalable_targets[0]: RegisterScalableTarget refuses this: "
                                   "ValidationException: ECS service doesn't exist: "
                                   "service/a/b"));
}

}  // namespace
}  // namespace slipway::sim
