#include "view/live.h"

#include "base/utf8.h"
#include "view/width.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr TimePoint kStart{std::chrono::seconds(1'767'225'600)};

struct Screen {
  TerminalSize size{.columns = 120, .rows = 24};
  std::string text;
  LiveView view{{.color = false, .start = kStart, .size = [this] { return size; }},
                [this](std::string_view written) { text += written; }};

  void happen(std::chrono::seconds after, ItemKind kind, std::string item, EventBody body) {
    view.on({.at = kStart + after,
             .subject = {StageKind::kServices, kind, std::move(item)},
             .body = std::move(body)});
  }
  std::vector<std::string> at(std::chrono::seconds after) {
    return view.picture(kStart + after, size);
  }
};

void release_web(Screen& screen) {
  screen.happen(std::chrono::seconds(0), ItemKind::kNone, "",
                RunStarted{.command = "deploy", .application = "shop", .cluster = "prod"});
  screen.happen(std::chrono::seconds(1), ItemKind::kService, "web",
                ServiceUpdated{.deployment_id = "ecs-svc/2",
                               .old_task_definition = "web:41",
                               .new_task_definition = "web:42",
                               .desiredCount = 4});
  screen.happen(std::chrono::seconds(5), ItemKind::kService, "web",
                ServiceObserved{.service = {.status = "ACTIVE",
                                            .deployments = {{.id = "ecs-svc/2",
                                                             .status = "PRIMARY",
                                                             .desiredCount = 4,
                                                             .runningCount = 2,
                                                             .pendingCount = 2,
                                                             .rolloutState = "IN_PROGRESS"},
                                                            {.id = "ecs-svc/1",
                                                             .status = "ACTIVE",
                                                             .desiredCount = 4,
                                                             .runningCount = 4}}},
                                .our_deployment = "ecs-svc/2"});
}

TEST(LiveView, ShowsATableOfWhatIsGoingOn) {
  Screen screen;
  release_web(screen);
  const std::vector<std::string> lines = screen.at(std::chrono::seconds(11));
  ASSERT_GE(lines.size(), 3u);
  EXPECT_EQ(lines[0], "deploy shop on prod  11s");
  EXPECT_TRUE(lines[1].starts_with(
      "ITEM                      REVISION              RUNNING  PENDING  FAILED  HEALTH     "
      "STATE         ELAPSED  PROGRESS"))
      << lines[1];
  EXPECT_EQ(lines[2],
            "web                       web:41 → 42               2/4        2       0  starting   "
            "in progress       10s  █████░░░░░░▓");
}

TEST(LiveView, FitsEveryTerminalWidth) {
  Screen screen;
  release_web(screen);
  for (int columns = 20; columns <= 200; ++columns) {
    screen.size.columns = columns;
    for (const std::string& line : screen.at(std::chrono::seconds(11)))
      ASSERT_LE(static_cast<int>(display_width(line)), columns) << columns << ": " << line;
  }
}

TEST(LiveView, LeavesOutEndedRowsFirstWhenThereAreTooMany) {
  Screen screen;
  screen.size.rows = 10;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "service-" + std::to_string(i);
    screen.happen(std::chrono::seconds(1), ItemKind::kService, name, CheckingStability{});
    if (i < 15) screen.happen(std::chrono::seconds(2), ItemKind::kService, name, ItemEnded{});
  }
  const std::vector<std::string> lines = screen.at(std::chrono::seconds(3));
  EXPECT_LE(lines.size(), 10u);
  EXPECT_TRUE(lines[2].starts_with("service-15")) << lines[2];
}

TEST(LiveView, ShowsWhatFailedOrIsFailingFirstWhenThereIsNoRoomForAll) {
  Screen screen;
  screen.size.rows = 10;
  screen.happen(std::chrono::seconds(0), ItemKind::kNone, "", StageStarted{30});
  for (int i = 0; i < 20; ++i) {
    const std::string name = "service-" + std::to_string(i);
    screen.happen(std::chrono::seconds(1), ItemKind::kService, name, CheckingStability{});
    if (i < 5) screen.happen(std::chrono::seconds(2), ItemKind::kService, name, ItemEnded{});
  }
  screen.happen(std::chrono::seconds(2), ItemKind::kService, "service-18",
                ServiceEvent{.message = "(service x) failed container health checks.", .id = "1"});
  screen.happen(std::chrono::seconds(2), ItemKind::kService, "service-19",
                ItemEnded{.outcome = Outcome::kRolledBack});
  const std::vector<std::string> lines = screen.at(std::chrono::seconds(3));
  EXPECT_LE(lines.size(), 10u);
  EXPECT_TRUE(lines[2].starts_with("service-19")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with("service-18")) << lines[3];
  EXPECT_TRUE(lines[4].starts_with("service-5")) << lines[4];
  EXPECT_EQ(lines[7], "... and 15 more: 10 at work, 5 succeeded; 10 not begun");
}

TEST(LiveView, MovesWhileNothingHappens) {
  Screen screen;
  release_web(screen);
  EXPECT_NE(screen.at(std::chrono::seconds(11))[2], screen.at(std::chrono::seconds(12))[2]);
}

TEST(LiveView, WritesWarningsAndErrorsAboveTheTableForGood) {
  Screen screen;
  release_web(screen);
  screen.text.clear();
  screen.happen(
      std::chrono::seconds(6), ItemKind::kService, "web",
      ItemEnded{.outcome = Outcome::kFailed,
                .error = Error{.kind = ErrorKind::kFailed, .message = "tasks failed to start"},
                .elapsed = std::chrono::seconds(5)});
  const std::size_t said = screen.text.find("web: failed after 5s: tasks failed to start\r\n");
  ASSERT_NE(said, std::string::npos) << screen.text;
  EXPECT_LT(said, screen.text.find("deploy shop"));
}

TEST(LiveView, HidesTheCursorAndAlwaysGivesItBack) {
  Screen screen;
  release_web(screen);
  EXPECT_TRUE(screen.text.starts_with("\x1b[?25l"));
  screen.view.finish(kStart + std::chrono::seconds(20));
  EXPECT_TRUE(screen.text.ends_with("\x1b[?25h"));

  std::string text;
  {
    LiveView dying({.start = kStart, .size = [] { return TerminalSize{}; }},
                   [&](std::string_view written) { text += written; });
    dying.on({.at = kStart,
              .subject = {StageKind::kServices, ItemKind::kService, "web"},
              .body = ServiceStable{}});
  }
  EXPECT_TRUE(text.ends_with("\x1b[?25h"));
}

TEST(LiveView, StartsOnFreshLinesAfterAResize) {
  Screen screen;
  release_web(screen);
  screen.text.clear();
  screen.size = {.columns = 60, .rows = 20};
  screen.view.tick(kStart + std::chrono::seconds(7));
  EXPECT_TRUE(screen.text.starts_with("\r\n")) << screen.text;
  EXPECT_EQ(screen.text.find("\x1b[J"), std::string::npos);
}

TEST(Width, CutsAndFillsByColumnsNotBytes) {
  EXPECT_EQ(fitted("grüne Wiese", 6), "grüne…");
  EXPECT_EQ(fitted("日本語", 4), "日…");
  EXPECT_EQ(padded("日", 4), "日  ");
  EXPECT_EQ(padded_left("7", 3), "  7");
  EXPECT_EQ(fitted("a\x1b[2Jb\xff", 80), "a[2Jb?");
}

}  // namespace
}  // namespace slipway
