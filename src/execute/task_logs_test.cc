#include "execute/task_logs.h"

#include "execute/scripted_aws_for_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Json definition(const std::string& containers) {
  return parse_json(R"({"family": "migrate", "containerDefinitions": [)" + containers + "]}")
      .value();
}

const std::string kApp =
    R"({"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": {
        "awslogs-group": "/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "run"}}})";

TEST(LogSources, AreThoseThatAwslogsWritesUnderAPrefix) {
  const LogSources sources = log_sources(definition(kApp + R"(, {"name": "quiet"},
          {"name": "metrics", "logConfiguration": {"logDriver": "splunk"}},
          {"name": "old", "logConfiguration": {"logDriver": "awslogs",
                                               "options": {"awslogs-group": "/old"}}})"));
  EXPECT_THAT(sources.readable,
              ElementsAre(ContainerLog{
                  .container = "app", .group = "/shop", .region = "eu-west-1", .prefix = "run"}));
  EXPECT_EQ(sources.readable.front().stream("1f07"), "run/app/1f07");
  EXPECT_THAT(sources.unreadable,
              ElementsAre("container metrics writes its log with splunk, which cannot be read back",
                          "container old has no awslogs-stream-prefix, so that its log stream "
                          "cannot be told"));
}

TEST(LogSources, OfADefinitionWithoutLogsAreNone) {
  EXPECT_EQ(log_sources(definition(R"({"name": "app"})")), LogSources{});
  EXPECT_EQ(log_sources(Json()), LogSources{});
}

// A log that grows: lines with the time from which they can be read. Tokens are positions.
struct Log {
  struct Line {
    Duration at;
    std::string text;
  };
  std::vector<Line> lines;
  Duration stream_at{};  // when the stream comes into being

  ScriptedAws::Answer answer(Fibers& fibers) {
    return [this, &fibers](const Json& input) -> Result<Json> {
      const Duration age = fibers.now() - kFakeStart;
      if (age < stream_at)
        return refused("ResourceNotFoundException", "The specified log stream does not exist.");
      std::size_t first = 0;
      if (const auto token = find_string(input, "nextToken"))
        first = static_cast<std::size_t>(std::stoi(std::string(token->substr(2))));
      JsonArray events;
      std::size_t next = first;
      for (; next < lines.size() && lines[next].at <= age; ++next)
        events.push_back(JsonObject{{"timestamp", 1767225600000 + lines[next].at / 1ms},
                                    {"message", lines[next].text}});
      return Json(JsonObject{{"events", std::move(events)},
                             {"nextForwardToken", "f/" + std::to_string(next)}});
    };
  }
};

struct LogWorld : ScriptedWorld {
  std::vector<std::string> told() const {
    std::vector<std::string> lines;
    for (const TaskLogLine& line : seen.all<TaskLogLine>()) lines.push_back(line.message);
    return lines;
  }
  std::vector<std::string> warnings() const {
    std::vector<std::string> texts;
    for (const Note& note : seen.all<Note>())
      if (note.level == NoteLevel::kWarning) texts.push_back(note.message);
    return texts;
  }
  // Follows one task that runs for so long.
  void follow(Duration runs_for, const std::string& containers = kApp,
              std::optional<int> exit_code = 0) {
    run([&] {
      TaskLogs logs(context, {}, log_sources(definition(containers)));
      logs.follow(1, "1f07");
      ASSERT_TRUE(fibers.sleep_for(runs_for));
      logs.finish("1f07", {{.name = "app", .exitCode = exit_code}});
    });
  }
};

TEST(TaskLogs, TellEveryLineOnceWhileTheTaskRuns) {
  LogWorld world;
  Log log{.lines = {{1s, "one\n"}, {5s, "two"}, {9s, "three\r\n"}}};
  world.aws.answers["GetLogEvents"] = log.answer(world.fibers);
  world.follow(20s);
  EXPECT_THAT(world.told(), ElementsAre("one", "two", "three"));
  const TaskLogLine first = world.seen.all<TaskLogLine>().front();
  EXPECT_EQ(first, (TaskLogLine{.ordinal = 1,
                                .task_id = "1f07",
                                .container = "app",
                                .written_at = kFakeStart + 1s,
                                .message = "one"}));
  const Json input = world.aws.inputs_of("GetLogEvents").front();
  EXPECT_EQ(to_text(input),
            R"({"logGroupName":"/shop","logStreamName":"run/app/1f07","startFromHead":true})");
  // Told soon after they were written.
  EXPECT_LE(*world.seen.time_of<TaskLogLine>() - kFakeStart, 3s);
}

TEST(TaskLogs, WaitForAStreamThatIsLate) {
  LogWorld world;
  Log log{.lines = {{1s, "one"}}, .stream_at = 12s};
  world.aws.answers["GetLogEvents"] = log.answer(world.fibers);
  world.follow(10s);
  EXPECT_THAT(world.told(), ElementsAre("one"));
  EXPECT_THAT(world.warnings(), IsEmpty());
}

TEST(TaskLogs, TellWhatArrivesAfterTheTaskHasStopped) {
  LogWorld world;
  Log log{.lines = {{1s, "one"}, {9900ms, "last words"}}};
  world.aws.answers["GetLogEvents"] = log.answer(world.fibers);
  world.follow(10s);
  EXPECT_THAT(world.told(), ElementsAre("one", "last words"));
}

TEST(TaskLogs, DoNotWaitForTheLogOfAContainerThatNeverRan) {
  LogWorld world;
  Log log{.stream_at = 1h};
  world.aws.answers["GetLogEvents"] = log.answer(world.fibers);
  world.follow(10s, kApp, std::nullopt);
  EXPECT_THAT(world.told(), IsEmpty());
  EXPECT_LE(world.fibers.now() - kFakeStart, 11s);
}

TEST(TaskLogs, EndWhenAStreamNeverComes) {
  LogWorld world;
  Log log{.stream_at = 1h};
  world.aws.answers["GetLogEvents"] = log.answer(world.fibers);
  world.follow(10s);
  EXPECT_LE(world.fibers.now() - kFakeStart, 20s);
}

TEST(TaskLogs, SayThatTheGroupDoesNotExistAndAskNoMore) {
  LogWorld world;
  world.aws.answers["GetLogEvents"] = [](const Json&) -> Result<Json> {
    return refused("ResourceNotFoundException", "The specified log group does not exist.");
  };
  world.follow(30s);
  EXPECT_THAT(world.warnings(),
              ElementsAre("the log of container app cannot be shown: log group /shop does not "
                          "exist in eu-west-1"));
  EXPECT_THAT(world.aws.calls, SizeIs(1));
}

TEST(TaskLogs, WaitForAGroupThatTheTaskMakes) {
  LogWorld world;
  int calls = 0;
  world.aws.answers["GetLogEvents"] = [&](const Json&) -> Result<Json> {
    if (++calls < 4)
      return refused("ResourceNotFoundException", "The specified log group does not exist.");
    return parse_json(
        R"({"events": [{"timestamp": 1, "message": "hello"}], "nextForwardToken": ""})");
  };
  world.follow(7s,
               R"({"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": {
        "awslogs-group": "/shop", "awslogs-create-group": "true", "awslogs-stream-prefix": "r"}}})");
  EXPECT_THAT(world.warnings(), IsEmpty());
  EXPECT_THAT(world.told(), testing::Contains("hello"));
}

TEST(TaskLogs, SayOnceThatReadingIsNotAllowed) {
  LogWorld world;
  world.aws.answers["GetLogEvents"] = [](const Json&) -> Result<Json> { return denied(); };
  world.follow(30s);
  EXPECT_THAT(world.seen.all<CallDenied>(),
              ElementsAre(CallDenied{.operation = "logs:GetLogEvents",
                                     .consequence = "the log is not shown"}));
  EXPECT_THAT(world.aws.calls, SizeIs(1));
}

TEST(TaskLogs, SayWhatCannotBeReadBack) {
  LogWorld world;
  world.follow(1s, R"({"name": "app", "logConfiguration": {"logDriver": "awsfirelens"}})");
  EXPECT_THAT(world.warnings(),
              ElementsAre("container app writes its log with awsfirelens, which cannot be read "
                          "back"));
}

TEST(TaskLogs, SayWhoseLineItIsWhenThereAreSeveral) {
  LogWorld world;
  Log log{.lines = {{1s, "one"}}};
  world.aws.answers["GetLogEvents"] = log.answer(world.fibers);
  std::string other = kApp;
  other.replace(other.find("app"), 3, "web");
  world.follow(5s, kApp + ", " + other);
  for (const TaskLogLine& line : world.seen.all<TaskLogLine>()) EXPECT_TRUE(line.several);
  EXPECT_THAT(world.told(), SizeIs(2));
}

TEST(TaskLogs, TellTheLastLinesOfContainersThatFailed) {
  LogWorld world;
  Log log{.lines = {{0s, "cannot connect"}}};
  world.aws.answers["GetLogEvents"] = log.answer(world.fibers);
  std::string other = kApp;
  other.replace(other.find("app"), 3, "web");
  world.run([&] {
    TaskLogs logs(world.context, {}, log_sources(definition(kApp + ", " + other)));
    logs.tell_last_lines(1, "1f07",
                         {{.name = "app", .exitCode = 3}, {.name = "web", .exitCode = 0}});
  });
  ASSERT_THAT(world.told(), ElementsAre("cannot connect"));
  EXPECT_TRUE(world.seen.all<TaskLogLine>().front().after_failure);
  EXPECT_EQ(to_text(world.aws.inputs_of("GetLogEvents").front()),
            R"({"logGroupName":"/shop","logStreamName":"run/app/1f07","limit":20,)"
            R"("startFromHead":false})");
}

}  // namespace
}  // namespace slipway
