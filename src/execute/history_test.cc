#include "execute/history.h"

#include "execute/scripted_aws_for_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const Subject kWeb{.stage = StageKind::kServices, .kind = ItemKind::kService, .item = "web"};
const Subject kMigrate{
    .stage = StageKind::kTasksBefore, .kind = ItemKind::kTask, .item = "migrate"};

std::vector<Event> journal() {
  return {{kFakeStart,
           {},
           RunStarted{.run_id = "r-1", .command = "deploy", .cluster = "prod", .by = "ann@laptop"}},
          {kFakeStart + 1s, kMigrate, ItemStarted{}},
          {kFakeStart + 9s, kMigrate,
           ItemEnded{.outcome = Outcome::kSucceeded, .task_definition = "migrate:3"}},
          {kFakeStart + 10s, kWeb, ImageChanged{.container = "app", .new_image = "shop:v2"}},
          {kFakeStart + 11s, kWeb,
           ServiceUpdated{.service_deployment = kArn + "service-deployment/prod/web/d2",
                          .new_task_definition = "web:2"}},
          {kFakeStart + 90s, kWeb,
           ItemEnded{.outcome = Outcome::kRolledBack,
                     .error = Error{.message = "tasks failed to start"},
                     .task_definition = "web:1"}}};
}

TEST(HistoryOfAJournal, HasEveryItemWithWhoAndWhy) {
  const std::vector<HistoryEntry> entries = entries_of(journal(), "prod");
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0], (HistoryEntry{.when = kFakeStart + 11s,
                                      .ended = kFakeStart + 90s,
                                      .item = "web",
                                      .task_definition = "web:2",
                                      .images = {"app=shop:v2"},
                                      .result = "rolled back",
                                      .by = "ann@laptop",
                                      .why = "tasks failed to start",
                                      .command = "deploy",
                                      .run_id = "r-1",
                                      .service_deployment = "d2"}));
  EXPECT_EQ(entries[1].kind, "task");
  EXPECT_EQ(entries[1].task_definition, "migrate:3");
  EXPECT_THAT(entries_of(journal(), "staging"), IsEmpty());
  EXPECT_THAT(entries_of({}, "prod"), IsEmpty());
}

TEST(HistoryOfAJournal, SaysOfARunThatDiedThatItHasNotEnded) {
  std::vector<Event> torn = journal();
  torn.pop_back();
  EXPECT_EQ(entries_of(torn, "prod")[0].result, "not ended");
}

TEST(MergedHistory, TakesTheEndFromAwsAndTheReasonFromTheJournal) {
  const HistoryEntry known{.when = kFakeStart + 12s,
                           .item = "web",
                           .task_definition = "web:2",
                           .result = "rollback successful",
                           .by = "user/ci",
                           .why = "threshold exceeded",
                           .service_deployment = "d2"};
  const HistoryEntry older{.when = kFakeStart - 24h, .item = "web", .service_deployment = "d1"};
  const std::vector<HistoryEntry> all = merged({older, known}, entries_of(journal(), "prod"));
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].result, "rollback successful");
  EXPECT_EQ(all[0].by, "ann@laptop");
  EXPECT_EQ(all[0].why, "tasks failed to start");
  EXPECT_EQ(all[0].run_id, "r-1");
  EXPECT_EQ(all[1].item, "migrate");
  EXPECT_EQ(all[2], older);
}

struct World : ScriptedWorld {
  World() {
    aws.answers["ListServices"] = [](const Json&) -> Result<Json> {
      return Json{{"serviceArns", {kArn + "service/prod/web"}}};
    };
    aws.answers["ListServiceDeployments"] = [](const Json&) -> Result<Json> {
      return parse_json(R"({"serviceDeployments": [
        {"serviceDeploymentArn": "arn:x/d2", "createdAt": 1767225600, "status": "ROLLBACK_SUCCESSFUL",
         "targetServiceRevisionArn": "arn:x/r2"},
        {"serviceDeploymentArn": "arn:x/d1", "createdAt": 1767220000, "finishedAt": 1767220100,
         "status": "SUCCESSFUL", "targetServiceRevisionArn": "arn:x/r1"}]})");
    };
    aws.answers["DescribeServiceDeployments"] = [](const Json&) -> Result<Json> {
      return parse_json(R"({"serviceDeployments": [
        {"serviceDeploymentArn": "arn:x/d2", "statusReason": "threshold exceeded"},
        {"serviceDeploymentArn": "arn:x/d1"}]})");
    };
    aws.answers["DescribeServiceRevisions"] = [](const Json&) -> Result<Json> {
      return parse_json(R"({"serviceRevisions": [
        {"serviceRevisionArn": "arn:x/r2", "taskDefinition": "arn:x/web:2",
         "containerImages": [{"containerName": "app", "image": "shop:v2"}]},
        {"serviceRevisionArn": "arn:x/r1", "taskDefinition": "arn:x/web:1"}]})");
    };
    aws.answers["DescribeTaskDefinition"] = [](const Json&) -> Result<Json> {
      return Json{
          {"taskDefinition", {{"registeredBy", "arn:aws:sts::1:assumed-role/deployer/ci-4711"}}}};
    };
  }
  std::vector<HistoryEntry> look(HistoryRequest request = {.cluster = "prod"}) {
    std::vector<HistoryEntry> entries;
    run([&] { entries = history(context, request).value(); });
    return entries;
  }
};

TEST(History, SaysWhatAwsKnows) {
  World world;
  const std::vector<HistoryEntry> entries = world.look();
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0], (HistoryEntry{.when = TimePoint(1767225600s),
                                      .item = "web",
                                      .task_definition = "web:2",
                                      .images = {"app=shop:v2"},
                                      .result = "rollback successful",
                                      .by = "assumed-role/deployer/ci-4711",
                                      .why = "threshold exceeded",
                                      .service_deployment = "d2"}));
  EXPECT_EQ(entries[1].ended, TimePoint(1767220100s));
  EXPECT_EQ(entries[1].result, "successful");
}

TEST(History, IsLimited) {
  World world;
  EXPECT_THAT(world.look({.cluster = "prod", .services = {"web"}, .limit = 1}), SizeIs(1));
  EXPECT_THAT(world.aws.inputs_of("ListServices"), IsEmpty());
  EXPECT_EQ(find_int(world.aws.inputs_of("ListServiceDeployments").front(), "maxResults"), 1);
}

TEST(History, IsThereWithoutWhatOnlyTellsMore) {
  World world;
  for (const char* operation :
       {"DescribeServiceDeployments", "DescribeServiceRevisions", "DescribeTaskDefinition"})
    world.aws.answers[operation] = [](const Json&) -> Result<Json> { return denied(); };
  const std::vector<HistoryEntry> entries = world.look();
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].task_definition, "");
  EXPECT_THAT(world.seen.all<CallDenied>(), SizeIs(2));
}

}  // namespace
}  // namespace slipway
