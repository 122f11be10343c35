// The acceptance items of ecs-crd about what is found out before anything is changed, and about
// what each way of failing ends with.
#include "cli/ecs_crd_world_for_test.h"
#include "plan/ecs_crd_names.h"

#include <algorithm>

namespace slipway::cli {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

int dry_run(CrdWorld& world, const std::string& file, std::vector<std::string> more = {}) {
  world.line.file("stage.deploy.yml", file);
  more.insert(more.begin(), "dry-run");
  return world.crd(std::move(more));
}

TEST(EcsCrdAcceptance, Item06_FiveMistakesEndWithTheEarliestStep) {
  CrdWorld world;
  std::string file = CrdTestFile{.desired = "0", .strategy = "[{weight: 101}]"}.text();
  file = with(file, "memory: 128", "memory: much");
  file = with(file, "interval_seconds: 5", "interval_seconds: often");
  file = with(file, "container: {name: app, port: 8080}\n", "container: {name: app, port: 9}\n");
  EXPECT_EQ(dry_run(world, file), 3) << world.line.err;
  for (const char* place :
       {"stage.deploy.yml:4:", "stage.deploy.yml:5:", "stage.deploy.yml:15:",
        "canary.scale.desired", "canary.strategy[0].weight", "service.containers[0].memory",
        "target_groups[0].health_check.interval_seconds"})
    EXPECT_THAT(world.line.err, HasSubstr(place));
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Exit Code : 3\n"));
}

TEST(EcsCrdAcceptance, Item07_VariablesAreReplacedWhereverTheyStand_D45) {
  CrdWorld world;
  std::string file = CrdTestFile{}.text();
  file = with(file, "image: \"registry.example/web:{{version}}\"",
              "image: \"registry.example/{{project}}-{{name}}:{{environment}}-{{version}}\"");
  file = with(file, "PASSWORD: hush-environment",
              "URL: \"https://{{fqdn}}/{{region}}/{{account_id}}/{{unknown}}\"");
  EXPECT_EQ(dry_run(world, file, {"--save-plan", "plan.json", "--verbose-values"}), 0)
      << world.line.err;
  const std::string plan = read_file(world.line.directory() / "plan.json").value();
  EXPECT_THAT(plan, HasSubstr("\"registry.example/shop-web:stage-1\""));
  EXPECT_THAT(plan, HasSubstr("https://shop.example.com/eu-west-3/123456789012/{{unknown}}"));
  EXPECT_THAT(plan, HasSubstr("\"on_success\": \"arn:aws:sns:eu-west-3:123456789012:ok\""));
  EXPECT_EQ(world.line.lines_with("{{unknown}} is"), 1) << world.line.err;
  const auto asks_for_address = [&] {
    return std::ranges::any_of(world.calls, [](const CrdCall& call) {
      return call.request.url.find("ipify") != std::string::npos;
    });
  };
  EXPECT_FALSE(asks_for_address());
  // Without --verbose-values nobody reads them.
  EXPECT_EQ(dry_run(world, file, {"--save-plan", "plan.json"}), 0);
  EXPECT_THAT(read_file(world.line.directory() / "plan.json").value(),
              Not(HasSubstr("https://shop.example.com")));

  world.line.intercept = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.url.find("ipify") == std::string::npos) return std::nullopt;
    return Error{.kind = ErrorKind::kTimeout, .code = "http.read-timeout", .message = "no answer"};
  };
  EXPECT_EQ(dry_run(world, with(file, "{{unknown}}", "{{external_ip}}")), 1);
  EXPECT_TRUE(asks_for_address());
  EXPECT_THAT(world.line.err,
              HasSubstr("{{external_ip}} is used, and the address cannot be found"));
  world.line.intercept = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (request.url.find("ipify") == std::string::npos) return std::nullopt;
    return HttpResponse{.status = 200, .headers = {}, .body = R"({"ip":"192.0.2.7"})"};
  };
  EXPECT_EQ(dry_run(world, with(file, "{{unknown}}", "{{external_ip}}"), {"--verbose-values"}), 0);
  EXPECT_THAT(world.line.err, HasSubstr("/123456789012/192.0.2.7"));
}

TEST(EcsCrdAcceptance, Item08_NamesCanBeReferredToByTheirNumber) {
  CrdWorld world;
  std::string file = CrdTestFile{.fqdn = "[shop.example.com, api.example.com]"}.text();
  const std::string old_text = "[{PASSWORD: hush-environment}]";
  EXPECT_EQ(dry_run(world, with(file, old_text, "[{A: \"{{fqdn[1]}}\"}, {B: \"one\\n{{fqdn}}\"}]"),
                    {"--verbose-values"}),
            0)
      << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("A=api.example.com\n"));
  EXPECT_THAT(world.line.err, HasSubstr("B=one\necs-crd : shop.example.com\n"));
  EXPECT_NE(dry_run(world, with(file, old_text, "[{A: \"{{fqdn[9]}}\"}]")), 0);
  EXPECT_THAT(world.line.err, HasSubstr("{{fqdn[9]}}"));
}

TEST(EcsCrdAcceptance, Item10_AClusterIsFoundByItsWholeName_D3) {
  CrdWorld world;
  world.world(
      "", true,
      with(kCrdWorld, "clusters: {", "clusters: {preprod-ecs-cluster: {}, prod-ecs-cluster: {}, "));
  EXPECT_EQ(dry_run(world, CrdTestFile{}.text()), 0);
  EXPECT_THAT(world.line.err, HasSubstr(":cluster/stage-ecs-cluster\n"));
  const std::string named = CrdTestFile{.service_more = "  cluster: prod-ecs-cluster\n"}.text();
  EXPECT_EQ(dry_run(world, named), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr(":cluster/prod-ecs-cluster\n"));
  EXPECT_EQ(dry_run(world, CrdTestFile{.service_more = "  cluster: ecs-cluster\n"}.text()), 1);
  EXPECT_THAT(world.line.err, HasSubstr("there is no active cluster \"ecs-cluster\""));
}

TEST(EcsCrdAcceptance, Item11_ANameIsWrittenIntoTheLongestZoneItLiesIn_D21) {
  CrdWorld world;
  world.world(
      "", true,
      with(kCrdWorld, "hosted_zones:\n", "hosted_zones:\n- {Name: b.example.com, Id: ZB}\n"));
  ASSERT_EQ(world.deploy(CrdTestFile{.fqdn = "[a.b.example.com]"}), 0) << world.line.err;
  EXPECT_THAT(world.weights("a.b.example.com", "ZB"), SizeIs(2));
  EXPECT_THAT(world.weights("a.b.example.com", "ZEXAMPLE"), IsEmpty());
  EXPECT_EQ(dry_run(world, CrdTestFile{.fqdn = "[a.nowhere.test]"}.text()), 1);
  EXPECT_THAT(world.line.err, HasSubstr("a.nowhere.test"));
}

TEST(EcsCrdAcceptance, Item12_ThePairIsExactlyTwoWithTheTwoLabels) {
  struct Case {
    std::string old_text, new_text, message;
  };
  const std::string second = "{Key: CanaryRelease, Value: \"2\"}";
  const std::string third =
      "- Name: public-3\n  Tags: [{Key: CanaryGroup, Value: public}, "
      "{Key: CanaryRelease, Value: \"3\"}]\nhosted_zones:\n";
  for (const auto& [old_text, new_text, message] : std::vector<Case>{
           {"Value: public}, {Key: CanaryRelease, Value: \"1\"}",
            "Value: other}, {Key: CanaryRelease, Value: \"1\"}",
            "expected two load balancers tagged CanaryGroup=public in vpc-0a1b2c3d4e5f60718, found "
            "1: public-2 (2)"},
           {second, "{Key: Other, Value: \"2\"}", "found 1: public-1 (1)"},
           {"hosted_zones:\n", third, "found 3: public-1 (1), public-2 (2), public-3 (3)"},
           {"region: eu-west-3\n", "region: eu-west-3\n", ""},
           {second, "{Key: CanaryRelease, Value: \"1\"}",
            "both load balancers of the pair have the tag CanaryRelease=1: public-1 (1), public-2 "
            "(1)"},
           {second, "{Key: CanaryRelease, Value: \"3\"}",
            "canary.releases names 1 and 2, but the load balancers of the pair are tagged public-1 "
            "(1), public-2 (3)"}}) {
    SCOPED_TRACE(new_text);
    CrdWorld world;
    world.world("", true, with(kCrdWorld, old_text, new_text));
    EXPECT_EQ(dry_run(world, CrdTestFile{}.text()), message.empty() ? 0 : 2) << world.line.err;
    EXPECT_THAT(world.line.err, HasSubstr(message));
  }
  CrdWorld none;
  EXPECT_EQ(dry_run(none, with(CrdTestFile{}.text(), "group: public", "group: private")), 2);
  EXPECT_THAT(none.line.err, HasSubstr("no application load balancer in vpc-0a1b2c3d4e5f60718 has "
                                       "the tags CanaryGroup=private and CanaryRelease"));
}

TEST(EcsCrdAcceptance, Item13And14_TheItemsKeyAndTheStacksNamesAreThoseOfThePythonTool) {
  EXPECT_EQ(crd_item_key("public", "shop-web", "stage", "eu-west-3"),
            "9599d474b1f6536a2d51d02755478229");
  CrdNames names{
      .environment = "preprod", .service = "orders", .cluster = "c", .deployment_id = "0a"};
  EXPECT_EQ(names.stack("2"), "prepr-orders-2");
  EXPECT_EQ(names.init_stack(), "prepr-orders-0");
  names.service = std::string(90, 'a');
  names.deployment_id = std::string(32, '1');
  const std::string first = names.task_role("2");
  EXPECT_LE(first.size(), 64u);
  EXPECT_LE(names.execution_role("2").size(), 64u);
  names.deployment_id = std::string(32, '2');
  EXPECT_NE(names.task_role("2"), first);
}

TEST(EcsCrdAcceptance, Item19_StepsAreSortedAndBounded) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  const CrdTestFile unsorted{
      .version = "2",
      .strategy = "[{weight: 60, wait: 10}, {weight: 100, wait: 300}, {weight: 5, wait: 80}]"};
  ASSERT_EQ(world.deploy(unsorted), 0) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(5, 60, 100));
  EXPECT_THAT(world.line.err, HasSubstr("Weights : 40 % Blue, 60 % Green, then 40s"));
  EXPECT_THAT(world.line.err, HasSubstr("Weights : 0 % Blue, 100 % Green, then 5m0s"));
  EXPECT_GE(world.line.lines_with("40 s"), 1);  // raised, and said
  for (const char* weight : {"101", "-1", "many"}) {
    const CrdTestFile bad{.strategy = fmt::format("[{{weight: {}}}]", weight)};
    EXPECT_EQ(dry_run(world, bad.text()), 10) << weight;
  }
}

// ---- Permissions -------------------------------------------------------------------------------

// Under what the Python tool has, and nothing more: what is done better with more is done without.
TEST(EcsCrdAcceptance, RunsWithoutTheAdditionalPermissionsAndSaysSo) {
  CrdWorld world;
  world.world("", false);
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_EQ(world.weights(), (std::map<std::string, int>{{"1", 0}, {"2", 100}}));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-2"));
  for (const char* denied :
       {"ecs:DescribeClusters", "route53:GetChange", "cloudformation:DescribeStackEvents"})
    EXPECT_EQ(world.line.lines_with(std::string("warning: ") + denied + " is not allowed"), 1)
        << denied;
  ASSERT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), IsEmpty());
}

// ---- Coming from the Python tool ---------------------------------------------------------------

TEST(EcsCrdAcceptance, Item52_AnInitStackOfThePythonToolWithSwappedRecordsIsDeletable) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  // That tool's Init stack holds the records, each pointing at the other side's balancer.
  world.ask("cloudformation", "DeleteStack", JsonObject{{"StackName", "stage-web-0"}});
  world.aws().advance(world.aws().now() + seconds(120));
  world.ask("route53", "ChangeResourceRecordSets",
            parse_json(R"({"HostedZoneId":"ZEXAMPLE","ChangeBatch":{"Changes":[
              {"Action":"DELETE","ResourceRecordSet":{"Name":"shop.example.com","Type":"CNAME",
               "SetIdentifier":"1","Weight":100,"TTL":60,"ResourceRecords":[{"Value":"one.elb.test"}]}},
              {"Action":"DELETE","ResourceRecordSet":{"Name":"shop.example.com","Type":"CNAME",
               "SetIdentifier":"2","Weight":0,"TTL":60,"ResourceRecords":[{"Value":"two.elb.test"}]}}]}})")
                .value());
  const Json python = parse_json(R"({"Resources":{
      "CloudWatchLogGroup":{"Type":"AWS::Logs::LogGroup","Properties":{
        "LogGroupName":"/aws/ecs/stage-ecs-cluster/service/web","RetentionInDays":7}},
      "CanaryReleaseRecordSetGroup1":{"Type":"AWS::Route53::RecordSetGroup","Properties":{
        "HostedZoneName":"example.com.","RecordSets":[
        {"Name":"shop.example.com.","Type":"CNAME","TTL":"60","SetIdentifier":"1","Weight":100,
         "ResourceRecords":["two.elb.test"]},
        {"Name":"shop.example.com.","Type":"CNAME","TTL":"60","SetIdentifier":"2","Weight":0,
         "ResourceRecords":["one.elb.test"]}]}}}})")
                          .value();
  world.ask("cloudformation", "CreateStack",
            JsonObject{{"StackName", "stage-web-0"},
                       {"TemplateBody", to_text(python)},
                       {"Tags", parse_json(R"([{"Key":"Project","Value":"shop"},
                          {"Key":"Service","Value":"web"},{"Key":"Environment","Value":"stage"}])")
                                    .value()}});
  world.aws().advance(world.aws().now() + seconds(300));
  ASSERT_EQ(world.stacks()["stage-web-0"], "CREATE_COMPLETE");
  ASSERT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_THAT(world.weights(), IsEmpty());
}

TEST(EcsCrdAcceptance, Item15_ALiveStackWithThePythonToolsNameIsFoundAndDeleted) {
  CrdWorld world;
  const std::string labelled =
      with(with(kCrdWorld, "CanaryRelease, Value: \"1\"", "CanaryRelease, Value: blue"),
           "CanaryRelease, Value: \"2\"", "CanaryRelease, Value: green");
  world.world("", true, labelled);
  CrdTestFile wanted;
  const auto deploy = [&](const std::string& version) {
    wanted.version = version;
    world.line.file("stage.deploy.yml", with(wanted.text(), "{blue: \"1\", green: \"2\"}",
                                             "{blue: blue, green: green}"));
    return world.crd({"deploy"});
  };
  ASSERT_EQ(deploy("1"), 0) << world.line.err;
  ASSERT_EQ(deploy("2"), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-green"));
  // The same release as that tool would have named it.
  const Json body =
      world.ask("cloudformation", "GetTemplate", JsonObject{{"StackName", "stage-web-green"}});
  world.ask("cloudformation", "DeleteStack", JsonObject{{"StackName", "stage-web-green"}});
  world.aws().advance(world.aws().now() + seconds(900));
  world.ask("cloudformation", "CreateStack",
            JsonObject{{"StackName", "stage-web-een"},
                       {"TemplateBody", body.at("TemplateBody")},
                       {"Capabilities", JsonArray{"CAPABILITY_NAMED_IAM"}},
                       {"Tags", parse_json(R"([{"Key":"Project","Value":"shop"},
                          {"Key":"Service","Value":"web"},{"Key":"Environment","Value":"stage"}])")
                                    .value()}});
  world.aws().advance(world.aws().now() + seconds(300));
  world.ask(
      "ecs", "UpdateService",
      JsonObject{{"cluster", "stage-ecs-cluster"}, {"service", "web-green"}, {"desiredCount", 2}});
  world.aws().advance(world.aws().now() + seconds(120));
  ASSERT_EQ(world.stacks()["stage-web-een"], "CREATE_COMPLETE");
  auto item = world.item();
  item["stack_name"] = "stage-web-een";
  world.put_item(item);
  ASSERT_EQ(deploy("3"), 0) << world.line.err;
  EXPECT_THAT(world.shifts("blue"), ElementsAre(10, 60, 100));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-blue"));
}

// ---- Exit statuses -----------------------------------------------------------------------------

// Those that no other item ends with: 11 needs a service whose Init template is refused, which
// nothing in a file can bring about any more.
TEST(EcsCrdAcceptance, Item55_EachWayOfFailingHasItsStatus_D36_D37_D42) {
  const std::string good = CrdTestFile{}.text();
  struct Case {
    int status;
    std::string old_text, new_text;
  };
  for (const auto& [status, old_text, new_text] : std::vector<Case>{
           {1, "fqdn: [shop.example.com]", "fqdn: [shop.nowhere.test]"},
           {2, "group: public", "group: private"},
           {3, "desired: 2", "desired: none"},
           {4, "memory: 128", "memory: much"},
           {5, "  containers:\n", "  scheduling_strategy: DAEMONxyz\n  containers:\n"},
           {6, "  containers:\n", "  ipc_mode: everybody\n  containers:\n"},
           {7, "interval_seconds: 5", "interval_seconds: often"},
           {8, "- port: 80\n", "- port: eighty\n"},
           {9, "  containers:\n",
            "  iam_roles: {task_role: [{name: A, effect: Maybe, actions: [\"s3:Get\"]}]}\n"
            "  containers:\n"},
           {10, "weight: 10", "weight: ten"}}) {
    SCOPED_TRACE(status);
    CrdWorld world;
    EXPECT_EQ(dry_run(world, with(good, old_text, new_text)), status) << world.line.err;
  }
  struct Fault {
    int status;
    std::string operation;
  };
  for (const auto& [status, operation] :
       std::vector<Fault>{{13, "ecs:UpdateService"}, {16, "route53:ChangeResourceRecordSets"}}) {
    SCOPED_TRACE(status);
    CrdWorld world;
    world.world(fmt::format("faults: [{{fault: access-denied, on: \"{}\"}}]\n", operation));
    EXPECT_EQ(world.deploy("1"), status) << world.line.err;
    EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0"));
  }
  {
    CrdWorld world;
    world.world("");
    world.file({});
    world.line.intercept = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
      const bool is_init = request.body.find("stage-web-0") != std::string::npos;
      if (operation_of(request) != "CreateStack" || !is_init) return std::nullopt;
      return HttpResponse{.status = 400,
                          .headers = {},
                          .body =
                              "<ErrorResponse><Error><Type>Sender</Type><Code>LimitExceeded"
                              "</Code><Message>too many stacks</Message></Error>"
                              "<RequestId>r</RequestId></ErrorResponse>"};
    };
    EXPECT_EQ(world.crd({"deploy"}), 19) << world.line.err;
  }
}

// At 100 % nothing of a healthy release is taken back, and the screen says how to finish.
TEST(EcsCrdAcceptance, Item55_AnItemThatCannotBeWrittenTakesNothingBack_D22) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.line.intercept = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    const bool is_last = request.body.find("\"serving\"") != std::string::npos;
    if (operation_of(request) != "PutItem" || !is_last) return std::nullopt;
    return HttpResponse{.status = 400,
                        .headers = {},
                        .body = R"({"__type":"com.amazonaws.dynamodb.v20120810#)"
                                R"(ItemCollectionSizeLimitExceededException","message":"full"})"};
  };
  EXPECT_EQ(world.deploy("2"), 18) << world.line.err;
  EXPECT_EQ(world.weights(), (std::map<std::string, int>{{"1", 0}, {"2", 100}}));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1", "stage-web-2"));
  EXPECT_THAT(world.line.err,
              HasSubstr("To finish: `ecs-crd deploy --assume-live 2 --replace-leftover`"));
  world.line.intercept = {};
  EXPECT_EQ(world.deploy("3", {"--assume-live", "2", "--replace-leftover"}), 0) << world.line.err;
  EXPECT_EQ(world.weights(), (std::map<std::string, int>{{"1", 100}, {"2", 0}}));
}

}  // namespace
}  // namespace slipway::cli
