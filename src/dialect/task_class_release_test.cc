#include "dialect/reading_for_test.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using testing::Contains;
using testing::ElementsAre;

const std::string kWeb =
    "task_definition: {family: web, containerDefinitions: [{name: a, image: 'x:{image_tag}'}]}\n";

TEST(TaskClassRelease, SaysWhatAReleaseCanSay) {
  const Read read = read_text(
      kWeb +
          "run_tasks: [{cluster: c, launchType: FARGATE, networkConfiguration: "
          "{awsvpcConfiguration: {subnets: [s]}}}]\nupdate_services: [{service: web, cluster: "
          "c}, {service: web2, cluster: c, forceNewDeployment: true}]\n",
      {.tag = "2"});
  EXPECT_EQ(read.dialect, "ecs-task");
  EXPECT_THAT(read.messages, ElementsAre("warning: old revisions are left as they are (`slipway "
                                         "ecs-task deploy` does deregister them)"));
  ASSERT_TRUE(read.release);
  const Release& release = *read.release;
  EXPECT_EQ(release.cluster, "c");
  ASSERT_EQ(release.services.size(), 2u);
  EXPECT_EQ(release.services[0].name, "web");
  const auto& definition = std::get<TaskDefinitionDocument>(release.services[0].task_definition);
  EXPECT_EQ(to_text(definition.document),
            R"({"family":"web","containerDefinitions":[{"name":"a","image":"x:2"}]})");
  EXPECT_EQ(definition.origin, "class web");
  EXPECT_TRUE(release.services[1].forceNewDeployment);
  ASSERT_EQ(release.tasks_before.size(), 1u);
  EXPECT_EQ(release.tasks_before[0].launchType, "FARGATE");
  EXPECT_THAT(release.tasks_before[0].awsvpcConfiguration.value().subnets, ElementsAre("s"));
}

TEST(TaskClassRelease, RefusesWhatAReleaseCannotSay) {
  struct Case {
    std::string more, wanted;
  };
  const std::string service = "update_services: [{service: web}]\n";
  for (const auto& [more, wanted] : {
           Case{"update_services: [{service: web, desiredCount: 3}]\n",
                "web.update_services[0].desiredCount: a release cannot say this (`slipway ecs-task "
                "deploy` does)"},
           Case{"update_services: [{service: web}, {service: b, cluster: c}]\n",
                "web.update_services[1]: a release cannot say a second cluster (`slipway ecs-task "
                "deploy` does)"},
           Case{service + "sns_notification_topic_arn: arn:aws:sns:eu-west-1:111111111111:t\n",
                "web.sns_notification_topic_arn: a release cannot say an announcement of each call "
                "(`slipway ecs-task deploy` does)"},
           Case{"",
                "web.task_definition: a release cannot say a class that only registers "
                "(`slipway ecs-task deploy` does)"},
       }) {
    SCOPED_TRACE(more);
    const Read read = read_text(kWeb + more, {.tag = "2"});
    EXPECT_FALSE(read.release);
    EXPECT_THAT(read.messages, Contains(wanted));
  }
  EXPECT_THAT(read_text(kWeb + service).messages,
              Contains("{image_tag} has no value (give --tag TAG)"));
}

}  // namespace
}  // namespace slipway
