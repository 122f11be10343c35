#include "sim/scenario_timers.h"

#include "aws/facts.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace slipway::sim {
namespace {

Json read_targets(const Node& node, const std::string& path, Diagnostics& diagnostics) {
  const aws::Facts& facts = aws::Facts::of(aws::kEvents);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    aws::report(aws::check_document(facts, "Target", node.items[i]), fmt::format("{}[{}]", path, i),
                diagnostics);
  return to_json(node);
}

}  // namespace

void read_rules(Fields& file, Scenario& scenario, Diagnostics& diagnostics) {
  constexpr std::size_t kMostTargetsInACall = 10;
  const std::span<const Node> list = list_of(file, "rules", "PutRule inputs with Targets");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = fmt::format("rules[{}]", i);
    Node document = list[i];
    const std::optional<Node> found = take(document, "Targets");
    if (found && !found->is_sequence()) {
      diagnostics.error(found->span, "scenario.targets", path + ".Targets",
                        "expected a list of targets");
      continue;
    }
    const Json targets = found ? read_targets(*found, path + ".Targets", diagnostics) : Json();
    Json input = read_document_of("PutRule", document, path, diagnostics, aws::kEvents);
    const std::string name(string_or_empty(input, "Name"));
    const std::string bus(string_or_empty(input, "EventBusName"));
    make_event_bus(scenario, bus, document.span, path);
    scenario.calls.push_back({"PutRule", std::move(input), document.span, path, "events"});
    const JsonArray* all = targets.if_array();
    for (std::size_t from = 0; all != nullptr && from < all->size(); from += kMostTargetsInACall) {
      const std::size_t to = std::min(all->size(), from + kMostTargetsInACall);
      JsonArray some;
      for (std::size_t at = from; at < to; ++at) some.push_back((*all)[at]);
      JsonObject put{{"Rule", name}, {"Targets", std::move(some)}};
      if (!bus.empty()) put["EventBusName"] = bus;
      scenario.calls.push_back(
          {"PutTargets", std::move(put), document.span, path + ".Targets", "events"});
    }
  }
}

void read_schedules(Fields& file, Scenario& scenario, Diagnostics& diagnostics) {
  const std::size_t first = scenario.calls.size();
  read_documents(file, "schedules", "CreateSchedule", scenario, diagnostics, aws::kScheduler);
  std::vector<SetupCall> groups;
  for (std::size_t i = first; i < scenario.calls.size(); ++i) {
    const SetupCall& schedule = scenario.calls[i];
    const std::string group(string_or_empty(schedule.input, "GroupName"));
    const auto is_it = [&](const SetupCall& made) {
      return string_or_empty(made.input, "Name") == group;
    };
    if (!group.empty() && group != "default" && std::none_of(groups.begin(), groups.end(), is_it))
      groups.push_back({"CreateScheduleGroup", JsonObject{{"Name", group}}, schedule.span,
                        schedule.path, "scheduler"});
  }
  scenario.calls.insert(scenario.calls.begin() + static_cast<std::ptrdiff_t>(first),
                        std::move_iterator(groups.begin()), std::move_iterator(groups.end()));
}

}  // namespace slipway::sim
