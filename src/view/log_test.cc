#include "view/log.h"

#include "view/json_lines.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr TimePoint kStart{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z

struct Log {
  LogSettings settings{.start = kStart, .cluster = "prod"};
  std::string text;
  LogView view() {
    return LogView(settings, [this](std::string_view written) { text += written; });
  }
};

Event about(ItemKind kind, std::string item, EventBody body, std::chrono::seconds after = {}) {
  return {.at = kStart + after,
          .subject = {StageKind::kServices, kind, std::move(item)},
          .body = std::move(body)};
}

ServiceObserved look(int running, int pending) {
  return {.service = {.serviceName = "web",
                      .status = "ACTIVE",
                      .deployments = {{.id = "ecs-svc/2",
                                       .status = "PRIMARY",
                                       .taskDefinition =
                                           "arn:aws:ecs:eu-west-1:1:task-definition/web:8",
                                       .desiredCount = 3,
                                       .runningCount = running,
                                       .pendingCount = pending,
                                       .rolloutState = "IN_PROGRESS"}}},
          .our_deployment = "ecs-svc/2"};
}

TEST(LogView, WritesTheSameFactInEachFormat) {
  struct Case {
    LogFormat format;
    std::string wanted;
  };
  for (
      const auto& [format, wanted] : std::vector<Case>{
          {LogFormat::kText,
           "INFO[0013] new tag is v2                                cluster=prod container=app "
           "service=web\n"},
          {LogFormat::kLogfmt,
           "time=\"2026-01-01T00:00:13Z\" level=info msg=\"new tag is v2\" cluster=prod "
           "container=app service=web\n"},
          {LogFormat::kJson,
           R"({"time":"2026-01-01T00:00:13Z","level":"info","msg":"new tag is v2","cluster":"prod",)"
           R"("container":"app","service":"web"})"
           "\n"},
      }) {
    Log log;
    log.settings.format = format;
    log.settings.level = LogLevel::kInfo;
    LogView view = log.view();
    view.on(about(ItemKind::kService, "web",
                  ImageChanged{.container = "app", .old_tag = "v1", .new_tag = "v2"},
                  std::chrono::seconds(13)));
    EXPECT_TRUE(log.text.ends_with(wanted)) << log.text;
  }
}

TEST(LogView, QuotesWhatALogfmtReaderWouldTakeApart) {
  Log log;
  LogView view = log.view();
  view.on(about(ItemKind::kService, "my web", Note{.message = "a \"b\"\n\x1b[31m"}));
  EXPECT_EQ(log.text,
            "time=\"2026-01-01T00:00:00Z\" level=info msg=\"a \\\"b\\\"\\n\\x1b[31m\" cluster=prod "
            "service=\"my web\"\n");
}

TEST(LogView, NeverPassesEscapeSequencesToATerminal) {
  Log log;
  log.settings.format = LogFormat::kText;
  LogView view = log.view();
  view.on(about(ItemKind::kNone, "", Note{.message = "a\x1b[2Jb\nc"}));
  EXPECT_EQ(log.text.find('\x1b'), std::string::npos);
  EXPECT_TRUE(log.text.starts_with("INFO[0000] a[2Jb c")) << log.text;
}

TEST(LogView, LeavesOutLowerLevels) {
  for (const auto& [level, lines] :
       {std::pair{LogLevel::kDebug, 2}, {LogLevel::kInfo, 1}, {LogLevel::kFatal, 0}}) {
    Log log;
    log.settings.level = level;
    LogView view = log.view();
    view.on(about(ItemKind::kNone, "", Note{.level = NoteLevel::kDebug, .message = "a"}));
    view.on(about(ItemKind::kNone, "", Note{.level = NoteLevel::kInfo, .message = "b"}));
    EXPECT_EQ(std::ranges::count(log.text, '\n'), lines) << to_string(level);
  }
}

TEST(LogView, TellsALookAgainOnlyWhenItChangedAndBeatsEveryHalfMinute) {
  Log log;
  LogView view = log.view();
  view.on(about(ItemKind::kService, "web", look(1, 2), std::chrono::seconds(3)));
  view.on(about(ItemKind::kService, "web", look(1, 2), std::chrono::seconds(6)));
  EXPECT_EQ(std::ranges::count(log.text, '\n'), 1);
  view.on(about(ItemKind::kService, "web", look(3, 0), std::chrono::seconds(9)));
  EXPECT_EQ(std::ranges::count(log.text, '\n'), 2);
  log.text.clear();
  view.tick(kStart + std::chrono::seconds(38));
  EXPECT_EQ(log.text, "");
  view.tick(kStart + std::chrono::seconds(39));
  EXPECT_EQ(
      log.text,
      "time=\"2026-01-01T00:00:39Z\" level=info msg=\"still working: web active, primary web:8: "
      "3/3 running, 0 pending, in progress\" cluster=prod\n");
  view.on(about(ItemKind::kService, "web", ItemEnded{}, std::chrono::seconds(40)));
  log.text.clear();
  view.tick(kStart + std::chrono::seconds(90));
  EXPECT_EQ(log.text, "");
}

TEST(LogView, TellsEveryLookWhenAsked) {
  Log log;
  log.settings.every_look = true;
  LogView view = log.view();
  view.on(about(ItemKind::kService, "web", look(1, 2)));
  view.on(about(ItemKind::kService, "web", look(1, 2)));
  EXPECT_EQ(std::ranges::count(log.text, '\n'), 2);
}

TEST(Lines, SayWhyATaskFailed) {
  const std::vector<Line> lines = lines_of(
      about(ItemKind::kTask, "migrate",
            TaskStopped{
                .ordinal = 1,
                .task_id = "0123",
                .stopCode = "EssentialContainerExited",
                .stoppedReason = "Essential container in task exited",
                .containers = {{.name = "app",
                                .exitCode = 137,
                                .reason = "OutOfMemoryError: Container killed due to memory usage"},
                               {.name = "log"}}}));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].message,
            "app exit 137 (OutOfMemoryError: Container killed due to memory usage)");
  EXPECT_EQ(lines[1].message, "log no exit code");
  EXPECT_EQ(lines[2].message, "task 1 failed: Essential container in task exited");
  EXPECT_EQ(lines[2].level, LogLevel::kError);
}

TEST(Lines, OfAStageEndWithAReportAndAFatalLineWhenItFailed) {
  const std::vector<Line> lines = lines_of(
      {.subject = {.stage = StageKind::kTasksBefore},
       .body = StageEnded{.counts = {.total = 2, .successful = 1, .failed = 1}, .ok = false}});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].message,
            "pre-deployment tasks report: total: 2, successful: 1, skipped: 0, failed: 1");
  EXPECT_EQ(lines[1].level, LogLevel::kFatal);
}

TEST(Lines, OfAStageThatIsPausedSayThatAPersonDecides) {
  const std::vector<Line> lines = lines_of(
      {.subject = {.stage = StageKind::kServices},
       .body = StageEnded{.counts = {.total = 2, .successful = 1, .paused = 1}, .ok = false}});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].message,
            "services report: total: 2, successful: 1, skipped: 0, failed: 0, paused: 1");
  EXPECT_EQ(lines[1].level, LogLevel::kWarn);
  EXPECT_EQ(lines[1].message, "services paused until a person decides, the run ends here");
}

TEST(Lines, OfOneTaskThatSomebodyRunsCountNothing) {
  const Subject whole{.stage = StageKind::kTasks};
  const std::vector<Line> began = lines_of({.subject = whole, .body = StageStarted{.items = 1}});
  ASSERT_EQ(began.size(), 1u);
  EXPECT_EQ(began[0], (Line{.message = "starting the task", .fields = {}}));
  const std::vector<Line> ended = lines_of(
      {.subject = whole, .body = StageEnded{.counts = {.total = 1, .failed = 1}, .ok = false}});
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].message, "the task failed, the run ends here");
  const std::vector<Line> several = lines_of(
      {.subject = whole, .body = StageEnded{.counts = {.total = 2, .successful = 2}, .ok = true}});
  ASSERT_EQ(several.size(), 2u);
  EXPECT_EQ(several[1].message, "tasks completed without failures");
}

TEST(Lines, OfAFailedCallCarryOperationCodeAndRequestId) {
  const std::vector<Line> lines = lines_of(
      about(ItemKind::kService, "web",
            ItemEnded{.outcome = Outcome::kFailed,
                      .error = Error{.kind = ErrorKind::kDenied,
                                     .code = "AccessDeniedException",
                                     .message = "not authorized to perform ecs:UpdateService",
                                     .operation = "ecs:UpdateService",
                                     .request_id = "6d1f02c8"},
                      .elapsed = std::chrono::seconds(2)}));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].message,
            "failed after 2s: not authorized to perform ecs:UpdateService (ecs:UpdateService, "
            "AccessDeniedException, request 6d1f02c8)");
}

TEST(LogLevels, AreTheOnesOfTheDialect) {
  for (const char* name : {"trace", "debug", "info", "warn", "warning", "ERROR", "fatal", "panic"})
    EXPECT_TRUE(parse_log_level(name)) << name;
  EXPECT_FALSE(parse_log_level("loud"));
}

TEST(JsonLinesView, WritesEveryEventAsOneLine) {
  std::string text;
  JsonLinesView view([&](std::string_view written) { text += written; });
  view.on(about(ItemKind::kService, "web", ServiceStable{}));
  EXPECT_EQ(text,
            "{\"schema\":1,\"at\":\"2026-01-01T00:00:00.000Z\",\"type\":\"service_stable\","
            "\"stage\":\"services\",\"kind\":\"service\",\"item\":\"web\"}\n");
}

}  // namespace
}  // namespace slipway
