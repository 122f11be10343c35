#include "plan/rollback.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kDay{std::chrono::sys_days{std::chrono::January / 5 / 2026}};
constexpr std::string_view kEcs = "a service deployment";
constexpr std::string_view kJournal = "the journal";

PastRollout ok(const std::string& revision, int hour, std::string_view source = kEcs) {
  return {revision, kDay + std::chrono::hours(hour), true, source};
}
PastRollout failed(const std::string& revision, int hour) {
  return {revision, kDay + std::chrono::hours(hour), false, kJournal};
}

TEST(Rollback, GoesToTheRevisionThatLastSucceededBeforeThePresentOne) {
  struct Case {
    std::string what;
    std::string present;
    std::vector<PastRollout> past;
    std::vector<std::string> active;
    std::vector<std::string> wanted;
  };
  for (const auto& [what, present, past, active, wanted] : std::vector<Case>{
           {"a success after a success", "web:2", {ok("web:2", 2), ok("web:1", 1)}, {}, {"web:1"}},
           {"the present one never succeeded",
            "web:3",
            {ok("web:2", 2), ok("web:1", 1)},
            {},
            {"web:2", "web:1"}},
           {"a failure between is passed over",
            "web:4",
            {ok("web:4", 4), ok("web:2", 2)},
            {"web:1", "web:2", "web:3", "web:4"},
            {"web:2", "web:3", "web:1"}},
           {"a second rollback does not go forward again",
            "web:2",
            {ok("web:2", 4), ok("web:3", 3), ok("web:2", 2), ok("web:1", 1)},
            {},
            {"web:1"}},
           {"forcing the same revision again changes nothing",
            "web:2",
            {ok("web:2", 5), ok("web:2", 4), ok("web:2", 2), ok("web:1", 1)},
            {},
            {"web:1"}},
           {"another family is as good",
            "shop:1",
            {ok("shop:1", 2), ok("web:9", 1)},
            {},
            {"web:9"}},
           {"ARNs and names are the same",
            "arn:aws:ecs:eu-west-1:1:task-definition/web:2",
            {ok("web:2", 2), ok("arn:aws:ecs:eu-west-1:1:task-definition/web:1", 1),
             ok("web:1", 1, kJournal)},
            {},
            {"web:1"}},
           {"what this tool took back is not good, whatever ECS says",
            "web:4",
            {ok("web:4", 4), ok("web:3", 3), failed("web:3", 3), ok("web:2", 2)},
            {},
            {"web:2"}},
           {"a later success clears an earlier failure",
            "web:4",
            {ok("web:4", 4), ok("web:3", 3, kJournal), failed("web:3", 2)},
            {},
            {"web:3"}},
           {"nothing known: the older ACTIVE ones, newest first",
            "web:12",
            {},
            {"web:9", "web:10", "web:12", "web:13", "other:3"},
            {"web:10", "web:9"}},
           {"nothing at all", "web:1", {}, {"web:1"}, {}},
       }) {
    SCOPED_TRACE(what);
    std::vector<std::string> found;
    for (const RollbackCandidate& candidate : rollback_candidates(present, past, active))
      found.push_back(candidate.task_definition);
    EXPECT_EQ(found, wanted);
  }
}

TEST(Rollback, SaysWhereItKnowsFromAndSinceWhen) {
  const std::vector<RollbackCandidate> candidates = rollback_candidates(
      "web:3", {ok("web:3", 3), ok("web:2", 2, kJournal)}, {"web:1", "web:2", "web:3"});
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0], (RollbackCandidate{"web:2", kDay + 2h, kJournal}));
  EXPECT_EQ(candidates[1], (RollbackCandidate{"web:1", std::nullopt, "the list of revisions"}));
}

}  // namespace
}  // namespace slipway
