// The 55 defects of the Python tool, D1 to D55: a test that would fail if we had it carries its
// number at the end of its name. Most are acceptance items, faults and rules of the file besides;
// those that are seen from outside and had no test of their own are here.
#include "cli/ecs_crd_world_for_test.h"

#include <algorithm>
#include <filesystem>

namespace slipway::cli {
namespace {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

using Weights = std::map<std::string, int>;

// ---- What is read back -------------------------------------------------------------------------

// The templates that the last command sent, by stack.
std::map<std::string, Json> templates(const CrdWorld& world) {
  std::map<std::string, Json> all;
  for (const CrdCall& call : world.calls) {
    if (call.operation != "CreateStack") continue;
    const aws::Form form = aws::read_form(call.request.body);
    all[form.find("StackName")->second] = parse_json(form.find("TemplateBody")->second).value();
  }
  return all;
}

std::vector<std::string> role_names(const Json& stack) {
  std::vector<std::string> names;
  for (const auto& [id, resource] : stack.at("Resources").as_object())
    if (string_or_empty(resource, "Type") == "AWS::IAM::Role")
      names.emplace_back(string_or_empty(resource.at("Properties"), "RoleName"));
  return names;
}

Json first_of(CrdWorld& world, const std::string& service, const std::string& operation, Json input,
              std::string_view list) {
  const Json answer = world.ask(service, operation, std::move(input));
  const JsonArray* all = find_array(answer, list);
  if (all == nullptr || all->empty()) {
    ADD_FAILURE() << operation << " found nothing: " << to_text(answer);
    return JsonObject{};
  }
  return all->front();
}

Json task_definition(CrdWorld& world, const std::string& service) {
  const Json found =
      first_of(world, "ecs", "DescribeServices",
               JsonObject{{"cluster", "stage-ecs-cluster"}, {"services", JsonArray{Json(service)}}},
               "services");
  return world
      .ask("ecs", "DescribeTaskDefinition",
           JsonObject{{"taskDefinition", string_or_empty(found, "taskDefinition")}})
      .at("taskDefinition");
}

// The run ends after it has sent the first call of that name.
void kill_after(CrdWorld& world, const std::string& operation, const std::string& with_text) {
  world.line.intercept =
      [=, dead = false](const HttpRequest& request) mutable -> std::optional<Result<HttpResponse>> {
    if (dead)
      return Error{.kind = ErrorKind::kCancelled, .code = "killed", .message = "the run is dead"};
    dead = operation_of(request) == operation && request.body.find(with_text) != std::string::npos;
    return std::nullopt;
  };
}

void forget_the_lock(CrdWorld& world) {
  auto item = world.item();
  for (const char* part : {"lock_owner", "lock_until"}) item.erase(part);
  world.put_item(item);
}

// ---- All of them
// ---------------------------------------------------------------------------------

// The page has a row for each, with tests that there are. Those of other programs than this one it
// can only believe.
TEST(EcsCrdDefects, AllHaveATest) {
  std::set<std::string> suites;
  std::set<std::string> tests;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const testing::TestSuite& suite = *all.GetTestSuite(i);
    suites.insert(suite.name());
    for (int j = 0; j < suite.total_test_count(); ++j)
      tests.insert(fmt::format("{}.{}", suite.name(), suite.GetTestInfo(j)->name()));
  }
  const std::string page = read_file(SLIPWAY_SOURCE_DIR "/docs/ecs-crd-defects.md").value();
  for (int number = 1; number <= 55; ++number) {
    const std::string begin = fmt::format("| D{} | ", number);
    const std::size_t at = page.find(begin);
    ASSERT_NE(at, std::string::npos) << begin;
    const std::string row = page.substr(at, page.find('\n', at) - at);
    int of_this_program = 0;
    for (const std::string_view part : split(row, '`')) {
      const std::string suite(part.substr(0, part.find('.')));
      if (!suites.contains(suite)) continue;
      EXPECT_TRUE(tests.contains(std::string(part))) << row;
      EXPECT_THAT(std::string(part) + "_", HasSubstr(fmt::format("_D{}_", number)));
      ++of_this_program;
    }
    EXPECT_GT(of_this_program, 0) << "nothing that is seen from outside: " << row;
  }
}

// ---- A: traffic lost, wrong targets, a state nobody gets out of --------------------------------

TEST(EcsCrdDefects, AStackThatIsStillBeingMadeIsSeenAndWaitedFor_D9) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  kill_after(world, "CreateStack", "stage-web-2");
  EXPECT_NE(world.deploy("2"), 0);
  world.line.intercept = {};
  ASSERT_EQ(world.stacks()["stage-web-2"], "CREATE_IN_PROGRESS");
  forget_the_lock(world);
  ASSERT_EQ(world.deploy("3", {"--replace-leftover"}), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Wait for stacks that are in progress\n"));
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Delete what an earlier release left\n"));
  EXPECT_EQ(world.weights(), (Weights{{"1", 0}, {"2", 100}}));
}

TEST(EcsCrdDefects, TheServiceOfAnotherProjectIsNotTouched_D14) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.line.file("stage.deploy.yml",
                  with(CrdTestFile{.version = "2"}.text(), "project: shop", "project: bakery"));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"dry-run"}, {"deploy"}, {"undeploy", "--yes"}}) {
    SCOPED_TRACE(command.front());
    EXPECT_EQ(world.crd(command), 2) << world.line.err;
    EXPECT_THAT(world.line.err, HasSubstr("stack stage-web-1 is not this service's: its tags are "
                                          "Project=shop, Service=web, Environment=stage"));
    EXPECT_EQ(world.count("CreateStack") + world.count("DeleteStack") +
                  world.count("ChangeResourceRecordSets"),
              0u);
  }
  EXPECT_THAT(world.item(), AllOf(Contains(Pair("project", "shop")),
                                  Not(Contains(Pair("lock_owner", testing::_)))));
}

TEST(EcsCrdDefects, AServiceIsInOneGroupOnly_D14) {
  CrdWorld world;
  std::string two_groups = kCrdWorld;
  two_groups.insert(two_groups.find("hosted_zones:"), R"(- Name: private-1
  Tags: [{Key: CanaryGroup, Value: private}, {Key: CanaryRelease, Value: "1"}]
- Name: private-2
  Tags: [{Key: CanaryGroup, Value: private}, {Key: CanaryRelease, Value: "2"}]
)");
  world.world("", true, two_groups);
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  world.line.file("stage.deploy.yml",
                  with(CrdTestFile{.version = "2"}.text(), "group: public", "group: private"));
  EXPECT_EQ(world.crd({"deploy"}), 2) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("stack stage-web-1 is this service behind a load balancer "
                                        "that is none of the pair private"));
  EXPECT_EQ(world.count("CreateStack"), 0u);
  EXPECT_EQ(world.weights(), (Weights{{"1", 100}, {"2", 0}}));
}

TEST(EcsCrdDefects, LongLabelsStayWhole_D15) {
  CrdWorld world;
  world.world("", true,
              with(with(kCrdWorld, "CanaryRelease, Value: \"1\"", "CanaryRelease, Value: 1-app"),
                   "CanaryRelease, Value: \"2\"", "CanaryRelease, Value: 2-app"));
  for (const std::string version : {"1", "2"}) {
    world.line.file("stage.deploy.yml",
                    with(CrdTestFile{.version = version}.text(), "{blue: \"1\", green: \"2\"}",
                         "{blue: 1-app, green: 2-app}"));
    ASSERT_EQ(world.crd({"deploy"}), 0) << world.line.err;
    EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-" + version + "-app"));
  }
  EXPECT_EQ(world.weights(), (Weights{{"1-app", 0}, {"2-app", 100}}));
}

TEST(EcsCrdDefects, ServicesWithLongNamesHaveStacksAndRolesOfTheirOwn_D16) {
  CrdWorld world;
  const std::string common(86, 'a');
  std::set<std::string> stacks;
  std::set<std::string> roles;
  for (const std::string end : {"east", "west"}) {
    ASSERT_EQ(world.deploy(CrdTestFile{.fqdn = "[" + end + ".example.com]",
                                       .container_more = "",
                                       .name = common + end,
                                       .has_ports = false}),
              0)
        << world.line.err;
    for (const auto& [name, body] : templates(world)) {
      stacks.insert(name);
      for (const std::string& role : role_names(body)) {
        EXPECT_LE(role.size(), 64u) << role;
        roles.insert(role);
      }
    }
  }
  EXPECT_THAT(stacks, SizeIs(4));  // two Init stacks, two releases
  EXPECT_THAT(roles, SizeIs(2));
}

// Somebody gives the pair other labels while a release serves: its records would be a third and a
// fourth.
TEST(EcsCrdDefects, RelabelledLoadBalancersAreRefused_D20) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  const Json all = world.ask("elasticloadbalancing", "DescribeLoadBalancers", JsonObject{});
  for (const auto& [index, label] : {std::pair{0, "a"}, {1, "b"}})
    world.ask(
        "elasticloadbalancing", "AddTags",
        JsonObject{
            {"ResourceArns", JsonArray{all.at("LoadBalancers").at(index).at("LoadBalancerArn")}},
            {"Tags", JsonArray{Json(JsonObject{{"Key", "CanaryRelease"}, {"Value", label}})}}});
  world.line.file("stage.deploy.yml", with(CrdTestFile{.version = "2"}.text(),
                                           "{blue: \"1\", green: \"2\"}", "{blue: a, green: b}"));
  EXPECT_EQ(world.crd({"deploy"}), 1) << world.line.err;
  EXPECT_THAT(world.line.err,
              HasSubstr("SetIdentifier \"1\", weight 100, to one.elb.test.: a third "
                        "one beside \"a\" and \"b\" would take traffic"));
  // The record of the release that serves is not to be removed.
  EXPECT_THAT(world.line.err,
              HasSubstr("load balancer public-1 was tagged CanaryRelease=1 when that "
                        "record was made, and is tagged a now: give it that tag "
                        "back"));
  EXPECT_THAT(world.line.err, Not(HasSubstr("remove that record")));
  EXPECT_EQ(world.count("CreateStack"), 0u);
  EXPECT_EQ(world.weights(), (Weights{{"1", 100}, {"2", 0}}));
}

TEST(EcsCrdDefects, ZonesOfAnyDepthAndTwinsAreToldApart_D21) {
  CrdWorld world;
  world.world("", true, with(kCrdWorld, "hosted_zones:\n", R"(hosted_zones:
- {Name: shop.co.uk, Id: ZCOUK}
- {Name: twin.org, Id: ZPRIVATE, HostedZoneConfig: {PrivateZone: true}, VPC: {VPCRegion: eu-west-3, VPCId: vpc-0a1b2c3d4e5f60718}}
- {Name: twin.org, Id: ZPUBLIC}
)"));
  ASSERT_EQ(world.deploy(CrdTestFile{.fqdn = "[www.shop.co.uk, www.twin.org]"}), 0)
      << world.line.err;
  EXPECT_THAT(world.weights("www.shop.co.uk", "ZCOUK"), SizeIs(2));
  EXPECT_THAT(world.weights("www.twin.org", "ZPUBLIC"), SizeIs(2));
  EXPECT_THAT(world.weights("www.twin.org", "ZPRIVATE"), IsEmpty());
}

// ---- B: what is documented and does not work ---------------------------------------------------

const std::string kScaling =
    "  auto_scaling:\n"
    "    min_capacity: 3\n"
    "    max_capacity: 6\n"
    "    auto_scaling_policies:\n"
    "    - policy_name: out\n"
    "      step_scaling_policy_configuration:\n"
    "        step_adjustments: [{metric_interval_lower_bound: 0, scaling_adjustment: 1}]\n"
    "      cloudwatch_alarms:\n"
    "      - {metric_name: CPUUtilization, threshold: 70.5, comparison_operator: "
    "GreaterThanThreshold}\n"
    "      - {metric_name: MemoryUtilization, threshold: 80, comparison_operator: "
    "GreaterThanThreshold}\n"
    "    - policy_name: in\n"
    "      step_scaling_policy_configuration:\n"
    "        step_adjustments: [{metric_interval_upper_bound: 0, scaling_adjustment: -1}]\n"
    "      cloudwatch_alarms: [{metric_name: CPUUtilization, threshold: 20, comparison_operator: "
    "LessThanThreshold}]\n"
    "    - policy_name: track\n"
    "      policy_type: TargetTrackingScaling\n"
    "      target_tracking_configuration: {target_value: 55.5, predefined_metric_type: "
    "ECSServiceAverageCPUUtilization}\n";

TEST(EcsCrdDefects, AllScalingPoliciesAndAlarmsAreMade_D26_D33) {
  CrdWorld world;
  ASSERT_EQ(world.deploy(CrdTestFile{.desired = "3", .service_more = kScaling}), 0)
      << world.line.err;
  const Json policies = world.ask("application-autoscaling", "DescribeScalingPolicies",
                                  JsonObject{{"ServiceNamespace", "ecs"}});
  std::vector<std::string> names;
  for (const Json& policy : policies.at("ScalingPolicies").as_array())
    names.emplace_back(string_or_empty(policy, "PolicyName"));
  EXPECT_THAT(names, testing::UnorderedElementsAre("out", "in", "track"));
  const Json body = templates(world).at("stage-web-1");
  int alarms = 0;
  for (const auto& [id, resource] : body.at("Resources").as_object())
    if (string_or_empty(resource, "Type") == "AWS::CloudWatch::Alarm") ++alarms;
  EXPECT_EQ(alarms, 3);
}

// Registering the target raises the count while the stack is being made; nothing lowers it again.
TEST(EcsCrdDefects, TheCountIsNeverBelowTheLeastOfAutoScaling_D27) {
  CrdWorld world;
  ASSERT_EQ(world.deploy(CrdTestFile{.desired = "3", .service_more = kScaling}), 0);
  for (const CrdCall& call : world.calls) {
    if (call.operation != "UpdateService") continue;
    EXPECT_THAT(call.request.body, HasSubstr("\"desiredCount\":3"));
  }
  EXPECT_THAT(world.line.err, HasSubstr("3/3 tasks run"));
  EXPECT_EQ(world.deploy(CrdTestFile{.desired = "2", .service_more = kScaling}), 5)
      << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("min_capacity"));
}

// One file with everything that crashed, was dropped or was misplaced, released for good.
TEST(EcsCrdDefects, WhatCrashedOrWasLostReachesTheTask_D28_D29_D30_D31_D32_D36_D49) {
  CrdWorld world;
  CrdTestFile wanted;
  wanted.service_more =
      "  ipc_mode: task\n"
      "  requires_compatibilities: EC2\n"
      "  volumes:\n"
      "  - {name: spool, host: {source_path: \"/data/{{name}}\"}}\n"
      "  - name: shared\n"
      "    docker_volume_configuration: {autoprovision: true, driver: local, scope: shared, "
      "driver_opts: [{type: nfs}], labels: {team: shop}}\n";
  wanted.container_more =
      "    entry_point: [/bin/serve, --json]\n"
      "    command: [8080, true]\n"
      "    port_mappings: [{container_port: 8080, host_port: {blue: 18080, green: 28080}}]\n"
      "    mount_points: [{container_path: /spool, source_volume: spool}]\n"
      "    health_check: {command: [CMD, /bin/check], interval: 7, retries: 2}\n"
      "    log_configuration: {log_driver: syslog, options: {syslog-address: \"udp://log:514\"}}\n"
      "  - name: side-car\n"
      "    image: registry.example/side\n"
      "    memory: 64\n"
      "    environment: {SWITCH: yes, RATE: 1.10}\n";
  world.file(wanted);
  // The entry of the target group has no port in its health check, though the host's is static.
  ASSERT_EQ(world.crd({"deploy"}), 0) << world.line.err;
  const Json task = task_definition(world, "web-1");
  EXPECT_EQ(string_or_empty(task, "ipcMode"), "task");
  const Json& app = task.at("containerDefinitions").at(0);
  EXPECT_EQ(to_text(app.at("entryPoint")), R"(["/bin/serve","--json"])");
  EXPECT_EQ(to_text(app.at("command")), R"(["8080","true"])");
  EXPECT_EQ(app.at("healthCheck").at("interval"), 7);
  EXPECT_EQ(app.at("portMappings").at(0).at("hostPort"), 18080);
  EXPECT_EQ(app.at("logConfiguration").at("logDriver"), "syslog");
  EXPECT_EQ(app.at("logConfiguration").at("options").at("syslog-address"), "udp://log:514");
  const Json& side = task.at("containerDefinitions").at(1);
  const std::string environment = to_text(side.at("environment"));
  EXPECT_THAT(environment, HasSubstr(R"({"name":"SWITCH","value":"yes"})"));
  EXPECT_THAT(environment, HasSubstr(R"({"name":"RATE","value":"1.10"})"));
  EXPECT_EQ(task.at("volumes").at(0).at("name"), "spool");
  EXPECT_EQ(task.at("volumes").at(0).at("host").at("sourcePath"), "/data/web");
  const Json& docker = task.at("volumes").at(1).at("dockerVolumeConfiguration");
  EXPECT_EQ(to_text(docker.at("driverOpts")), R"({"type":"nfs"})");
  EXPECT_EQ(to_text(docker.at("labels")), R"({"team":"shop"})");
  const Json group =
      first_of(world, "elasticloadbalancing", "DescribeTargetGroups", JsonObject{}, "TargetGroups");
  const Json attributes =
      world.ask("elasticloadbalancing", "DescribeTargetGroupAttributes",
                JsonObject{{"TargetGroupArn", string_or_empty(group, "TargetGroupArn")}});
  EXPECT_THAT(to_text(attributes.at("Attributes")),
              HasSubstr(R"({"Key":"deregistration_delay.timeout_seconds","Value":"30"})"));
}

TEST(EcsCrdDefects, ContainersWithHyphensServe_D49) {
  CrdWorld world;
  std::string text = CrdTestFile{}.text();
  for (std::size_t at = text.find("name: app"); at != std::string::npos;
       at = text.find("name: app", at + 1))
    text.replace(at, 9, "name: \"{{name}}-app\"");
  world.line.file("stage.deploy.yml", text);
  ASSERT_EQ(world.crd({"deploy"}), 0) << world.line.err;
  const Json body = templates(world).at("stage-web-1");
  for (const auto& [id, resource] : body.at("Resources").as_object())
    EXPECT_TRUE(std::ranges::all_of(id, [](char c) { return std::isalnum(c) != 0; })) << id;
}

TEST(EcsCrdDefects, FargateServes_D38) {
  CrdWorld world;
  world.world("capacity: {FARGATE: 10}\n");
  ASSERT_EQ(world.deploy(CrdTestFile{
                .service_more = "  launch_type: FARGATE\n  cpu: 512\n  memory: 1024\n"
                                "  platform_version: 1.4.0\n"
                                "  network_configuration: {subnets: [subnet-1], security_groups: "
                                "[sg-1]}\n"}),
            0)
      << world.line.err;
  EXPECT_EQ(world.weights(), (Weights{{"1", 100}, {"2", 0}}));
  const Json group =
      first_of(world, "elasticloadbalancing", "DescribeTargetGroups", JsonObject{}, "TargetGroups");
  EXPECT_EQ(string_or_empty(group, "TargetType"), "ip");
}

TEST(EcsCrdDefects, ARegionInChinaHasItsPartition_D39) {
  CrdWorld world;
  std::string china = kCrdWorld;
  china = with(china, "region: eu-west-3", "region: cn-north-1");
  world.world("", true, china);
  world.file({});
  ASSERT_EQ(world.crd({"deploy", "-r", "cn-north-1"}), 0) << world.line.err;
  const Json body = templates(world).at("stage-web-1");
  EXPECT_THAT(to_text(body.at("Resources").at("TaskExecutionRole")),
              HasSubstr("arn:aws-cn:iam::aws:policy/service-role/"));
  EXPECT_THAT(world.line.err, HasSubstr("arn:aws-cn:ecs:cn-north-1:"));
}

// Everything that is wanted is on a later page of the answer: clusters, zones, load balancers and
// stacks, and without the permission to ask for the cluster by its name.
TEST(EcsCrdDefects, AllPagesAreRead_D40) {
  std::string large = kCrdWorld;
  std::string zones;
  std::string clusters;
  std::string balancers;
  for (int i = 100; i < 240; ++i) {
    zones += fmt::format("- {{Name: a{0}.test, Id: Z{0}}}\n", i);
    clusters += fmt::format("a{}: {{}}, ", i);
  }
  for (int i = 1000; i < 1401; ++i) balancers += fmt::format("- {{Name: a{}}}\n", i);
  large = with(large, "hosted_zones:\n", "hosted_zones:\n" + zones);
  large = with(large, "clusters: {", "clusters: {" + clusters);
  large = with(large, "load_balancers:\n", "load_balancers:\n" + balancers);
  std::string tables = "tables:\n";
  for (int i = 100; i < 210; ++i)
    tables += fmt::format(
        "- {{TableName: a{}, KeySchema: [{{AttributeName: id, KeyType: HASH}}], "
        "AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]}}\n",
        i);
  std::string stacks = "stacks:\n";
  for (int i = 100; i < 220; ++i)
    stacks += fmt::format(
        "- {{StackName: a{0}, TemplateBody: {{Resources: {{L: {{Type: \"AWS::Logs::LogGroup\", "
        "Properties: {{LogGroupName: /a/{0}}}}}}}}}}}\n",
        i);
  CrdWorld world;
  world.world(tables + stacks, false, large);
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr(":cluster/stage-ecs-cluster\n"));
  EXPECT_EQ(world.weights(), (Weights{{"1", 100}, {"2", 0}}));
  // The second finds table, item and live stack behind all the others.
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_EQ(world.count("CreateTable"), 0u);
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
}

TEST(EcsCrdDefects, TwoVpcsOfOneEnvironmentAreAQuestion_D41) {
  CrdWorld world;
  world.world("", true,
              with(kCrdWorld, "vpcs:\n",
                   "vpcs:\n- {VpcId: vpc-00000000000000001, Tags: [{Key: Environment, Value: "
                   "stage}]}\n"));
  EXPECT_EQ(world.deploy("1"), 1) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("2 VPCs have the tag Environment=stage: "
                                        "vpc-00000000000000001, vpc-0a1b2c3d4e5f60718"));
  EXPECT_EQ(world.count("CreateStack"), 0u);
  EXPECT_EQ(world.deploy(CrdTestFile{.service_more = "  vpc_id: vpc-0a1b2c3d4e5f60718\n"}), 0)
      << world.line.err;
}

// ---- C: surprises ------------------------------------------------------------------------------

TEST(EcsCrdDefects, AFileWithoutCanaryIsToldThat_D43) {
  CrdWorld world;
  const std::string whole = CrdTestFile{}.text();
  world.line.file("stage.deploy.yml", whole.substr(whole.find("service:")));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"dry-run"}, {"deploy"}, {"undeploy", "--yes"}}) {
    SCOPED_TRACE(command.front());
    EXPECT_EQ(world.crd(command), 1) << world.line.err;
    EXPECT_THAT(world.line.err, HasSubstr("canary: required key is missing"));
    EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Exit Code : 1\n"));
    EXPECT_THAT(world.line.err, Not(HasSubstr("Init stack")));  // which was never thought about
  }
}

TEST(EcsCrdDefects, NothingIsKeptInFilesButWhatIsAskedFor_D45) {
  CrdWorld world;
  const auto files = [&] {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(world.line.directory()))
      names.insert(entry.path().filename());
    return names;
  };
  ASSERT_EQ(world.deploy("1"), 0);
  EXPECT_THAT(files(), Each(Not(HasSubstr("cache"))));
  ASSERT_EQ(world.crd({"dry-run", "--save-plan", "plan.json"}), 0);
  const std::string plan = read_file(world.line.directory() / "plan.json").value();
  EXPECT_THAT(plan, Not(HasSubstr("hush-environment")));
  EXPECT_THAT(plan, HasSubstr("****"));
}

// Shares by DNS are approximate whatever a program does; people have to be told.
TEST(EcsCrdDefects, TheManualSaysWhatDnsCannotDo_D47) {
  const std::string page = read_file(SLIPWAY_SOURCE_DIR "/docs/manual/ecs-crd.md").value();
  for (const char* fact : {"Weights say what resolvers are told, not what clients do",
                           "a change takes a TTL of 60 s to be felt", "`strategy: canary`"})
    EXPECT_THAT(page, HasSubstr(fact));
  CrdWorld world;
  EXPECT_EQ(world.deploy(CrdTestFile{.fqdn = "[example.com]"}), 1);
  EXPECT_THAT(world.line.err,
              HasSubstr("example.com is the zone itself, which can have no CNAME record"));
}

TEST(EcsCrdDefects, VerboseTellsMoreOfTheToolItself_D52) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  EXPECT_THAT(world.line.err, Not(HasSubstr("TargetGroupArn : ")));
  ASSERT_EQ(world.deploy("2", {"--verbose"}), 0);
  for (const char* told :
       {" : ecs-crd : DEBUG : lock : item 9e9671fea5ecc4d3c5ada56df2f36817 is held by ",
        " : ecs-crd : DEBUG : public-1 listens on HTTP 80, 0 rules\n",
        " : ecs-crd : DEBUG : Blue wants 2 tasks\n",
        " : ecs-crd : DEBUG : phase : shifting to 10 %\n",
        " : ecs-crd : DEBUG : TargetGroupArn : arn:aws:", " : ecs-crd : DEBUG : in force at 20",
        " : ecs-crd : INFO : Result : COMPLETED\n"})
    EXPECT_THAT(world.line.err, HasSubstr(told));
  EXPECT_THAT(world.line.err, Not(HasSubstr("Authorization")));
}

TEST(EcsCrdDefects, TheFileIsReadOnce_D54) {
  CrdWorld world;
  world.on_call = [&](const CrdCall& call) {
    if (call.operation == "CreateStack") world.file(CrdTestFile{.version = "edited"});
  };
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  EXPECT_THAT(world.item(), Contains(Pair("service_version", "1")));
  EXPECT_EQ(task_definition(world, "web-1").at("containerDefinitions").at(0).at("image"),
            "registry.example/web:1");
  EXPECT_THAT(world.line.err,
              testing::ContainsRegex("File : stage.deploy.yml \\(SHA-256 [0-9a-f]{64}\\)"));
}

TEST(EcsCrdDefects, CaptionsAndTimesAreRight_D55) {
  CrdWorld world;
  ASSERT_EQ(world.deploy(CrdTestFile{.strategy = "[{weight: 100, wait: 60}]"}), 0);
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd :   Dns : one.elb.test\n"));
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd :   Arn : arn:aws:elasticloadbalancing:"));
  EXPECT_THAT(world.item().at("deploy_at"), testing::EndsWith("Z"));
  ASSERT_EQ(world.deploy(CrdTestFile{.version = "2", .strategy = "[{weight: 10, wait: 4000}]"}), 0)
      << world.line.err;
  EXPECT_THAT(world.line.err, testing::ContainsRegex("ecs-crd : Wait : 1h0m[0-9]+s\n"));
  EXPECT_THAT(world.line.err, testing::ContainsRegex("ecs-crd : Wait : 1h6m3[0-9]s\n"));
}

}  // namespace
}  // namespace slipway::cli
