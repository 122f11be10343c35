#include "view/report_data.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace slipway::report {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

// A step only where something changes; of two at one time the later one counts.
void add_step(Steps& steps, TimePoint at, int value) {
  if (!steps.empty() && steps.back().at == at) {
    steps.back().value = value;
    return;
  }
  if (steps.empty() ? value == 0 : steps.back().value == value) return;
  steps.push_back({at, value});
}

Layer& layer_of(Lane& lane, LayerKind kind, const std::string& name) {
  const auto found = std::ranges::find_if(
      lane.layers, [&](const Layer& layer) { return layer.kind == kind && layer.name == name; });
  if (found != lane.layers.end()) return *found;
  // What runs lies at the bottom, what is not there yet on top of it.
  const auto above =
      std::ranges::find_if(lane.layers, [&](const Layer& layer) { return layer.kind > kind; });
  return *lane.layers.insert(above, Layer{.kind = kind, .name = name, .tasks = {}});
}

void mark(Lane& lane, TimePoint at, MarkKind kind, std::string text) {
  const auto later = std::ranges::upper_bound(lane.marks, at, {}, &Mark::at);
  lane.marks.insert(later, Mark{at, kind, std::move(text)});
}

// Where a deployment's tasks are counted.
std::pair<LayerKind, std::string> place_of(const Lane& lane, const DeploymentSnapshot& deployment,
                                           const std::string& our_deployment) {
  const std::string revision = family_revision_of(deployment.taskDefinition);
  const bool is_ours = deployment.id == our_deployment;
  // The same revision once more: new tasks of it are told from the old ones by their deployment.
  if (lane.old_revision == lane.new_revision && revision == lane.new_revision)
    return is_ours ? std::pair{LayerKind::kNew, revision + ", new tasks"}
                   : std::pair{LayerKind::kOld, revision};
  if (revision == lane.new_revision) return {LayerKind::kNew, revision};
  if (revision == lane.old_revision) return {LayerKind::kOld, revision};
  // What was there at the first look was there before; what comes later is somebody else's.
  const bool is_known = std::ranges::any_of(lane.layers, [&](const Layer& layer) {
    return layer.kind == LayerKind::kOld && layer.name == revision;
  });
  const bool is_first_look = lane.wanted.empty();
  return {is_known || is_first_look ? LayerKind::kOld : LayerKind::kOther, revision};
}

ServiceCounts counts_of(const Lane& lane, const ServiceObserved& look, const std::string& ours) {
  ServiceCounts counts{.wanted = look.service.desiredCount};
  for (const DeploymentSnapshot& deployment : look.service.deployments) {
    counts.tasks[place_of(lane, deployment, ours)] += deployment.runningCount;
    counts.tasks[{LayerKind::kStarting, "pending"}] += deployment.pendingCount;
    counts.failed += deployment.failedTasks;
  }
  return counts;
}

void take_look(Lane& lane, std::map<std::string, ServiceCounts>& services, const Event& event,
               const ServiceObserved& look) {
  const TimePoint at = event.at;
  if (lane.new_revision.empty())
    for (const DeploymentSnapshot& deployment : look.service.deployments)
      if (deployment.id == look.our_deployment)
        lane.new_revision = family_revision_of(deployment.taskDefinition);
  // What is ours on the way back is the old revision again.
  const bool on_the_way_back = event.subject.stage == StageKind::kRollback;
  services[look.service.serviceName] =
      counts_of(lane, look, on_the_way_back ? std::string() : look.our_deployment);

  ServiceCounts sum;
  for (const Layer& layer : lane.layers) sum.tasks[{layer.kind, layer.name}] = 0;
  for (const auto& [name, counts] : services) {
    for (const auto& [place, count] : counts.tasks)
      if (count > 0) sum.tasks[place] += count;
    sum.wanted += counts.wanted;
    sum.failed += counts.failed;
  }
  for (const auto& [place, count] : sum.tasks)
    add_step(layer_of(lane, place.first, place.second).tasks, at, count);
  if (lane.wanted.empty())
    lane.wanted.push_back({at, sum.wanted});
  else
    add_step(lane.wanted, at, sum.wanted);
  if (const int more = sum.failed - lane.failed_tasks; more > 0)
    mark(lane, at, MarkKind::kFailure, counted(static_cast<std::size_t>(more), "task") + " failed");
  lane.failed_tasks = sum.failed;
}

// ---- Traffic ----

// The sentence that everybody is told.
std::string told_of(const Event& event) {
  std::string text;
  for (const Line& line : lines_of(event)) text += (text.empty() ? "" : "; ") + line.message;
  return text;
}

void evaluate(Lane& lane, const std::string& name, const std::string& condition,
              Evaluation evaluation) {
  auto series = std::ranges::find(lane.checks, name, &CheckSeries::name);
  if (series == lane.checks.end())
    series = lane.checks.insert(series, CheckSeries{name, condition, {}});
  series->evaluations.push_back(std::move(evaluation));
}

void take_check(Lane& lane, const Event& event, const CheckEvaluated& check) {
  evaluate(lane, "check " + check.name + (check.dry_run ? " (dry run)" : ""), check.condition,
           {event.at, check.verdict, check.value ? to_string(*check.value) : std::string(),
            told_of(event)});
}

void take_targets(Lane& lane, const Event& event, const TargetsObserved& seen) {
  const bool all = seen.total > 0 && seen.healthy == seen.total;
  Evaluation look{event.at,
                  seen.unhealthy > 0 ? CheckVerdict::kFail
                  : all              ? CheckVerdict::kPass
                                     : CheckVerdict::kInconclusive,
                  fmt::format("{}/{}", seen.healthy, seen.total), told_of(event)};
  const std::string name = "targets of " + seen.target_group;
  const auto known = std::ranges::find(lane.checks, name, &CheckSeries::name);
  if (known != lane.checks.end() && known->evaluations.back().value == look.value &&
      known->evaluations.back().verdict == look.verdict)
    return;
  evaluate(lane, name, "all healthy", std::move(look));
}

void take_shift(Lane& lane, const Event& event, const TrafficShifted& shifted) {
  lane.new_side = shifted.new_side;
  lane.paused.reset();
  if (lane.weights.empty() && lane.began < event.at)
    lane.weights.push_back({lane.began, shifted.from});
  if (lane.weights.empty())
    lane.weights.push_back({event.at, shifted.to});
  else
    add_step(lane.weights, event.at, shifted.to);
  mark(lane, event.at, shifted.undo ? MarkKind::kRollback : MarkKind::kCall, told_of(event));
}

LayerKind state_of_task(std::string_view lastStatus) {
  if (lastStatus == "RUNNING") return LayerKind::kNew;
  const bool starts =
      lastStatus == "PROVISIONING" || lastStatus == "PENDING" || lastStatus == "ACTIVATING";
  return starts ? LayerKind::kStarting : LayerKind::kStopping;
}

std::string_view name_of_state(LayerKind kind) {
  return kind == LayerKind::kNew        ? "running"
         : kind == LayerKind::kStarting ? "starting"
                                        : "stopping";
}

void count_tasks(Lane& lane, TimePoint at, const std::map<std::string, LayerKind>& tasks) {
  for (const LayerKind kind : {LayerKind::kNew, LayerKind::kStarting, LayerKind::kStopping}) {
    const auto count =
        std::ranges::count_if(tasks, [&](const auto& task) { return task.second == kind; });
    const bool is_there =
        std::ranges::any_of(lane.layers, [&](const Layer& layer) { return layer.kind == kind; });
    if (count > 0 || is_there)
      add_step(layer_of(lane, kind, std::string(name_of_state(kind))).tasks, at,
               static_cast<int>(count));
  }
}

void end_item(Lane& lane, const Event& event, const ItemEnded& ended) {
  const bool on_the_way_back = event.subject.stage == StageKind::kRollback;
  lane.ended = event.at;
  if (ended.error && lane.reason.empty()) lane.reason = ended.error->message;
  if (on_the_way_back && lane.outcome) {
    if (ended.outcome == Outcome::kSkipped) return;
    const bool ok = ended.outcome == Outcome::kSucceeded;
    lane.outcome = ok ? Outcome::kRolledBack : Outcome::kRollbackFailed;
    lane.rolled_back_by = ok ? RolledBackBy::kUs : RolledBackBy::kNobody;
    if (ended.error) lane.reason += "; going back: " + ended.error->message;
  } else {
    lane.outcome = ended.outcome;
    lane.rolled_back_by = ended.rolled_back_by;
    lane.elapsed = ended.elapsed;
  }
  if (!ended.task_definition.empty()) lane.runs = ended.task_definition;
}

// Where a run is one release of one thing, its traffic is nobody's but the run's.
bool is_about_traffic(const EventBody& body) {
  return std::holds_alternative<TrafficShifted>(body) ||
         std::holds_alternative<CheckEvaluated>(body) ||
         std::holds_alternative<TargetsObserved>(body) || std::holds_alternative<StepPaused>(body);
}

void end_with_run(Lane& lane, TimePoint at, const RunEnded& ended) {
  lane.ended = at;
  lane.outcome = ended.outcome;
  lane.elapsed = ended.elapsed;
  lane.reason = ended.reason;
}

// Looks and calls are drawn, not told.
bool is_told(const EventBody& body) {
  return !std::holds_alternative<ServiceObserved>(body) &&
         !std::holds_alternative<TaskObserved>(body) && !std::holds_alternative<CallMade>(body) &&
         !std::holds_alternative<TaskLogLine>(body) &&
         !std::holds_alternative<TargetsObserved>(body);
}

// What planning refused: the steps of a plan that say why they cannot be done.
void find_problems(const Json& plan, std::vector<std::string>& problems) {
  const JsonArray* stages = find_array(plan, "stages");
  if (stages == nullptr) return;
  for (const Json& stage : *stages) {
    const JsonArray* steps = find_array(stage, "steps");
    if (steps == nullptr) continue;
    for (const Json& step : *steps) {
      if (string_or_empty(step, "action") != "refuse") continue;
      const Json* error = find(step, "error");
      if (error == nullptr) continue;
      std::string message(string_or_empty(*error, "message"));
      if (std::ranges::find(problems, message) == problems.end())
        problems.push_back(std::move(message));
    }
  }
}

}  // namespace

// ---- Collecting --------------------------------------------------------------------------------

std::size_t Collector::lane_of(const Event& event) {
  const Subject& subject = event.subject;
  const auto known = std::ranges::find_if(run_.lanes, [&](const Lane& lane) {
    return lane.subject.kind == subject.kind && lane.subject.item == subject.item &&
           (subject.stage == StageKind::kRollback || lane.subject.stage == subject.stage);
  });
  if (known == run_.lanes.end()) {
    run_.lanes.push_back({.subject = subject, .began = event.at});
    return run_.lanes.size() - 1;
  }
  return static_cast<std::size_t>(known - run_.lanes.begin());
}

void Collector::on(const Event& event) {
  if (!has_begun_) run_.begin = run_.end = event.at;
  has_begun_ = true;
  run_.end = std::max(run_.end, event.at);
  take(event);
  if (is_told(event.body)) tell(event);
}

void Collector::tell(const Event& event) {
  for (const Line& line : lines_of(event)) {
    if (line.level < LogLevel::kInfo) continue;
    Told told{.at = event.at, .level = line.level, .message = line.message};
    if (event.subject.kind != ItemKind::kNone) told.about = to_string(event.subject);
    for (const auto& [key, value] : line.fields)
      if (key == "container" || key == "trigger" || key == "target")
        told.message += fmt::format(" ({} {})", key, value);
    run_.told.push_back(std::move(told));
  }
}

void Collector::take(const Event& event) {
  const TimePoint at = event.at;
  // Of the run.
  std::visit(Overloaded{
                 [&](const RunStarted& started) { run_.started = started; },
                 [&](const RunEnded& ended) { run_.ended = ended; },
                 [&](const Interrupted& interrupted) { run_.interrupted = interrupted; },
                 [&](const PlanMade& made) { find_problems(made.plan, run_.problems); },
                 [&](const CallMade& call) {
                   run_.calls.push_back({at, call.operation, call.attempts, call.throttled});
                 },
                 [&](const CallAnnounced& call) {
                   run_.changes.push_back({.at = at, .operation = call.operation});
                 },
                 [](const auto&) {},
             },
             event.body);
  if (const auto* ended = std::get_if<RunEnded>(&event.body))
    for (Lane& lane : run_.lanes)
      if (lane.subject.kind == ItemKind::kNone) end_with_run(lane, at, *ended);
  if (event.subject.kind == ItemKind::kNone && !is_about_traffic(event.body)) return;
  const std::size_t number = lane_of(event);
  Lane& lane = run_.lanes[number];
  const bool on_the_way_back = event.subject.stage == StageKind::kRollback;
  std::map<std::string, LayerKind>& tasks = tasks_[number];
  std::visit(
      Overloaded{
          [&](const ItemStarted& started) {
            if (lane.old_revision.empty()) lane.old_revision = started.task_definition;
          },
          [&](const ItemEnded& ended) { end_item(lane, event, ended); },
          [&](const BaseTaskDefinition& base) {
            if (lane.old_revision.empty()) lane.old_revision = base.family_revision;
          },
          [&](const ImageChanged& image) {
            lane.images.push_back(
                fmt::format("{}: {} \u2192 {}", image.container, image.old_image, image.new_image));
          },
          [&](const TaskDefinitionRegistered& registered) {
            if (!on_the_way_back) lane.new_revision = registered.family_revision;
          },
          [&](const CallAnnounced& call) { mark(lane, at, MarkKind::kCall, call.operation); },
          [&](const TaskParameters& run) { lane.new_revision = run.task_definition; },
          [&](const TasksStarted& started) {
            add_step(lane.wanted, at, started.count);
            for (const std::string& arn : started.task_arns)
              tasks[last_segment(arn)] = LayerKind::kStarting;
            count_tasks(lane, at, tasks);
          },
          [&](const TaskNotStarted& failure) {
            mark(lane, at, MarkKind::kFailure, "a task did not start: " + failure.reason);
          },
          [&](const TaskObserved& task) {
            if (task.lastStatus == "STOPPED")
              tasks.erase(task.task_id);
            else
              tasks[task.task_id] = state_of_task(task.lastStatus);
            count_tasks(lane, at, tasks);
          },
          [&](const TaskStopped& task) {
            tasks.erase(task.task_id);
            count_tasks(lane, at, tasks);
            mark(lane, at, task.ok ? MarkKind::kGood : MarkKind::kFailure,
                 fmt::format("task {} {}: {}{}", task.ordinal, task.ok ? "ended well" : "failed",
                             ends_of(task.containers),
                             task.stoppedReason.empty() ? "" : ", " + task.stoppedReason));
          },
          [&](const TaskLogLine& line) {
            if (line.after_failure) lane.last_lines.push_back(line_of(line));
          },
          [&](const ServiceUpdated& updated) {
            if (on_the_way_back) return;
            lane.old_revision = updated.old_task_definition;
            lane.new_revision = updated.new_task_definition;
          },
          [&](const ServiceObserved& look) { take_look(lane, services_[number], event, look); },
          [&](const ServiceEvent& told) {
            const bool is_ours = told.createdAt >= run_.begin && told.createdAt <= at;
            mark(lane, is_ours ? told.createdAt : at, MarkKind::kEvent, told.message);
          },
          [&](const FirstTaskRunning& task) {
            mark(lane, at, MarkKind::kGood, "first task of the new revision runs: " + task.task_id);
          },
          [&](const ServiceStable&) { mark(lane, at, MarkKind::kGood, "the service is stable"); },
          [&](const ServiceDeploymentObserved& look) {
            if (!look.paused_at.empty())
              mark(lane, at, MarkKind::kWaiting, "waits at " + join(look.paused_at, ", "));
          },
          [&](const CodeDeployObserved& look) {
            if (look.waits_for == "READY_WAIT")
              mark(lane, at, MarkKind::kWaiting, "CodeDeploy waits to be continued");
          },
          [&](const FailureExplained& failure) {
            lane.stopped_tasks = failure.stopped_tasks;
            lane.service_events = failure.service_events;
            lane.status_reason = failure.status_reason;
          },
          [&](const TrafficShifted& shifted) { take_shift(lane, event, shifted); },
          [&](const CheckEvaluated& check) { take_check(lane, event, check); },
          [&](const TargetsObserved& seen) { take_targets(lane, event, seen); },
          [&](const StepPaused& paused) {
            lane.paused = paused;
            mark(lane, at, MarkKind::kWaiting, "waits for a person: " + paused.reason);
          },
          [&](const TargetMoved& moved) {
            if (lane.old_revision.empty()) lane.old_revision = moved.old_task_definition;
            if (!on_the_way_back) lane.new_revision = moved.new_task_definition;
            mark(lane, at, on_the_way_back ? MarkKind::kRollback : MarkKind::kCall,
                 fmt::format("{}{}{} moved to {}", moved.trigger, moved.target.empty() ? "" : ", ",
                             moved.target, moved.new_task_definition));
          },
          [&](const ServiceRolledBack& back) {
            mark(lane, at, MarkKind::kRollback, "rolled back to " + back.to);
          },
          [](const auto&) {},
      },
      event.body);
}

std::string name_of(const Lane& lane) {
  return lane.subject.kind == ItemKind::kNone ? "the release" : to_string(lane.subject);
}

// ---- Cutting -----------------------------------------------------------------------------------

std::optional<int> value_at(const Steps& steps, TimePoint at) {
  const auto after = std::ranges::upper_bound(steps, at, {}, &Step::at);
  if (after == steps.begin()) return std::nullopt;
  return std::prev(after)->value;
}

namespace {

Slice slice_at(const Lane& lane, TimePoint from, TimePoint to) {
  Slice slice{.from = from, .to = to, .wanted = value_at(lane.wanted, from)};
  for (const Layer& layer : lane.layers)
    slice.tasks.push_back(value_at(layer.tasks, from).value_or(0));
  return slice;
}

int running_in(const Lane& lane, const Slice& slice) {
  int running = 0;
  for (std::size_t i = 0; i < lane.layers.size(); ++i)
    if (lane.layers[i].kind < LayerKind::kStarting) running += slice.tasks[i];
  return running;
}

std::vector<Slice> thinned(const Lane& lane, const std::vector<Slice>& slices, std::size_t most) {
  const TimePoint begin = slices.front().from;
  const Duration whole = slices.back().to - begin;
  std::vector<Slice> parts;
  std::size_t next = 0;
  for (std::size_t part = 0; part < most; ++part) {
    const TimePoint from = begin + whole * part / most;
    const TimePoint to = begin + whole * (part + 1) / most;
    Slice lowest = slices[next];
    for (; next < slices.size() && slices[next].from < to; ++next)
      if (running_in(lane, slices[next]) < running_in(lane, lowest)) lowest = slices[next];
    // The slice that reaches into the next part is looked at there again.
    if (next > 0) --next;
    if (part + 1 == most) lowest = slices.back();
    lowest.from = from;
    lowest.to = to;
    if (!parts.empty() && parts.back().tasks == lowest.tasks &&
        parts.back().wanted == lowest.wanted)
      parts.back().to = to;
    else
      parts.push_back(std::move(lowest));
  }
  return parts;
}

}  // namespace

std::vector<Slice> slices_of(const Lane& lane, TimePoint end_of_run, std::size_t most) {
  std::set<TimePoint> cuts;
  for (const Layer& layer : lane.layers)
    for (const Step& step : layer.tasks) cuts.insert(step.at);
  for (const Step& step : lane.wanted) cuts.insert(step.at);
  if (cuts.empty() || lane.layers.empty()) return {};
  cuts.insert(std::max(lane.ended.value_or(end_of_run), *cuts.rbegin()));
  std::vector<Slice> slices;
  for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut)
    slices.push_back(slice_at(lane, *cut, *std::next(cut)));
  if (slices.empty()) return slices;
  return slices.size() > most ? thinned(lane, slices, most) : slices;
}

}  // namespace slipway::report
