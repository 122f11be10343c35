#include "sim/scenario_balancing.h"

#include "sim/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

// "path: message" of everything that is wrong.
std::vector<std::string> complaints(std::string_view text) {
  const Diagnostics diagnostics = check_scenario(
      std::make_shared<SourceText>(SourceText{"test.yml", "scenario: 1\n" + std::string(text)}));
  std::vector<std::string> all;
  for (const Diagnostic& each : diagnostics.all()) all.push_back(each.path + ": " + each.message);
  return all;
}

TEST(ScenarioBalancing, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* text;
    const char* wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"load_balancers: {}\n",
                "load_balancers: expected a list of CreateLoadBalancer inputs"},
           Case{"load_balancers: [hello]\n",
                "load_balancers[0]: expected what CreateLoadBalancer takes"},
           Case{"traffic: [{requests_per_second: 5}]\n",
                "traffic[0].to: expected either to (a DNS name) or load_balancer (its name)"},
           Case{"hosted_zones: [{Name: x.test, records: [{Name: a.y, Type: A, TTL: 60, "
                "ResourceRecords: [{Value: 192.0.2.1}]}]}]\n",
                "hosted_zones[0].records: ChangeResourceRecordSets refuses this: "
                "InvalidChangeBatch: [RRSet with DNS name a.y. is not permitted in zone x.test.]"},
           Case{"alarms: [{AlarmName: a}]\n",
                "alarms[0]: PutMetricAlarm refuses this: ValidationError: The parameter "
                "EvaluationPeriods is required."},
           Case{"target_groups: [{Name: a, Protocol: HTTP, Port: 80, attributes: "
                "{slow_start.duration_seconds: \"5\"}}]\n",
                "target_groups[0]: ModifyTargetGroupAttributes refuses this: ValidationError: "
                "'slow_start.duration_seconds' must be between '30' and '900' inclusive"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_THAT(complaints(text), ElementsAre(wanted));
  }
}

TEST(ScenarioBalancing, NamesStandForArns) {
  EXPECT_THAT(complaints(R"(
target_groups:
- {Name: api, TargetType: ip, Protocol: HTTP, Port: 80}
load_balancers:
- Name: public
  listeners:
  - Port: 80
    DefaultActions: [{Type: forward, TargetGroupArn: api}]
calls:
- operation: elasticloadbalancing:ModifyListener
  input: {ListenerArn: "public:80", DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: "404"}}]}
- {operation: "elasticloadbalancing:DeleteTargetGroup", input: {TargetGroupArn: api}}
)"),
              ElementsAre());
}

}  // namespace
}  // namespace slipway::sim
