#include "plan/prune.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

std::vector<std::string> revisions(int from, int to) {
  std::vector<std::string> names;
  for (int i = from; i <= to; ++i) names.push_back("web:" + std::to_string(i));
  return names;
}

TEST(Prune, SendsOffTheOldestUntilSoManyAreLeft) {
  struct Case {
    std::vector<std::string> there;
    PruneRule rule;
    PruneDecision wanted;
  };
  const PruneRule uses_2{.keep = 2, .in_use = {{"web:2", "service web uses it"}}};
  PruneRule uses_2_of_all = uses_2;
  uses_2_of_all.in_use_counts = true;
  for (const auto& [there, rule, wanted] : std::vector<Case>{
           {{}, {.keep = 2}, {}},
           {revisions(7, 8), {.keep = 2}, {}},
           {revisions(1, 5), {.keep = 2}, {.deregister = revisions(1, 3)}},
           {revisions(1, 5), {.keep = 0}, {.deregister = revisions(1, 5)}},
           // By number and not by text.
           {{"web:10", "web:9", "web:11"}, {.keep = 1}, {.deregister = revisions(9, 10)}},
           // What is in use stays beside the newest two...
           {revisions(1, 5),
            uses_2,
            {.deregister = {"web:1", "web:3"}, .kept = {{"web:2", "service web uses it"}}}},
           // ... or as one of the two.
           {revisions(1, 5),
            uses_2_of_all,
            {.deregister = {"web:1", "web:3", "web:4"},
             .kept = {{"web:2", "service web uses it"}}}},
           {revisions(1, 3),
            {.keep = 2, .in_use = {{"web:3", "new"}}, .in_use_counts = true},
            {.deregister = {"web:1"}}},
       }) {
    SCOPED_TRACE(testing::PrintToString(there));
    EXPECT_EQ(decide_prune(there, rule), wanted);
  }
}

TEST(Prune, ReadsArnsAndGivesThemBack) {
  const std::string arn = "arn:aws:ecs:eu-west-1:1:task-definition/web:";
  const PruneDecision decision =
      decide_prune({arn + "1", arn + "2", arn + "3"}, {.keep = 1, .in_use = {{"web:1", "used"}}});
  EXPECT_EQ(decision.deregister, (std::vector<std::string>{arn + "2"}));
  EXPECT_EQ(decision.kept, (std::vector<KeptRevision>{{"web:1", "used"}}));
}

}  // namespace
}  // namespace slipway
