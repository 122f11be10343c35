// The page of a run: series out of events, drawings out of series, and the whole page of one
// release as it is kept in tests/browser (UPDATE_GOLDEN=1 writes it anew; tests/browser/run.py
// looks at it in a browser).
#include "view/report.h"

#include "base/runtime.h"
#include "base/text.h"
#include "view/report_page.h"
#include "view/report_svg.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

namespace slipway::report {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr TimePoint kStart{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z
const std::filesystem::path kFolder = SLIPWAY_SOURCE_DIR "/tests/browser";

struct Story {
  Collector collector;
  StageKind stage = StageKind::kServices;

  void say(Duration after, EventBody body, std::string item = "web",
           ItemKind kind = ItemKind::kService) {
    collector.on({kStart + after, {stage, kind, std::move(item)}, std::move(body)});
  }
  void of_run(Duration after, EventBody body) {
    collector.on({kStart + after, {}, std::move(body)});
  }
  const Run& run() const { return collector.run(); }
  const Lane& lane(std::size_t number = 0) const { return run().lanes.at(number); }
  std::string page() const { return page_of(run()); }
};

DeploymentSnapshot deployment(std::string id, const std::string& revision, int running,
                              int pending = 0, int failed = 0) {
  return {.id = std::move(id),
          .taskDefinition = "arn:aws:ecs:eu-west-1:1:task-definition/" + revision,
          .runningCount = running,
          .pendingCount = pending,
          .failedTasks = failed};
}

ServiceObserved look(std::vector<DeploymentSnapshot> deployments, int desired = 2,
                     std::string ours = "new", std::string name = "web") {
  return {.service = {.serviceName = std::move(name),
                      .desiredCount = desired,
                      .deployments = std::move(deployments)},
          .our_deployment = std::move(ours)};
}

ServiceUpdated update(std::string from, std::string to) {
  return {.deployment_id = "new",
          .old_task_definition = std::move(from),
          .new_task_definition = std::move(to),
          .desiredCount = 2};
}

std::vector<std::string> names_of(const Lane& lane) {
  std::vector<std::string> names;
  for (const Layer& layer : lane.layers)
    names.push_back(std::string(class_of(layer.kind)) + " " + layer.name);
  return names;
}

// ---- Series ------------------------------------------------------------------------------------

TEST(ReportSeries, HoldTheTasksOfEachRevisionOverTime) {
  Story story;
  story.say(0s, update("web:1", "web:2"));
  story.say(5s, look({deployment("new", "web:2", 0, 1), deployment("old", "web:1", 2)}));
  story.say(10s, look({deployment("new", "web:2", 0, 1), deployment("old", "web:1", 2)}));
  story.say(20s, look({deployment("new", "web:2", 2), deployment("old", "web:1", 0)}));
  story.say(30s, ItemEnded{.elapsed = 30s, .task_definition = "web:2"});
  const Lane& lane = story.lane();
  EXPECT_THAT(names_of(lane), ElementsAre("old web:1", "new web:2", "starting pending"));
  EXPECT_THAT(lane.layers[0].tasks, ElementsAre(Step{kStart + 5s, 2}, Step{kStart + 20s, 0}));
  EXPECT_THAT(lane.layers[1].tasks, ElementsAre(Step{kStart + 20s, 2}));
  EXPECT_THAT(lane.wanted, ElementsAre(Step{kStart + 5s, 2}));
  EXPECT_EQ(lane.runs, "web:2");

  const std::vector<Slice> slices = slices_of(lane, story.run().end, 100);
  EXPECT_THAT(slices, ElementsAre(Slice{kStart + 5s, kStart + 20s, {2, 0, 1}, 2},
                                  Slice{kStart + 20s, kStart + 30s, {0, 2, 0}, 2}));
  EXPECT_EQ(in_words(lane, slices[0]), "web:1 2, pending 1");
}

TEST(ReportSeries, TellNewTasksOfTheSameRevisionFromTheOldOnes) {
  Story story;
  story.say(0s, update("web:1", "web:1"));
  story.say(5s, look({deployment("new", "web:1", 1), deployment("old", "web:1", 2)}));
  EXPECT_THAT(names_of(story.lane()), ElementsAre("old web:1", "new web:1, new tasks"));
}

TEST(ReportSeries, ShowWhatComesInBetweenAsSomebodyElses) {
  Story story;
  story.say(0s, update("web:1", "web:2"));
  story.say(5s, look({deployment("new", "web:2", 1), deployment("old", "web:1", 2)}));
  story.say(9s, look({deployment("theirs", "web:9", 1), deployment("new", "web:2", 1)}));
  EXPECT_THAT(names_of(story.lane()), ElementsAre("old web:1", "new web:2", "other web:9"));
}

TEST(ReportSeries, KnowWhatWasThereWhenNobodyUpdated) {
  Story story;
  story.say(0s, look({deployment("new", "web:2", 1), deployment("old", "web:1", 2)}));
  EXPECT_THAT(names_of(story.lane()), ElementsAre("old web:1", "new web:2"));
}

TEST(ReportSeries, AddUpTheTwoServicesThatTrafficMovesBetween) {
  Story story;
  story.say(0s, update("web:1", "web:2"));
  story.say(5s, look({deployment("b", "web:1", 4)}, 4, "new", "web-blue"));
  story.say(6s, look({deployment("new", "web:2", 3, 1)}, 4, "new", "web-green"));
  const std::vector<Slice> slices = slices_of(story.lane(), kStart + 10s, 100);
  EXPECT_EQ(slices.back().tasks, (std::vector<int>{4, 3, 1}));
  EXPECT_EQ(slices.back().wanted, 8);
}

TEST(ReportSeries, PutTheWayBackIntoTheLaneOfItsItem) {
  Story story;
  story.say(0s, update("web:1", "web:2"));
  story.say(5s, look({deployment("new", "web:2", 2)}));
  story.say(9s, ItemEnded{.elapsed = 9s, .task_definition = "web:2"});
  story.stage = StageKind::kRollback;
  story.say(10s, update("web:2", "web:1"));
  story.say(15s, look({deployment("new2", "web:1", 2), deployment("new", "web:2", 1)}, 2, "new2"));
  story.say(20s, ItemEnded{.elapsed = 10s, .task_definition = "web:1"});
  ASSERT_THAT(story.run().lanes, SizeIs(1));
  EXPECT_THAT(names_of(story.lane()), ElementsAre("old web:1", "new web:2"));
  EXPECT_EQ(story.lane().outcome, Outcome::kRolledBack);
  EXPECT_EQ(story.lane().rolled_back_by, RolledBackBy::kUs);
  EXPECT_EQ(story.lane().runs, "web:1");
  EXPECT_EQ(story.lane().elapsed, Duration(9s));
}

TEST(ReportSeries, CountTheTasksOfAOneOffTaskByWhatTheyDo) {
  Story story;
  story.stage = StageKind::kTasksBefore;
  const auto say = [&](Duration after, EventBody body) {
    story.say(after, std::move(body), "migrate", ItemKind::kTask);
  };
  say(0s, TasksStarted{.count = 2,
                       .task_arns = {"arn:aws:ecs:eu-west-1:1:task/prod/a",
                                     "arn:aws:ecs:eu-west-1:1:task/prod/b"}});
  say(5s, TaskObserved{.task_id = "a", .lastStatus = "RUNNING"});
  say(9s, TaskStopped{.task_id = "a",
                      .ok = false,
                      .stoppedReason = "it broke",
                      .containers = {{.name = "app", .exitCode = 3}}});
  const Lane& lane = story.lane();
  EXPECT_THAT(names_of(lane), ElementsAre("new running", "starting starting"));
  EXPECT_THAT(lane.layers[0].tasks, ElementsAre(Step{kStart + 5s, 1}, Step{kStart + 9s, 0}));
  EXPECT_THAT(lane.layers[1].tasks, ElementsAre(Step{kStart, 2}, Step{kStart + 5s, 1}));
  EXPECT_THAT(lane.marks, ElementsAre(Mark{kStart + 9s, MarkKind::kFailure,
                                           "task 1 failed: app exit 3, it broke"}));
}

TEST(ReportSeries, MarkTasksThatFailedSinceTheLookBefore) {
  Story story;
  story.say(0s, update("web:1", "web:2"));
  for (const auto& [after, failed] : {std::pair{5s, 0}, {8s, 2}, {11s, 2}, {14s, 3}})
    story.say(after, look({deployment("new", "web:2", 0, 1, failed)}));
  EXPECT_THAT(story.lane().marks,
              ElementsAre(Mark{kStart + 8s, MarkKind::kFailure, "2 tasks failed"},
                          Mark{kStart + 14s, MarkKind::kFailure, "1 task failed"}));
}

TEST(ReportSeries, HoldTheShareOfTrafficAndEveryEvaluation) {
  Story story;
  story.say(0s, ItemStarted{});
  story.say(10s, TrafficShifted{.mover = "alb",
                                .what = "rule app/shop/3f2a",
                                .new_side = "web-green",
                                .from = 0,
                                .to = 10});
  story.say(20s, CheckEvaluated{.name = "errors", .value = 0.25, .condition = "< 1", .weight = 10});
  story.say(30s, TargetsObserved{.target_group = "green", .total = 2, .healthy = 2});
  story.say(40s, TargetsObserved{.target_group = "green", .total = 2, .healthy = 2});
  story.say(50s,
            TargetsObserved{.target_group = "green", .total = 2, .healthy = 1, .unhealthy = 1});
  const Lane& lane = story.lane();
  EXPECT_EQ(lane.new_side, "web-green");
  EXPECT_THAT(lane.weights, ElementsAre(Step{kStart, 0}, Step{kStart + 10s, 10}));
  ASSERT_THAT(lane.checks, SizeIs(2));
  EXPECT_EQ(lane.checks[0].name, "check errors");
  EXPECT_THAT(lane.checks[0].evaluations,
              ElementsAre(Evaluation{kStart + 20s, CheckVerdict::kPass, "0.25",
                                     "check errors: pass, 0.25, wanted < 1"}));
  EXPECT_EQ(lane.checks[1].name, "targets of green");
  ASSERT_THAT(lane.checks[1].evaluations,
              SizeIs(2));  // the look that showed nothing new is left out
  EXPECT_EQ(lane.checks[1].evaluations[1].verdict, CheckVerdict::kFail);
  EXPECT_EQ(lane.checks[1].evaluations[1].value, "1/2");
}

TEST(ReportSeries, GiveTrafficOfTheWholeRunALaneOfItsOwn) {
  Story story;
  story.of_run(0s, TrafficShifted{.mover = "dns", .what = "api.example.com", .to = 20});
  story.of_run(9s, RunEnded{.outcome = Outcome::kRolledBack, .elapsed = 9s, .reason = "unhealthy"});
  ASSERT_THAT(story.run().lanes, SizeIs(1));
  EXPECT_EQ(name_of(story.lane()), "the release");
  EXPECT_EQ(story.lane().outcome, Outcome::kRolledBack);
  EXPECT_EQ(story.lane().reason, "unhealthy");
  EXPECT_THAT(story.page(), HasSubstr("<h3>the release</h3>"));
}

TEST(ReportSeries, NameEachProblemOfThePlanOnce) {
  Story story;
  const Json problem = JsonObject{{"action", "refuse"},
                                  {"error", JsonObject{{"message", "cluster prod is not there"}}}};
  story.of_run(0s, PlanMade{JsonObject{
                       {"stages", JsonArray{JsonObject{{"steps", JsonArray{problem, problem}}}}}}});
  EXPECT_THAT(story.run().problems, ElementsAre("cluster prod is not there"));
}

// ---- Thinning ----------------------------------------------------------------------------------

Lane busy_lane(int looks) {
  Lane lane{.subject = {.kind = ItemKind::kService, .item = "web"}, .began = kStart};
  Layer layer{.kind = LayerKind::kNew, .name = "web:2", .tasks = {}};
  for (int i = 0; i < looks; ++i)
    layer.tasks.push_back({kStart + i * 1s, i == 4321 ? 1 : 50 + i % 7});
  lane.layers.push_back(std::move(layer));
  lane.ended = kStart + looks * 1s;
  return lane;
}

TEST(ReportThinning, KeepsTheWorstMomentAndTheEnd) {
  const Lane lane = busy_lane(10'000);
  const std::vector<Slice> slices = slices_of(lane, *lane.ended, 40);
  EXPECT_LE(slices.size(), 40u);
  EXPECT_GT(slices.size(), 2u);
  int least = 100;
  for (const Slice& slice : slices) least = std::min(least, slice.tasks[0]);
  EXPECT_EQ(least, 1);
  EXPECT_EQ(slices.front().from, kStart);
  EXPECT_EQ(slices.back().to, *lane.ended);
  EXPECT_EQ(slices.back().tasks[0], 50 + 9'999 % 7);
  for (std::size_t i = 1; i < slices.size(); ++i) EXPECT_EQ(slices[i - 1].to, slices[i].from);
}

TEST(ReportThinning, LeavesShortSeriesAsTheyAre) {
  const Lane lane = busy_lane(30);
  EXPECT_THAT(slices_of(lane, *lane.ended, 30), SizeIs(30));
}

TEST(ReportThinning, KeepsALongReleaseOfFiftyServicesBelowAMegabyte) {
  Story story;
  story.of_run(0s, RunStarted{.command = "deploy", .application = "shop", .cluster = "prod"});
  for (int service = 0; service < 50; ++service) {
    const std::string name = "service-number-" + std::to_string(service);
    const std::string family = "shop-" + name;
    story.say(1s, update(family + ":41", family + ":42"), name);
    for (int i = 0; i < 300; ++i) {
      const Duration at = 6s * (i + 1);
      story.say(at,
                look({deployment("new", family + ":42", i % 9, i % 4, i / 10),
                      deployment("old", family + ":41", 9 - i % 9)},
                     9, "new", name),
                name);
      story.of_run(at, CallMade{.operation = "ecs:DescribeServices"});
      if (i % 10 == 0)
        story.say(at,
                  ServiceEvent{.message = "(service " + name +
                                          ") has started 2 tasks: (task "
                                          "65076701fd428caaf24f5da8d8104dd9) (task "
                                          "cac2c23161e4dac77efbcc6fe32b4918).",
                               .createdAt = kStart + at,
                               .id = std::to_string(i)},
                  name);
    }
    story.say(30min, ItemEnded{.elapsed = 30min, .task_definition = family + ":42"}, name);
  }
  story.of_run(30min, RunEnded{.elapsed = 30min});
  const std::string page = story.page();
  EXPECT_LT(page.size(), 1'000'000u);
  EXPECT_GT(page.size(), 200'000u);
  EXPECT_THAT(page, HasSubstr("events in between are left out; the journal has them"));
}

// ---- Drawings ----------------------------------------------------------------------------------

TEST(ReportDrawings, TakeNoTextAsMarkup) {
  struct Case {
    std::string_view text;
    std::string_view wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"a < b && c > \"d\" 'e'", "a &lt; b &amp;&amp; c &gt; &quot;d&quot; &#39;e&#39;"},
           Case{"</title><script>", "&lt;/title&gt;&lt;script&gt;"},
           Case{"tab\tand\nline", "tab\tand\nline"},
           Case{std::string_view("nul\0bell\a", 9), "nul\uFFFDbell\uFFFD"},
           Case{"grün → 東京", "grün → 東京"},
           Case{"broken \xff\xc3 bytes", "broken \uFFFD\uFFFD bytes"},
           Case{"turned \u202Egnp.exe", "turned \uFFFDgnp.exe"},
       }) {
    SCOPED_TRACE(text);
    EXPECT_EQ(escaped(text), wanted);
  }
}

// Every text that comes from outside, in every place where it is shown.
TEST(ReportDrawings, LetNothingFromOutsideOntoThePageAsItIs) {
  const std::string evil = "\"'><img src=x onerror=alert(1)>";
  Story story;
  story.of_run(0s, RunStarted{.run_id = evil,
                              .command = evil,
                              .application = evil,
                              .cluster = evil,
                              .file = evil,
                              .dialect = evil,
                              .region = evil,
                              .by = evil});
  story.of_run(
      0s, PlanMade{JsonObject{
              {"stages",
               JsonArray{JsonObject{
                   {"steps",
                    JsonArray{
                        JsonObject{{"action", "refuse"}, {"error", JsonObject{{"message", evil}}}},
                        JsonObject{{"action", "refuse"},
                                   {"error", JsonObject{{"message", evil + "2"}}}}}}}}}}});
  story.say(1s, ItemStarted{evil}, evil);
  story.say(1s, ImageChanged{evil, evil, evil, evil, evil}, evil);
  story.say(1s, update(evil, evil + "2"), evil);
  story.say(1s, CallAnnounced{.operation = evil, .request = {}}, evil);
  story.of_run(1s, CallMade{.operation = evil});
  story.say(2s, look({deployment("new", evil, 1), deployment("x", evil + "3", 1)}), evil);
  story.say(3s, ServiceEvent{.message = evil, .createdAt = kStart + 2s, .id = evil}, evil);
  story.say(3s, TrafficShifted{.mover = evil, .what = evil, .new_side = evil, .to = 5}, evil);
  story.say(4s, CheckEvaluated{.name = evil, .value = 1, .condition = evil, .detail = evil}, evil);
  story.say(4s, TargetsObserved{.target_group = evil, .total = 1, .reason = evil}, evil);
  story.say(5s, StepPaused{.reason = evil, .go_on = evil, .go_back = evil}, evil);
  story.say(5s, TaskLogLine{.container = evil, .message = evil, .after_failure = true}, evil);
  story.say(6s,
            FailureExplained{.stopped_tasks = {{.stopCode = evil,
                                                .stoppedReason = evil,
                                                .containers = {{.name = evil, .reason = evil}},
                                                .example_task_id = evil}},
                             .service_events = {{evil, kStart, evil}},
                             .status_reason = evil},
            evil);
  story.say(6s,
            ItemEnded{.outcome = Outcome::kFailed,
                      .error = Error{ErrorKind::kFailed, "x", evil},
                      .task_definition = evil},
            evil);
  story.of_run(7s, Interrupted{.signal = evil, .in_progress = {evil}, .reattach = evil});
  story.of_run(
      8s,
      RunEnded{.outcome = Outcome::kFailed, .reason = evil, .state = {evil}, .next_step = evil});
  const std::string page = story.page();
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_THAT(page, Not(HasSubstr("'><")));
  EXPECT_THAT(page, HasSubstr("&lt;img src=x onerror=alert(1)&gt;"));
}

TEST(ReportDrawings, HaveAtMostSixTicksAtRoundTimes) {
  struct Case {
    Duration whole;
    std::string wanted;
  };
  for (const auto& [whole, wanted] : {
           Case{1s, "0s 1s"},
           Case{90s, "0s 30s 1m 1m30s"},
           Case{12min + 15s, "0s 3m 6m 9m 12m"},
           Case{30min, "0s 10m 20m 30m"},
           Case{100min, "0s 30m 1h 1h30m"},
           Case{std::chrono::hours(24 * 60), "0s 288h 576h 864h 1152h 1440h"},
       }) {
    std::string ticks;
    for (const Duration tick : ticks_of(whole))
      ticks += (ticks.empty() ? "" : " ") + tick_text(tick);
    EXPECT_EQ(ticks, wanted);
  }
}

TEST(ReportDrawings, TellMarksThatWouldLieOnEachOtherTogether) {
  Lane lane{.subject = {.kind = ItemKind::kService, .item = "web"}, .began = kStart};
  lane.marks = {{kStart + 10s, MarkKind::kEvent, "one"},
                {kStart + 11s, MarkKind::kEvent, "two"},
                {kStart + 11s, MarkKind::kFailure, "three"},
                {kStart + 90s, MarkKind::kEvent, "four"}};
  const std::string drawing = drawing_of(lane, {}, {kStart, kStart + 100s});
  EXPECT_THAT(drawing, HasSubstr("<title>10s: one\n11s: two</title>"));
  EXPECT_THAT(drawing, HasSubstr(R"(<use href="#m-failure" x="11%" y="23"><title>11s: three)"));
  EXPECT_THAT(drawing, HasSubstr(R"(<use href="#m-event" x="90%" y="9"><title>1m30s: four)"));
}

TEST(ReportDrawings, ShowChangesWhereOnlyTheJournalIsLeft) {
  Story story;
  story.say(0s, CallAnnounced{.operation = "ecs:UpdateService", .request = {}});
  story.of_run(9s, RunEnded{});
  EXPECT_THAT(story.page(), HasSubstr("<h3>Changing API calls</h3>"));
  story.of_run(10s, CallMade{.operation = "ecs:UpdateService", .attempts = 3, .throttled = 2});
  EXPECT_THAT(story.page(), HasSubstr("<h3>API calls</h3><p>3, 2 throttled</p>"));
}

// ---- The page ----------------------------------------------------------------------------------

std::string page_of_file(const std::filesystem::path& file) {
  const std::string text = read_file(file).value();
  std::vector<Event> events;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    Result<Event> event = event_from_json(parse_json(line).value());
    EXPECT_TRUE(event) << line;
    if (event) events.push_back(std::move(*event));
  }
  return report_of(events);
}

TEST(ReportPage, ComesOutAsBefore) {
  const std::string page = page_of_file(kFolder / "canary.jsonl");
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file(kFolder / "canary.html", page));
    return;
  }
  EXPECT_EQ(page, read_file(kFolder / "canary.html").value_or(""));
}

TEST(ReportPage, NeedsNeitherScriptsNorTheNetwork) {
  const std::string page = page_of_file(kFolder / "canary.jsonl");
  for (const char* reaching : {"<script", "http://", "@import", "src=", "onload", "url(http"})
    EXPECT_THAT(page, Not(HasSubstr(reaching)));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(ReportPage, SaysWhatToDoNext) {
  struct Case {
    std::vector<EventBody> events;
    std::string wanted;
  };
  const std::vector<Case> cases = {
      {{RunEnded{}}, "<p>Nothing. What was asked for is what runs.</p>"},
      {{RunEnded{.outcome = Outcome::kFailed, .next_step = "move them by hand"}},
       "<p>Next: move them by hand</p>"},
      {{RunEnded{.outcome = Outcome::kRolledBack, .state = {"service web runs web:1 again"}}},
       "<p>service web runs web:1 again</p><p>Nothing has to be undone. Mend what is named above "
       "and release again.</p>"},
      {{Interrupted{.signal = "SIGINT",
                    .in_progress = {"service web (deployment ecs-svc/1)"},
                    .reattach = "slipway wait --cluster prod web=ecs-svc/1"},
        RunEnded{.outcome = Outcome::kStopped}},
       "<p>Left in progress: service web (deployment ecs-svc/1)</p><p>To go on watching:</p><pre>"
       "slipway wait --cluster prod web=ecs-svc/1</pre>"},
      {{},
       "<p>The record stops here: the run goes on, or it was killed.</p><pre>slipway status "
       "--cluster prod</pre>"},
  };
  for (const auto& [events, wanted] : cases) {
    Story story;
    story.of_run(0s, RunStarted{.command = "deploy", .cluster = "prod"});
    for (const EventBody& event : events) story.of_run(1s, event);
    EXPECT_THAT(story.page(), HasSubstr(wanted));
  }
}

TEST(ReportPage, NamesTheCommandsOfAStepThatWaits) {
  Story story;
  story.say(0s, StepPaused{.weight = 10,
                           .reason = "check latency is inconclusive",
                           .go_on = "slipway continue web",
                           .go_back = "slipway stop web"});
  story.of_run(1s, RunEnded{.outcome = Outcome::kPaused});
  EXPECT_THAT(story.page(),
              HasSubstr("<p>service web waits at 10%: check latency is inconclusive. To go on:</p>"
                        "<pre>slipway continue web</pre><p>To go back:</p><pre>slipway stop "
                        "web</pre>"));
}

TEST(ReportPage, OfNothingIsAPageStill) {
  const std::string page = page_of(report::Run{});
  EXPECT_THAT(page, HasSubstr("<h1>A run of slipway</h1>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
}

// ---- The view ----------------------------------------------------------------------------------

class Shown final : public View {
 public:
  explicit Shown(std::vector<std::string>& heard) : heard_(heard) {}
  void on(const Event& event) override { heard_.emplace_back(type_of(event.body)); }
  void finish(TimePoint) override { heard_.emplace_back("finish"); }

 private:
  std::vector<std::string>& heard_;
};

struct Saved {
  std::vector<std::string> heard;
  std::vector<std::string> pages;
  std::unique_ptr<ReportView> view = std::make_unique<ReportView>(
      std::make_unique<Shown>(heard), [this](std::string_view page) { pages.emplace_back(page); });
};

TEST(ReportView, WritesWhenTheRunHasSaidItsLastWord) {
  Saved saved;
  saved.view->on({kStart, {}, RunStarted{.command = "deploy"}});
  EXPECT_THAT(saved.pages, IsEmpty());
  saved.view->finish(kStart);
  EXPECT_THAT(saved.heard, ElementsAre("run_started", "finish"));
  ASSERT_THAT(saved.pages, SizeIs(1));
  saved.view.reset();
  EXPECT_THAT(saved.pages, SizeIs(1));  // nothing new
}

TEST(ReportView, WritesWhenNobodyFinishesIt) {
  Saved saved;
  saved.view->on({kStart, {}, RunStarted{.command = "deploy"}});
  saved.view.reset();
  EXPECT_THAT(saved.pages, SizeIs(1));
}

TEST(ReportView, TellsWhyThereWasNoRun) {
  Saved saved;
  saved.view->could_not_begin(kStart, Error{ErrorKind::kDenied, "x", "no credentials"});
  saved.view.reset();
  ASSERT_THAT(saved.pages, SizeIs(1));
  EXPECT_THAT(saved.pages[0], HasSubstr("<p class=\"reason\">no credentials"));
  EXPECT_THAT(saved.pages[0], HasSubstr("failed to start"));
}

}  // namespace
}  // namespace slipway::report
