// What a release has left in a service, as its journal and its pause hooks tell.
#include "execute/ecs_leftovers.h"

#include "execute/requests.h"
#include "model/plan.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

constexpr const char* kSent = R"({"strategy":"CANARY","bakeTimeInMinutes":1,"lifecycleHooks":[
  {"targetType":"PAUSE","lifecycleStages":["PRE_PRODUCTION_TRAFFIC_SHIFT"],
   "timeoutConfiguration":{"timeoutInMinutes":67,"action":"ROLLBACK"}}]})";
constexpr const char* kBefore = R"({"strategy":"ROLLING","bakeTimeInMinutes":0})";

Json json(const char* text) { return parse_json(text).value(); }

ServiceSnapshot service(const char* configuration = kSent) {
  return {.serviceName = "web", .deploymentConfiguration = json(configuration)};
}

Event event(EventBody body) {
  return {.subject = {.kind = ItemKind::kService, .item = "web"}, .body = std::move(body)};
}
Event update(const char* request) {
  return event(CallAnnounced{.operation = "ecs:UpdateService", .request = json(request)});
}

std::vector<Event> run(const std::string& cluster = "prod") {
  Plan plan{.cluster = cluster,
            .stages = {PlanStage{
                .kind = StageKind::kServices,
                .steps = {Step{.action = ShiftByEcs{.cluster = cluster,
                                                    .service = "web",
                                                    .deploymentConfiguration = json(kSent),
                                                    .afterwards = json(kBefore)}}}}}};
  return {event(RunStarted{.cluster = cluster}), event(PlanMade{to_json(plan)}),
          update(R"({"taskDefinition":"web:2"})")};
}

TEST(EcsLeftovers, AreWhatTheJournalSaysWasThereBefore) {
  EXPECT_EQ(left_by(run(), "arn:aws:ecs:eu-west-1:1:cluster/prod", service()),
            (EcsLeftover{.put_back = json(kBefore), .is_recorded = true}));
  // Spelled out more than it was sent.
  EXPECT_TRUE(left_by(run(), "prod", service(R"({"strategy":"CANARY","bakeTimeInMinutes":1,
    "canaryConfiguration":{"canaryPercent":10.0},"lifecycleHooks":[{"targetType":"PAUSE",
    "lifecycleStages":["PRE_PRODUCTION_TRAFFIC_SHIFT"],"hookTargetArn":null,
    "timeoutConfiguration":{"timeoutInMinutes":67}}]})")));
}

TEST(EcsLeftovers, AreNoneWhereTheRunIsNotTheOne) {
  EXPECT_EQ(left_by(run("stage"), "prod", service()), std::nullopt);
  EXPECT_EQ(left_by({run()[0], run()[1]}, "prod", service()), std::nullopt) << "nothing was sent";
  std::vector<Event> put_back = run();
  put_back.push_back(update(R"({"deploymentConfiguration":{"strategy":"ROLLING"}})"));
  EXPECT_EQ(left_by(put_back, "prod", service()), std::nullopt);
  for (const char* changed : {R"({"strategy":"ROLLING","bakeTimeInMinutes":1})",
                              R"({"strategy":"CANARY","bakeTimeInMinutes":5})",
                              R"({"strategy":"CANARY","bakeTimeInMinutes":1})"}) {
    SCOPED_TRACE(changed);
    EXPECT_EQ(left_by(run(), "prod", service(changed)), std::nullopt);
  }
}

TEST(EcsLeftovers, WithoutAJournalAreThePausesAlone) {
  EXPECT_EQ(left_in(service()), (EcsLeftover{.put_back = json(R"({"lifecycleHooks":[]})")}));
  EXPECT_EQ(left_in(service(kBefore)), std::nullopt);
}

aws::ServiceDeployment deployment(int minute, const char* configuration) {
  return {.serviceDeploymentArn = "arn:x:service-deployment/prod/web/at-" + std::to_string(minute),
          .createdAt = TimePoint(std::chrono::minutes(minute)),
          .deploymentConfiguration = deployment_configuration(json(configuration)).value()};
}

TEST(EcsLeftovers, AreUndoneByWhatEcsRemembersOfTheDeploymentBefore) {
  const std::optional<EcsLeftover> left = left_since(
      {deployment(1, R"({"strategy":"BLUE_GREEN","bakeTimeInMinutes":9})"), deployment(3, kSent),
       deployment(4, kSent), deployment(2, R"({"strategy":"LINEAR","bakeTimeInMinutes":3,
                                    "maximumPercent":150,
                                    "linearConfiguration":{"stepPercent":25.0}})")},
      service());
  ASSERT_TRUE(left);
  EXPECT_EQ(left->service_deployment, "at-2");
  EXPECT_FALSE(left->is_recorded);
  // maximumPercent is none of a release's business, and was perhaps changed since.
  EXPECT_EQ(to_text(left->put_back),
            R"({"strategy":"LINEAR","bakeTimeInMinutes":3,"lifecycleHooks":[],)"
            R"("linearConfiguration":{"stepPercent":25.0}})");
  EXPECT_FALSE(left_since({deployment(3, kSent)}, service()));
  EXPECT_FALSE(left_since({deployment(1, kBefore)}, service(kBefore))) << "nothing of ours is left";
}

}  // namespace
}  // namespace slipway
