// A canary over a pair of services, as it is typed, on a simulated AWS. After every one the test
// looks whether the weights are where the report says they are.
#include "cli/canary_run_for_test.h"

#include <gmock/gmock.h>

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// 10% of the traffic is on web-green, which was deployed last.
PairWorld in_the_middle() {
  PairWorld world{.blue_weight = 90, .green_weight = 10, .green_tasks = 2};
  world.more =
      "calls: [{operation: UpdateService, input: {cluster: prod, service: web-green, "
      "taskDefinition: \"web:2\", desiredCount: 2}}]\n";
  return world;
}

// How a canary of our two steps ends well.
const PairTruth kArrived{"0/100", "web:1 x0", "web:3 x2"};
const PairTruth kAsBefore{"100/0", "web:1 x2", "web:3 x0"};

// ---- One load balancer -------------------------------------------------------------------------

TEST(AlbCanary, GivesTheNewSideItsShareStepByStep) {
  const Ran ran = run({.world = alb_world(), .file = alb_file(kSteps + kErrorCheck)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kArrived);
  EXPECT_EQ(ran.weight_changes, 3);
  EXPECT_THAT(ran.err, HasSubstr("step 2 of 3: 50% for 5m"));
}

TEST(AlbCanary, GoesTheOtherWayNextTime) {
  PairWorld world{.blue_weight = 0, .green_weight = 100, .blue_tasks = 0, .green_tasks = 2};
  const Ran ran = run({.world = alb_world(world), .file = alb_file()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:3 x2", "web:1 x0"}));
}

TEST(AlbCanary, IsTakenBackByItsMetrics) {
  const Ran ran = run({.world = alb_world({.more = kBad}), .file = alb_file(kSteps + kErrorCheck)});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("check errors: 19.86, wanted <= 5, at 10% of traffic"));
  EXPECT_THAT(ran.err, HasSubstr("service web: all traffic is on web-blue"));
}

TEST(AlbCanary, StaysWhereItFailedWhenTheFileSaysSo) {
  const Ran ran = run({.world = alb_world({.more = kBad}),
                       .file = alb_file(kSteps + kErrorCheck, "on_failure: leave\n")});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"90/10", "web:1 x2", "web:3 x2"}));
  EXPECT_THAT(ran.err, HasSubstr("service web: 10% of traffic is on web-green (web:3), 90% on "
                                 "web-blue (web:1)"));
}

TEST(AlbCanary, IsTakenBackWhenItsTargetsFallIll) {
  const Ran ran =
      run({.world = alb_world({.more = "images: [{image: \"*:2\", target_unhealthy_from: 4m, "
                                       "target_status: 502}]\n"}),
           .file = alb_file()});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("targets of web-green are not healthy: "));
}

TEST(AlbCanary, MovesNoTrafficToASideThatDoesNotComeUp) {
  const Ran ran =
      run({.world = alb_world({.more = "images: [{image: \"*:2\", pull: not-found}]\n"}),
           .file = alb_file("        steps: [{weight: 10, bake: 5m}]\n")});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_EQ(ran.weight_changes, 0);
}

TEST(AlbCanary, KeepsEverythingElseOfTheRule) {
  PairWorld world{.stickiness = "{Enabled: true, DurationSeconds: 300}"};
  const Ran ran = run({.world = alb_world(world), .file = alb_file()});
  EXPECT_EQ(ran.status, 0) << ran.err;
  ASSERT_EQ(ran.weight_changes, 3);
  const auto modify = std::ranges::find(ran.calls, "ModifyRule", &SentCall::operation);
  const std::string text = to_text(modify->input);
  EXPECT_THAT(text, HasSubstr("StickinessConfig.DurationSeconds\":\"300\""));
  EXPECT_THAT(text, HasSubstr("StickinessConfig.Enabled\":\"true\""));
}

TEST(AlbCanary, RefusesARuleThatForwardsToAThirdGroup) {
  std::string world = alb_world();
  const std::string two = "{TargetGroupArn: web-green, Weight: 0}";
  world.replace(world.find(two), two.size(), two + ", {TargetGroupArn: web-red, Weight: 0}");
  const Ran ran = run({.world = world, .file = alb_file()});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.weight_changes, 0);
  EXPECT_THAT(ran.err,
              HasSubstr("rule app/shop/4e5f6a7b8c9d0e1f forwards to target group "
                        "web-red, too; it has to forward to web-blue and web-green and nothing "
                        "else"));
}

TEST(AlbCanary, ChangesNothingWhenTheWeightsAreDivided) {
  const Ran ran = run({.world = alb_world(in_the_middle()), .file = alb_file()});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth.weights, "90/10");
  EXPECT_THAT(ran.err, HasSubstr("slipway continue web"));
}

TEST(AlbCanary, LeavesWhatSomebodyElseHasSet) {
  const std::string foreign = fmt::format(
      "happenings: [{{at: 8m, call: {{operation: \"elasticloadbalancing:ModifyRule\", input: "
      "{{RuleArn: \"{}\", Actions: [{{Type: forward, ForwardConfig: {{TargetGroups: "
      "[{{TargetGroupArn: \"{}\", Weight: 70}}, {{TargetGroupArn: \"{}\", Weight: "
      "30}}]}}}}]}}}}}}]\n",
      kRule, kBlueGroup, kGreenGroup);
  const Ran ran = run({.world = alb_world({.more = foreign}), .file = alb_file()});
  EXPECT_EQ(ran.status, 8) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"70/30", "web:1 x2", "web:3 x2"}));
  EXPECT_THAT(ran.err, HasSubstr("somebody else has changed the weights"));
}

TEST(AlbCanary, SaysTheCommandsWhenItCannotBringTheTrafficBack) {
  const std::string more =
      kBad +
      "faults: [{fault: access-denied, on: \"elasticloadbalancing:ModifyRule\", "
      "first_call: 2}]\n";
  const Ran ran = run({.world = alb_world({.more = more}), .file = alb_file(kSteps + kErrorCheck)});
  EXPECT_EQ(ran.status, 12) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"90/10", "web:1 x2", "web:3 x2"}));
  EXPECT_THAT(ran.err, HasSubstr("the weights are left as they are: rule "));
  EXPECT_THAT(ran.err,
              HasSubstr("bring the traffic back by hand: aws elbv2 modify-rule --rule-arn " +
                        kRule + " --actions '[{"));
  EXPECT_THAT(ran.err, HasSubstr("\"Weight\":100"));
}

TEST(AlbCanary, TriesAgainWhenTheWayBackIsThrottled) {
  const std::string more =
      kBad +
      "faults: [{fault: throttled, on: \"elasticloadbalancing:ModifyRule\", first_call: 2, "
      "calls: 12}]\n";
  const Ran ran = run({.world = alb_world({.more = more}), .file = alb_file(kSteps + kErrorCheck)});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
}

TEST(AlbCanary, WorksOnTheDefaultActionOfAListener) {
  std::string world = alb_world();
  const std::string fixed = "{Type: fixed-response, FixedResponseConfig: {StatusCode: \"404\"}}";
  world.replace(world.find(fixed), fixed.size(),
                "{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: web-blue, Weight: "
                "1}, {TargetGroupArn: web-green, Weight: 0}]}}");
  const Ran ran =
      run({.world = world,
           .file = alb_file(kSteps, "", "listener: " + kListener),
           .truth = [](sim::World& left) {
             const Json answer = called(left, "elasticloadbalancing", "DescribeListeners",
                                        JsonObject{{"ListenerArns", JsonArray{Json(kListener)}}});
             return PairTruth{
                 .weights = forward_weights(
                     find_array(answer, "Listeners")->front().as_object().at("DefaultActions")),
                 .blue = service_truth(left, "web-blue"),
                 .green = service_truth(left, "web-green")};
           }});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kArrived);
}

TEST(AlbCanary, IsNotBegunWithNobodyWatching) {
  const Ran ran = run(
      {.world = alb_world(), .file = alb_file(), .words = {"deploy", "--tag", "2", "--no-wait"}});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("traffic is moved only while somebody watches it"));
  EXPECT_EQ(std::ranges::find(ran.calls, "RegisterTaskDefinition", &SentCall::operation),
            ran.calls.end());
}

// ---- Checks ------------------------------------------------------------------------------------

TEST(CanaryChecks, DoNotLetItBeginWhileAnAlarmFires) {
  const std::string settings = kSteps + "        alarms: [web-5xx]\n";
  const Ran ran =
      run({.world = alb_world({.more = "alarms: {web-5xx: ALARM}\n"}), .file = alb_file(settings)});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:1 x2", "web:1 x0"}));
  EXPECT_THAT(ran.err, HasSubstr("alarm web-5xx is firing already"));
}

TEST(CanaryChecks, TakeItBackWhenAnAlarmFires) {
  const std::string settings = kSteps + "        alarms: [web-5xx]\n";
  const Ran ran = run({.world = alb_world({.more = "alarms: {web-5xx: OK}\nhappenings: [{at: 8m, "
                                                   "alarm: {name: web-5xx}}]\n"}),
                       .file = alb_file(settings)});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("alarm web-5xx fired"));
}

TEST(CanaryChecks, WithoutDataWaitForAPerson) {
  const std::string settings =
      kSteps + "        checks: {orders: {metric: Orders, namespace: Shop, success: above 0}}\n";
  const Ran ran = run({.world = alb_world(), .file = alb_file(settings)});
  EXPECT_EQ(ran.status, 7) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"90/10", "web:1 x2", "web:3 x2"}));
  EXPECT_THAT(ran.err, HasSubstr("paused at 10%: check orders has seen no data"));
  EXPECT_THAT(ran.err, HasSubstr("slipway continue -f slipway.yml web"));
}

TEST(CanaryChecks, OfADryRunCountForNothing) {
  const std::string settings =
      kSteps +
      "        checks: {errors: {metric: error_percent, failure: above 5, dry_run: true}}\n";
  const Ran ran = run({.world = alb_world({.more = kBad}), .file = alb_file(settings)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kArrived);
  EXPECT_THAT(ran.err, HasSubstr("dry run"));
}

TEST(CanaryChecks, CompareTheNewSideWithTheOld) {
  const std::string settings = kSteps +
                               "        checks: {slow: {metric: latency_average, compare: ratio, "
                               "failure: above 1.5}}\n";
  const Ran ran = run(
      {.world = alb_world({.more = "images: [{image: \"*:2\", latency: 900ms}, {image: \"*:1\", "
                                   "latency: 100ms}]\n"}),
       .file = alb_file(settings)});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("check slow: 9, wanted <= 1.5 (new 0.9, old 0.1)"));
}

TEST(CanaryChecks, GoIntoOneCall) {
  const std::string settings =
      kSteps +
      "        checks: {errors: {metric: error_percent, failure: above 5}, slow: {metric: "
      "latency_p99, failure: above 9}}\n";
  const Ran ran = run({.world = alb_world(), .file = alb_file(settings)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  int calls = 0;
  for (const SentCall& call : ran.calls) {
    if (call.operation != "GetMetricData") continue;
    ++calls;
    EXPECT_EQ(find_array(call.input, "MetricDataQueries")->size(), 3u);
  }
  EXPECT_LE(calls, 13);  // one a minute
  EXPECT_GE(calls, 10);
}

TEST(CanaryChecks, WaitForWhatCloudWatchHasLate) {
  const std::string settings =
      "        steps: [{weight: 10, bake: 1m}, {weight: 100, bake: 1m}]\n" + kErrorCheck;
  const Ran ran =
      run({.world = alb_world({.more = "knobs: {metric_lag: 3m}\n"}), .file = alb_file(settings)});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kArrived);
}

// ---- Persons -----------------------------------------------------------------------------------

TEST(CanaryCommands, InterruptedBringsTheTrafficBackFirst) {
  const Ran ran =
      run({.world = alb_world(), .file = alb_file(), .interrupted_after = std::chrono::minutes(5)});
  EXPECT_EQ(ran.status, 130) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
  EXPECT_THAT(ran.err, HasSubstr("left in progress: service web (10% of traffic is on web-green "
                                 "(web:3), 90% on web-blue (web:1))"));
  EXPECT_THAT(ran.err, HasSubstr("service web: all traffic is on web-blue"));
}

TEST(CanaryCommands, InterruptedLeavesItAndSaysWhereWhenTheFileSaysSo) {
  const Ran ran = run({.world = alb_world(),
                       .file = alb_file(kSteps, "on_failure: leave\n"),
                       .interrupted_after = std::chrono::minutes(5)});
  EXPECT_EQ(ran.status, 130) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"90/10", "web:1 x2", "web:3 x2"}));
  EXPECT_THAT(ran.err, HasSubstr("to go on watching: slipway continue -f slipway.yml web"));
}

TEST(CanaryCommands, APauseEndsTheRunAndLeavesTheWeights) {
  const Ran ran = run(
      {.world = alb_world(),
       .file = alb_file("        steps: [{weight: 10, bake: 1m, pause: true}, {weight: 100}]\n")});
  EXPECT_EQ(ran.status, 7) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"90/10", "web:1 x2", "web:3 x2"}));
  EXPECT_THAT(ran.err, HasSubstr("to go back: slipway stop -f slipway.yml web"));
  EXPECT_THAT(ran.err, HasSubstr("services paused until a person decides, the run ends here"));
  EXPECT_THAT(ran.err, Not(HasSubstr("services failed")));
}

TEST(CanaryCommands, ContinueTakesOverFromTheLiveWeights) {
  const Ran ran =
      run({.world = alb_world(in_the_middle()), .file = alb_file(), .words = {"continue", "web"}});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"0/100", "web:1 x0", "web:2 x2"}));
  EXPECT_EQ(ran.weight_changes, 2);  // 50 and 100
}

TEST(CanaryCommands, ContinueGivesNoMoreToASideWhoseTargetsAreIll) {
  PairWorld world = in_the_middle();
  world.more += "images: [{image: \"*:2\", target_unhealthy_from: 0s, target_status: 502}]\n";
  const Ran ran =
      run({.world = alb_world(world), .file = alb_file(), .words = {"continue", "web"}});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:1 x2", "web:2 x0"}));
  EXPECT_EQ(ran.weight_changes, 1);
  EXPECT_THAT(ran.err, HasSubstr("targets of web-green are not healthy: "));
}

TEST(CanaryCommands, StopBringsTheTrafficBack) {
  const Ran ran =
      run({.world = alb_world(in_the_middle()), .file = alb_file(), .words = {"stop", "web"}});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:1 x2", "web:2 x0"}));
}

TEST(CanaryCommands, RollbackStartsTheOldSideAgainFirst) {
  PairWorld world = in_the_middle();
  world.blue_weight = 0;
  world.green_weight = 100;
  world.blue_tasks = 0;
  const Ran ran = run(
      {.world = alb_world(world), .file = alb_file(), .words = {"rollback", "--service", "web"}});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:1 x2", "web:2 x0"}));
}

// A service of ECS's own rolling deployment, which is under way when the command comes.
std::string rolling_api(const std::string& image) {
  return "- {operation: CreateService, input: {cluster: prod, serviceName: api, taskDefinition: "
         "\"web:1\", desiredCount: 1, launchType: FARGATE, networkConfiguration: "
         "{awsvpcConfiguration: {subnets: [subnet-0a1b2c3d]}}}}\n" +
         image;
}

TEST(CanaryCommands, StopTakesPairsAndOtherServicesEachByItsOwnMeans) {
  PairWorld world = in_the_middle();
  world.more =
      "calls:\n- {operation: UpdateService, input: {cluster: prod, service: web-green, "
      "taskDefinition: \"web:2\", desiredCount: 2}}\n" +
      rolling_api(
          "happenings:\n- {at: 0s, call: {operation: UpdateService, input: {cluster: prod, "
          "service: api, taskDefinition: \"web:2\"}}}\n");
  const std::string file = alb_file() + "  api: {containers: [app]}\n";
  const Ran ran = run({.world = alb_world(world), .file = file, .words = {"stop"}});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:1 x2", "web:2 x0"}));
  EXPECT_THAT(ran.calls,
              testing::Contains(testing::Field(&SentCall::operation, "StopServiceDeployment")));
  EXPECT_THAT(ran.err, HasSubstr("0% of traffic is left on web-green, it was 10%"));
  EXPECT_THAT(ran.err, HasSubstr("service deployment is rollback requested"));
}

// What fails elsewhere takes no traffic back: each was asked for by itself.
TEST(CanaryCommands, ContinueGoesOnWithAPairThoughAnotherServiceHasNothingToGoOnWith) {
  PairWorld world = in_the_middle();
  world.more =
      "calls:\n- {operation: UpdateService, input: {cluster: prod, service: web-green, "
      "taskDefinition: \"web:2\", desiredCount: 2}}\n" +
      rolling_api("");
  const std::string file = alb_file() + "  api: {containers: [app]}\n";
  const Ran ran = run({.world = alb_world(world), .file = file, .words = {"continue"}});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"0/100", "web:1 x0", "web:2 x2"}));
  EXPECT_THAT(ran.err, HasSubstr("service web runs web:2"));
}

TEST(CanaryCommands, AtRestThereIsNothingToGoOnWithOrToStop) {
  for (const char* command : {"continue", "stop"}) {
    SCOPED_TRACE(command);
    const Ran ran = run({.world = alb_world(), .file = alb_file(), .words = {command, "web"}});
    EXPECT_EQ(ran.status, 5) << ran.err;
    EXPECT_EQ(ran.weight_changes, 0);
    EXPECT_THAT(ran.err, HasSubstr("is not being moved"));
  }
}

TEST(CanaryCommands, StatusShowsBothSidesAndTheNextStep) {
  CommandLine line;
  line.file("world.yml", alb_world(in_the_middle()));
  line.file("slipway.yml", alb_file());
  EXPECT_EQ(line.run({"status", "--sim", "world.yml"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr(" 90%  web-blue  web:1  2/2 running\n"));
  EXPECT_THAT(line.out, HasSubstr(" 10%  web-green  web:2  2/2 running\n"));
  EXPECT_THAT(line.out, HasSubstr("next: 50% on web-green for 5m; go on: slipway continue web; go "
                                  "back: slipway stop web"));
}

TEST(CanaryCommands, PlanShowsEveryStep) {
  CommandLine line;
  line.file("world.yml", alb_world());
  line.file("slipway.yml", alb_file(kSteps + kErrorCheck));
  EXPECT_EQ(line.run({"plan", "--tag", "2", "--sim", "world.yml"}), 0) << line.err;
  EXPECT_THAT(line.out, HasSubstr(" 10%, bake 5m: errors fails > 5 every 1m\n"));
  EXPECT_THAT(line.out, HasSubstr("100%, bake 2m: errors fails > 5 every 1m\n"));
  EXPECT_THAT(line.out, HasSubstr("in the end web-blue goes to no task"));
}

// The page says so: what a reader tries first has to come out.
TEST(CanaryManual, ItsExampleRunsInTheWorldAlb) {
  const std::string page = read_file(SLIPWAY_SOURCE_DIR "/docs/manual/canary.md").value();
  const std::size_t begin = page.find("```yaml\n") + 8;
  const auto deploy = [&](const std::string& tag) {
    CommandLine line;
    line.file("slipway.yml", page.substr(begin, page.find("```", begin) - begin));
    line.run({"deploy", "--tag", tag, "--sim", "alb"});
    return std::pair(line.status, line.err);
  };
  const auto [good_status, good] = deploy("2.0");
  EXPECT_EQ(good_status, 7) << good;
  EXPECT_THAT(good, HasSubstr("paused at 50%: the step of 50% waits for a person"));
  const auto [bad_status, bad] = deploy("bad");
  EXPECT_EQ(bad_status, 5) << bad;
  EXPECT_THAT(bad, HasSubstr("all traffic is on web-blue"));
}

// What has arrived goes back, too, when the release as a whole fails: the old side has no task by
// then and is started first.
TEST(CanaryCommands, ACanaryThatArrivedIsUndoneWhenAnotherServiceFails) {
  const std::string api =
      "calls: [{operation: CreateService, input: {cluster: prod, serviceName: api, taskDefinition: "
      "\"web:1\", desiredCount: 1, launchType: FARGATE, networkConfiguration: "
      "{awsvpcConfiguration: "
      "{subnets: [subnet-0a1b2c3d]}}}}]\nimages: [{image: \"*:broken\", pull: not-found}]\n";
  const Ran ran =
      run({.world = alb_world({.more = api}),
           .file = alb_file() +
                   "  api: {containers: [app], tag: broken, after: [web], max_wait: 3m}\n"});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kAsBefore);
}

// ---- Two load balancers ------------------------------------------------------------------------

const PairTruth kDnsArrived{"0/100 100/0", "web:1 x0", "web:3 x2"};
const PairTruth kDnsAsBefore{"100/0 100/0", "web:1 x2", "web:3 x0"};

TEST(DnsCanary, WaitsUntilEachChangeIsInSync) {
  const Ran ran = run({.world = dns_world(), .file = dns_file(), .truth = dns_truth});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, kDnsArrived);
  EXPECT_THAT(ran.err, HasSubstr("web-blue is kept for 2m"));
}

TEST(DnsCanary, AnnouncesItsChangesAsTheServices) {
  CommandLine line;
  line.file("world.yml", dns_world());
  line.file("slipway.yml", dns_file());
  ASSERT_EQ(line.run({"deploy", "--tag", "2", "--sim", "world.yml", "--output", "json"}), 0);
  int changes = 0;
  for (const std::string_view text : split(line.out, '\n')) {
    if (text.find(R"("operation":"route53:ChangeResourceRecordSets")") == std::string_view::npos ||
        text.find("call_announced") == std::string_view::npos)
      continue;
    ++changes;
    EXPECT_EQ(string_or_empty(parse_json(text).value(), "item"), "web") << text;
  }
  EXPECT_EQ(changes, 3);
}

TEST(DnsCanary, IsTakenBackByItsMetrics) {
  const Ran ran = run({.world = dns_world({.more = kBad}),
                       .file = dns_file(kSteps + kErrorCheck),
                       .truth = dns_truth});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kDnsAsBefore);
}

TEST(DnsCanary, OutlastsABusyZoneAndAThrottledAccount) {
  for (const char* fault :
       {"{fault: error, on: \"route53:ChangeResourceRecordSets\", calls: 2, code: "
        "PriorRequestNotComplete, status: 400, message: \"The request was rejected because Route "
        "53 "
        "was still processing a prior request.\"}",
        "{fault: throttled, on: \"route53:ChangeResourceRecordSets\", calls: 6}"}) {
    SCOPED_TRACE(fault);
    const Ran ran = run({.world = dns_world({.more = "faults: [" + std::string(fault) + "]\n"}),
                         .file = dns_file(),
                         .truth = dns_truth});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_EQ(ran.truth, kDnsArrived);
  }
}

TEST(DnsCanary, BringsBothNamesBackWhenOnlyOneCouldBeChanged) {
  const Ran ran = run(
      {.world = dns_world(
           {.more = "faults: [{fault: error, on: \"route53:ChangeResourceRecordSets\", first_call: "
                    "2, calls: 1, code: InvalidChangeBatch, status: 400, message: \"[RRSet is not "
                    "permitted]\"}]\n"}),
       .file = dns_file(kSteps, "", "[api.example.com, api.example.org]"),
       .truth = dns_truth});
  EXPECT_EQ(ran.status, 5) << ran.err;
  EXPECT_EQ(ran.truth, kDnsAsBefore);
}

// The run that set the weights back ended before those came no more who go by old answers.
TEST(DnsCanary, StopWaitsForOldAnswersThoughTheWeightsAreBack) {
  PairWorld world = in_the_middle();
  world.blue_weight = 100;
  world.green_weight = 0;
  const Ran ran = run({.world = dns_world(world),
                       .file = dns_file(),
                       .words = {"stop", "web"},
                       .truth = dns_truth});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"100/0 100/0", "web:1 x2", "web:2 x0"}));
  EXPECT_THAT(ran.err, HasSubstr("INFO[0000] web-green is kept for 2m"));
  EXPECT_THAT(ran.err, HasSubstr("INFO[0120] web-green goes to no task"));
}

TEST(DnsCanary, MovesSeveralNamesTogether) {
  const Ran ran = run({.world = dns_world(),
                       .file = dns_file(kSteps, "", "[api.example.com, api.example.org]"),
                       .truth = dns_truth});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.truth, (PairTruth{"0/100 0/100", "web:1 x0", "web:3 x2"}));
}

TEST(DnsCanary, KnocksAtTheNewSideBeforeItGetsAnyTraffic) {
  const std::string settings =
      kSteps +
      "        checks: {smoke: {http: {path: /health, host: api.example.com, tries: 2}}}\n";
  const Ran good = run({.world = dns_world(), .file = dns_file(settings), .truth = dns_truth});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_THAT(good.err, HasSubstr("check smoke: pass, 200, "
                                  "http://api-green.eu-west-1.elb.amazonaws.com/health"));
  const Ran bad =
      run({.world = dns_world({.more = "images: [{image: \"*:2\", errors: {percent: 100, status: "
                                       "503}}]\n"}),
           .file = dns_file(settings),
           .truth = dns_truth});
  EXPECT_EQ(bad.status, 5) << bad.err;
  EXPECT_EQ(bad.truth, kDnsAsBefore);
  EXPECT_THAT(bad.err, HasSubstr("check smoke failed: 503, wanted 200-299, at 0% of traffic"));
  EXPECT_THAT(bad.err, Not(HasSubstr("of traffic goes to web-green")));
}

// ---- docs/permissions.md -----------------------------------------------------------------------

const std::vector<std::string> kOfServices = {"ecs:DescribeServices",
                                              "ecs:DescribeTaskDefinition",
                                              "ecs:RegisterTaskDefinition",
                                              "ecs:UpdateService",
                                              "iam:PassRole",
                                              "elasticloadbalancing:DescribeTargetGroups",
                                              "elasticloadbalancing:DescribeTargetHealth",
                                              "cloudwatch:GetMetricData"};

TEST(CanaryPermissions, AreEnoughAsDocumented) {
  std::vector<std::string> alb = kOfServices;
  alb.insert(alb.end(), {"elasticloadbalancing:DescribeRules", "elasticloadbalancing:ModifyRule"});
  const Ran by_rule = run(
      {.world = alb_world({.more = user_allowed(alb)}), .file = alb_file(kSteps + kErrorCheck)});
  EXPECT_EQ(by_rule.status, 0) << by_rule.err;
  EXPECT_EQ(by_rule.truth, kArrived);

  std::vector<std::string> dns = kOfServices;
  dns.insert(dns.end(), {"elasticloadbalancing:DescribeLoadBalancers",
                         "route53:ListHostedZonesByName", "route53:ListResourceRecordSets",
                         "route53:ChangeResourceRecordSets", "route53:GetChange"});
  const Ran by_name = run({.world = dns_world({.more = user_allowed(dns)}),
                           .file = dns_file(kSteps + kErrorCheck),
                           .truth = dns_truth});
  EXPECT_EQ(by_name.status, 0) << by_name.err;
  EXPECT_EQ(by_name.truth, kDnsArrived);
}

TEST(CanaryPermissions, ThatAreMissingAreNamedBeforeAnythingIsChanged) {
  const Ran ran =
      run({.world = alb_world({.more = user_allowed(kOfServices)}), .file = alb_file()});
  EXPECT_EQ(ran.status, 10) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("elasticloadbalancing:DescribeRules"));
  EXPECT_EQ(ran.truth, (PairTruth{"100/0", "web:1 x2", "web:1 x0"}));
}

}  // namespace
}  // namespace slipway::cli
