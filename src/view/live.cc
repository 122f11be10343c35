#include "view/live.h"

#include "base/text.h"
#include "view/width.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace slipway {
namespace {

constexpr std::string_view kHideCursor = "\x1b[?25l";
constexpr std::string_view kShowCursor = "\x1b[?25h";
constexpr std::string_view kClearToEnd = "\x1b[J";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr Duration kRedrawAtMostEvery = std::chrono::milliseconds(50);

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

std::string_view color_of(std::optional<Outcome> outcome) {
  if (!outcome) return "";
  return *outcome == Outcome::kSucceeded ? "\x1b[32m"
         : *outcome == Outcome::kSkipped ? "\x1b[33m"
                                         : "\x1b[31m";
}

std::string words(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '_', ' ');
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// A column is shown when the terminal has room for it and for all before it.
struct Column {
  std::string_view title;
  int width;     // the least it needs
  int priority;  // 0 is never left out
  bool right;
};
constexpr Column kColumns[] = {
    {"ITEM", 8, 0, false},   {"REVISION", 18, 3, false}, {"RUNNING", 7, 1, true},
    {"PENDING", 7, 5, true}, {"FAILED", 6, 4, true},     {"HEALTH", 9, 7, false},
    {"STATE", 12, 0, false}, {"ELAPSED", 7, 2, true},    {"PROGRESS", 12, 6, false},
};
enum { kItem, kRevision, kRunning, kPending, kFailed, kHealth, kState, kElapsed, kProgress };
constexpr int kGap = 2;

std::vector<int> widths_for(int columns) {
  constexpr int kCount = static_cast<int>(std::size(kColumns));
  std::vector<int> widths(kCount, 0);
  int used = 0;
  for (int priority = 0; priority <= 7; ++priority) {
    for (int i = 0; i < kCount; ++i) {
      if (kColumns[i].priority != priority) continue;
      const int needs = kColumns[i].width + (used > 0 ? kGap : 0);
      if (priority > 0 && used + needs > columns) continue;
      widths[i] = kColumns[i].width;
      used += needs;
    }
  }
  // What is left goes where names are long, then to the bar.
  const auto give = [&](int i, int most) {
    if (widths[i] == 0) return;
    const int more = std::clamp(columns - used, 0, most);
    widths[i] += more;
    used += more;
  };
  give(kItem, 16);
  give(kRevision, 20);
  give(kState, 12);
  give(kProgress, 20);
  return widths;
}

}  // namespace

LiveView::LiveView(LiveSettings settings, Writer writer)
    : settings_(std::move(settings)), writer_(std::move(writer)) {}

LiveView::~LiveView() {
  if (cursor_hidden_) writer_(kShowCursor);
}

double LiveView::Row::progress() const {
  if (outcome == Outcome::kSucceeded) return 1;
  if (!known_counts) return 0;
  const int all = std::max(desired, 1);
  const double started = std::min(1.0, static_cast<double>(running) / all);
  const double drained = 1.0 - std::min(1.0, static_cast<double>(old_running) / all);
  return 0.05 + 0.65 * started + 0.25 * started * drained;
}

int LiveView::Row::rank() const {
  const bool is_good =
      outcome && (*outcome == Outcome::kSucceeded || *outcome == Outcome::kSkipped);
  if (outcome) return is_good ? 3 : 0;
  return failed > 0 || health == "unhealthy" ? 1 : 2;
}

// "... and 145 more: 124 at work, 1 skipped, 20 succeeded; 31 not begun"
std::string LiveView::in_words(const std::vector<const Row*>& rows) const {
  std::map<std::string, int> states;
  for (const Row* row : rows)
    ++states[row->outcome ? words(to_string(*row->outcome)) : std::string("at work")];
  std::vector<std::string> parts;
  for (const auto& [state, count] : states) parts.push_back(fmt::format("{} {}", count, state));
  std::string text = fmt::format("... and {} more: {}", rows.size(), join(parts, ", "));
  const auto known =
      std::ranges::count_if(rows_, [&](const Row& row) { return row.subject.stage == stage_; });
  if (known < stage_items_) text += fmt::format("; {} not begun", stage_items_ - known);
  return text;
}

LiveView::Row& LiveView::row_of(const Subject& subject) {
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return row.subject.kind == subject.kind && row.subject.item == subject.item &&
           row.subject.stage == subject.stage;
  });
  if (found != rows_.end()) return *found;
  rows_.push_back(Row{.subject = subject});
  return rows_.back();
}

void LiveView::take(const Event& event) {
  if (const auto* run = std::get_if<RunStarted>(&event.body)) {
    title_ = fmt::format("{} {}{}{}{}", run->command, run->application,
                         run->application.empty() ? "" : " on ", run->cluster,
                         run->simulated ? " (simulated)" : "");
    return;
  }
  if (const auto* stage = std::get_if<StageStarted>(&event.body)) {
    stage_ = event.subject.stage;
    stage_items_ = stage->items;
  }
  if (event.subject.kind == ItemKind::kNone) return;
  Row& row = row_of(event.subject);
  if (!row.began) row.began = event.at;
  std::visit(Overloaded{
                 [&](const BaseTaskDefinition& base) {
                   if (row.old_revision.empty()) row.old_revision = base.family_revision;
                 },
                 [&](const TaskDefinitionRegistering&) { row.state = "registering"; },
                 [&](const TaskDefinitionRegistered& registered) {
                   row.new_revision = registered.family_revision;
                 },
                 [&](const TaskParameters& run) {
                   row.desired = run.count;
                   row.state = "starting";
                 },
                 [&](const TasksStarted& tasks) {
                   row.pending = static_cast<int>(tasks.task_arns.size());
                   row.known_counts = true;
                 },
                 [&](const TaskNotStarted&) { ++row.failed; },
                 [&](const TaskObserved& task) { row.state = words(task.lastStatus); },
                 [&](const TaskStopped& task) {
                   if (task.ok)
                     ++row.running;
                   else
                     ++row.failed;
                   row.pending = std::max(0, row.pending - 1);
                 },
                 [&](const ServiceUpdated& updated) {
                   row.old_revision = updated.old_task_definition;
                   row.new_revision = updated.new_task_definition;
                   row.desired = updated.desiredCount;
                   row.state = "updated";
                 },
                 [&](const ServiceObserved& observed) {
                   row.known_counts = true;
                   row.old_running = 0;
                   const bool have_ours =
                       !observed.our_deployment.empty() &&
                       std::ranges::any_of(observed.service.deployments,
                                           [&](const DeploymentSnapshot& d) {
                                             return d.id == observed.our_deployment;
                                           });
                   for (const DeploymentSnapshot& deployment : observed.service.deployments) {
                     const bool ours = have_ours ? deployment.id == observed.our_deployment
                                                 : deployment.status == "PRIMARY";
                     if (!ours) {
                       row.old_running += deployment.runningCount;
                       continue;
                     }
                     row.running = deployment.runningCount;
                     row.desired = deployment.desiredCount;
                     row.pending = deployment.pendingCount;
                     row.failed = deployment.failedTasks;
                     if (!row.step.empty())
                       row.state = row.step;
                     else if (!deployment.rolloutState.empty())
                       row.state = words(deployment.rolloutState);
                   }
                   if (row.failed > 0)
                     row.health = "failing";
                   else if (row.running >= row.desired)
                     row.health = "healthy";
                   else
                     row.health = "starting";
                 },
                 [&](const ServiceEvent& service_event) {
                   if (service_event.message.find("unhealthy") != std::string::npos ||
                       service_event.message.find("health checks") != std::string::npos)
                     row.health = "unhealthy";
                 },
                 [&](const StepStarted& step) {
                   row.step = fmt::format("{}% for {}", step.weight, to_string(step.bake));
                   row.state = row.step;
                 },
                 [&](const StepPaused& paused) {
                   row.state = fmt::format("paused at {}%", paused.weight);
                 },
                 [&](const TrafficShifted& shifted) {
                   if (shifted.undo) row.state = row.step = "going back";
                 },
                 [&](const CheckingStability&) { row.state = "settling"; },
                 [&](const ServiceStable&) { row.state = "stable"; },
                 [&](const ServiceRolledBack& back) {
                   row.new_revision = back.to;
                   row.state = "rolled back";
                 },
                 [&](const TargetMoved& moved) {
                   row.old_revision = moved.old_task_definition;
                   row.new_revision = moved.new_task_definition;
                   row.state = "moved";
                 },
                 [&](const ItemEnded& ended) {
                   row.ended = event.at;
                   row.outcome = ended.outcome;
                   row.state = words(to_string(ended.outcome));
                   if (ended.outcome != Outcome::kSucceeded && row.health == "healthy")
                     row.health.clear();
                 },
                 [](const auto&) {},
             },
             event.body);
}

std::string LiveView::bar(const Row& row, TimePoint now, int width) const {
  const std::string_view full = settings_.unicode ? "█" : "#";
  const std::string_view empty = settings_.unicode ? "░" : ".";
  const std::string_view moving = settings_.unicode ? "▓" : ">";
  const int filled = static_cast<int>(std::lround(row.progress() * width));
  const int room = width - filled;
  // While it is not done, one cell wanders through what is still empty: it is alive.
  const auto beat = (now - settings_.start) / std::chrono::milliseconds(200);
  const int wanderer =
      row.outcome || room <= 0 || !row.began ? -1 : filled + static_cast<int>(beat % room);
  std::string text;
  for (int i = 0; i < width; ++i) text += i < filled ? full : i == wanderer ? moving : empty;
  return text;
}

std::vector<std::string> LiveView::picture(TimePoint now, TerminalSize size) const {
  std::vector<std::string> lines;
  const int columns = std::max(20, size.columns);
  lines.push_back(fitted(
      fmt::format("{}  {}", title_,
                  to_string(std::chrono::floor<std::chrono::seconds>(now - settings_.start))),
      columns));
  const std::vector<int> widths = widths_for(columns);
  std::string header;
  const auto cell = [&](std::string& line, int column, std::string_view text) {
    if (widths[column] == 0) return;
    if (!line.empty()) line.append(kGap, ' ');
    line +=
        kColumns[column].right ? padded_left(text, widths[column]) : padded(text, widths[column]);
  };
  for (int i = 0; i < static_cast<int>(std::size(kColumns)); ++i)
    cell(header, i, kColumns[i].title);
  lines.push_back(fitted(header, columns));

  // The table leaves room for the title, the header, a few events and the cursor's line. What has
  // failed or is failing is what a person looks for; what has ended well can be left out.
  const int event_lines = std::min<int>(static_cast<int>(recent_.size()), size.rows >= 16 ? 5 : 1);
  const int room = std::max(1, size.rows - 3 - event_lines);
  std::vector<const Row*> shown;
  for (const Row& row : rows_) shown.push_back(&row);
  std::vector<const Row*> hidden_rows;
  if (static_cast<int>(shown.size()) > room) {
    std::ranges::stable_sort(shown, {}, [](const Row* row) { return row->rank(); });
    hidden_rows.assign(shown.begin() + std::max(0, room - 1), shown.end());
    shown.resize(static_cast<std::size_t>(std::max(0, room - 1)));
  }
  for (const Row* row : shown) {
    std::string line;
    const bool changes = !row->new_revision.empty() && row->new_revision != row->old_revision;
    cell(line, kItem, row->subject.item);
    std::string revision = row->old_revision;
    if (changes) {
      // The family is the same nearly always: "web:41 → 42".
      const std::string family = family_of(row->old_revision) + ":";
      revision += settings_.unicode ? " → " : " -> ";
      revision += row->new_revision.starts_with(family) ? row->new_revision.substr(family.size())
                                                        : row->new_revision;
    }
    cell(line, kRevision, revision);
    cell(line, kRunning, row->known_counts ? fmt::format("{}/{}", row->running, row->desired) : "");
    cell(line, kPending, row->known_counts ? fmt::to_string(row->pending) : "");
    cell(line, kFailed, row->known_counts ? fmt::to_string(row->failed) : "");
    cell(line, kHealth, row->health);
    cell(line, kState, row->state);
    cell(line, kElapsed,
         row->began ? to_string(std::chrono::floor<std::chrono::seconds>(row->ended.value_or(now) -
                                                                         *row->began))
                    : std::string());
    if (widths[kProgress] > 0) line += "  " + bar(*row, now, widths[kProgress]);
    line = fitted(line, columns);
    if (settings_.color && row->outcome)
      line = fmt::format("{}{}\x1b[0m", color_of(row->outcome), line);
    lines.push_back(std::move(line));
  }
  if (!hidden_rows.empty()) lines.push_back(fitted(in_words(hidden_rows), columns));
  for (std::size_t i = recent_.size() - static_cast<std::size_t>(event_lines); i < recent_.size();
       ++i) {
    std::string line = fitted(recent_[i], columns);
    if (settings_.color) line = fmt::format("\x1b[2m{}\x1b[0m", line);
    lines.push_back(std::move(line));
  }
  return lines;
}

void LiveView::erase(std::string& out) {
  if (drawn_lines_ > 0) out += fmt::format("\r\x1b[{}A{}", drawn_lines_, kClearToEnd);
  drawn_lines_ = 0;
}

void LiveView::redraw(TimePoint now, const std::string& above) {
  std::string out;
  if (!cursor_hidden_) out += kHideCursor;
  cursor_hidden_ = true;
  const TerminalSize size = settings_.size();
  // After a resize the terminal has wrapped what was drawn; start on fresh lines below it.
  if (drawn_lines_ > 0 && !(size == drawn_size_)) {
    out += "\r\n";
    drawn_lines_ = 0;
  }
  erase(out);
  out += above;
  if (!rows_.empty()) {
    for (const std::string& line : picture(now, size)) {
      out += line;
      out += kClearLine;
      out += "\r\n";
      ++drawn_lines_;
    }
  }
  drawn_size_ = size;
  last_drawn_ = now;
  writer_(out);
}

void LiveView::on(const Event& event) {
  take(event);
  std::string above;
  for (const Line& line : lines_of(event)) {
    if (line.level < settings_.level) continue;
    if (const auto* written = std::get_if<TaskLogLine>(&event.body);
        written != nullptr && !written->after_failure) {
      above += printable(line_of(*written)) + "\r\n";
      continue;
    }
    std::string text;
    for (const auto& [key, value] : line.fields)
      if (key == "service" || key == "task" || key == "schedule") text += value + ": ";
    text += line.message;
    // How it ended and how to go on must still be there when the table is gone.
    const bool last_words = std::holds_alternative<Interrupted>(event.body) ||
                            std::holds_alternative<RunEnded>(event.body);
    if (line.level >= LogLevel::kWarn || last_words) {
      const std::string_view color = line.level >= LogLevel::kError  ? "\x1b[31m"
                                     : line.level >= LogLevel::kWarn ? "\x1b[33m"
                                                                     : "";
      const std::string plain = fitted(text, 100000);  // whole, but without control characters
      above += settings_.color ? fmt::format("{}{}\x1b[0m\r\n", color, plain) : plain + "\r\n";
    } else if (!std::holds_alternative<ServiceObserved>(event.body) &&
               !std::holds_alternative<TaskObserved>(event.body) &&
               !std::holds_alternative<TargetsObserved>(event.body)) {
      recent_.push_back(text);
      if (recent_.size() > 5) recent_.pop_front();
    }
  }
  if (!above.empty() || !last_drawn_ || event.at - *last_drawn_ >= kRedrawAtMostEvery)
    redraw(event.at, above);
}

void LiveView::tick(TimePoint now) {
  if (!rows_.empty()) redraw(now);
}

void LiveView::finish(TimePoint now) {
  recent_.clear();
  redraw(now);
  writer_(kShowCursor);
  cursor_hidden_ = false;
  drawn_lines_ = 0;
}

}  // namespace slipway
