#include "plan/overrides.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

const Json kTwo = parse_json(R"({"containerDefinitions": [
    {"name": "app"}, {"name": "metrics", "essential": false}]})")
                      .value();
const Json kBoth =
    parse_json(R"({"containerDefinitions": [{"name": "app"}, {"name": "web"}]})").value();

TaskRun run(ContainerOverride wanted, std::optional<Json> overrides = {}) {
  return {.overrides = std::move(overrides), .container_override = std::move(wanted)};
}

TEST(Overrides, AreForTheContainerThatIsNamedOrTheOnlyEssentialOne) {
  for (const std::string& named : {std::string(), std::string("app")}) {
    const auto settled = settle_overrides(
        run({.container = named, .command = {"bin/migrate"}, .environment = {{"A", "1"}}}), kTwo,
        "shop:1");
    ASSERT_TRUE(settled);
    EXPECT_EQ(to_text(**settled),
              R"({"containerOverrides":[{"name":"app","command":["bin/migrate"],)"
              R"("environment":[{"name":"A","value":"1"}]}]})");
  }
}

TEST(Overrides, GoIntoWhatTheFileSays) {
  const Json file = parse_json(R"({"cpu": "512", "containerOverrides": [
      {"name": "app", "command": ["old"], "environment": [{"name": "A", "value": "0"},
                                                          {"name": "B", "value": "2"}]}]})")
                        .value();
  const auto settled = settle_overrides(
      run({.command = {"new"}, .environment = {{"A", "1"}}}, file), kTwo, "shop:1");
  ASSERT_TRUE(settled);
  EXPECT_EQ(to_text(**settled),
            R"({"cpu":"512","containerOverrides":[{"name":"app","command":["new"],)"
            R"("environment":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}]})");
}

TEST(Overrides, StayAsTheyAreWithoutACommand) {
  EXPECT_EQ(settle_overrides(TaskRun{}, kTwo, "shop:1").value(), std::nullopt);
  EXPECT_EQ(settle_overrides(TaskRun{.overrides = Json{{"cpu", "1"}}}, kTwo, "shop:1").value(),
            (Json{{"cpu", "1"}}));
}

TEST(Overrides, SayWhichContainerTheyDoNotKnow) {
  EXPECT_EQ(settle_overrides(run({.command = {"x"}}), kBoth, "shop:1").error().message,
            "shop:1 has 2 containers: app, web; say with --container which of them the command and "
            "the variables are for");
  EXPECT_EQ(
      settle_overrides(run({.container = "ap", .command = {"x"}}), kBoth, "shop:1").error().message,
      "shop:1 has no container named ap; did you mean app?");
  EXPECT_EQ(settle_overrides(run({.container = "nginx", .command = {"x"}}), kBoth, "shop:1")
                .error()
                .message,
            "shop:1 has no container named nginx; it has app, web");
}

}  // namespace
}  // namespace slipway
