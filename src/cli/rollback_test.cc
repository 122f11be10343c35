#include "cli/world_for_test.h"

namespace slipway::cli {
namespace {

constexpr const char* kFile =
    "slipway: 1\ncluster: prod\nservices: {web: {containers: [app]}, api: {containers: [app]}}\n";

TEST(RollbackCommand, RefusesWhatItCannotMeanBeforeAnyCall) {
  struct Case {
    std::vector<std::string> words;
    std::string wanted;
  };
  for (const auto& [words, wanted] : std::vector<Case>{
           {{"--to", "web"}, "error: --to: expected FAMILY:REVISION, found \"web\"\n"},
           {{"--to", "web:new"}, "error: --to: expected FAMILY:REVISION, found \"web:new\"\n"},
           {{"--service", "wbe"},
            "error: the file has no service named \"wbe\", did you mean web?\n"},
       }) {
    SCOPED_TRACE(testing::PrintToString(words));
    CommandLine line;
    line.file("slipway.yml", kFile);
    std::vector<std::string> all = {"rollback", "--sim"};
    all.insert(all.end(), words.begin(), words.end());
    EXPECT_EQ(line.run(all), 2);
    EXPECT_EQ(line.err, wanted);
    EXPECT_TRUE(line.calls.empty());
  }
}

TEST(RollbackCommand, SaysWhenThereIsNothingToGoBackTo) {
  CommandLine line;
  EXPECT_EQ(line.run({"rollback", "--cluster", "prod", "--service", "web", "--sim"}), 5);
  EXPECT_NE(
      line.err.find("error: service web runs shop-web:1, and nothing is known of a revision before "
                    "it"),
      std::string::npos)
      << line.err;
  EXPECT_NE(line.err.find("Nothing was changed.\n"), std::string::npos);
  EXPECT_TRUE(line.inputs_of("UpdateService").empty());
}

TEST(RollbackCommand, PrintsThePlanAsJson) {
  CommandLine line;
  EXPECT_EQ(line.run({"rollback", "--cluster", "prod", "--service", "web", "--to", "shop-web:1",
                      "--dry-run", "--output", "json", "--sim"}),
            0)
      << line.err;
  const Result<Json> plan = parse_json(line.out);
  ASSERT_TRUE(plan) << line.out;
  EXPECT_EQ(plan->at("stages").at(1).at("items").at(0).at("item"), "web");
}

}  // namespace
}  // namespace slipway::cli
