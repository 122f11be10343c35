#include "execute/unfinished.h"

#include "base/json.h"
#include "base/runtime.h"
#include "base/some_of.h"
#include "base/text.h"
#include "execute/journal.h"
#include "model/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>
#include <utility>
#include <variant>

namespace slipway {
namespace {

// How far one item came.
struct Progress {
  Subject subject;
  bool began = false;
  bool ended = false;
  bool changed = false;
  bool moves_traffic = false;
  std::string how{};                 // "updated to web:2"
  std::vector<std::string> tasks{};  // that run, as far as was seen
};

class Reading {
 public:
  void take(const Event& event) {
    run_.last = event.at;
    if (const auto* started = std::get_if<RunStarted>(&event.body)) {
      run_.run_id = started->run_id;
      run_.command = started->command;
      run_.by = started->by;
      run_.file = started->file;
      run_.began = event.at;
    }
    if (const auto* made = std::get_if<PlanMade>(&event.body)) take(made->plan);
    if (std::holds_alternative<RunEnded>(event.body)) has_ended_ = true;
    if (std::holds_alternative<RollbackStarted>(event.body)) run_.was_undoing = true;
    if (event.subject.kind != ItemKind::kNone) take(event, progress_of(event.subject));
  }

  std::optional<UnfinishedRun> result() {
    if (has_ended_ || run_.run_id.empty()) return std::nullopt;
    for (Progress& item : items_) {
      const std::string name = to_string(item.subject);
      if (item.ended)
        run_.done.push_back(name);
      else if (item.began)
        run_.under_way.push_back(item.how.empty() ? name : name + " (" + item.how + ")");
      else
        run_.not_begun.push_back(name);
      std::ranges::move(item.tasks, std::back_inserter(run_.tasks));
      if (item.changed && item.subject.kind == ItemKind::kService)
        run_.changed.push_back(item.subject.item);
      if (item.moves_traffic && item.changed && !item.ended)
        run_.moving.push_back(item.subject.item);
    }
    if (items_.empty()) return std::nullopt;
    return std::move(run_);
  }

 private:
  // What was planned and of which nothing more is said was never begun.
  void take(const Json& plan) {
    const JsonArray* const stages = find_array(plan, "stages");
    if (stages == nullptr) return;
    for (const Json& stage : *stages) {
      const JsonArray* const items = find_array(stage, "items");
      if (items == nullptr) continue;
      for (const Json& item : *items) {
        const std::string_view kind = string_or_empty(item, "kind");
        for (const ItemKind each : {ItemKind::kService, ItemKind::kTask, ItemKind::kSchedule})
          if (kind == to_string(each))
            progress_of({.kind = each, .item = std::string(string_or_empty(item, "item"))})
                .moves_traffic = moves_traffic(stage, item);
      }
    }
  }

  // One of its steps does, whoever it is that moves it.
  static bool moves_traffic(const Json& stage, const Json& item) {
    const JsonArray* const steps = find_array(stage, "steps");
    const JsonArray* const own = find_array(item, "steps");
    if (steps == nullptr || own == nullptr) return false;
    return std::ranges::any_of(*own, [&](const Json& index) {
      boost::system::error_code ignored;
      const auto at = index.to_number<std::size_t>(ignored);
      return !ignored && at < steps->size() &&
             string_or_empty((*steps)[at], "action").starts_with("Shift");
    });
  }

  void take(const Event& event, Progress& item) {
    item.began = true;
    if (std::holds_alternative<ItemEnded>(event.body)) {
      item.ended = event.subject.stage != StageKind::kRollback || item.ended;
    } else if (const auto* announced = std::get_if<CallAnnounced>(&event.body)) {
      // The way back begins where the item had ended.
      if (announced->undo) item.ended = false;
      item.changed = item.changed || announced->operation != "ecs:RegisterTaskDefinition";
      item.how = announced->operation + " may have been sent";
    } else if (const auto* updated = std::get_if<ServiceUpdated>(&event.body)) {
      item.how = "updated to " + updated->new_task_definition;
    } else if (const auto* registered = std::get_if<TaskDefinitionRegistered>(&event.body)) {
      item.how = registered->family_revision + " was registered";
    } else if (const auto* shifted = std::get_if<TrafficShifted>(&event.body)) {
      item.how = fmt::format("{}% of its traffic on {}", shifted->to, shifted->new_side);
    } else if (const auto* started = std::get_if<TasksStarted>(&event.body)) {
      for (const std::string& arn : started->task_arns) item.tasks.emplace_back(last_segment(arn));
      item.how = "started";
    } else if (const auto* stopped = std::get_if<TaskStopped>(&event.body)) {
      std::erase(item.tasks, stopped->task_id);
    } else if (const auto* back = std::get_if<ServiceRolledBack>(&event.body)) {
      item.ended = true;
      item.how = "back on " + back->to;
    }
  }

  Progress& progress_of(const Subject& subject) {
    const auto found = std::ranges::find_if(items_, [&](const Progress& item) {
      return item.subject.kind == subject.kind && item.subject.item == subject.item;
    });
    if (found != items_.end()) return *found;
    return items_.emplace_back(Progress{.subject = subject});
  }

  UnfinishedRun run_;
  std::vector<Progress> items_;
  bool has_ended_ = false;
};

// What it had not changed must not go back with the rest.
std::string way_on(const UnfinishedRun& run, const std::string& cluster) {
  if (run.changed.empty()) return "it had changed no service; release again";
  const std::string where = run.file.empty() ? " --cluster " + cluster : " -f " + run.file;
  // No release begins while traffic is divided.
  if (!run.moving.empty()) {
    const std::string names = where + " " + join(run.moving, " ");
    return fmt::format(
        "to see how the traffic stands: slipway status{0}; to go on: slipway "
        "continue{0}; to go back: slipway stop{0}",
        names);
  }
  std::string back = "slipway rollback" + where;
  for (const std::string& service : run.changed) back += " --service " + service;
  return "releasing again finishes what is left; to go back: " + back;
}

// Its lock says so: it is held by the process, and ends with it however that ends.
bool is_at_work(const std::filesystem::path& journal) {
  const std::filesystem::path path = journal.parent_path() / "lock";
  const int lock = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return false;
  const bool is_free = ::flock(lock, LOCK_SH | LOCK_NB) == 0;
  ::close(lock);
  if (is_free) return false;
  const Result<std::string> text = read_file(path, 4096);
  const Result<Json> owner = text ? parse_json(*text) : Result<Json>(text.error());
  return !owner || string_or_empty(*owner, "run") == journal.stem().string();
}

// By the text of the journal: hundreds of services fill megabytes, and a run that has ended is of
// no further interest.
bool is_about(std::string_view journal, const std::string& cluster,
              const std::vector<std::string>& services) {
  const Result<Json> first = parse_json(journal.substr(0, journal.find('\n')));
  const Json* const started = first ? find(*first, "data") : nullptr;
  if (started == nullptr || string_or_empty(*first, "type") != "run_started") return false;
  if (last_segment(string_or_empty(*started, "cluster")) != last_segment(cluster)) return false;
  return std::ranges::any_of(services, [&](const std::string& service) {
    return journal.find(fmt::format("\"item\":\"{}\"", service)) != std::string_view::npos;
  });
}

bool has_end(std::string_view journal) {
  const std::string_view whole = journal.substr(0, journal.rfind('\n'));
  const std::string_view last = whole.substr(whole.rfind('\n') + 1);
  return last.find("\"type\":\"run_ended\"") != std::string_view::npos;
}

}  // namespace

std::optional<UnfinishedRun> unfinished(const std::vector<Event>& journal) {
  Reading reading;
  for (const Event& event : journal) reading.take(event);
  return reading.result();
}

std::optional<UnfinishedRun> last_run_if_unfinished(const std::filesystem::path& journals,
                                                    const std::string& cluster,
                                                    const std::vector<std::string>& services) {
  constexpr std::size_t kRead = 10;
  std::vector<std::filesystem::path> files = recent_journals(journals);
  if (files.size() > kRead) files.resize(kRead);
  for (const std::filesystem::path& file : files) {
    const Result<std::string> text = read_file(file);
    if (!text || !is_about(*text, cluster, services)) continue;
    if (has_end(*text) || is_at_work(file)) return std::nullopt;
    const Result<std::vector<Event>> events = Journal::read(file);
    return events ? unfinished(*events) : std::nullopt;
  }
  return std::nullopt;
}

std::vector<Note> notes_of(const UnfinishedRun& run, const std::string& cluster) {
  constexpr std::size_t kNamed = 10;
  std::vector<Note> notes;
  const auto say = [&](std::string message) {
    notes.push_back({NoteLevel::kWarning, std::move(message)});
  };
  say(
      fmt::format("the last run here, {} {}{}, did not come to its end: nothing was heard of it "
                  "after {}{}",
                  run.command, run.run_id, run.by.empty() ? "" : " by " + run.by,
                  to_iso8601(run.last), run.was_undoing ? ", when it was rolling back" : ""));
  if (!run.under_way.empty()) say("it left under way: " + some_of(run.under_way, kNamed));
  if (!run.not_begun.empty()) say("it had not begun: " + some_of(run.not_begun, kNamed));
  if (!run.tasks.empty())
    say("a task may still run; to watch it: slipway run --cluster " + cluster + " --attach " +
        join(run.tasks, " "));
  if (run.command == "deploy") say(way_on(run, cluster));
  return notes;
}

}  // namespace slipway
