#include "sim/scenario_happenings.h"

#include "sim/scenario_balancing.h"
#include "sim/scenario_behaviour.h"
#include "sim/scenario_capacity.h"
#include "sim/scenario_hooks.h"
#include "sim/scenario_reading.h"
#include "sim/scenario_stacks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace slipway::sim {
namespace {

std::optional<Happening> read_what_happens(Fields& fields, Diagnostics& diagnostics) {
  std::optional<Happening> happening;
  if (auto call = fields.mapping("call"))
    if (auto foreign = read_call(*call, diagnostics)) happening = std::move(*foreign);
  if (fields.has("images"))
    happening = SetImages{.behaviours = read_images(fields, "images")};
  else
    fields.ignore("images");
  if (auto capacity = fields.mapping("capacity")) {
    SetCapacity set_capacity;
    set(set_capacity.pool, capacity->text("pool"));
    if (const auto tasks = capacity->integer("tasks", {.at_least = 0}))
      set_capacity.tasks = static_cast<int>(*tasks);
    happening = std::move(set_capacity);
  }
  if (auto instances = fields.mapping("add_instances"))
    happening = read_instances(*instances, "default");
  if (auto lost = fields.mapping("lose_instances")) {
    LoseInstances lose;
    set(lose.cluster, lost->text("cluster"));
    set(lose.count, lost->integer("count", kCount));
    set(lose.availability_zone, lost->text("availability_zone"));
    set(lose.only_disconnect, lost->boolean("only_disconnect"));
    happening = std::move(lose);
  }
  if (auto alarm = fields.mapping("alarm")) {
    SetAlarm set_alarm;
    set_alarm.name = alarm->required_text("name");
    set(set_alarm.StateValue,
        alarm->choice<const char*>(
            "state",
            {{"OK", "OK"}, {"ALARM", "ALARM"}, {"INSUFFICIENT_DATA", "INSUFFICIENT_DATA"}}));
    happening = std::move(set_alarm);
  }
  if (auto spot = fields.mapping("interrupt_spot")) {
    InterruptSpot interrupt;
    set(interrupt.cluster, spot->text("cluster"));
    set(interrupt.count, spot->integer("count", kCount));
    happening = std::move(interrupt);
  }
  if (auto stop = fields.mapping("stop_tasks")) {
    StopTasks tasks;
    set(tasks.cluster, stop->text("cluster"));
    tasks.service_name = stop->required_text("service");
    set(tasks.count, stop->integer("count", kCount));
    set(tasks.reason, stop->text("reason"));
    happening = std::move(tasks);
  }
  if (fields.has("stack_faults"))
    happening = SetStackFaults{read_stack_faults(fields, "stack_faults")};
  if (auto afflicted = fields.mapping("afflict")) {
    Afflict afflict;
    set(afflict.cluster, afflicted->text("cluster"));
    afflict.service_name = afflicted->required_text("service");
    set(afflict.count, afflicted->integer("count", kCount));
    if (auto behaviour = afflicted->mapping("behaviour"))
      afflict.behaviour = read_behaviour(*behaviour);
    happening = std::move(afflict);
  }
  if (auto other = read_balancing_happening(fields, diagnostics)) happening = std::move(other);
  if (fields.has("lifecycle_hooks")) happening = read_hook_behaviours(fields, "lifecycle_hooks");
  return happening;
}

}  // namespace

void read_happening(Fields& fields, std::vector<LaterHappening>& happenings,
                    Diagnostics& diagnostics) {
  LaterHappening later;
  if (const auto at = fields.duration("at")) later.at = *at;
  set(later.deployment_of, fields.text("deployment_of"));
  set(later.delay, fields.duration("delay"));
  if (!later.deployment_of.empty())
    check_cluster_and_service(fields, "deployment_of", later.deployment_of);
  if (later.at.has_value() == !later.deployment_of.empty())
    fields.error("at", "expected either at or deployment_of");

  static constexpr std::array kKinds = {
      "call",           "images",     "capacity", "add_instances",   "lose_instances", "alarm",
      "interrupt_spot", "stop_tasks", "afflict",  "lifecycle_hooks", "stack_faults"};
  const auto is_given = [&](std::string_view kind) { return fields.has(kind); };
  const auto given =
      std::count_if(kKinds.begin(), kKinds.end(), is_given) +
      std::count_if(kBalancingHappenings.begin(), kBalancingHappenings.end(), is_given);
  if (given != 1)
    diagnostics.error(fields.span(), "scenario.happening", fields.path(),
                      fmt::format("expected one of call, images, capacity, add_instances, "
                                  "lose_instances, alarm, interrupt_spot, stop_tasks, afflict, "
                                  "lifecycle_hooks, traffic, targets, metric and "
                                  "hold_dns_changes, found {}",
                                  given));
  if (auto happening = read_what_happens(fields, diagnostics)) {
    later.happening = std::move(*happening);
    happenings.push_back(std::move(later));
  }
}

}  // namespace slipway::sim
