// Who gets what while traffic moves, and what CloudWatch says of it.

#include "sim/traffic.h"

#include "sim/hosted_zones.h"
#include "sim/load_balancing.h"
#include "sim/scenario.h"
#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using testing::ElementsAre;

Client moving_client() {
  Client client;
  client.is_known = true;
  client.shares_before = {{"blue", 1.0}};
  client.first_shares = {{"blue", 1.0}};
  client.resolution = {.shares = {{"blue", 0.9}, {"green", 0.1}}, .ttl = std::chrono::seconds(60)};
  client.changed_at = Rehearsal::kZero + std::chrono::seconds(60);
  client.over = std::chrono::seconds(60);
  return client;
}

// 100/0 becomes 90/10 with a TTL of 60 s and a change that is in sync at 60 s.
TEST(TrafficByDns, ComesOverDuringTheTtl) {
  const Client client = moving_client();
  const auto green_at = [&](int seconds) {
    auto shares = client.shares_at(Rehearsal::kZero + std::chrono::seconds(seconds));
    return shares["green"] * 100;
  };
  EXPECT_NEAR(green_at(60), 0, 1e-9);
  EXPECT_NEAR(green_at(90), 5, 1e-9);
  EXPECT_NEAR(green_at(120), 10, 1e-9);
  EXPECT_NEAR(green_at(600), 10, 1e-9);
}

TEST(TrafficByDns, SomeNeverAskAgain) {
  Client client = moving_client();
  client.settings.never_re_resolve_percent = 20;
  auto shares = client.shares_at(Rehearsal::kZero + std::chrono::seconds(600));
  EXPECT_NEAR(shares["green"] * 100, 8, 1e-9);
  EXPECT_NEAR(shares["blue"] * 100, 92, 1e-9);
}

// A built-in scenario, driven in process.
struct BuiltInWorld {
  explicit BuiltInWorld(const char* name) {
    Diagnostics diagnostics;
    auto text = built_in_scenario_text(name);
    const auto scenario =
        read_scenario(std::make_shared<SourceText>(SourceText{name, std::move(text)}), diagnostics);
    EXPECT_TRUE(scenario) << render(diagnostics);
    names = scenario->balancing_names;
    aws = make_aws(*scenario, kUsualStart, diagnostics);
    EXPECT_TRUE(aws) << render(diagnostics);
  }
  static std::string render(const Diagnostics& diagnostics) {
    std::string all;
    for (const auto& each : diagnostics.all()) all += each.message + "\n";
    return all;
  }

  Json call(std::string_view service, std::string_view operation, const Json& input) {
    Reply reply = aws->world().call({}, service, operation, input);
    EXPECT_TRUE(reply) << (reply ? "" : reply.error().code + ": " + reply.error().message);
    return reply ? reply->parse() : Json(JsonObject{});
  }
  void at(int seconds) { aws->world().advance(kUsualStart + std::chrono::seconds(seconds)); }

  std::map<std::string, std::string> names;
  std::unique_ptr<SimulatedAws> aws;
};

struct Alb : BuiltInWorld {
  Alb() : BuiltInWorld("alb") {}

  void shift(int to_blue, int to_green, int sticky_seconds = 0) {
    const Result<Json> actions = parse_json(fmt::format(
        R"([{{"Type": "forward", "ForwardConfig": {{
              "TargetGroups": [{{"TargetGroupArn": "{}", "Weight": {}}},
                               {{"TargetGroupArn": "{}", "Weight": {}}}],
              "TargetGroupStickinessConfig": {{"Enabled": {}, "DurationSeconds": {}}}}}}}])",
        names.at("web-blue"), to_blue, names.at("web-green"), to_green, sticky_seconds > 0,
        std::max(1, sticky_seconds)));
    call("elasticloadbalancing", "ModifyRule",
         JsonObject{{"RuleArn", names.at("shop:80:10")}, {"Actions", actions.value()}});
  }
  void deploy_green(std::string_view image) {
    call("ecs", "RegisterTaskDefinition",
         JsonObject{
             {"family", "web"},
             {"requiresCompatibilities", JsonArray{Json("FARGATE")}},
             {"networkMode", "awsvpc"},
             {"cpu", "512"},
             {"memory", "1024"},
             {"containerDefinitions",
              JsonArray{Json(JsonObject{
                  {"name", "app"},
                  {"image", image},
                  {"portMappings", JsonArray{Json(JsonObject{{"containerPort", 8080}})}}})}}});
    call("ecs", "UpdateService",
         JsonObject{{"cluster", "prod"},
                    {"service", "web-green"},
                    {"taskDefinition", "web"},
                    {"desiredCount", 2}});
  }
  // Requests of a target group so far.
  std::int64_t requests(const std::string& group) {
    const JsonObject traffic = aws->world().traffic();
    for (const Json& each : traffic.at("target_groups").as_array())
      if (string_or_empty(each, "TargetGroupArn") == names.at(group))
        return each.at("requests").to_number<std::int64_t>();
    return 0;
  }
  // Sums of a metric of green's, minute by minute since the start, newest last.
  std::vector<double> sums(const char* metric, int to_seconds, const char* stat = "Sum") {
    const std::string& arn = names.at("web-green");
    const std::string& balancer = names.at("shop");
    const Json answer = call(
        "cloudwatch", "GetMetricData",
        JsonObject{
            {"StartTime", to_iso8601(kUsualStart)},
            {"EndTime", to_iso8601(kUsualStart + std::chrono::seconds(to_seconds))},
            {"ScanBy", "TimestampAscending"},
            {"MetricDataQueries",
             JsonArray{Json(JsonObject{
                 {"Id", "m"},
                 {"MetricStat",
                  JsonObject{
                      {"Metric",
                       JsonObject{
                           {"Namespace", "AWS/ApplicationELB"},
                           {"MetricName", metric},
                           {"Dimensions",
                            JsonArray{
                                Json(JsonObject{{"Name", "LoadBalancer"},
                                                {"Value", balancer.substr(balancer.find("app/"))}}),
                                Json(JsonObject{
                                    {"Name", "TargetGroup"},
                                    {"Value", arn.substr(arn.find("targetgroup/"))}})}}}},
                      {"Period", 60},
                      {"Stat", stat}}}})}}});
    std::vector<double> all;
    for (const Json& value : answer.at("MetricDataResults").at(0).at("Values").as_array())
      all.push_back(value.to_number<double>());
    return all;
  }
};

// Two load balancers behind one name, each with one target.
struct Canary : BuiltInWorld {
  Canary() : BuiltInWorld("canary") {
    for (const char* number : {"1", "2"}) {
      const std::string group = fmt::format("group-{}", number);
      const Json made = call("elasticloadbalancing", "CreateTargetGroup",
                             JsonObject{{"Name", group},
                                        {"Protocol", "HTTP"},
                                        {"Port", 80},
                                        {"VpcId", "vpc-1"},
                                        {"TargetType", "ip"}});
      const std::string arn(string_or_empty(made.at("TargetGroups").at(0), "TargetGroupArn"));
      call("elasticloadbalancing", "ModifyListener",
           JsonObject{{"ListenerArn", names.at(fmt::format("public-{}:443", number))},
                      {"DefaultActions",
                       JsonArray{Json(JsonObject{{"Type", "forward"}, {"TargetGroupArn", arn}})}}});
      call("elasticloadbalancing", "RegisterTargets",
           JsonObject{
               {"TargetGroupArn", arn},
               {"Targets", JsonArray{Json(JsonObject{{"Id", fmt::format("10.0.0.{}", number)}})}}});
    }
  }

  static Json record(const char* identifier, int weight, const char* value) {
    return JsonObject{
        {"Action", "UPSERT"},
        {"ResourceRecordSet",
         JsonObject{{"Name", "orders.stage.bakery.test"},
                    {"Type", "CNAME"},
                    {"SetIdentifier", identifier},
                    {"Weight", weight},
                    {"TTL", 60},
                    {"ResourceRecords", JsonArray{Json(JsonObject{{"Value", value}})}}}}};
  }
  void set_weights(int one, int two) {
    call("route53", "ChangeResourceRecordSets",
         JsonObject{
             {"HostedZoneId", "Z0BAKERY"},
             {"ChangeBatch",
              JsonObject{
                  {"Changes",
                   JsonArray{
                       record("1", one, "public-1-1111111111.eu-west-3.elb.amazonaws.com"),
                       record("2", two, "public-2-2222222222.eu-west-3.elb.amazonaws.com")}}}}});
  }
  // Percent of the clients at the second load balancer.
  double at_second() {
    const JsonObject traffic = aws->world().traffic();
    const Json& now = traffic.at("clients").at(0).at("percent_now");
    return find_double(now, "public-2-2222222222.eu-west-3.elb.amazonaws.com.").value_or(0);
  }
};

TEST(TrafficByDns, GoesWhereTheRecordsSayAfterSyncAndTtl) {
  Canary canary;
  canary.set_weights(100, 0);
  canary.at(100);
  canary.set_weights(90, 10);
  canary.at(160);
  EXPECT_NEAR(canary.at_second(), 0, 1e-6);
  canary.at(190);
  EXPECT_NEAR(canary.at_second(), 0.98 * 5, 1e-6);  // 2 % never ask again
  canary.at(220);
  EXPECT_NEAR(canary.at_second(), 0.98 * 10, 1e-6);
  canary.aws->world().forget_traffic();
  canary.at(320);
  const JsonObject traffic = canary.aws->world().traffic();
  const Json& client = traffic.at("clients").at(0);
  EXPECT_EQ(client.at("requests").to_number<int>(), 5000);
  EXPECT_EQ(to_text(client.at("answers")), R"({"200":5000})");
}

TEST(TrafficByDns, ANameWithoutRecordsIsNotAnswered) {
  Canary canary;
  canary.at(10);
  const JsonObject traffic = canary.aws->world().traffic();
  EXPECT_EQ(to_text(traffic.at("clients").at(0).at("answers")), R"({"none":500})");
}

TEST(TrafficByLoadBalancer, FollowsTheWeightsOnceTheyAreInForce) {
  Alb alb;
  alb.deploy_green("registry.example/web:2");
  alb.at(299);
  alb.shift(90, 10);  // in force at 300 s
  alb.at(420);
  EXPECT_EQ(alb.requests("web-green"), 600);  // a tenth of 50 requests in 120 s
  EXPECT_EQ(alb.requests("web-blue"), 420 * 50 - 600);
}

TEST(TrafficByLoadBalancer, ABadCanaryIsSeenInItsMetrics) {
  Alb alb;
  alb.deploy_green("registry.example/web:bad");
  alb.at(599);
  alb.shift(90, 10);
  alb.at(780);
  // The points of a minute are there a minute after its end: those at 600 s and 660 s.
  EXPECT_THAT(alb.sums("RequestCount", 780), ElementsAre(300, 300));
  EXPECT_THAT(alb.sums("HTTPCode_Target_5XX_Count", 780), ElementsAre(60, 60));
  EXPECT_THAT(alb.sums("HTTPCode_Target_2XX_Count", 780), ElementsAre(240, 240));
  // The alarm looks at data that is 200 s old.
  const auto state = [&] {
    return std::string(alb.call("cloudwatch", "DescribeAlarms", JsonObject{})
                           .at("MetricAlarms")
                           .at(0)
                           .at("StateValue")
                           .as_string());
  };
  EXPECT_EQ(state(), "OK");
  alb.at(900);
  EXPECT_EQ(state(), "ALARM");
}

TEST(TrafficByLoadBalancer, SlowTargetsShowInTheResponseTime) {
  Alb alb;
  alb.deploy_green("registry.example/web:slow");
  alb.at(599);
  alb.shift(50, 50);
  alb.at(720);
  EXPECT_THAT(alb.sums("TargetResponseTime", 720, "p99"), ElementsAre(2.0));
}

TEST(TrafficByLoadBalancer, AnEmptyGroupAnswers503) {
  Alb alb;
  alb.shift(0, 100);
  alb.at(1);
  alb.aws->world().forget_traffic();
  alb.at(11);
  const JsonObject traffic = alb.aws->world().traffic();
  EXPECT_EQ(to_text(traffic.at("clients").at(0).at("answers")), R"({"503":500})");
}

// Cookies are of all ages: of those who came with one a half has a new one after half their time.
TEST(TrafficByLoadBalancer, StickyClientsComeOverAsTheirCookiesExpire) {
  Alb alb;
  alb.deploy_green("registry.example/web:2");
  alb.shift(100, 0, 200);
  alb.at(299);
  alb.shift(0, 100, 200);
  alb.at(300);
  alb.aws->world().forget_traffic();
  alb.at(400);
  EXPECT_EQ(alb.requests("web-green"), 1250);  // a quarter of 5000 in the first half
  alb.at(500);
  EXPECT_EQ(alb.requests("web-green"), 5000);
  alb.at(510);
  EXPECT_EQ(alb.requests("web-green"), 5500);
}

TEST(TrafficByLoadBalancer, WeightsThatAreAllZeroAnswer503) {
  Alb alb;
  alb.shift(0, 0);
  alb.at(1);
  alb.aws->world().forget_traffic();
  alb.at(11);
  EXPECT_EQ(to_text(alb.aws->world().traffic().at("clients").at(0).at("answers")),
            R"({"503":500})");
}

// Until ECS takes the target out, the load balancer finds nobody behind it.
TEST(TrafficByLoadBalancer, AProcessThatIsGoneAnswers502) {
  Alb alb;
  alb.at(1);
  alb.aws->world().forget_traffic();
  ImageBehaviour dies;
  dies.run_for = std::chrono::seconds(5);
  dies.exit_code = 1;
  alb.aws->world().arrange(
      Afflict{.cluster = "prod", .service_name = "web-blue", .count = 1, .behaviour = dies});
  alb.at(60);
  const JsonObject traffic = alb.aws->world().traffic();
  const Json& answers = traffic.at("clients").at(0).at("answers");
  const double failed = answers.at("502").to_number<double>();
  // Half of 50 requests per second for less than a tick of the scheduler and the one after it.
  EXPECT_GT(failed, 0);
  EXPECT_LE(failed, 25 * 20);
}

TEST(TrafficByLoadBalancer, WhereNoTargetIsHealthyAllAreAsked) {
  Alb alb;
  ImageBehaviour sick;
  sick.target_unhealthy_from = Duration{0};
  sick.errors = ResponseErrors{.percent = 50, .status = 503};
  alb.aws->world().arrange(
      Afflict{.cluster = "prod", .service_name = "web-blue", .count = 2, .behaviour = sick});
  alb.at(25);  // both are unhealthy by now, and their replacements are not there yet
  alb.aws->world().forget_traffic();
  alb.at(29);
  EXPECT_EQ(to_text(alb.aws->world().traffic().at("clients").at(0).at("answers")),
            R"({"200":100,"503":100})");
}

// Somebody registered them by hand; what they do the scenario says.
TEST(TrafficByLoadBalancer, TargetsByHandDoWhatTheScenarioSays) {
  Canary canary;
  canary.at(100);
  canary.set_weights(0, 1);
  canary.at(300);
  ImageBehaviour slow_and_failing;
  slow_and_failing.errors = ResponseErrors{.percent = 10, .status = 500};
  canary.aws->world().arrange(SetTargets{{{"10.0.0.*", slow_and_failing}}});
  canary.aws->world().forget_traffic();
  canary.at(320);
  EXPECT_EQ(to_text(canary.aws->world().traffic().at("clients").at(0).at("answers")),
            R"({"200":900,"500":100})");
}

TEST(TrafficByLoadBalancer, HalfAnHourIsWorkedOutAtOnce) {
  Alb alb;
  alb.deploy_green("registry.example/web:bad");
  alb.at(1800);
  EXPECT_EQ(alb.requests("web-blue"), 1800 * 50);
}

}  // namespace
}  // namespace slipway::sim
