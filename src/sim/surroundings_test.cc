#include "sim/testing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway::sim {
namespace {

// "Code: message" of operations whose errors no model names.
std::string error_of(Rehearsal& world, std::string_view operation, std::string_view input) {
  const Reply reply = world.ask(operation, input);
  return reply ? "no error" : reply.error().code + ": " + reply.error().message;
}

std::vector<std::string> members(const Json& answer, std::string_view list,
                                 std::string_view member) {
  std::vector<std::string> found;
  for (const Json& item : answer.at(list).as_array())
    found.emplace_back(item.at(member).as_string());
  return found;
}

using testing::ElementsAre;

TEST(Vpcs, AreFoundByIdAndByFilters) {
  Rehearsal world;
  world.call("ec2:CreateVpc",
             R"({"CidrBlock": "10.1.0.0/16", "VpcId": "vpc-1", "IsDefault": true})");
  world.call("ec2:CreateVpc", R"({"CidrBlock": "10.2.0.0/16", "VpcId": "vpc-2",
                                  "Tags": [{"Key": "Name", "Value": "prod-main"}]})");
  const auto found = [&](std::string_view input) {
    return members(world.call("ec2:DescribeVpcs", input), "Vpcs", "VpcId");
  };
  const auto filtered = [&](std::string_view name, std::string_view value) {
    return found(
        fmt::format(R"({{"Filters": [{{"Name": "{}", "Values": ["{}"]}}]}})", name, value));
  };
  EXPECT_THAT(found("{}"), ElementsAre("vpc-1", "vpc-2"));
  EXPECT_THAT(found(R"({"VpcIds": ["vpc-2"]})"), ElementsAre("vpc-2"));
  EXPECT_THAT(filtered("is-default", "true"), ElementsAre("vpc-1"));
  EXPECT_THAT(filtered("cidr", "10.2.*"), ElementsAre("vpc-2"));
  EXPECT_THAT(filtered("tag:Name", "prod-*"), ElementsAre("vpc-2"));
  EXPECT_THAT(filtered("tag-key", "Name"), ElementsAre("vpc-2"));
  EXPECT_THAT(filtered("state", "pending"), ElementsAre());
  EXPECT_EQ(error_of(world, "ec2:DescribeVpcs", R"({"VpcIds": ["vpc-9"]})"),
            "InvalidVpcID.NotFound: The vpc ID 'vpc-9' does not exist");
  EXPECT_EQ(error_of(world, "ec2:DescribeVpcs", R"({"Filters": [{"Name": "size", "Values": []}]})"),
            "InvalidParameterValue: The filter 'size' is invalid");
}

TEST(Certificates, AreListedByStatusAndKeyType) {
  Rehearsal world;
  const std::string arn(
      world.call("acm:RequestCertificate", R"({"DomainName": "*.bakery.test", "Status": "ISSUED"})")
          .at("CertificateArn")
          .as_string());
  world.call("acm:RequestCertificate", R"({"DomainName": "new.bakery.test"})");
  world.call("acm:RequestCertificate",
             R"({"DomainName": "ec.bakery.test", "KeyAlgorithm": "EC_prime256v1"})");
  const auto listed = [&](std::string_view input) {
    return members(world.call("acm:ListCertificates", input), "CertificateSummaryList",
                   "DomainName");
  };
  EXPECT_THAT(listed("{}"), ElementsAre("*.bakery.test", "new.bakery.test"));
  EXPECT_THAT(listed(R"({"CertificateStatuses": ["ISSUED"]})"), ElementsAre("*.bakery.test"));
  EXPECT_THAT(listed(R"({"Includes": {"keyTypes": ["EC_prime256v1"]}})"),
              ElementsAre("ec.bakery.test"));
  const Json certificate =
      world.call("acm:DescribeCertificate", fmt::format(R"({{"CertificateArn": "{}"}})", arn));
  EXPECT_EQ(certificate.at("Certificate").at("Status").as_string(), "ISSUED");
  EXPECT_EQ(
      world.refusal("acm:DescribeCertificate",
                    R"({"CertificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/x"})"),
      "ResourceNotFoundException: Could not find certificate "
      "arn:aws:acm:eu-west-1:123456789012:certificate/x.");
}

TEST(Keys, AreFoundByIdArnAndAlias) {
  Rehearsal world;
  world.call("kms:CreateKey", R"({"KeyId": "k-1", "aliases": ["shop"]})");
  for (const std::string_view id :
       {"k-1", "alias/shop", "arn:aws:kms:eu-west-1:123456789012:key/k-1",
        "arn:aws:kms:eu-west-1:123456789012:alias/shop"})
    EXPECT_EQ(world.call("kms:DescribeKey", fmt::format(R"({{"KeyId": "{}"}})", id))
                  .at("KeyMetadata")
                  .at("KeyId")
                  .as_string(),
              "k-1");
  EXPECT_EQ(world.refusal("kms:DescribeKey", R"({"KeyId": "k-2"})"),
            "NotFoundException: Key 'arn:aws:kms:eu-west-1:123456789012:key/k-2' does not exist");
  EXPECT_EQ(world.refusal("kms:DescribeKey", R"({"KeyId": "alias/x"})"),
            "NotFoundException: Alias arn:aws:kms:eu-west-1:123456789012:alias/x is not found.");
}

TEST(Images, AreThereByTagAndDigest) {
  Rehearsal world;
  world.call("ecr:CreateRepository",
             R"({"repositoryName": "shop/web", "images": ["1.0", {"imageTag": "2.0",
                 "imageDigest": "sha256:aa"}]})");
  const auto describe = [](std::string_view id) {
    return fmt::format(R"({{"repositoryName": "shop/web", "imageIds": [{}]}})", id);
  };
  const Json image = world.call("ecr:DescribeImages", describe(R"({"imageTag": "2.0"})"));
  EXPECT_THAT(members(image, "imageDetails", "imageDigest"), ElementsAre("sha256:aa"));
  EXPECT_EQ(world.call("ecr:DescribeImages", R"({"repositoryName": "shop/web"})")
                .at("imageDetails")
                .as_array()
                .size(),
            2u);
  EXPECT_EQ(world.refusal("ecr:DescribeImages", describe(R"({"imageTag": "3.0"})")),
            "ImageNotFoundException: The image with imageId {imageDigest:'null', imageTag:'3.0'} "
            "does not exist within the repository with name 'shop/web' in the registry with id "
            "'123456789012'");
  EXPECT_EQ(world.refusal("ecr:DescribeImages", R"({"repositoryName": "none"})"),
            "RepositoryNotFoundException: The repository with name 'none' does not exist in the "
            "registry with id '123456789012'");

  // A tag moves to the image that is pushed with it.
  const Json pushed = world.call("ecr:PutImage", R"({"repositoryName": "shop/web",
                                                     "imageManifest": "{}", "imageTag": "2.0"})");
  const std::string digest(pushed.at("image").at("imageId").at("imageDigest").as_string());
  const Json both =
      world.call("ecr:BatchGetImage", describe(R"({"imageTag": "2.0"}, {"imageTag": "4.0"})"));
  EXPECT_EQ(both.at("images").at(0).at("imageId").at("imageDigest").as_string(), digest);
  EXPECT_EQ(both.at("failures").at(0).at("failureCode").as_string(), "ImageNotFound");
  EXPECT_THAT(
      members(world.call("ecr:DescribeRepositories", "{}"), "repositories", "repositoryUri"),
      ElementsAre("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web"));
}

TEST(Secrets, AreFoundByNameAndByArnWithoutItsEnd) {
  Rehearsal world;
  const Json made =
      world.call("secretsmanager:CreateSecret", R"({"Name": "prod/db", "SecretString": "s3cret"})");
  const std::string arn(made.at("ARN").as_string());
  EXPECT_THAT(arn, testing::MatchesRegex(
                       "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-[0-9a-f]{6}"));
  for (const std::string& id : {std::string("prod/db"), arn, arn.substr(0, arn.size() - 7)}) {
    const std::string input = fmt::format(R"({{"SecretId": "{}"}})", id);
    EXPECT_EQ(world.call("secretsmanager:DescribeSecret", input).at("ARN").as_string(), arn);
    EXPECT_EQ(world.call("secretsmanager:GetSecretValue", input).at("SecretString").as_string(),
              "s3cret");
  }
  EXPECT_EQ(world.refusal("secretsmanager:DescribeSecret", R"({"SecretId": "prod"})"),
            "ResourceNotFoundException: Secrets Manager can't find the specified secret.");
  EXPECT_EQ(world.refusal("secretsmanager:CreateSecret", R"({"Name": "prod/db"})"),
            "ResourceExistsException: The operation failed because the secret prod/db already "
            "exists.");
  EXPECT_THAT(members(world.call("secretsmanager:ListSecrets",
                                 R"({"Filters": [{"Key": "name", "Values": ["prod/"]}]})"),
                      "SecretList", "Name"),
              ElementsAre("prod/db"));
}

TEST(Parameters, HaveVersions) {
  Rehearsal world;
  world.call("ssm:PutParameter", R"({"Name": "/shop/url", "Value": "a", "Type": "String"})");
  EXPECT_EQ(
      world.refusal("ssm:PutParameter", R"({"Name": "/shop/url", "Value": "b"})"),
      "ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the "
      "overwrite option in the request to true.");
  EXPECT_EQ(find_int(world.call("ssm:PutParameter",
                                R"({"Name": "/shop/url", "Value": "b", "Overwrite": true})"),
                     "Version"),
            2);
  const auto value = [&](std::string_view name) {
    return std::string(world.call("ssm:GetParameter", fmt::format(R"({{"Name": "{}"}})", name))
                           .at("Parameter")
                           .at("Value")
                           .as_string());
  };
  EXPECT_EQ(value("/shop/url"), "b");
  EXPECT_EQ(value("/shop/url:1"), "a");
  EXPECT_EQ(value("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/url"), "b");
  EXPECT_EQ(world.refusal("ssm:GetParameter", R"({"Name": "/none"})"), "ParameterNotFound: ");
  const Json both = world.call("ssm:GetParameters", R"({"Names": ["/shop/url", "/none"]})");
  EXPECT_THAT(members(both, "Parameters", "Value"), ElementsAre("b"));
  EXPECT_EQ(to_text(both.at("InvalidParameters")), R"(["/none"])");

  world.call("ssm:PutParameter", R"({"Name": "key", "Value": "s3cret", "Type": "SecureString"})");
  EXPECT_NE(value("key"), "s3cret");
  EXPECT_EQ(world.call("ssm:GetParameter", R"({"Name": "key", "WithDecryption": true})")
                .at("Parameter")
                .at("Value")
                .as_string(),
            "s3cret");
}

TEST(IamRoles, KeepTheirPolicies) {
  Rehearsal world;
  constexpr std::string_view kTrust = R"("{\"Statement\":[]}")";
  const auto create =
      fmt::format(R"({{"RoleName": "task", "AssumeRolePolicyDocument": {}}})", kTrust);
  const Json made = world.call("iam:CreateRole", create);
  EXPECT_EQ(made.at("Role").at("Arn").as_string(), "arn:aws:iam::123456789012:role/task");
  EXPECT_EQ(made.at("Role").at("AssumeRolePolicyDocument").as_string(),
            "%7B%22Statement%22%3A%5B%5D%7D");
  EXPECT_EQ(world.refusal("iam:CreateRole", create),
            "EntityAlreadyExists: Role with name task already exists.");
  EXPECT_EQ(world.refusal("iam:GetRole", R"({"RoleName": "none"})"),
            "NoSuchEntity: The role with name none cannot be found.");

  const std::string arn = "arn:aws:iam::aws:policy/service-role/Basic";
  const std::string policy = fmt::format(R"({{"RoleName": "task", "PolicyArn": "{}"}})", arn);
  world.call("iam:AttachRolePolicy", policy);
  EXPECT_THAT(members(world.call("iam:ListAttachedRolePolicies", R"({"RoleName": "task"})"),
                      "AttachedPolicies", "PolicyName"),
              ElementsAre("Basic"));
  EXPECT_EQ(world.refusal("iam:PutRolePolicy",
                          R"({"RoleName": "task", "PolicyName": "p", "PolicyDocument": "{"})"),
            "MalformedPolicyDocument: Syntax errors in policy.");
  world.call("iam:PutRolePolicy", R"({"RoleName": "task", "PolicyName": "ReadQueue",
    "PolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"arn:aws:sqs:*:*:orders\"}}"})");
  EXPECT_EQ(to_text(world.call("iam:ListRolePolicies", R"({"RoleName": "task"})")),
            R"({"PolicyNames":["ReadQueue"],"IsTruncated":false})");

  const Json simulated = world.call("iam:SimulatePrincipalPolicy", R"({
    "PolicySourceArn": "arn:aws:iam::123456789012:role/task",
    "ActionNames": ["sqs:ReceiveMessage", "s3:GetObject"],
    "ResourceArns": ["arn:aws:sqs:eu-west-1:123456789012:orders"]})");
  EXPECT_THAT(members(simulated, "EvaluationResults", "EvalDecision"),
              ElementsAre("allowed", "implicitDeny"));

  EXPECT_EQ(world.refusal("iam:DeleteRole", R"({"RoleName": "task"})"),
            "DeleteConflict: Cannot delete entity, must detach all policies first.");
  world.call("iam:DetachRolePolicy", policy);
  EXPECT_EQ(world.refusal("iam:DeleteRole", R"({"RoleName": "task"})"),
            "DeleteConflict: Cannot delete entity, must delete policies first.");
  world.call("iam:DeleteRolePolicy", R"({"RoleName": "task", "PolicyName": "ReadQueue"})");
  world.call("iam:DeleteRole", R"({"RoleName": "task"})");
  EXPECT_EQ(world.refusal("iam:DeleteRole", R"({"RoleName": "task"})"),
            "NoSuchEntity: The role with name task cannot be found.");

  constexpr std::string_view kLinked = R"({"AWSServiceName": "ecs.amazonaws.com"})";
  world.call("iam:CreateServiceLinkedRole", kLinked);
  EXPECT_EQ(world.refusal("iam:CreateServiceLinkedRole", kLinked),
            "InvalidInput: Service role name AWSServiceRoleForECS has been taken in this account, "
            "please try a different suffix.");
}

// A service `web` of two tasks.
struct Scaled : Rehearsal {
  Scaled() {
    call("CreateCluster", R"({"clusterName": "prod"})");
    register_web();
    create_service("web", 2);
    at(0);
  }
  void register_target(std::string_view more) {
    call("application-autoscaling:RegisterScalableTarget", fmt::format(R"({{{}{}}})", kWeb, more));
  }
  std::string state() {
    const Json answer =
        call("application-autoscaling:DescribeScalableTargets", R"({"ServiceNamespace": "ecs"})");
    const Json& target = answer.at("ScalableTargets").at(0);
    const Json& suspended = target.at("SuspendedState");
    return fmt::format("{}-{} in {} out {}", find_int(target, "MinCapacity").value(),
                       find_int(target, "MaxCapacity").value(),
                       find_bool(suspended, "DynamicScalingInSuspended").value(),
                       find_bool(suspended, "DynamicScalingOutSuspended").value());
  }
  std::int64_t desired() { return find_int(service(), "desiredCount").value(); }

  static constexpr std::string_view kWeb =
      R"("ServiceNamespace": "ecs", "ResourceId": "service/prod/web",
         "ScalableDimension": "ecs:service:DesiredCount")";
};

TEST(ScalableTargets, BringTheServiceIntoTheirBounds) {
  Scaled world;
  world.register_target(R"(, "MinCapacity": 3, "MaxCapacity": 9)");
  EXPECT_EQ(world.desired(), 3);
  world.register_target(R"(, "MinCapacity": 1, "MaxCapacity": 2)");
  EXPECT_EQ(world.desired(), 2);
  EXPECT_EQ(world.state(), "1-2 in false out false");
  const Json activities = world.call("application-autoscaling:DescribeScalingActivities",
                                     R"({"ServiceNamespace": "ecs"})");
  EXPECT_THAT(members(activities, "ScalingActivities", "Cause"),
              ElementsAre("maximum capacity was set to 2", "minimum capacity was set to 3"));
}

TEST(ScalableTargets, LeaveWhatIsSuspendedAndWhatIsNotSaid) {
  Scaled world;
  world.register_target(R"(, "MinCapacity": 5, "MaxCapacity": 9, "SuspendedState":
    {"DynamicScalingInSuspended": true, "DynamicScalingOutSuspended": true})");
  EXPECT_EQ(world.desired(), 2);
  world.register_target(R"(, "SuspendedState": {"DynamicScalingOutSuspended": false})");
  EXPECT_EQ(world.state(), "5-9 in true out false");
  EXPECT_EQ(world.desired(), 5);
}

TEST(ScalableTargets, HavePoliciesThatGoWithThem) {
  Scaled world;
  const auto put = fmt::format(R"({{{}, "PolicyName": "out", "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {{"AdjustmentType": "ChangeInCapacity",
      "StepAdjustments": [{{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}}]}}}})",
                               Scaled::kWeb);
  const std::string missing =
      "ObjectNotFoundException: No scalable target found for service namespace: ecs, resource ID: "
      "service/prod/web, scalable dimension: ecs:service:DesiredCount";
  EXPECT_EQ(world.refusal("application-autoscaling:PutScalingPolicy", put), missing);
  world.register_target(R"(, "MinCapacity": 1, "MaxCapacity": 9)");
  const Json made = world.call("application-autoscaling:PutScalingPolicy", put);
  EXPECT_THAT(std::string(made.at("PolicyARN").as_string()),
              testing::EndsWith(":resource/ecs/service/prod/web:policyName/out"));
  const auto policies = [&] {
    return members(world.call("application-autoscaling:DescribeScalingPolicies",
                              R"({"ServiceNamespace": "ecs"})"),
                   "ScalingPolicies", "PolicyName");
  };
  EXPECT_THAT(policies(), ElementsAre("out"));
  const auto deregister = fmt::format("{{{}}}", Scaled::kWeb);
  world.call("application-autoscaling:DeregisterScalableTarget", deregister);
  EXPECT_THAT(policies(), ElementsAre());
  EXPECT_EQ(world.refusal("application-autoscaling:DeregisterScalableTarget", deregister), missing);
  EXPECT_EQ(world.refusal("application-autoscaling:RegisterScalableTarget",
                          R"({"ServiceNamespace": "ecs", "ResourceId": "service/prod/none",
                              "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1,
                              "MaxCapacity": 2})"),
            "ValidationException: ECS service doesn't exist: service/prod/none");
}

}  // namespace
}  // namespace slipway::sim
