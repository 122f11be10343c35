// What goes wrong in an ecs-crd run, and what is left of the world then: weights, stacks, item and
// lock are held against what the screen says. Runs that are killed are in ecs_crd_kill_test.cc.
#include "cli/ecs_crd_world_for_test.h"

#include <algorithm>

namespace slipway::cli {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

using Weights = std::map<std::string, int>;

const Weights kAllToOne = {{"1", 100}, {"2", 0}};
const Weights kAllToTwo = {{"1", 0}, {"2", 100}};

sim::StackFault fault(const std::string& stack, const std::string& resource, sim::StackFault::On on,
                      const std::string& reason) {
  return {.stack = stack, .resource = resource, .on = on, .reason = reason};
}

HttpResponse refusal(const std::string& message) {
  return {.status = 403,
          .headers = {{"x-amzn-RequestId", "r-1"}},
          .body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>" +
                  message + "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"};
}

bool is_change_of(const HttpRequest& request, const std::string& zone) {
  return operation_of(request) == "ChangeResourceRecordSets" &&
         request.url.find("/" + zone + "/") != std::string::npos;
}

TimePoint now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

// As it was before the second release, and free for the next.
void expect_the_first_release(CrdWorld& world) {
  EXPECT_EQ(world.weights(), kAllToOne);
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
  const auto item = world.item();
  EXPECT_THAT(item, AllOf(Contains(Pair("stack_name", "stage-web-1")),
                          Contains(Pair("service_version", "1"))));
  EXPECT_FALSE(item.contains("lock_owner"));
}

// ---- Stacks ------------------------------------------------------------------------------------

TEST(EcsCrdFaults, AnInitStackThatFailsLeavesNothing) {
  CrdWorld world;
  world.world(
      "stack_faults: [{stack: stage-web-0, resource: CloudWatchLogGroup, reason: quota}]\n");
  EXPECT_EQ(world.deploy("1"), 19) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("stack stage-web-0 was not created: CloudWatchLogGroup "
                                        "(AWS::Logs::LogGroup) CREATE_FAILED: quota; it was "
                                        "deleted again"));
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_THAT(world.weights(), IsEmpty());
  EXPECT_THAT(world.item(), IsEmpty());
  world.aws().arrange(sim::SetStackFaults{});
  EXPECT_EQ(world.deploy("2"), 0) << world.line.err;
}

// One that neither came to be nor went away again is in the way of the next release: status 11 is
// that of the planning of the Init stack.
TEST(EcsCrdAcceptance, Item55_ABrokenInitStackIsItsOwnStatus) {
  CrdWorld world;
  using On = sim::StackFault::On;
  world.world();
  ASSERT_EQ(world.deploy("1"), 0);
  ASSERT_EQ(world.crd({"undeploy", "--yes", "--keep-logs"}), 0);
  world.aws().arrange(
      sim::SetStackFaults{{fault("stage-web-0", "CloudWatchLogGroup", On::kDelete, "it is held")}});
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 17) << world.line.err;
  ASSERT_EQ(world.stacks()["stage-web-0"], "DELETE_FAILED");
  world.aws().arrange(sim::SetStackFaults{});
  EXPECT_EQ(world.deploy("2"), 11) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("stack stage-web-0 (DELETE_FAILED) is left over from an "
                                        "earlier release"));
  EXPECT_EQ(world.count("CreateStack"), 0u);
  EXPECT_EQ(world.deploy("2", {"--replace-leftover"}), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToOne);
}

TEST(EcsCrdFaults, AGreenStackThatNeitherComesNorGoesIsNamed) {
  CrdWorld world;
  using On = sim::StackFault::On;
  ASSERT_EQ(world.deploy("1"), 0);
  world.aws().arrange(sim::SetStackFaults{
      {fault("stage-web-2", "Service", On::kCreate, "no capacity left"),
       fault("stage-web-2", "TaskExecutionRole", On::kDelete, "somebody holds it")}});
  EXPECT_EQ(world.deploy("2"), 12) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("Service (AWS::ECS::Service) CREATE_FAILED: no capacity"));
  EXPECT_THAT(world.line.err, HasSubstr("TaskExecutionRole (AWS::IAM::Role) DELETE_FAILED: "
                                        "somebody holds it"));
  EXPECT_THAT(world.line.err, HasSubstr("It has no traffic and stays: when what is in the way is "
                                        "gone, `ecs-crd deploy --replace-leftover` deletes stack "
                                        "stage-web-2 first"));
  EXPECT_EQ(world.weights(), kAllToOne);
  EXPECT_FALSE(world.item().contains("lock_owner"));
  world.aws().arrange(sim::SetStackFaults{});
  EXPECT_EQ(world.deploy("3"), 2) << world.line.err;
  EXPECT_EQ(world.deploy("3", {"--replace-leftover"}), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
}

TEST(EcsCrdFaults, AStackThatCannotBeDeletedStopsUndeployWhichCanBeRunAgain) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.aws().arrange(sim::SetStackFaults{
      {fault("stage-web-1", "TaskExecutionRole", sim::StackFault::On::kDelete, "it is held")}});
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 17);
  EXPECT_THAT(world.line.err, HasSubstr("stack stage-web-1 is DELETE_FAILED: TaskExecutionRole "
                                        "(AWS::IAM::Role) DELETE_FAILED: it is held"));
  EXPECT_THAT(world.line.err, HasSubstr("run undeploy again to finish"));
  // The records went first; what would be needed to find the rest is still there.
  EXPECT_THAT(world.weights(), IsEmpty());
  EXPECT_EQ(world.stacks()["stage-web-1"], "DELETE_FAILED");
  EXPECT_THAT(world.item(), AllOf(Contains(Pair("stack_name", "stage-web-1")),
                                  Not(Contains(Pair("lock_owner", testing::_)))));
  world.aws().arrange(sim::SetStackFaults{});
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_THAT(world.item(), IsEmpty());
}

// An interrupted release that made a listener is in nobody's way: it goes before anything is made.
TEST(EcsCrdFaults, AListenerOfWhatIsLeftOverIsNotSomebodyElses) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.line.intercept = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) != "UpdateService" && operation_of(request) != "DeleteStack")
      return std::nullopt;
    return refusal("a freeze");
  };
  EXPECT_EQ(world.deploy("2"), 13) << world.line.err;
  world.line.intercept = {};
  ASSERT_EQ(world.stacks()["stage-web-2"], "CREATE_COMPLETE");
  EXPECT_EQ(world.deploy("3"), 2);
  EXPECT_THAT(world.line.err, HasSubstr("stack stage-web-2 (CREATE_COMPLETE) is left over"));
  EXPECT_THAT(world.line.err, Not(HasSubstr("needs rules")));
  EXPECT_EQ(world.deploy("3", {"--replace-leftover"}), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
}

// ---- Records -----------------------------------------------------------------------------------

TEST(EcsCrdFaults, ARecordOfSomebodyElseIsFoundBeforeAnythingIsMade_D20) {
  struct Case {
    const char* record;
    const char* message;
  };
  for (const auto& [record, message] :
       {Case{R"("Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}])",
             "shop.example.com. has a record A, to 192.0.2.1.: weighted records of type CNAME "
             "cannot stand beside it"},
        Case{R"("Type":"CNAME","TTL":60,"ResourceRecords":[{"Value":"old.test"}])",
             "shop.example.com. has a record CNAME, to old.test., which is not weighted"},
        Case{R"("Type":"CNAME","TTL":60,"SetIdentifier":"3","Weight":5,)"
             R"("ResourceRecords":[{"Value":"old.test"}])",
             "a third one beside \"1\" and \"2\" would take traffic"}}) {
    SCOPED_TRACE(record);
    CrdWorld world;
    world.file({});
    ASSERT_EQ(world.crd({"dry-run"}), 0);
    world.ask("route53", "ChangeResourceRecordSets",
              parse_json(fmt::format(
                             R"({{"HostedZoneId":"ZEXAMPLE","ChangeBatch":{{"Changes":[{{"Action":
                             "CREATE","ResourceRecordSet":{{"Name":"shop.example.com",{}}}}}]}}}})",
                             record))
                  .value());
    for (const char* command : {"dry-run", "deploy"}) {
      EXPECT_EQ(world.crd({command}), 1) << world.line.err;
      EXPECT_THAT(world.line.err, HasSubstr(message));
      EXPECT_THAT(world.line.err, HasSubstr("remove that record, or take the name out of "
                                            "service.fqdn"));
    }
    EXPECT_EQ(world.count("CreateStack"), 0u);
    // Undeploying leaves it alone.
    EXPECT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
    EXPECT_EQ(world.count("ChangeResourceRecordSets"), 0u);
  }
}

// One zone takes the change, the other refuses it, for good.
TEST(EcsCrdFaults, AChangeThatOneZoneRefusesIsTakenBackInTheOther) {
  CrdWorld world;
  CrdTestFile two{.fqdn = "[shop.example.com, www.other.org]"};
  ASSERT_EQ(world.deploy(two), 0) << world.line.err;
  world.line.intercept = [](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (!is_change_of(request, "ZOTHER")) return std::nullopt;
    return refusal("not that zone");
  };
  two.version = "2";
  EXPECT_EQ(world.deploy(two), 16) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("not that zone"));
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 10, 0));
  EXPECT_EQ(world.weights("www.other.org", "ZOTHER"), kAllToOne);
  expect_the_first_release(world);
}

TEST(EcsCrdFaults, AThrottledRoute53IsWaitedOut) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.line.intercept =
      [times = 0](const HttpRequest& request) mutable -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) != "ChangeResourceRecordSets" || ++times > 12) return std::nullopt;
    return HttpResponse{.status = 400,
                        .headers = {},
                        .body =
                            "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>"
                            "<Message>Rate exceeded</Message></Error><RequestId>r</RequestId>"
                            "</ErrorResponse>"};
  };
  EXPECT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
  // Whoever watches sees that it waits.
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Waiting for Route 53 : 5s\n"));
}

TEST(EcsCrdFaults, ARestoreThatTakesMinutesShowsThatItIsAtIt) {
  CrdWorld world;
  world.world(sick("*:2", "50s"));
  ASSERT_EQ(world.deploy("1"), 0);
  stay_sick(world, "*:2");
  std::optional<TimePoint> first;
  world.line.intercept = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) != "ChangeResourceRecordSets") return std::nullopt;
    const TimePoint now = world.session_->now();
    if (!first) first = now;
    if (now == *first || now > *first + minutes(4)) return std::nullopt;
    return refusal("a freeze");
  };
  EXPECT_EQ(world.deploy("2"), 14) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Waiting for Route 53 : 2m0s\n"));
  expect_the_first_release(world);
}

// After a first release there is no weight to give back to anybody: its records go.
TEST(EcsCrdFaults, RecordsOfAFirstReleaseThatCannotBeRemovedAreRemovedByHand) {
  CrdWorld world;
  world.world(sick("*:1", "50s"));
  stay_sick(world, "*:1");
  world.line.intercept =
      [changes = 0](const HttpRequest& request) mutable -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) != "ChangeResourceRecordSets" || ++changes == 1) return std::nullopt;
    return refusal("a freeze");
  };
  EXPECT_EQ(world.deploy("1"), 15) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToOne);
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
  EXPECT_EQ(send_commands(world, world.line.err), 1) << world.line.err;
  EXPECT_THAT(world.weights(), IsEmpty());
  world.line.intercept = {};
  EXPECT_EQ(world.deploy("2", {"--replace-leftover"}), 0) << world.line.err;
}

// ---- The network -------------------------------------------------------------------------------

// Nobody has to guess whether a run that says nothing is alive.
TEST(EcsCrdFaults, ANetworkThatIsGoneIsSaidAndWaitedFor) {
  CrdWorld world;
  world.file({});
  const auto gone_for = [&](int calls) {
    world.line.intercept =
        [calls](const HttpRequest&) mutable -> std::optional<Result<HttpResponse>> {
      if (calls-- <= 0) return std::nullopt;
      return Error{.kind = ErrorKind::kUnavailable,
                   .code = "network.connect",
                   .message = "cannot connect to sts.eu-west-3.amazonaws.com"};
    };
  };
  gone_for(4);
  EXPECT_EQ(world.crd({"dry-run"}), 0) << world.line.err;
  EXPECT_THAT(world.line.err,
              HasSubstr("ecs-crd : warning: GetCallerIdentity: network.connect: cannot connect to "
                        "sts.eu-west-3.amazonaws.com; trying again for up to 1m\n"));
  gone_for(1'000'000);
  EXPECT_EQ(world.crd({"dry-run"}), 1) << world.line.err;
  EXPECT_THAT(world.line.err,
              HasSubstr("ecs-crd : error: cannot connect to sts.eu-west-3.amazonaws.com\n"));
  // The summary says it again in one line.
  EXPECT_THAT(world.line.err,
              HasSubstr("ecs-crd : Error : global parameters: cannot connect to "
                        "sts.eu-west-3.amazonaws.com; while calling "
                        "https://sts.eu-west-3.amazonaws.com; while asking who we are; "
                        "sts:GetCallerIdentity, network.connect\n"));
}

// Three minutes without ECS and without a load balancer's answer: no reason to take a release back.
TEST(EcsCrdFaults, WhatIsNotAnsweredIsNeitherGoodNorBad) {
  struct Case {
    const char* operation;
    std::chrono::minutes gone;
    int status;
    const char* said;
  };
  for (const auto& [operation, gone, status, said] :
       {Case{"DescribeServices", minutes(3), 0, "ECS did not answer"},
        Case{"DescribeTargetHealth", minutes(3), 0, "Service Unavailable"},
        Case{"DescribeServices", minutes(60), 14,
             "nothing tells how the new release is: ECS did "
             "not answer"}}) {
    SCOPED_TRACE(fmt::format("{} for {} min", operation, gone.count()));
    CrdWorld world;
    ASSERT_EQ(world.deploy("1"), 0);
    std::optional<TimePoint> moved;
    world.line.intercept = [&, what = std::string(operation), away = gone](
                               const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
      const TimePoint now = world.session_->now();
      if (!moved && operation_of(request) == "ChangeResourceRecordSets") moved = now;
      if (!moved || now > *moved + away || operation_of(request) != what) return std::nullopt;
      return HttpResponse{.status = 503, .headers = {}, .body = "Service Unavailable"};
    };
    CrdTestFile slow{.version = "2", .strategy = "[{weight: 10, wait: 400}]"};
    EXPECT_EQ(world.deploy(slow), status) << world.line.err;
    EXPECT_THAT(world.line.err, HasSubstr(said));
    EXPECT_EQ(world.weights(), status == 0 ? kAllToTwo : kAllToOne);
  }
}

// Whoever does not know how large Blue is, or whether it runs, does not begin.
TEST(EcsCrdFaults, WithoutAnAnswerOfEcsNothingIsBegun_D7) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.line.intercept = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) != "DescribeServices") return std::nullopt;
    return HttpResponse{.status = 503, .headers = {}, .body = "Service Unavailable"};
  };
  EXPECT_EQ(world.deploy("2"), 2) << world.line.err;
  EXPECT_EQ(world.count("CreateStack"), 0u);
  EXPECT_THAT(world.line.err, HasSubstr("ecs:DescribeServices"));
  expect_the_first_release(world);
}

// The Python tool's role, where CloudFormation has one of its own: ECS tells nothing.
TEST(EcsCrdFaults, EcsMayBeSilentThroughout) {
  CrdWorld world;
  world.world("", false);
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  world.line.intercept = [&](const HttpRequest& request) -> std::optional<Result<HttpResponse>> {
    if (operation_of(request) != "DescribeServices") return std::nullopt;
    return HttpResponse{.status = 400,
                        .headers = {},
                        .body = R"({"__type":"AccessDeniedException","message":"no"})"};
  };
  world.ask("dynamodb", "DeleteItem",
            JsonObject{{"TableName", "canary_release"},
                       {"Key", JsonObject{{"id", JsonObject{{"S", world.item_key_}}}}}});
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("services : not known, ECS may not be asked\n"));
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 60, 100));
  EXPECT_EQ(world.weights(), kAllToTwo);
}

// ---- The lock ----------------------------------------------------------------------------------

// Lost between two steps of the preparation, before anything was made.
TEST(EcsCrdFaults, ALockThatIsLostEarlyLeavesEverythingToItsNewOwner) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.on_call = [&, taken = false](const CrdCall& call) mutable {
    if (taken || call.operation != "CreateStack") return;
    taken = true;
    auto item = world.item();
    item["lock_owner"] = "bob@build (pid 1, deployment 2c3d)";
    world.put_item(item);
  };
  EXPECT_EQ(world.deploy("2"), 20) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("When that run has ended, `ecs-crd dry-run` shows what is "
                                        "there and what to do about it"));
  EXPECT_EQ(world.weights(), kAllToOne);
  EXPECT_EQ(world.count("DeleteStack"), 0u);
  EXPECT_THAT(world.item(), Contains(Pair("lock_owner", "bob@build (pid 1, deployment 2c3d)")));
}

// ---- Those who still come ----------------------------------------------------------------------

const std::string kMayWatch = R"(
        - {Sid: Watching, Effect: Allow, Resource: "*", Action: "cloudwatch:GetMetricData"}
)";

Duration blue_kept(CrdWorld& world) {
  std::size_t moved = 0;
  for (std::size_t i = 0; i < world.calls.size(); ++i)
    if (world.calls[i].operation == "ChangeResourceRecordSets") moved = i;
  return world.calls[world.position("DeleteStack")].at - world.calls[moved].at;
}

TEST(EcsCrdGrace, WhoStillComesToTheOldReleaseIsWaitedForUpToALimit) {
  struct Case {
    const char* clients;
    Duration at_least, at_most;
    bool is_warned;
  };
  for (const auto& [clients, at_least, at_most, is_warned] :
       {Case{"requests_per_second: 5, never_re_resolve_percent: 20", seconds(300), seconds(380),
             true},
        Case{"requests_per_second: 5", seconds(120), seconds(290), false}}) {
    SCOPED_TRACE(clients);
    CrdWorld world;
    world.world(fmt::format("traffic: [{{to: shop.example.com, {}}}]\n", clients), true,
                kMayWatch + kCrdWorld);
    ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
    ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
    EXPECT_GE(blue_kept(world), at_least);
    EXPECT_LE(blue_kept(world), at_most);
    EXPECT_EQ(world.line.lines_with("clients still come to the old release 5m") > 0, is_warned)
        << world.line.err;
    EXPECT_THAT(world.line.err, HasSubstr("a minute still come to Blue"));
    EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-2"));
  }
}

// Points that come three minutes late say nothing yet of the minutes since all traffic moved.
TEST(EcsCrdGrace, MetricsThatComeLateAreNoSilence) {
  const auto kept_with = [](const std::string& knobs, const std::string& traffic) {
    CrdWorld world;
    world.world(knobs + traffic, true, kMayWatch + kCrdWorld);
    EXPECT_EQ(world.deploy("1"), 0) << world.line.err;
    EXPECT_EQ(world.deploy("2"), 0) << world.line.err;
    return blue_kept(world);
  };
  const std::string clients = "traffic: [{to: shop.example.com, requests_per_second: 5}]\n";
  const Duration in_time = kept_with("", clients);
  const Duration late = kept_with("knobs: {metric_lag: 3m}\n", clients);
  EXPECT_GE(late, in_time + seconds(60));
  EXPECT_LE(late, seconds(380));
  // Nobody ever came: there is nothing to wait for.
  EXPECT_LT(kept_with("knobs: {metric_lag: 3m}\n", ""), seconds(190));
}

TEST(EcsCrdGrace, WithoutCloudWatchTheAddressesTimeIsAll) {
  CrdWorld world;
  world.world("traffic: [{to: shop.example.com, requests_per_second: 5}]\n");
  ASSERT_EQ(world.deploy("1"), 0) << world.line.err;
  ASSERT_EQ(world.deploy("2"), 0) << world.line.err;
  EXPECT_EQ(world.line.lines_with("warning: cloudwatch:GetMetricData is not allowed; whether "
                                  "clients still come to the old release is not looked at"),
            1)
      << world.line.err;
  EXPECT_LT(blue_kept(world), seconds(190));
}

// ---- Health ------------------------------------------------------------------------------------

// The one that ECS has started in its place is healthy, but what killed the first may kill it, too.
TEST(EcsCrdFaults, ATaskThatIsReplacedDuringAStepTakesTheReleaseBack) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.on_call = [&world, changes = 0](const CrdCall& call) mutable {
    if (call.operation == "ChangeResourceRecordSets") ++changes;
    if (changes != 1 || call.operation != "DescribeTargetHealth") return;
    ++changes;
    world.aws().arrange(sim::StopTasks{.cluster = "stage-ecs-cluster",
                                       .service_name = "web-2",
                                       .count = 1,
                                       .reason = "it crashed"});
  };
  EXPECT_EQ(world.deploy("2"), 14) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr(", 1 task replaced since the last check"));
  EXPECT_THAT(world.shifts("2"), ElementsAre(10, 0));
  expect_the_first_release(world);
}

// ---- Limits ------------------------------------------------------------------------------------

TEST(EcsCrdFaults, TheStartsLimitIsTheFiles) {
  CrdWorld world;
  world.world("images: [{image: \"*:1\", pull_time: 20m}]\n");
  std::string text = CrdTestFile{}.text();
  const std::string scale = "scale: {desired: 2, wait: 30}";
  text.replace(text.find(scale), scale.size(), "scale: {desired: 2, wait: 30, start_limit: 60}");
  world.line.file("stage.deploy.yml", text);
  EXPECT_EQ(world.crd({"deploy"}), 14);
  EXPECT_THAT(world.line.err, HasSubstr("the new release is not healthy after 1m0s"));
}

// Keys of the environment that end before the release does. The run is no simulated one, since the
// simulator's own keys never end: its answers come in the network's place.
TEST(EcsCrdFaults, CredentialsThatEndTooEarlyAreWarnedAbout_D11) {
  CrdWorld world;
  world.file({});
  ASSERT_EQ(world.crd({"dry-run"}), 0);
  world.line.environment.set("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
  world.line.environment.set("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  // A second of the world for each call, or it would find itself throttled.
  world.line.answer = [&](const HttpRequest& request) -> Result<HttpResponse> {
    return world.line.simulated_aws->handle(request, world.aws().now() + seconds(1)).response;
  };
  const auto with_end_in = [&](Duration left) {
    world.line.environment.set("AWS_CREDENTIAL_EXPIRATION", to_iso8601(now() + left));
    return world.line.run({"dry-run"}, "ecs-crd");
  };
  EXPECT_EQ(with_end_in(minutes(3)), 0) << world.line.err;
  EXPECT_EQ(world.line.lines_with("warning: the credentials end at "), 1) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr(", and nobody renews them; the release is estimated to "
                                        "end at "));
  EXPECT_EQ(with_end_in(minutes(60)), 0);
  EXPECT_EQ(world.line.lines_with("warning: the credentials end"), 0);
}

}  // namespace
}  // namespace slipway::cli
