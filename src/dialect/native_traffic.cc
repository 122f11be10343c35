#include "dialect/native_traffic.h"

#include "base/text.h"
#include "dialect/native_checks.h"
#include "dialect/native_movers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace slipway {
namespace {

using namespace std::chrono_literals;

constexpr DurationRange kUpToADay{.at_least = Duration{0}, .at_most = 24h};

class StrategyReader {
 public:
  StrategyReader(Fields& service, Diagnostics& diagnostics)
      : service_(service), diagnostics_(diagnostics) {}

  std::optional<Strategy> read() {
    const Node* node = service_.node("strategy");
    if (node == nullptr) return std::nullopt;
    std::string name = node->text;
    if (node->is_mapping()) {
      if (node->members.size() != 1) {
        service_.error("strategy", "expected one strategy",
                       "rolling, canary, linear or blue_green");
        return std::nullopt;
      }
      name = node->members.front().key;
    } else if (!node->is_scalar()) {
      service_.error("strategy", "expected a strategy such as `rolling`, found " + describe(*node));
      return std::nullopt;
    }
    if (name == "rolling") return Rolling{};
    if (name == "blue_green" || name == "canary" || name == "linear") {
      if (node->is_mapping()) return settings_of(name, node->members.front().value);
      // Only a shift at once needs no more words.
      if (name == "blue_green") return settings_of(name, Node{});
      service_.error("strategy", fmt::format("{} needs its steps", name),
                     name == "canary" ? "strategy: {canary: {steps: [{weight: 10, bake: 5m}]}}"
                                      : "strategy: {linear: {step: 10, every: 5m}}");
      return std::nullopt;
    }
    const std::optional<std::string> near =
        nearest(name, {"rolling", "canary", "linear", "blue_green"});
    service_.error(
        "strategy", fmt::format("unknown strategy \"{}\"", name),
        near ? "did you mean " + *near + "?" : "rolling, canary, linear and blue_green are known");
    return std::nullopt;
  }

 private:
  std::optional<Strategy> settings_of(const std::string& name, const Node& node) {
    Node empty;
    empty.kind = Node::Kind::kMapping;
    empty.span = node.span;
    const bool is_empty = node.is_null() || (!node.is_mapping() && node.text.empty());
    Fields fields(is_empty ? empty : node, diagnostics_, {},
                  service_.path_of("strategy") + "." + name);
    Canary canary;
    canary.mover = read_mover(fields);
    canary.checks = read_checks(fields, diagnostics_, canary.mover);
    canary.keep_previous = fields.duration("keep_previous", kUpToADay).value_or(Duration{0});
    if (name == "canary") {
      canary.steps = read_steps(fields, canary);
      fields.refuse("bake", "each step has a `bake` of its own", "steps: [{weight: 10, bake: 5m}]");
    } else {
      fields.refuse("steps", fmt::format("{} makes its steps itself", name),
                    "canary: {steps: ...}");
    }
    if (name == "linear") canary.steps = read_linear(fields);
    if (name == "blue_green")
      canary.steps = {{.weight = 100, .bake = fields.duration("bake", kUpToADay).value_or(5min)}};
    const std::vector<std::string> all = judging(canary);
    for (TrafficStep& step : canary.steps)
      if (!given_.contains(&step - canary.steps.data())) step.checks = all;
    return canary;
  }

  // Alarms are watched all the time; the others count where a step says so, or everywhere.
  static std::vector<std::string> judging(const Canary& canary) {
    std::vector<std::string> names;
    for (const Check& check : canary.checks)
      if (!std::holds_alternative<AlarmCheck>(check)) names.push_back(name_of(check));
    return names;
  }

  // ---- Steps ----

  // 10, or "10%" as people write it.
  std::optional<int> read_weight(Fields& fields, std::string_view key, int at_least) {
    const Node* node = fields.node(key);
    if (node == nullptr) return std::nullopt;
    std::string_view text = node->is_scalar() ? std::string_view(node->text) : "";
    if (text.ends_with('%')) text = trim(text.substr(0, text.size() - 1));
    int weight = -1;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), weight);
    if (failed == std::errc{} && end == text.data() + text.size() && weight >= at_least &&
        weight <= 100)
      return weight;
    fields.error(key, fmt::format("expected a whole percentage from {} to 100, found {}", at_least,
                                  describe(*node)));
    return std::nullopt;
  }

  std::vector<TrafficStep> read_steps(Fields& fields, const Canary& canary) {
    fields.require("steps");
    std::vector<TrafficStep> steps;
    int before = -1;
    bool is_sound = true;
    for (Fields& entry : fields.mappings("steps", {.at_least = 1})) {
      TrafficStep step;
      entry.require("weight");
      const std::optional<int> weight = read_weight(entry, "weight", 0);
      step.weight = weight.value_or(before + 1);
      if (weight && *weight <= before) {
        entry.error("weight", fmt::format("{} does not follow {}", *weight, before),
                    "each step gives the new side more than the one before");
        is_sound = false;
      }
      before = std::max(before, step.weight);
      step.bake = entry.duration("bake", kUpToADay).value_or(Duration{0});
      step.pause = entry.boolean("pause").value_or(false);
      if (entry.has("checks")) {
        given_.insert(static_cast<std::ptrdiff_t>(steps.size()));
        step.checks = read_names(entry, canary);
      }
      steps.push_back(std::move(step));
    }
    // The last step is the whole of it, watched as long as the one before.
    if (is_sound && !steps.empty() && steps.back().weight < 100) {
      TrafficStep last{.weight = 100, .bake = steps.back().bake, .checks = steps.back().checks};
      if (given_.contains(static_cast<std::ptrdiff_t>(steps.size()) - 1))
        given_.insert(static_cast<std::ptrdiff_t>(steps.size()));
      steps.push_back(std::move(last));
    }
    return steps;
  }

  std::vector<std::string> read_names(Fields& entry, const Canary& canary) {
    std::vector<std::string> names = entry.texts("checks");
    const std::vector<std::string> known = judging(canary);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::ranges::find(known, names[i]) != known.end()) continue;
      if (find_check(canary, names[i]) != nullptr) {
        entry.error("checks", i, fmt::format("{} is an alarm", names[i]),
                    "alarms are watched all the time, whatever a step says");
        continue;
      }
      const std::optional<std::string> near = nearest(names[i], known);
      entry.error("checks", i, fmt::format("there is no check \"{}\"", names[i]),
                  near ? "did you mean " + *near + "?" : "name it under `checks` of the strategy");
    }
    return names;
  }

  std::vector<TrafficStep> read_linear(Fields& fields) {
    fields.require("step");
    fields.require("every");
    const int by = read_weight(fields, "step", 1).value_or(100);
    const Duration every = fields.duration("every", kUpToADay).value_or(Duration{0});
    std::vector<TrafficStep> steps;
    for (int weight = by; weight < 100; weight += by) steps.push_back({weight, every, {}, false});
    steps.push_back({100, fields.duration("bake", kUpToADay).value_or(every), {}, false});
    return steps;
  }

  Fields& service_;
  Diagnostics& diagnostics_;
  std::set<std::ptrdiff_t> given_;  // steps that say their checks themselves
};

}  // namespace

std::optional<Strategy> read_strategy(Fields& service, Diagnostics& diagnostics) {
  return StrategyReader(service, diagnostics).read();
}

}  // namespace slipway
