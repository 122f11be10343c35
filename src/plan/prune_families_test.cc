#include "plan/prune_families.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

std::vector<std::string> arns(int from, int to) {
  std::vector<std::string> names;
  for (int i = from; i <= to; ++i)
    names.push_back("arn:aws:ecs:eu-west-1:1:task-definition/web:" + std::to_string(i));
  return names;
}

TEST(PruneFamily, ExplainsEveryRevisionThatStays) {
  RevisionUsers users;
  users.add(arns(12, 12).front(), "service prod/web");
  users.add("web:3", "rule nightly");
  users.add("web:3", "rule nightly");
  users.add("web:3", "schedule default/weekly");
  const PrunedFamily pruned = prune_family("web", arns(1, 12), {}, 2, users);
  EXPECT_EQ(pruned.deregister,
            (std::vector<std::string>{"web:1", "web:2", "web:4", "web:5", "web:6", "web:7", "web:8",
                                      "web:9", "web:10"}));
  EXPECT_EQ(pruned.kept, (std::vector<KeptRevision>{
                             {"web:12", "among the newest 2; used by service prod/web"},
                             {"web:11", "among the newest 2"},
                             {"web:3", "used by rule nightly, schedule default/weekly"}}));
}

TEST(PruneFamily, NeverTakesTheNewest) {
  const PrunedFamily pruned = prune_family("web", arns(4, 5), {}, 0, {});
  EXPECT_EQ(pruned.deregister, (std::vector<std::string>{"web:4"}));
  EXPECT_EQ(pruned.kept, (std::vector<KeptRevision>{{"web:5", "the newest"}}));
}

TEST(PruneFamily, DeletesWhatIsInactiveAndNobodyUses) {
  RevisionUsers users;
  users.add("web:2", "service prod/old");
  const PrunedFamily pruned = prune_family("web", arns(4, 4), arns(1, 3), 1, users);
  EXPECT_TRUE(pruned.deregister.empty());
  EXPECT_EQ(pruned.deletes, (std::vector<std::string>{"web:1", "web:3"}));
  EXPECT_EQ(pruned.kept,
            (std::vector<KeptRevision>{{"web:4", "the newest"},
                                       {"web:2", "INACTIVE, but used by service prod/old"}}));
}

TEST(PruneFamily, IsToldAsATextAndAsJson) {
  RevisionUsers users;
  users.add("web:1", "rule nightly");
  const std::vector<PrunedFamily> families = {
      prune_family("web", arns(1, 3), {}, 1, users),
      prune_family("worker", {"worker:10"}, {"worker:9"}, 1, users)};
  EXPECT_EQ(to_string(families),
            "web: deregister 1, delete 0, keep 2\n"
            "  keep        web:3  the newest\n"
            "  keep        web:1  used by rule nightly\n"
            "  deregister  web:2\n"
            "\n"
            "worker: deregister 0, delete 1, keep 1\n"
            "  keep        worker:10  the newest\n"
            "  delete      worker:9\n");
  EXPECT_EQ(to_text(to_json({families.front()})),
            R"([{"family":"web","deregister":["web:2"],"delete":[],"keep":[)"
            R"({"revision":"web:3","reason":"the newest"},)"
            R"({"revision":"web:1","reason":"used by rule nightly"}]}])");
}

}  // namespace
}  // namespace slipway
