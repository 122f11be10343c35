#include "base/runtime.h"
#include "dialect/reading_for_test.h"
#include "model/release.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kAlb =
    "          alb:\n"
    "            rule: arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/shop/1/2/3\n"
    "            blue: {service: web-blue, target_group: "
    "\"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-blue/a\"}\n"
    "            green: {service: web-green, target_group: "
    "\"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-green/b\"}\n";

// A file with one service whose strategy has these settings, ten blanks deep.
Read read_strategy(const std::string& name, const std::string& settings) {
  return read_text("slipway: 1\ncluster: prod\nservices:\n  web:\n    strategy:\n      " + name +
                   ":\n" + settings);
}

const Canary& canary_of(const Read& read) {
  return std::get<Canary>(read.release.value().services.at(0).strategy);
}

TEST(NativeTraffic, CanaryTakesItsStepsAndAddsTheLastOne) {
  const Read read = read_strategy(
      "canary",
      "          steps: [{weight: 10%, bake: 5m}, {weight: 50, bake: 10m, pause: true}]\n" +
          std::string(kAlb));
  ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
  EXPECT_EQ(canary_of(read).steps,
            (std::vector<TrafficStep>{
                {10, 5min, {}, false}, {50, 10min, {}, true}, {100, 10min, {}, false}}));
  const AlbMover& mover = std::get<AlbMover>(canary_of(read).mover);
  EXPECT_EQ(mover.blue.service, "web-blue");
  EXPECT_EQ(mover.green.name, "green");
}

TEST(NativeTraffic, LinearAndBlueGreenAreShortForSteps) {
  const Read linear = read_strategy("linear", "          {step: 40, every: 3m, bake: 10m}\n");
  ASSERT_TRUE(linear.release) << testing::PrintToString(linear.messages);
  EXPECT_EQ(canary_of(linear).steps,
            (std::vector<TrafficStep>{
                {40, 3min, {}, false}, {80, 3min, {}, false}, {100, 10min, {}, false}}));
  const Read blue_green =
      read_text("slipway: 1\ncluster: prod\nservices: {web: {strategy: blue_green}}\n");
  ASSERT_TRUE(blue_green.release) << testing::PrintToString(blue_green.messages);
  EXPECT_EQ(canary_of(blue_green).steps, (std::vector<TrafficStep>{{100, 5min, {}, false}}));
  EXPECT_TRUE(std::holds_alternative<EcsMover>(canary_of(blue_green).mover));
}

TEST(NativeTraffic, ChecksAreCountedInEveryStepUnlessItSaysOtherwise) {
  const Read read = read_strategy(
      "canary",
      "          steps: [{weight: 10, bake: 5m, checks: [errors]}, {weight: 50, bake: 5m}]\n"
      "          alarms: [web-5xx]\n"
      "          checks:\n"
      "            errors: {metric: error_percent, failure: above 1}\n"
      "            slow: {metric: latency_p99, compare: ratio, success: \"< 1.2\", interval: "
      "2m}\n" +
          std::string(kAlb));
  ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
  const Canary& canary = canary_of(read);
  ASSERT_EQ(canary.steps.size(), 3u);
  EXPECT_EQ(canary.steps[0].checks, std::vector<std::string>{"errors"});
  EXPECT_EQ(canary.steps[1].checks, (std::vector<std::string>{"errors", "slow"}));
  EXPECT_EQ(canary.steps[2].checks, (std::vector<std::string>{"errors", "slow"}));
  EXPECT_EQ(std::get<AlarmCheck>(canary.checks.at(0)).alarm, "web-5xx");
  const auto& errors = std::get<MetricCheck>(canary.checks.at(1));
  EXPECT_EQ(errors.result, "value");
  EXPECT_EQ(errors.percent_of, "whole");
  EXPECT_EQ(to_text(errors.queries.at(0)),
            R"({"Id":"value","MetricStat":{"Metric":{"Namespace":"AWS/ApplicationELB",)"
            R"("MetricName":"HTTPCode_Target_5XX_Count","Dimensions":[{"Name":"TargetGroup",)"
            R"("Value":"{target_group}"},{"Name":"LoadBalancer","Value":"{load_balancer}"}]},)"
            R"("Period":60,"Stat":"Sum"}})");
  EXPECT_EQ(to_string(canary.checks.at(2)), "slow, new / old < 1.2 every 2m");
}

TEST(NativeTraffic, ADeploymentGroupMayBeLeftToBeFound) {
  struct Case {
    const char* keys;
    CodeDeployMover wanted;
  };
  for (const auto& [keys, wanted] :
       {Case{"{}", {}}, Case{"{application: shop}", {"shop", ""}},
        Case{"{application: shop, deployment_group: web}", {"shop", "web"}}}) {
    SCOPED_TRACE(keys);
    const Read read =
        read_strategy("blue_green", std::string("          codedeploy: ") + keys + "\n");
    ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
    EXPECT_EQ(std::get<CodeDeployMover>(canary_of(read).mover), wanted);
  }
  // A group's name means something within its application only.
  EXPECT_FALSE(
      read_strategy("blue_green", "          codedeploy: {deployment_group: web}\n").release);
}

TEST(NativeTraffic, DnsNamesAreBroughtToOneForm) {
  const Read read = read_strategy(
      "blue_green",
      "          checks: {smoke: {http: {path: /health, host: api.example.com, status: 200-399}}}\n"
      "          dns:\n"
      "            names: [API.example.com., www.example.com]\n"
      "            zone: example.com\n"
      "            ttl: 30\n"
      "            blue: {service: api-blue, load_balancer: shop-blue, set_identifier: \"1\"}\n"
      "            green: {service: api-green, load_balancer: shop-green, set_identifier: "
      "\"2\"}\n");
  ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
  const auto& mover = std::get<DnsMover>(canary_of(read).mover);
  EXPECT_EQ(mover.names, (std::vector<std::string>{"api.example.com", "www.example.com"}));
  EXPECT_EQ(mover.ttl, 30s);
  EXPECT_EQ(mover.green.set_identifier, "2");
  const auto& smoke = std::get<HttpCheck>(canary_of(read).checks.at(0));
  EXPECT_EQ(smoke.url, "http://{load_balancer_dns}/health");
  EXPECT_EQ(smoke.headers, (std::vector<HttpCheckHeader>{{"Host", "api.example.com"}}));
  EXPECT_EQ(smoke.status_to, 399);
}

TEST(NativeTraffic, OneServiceOfAlbMeansItsTaskSets) {
  const std::string group = "\"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-";
  const Read read = read_strategy(
      "blue_green",
      "          alb:\n"
      "            listener: arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/shop/1/2\n"
      "            service: shop\n"
      "            blue: {target_group: " +
          group + "blue/a\"}\n            green: {target_group: " + group + "green/b\"}\n");
  ASSERT_TRUE(read.release) << testing::PrintToString(read.messages);
  const auto& mover = std::get<AlbMover>(canary_of(read).mover);
  EXPECT_TRUE(mover.blue.is_task_set && mover.green.is_task_set);
  EXPECT_EQ(mover.green.service, "shop");
  EXPECT_EQ(to_string(mover.green), "shop/green");
}

TEST(NativeTraffic, EveryProblemIsToldAtItsPlace) {
  struct Case {
    std::string name, settings;
    std::vector<std::string> wanted;
  };
  const std::string at = "services.web.strategy.";
  for (const auto& [name, settings, wanted] : std::vector<Case>{
           {"canary",
            "          bake: 5m\n",
            {at + "canary.steps: required key is missing",
             at + "canary.bake: each step has a `bake` of its own (steps: [{weight: 10, bake: "
                  "5m}])"}},
           {"canary",
            "          steps: [{weight: 50}, {weight: 20}, {weight: 101}]\n",
            {at +
                 "canary.steps[1].weight: 20 does not follow 50 (each step gives the new side more "
                 "than the one before)",
             at + "canary.steps[2].weight: expected a whole percentage from 0 to 100, found 101"}},
           {"canary",
            "          steps: [{weight: 10, checks: [eror, noise]}]\n"
            "          alarms: [noise]\n"
            "          checks: {error: {metric: error_percent, failure: above 1}}\n",
            {at + "canary.steps[0].checks[0]: there is no check \"eror\" (did you mean error?)",
             at + "canary.steps[0].checks[1]: noise is an alarm (alarms are watched all the time, "
                  "whatever a step says)"}},
           {"blue_green",
            "          checks: {slow: {metric: latency_99}, odd: {}, "
            "bad: {metric: requests, success: much}}\n",
            {at + "blue_green.checks.slow.metric: unknown metric \"latency_99\" (did you mean "
                  "latency_p99?)",
             at + "blue_green.checks.slow.success: a metric needs a `success` or a `failure` "
                  "condition "
                  "(failure: above 1)",
             at + "blue_green.checks.odd.metric: a check is a `metric`, `queries`, an `http` "
                  "request or an "
                  "`alarm` (metric: error_percent, with failure: above 1)",
             at + "blue_green.checks.bad.success: \"much\" is not a condition (a condition is "
                  "\"below 1\", \"at least 99.5\" or, in quotes, \"> 1\")"}},
           {"blue_green",
            "          alb: {rule: web, blue: {service: web}, green: {service: web, "
            "target_group: x}}\n",
            {at + "blue_green.alb.rule: \"web\" is not the ARN of a listener's rule",
             at + "blue_green.alb.blue.target_group: required key is missing",
             at + "blue_green.alb.green.target_group: \"x\" is not the ARN of a target group",
             at + "blue_green.alb.green: both sides are the same service (a pair is two services; "
                  "one runs while the other is idle. The task sets of one are the sides of an "
                  "`alb` that names it once, as its own `service`)"}},
           {"blue_green",
            std::string(kAlb) + "            service: shop\n",
            {at + "blue_green.alb.blue.service: `alb` names one service, whose task sets are the "
                  "sides: leave it out here, or there and name one on each side",
             at + "blue_green.alb.green.service: `alb` names one service, whose task sets are the "
                  "sides: leave it out here, or there and name one on each side"}},
           {"blue_green",
            "          checks: {smoke: {http: /health}}\n",
            {at +
             "blue_green.checks.smoke.http: both sides share one load balancer, so a path alone "
             "reaches either (give a `url` that leads to the new side only, such as a test "
             "listener's)"}},
           {"linear", "          step: 10\n", {at + "linear.every: required key is missing"}},
       }) {
    SCOPED_TRACE(settings);
    const Read read = read_strategy(name, settings);
    EXPECT_FALSE(read.release);
    EXPECT_EQ(read.messages, wanted);
  }
}

TEST(NativeTraffic, TheManualsExampleIsReadWithoutAWord) {
  const std::string page = read_file(SLIPWAY_SOURCE_DIR "/docs/manual/canary.md").value();
  std::size_t begin = page.find("```yaml\n") + 8;
  const Read read = read_text(page.substr(begin, page.find("```", begin) - begin), {.tag = "2"});
  EXPECT_EQ(read.messages, std::vector<std::string>{});
  begin = page.find("```yaml\n", begin) + 8;
  const Read sets = read_text(page.substr(begin, page.find("```", begin) - begin), {.tag = "2"});
  EXPECT_EQ(sets.messages, std::vector<std::string>{});
  EXPECT_TRUE(std::get<AlbMover>(canary_of(sets).mover).blue.is_task_set);
  ASSERT_TRUE(read.release);
  const Canary& canary = canary_of(read);
  EXPECT_EQ(canary.steps.size(), 3u);
  EXPECT_EQ(canary.checks.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<AlbMover>(canary.mover));
}

}  // namespace
}  // namespace slipway
