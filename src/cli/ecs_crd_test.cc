// The acceptance items of ecs-crd, by number: the personality run as its users type it, on a
// simulated AWS, under exactly the permissions of its specification. Items 1 to 4 are in
// ecs_crd_flags_test.cc, those about the deployment file in ecs_crd_file_test.cc.
#include "cli/ecs_crd_world_for_test.h"

#include <set>
#include <sys/stat.h>

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
using testing::SizeIs;
using testing::StartsWith;

using Weights = std::map<std::string, int>;

const Weights kAllToOne = {{"1", 100}, {"2", 0}};
const Weights kAllToTwo = {{"1", 0}, {"2", 100}};

// ---- dry-run -----------------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item05_ADryRunOnlyReads_D17_D45) {
  CrdWorld world;
  world.file({});
  for (const char* command : {"dry-run", "validate"}) {
    EXPECT_EQ(world.crd({command}), 0) << world.line.err;
    EXPECT_GT(world.calls.size(), 10u);
    for (const CrdCall& call : world.calls)
      EXPECT_FALSE(is_change(call.operation)) << call.operation;
    EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Result : COMPLETED\n"));
  }
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.line.directory()))
    files.insert(entry.path().filename());
  EXPECT_EQ(files, (std::set<std::string>{"world.yml", "stage.deploy.yml"}));
}

// ---- Releases ----------------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item16_TheFirstReleaseTakesAllTrafficAtOnce_D18) {
  CrdWorld world;
  world.world("knobs: {table_creation: 10s}\n");
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  // The table is there before it is used, and nothing of it before the preparation has ended.
  EXPECT_GT(world.position("PutItem"), world.position("CreateTable"));
  EXPECT_GE(
      world.calls[world.position("PutItem")].at - world.calls[world.position("CreateTable")].at,
      seconds(10));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
  EXPECT_THAT(world.shifts("1"), ElementsAre(100));
  EXPECT_EQ(world.weights(), kAllToOne);
  const auto item = world.item();
  EXPECT_THAT(item,
              AllOf(Contains(Pair("stack_name", "stage-web-1")),
                    Contains(Pair("canary_release", "1")), Contains(Pair("service_version", "1"))));
  EXPECT_FALSE(item.contains("lock_owner"));
}

TEST(EcsCrdAcceptance, Item17_ARecordIsThereOnlyForAHealthyReleaseAndPointsAtItsOwnBalancer_D2) {
  CrdWorld world;
  const auto look = [&](const CrdCall& call) {
    if (call.operation != "DescribeTargetHealth" && call.operation != "GetChange") return;
    for (const auto& [identifier, record] : world.records())
      EXPECT_EQ(record.target, identifier == "1" ? "one.elb.test" : "two.elb.test");
  };
  world.on_call = look;
  ASSERT_EQ(world.deploy("1"), 0);
  const std::size_t first = world.position("ChangeResourceRecordSets");
  EXPECT_GT(first, world.position("DescribeTargetHealth"));
  ASSERT_EQ(world.deploy("2"), 0);
}

TEST(EcsCrdAcceptance, Item18_TheSecondReleaseMovesTrafficStepByStepToTheOtherSide) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
  EXPECT_EQ(world.weights(), kAllToTwo);
  // A look at the targets stands between any two changes, and before the first.
  std::size_t from = 0;
  for (int i = 0; i < 3; ++i) {
    const std::size_t change = world.position("ChangeResourceRecordSets", from);
    EXPECT_LT(world.position("DescribeTargetHealth", from), change);
    from = change + 1;
  }
  // The item, then the end of the old release.
  std::size_t last_put = 0;
  for (std::size_t i = 0; i < world.calls.size(); ++i)
    if (world.calls[i].request.body.find("\"serving\"") != std::string::npos) {
      last_put = i;
      break;
    }
  ASSERT_GT(last_put, 0u);
  EXPECT_GT(last_put, from);
  EXPECT_GT(world.position("DeleteStack"), last_put);
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-2"));
  EXPECT_THAT(world.item(), Contains(Pair("stack_name", "stage-web-2")));
  ASSERT_EQ(world.deploy("3"), 0);
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
  EXPECT_EQ(world.weights(), kAllToOne);
}

TEST(EcsCrdAcceptance, Item20_AStepOfNothingKeepsTrafficAndChecksHealth) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  CrdTestFile dark{.version = "2", .strategy = "[{weight: 0, wait: 60}]"};
  ASSERT_EQ(world.deploy(dark), 0) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(0, 100));
  const std::size_t first = world.position("ChangeResourceRecordSets");
  const std::size_t second = world.position("ChangeResourceRecordSets", first + 1);
  EXPECT_LT(world.position("DescribeTargetHealth", first), second);
  EXPECT_GE(world.calls[second].at - world.calls[first].at, seconds(60));
}

TEST(EcsCrdAcceptance, Item21_EveryChangeCoversAllNamesAndIsAwaited) {
  CrdWorld world;
  CrdTestFile two{.fqdn = "[shop.example.com, api.example.com, www.other.org]"};
  ASSERT_EQ(world.deploy(two), 0) << world.line.err;
  two.version = "2";
  ASSERT_EQ(world.deploy(two), 0) << world.line.err;
  EXPECT_EQ(world.count("ChangeResourceRecordSets"), 3u * 2u);  // a batch for each zone
  for (const auto& [name, zone] :
       {std::pair{"shop.example.com", "ZEXAMPLE"}, std::pair{"api.example.com", "ZEXAMPLE"},
        std::pair{"www.other.org", "ZOTHER"}}) {
    EXPECT_EQ(world.weights(name, zone), kAllToTwo) << name;
    for (const auto& [identifier, record] : world.records(name, zone)) EXPECT_EQ(record.ttl, 60);
  }
  // The clock of a step starts when the change is in force.
  std::size_t change = world.position("ChangeResourceRecordSets");
  change = world.position("ChangeResourceRecordSets", change + 1);
  const std::size_t in_sync = world.position("GetChange", change);
  const std::size_t next = world.position("ChangeResourceRecordSets", in_sync);
  EXPECT_GE(world.calls[next].at - world.calls[in_sync].at, seconds(70));
}

TEST(EcsCrdAcceptance, Item22_ASecondZoneThatFailsTakesTheFirstBackToo) {
  CrdWorld world;
  CrdTestFile two{.fqdn = "[shop.example.com, www.other.org]"};
  ASSERT_EQ(world.deploy(two), 0) << world.line.err;
  // Somebody's third record in the second zone appears when the first change goes out: what is
  // there is not what was asked for.
  bool done = false;
  world.on_call = [&](const CrdCall& call) {
    if (done || call.operation != "GetChange") return;
    done = true;
    world.ask("route53", "ChangeResourceRecordSets",
              parse_json(R"({"HostedZoneId":"ZOTHER","ChangeBatch":{"Changes":[{"Action":"UPSERT",
                "ResourceRecordSet":{"Name":"www.other.org","Type":"CNAME","SetIdentifier":"2",
                "Weight":77,"TTL":60,"ResourceRecords":[{"Value":"elsewhere.test"}]}}]}})")
                  .value());
  };
  two.version = "2";
  EXPECT_EQ(world.deploy(two), 16) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToOne);
  EXPECT_EQ(world.weights("www.other.org", "ZOTHER"), kAllToOne);
  EXPECT_THAT(world.line.err, HasSubstr("somebody else has changed it"));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
}

// ---- The way back ------------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item23_AReleaseThatFallsIllIsTakenBackAtEveryStep_D1) {
  struct Case {
    const char* ill_from;  // after its tasks run
    std::vector<int> shifts;
  };
  for (const auto& [ill_from, shifts] : std::vector<Case>{
           {"0s", {}}, {"50s", {10, 0}}, {"170s", {10, 60, 0}}, {"330s", {10, 60, 100, 0}}}) {
    SCOPED_TRACE(ill_from);
    CrdWorld world;
    world.world(sick("*:2", ill_from));
    ASSERT_EQ(world.deploy("1"), 0);
    const auto before = world.item();
    stay_sick(world, "*:2");
    ASSERT_EQ(world.deploy("2"), 14) << world.line.err;
    EXPECT_EQ(world.shifts("2"), shifts) << world.line.err;
    EXPECT_EQ(world.weights(), kAllToOne);
    EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
    EXPECT_EQ(world.item(), before);
    const std::vector<std::string> told = world.messages_to("failed");
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_THAT(told[0], HasSubstr("Exit Code       : 14\n"));
    if (shifts.empty()) continue;
    // The records are back, in force, and have been so for their TTL before Green goes.
    std::size_t back = 0;
    for (std::size_t i = 0; i < world.calls.size(); ++i)
      if (world.calls[i].operation == "ChangeResourceRecordSets") back = i;
    const std::size_t in_sync = world.position("GetChange", back);
    const std::size_t deleted = world.position("DeleteStack", in_sync);
    EXPECT_GE(world.calls[deleted].at - world.calls[in_sync].at, seconds(60));
  }
}

TEST(EcsCrdAcceptance, Item24_WeightsThatCannotBeRestoredKeepBothReleases) {
  CrdWorld world;
  world.world(sick("*:2", "50s"));
  ASSERT_EQ(world.deploy("1"), 0);
  // After the first change somebody deletes the hosted zone's records from under us: everything
  // Route 53 is asked to change from then on it refuses.
  int changes = 0;
  world.line.intercept = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) != "ChangeResourceRecordSets" || ++changes == 1) return std::nullopt;
    return HttpResponse{
        .status = 403,
        .headers = {{"x-amzn-RequestId", "r-1"}},
        .body =
            "<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Error>"
            "<Type>Sender</Type><Code>AccessDenied</Code><Message>a freeze</Message></Error>"
            "<RequestId>r-1</RequestId></ErrorResponse>"};
  };
  stay_sick(world, "*:2");
  EXPECT_EQ(world.deploy("2"), 15) << world.line.err;
  EXPECT_EQ(world.weights(), (Weights{{"1", 90}, {"2", 10}}));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1", "stage-web-2"));
  EXPECT_THAT(world.line.err, HasSubstr("both releases stay as they are"));
  // It was tried for five minutes.
  EXPECT_GT(changes, 10);
  // What is printed works.
  EXPECT_EQ(send_commands(world, world.line.err), 1);
  EXPECT_EQ(world.weights(), kAllToOne);
}

TEST(EcsCrdAcceptance, Item25_AfterARollbackTheNextReleaseNeedsNoHand) {
  CrdWorld world;
  world.world(sick("*:2", "50s"));
  ASSERT_EQ(world.deploy("1"), 0);
  stay_sick(world, "*:2");
  ASSERT_EQ(world.deploy("2"), 14);
  ASSERT_EQ(world.deploy("3"), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
}

TEST(EcsCrdAcceptance, Item26_EveryTargetCounts_D8) {
  CrdWorld world;
  // One of three, and not the first: it was registered by hand and never gets well.
  ASSERT_EQ(world.deploy("1"), 0);
  world.aws().arrange(
      sim::SetTargets{{{.id = "i-foreign", .behaviour = {.target_unhealthy_from = Duration(0)}}}});
  int looks = 0;
  world.on_call = [&](const CrdCall& call) {
    if (call.operation != "DescribeTargetHealth" || ++looks != 5) return;
    world.ask("elasticloadbalancing", "RegisterTargets",
              JsonObject{{"TargetGroupArn", aws::read_form(call.request.body).at("TargetGroupArn")},
                         {"Targets", parse_json(R"([{"Id":"i-foreign","Port":80}])").value()}});
  };
  ASSERT_EQ(world.deploy("2"), 14) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("2/3 healthy"));
  EXPECT_THAT(world.shifts("2"), IsEmpty());

  // No target at all is waited for until the start limit.
  CrdWorld empty;
  empty.world("images: [{image: \"*:1\", pull_time: 20m}]\n");
  ASSERT_EQ(empty.deploy("1"), 14);
  EXPECT_THAT(empty.line.err, HasSubstr("0/0 healthy"));
  EXPECT_THAT(empty.line.err, HasSubstr("is not healthy after 5m"));

  // Without ports ECS alone is judge.
  CrdWorld portless;
  const CrdTestFile worker{.container_more = "", .has_ports = false};
  ASSERT_EQ(portless.deploy(worker), 0) << portless.line.err;
  EXPECT_EQ(portless.count("DescribeTargetHealth"), 0u);
  EXPECT_THAT(portless.line.err, HasSubstr("2/2 tasks run"));
}

TEST(EcsCrdAcceptance, Item27_ACrashLoopIsNotWaitedFor) {
  CrdWorld world;
  world.world("images: [{image: \"*:1\", run_for: 2s, exit_code: 3}]\n");
  ASSERT_EQ(world.deploy("1"), 14) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("the new release cannot start"));
  EXPECT_THAT(world.line.err, HasSubstr("Essential container in task exited"));
  EXPECT_THAT(world.line.err, HasSubstr("container app exited with 3"));
  const std::size_t scaled = world.position("UpdateService");
  const std::size_t deleted = world.position("DeleteStack");
  EXPECT_LT(world.calls[deleted].at - world.calls[scaled].at, seconds(300));
}

TEST(EcsCrdAcceptance, Item28_AFailedFirstReleaseLeavesNothingBehind_D19) {
  CrdWorld world;
  world.world(sick("*:1", "50s"));
  stay_sick(world, "*:1");
  ASSERT_EQ(world.deploy("1"), 14) << world.line.err;
  EXPECT_THAT(world.shifts("1"), ElementsAre(100, 100));  // made, and deleted as it was
  EXPECT_EQ(world.weights(), Weights{});
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0"));
  EXPECT_THAT(world.item(), IsEmpty());
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToOne);
}

TEST(EcsCrdAcceptance, Item29_AStackThatFailsIsWaitedForAndItsReasonTold_D19) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.aws().arrange(sim::SetStackFaults{
      {{.stack = "stage-web-2", .resource = "Service", .reason = "no capacity left"}}});
  ASSERT_EQ(world.deploy("2"), 12) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("Service (AWS::ECS::Service) CREATE_FAILED: no capacity"));
  EXPECT_THAT(world.line.err, HasSubstr("it was deleted again"));
  EXPECT_THAT(world.shifts("2"), IsEmpty());
  EXPECT_EQ(world.weights(), kAllToOne);
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
}

// ---- Which release serves ----------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item30_AnUpdatedStackIsLiveToo_D9) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  const Json body =
      world.ask("cloudformation", "GetTemplate", JsonObject{{"StackName", "stage-web-1"}});
  world.ask("cloudformation", "UpdateStack",
            JsonObject{{"StackName", "stage-web-1"},
                       {"TemplateBody", body.at("TemplateBody")},
                       {"Capabilities", JsonArray{"CAPABILITY_NAMED_IAM"}},
                       {"Tags", parse_json(R"([{"Key":"Project","Value":"shop"},
                          {"Key":"Service","Value":"web"},{"Key":"Environment","Value":"stage"},
                          {"Key":"Owner","Value":"ann"}])")
                                    .value()}});
  world.aws().advance(world.aws().now() + seconds(600));
  ASSERT_EQ(world.stacks()["stage-web-1"], "UPDATE_COMPLETE");
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-2"));
}

TEST(EcsCrdAcceptance, Item31_WithoutTheItemTheOtherWitnessesSayWhoServes) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.ask("dynamodb", "DeleteItem",
            JsonObject{{"TableName", "canary_release"},
                       {"Key", JsonObject{{"id", JsonObject{{"S", world.item_key_}}}}}});
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
  EXPECT_EQ(world.weights(), kAllToTwo);
}

TEST(EcsCrdAcceptance, Item32_ALeftoverIsReplacedOnlyWhenAskedAndWithoutTraffic) {
  CrdWorld world;
  world.world(sick("*:2", "50s"));
  ASSERT_EQ(world.deploy("1"), 0);
  // Green cannot be deleted on the way back.
  world.aws().arrange(sim::SetStackFaults{{{.stack = "stage-web-2",
                                            .resource = "TaskExecutionRole",
                                            .on = sim::StackFault::On::kDelete,
                                            .reason = "somebody holds it"}}});
  stay_sick(world, "*:2");
  ASSERT_EQ(world.deploy("2"), 14) << world.line.err;
  ASSERT_THAT(world.stack_names(), Contains("stage-web-2"));
  world.aws().arrange(sim::SetStackFaults{});
  EXPECT_NE(world.deploy("3"), 0);
  EXPECT_THAT(world.line.err, HasSubstr("--replace-leftover"));
  EXPECT_EQ(world.count("CreateStack"), 0u);
  ASSERT_EQ(world.deploy("3", {"--replace-leftover"}), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);

  // With traffic it is none.
  CrdWorld split;
  ASSERT_EQ(split.deploy("1"), 0);
  split.ask("route53", "ChangeResourceRecordSets",
            parse_json(R"({"HostedZoneId":"ZEXAMPLE","ChangeBatch":{"Changes":[{"Action":"UPSERT",
                "ResourceRecordSet":{"Name":"shop.example.com","Type":"CNAME","SetIdentifier":"2",
                "Weight":30,"TTL":60,"ResourceRecords":[{"Value":"two.elb.test"}]}}]}})")
                .value());
  EXPECT_EQ(split.deploy("2", {"--replace-leftover"}), 21) << split.line.err;
  EXPECT_EQ(split.count("CreateStack"), 0u);
  EXPECT_EQ(split.count("ChangeResourceRecordSets"), 0u);
}

TEST(EcsCrdAcceptance, Item35_ThrottlingAndAnOutageAreWaitedOut) {
  CrdWorld world;
  world.world("faults: [{fault: throttled, share_percent: 33}]\n");
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;

  CrdWorld dark;
  std::optional<TimePoint> began;
  dark.line.intercept = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) == "CreateStack" && !began) began = dark.session_->now();
    if (began && dark.session_->now() > *began + seconds(1) &&
        dark.session_->now() < *began + seconds(21))
      return Error{
          .kind = ErrorKind::kUnavailable, .code = "http.connect", .message = "no route to host"};
    return std::nullopt;
  };
  ASSERT_EQ(dark.deploy("1"), 0) << dark.line.err;
}

TEST(EcsCrdAcceptance, Item36_TheOldReleaseOutlivesItsAddress_D6) {
  for (const auto& [delay, kept] :
       {std::pair{"30", seconds(120)}, std::pair{"200", seconds(200)}}) {
    CrdWorld world;
    CrdTestFile wanted;
    const auto with_delay = [&] {
      std::string text = wanted.text();
      const std::string usual = "value: 30}";
      text.replace(text.find(usual), usual.size(), fmt::format("value: {}}}", delay));
      world.line.file("stage.deploy.yml", text);
    };
    with_delay();
    ASSERT_EQ(world.crd({"deploy"}), 0);
    wanted.version = "2";
    with_delay();
    ASSERT_EQ(world.crd({"deploy"}), 0) << world.line.err;
    std::size_t moved = 0;
    for (std::size_t i = 0; i < world.calls.size(); ++i)
      if (world.calls[i].operation == "ChangeResourceRecordSets") moved = i;
    EXPECT_GE(world.calls[world.position("DeleteStack")].at - world.calls[moved].at, kept);
  }
}

TEST(EcsCrdAcceptance, Item37_GreenIsAsLargeAsBlue_D7) {
  CrdWorld world;
  const std::string scaling =
      "  auto_scaling:\n"
      "    min_capacity: 1\n"
      "    max_capacity: 20\n"
      "    auto_scaling_policies:\n"
      "    - step_scaling_policy_configuration:\n"
      "        step_adjustments: [{metric_interval_lower_bound: 0, scaling_adjustment: 1}]\n"
      "      cloudwatch_alarms: [{metric_name: CPUUtilization, threshold: 70, "
      "comparison_operator: GreaterThanThreshold}]\n";
  CrdTestFile wanted{.desired = "4", .service_more = scaling};
  ASSERT_EQ(world.deploy(wanted), 0) << world.line.err;
  world.ask(
      "ecs", "UpdateService",
      JsonObject{{"cluster", "stage-ecs-cluster"}, {"service", "web-1"}, {"desiredCount", 12}});
  world.aws().advance(world.aws().now() + seconds(300));
  wanted.version = "2";
  ASSERT_EQ(world.deploy(wanted), 0) << world.line.err;
  const CrdCall& scaled = world.calls[world.position("UpdateService")];
  EXPECT_THAT(scaled.request.body, HasSubstr("\"desiredCount\":12"));
  EXPECT_LT(scaled.at, world.calls[world.position("ChangeResourceRecordSets")].at);
  EXPECT_THAT(world.line.err, HasSubstr("12/12 healthy"));
}

// ---- Messages ----------------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item49_MessagesHaveAllFieldsAndNeverChangeTheOutcome_D43) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  const std::vector<std::string> told = world.messages_to("ok");
  ASSERT_THAT(told, SizeIs(1));
  for (const char* line :
       {"Account         : 123456789012\n", "Region          : eu-west-3\n",
        "Environment     : stage\n", "Cluster         : stage-ecs-cluster\n",
        "Project         : shop\n", "Service         : web\n", "Version         : 1\n",
        "Fqdn            : shop.example.com,\n", "Exit Code       : 0\n",
        "Message         : None\n", "Green           : 1 (stage-web-1)\n",
        "Weights         : Blue (2) 0 / Green (1) 100\n"})
    EXPECT_THAT(told[0], HasSubstr(line));

  const std::string nowhere =
      "{on_success: \"arn:aws:sns:eu-west-3:123456789012:nobody\", on_fail: "
      "\"arn:aws:sns:eu-west-3:123456789012:nobody\"}";
  CrdTestFile second{.version = "2", .notifications = nowhere};
  EXPECT_EQ(world.deploy(second), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("warning: the message was not sent"));
  second.version = "3";
  EXPECT_EQ(world.deploy(second, {"--strict"}), 100) << world.line.err;
}

TEST(EcsCrdAcceptance, Item50_AnOldReleaseThatStaysIsToldToo_D42) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.aws().arrange(sim::SetStackFaults{{{.stack = "stage-web-1",
                                            .resource = "TaskExecutionRole",
                                            .on = sim::StackFault::On::kDelete,
                                            .reason = "somebody holds it"}}});
  EXPECT_EQ(world.deploy("2"), 17) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
  EXPECT_THAT(world.item(), Contains(Pair("stack_name", "stage-web-2")));
  const std::vector<std::string> told = world.messages_to("failed");
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_THAT(told[0], HasSubstr("Exit Code       : 17\n"));
  EXPECT_THAT(told[0], HasSubstr("somebody holds it"));
}

// ---- What others do ----------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item43_AListenerWithRulesOfOthersIsNotDeleted_D4) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  const Json balancers = world.ask("elasticloadbalancing", "DescribeLoadBalancers",
                                   JsonObject{{"Names", JsonArray{"public-1"}}});
  const Json listeners =
      world.ask("elasticloadbalancing", "DescribeListeners",
                JsonObject{{"LoadBalancerArn",
                            balancers.at("LoadBalancers").as_array().at(0).at("LoadBalancerArn")}});
  const Json listener = listeners.at("Listeners").as_array().at(0).at("ListenerArn");
  world.ask("elasticloadbalancing", "CreateRule",
            JsonObject{{"ListenerArn", listener},
                       {"Priority", 7},
                       {"Conditions", parse_json(R"([{"Field":"path-pattern",
                          "PathPatternConfig":{"Values":["/theirs/*"]}}])")
                                          .value()},
                       {"Actions", parse_json(R"([{"Type":"fixed-response",
                          "FixedResponseConfig":{"StatusCode":"204"}}])")
                                       .value()}});
  EXPECT_EQ(world.deploy("2"), 17) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
  EXPECT_THAT(world.line.err, HasSubstr("others have put 1 rule on it"));
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 17);
  EXPECT_THAT(world.stack_names(), Contains("stage-web-1"));
  const Json rules =
      world.ask("elasticloadbalancing", "DescribeRules", JsonObject{{"ListenerArn", listener}});
  EXPECT_THAT(to_text(rules), HasSubstr("/theirs/*"));
}

TEST(EcsCrdAcceptance, NamesThatLeftTheFileLoseTheirRecords_D55) {
  CrdWorld world;
  ASSERT_EQ(world.deploy(CrdTestFile{.fqdn = "[shop.example.com, www.other.org]"}), 0);
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
  EXPECT_THAT(world.weights("www.other.org", "ZOTHER"), IsEmpty()) << world.line.err;
}

TEST(EcsCrdAcceptance, Route53MayBeBusyOrSlow) {
  CrdWorld busy;
  busy.world(
      "faults: [{fault: error, on: \"route53:ChangeResourceRecordSets\", calls: 4, "
      "code: PriorRequestNotComplete, message: still at it}]\n");
  ASSERT_EQ(busy.deploy("1"), 0) << busy.line.err;

  // A change that is not in force within three minutes is no step to stand on.
  CrdWorld slow;
  ASSERT_EQ(slow.deploy("1"), 0);
  slow.aws().arrange(sim::HoldDnsChanges{std::chrono::minutes(10)});
  EXPECT_EQ(slow.deploy("2"), 15) << slow.line.err;
  EXPECT_THAT(slow.line.err, HasSubstr("was not INSYNC within 3m"));
  EXPECT_EQ(slow.weights(), kAllToOne);  // as asked, though nobody could say that it is in force
  EXPECT_THAT(slow.stack_names(), ElementsAre("stage-web-0", "stage-web-1", "stage-web-2"));
}

// A service of one task on each machine is not scaled.
TEST(EcsCrdAcceptance, ADaemonIsNotScaled_D38) {
  CrdWorld world;
  const CrdTestFile daemon{.service_more = "  scheduling_strategy: DAEMON\n"};
  ASSERT_EQ(world.deploy(daemon), 0) << world.line.err;
  EXPECT_EQ(world.count("UpdateService"), 0u);
  EXPECT_THAT(world.line.err, HasSubstr("4/4 healthy"));
}

// ---- The log, exit statuses, time --------------------------------------------------------------

TEST(EcsCrdAcceptance, Item53_TheItemIsTheOneThePythonToolReadsAndWrites) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  auto item = world.item();
  for (const char* name :
       {"id", "canary_group", "service_name", "service_version", "environment", "project", "region",
        "canary_release", "alb_arn", "stack_name", "deploy_at", "ecs_crd_version"})
    EXPECT_FALSE(item[name].empty()) << name;
  EXPECT_EQ(item["id"], world.item_key_);
  EXPECT_THAT(item["alb_arn"], HasSubstr("loadbalancer/app/public-1/"));
  // And the reverse: an item as that tool writes it, local time and all.
  for (const char* ours : {"phase", "deployment_id", "fqdns"}) item.erase(ours);
  item["deploy_at"] = "2026-01-05 10:00:00";
  item["ecs_crd_version"] = "1.2.0";
  world.put_item(item);
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
}

TEST(EcsCrdAcceptance, Item54_TheLogFileIsTheOwnersAndHoldsNoSecret_D44) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1", {"--log-file", "run.log", "--verbose", "--trace-calls"}), 0);
  const std::filesystem::path file = world.line.directory() / "run.log";
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const std::string first = read_file(file).value();
  for (const char* secret : {"Authorization", "AWS4-HMAC", "X-Amz-Security-Token",
                             "hush-environment", "wJalrXUtnFEMI"}) {
    EXPECT_THAT(first, Not(HasSubstr(secret)));
    EXPECT_THAT(world.line.err, Not(HasSubstr(secret)));
  }
  EXPECT_THAT(first, HasSubstr(" : ecs-crd : INFO : Result : COMPLETED\n"));
  ASSERT_EQ(world.crd({"dry-run", "--log-file", "run.log", "--verbose-values"}), 0);
  const std::string both = read_file(file).value();
  EXPECT_THAT(both, StartsWith(first));
  EXPECT_THAT(both.substr(first.size()), HasSubstr("PASSWORD=hush-environment"));
}

TEST(EcsCrdAcceptance, Item54_ALogThatCannotBeWrittenIsSaidOnce) {
  CrdWorld world;
  world.file({});
  EXPECT_EQ(world.crd({"dry-run", "--log-file", "/dev/full"}), 0) << world.line.err;
  EXPECT_EQ(world.line.lines_with("ecs-crd : warning: nothing more goes to the log file: cannot "
                                  "write /dev/full: No space left on device"),
            1)
      << world.line.err;
  struct stat device{};
  ASSERT_EQ(::stat("/dev/full", &device), 0);
  EXPECT_EQ(device.st_mode & 0777, 0666u);  // which is everybody's
}

TEST(EcsCrdAcceptance, Item56_TheEstimateIsTheTruth) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  CrdTestFile slow{.version = "2",
                   .strategy =
                       "[{weight: 10, wait: 900}, {weight: 50, wait: 900}, {weight: 100, "
                       "wait: 900}]"};
  ASSERT_EQ(world.deploy(slow), 0) << world.line.err;
  const auto seconds_after = [&](const std::string& key) {
    const std::string& err = world.line.err;
    const std::size_t at = err.rfind("ecs-crd : " + key + " : ");
    EXPECT_NE(at, std::string::npos) << key;
    std::string text = err.substr(at + key.size() + 13);
    text = text.substr(0, text.find('\n'));
    return std::chrono::duration_cast<seconds>(parse_duration(text).value_or(Duration(0))).count();
  };
  const auto estimated = seconds_after("Total");
  const auto taken = seconds_after("Duration");
  EXPECT_NEAR(static_cast<double>(taken), static_cast<double>(estimated),
              0.05 * static_cast<double>(estimated));
}

}  // namespace
}  // namespace slipway::cli
