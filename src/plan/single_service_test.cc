#include "plan/single_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

TaskDefinitionSnapshot base(const std::string& image = "r/app:1") {
  return {.arn = "arn:aws:ecs:eu-west-1:1:task-definition/web:7",
          .family = "web",
          .revision = 7,
          .status = "ACTIVE",
          .document = {{"family", "web"},
                       {"revision", 7},
                       {"containerDefinitions", JsonArray{{{"name", "app"}, {"image", image}}}}},
          .tags = JsonArray{{{"key", "team"}, {"value", "shop"}}}};
}

TEST(PlanRevision, RegistersEvenWhatIsTheSame) {
  SingleService wanted;
  wanted.images = ImageOfRepository{parse_image("r/app:1").value()};
  EXPECT_EQ(to_text(plan_revision(wanted, base()).value().action.document),
            R"({"family":"web","containerDefinitions":[{"name":"app","image":"r/app:1"}],)"
            R"("tags":[{"key":"team","value":"shop"}]})");
}

TEST(PlanRevision, TakesTheFilesContentAndWarnsOfAnotherFamily) {
  SingleService wanted{.file_name = "task.json"};
  wanted.file = Json{{"family", "other"},
                     {"containerDefinitions", JsonArray{{{"name", "a"}, {"image", "b:1"}}}}};
  const NewRevision revision = plan_revision(wanted, base()).value();
  EXPECT_EQ(revision.action.family, "other");
  EXPECT_EQ(to_text(revision.action.document),
            R"({"family":"other","containerDefinitions":[{"name":"a","image":"b:1"}],)"
            R"("tags":[{"key":"team","value":"shop"}]})");
  EXPECT_THAT(
      revision.findings,
      testing::Contains(EventBody(
          Note{NoteLevel::kWarning, "task.json is of family other, not web as the base web:7"})));
}

TEST(PlanRevision, RefusesAnImageThatNoContainerUses) {
  SingleService wanted;
  wanted.images = ImageOfRepository{parse_image("r/other:2").value()};
  const Result<NewRevision> revision = plan_revision(wanted, base());
  ASSERT_FALSE(revision);
  EXPECT_EQ(revision.error().message,
            "no container of web:7 uses the repository r/other; there is app (r/app:1)");
}

TEST(UnwrapDefinition, TakesWhatDescribeAnswersAndABareOne) {
  const Json bare = parse_json(R"({"family":"web","containerDefinitions":[]})").value();
  EXPECT_EQ(unwrap_definition(bare).value().document, bare);
  const SavedDefinition wrapped =
      unwrap_definition(Json{{"taskDefinition", bare}, {"tags", JsonArray{{{"key", "a"}}}}})
          .value();
  EXPECT_EQ(wrapped.document, bare);
  EXPECT_EQ(to_text(wrapped.tags), R"([{"key":"a"}])");
  EXPECT_EQ(unwrap_definition(Json{{"family", "web"}}).error().code, "file.no-task-definition");
  EXPECT_EQ(unwrap_definition(Json(3)).error().code, "file.no-task-definition");
}

TEST(ShowsThatItWorks, NeedsHealthWhereItIsChecked) {
  struct Case {
    std::string containers;
    std::string lastStatus, healthStatus;
    bool wanted;
  };
  const std::string check = R"("healthCheck":{"command":["CMD","x"]})";
  for (const auto& [containers, lastStatus, healthStatus, wanted] : std::vector<Case>{
           {R"([{"name":"a"}])", "RUNNING", "UNKNOWN", true},
           {R"([{"name":"a"}])", "PENDING", "UNKNOWN", false},
           {R"([{"name":"a"},{"name":"b",)" + check + "}]", "RUNNING", "UNKNOWN", false},
           {R"([{"name":"a"},{"name":"b",)" + check + "}]", "RUNNING", "UNHEALTHY", false},
           {R"([{"name":"a"},{"name":"b",)" + check + "}]", "RUNNING", "HEALTHY", true},
           {R"([{"name":"a"},{"name":"b","essential":false,)" + check + "}]", "RUNNING", "UNKNOWN",
            true},
           {R"([{"name":"a"},{"name":"b","essential":false,)" + check + "}]", "RUNNING",
            "UNHEALTHY", false},
       }) {
    SCOPED_TRACE(containers + " " + lastStatus + " " + healthStatus);
    const Json document{{"containerDefinitions", parse_json(containers).value()}};
    EXPECT_EQ(shows_that_it_works(health_check_of(document), lastStatus, healthStatus), wanted);
  }
}

TEST(NotEssential, IsWhatTheDefinitionSaysIsNot) {
  const Json document =
      parse_json(R"({"containerDefinitions":[{"name":"a"},)"
                 R"({"name":"b","essential":false},{"name":"c","essential":true}]})")
          .value();
  EXPECT_EQ(not_essential(document), std::vector<std::string>{"b"});
}

TEST(PruneRuleOfADeployment, KeepsTheRevisionBeforeUnlessOnlyOneIsWanted) {
  SingleService wanted;
  wanted.keep_revisions = 2;
  EXPECT_EQ(prune_rule(wanted, "web:8", "web:3").in_use,
            (std::map<std::string, std::string>{{"web:8", "it is the new one"},
                                                {"web:3", "it can be gone back to"}}));
  wanted.keep_revisions = 1;
  EXPECT_EQ(prune_rule(wanted, "web:8", "web:3").in_use.size(), 1u);
}

}  // namespace
}  // namespace slipway
