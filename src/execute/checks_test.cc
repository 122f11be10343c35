#include "execute/checks.h"

#include "execute/target_health.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

const TimePoint kNoon = TimePoint(std::chrono::seconds(1'767'268'800));

Json stat(const std::string& id, const std::string& metric) {
  return parse_json(R"({"Id":")" + id +
                    R"(","MetricStat":{"Metric":{"Namespace":"N","MetricName":")" + metric +
                    R"(","Dimensions":[{"Name":"TargetGroup","Value":"{target_group}"}]},)"
                    R"("Period":60,"Stat":"Sum"}})")
      .value();
}

MetricCheck errors_below(double percent) {
  return {.name = "errors",
          .queries = {stat("value", "Errors"), stat("whole", "Requests")},
          .result = "value",
          .percent_of = "whole",
          .failure = Condition{Comparison::kMore, percent}};
}

TrafficEnd green() {
  return {.side = {.name = "green", .service = "web-green"},
          .target_groups = {"arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/web-green/b"},
          .load_balancer = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/c"};
}

TEST(MetricQueries, SayWhichSideIsMeasuredAndKeepTheirIdsApart) {
  MetricCheck check = errors_below(1);
  check.queries.push_back(
      parse_json(R"q({"Id":"rate","Expression":"100*value/FILL(whole,0)+METRICS('value')"})q")
          .value());
  const std::vector<Json> queries = queries_of(check, green(), "n3").value();
  EXPECT_EQ(to_text(queries.at(0)),
            R"q({"Id":"n3value","MetricStat":{"Metric":{"Namespace":"N","MetricName":"Errors",)q"
            R"q("Dimensions":[{"Name":"TargetGroup","Value":"targetgroup/web-green/b"}]},)q"
            R"q("Period":60,"Stat":"Sum"},"ReturnData":true})q");
  EXPECT_EQ(string_or_empty(queries.at(2), "Expression"),
            "100*n3value/FILL(n3whole,0)+METRICS('value')");

  TrafficEnd bare = green();
  bare.target_groups.clear();
  EXPECT_EQ(queries_of(check, bare, "n").error().message,
            "check errors asks about web-green, which has no target group");
}

TEST(MetricWindow, BeginsWithTheStepAndEndsWithTheLastWholePeriod) {
  const MetricCheck check = errors_below(1);
  EXPECT_EQ(window_of(check, kNoon + 30s, kNoon + 150s), (Window{kNoon, kNoon + 120s}));
  EXPECT_EQ(window_of(check, kNoon, kNoon + 20min), (Window{kNoon + 15min, kNoon + 20min}));
}

TEST(MetricValue, IsTheNewestOneOrAPercentageOfTheWholeWindow) {
  const Window window{kNoon, kNoon + 3min};
  const MetricAnswer answer = {
      {"nvalue", {{kNoon + 2min, 3}, {kNoon + 1min, 1}, {kNoon + 3min, 900}}},
      {"nwhole", {{kNoon, 100}, {kNoon + 1min, 50}, {kNoon + 2min, 50}}}};
  MetricCheck check = errors_below(1);
  EXPECT_EQ(value_of(check, answer, "n", window), 2);
  EXPECT_EQ(value_of(check, {{"nwhole", {{kNoon, 100}}}}, "n", window), 0);  // no error at all
  EXPECT_EQ(value_of(check, {}, "n", window), std::nullopt);
  check.percent_of.clear();
  EXPECT_EQ(value_of(check, answer, "n", window), 3);
}

TEST(MetricVerdict, KnowsFourWords) {
  MetricCheck both = errors_below(5);
  both.success = Condition{Comparison::kLess, 1};
  MetricCheck only_success = errors_below(5);
  only_success.failure.reset();
  only_success.success = Condition{Comparison::kLess, 1};
  struct Case {
    const MetricCheck& check;
    double value;
    CheckVerdict wanted;
  };
  for (const auto& [check, value, wanted] : {
           Case{both, 0.5, CheckVerdict::kPass},
           Case{both, 3, CheckVerdict::kInconclusive},
           Case{both, 6, CheckVerdict::kFail},
           Case{only_success, 3, CheckVerdict::kFail},
       }) {
    SCOPED_TRACE(value);
    EXPECT_EQ(judge(check, value, std::nullopt).verdict, wanted);
  }
  EXPECT_EQ(judge_failure(Error{.message = "denied"}).verdict, CheckVerdict::kError);
}

TEST(MetricVerdict, WithoutDataIsWhatThePolicySays) {
  struct Case {
    NoData policy;
    CheckVerdict wanted;
    bool counts;
  };
  for (const auto& [policy, wanted, counts] : {
           Case{NoData::kWait, CheckVerdict::kInconclusive, false},
           Case{NoData::kPass, CheckVerdict::kPass, true},
           Case{NoData::kFail, CheckVerdict::kFail, true},
           Case{NoData::kInconclusive, CheckVerdict::kInconclusive, true},
       }) {
    SCOPED_TRACE(to_string(policy));
    MetricCheck check = errors_below(1);
    check.no_data = policy;
    const Evaluation evaluation = judge(check, std::nullopt, std::nullopt);
    EXPECT_EQ(evaluation.verdict, wanted);
    EXPECT_EQ(evaluation.counts, counts);
    EXPECT_EQ(evaluation.detail, "no data");
  }
}

TEST(MetricVerdict, ComparesTheNewSideWithTheOld) {
  MetricCheck check = errors_below(1.5);
  check.compare = Compare::kRatio;
  EXPECT_EQ(judge(check, 3, 2).value, 1.5);
  EXPECT_EQ(judge(check, 4, 2).verdict, CheckVerdict::kFail);
  EXPECT_EQ(judge(check, 4, 2).detail, "new 4, old 2");
  EXPECT_EQ(judge(check, 0, 0).verdict, CheckVerdict::kPass);
  EXPECT_EQ(judge(check, 4, 0).verdict, CheckVerdict::kInconclusive);
  EXPECT_FALSE(judge(check, 4, std::nullopt).counts);
  check.compare = Compare::kDifference;
  EXPECT_EQ(judge(check, 4, 3).value, 1);
}

TEST(Tally, FailsBeyondItsLimitAndPassesAtItsCount) {
  MetricCheck check = errors_below(1);
  check.failure_limit = 1;
  check.count = 3;
  Tally tally;
  const auto count = [&](CheckVerdict verdict) {
    tally.count({.verdict = verdict, .value = {}, .detail = {}}, "words");
    return settled(check, tally);
  };
  EXPECT_EQ(count(CheckVerdict::kFail), std::nullopt);
  EXPECT_EQ(count(CheckVerdict::kPass), std::nullopt);
  EXPECT_EQ(count(CheckVerdict::kPass), CheckVerdict::kPass);
  EXPECT_EQ(count(CheckVerdict::kFail), CheckVerdict::kFail);
  EXPECT_EQ(tally.last_trouble, "words");
}

TEST(Tally, ErrorsInARowAreJudgedByPolicyAndOneAnswerForgetsThem) {
  MetricCheck check = errors_below(1);
  check.error_limit = 1;
  Tally tally;
  const Evaluation error = judge_failure(Error{.message = "throttled"});
  tally.count(error, "throttled");
  tally.count({}, "");
  tally.count(error, "throttled");
  EXPECT_EQ(settled(check, tally), std::nullopt);
  tally.count(error, "throttled");
  EXPECT_EQ(settled(check, tally), CheckVerdict::kInconclusive);
  check.on_error = CheckVerdict::kFail;
  EXPECT_EQ(settled(check, tally), CheckVerdict::kFail);
}

TEST(Tally, OfACheckThatSawNothingNeverPromotes) {
  MetricCheck check = errors_below(1);
  EXPECT_EQ(at_the_end(check, {}), CheckVerdict::kInconclusive);
  check.dry_run = true;
  EXPECT_EQ(at_the_end(check, {.evaluated = 2, .failed = 2}), CheckVerdict::kPass);
}

TEST(AlarmVerdict, ObjectsToWhatFiresAlreadyUnlessItMay) {
  const AlarmState firing{"web-5xx", "ALARM", "1 datapoint above 5"};
  EXPECT_EQ(objection({.alarm = "web-5xx"}, &firing).value().message,
            "alarm web-5xx is firing already: 1 datapoint above 5; nothing was changed. Release "
            "again when it is quiet, or say `already_firing: wait` of it");
  EXPECT_FALSE(objection({.alarm = "web-5xx", .may_fire_before = true}, &firing));
  EXPECT_EQ(objection({.alarm = "gone"}, nullptr).value().message, "CloudWatch has no alarm gone");
  const AlarmState quiet{"web-5xx", "INSUFFICIENT_DATA", ""};
  EXPECT_EQ(judge(AlarmCheck{.alarm = "web-5xx"}, &quiet).verdict, CheckVerdict::kPass);
  EXPECT_EQ(judge(AlarmCheck{.alarm = "web-5xx"}, &firing).verdict, CheckVerdict::kFail);
  EXPECT_EQ(judge(AlarmCheck{.alarm = "web-5xx"}, nullptr).verdict, CheckVerdict::kError);
}

TEST(HttpVerdict, WantsTheStatusAndTheWords) {
  HttpCheck check{.name = "smoke", .contains = "ready"};
  EXPECT_EQ(judge(check, HttpResponse{.status = 200, .body = "we are ready"}).verdict,
            CheckVerdict::kPass);
  EXPECT_EQ(judge(check, HttpResponse{.status = 503}).detail, "wanted 200-299");
  EXPECT_EQ(judge(check, HttpResponse{.status = 200, .body = "starting"}).detail,
            "the body does not say \"ready\"");
  EXPECT_EQ(judge(check, Error{.message = "connection refused"}).verdict, CheckVerdict::kFail);
}

TEST(TargetHealth, OfOneBadTargetSpoilsTheGroup) {
  struct Case {
    TargetGroupHealth group;
    TargetsVerdict wanted;
  };
  for (const auto& [group, wanted] : std::vector<Case>{
           {{.healthy = 2, .draining = 3}, TargetsVerdict::kHealthy},
           {{.healthy = 1, .initial = 1}, TargetsVerdict::kStarting},
           {{.healthy = 2, .initial = 1}, TargetsVerdict::kHealthy},
           {{.healthy = 5, .unhealthy = 1}, TargetsVerdict::kUnhealthy},
           {{.healthy = 5, .unavailable = 1}, TargetsVerdict::kUnhealthy},
           {{.unused = 2}, TargetsVerdict::kUnhealthy},
       }) {
    SCOPED_TRACE(to_string(group));
    EXPECT_EQ(judge(group, 2), wanted);
  }
  const std::vector<TargetGroupHealth> groups = {{.healthy = 2}, {.healthy = 1}};
  EXPECT_EQ(judge(groups, 2), TargetsVerdict::kStarting);
  EXPECT_EQ(to_string(TargetGroupHealth{.healthy = 1, .unhealthy = 1, .reason = "502"}),
            "1/2 healthy, 1 unhealthy: 502");
  HealthStreak streak;
  for (const TargetsVerdict verdict : {TargetsVerdict::kUnhealthy, TargetsVerdict::kStarting})
    streak.count(verdict);
  EXPECT_EQ(streak.bad, 2);
  streak.count(TargetsVerdict::kHealthy);
  EXPECT_EQ(streak.bad, 0);
}

}  // namespace
}  // namespace slipway
