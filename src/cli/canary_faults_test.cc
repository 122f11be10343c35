// What goes wrong while traffic is moved. After every one the test looks where the weights are and
// what the services run, and holds the report against it.
#include "cli/canary_run_for_test.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace slipway::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Fault {
  std::string name;
  std::string world;
  std::string file;
  int status = 0;
  PairTruth truth{};
  std::vector<std::string> said{};  // by the report
  std::string never_said = "internal";
  PairTruth (*look)(sim::World&) = alb_truth;
};
void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

const std::string kBothNames = "[api.example.com, api.example.org]";
const PairTruth kThere{"0/100", "web:1 x0", "web:3 x2"};
const PairTruth kBack{"100/0", "web:1 x2", "web:3 x0"};
const PairTruth kNotBegun{"100/0", "web:1 x2", "web:1 x0"};
PairTruth of_two_names(PairTruth truth, const std::string& second = "100/0") {
  truth.weights += " " + second;
  return truth;
}

std::string fault(const std::string& what) { return "faults: [{" + what + "}]\n"; }
std::string lost(const std::string& operation, const std::string& where) {
  return fault("fault: reset, on: \"" + operation + "\", after_effect: true, " + where);
}
const std::string kModify = "elasticloadbalancing:ModifyRule";
const std::string kChange = "route53:ChangeResourceRecordSets";
std::string busy_zone(const std::string& where) {
  return fault(
      "fault: error, on: \"" + kChange +
      "\", code: PriorRequestNotComplete, status: 400, message: \"The request was rejected "
      "because Route 53 was still processing a prior request.\", " +
      where);
}

Fault alb(std::string name, const std::string& more, const std::string& settings, int status,
          PairTruth truth, std::vector<std::string> said = {}) {
  return {"alb_" + std::move(name), alb_world({.more = more}),
          alb_file(settings),       status,
          std::move(truth),         std::move(said)};
}
Fault dns(std::string name, const std::string& more, const std::string& settings, int status,
          PairTruth truth, std::vector<std::string> said = {},
          const std::string& names = "[api.example.com]") {
  return {.name = "dns_" + std::move(name),
          .world = dns_world({.more = more}),
          .file = dns_file(settings, "", names),
          .status = status,
          .truth = std::move(truth),
          .said = std::move(said),
          .look = dns_truth};
}

const std::string kAlarm = kSteps + "        alarms: [web-5xx]\n";
const std::string kNoSuchMetric =
    kSteps + "        checks: {orders: {metric: Orders, namespace: Shop, success: above 0}}\n";
const std::string kShortSteps =
    "        steps: [{weight: 10, bake: 1m}, {weight: 100, bake: 1m}]\n" + kErrorCheck;
const std::string kFallIll =
    "images: [{image: \"*:2\", target_unhealthy_from: 4m, target_status: 502}]\n";

std::string records_of_com(int blue, int green) {
  const auto record = [](const char* side, int weight) {
    return fmt::format(
        "{{Action: UPSERT, ResourceRecordSet: {{Name: api.example.com, Type: CNAME, TTL: 60, "
        "SetIdentifier: {0}, Weight: {1}, ResourceRecords: [{{Value: "
        "api-{0}.eu-west-1.elb.amazonaws.com}}]}}}}",
        side, weight);
  };
  return fmt::format(
      "happenings: [{{at: 9m, call: {{operation: \"{}\", input: {{HostedZoneId: ZEXAMPLECOM, "
      "ChangeBatch: {{Changes: [{}, {}]}}}}}}}}]\n",
      kChange, record("blue", blue), record("green", green));
}

// The listener's default action forwards, and somebody else changes it in the middle.
Fault listener_changed() {
  Fault changed = alb("ListenerChangedBySomebodyElse",
                      fmt::format("happenings: [{{at: 8m, call: {{operation: "
                                  "\"elasticloadbalancing:ModifyListener\", input: {{ListenerArn: "
                                  "\"{}\", DefaultActions: [{{Type: forward, ForwardConfig: "
                                  "{{TargetGroups: [{{TargetGroupArn: \"{}\", Weight: 60}}, "
                                  "{{TargetGroupArn: \"{}\", Weight: 40}}]}}}}]}}}}}}]\n",
                                  kListener, kBlueGroup, kGreenGroup),
                      kSteps, 8, {"60/40", "web:1 x2", "web:3 x2"},
                      {"somebody else has changed the weights while 50% was on web-green",
                       "the weights and both services are left as they are"});
  const std::string fixed = "{Type: fixed-response, FixedResponseConfig: {StatusCode: \"404\"}}";
  changed.world.replace(changed.world.find(fixed), fixed.size(),
                        "{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: web-blue, "
                        "Weight: 100}, {TargetGroupArn: web-green, Weight: 0}]}}");
  changed.file = alb_file(kSteps, "", "listener: " + kListener);
  changed.look = [](sim::World& left) {
    const Json answer = called(left, "elasticloadbalancing", "DescribeListeners",
                               JsonObject{{"ListenerArns", JsonArray{Json(kListener)}}});
    return PairTruth{.weights = forward_weights(
                         find_array(answer, "Listeners")->front().as_object().at("DefaultActions")),
                     .blue = service_truth(left, "web-blue"),
                     .green = service_truth(left, "web-green")};
  };
  return changed;
}

// Twenty names are more reads than Route 53 allows in a second.
Fault many_names() {
  constexpr int kMore = 19;
  Fault many = dns("FivePerSecondForTheWholeAccount", "", kSteps, 0, kThere);
  std::string records;
  std::string names = "[api.example.com";
  std::string weights = "0/100";
  for (int i = 1; i <= kMore; ++i) {
    names += fmt::format(", n{}.example.com", i);
    weights += "/0/100";
    for (const auto& [side, weight] : {std::pair("blue", 100), std::pair("green", 0)})
      records += fmt::format(
          "  - {{Name: n{0}.example.com, Type: CNAME, TTL: 60, SetIdentifier: {1}, Weight: {2}, "
          "ResourceRecords: [{{Value: api-{1}.eu-west-1.elb.amazonaws.com}}]}}\n",
          i, side, weight);
  }
  many.world.insert(many.world.find("- Name: example.org"), records);
  many.file = dns_file(kSteps, "", names + "]");
  many.truth.weights = weights + " 100/0";
  many.never_said = "throttled";
  return many;
}

std::vector<Fault> faults() {
  const PairTruth tenth{"90/10", "web:1 x2", "web:3 x2"};
  return {
      alb("LostReplyOfModifyRule", lost(kModify, "calls: 1"), kSteps, 0, kThere,
          {"service web runs web:3"}),
      alb("NoReplyOfModifyRuleAtAll", lost(kModify, "calls: 3"), kSteps, 0, kThere,
          {"no answer to the change of the weights; looking whether they are set"}),
      alb("LostReplyOfModifyRuleOnTheWayBack", kBad + lost(kModify, "first_call: 2, calls: 3"),
          kSteps + kErrorCheck, 5, kBack, {"service web: all traffic is on web-blue"}),
      alb("ModifyRuleIsLostAndHasNotWorked",
          fault("fault: reset, on: \"" + kModify + "\", first_call: 2, calls: 3"), kSteps, 5, kBack,
          {"ModifyRule may or may not have happened", "all traffic is on web-blue"}),
      alb("ModifyRuleIsThrottled", fault("fault: throttled, on: \"" + kModify + "\", calls: 2"),
          kSteps, 0, kThere),
      listener_changed(),
      alb("RuleDeletedBySomebodyElse",
          fmt::format("happenings: [{{at: 8m, call: {{operation: "
                      "\"elasticloadbalancing:DeleteRule\", input: {{RuleArn: \"{}\"}}}}}}]\n",
                      kRule),
          kSteps, 8, {"?", "web:1 x2", "web:3 x2"},
          {"somebody else has changed what divides the traffic while 50% was on web-green: ",
           "the weights and both services are left as they are"}),
      alb("RuleOfSomebodyElseAnswersItself",
          fmt::format("happenings: [{{at: 8m, call: {{operation: "
                      "\"elasticloadbalancing:ModifyRule\", input: {{RuleArn: \"{}\", Actions: "
                      "[{{Type: fixed-response, FixedResponseConfig: {{StatusCode: "
                      "\"503\"}}}}]}}}}}}]\n",
                      kRule),
          kSteps, 8, {"?", "web:1 x2", "web:3 x2"},
          {"somebody else has changed what divides the traffic while 50% was on web-green: rule "
           "app/shop/4e5f6a7b8c9d0e1f forwards nothing"}),
      alb("AlarmFiresAlready", "alarms: {web-5xx: ALARM}\n", kAlarm, 5, kNotBegun,
          {"alarm web-5xx is firing already"}),
      alb("NoData", "", kNoSuchMetric, 7, tenth,
          {"paused at 10%: check orders has seen no data",
           "service web: 10% of traffic is on web-green (web:3), 90% on web-blue (web:1)"}),
      alb("MetricsComeLate", kBad + "knobs: {metric_lag: 3m}\n", kShortSteps, 5, kBack,
          {"at 10% of traffic", "service web: all traffic is on web-blue"}),
      alb("TargetsFallIllInTheMiddle", kFallIll, kSteps, 5, kBack,
          {"targets of web-green are not healthy: ", "service web: all traffic is on web-blue"}),

      dns("PriorRequestNotComplete", busy_zone("calls: 4"), kSteps, 0, of_two_names(kThere),
          {"service web runs web:3"}),
      dns("PriorRequestNeverCompletes", busy_zone("first_call: 2"), kSteps, 12, of_two_names(tenth),
          {"the weights are left as they are: api.example.com.: blue 90, green 10",
           "bring the traffic back by hand: aws route53 change-resource-record-sets "
           "--hosted-zone-id ZEXAMPLECOM"}),
      dns("OneZoneRefusedOnce",
          fault("fault: error, on: \"" + kChange +
                "\", input: {HostedZoneId: \"*ZEXAMPLEORG\"}, first_call: 2, calls: 1, code: "
                "InvalidChangeBatch, status: 400, message: no"),
          kSteps, 5, of_two_names(kBack), {"service web: all traffic is on web-blue"}, kBothNames),
      dns("OneZoneRefusedForGood",
          fault("fault: error, on: \"" + kChange +
                "\", input: {HostedZoneId: \"*ZEXAMPLEORG\"}, first_call: 2, code: "
                "InvalidChangeBatch, status: 400, message: no"),
          kSteps, 12, {"100/0 90/10", "web:1 x2", "web:3 x2"},
          {"the weights are left as they are: api.example.com.: blue 100, green 0; "
           "api.example.org.: blue 90, green 10",
           "--hosted-zone-id ZEXAMPLEORG"},
          kBothNames),
      dns("RecordsChangedBySomebodyElse", records_of_com(70, 30), kSteps, 8,
          {"70/30 100/0", "web:1 x2", "web:3 x2"},
          {"somebody else has changed the weights while 50% was on web-green: api.example.com.: "
           "blue 70, green 30",
           "the weights and both services are left as they are"}),
      dns("AlarmFiresAlready", "alarms: {web-5xx: ALARM}\n", kAlarm, 5, of_two_names(kNotBegun),
          {"alarm web-5xx is firing already"}),
      dns("NoData", "", kNoSuchMetric, 7, of_two_names(tenth),
          {"paused at 10%: check orders has seen no data",
           "service web: 10% of traffic is on web-green (web:3), 90% on web-blue (web:1)"}),
      dns("MetricsComeLate", kBad + "knobs: {metric_lag: 3m}\n", kShortSteps, 5,
          of_two_names(kBack), {"at 10% of traffic", "service web: all traffic is on web-blue"}),
      dns("TargetsFallIllInTheMiddle", kFallIll, kSteps, 5, of_two_names(kBack),
          {"targets of web-green are not healthy: ", "service web: all traffic is on web-blue"}),
      dns("Route53IsThrottled",
          "faults: [{fault: throttled, on: \"" + kChange +
              "\", calls: 12}, {fault: throttled, on: \"route53:ListResourceRecordSets\", "
              "first_call: 3, calls: 12}]\n",
          kSteps, 0, of_two_names(kThere)),
      many_names(),
      dns("LostReplyOfAChange", lost(kChange, "calls: 1"), kSteps, 0, of_two_names(kThere),
          {"service web runs web:3"}),
      dns("LostReplyOfAChangeOnTheWayBack", kBad + lost(kChange, "first_call: 2, calls: 6"),
          kSteps + kErrorCheck, 5, of_two_names(kBack),
          {"service web: all traffic is on web-blue"}),
      dns("ChangesAreNotInSyncInTime", "knobs: {r53_sync: 20m}\n", kSteps, 12,
          {"100/0 100/0", "web:1 x2", "web:3 x2"},
          {"was not INSYNC within 3m",
           "the weights are left as they are: api.example.com.: blue 100, green 0"}),
  };
}

class CanaryFault : public testing::TestWithParam<Fault> {};

TEST_P(CanaryFault, LeavesTheWeightsWhereTheReportSays) {
  const Fault& fault = GetParam();
  const Ran ran = run({.world = fault.world, .file = fault.file, .truth = fault.look});
  EXPECT_EQ(ran.status, fault.status) << ran.err;
  EXPECT_EQ(ran.truth, fault.truth);
  for (const std::string& words : fault.said) EXPECT_THAT(ran.err, HasSubstr(words));
  EXPECT_THAT(ran.err, Not(HasSubstr(fault.never_said)));
}

INSTANTIATE_TEST_SUITE_P(Movers, CanaryFault, testing::ValuesIn(faults()),
                         [](const auto& fault) { return fault.param.name; });

}  // namespace
}  // namespace slipway::cli
