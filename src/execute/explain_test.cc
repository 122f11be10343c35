#include "execute/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TaskIdsInEvents, AreFoundOnceEach) {
  EXPECT_THAT(task_ids_in({{.message = "(service web) has started 2 tasks: (task 0a) (task 1b)."},
                           {.message = "(service web) has reached a steady state."},
                           {.message = "(service web) (task 1b) failed container health checks."},
                           {.message = "(service web) has started 1 tasks: (task 2c)."}}),
              ElementsAre("0a", "1b", "2c"));
  EXPECT_THAT(task_ids_in({{.message = "(task "}}), IsEmpty());
}

TaskLook stopped(std::string id, std::string reason, std::optional<int> exitCode = std::nullopt) {
  return {.taskArn = "arn:aws:ecs:eu-west-1:1:task/prod/" + id,
          .stopCode = "TaskFailedToStart",
          .stoppedReason = std::move(reason),
          .containers = {{.name = "app", .exitCode = exitCode}}};
}

StoppedTaskGroup group(int count, std::string id, std::string reason,
                       std::optional<int> exitCode = std::nullopt) {
  return {.count = count,
          .stopCode = "TaskFailedToStart",
          .stoppedReason = std::move(reason),
          .containers = {{.name = "app", .exitCode = exitCode}},
          .example_task_id = std::move(id)};
}

TEST(GroupingStoppedTasks, PutsTheMostFrequentReasonFirst) {
  const std::string exited = "Essential container in task exited";
  const std::string scaled = "Scaling activity initiated by (deployment ecs-svc/2)";
  EXPECT_THAT(group_by_reason({}), IsEmpty());
  EXPECT_THAT(group_by_reason({stopped("a", exited, 1), stopped("b", exited, 137),
                               stopped("c", exited, 137), stopped("d", scaled)}),
              ElementsAre(group(2, "b", exited, 137), group(1, "a", exited, 1)));
  EXPECT_THAT(group_by_reason({stopped("d", scaled), stopped("e", scaled)}),
              ElementsAre(group(2, "d", scaled)));
}

}  // namespace
}  // namespace slipway
