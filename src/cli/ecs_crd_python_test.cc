// Releases that the Python tool has made, followed by ours, and the other way round. Its states are
// put into AWS as it leaves them: its templates (parameters by their defaults, weighted records in
// the Init stack, crosswise), its item (local time, no attribute of ours), its provisioned table.
#include "cli/ecs_crd_world_for_test.h"

#include <algorithm>

namespace slipway::cli {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

using Weights = std::map<std::string, int>;

const char* const kVpc = "vpc-0a1b2c3d4e5f60718";

std::string replaced(std::string text, const std::map<std::string, std::string>& values) {
  for (const auto& [name, value] : values)
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at))
      text.replace(at, name.size(), value);
  return text;
}

const char* const kInitTemplate = R"({
  "AWSTemplateFormatVersion": "2010-09-09", "Description": "Init",
  "Parameters": {
    "ProjectName": {"Type": "String", "Default": "shop"},
    "ClusterName": {"Type": "String", "Default": "stage-ecs-cluster"},
    "ServiceName": {"Type": "String", "Default": "web"},
    "Region": {"Type": "String", "Default": "eu-west-3"},
    "Environment": {"Type": "String", "Default": "stage"},
    "LoadBalancerBlue": {"Type": "String", "Default": "one.elb.test"},
    "LoadBalancerGreen": {"Type": "String", "Default": "two.elb.test"},
    "RetentionInDays": {"Type": "Number", "Default": 7},
    "Route53RecordsetSetTTL": {"Type": "Number", "Default": 60}},
  "Resources": {
    "CloudWatchLogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {
      "LogGroupName": "/aws/ecs/stage-ecs-cluster/service/web",
      "RetentionInDays": {"Ref": "RetentionInDays"}}},
    "CanaryReleaseRecordSetGroup1": {"Type": "AWS::Route53::RecordSetGroup", "Properties": {
      "HostedZoneName": "example.com.", "RecordSets": [
        {"Name": "shop.example.com.", "Type": "CNAME", "TTL": {"Ref": "Route53RecordsetSetTTL"},
         "SetIdentifier": "2", "Weight": 0, "ResourceRecords": [{"Ref": "LoadBalancerBlue"}]},
        {"Name": "shop.example.com.", "Type": "CNAME", "TTL": {"Ref": "Route53RecordsetSetTTL"},
         "SetIdentifier": "1", "Weight": 100,
         "ResourceRecords": [{"Ref": "LoadBalancerGreen"}]}]}}}})";

const char* const kReleaseTemplate = R"({
  "AWSTemplateFormatVersion": "2010-09-09", "Description": "Release",
  "Parameters": {
    "ProjectName": {"Type": "String", "Default": "shop"},
    "CanaryRelease": {"Type": "String", "Default": "$LABEL"},
    "Cluster": {"Type": "String",
      "Default": "arn:aws:ecs:eu-west-3:123456789012:cluster/stage-ecs-cluster"},
    "ClusterName": {"Type": "String", "Default": "stage-ecs-cluster"},
    "LoadBalancer": {"Type": "String", "Default": "$ALB"},
    "ServiceName": {"Type": "String", "MinLength": 1, "Default": "web"},
    "Version": {"Type": "String", "MinLength": 1, "Default": "$VERSION"},
    "Region": {"Type": "String", "Default": "eu-west-3"},
    "Environment": {"Type": "String", "Default": "stage"}},
  "Resources": {
    "TaskExecutionRole": {"Type": "AWS::IAM::Role", "Properties": {
      "RoleName": "stage-web-ecs-exec-task-$LABEL-7f$VERSIONaaaa", "Path": "/",
      "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow",
        "Principal": {"Service": ["ecs-tasks.amazonaws.com"]}, "Action": ["sts:AssumeRole"]}]},
      "ManagedPolicyArns": [
        "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"]}},
    "TaskDefinition": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
      "Family": "stage-web", "ExecutionRoleArn": {"Ref": "TaskExecutionRole"},
      "ContainerDefinitions": [{"Name": "app", "Image": "registry.example/web:$VERSION",
        "Cpu": 128, "Memory": 128, "Essential": "true",
        "PortMappings": [{"ContainerPort": 8080, "HostPort": 0}],
        "LogConfiguration": {"LogDriver": "awslogs", "Options": {
          "awslogs-group": "/aws/ecs/stage-ecs-cluster/service/web",
          "awslogs-region": {"Ref": "Region"}, "awslogs-stream-prefix": {"Ref": "Version"}}}}]}},
    "TargetGroupApp8080": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {
      "Name": "ab$LABEL$VERSION345678-App8080-tg", "VpcId": "$VPC", "Port": 8080,
      "Protocol": "HTTP", "HealthCheckPath": "/health", "HealthCheckEnabled": true,
      "HealthCheckIntervalSeconds": 5, "HealthyThresholdCount": 2,
      "Matcher": {"HttpCode": "200"}}},
    "ListenerApp8080": {"Type": "AWS::ElasticLoadBalancingV2::Listener", "Properties": {
      "Port": 80, "Protocol": "HTTP", "LoadBalancerArn": {"Ref": "LoadBalancer"},
      "DefaultActions": [{"Type": "forward", "TargetGroupArn": {"Ref": "TargetGroupApp8080"}}]}},
    "Service": {"Type": "AWS::ECS::Service", "DependsOn": ["ListenerApp8080"], "Properties": {
      "Cluster": {"Ref": "Cluster"}, "DesiredCount": 0, "LaunchType": "EC2",
      "ServiceName": "web-$LABEL", "TaskDefinition": {"Ref": "TaskDefinition"},
      "SchedulingStrategy": "REPLICA", "LoadBalancers": [{"ContainerName": "app",
        "ContainerPort": 8080, "TargetGroupArn": {"Ref": "TargetGroupApp8080"}}]}}},
  "Outputs": {
    "ServiceArn": {"Value": {"Ref": "Service"}},
    "TargetGroupApp8080Arn": {"Value": {"Ref": "TargetGroupApp8080"}}}})";

// What the other tool does to AWS, step by step. It knows no lock, and none of its steps looks at
// the records.
class PythonTool {
 public:
  explicit PythonTool(CrdWorld& world) : world_(world) {
    const Json answer = world.ask("elasticloadbalancing", "DescribeLoadBalancers", JsonObject{});
    for (const Json& one : answer.at("LoadBalancers").as_array())
      albs_.emplace_back(string_or_empty(one, "LoadBalancerArn"));
  }

  void make_table() {
    world_.ask("dynamodb", "CreateTable",
               parse_json(R"({"TableName": "canary_release",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 2}})")
                   .value());
    pass(seconds(60));
  }
  void make_init_stack() { make_stack("stage-web-0", kInitTemplate, "1"); }
  void make_release(const std::string& label, const std::string& version) {
    make_stack(
        "stage-web-" + label,
        replaced(kReleaseTemplate,
                 {{"$LABEL", label}, {"$VERSION", version}, {"$ALB", alb(label)}, {"$VPC", kVpc}}),
        version);
    world_.ask("ecs", "UpdateService",
               JsonObject{{"cluster", "stage-ecs-cluster"},
                          {"service", "web-" + label},
                          {"desiredCount", 2},
                          {"forceNewDeployment", true},
                          {"deploymentConfiguration",
                           JsonObject{{"maximumPercent", 200}, {"minimumHealthyPercent", 100}}}});
    pass(seconds(120));
  }
  void delete_stack(const std::string& name) {
    world_.ask("cloudformation", "DeleteStack", JsonObject{{"StackName", name}});
    pass(seconds(600));
  }
  void set_weights(const std::string& green, int weight) {
    JsonArray changes;
    for (const std::string label : {"1", "2"})
      changes.emplace_back(JsonObject{
          {"Action", "UPSERT"},
          {"ResourceRecordSet",
           JsonObject{{"Name", "shop.example.com."},
                      {"Type", "CNAME"},
                      {"SetIdentifier", label},
                      {"Weight", label == green ? weight : 100 - weight},
                      {"TTL", 60},
                      {"ResourceRecords",
                       JsonArray{Json(JsonObject{
                           {"Value", label == "1" ? "one.elb.test" : "two.elb.test"}})}}}}});
    world_.ask("route53", "ChangeResourceRecordSets",
               JsonObject{{"HostedZoneId", "ZEXAMPLE"},
                          {"ChangeBatch", JsonObject{{"Changes", std::move(changes)}}}});
    pass(seconds(60));
  }
  void write_item(const std::string& label, const std::string& version) {
    world_.put_item({{"canary_group", "public"},
                     {"service_name", "web"},
                     {"service_version", version},
                     {"environment", "stage"},
                     {"project", "shop"},
                     {"region", "eu-west-3"},
                     {"canary_release", label},
                     {"alb_arn", alb(label)},
                     {"stack_name", "stage-web-" + label},
                     {"deploy_at", "2026-01-05 10:00:00"},
                     {"ecs_crd_version", "1.2.0"}});
  }
  void delete_item() {
    world_.ask("dynamodb", "DeleteItem",
               JsonObject{{"TableName", "canary_release"},
                          {"Key", JsonObject{{"id", JsonObject{{"S", world_.item_key_}}}}}});
  }

  // A first release as it does it, from the empty account.
  void release_first(const std::string& version) {
    make_table();
    make_init_stack();
    make_release("1", version);
    set_weights("1", 100);
    write_item("1", version);
  }

  // How it chooses: the first load balancer that is not the item's is Green, and the item's stack
  // must be CREATE_COMPLETE for Blue to be live. "" when it would refuse to begin.
  std::string side_it_would_deploy_to() {
    const auto item = world_.item();
    const auto stacks = world_.stacks();
    const auto is_complete = [&](const std::string& name) {
      const auto found = stacks.find(name);
      return found != stacks.end() && found->second == "CREATE_COMPLETE";
    };
    const std::string green =
        item.contains("alb_arn") && item.at("alb_arn") == alb("1") ? "2" : "1";
    if (is_complete("stage-web-" + green)) return "";
    blue_is_live_ = item.contains("stack_name") && is_complete(item.at("stack_name"));
    return green;
  }
  bool blue_is_live() const { return blue_is_live_; }

  // Its next release, over whatever is there.
  void release_next(const std::string& version) {
    const std::string green = side_it_would_deploy_to();
    ASSERT_NE(green, "") << "it would say that the stack is there already";
    const std::string blue_stack = world_.item().at("stack_name");
    make_release(green, version);
    for (const int weight : {10, 60, 100}) set_weights(green, weight);
    write_item(green, version);
    delete_stack(blue_stack);
  }

  void pass(Duration time) { world_.aws().advance(world_.aws().now() + time); }

 private:
  const std::string& alb(const std::string& label) const { return albs_.at(label == "1" ? 0 : 1); }

  void make_stack(const std::string& name, const std::string& body, const std::string& version) {
    JsonArray tags;
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"Project", "shop"},
                                     {"Service", "web"},
                                     {"Environment", "stage"},
                                     {"Version", version}})
      tags.emplace_back(JsonObject{{"Key", key}, {"Value", value}});
    world_.ask("cloudformation", "CreateStack",
               JsonObject{{"StackName", name},
                          {"TemplateBody", body},
                          {"OnFailure", "DELETE"},
                          {"Capabilities", JsonArray{Json("CAPABILITY_NAMED_IAM")}},
                          {"Tags", std::move(tags)}});
    pass(seconds(300));
    EXPECT_EQ(world_.stacks()[name], "CREATE_COMPLETE");
  }

  CrdWorld& world_;
  std::vector<std::string> albs_;
  bool blue_is_live_ = false;
};

// A world that the simulator has made: it makes it when it is first asked.
struct SharedWorld : CrdWorld {
  SharedWorld() {
    file({});
    EXPECT_EQ(crd({"dry-run"}), 0) << line.err;
  }
};

void expect_released(CrdWorld& world, const std::string& label, const std::string& version) {
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-" + label));
  EXPECT_EQ(world.weights(),
            (Weights{{"1", label == "1" ? 100 : 0}, {"2", label == "1" ? 0 : 100}}));
  for (const auto& [identifier, record] : world.records())
    EXPECT_EQ(record.target, identifier == "1" ? "one.elb.test" : "two.elb.test");
  EXPECT_THAT(world.item(), AllOf(Contains(Pair("stack_name", "stage-web-" + label)),
                                  Contains(Pair("canary_release", label)),
                                  Contains(Pair("service_version", version))));
}

TEST(EcsCrdAndThePythonTool, FollowEachOther) {
  SharedWorld world;
  PythonTool python(world);
  python.release_first("1");
  expect_released(world, "1", "1");

  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Blue : public-1 (label blue, CanaryRelease 1)"));
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
  expect_released(world, "2", "2");

  // It reads from the item and the stacks what it needs to go on: the live side, and the two kinds
  // of outputs.
  EXPECT_EQ(python.side_it_would_deploy_to(), "1");
  EXPECT_TRUE(python.blue_is_live());
  const Json live =
      world.ask("cloudformation", "DescribeStacks", JsonObject{{"StackName", "stage-web-2"}});
  std::vector<std::string> outputs;
  for (const Json& output : live.at("Stacks").as_array().at(0).at("Outputs").as_array())
    outputs.emplace_back(string_or_empty(output, "OutputKey"));
  EXPECT_THAT(outputs, testing::UnorderedElementsAre("ServiceArn", "TargetGroupApp8080Arn"));
  python.release_next("3");
  expect_released(world, "1", "3");
  // It puts the item whole: nothing of ours is left in it.
  EXPECT_THAT(world.item(), Not(Contains(Pair("deployment_id", testing::_))));

  ASSERT_EQ(world.deploy("4"), 0) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
  expect_released(world, "2", "4");
  EXPECT_THAT(world.item(), Contains(Pair("deploy_at", testing::EndsWith("Z"))));
}

TEST(EcsCrdAndThePythonTool, ItsServiceIsTakenAwayWithItsInitStackAndItsRecords) {
  SharedWorld world;
  PythonTool(world).release_first("1");
  ASSERT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_THAT(world.weights(), IsEmpty());
  EXPECT_THAT(world.item(), IsEmpty());
}

// Its rollback cannot work once weights have moved: it ends with status 15 and refuses to go on.
TEST(EcsCrdAndThePythonTool, ItsBrokenRollbackIsShownAndTakenOutOfTheWay_D1) {
  SharedWorld world;
  PythonTool python(world);
  python.release_first("1");
  python.make_release("2", "2");
  python.set_weights("2", 10);
  EXPECT_EQ(python.side_it_would_deploy_to(), "");

  EXPECT_EQ(world.deploy("3"), 21) << world.line.err;
  EXPECT_EQ(world.count("CreateStack"), 0u);
  EXPECT_EQ(world.weights(), (Weights{{"1", 90}, {"2", 10}}));
  EXPECT_THAT(world.line.err, HasSubstr("green (2), where the release would go, already has "
                                        "traffic: a weight of 10"));
  const std::string screen = world.line.err;
  const std::size_t begin = screen.find("If public-1 (label blue, CanaryRelease 1) is to serve:");
  ASSERT_NE(begin, std::string::npos) << screen;
  EXPECT_EQ(send_commands(world, screen.substr(begin, screen.find("then, after", begin) - begin)),
            1);
  python.pass(seconds(60));
  ASSERT_EQ(world.deploy("3", {"--assume-live", "blue", "--replace-leftover"}), 0)
      << world.line.err;
  expect_released(world, "2", "3");
}

// Its first release that failed leaves records that send everybody to the other load balancer,
// where nothing is.
TEST(EcsCrdAndThePythonTool, TheCrossedRecordsOfItsFailedFirstReleaseAreOverwritten_D2_D19) {
  SharedWorld world;
  PythonTool python(world);
  python.make_table();
  python.make_init_stack();
  EXPECT_EQ(world.records().at("1").target, "two.elb.test");
  EXPECT_EQ(world.weights(), (Weights{{"1", 100}, {"2", 0}}));
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  EXPECT_THAT(world.line.err,
              HasSubstr("nothing runs behind either side: they will be overwritten"));
  expect_released(world, "1", "1");
  ASSERT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_THAT(world.weights(), IsEmpty());
}

// It ends without a word when the old stack cannot be deleted: all traffic is on the new one.
TEST(EcsCrdAndThePythonTool, AnOldReleaseThatItCouldNotDeleteIsALeftover_D42) {
  SharedWorld world;
  PythonTool python(world);
  python.release_first("1");
  python.make_release("2", "2");
  python.set_weights("2", 100);
  python.write_item("2", "2");
  EXPECT_EQ(world.deploy("3"), 2) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("stack stage-web-1 (CREATE_COMPLETE) is left over from an "
                                        "earlier release"));
  EXPECT_EQ(world.weights(), (Weights{{"1", 0}, {"2", 100}}));
  ASSERT_EQ(world.deploy("3", {"--replace-leftover"}), 0) << world.line.err;
  expect_released(world, "1", "3");
}

// Ctrl-C in it undoes nothing; here before any weight moved.
TEST(EcsCrdAndThePythonTool, ItsInterruptedReleaseIsALeftover_D11) {
  SharedWorld world;
  PythonTool python(world);
  python.release_first("1");
  python.make_release("2", "2");
  EXPECT_EQ(world.deploy("3"), 2) << world.line.err;
  ASSERT_EQ(world.deploy("3", {"--replace-leftover"}), 0) << world.line.err;
  expect_released(world, "2", "3");
}

// Its undeploy deletes the item before it checks anything else, so that one which failed leaves the
// rest of the service.
TEST(EcsCrdAndThePythonTool, ItsFailedUndeployIsFinished_D12) {
  SharedWorld world;
  PythonTool python(world);
  python.release_first("1");
  python.delete_item();
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_THAT(world.weights(), IsEmpty());
}

// While we hold the lock it runs all the same, since it knows none. Whoever put the item meanwhile
// has taken the lock away: we change nothing any more.
TEST(EcsCrdAndThePythonTool, ItsItemInTheMiddleOfOurReleaseStopsUs_D10) {
  SharedWorld world;
  PythonTool python(world);
  python.release_first("1");
  bool has_put = false;
  world.on_call = [&](const CrdCall& call) {
    if (has_put || call.operation != "GetChange") return;
    has_put = true;
    python.write_item("1", "1");
  };
  EXPECT_EQ(world.deploy("2"), 20) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(10));
  EXPECT_EQ(world.count("DeleteStack"), 0u);
  EXPECT_THAT(world.line.err, HasSubstr("nothing is changed any more"));
}

}  // namespace
}  // namespace slipway::cli
