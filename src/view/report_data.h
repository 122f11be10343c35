// What a report shows, out of a run's events: for every task, service and schedule a lane with
// plain series over time. Nothing here knows what it will look like (report_svg.h, report_page.h).
#pragma once

#include "model/event.h"
#include "view/line.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway::report {

// Holds from `at` until the next one's time.
struct Step {
  TimePoint at;
  int value = 0;
  bool operator==(const Step&) const = default;
};
using Steps = std::vector<Step>;

enum class LayerKind {
  kOld,       // ran before the run began
  kNew,       // what the run brings
  kOther,     // somebody else's
  kStarting,  // counted, but not running yet
  kStopping,
};

// How many tasks of one revision, or in one state, there were.
struct Layer {
  LayerKind kind = LayerKind::kOld;
  std::string name;  // "shop-web:2"
  Steps tasks;
  bool operator==(const Layer&) const = default;
};

enum class MarkKind { kCall, kEvent, kGood, kFailure, kRollback, kWaiting };

struct Mark {
  TimePoint at;
  MarkKind kind = MarkKind::kEvent;
  std::string text;
  bool operator==(const Mark&) const = default;
};

// One evaluation of a check, or one look at a target group, which is judged like one.
struct Evaluation {
  TimePoint at;
  CheckVerdict verdict = CheckVerdict::kPass;
  std::string value;  // "0.25", "2/3"; empty when there was none
  std::string text;   // all of it, in a sentence
  bool operator==(const Evaluation&) const = default;
};
struct CheckSeries {
  std::string name;
  std::string condition;  // "< 1"
  std::vector<Evaluation> evaluations;
  bool operator==(const CheckSeries&) const = default;
};

// One item of the run from its beginning to its end, the way back included.
struct Lane {
  Subject subject;
  TimePoint began;
  std::optional<TimePoint> ended;
  std::string old_revision;  // "family:revision", empty when unknown
  std::string new_revision;
  std::string runs;  // what serves in the end
  std::optional<Outcome> outcome;
  RolledBackBy rolled_back_by = RolledBackBy::kNobody;
  std::optional<Duration> elapsed;
  std::string reason;               // why it is no success
  std::vector<std::string> images;  // "app: registry.example/web:v1 -> registry.example/web:v2"

  std::vector<Layer> layers;  // from the bottom
  Steps wanted;               // desiredCount, or how many tasks were asked for
  std::vector<Mark> marks;    // by time
  int failed_tasks = 0;       // as of the last look

  // Of traffic that is moved, in percent of the new side.
  std::string new_side;
  Steps weights;
  std::vector<CheckSeries> checks;
  std::optional<StepPaused> paused;  // and nobody has answered yet

  // Of a failure.
  std::vector<StoppedTaskGroup> stopped_tasks;
  std::vector<ServiceEvent> service_events;
  std::string status_reason;
  std::vector<std::string> last_lines;  // of the logs of containers that failed
};

// "service web"; "the release" where it is all one.
std::string name_of(const Lane& lane);

struct Call {
  TimePoint at;
  std::string operation;
  int attempts = 1;
  int throttled = 0;
};

struct Told {
  TimePoint at;
  LogLevel level = LogLevel::kInfo;
  std::string about;  // "service web", empty for the run
  std::string message;
};

struct Run {
  RunStarted started;
  std::optional<RunEnded> ended;
  std::optional<Interrupted> interrupted;
  TimePoint begin;
  TimePoint end;
  std::vector<Lane> lanes;            // in the order in which they began
  std::vector<Call> calls;            // empty when only a journal is left of the run
  std::vector<Call> changes;          // calls that change something, when they were announced
  std::vector<Told> told;             // by time
  std::vector<std::string> problems;  // that planning found
};

// What one look at a service has counted.
struct ServiceCounts {
  std::map<std::pair<LayerKind, std::string>, int> tasks;  // by layer
  int wanted = 0;
  int failed = 0;
};

// Gathers while a run goes on.
class Collector final : public Sink {
 public:
  void on(const Event& event) override;
  const Run& run() const { return run_; }

 private:
  std::size_t lane_of(const Event& event);
  void take(const Event& event);
  void tell(const Event& event);

  Run run_;
  bool has_begun_ = false;
  // What was seen last, by the lane's number: the tasks of a one-off task and where each is
  // counted; the counts of each service, of which traffic that is moved has two.
  std::map<std::size_t, std::map<std::string, LayerKind>> tasks_;
  std::map<std::size_t, std::map<std::string, ServiceCounts>> services_;
};

// A stretch of time in which nothing of a lane changed.
struct Slice {
  TimePoint from;
  TimePoint to;
  std::vector<int> tasks;  // of each layer
  std::optional<int> wanted;
  bool operator==(const Slice&) const = default;
};

// The lane's layers cut where something changes, from its first look to its end. When that makes
// more than `most` slices, time is cut into `most` equal parts and each shows its look with the
// fewest running tasks, so that a dip is never lost; the last one shows how it ended.
std::vector<Slice> slices_of(const Lane& lane, TimePoint end_of_run, std::size_t most);

// The value at a time; nullopt before the first step.
std::optional<int> value_at(const Steps& steps, TimePoint at);

}  // namespace slipway::report
