#include "sim/scenario.h"

#include "aws/endpoint.h"
#include "aws/service.h"
#include "base/decode.h"
#include "base/node.h"
#include "base/runtime.h"
#include "base/text.h"
#include "sim/scenario_balancing.h"
#include "sim/scenario_behaviour.h"
#include "sim/scenario_capacity.h"
#include "sim/scenario_code_deploy.h"
#include "sim/scenario_faults.h"
#include "sim/scenario_happenings.h"
#include "sim/scenario_hooks.h"
#include "sim/scenario_identity.h"
#include "sim/scenario_reading.h"
#include "sim/scenario_stacks.h"
#include "sim/scenario_surroundings.h"
#include "sim/scenario_timers.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::sim {
namespace {

// Reads the file. Each function reads one kind of mapping and leaves the defaults of what is not
// said, so that the defaults are those of the structs.
class ScenarioReader {
 public:
  explicit ScenarioReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  Scenario read(const Node& document) {
    Scenario scenario;
    Fields file(document, diagnostics_);
    if (file.require("scenario")) file.integer("scenario", {.at_least = 1, .at_most = 1});
    set(scenario.name, file.text("name"));
    set(scenario.about, file.text("about"));
    set(scenario.world.region, file.text("region"));
    scenario.world.partition = aws::partition_of(scenario.world.region).name;
    set(scenario.world.partition, file.text("partition"));
    set(scenario.world.account, file.text("account"));
    const std::string& account = scenario.world.account;
    if (account.size() != 12 || account.find_first_not_of("0123456789") != std::string::npos)
      file.error("account", "expected the 12 digits of an account");
    if (const auto seed = file.integer("seed", {.at_least = 0}))
      scenario.world.seed = static_cast<std::uint64_t>(*seed);
    if (const auto start = file.text("start")) {
      scenario.start = parse_iso8601(*start);
      if (!scenario.start) file.error("start", "expected a time such as 2026-01-05T09:00:00Z");
    }
    set(scenario.settled_for, file.duration("settled_for"));
    set(scenario.latency, file.duration("latency"));
    set(scenario.auto_create, file.boolean("auto_create"));
    set(scenario.api.tags_need_permission, file.boolean("tag_authorization"));
    if (auto knobs = file.mapping("knobs")) read_knobs(*knobs, scenario.world.knobs);
    read_throttling(file, scenario.api.throttling);
    if (auto identity = file.mapping("identity"))
      read_identity(*identity, scenario.api.identity, diagnostics_);

    read_capacity(file, scenario);
    read_surroundings(file, diagnostics_, scenario.calls);
    read_clusters(file, scenario, diagnostics_);
    read_documents(file, "task_definitions", "RegisterTaskDefinition", scenario, diagnostics_);
    read_balancing(file, diagnostics_, scenario);
    read_documents(file, "services", "CreateService", scenario, diagnostics_);
    read_task_sets(file, scenario);
    read_scalable_targets(file, diagnostics_, scenario.calls);
    read_log_groups(file, scenario);
    read_topics(file, scenario);
    read_rules(file, scenario, diagnostics_);
    read_schedules(file, scenario, diagnostics_);
    read_code_deploy(file, scenario, diagnostics_);
    read_stacks(file, scenario, diagnostics_);
    if (auto stack_faults = read_stack_faults(file, "stack_faults"); !stack_faults.empty())
      scenario.capacity.emplace_back(SetStackFaults{std::move(stack_faults)});
    for (Fields& call : file.mappings("calls"))
      if (auto foreign = read_call(call, diagnostics_))
        scenario.calls.push_back({foreign->operation, std::move(foreign->input), call.span(),
                                  call.path(), std::move(foreign->service)});
    scenario.world.makes_log_groups = scenario.auto_create;

    scenario.images = read_images(file, "images");
    if (file.has("lifecycle_hooks"))
      scenario.capacity.emplace_back(read_hook_behaviours(file, "lifecycle_hooks"));
    for (Fields& fault : file.mappings("faults")) scenario.api.faults.push_back(read_fault(fault));
    for (Fields& entry : file.mappings("happenings"))
      read_happening(entry, scenario.happenings, diagnostics_);
    resolve_balancing_names(scenario);
    for (Fields& entry : file.mappings("expect"))
      read_expectation(entry, scenario.api.expectations);
    return scenario;
  }

 private:
  // ---- the world ----

  void read_knobs(Fields& fields, Knobs& knobs) {
    for (const DurationKnob& knob : duration_knobs())
      set(knobs.*knob.member, fields.duration(knob.name));
    set(knobs.spread_percent, fields.number("spread_percent", kPercent));
    set(knobs.stopping_counts_toward_max, fields.boolean("stopping_counts_toward_max"));
    set(knobs.completed_waits_for,
        fields.choice<CompletedWaitsFor>("completed_waits_for",
                                         {{"stopping", CompletedWaitsFor::kStopping},
                                          {"stopped", CompletedWaitsFor::kStopped}}));
    set(knobs.targets_per_rule, fields.integer("targets_per_rule", {.at_least = 1}));
    if (const auto stops = fields.integer("max_stops_per_tick", {.at_least = 1}))
      knobs.max_stops_per_tick = static_cast<std::size_t>(*stops);
  }

  void read_throttling(Fields& file, ThrottleSettings& throttling) {
    const Node* node = file.node("throttling");
    if (node == nullptr) return;
    if (node->is_scalar()) {
      set(throttling.enabled,
          file.choice<bool>("throttling", {{"documented", true}, {"off", false}}));
      return;
    }
    auto buckets = file.mapping("throttling");
    if (!buckets) return;
    for (const std::string& name : bucket_names()) {
      auto bucket = buckets->mapping(name);
      if (!bucket) continue;
      BucketRate rate = documented_rate(name);
      set(rate.burst, bucket->number("burst", {.at_least = 1}));
      set(rate.per_second, bucket->number("per_second", {.at_least = 0}));
      throttling.overrides[name] = rate;
    }
  }

  // What CreateTaskSet takes, and `status`, as ECS answers it: PRIMARY, or ACTIVE.
  void read_task_sets(Fields& file, Scenario& scenario) {
    const std::span<const Node> list = list_of(file, "task_sets", "CreateTaskSet inputs");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = fmt::format("task_sets[{}]", i);
      Node document = list[i];
      const std::optional<Node> status = take(document, "status");
      const std::string wanted = status ? status->text : "ACTIVE";
      if (wanted != "ACTIVE" && wanted != "PRIMARY")
        diagnostics_.error(status->span, "scenario.status", path + ".status",
                           "expected PRIMARY or ACTIVE");
      scenario.calls.push_back(
          {.operation = "CreateTaskSet",
           .input = read_document_of("CreateTaskSet", document, path, diagnostics_),
           .span = document.span,
           .path = path,
           .is_primary = wanted == "PRIMARY"});
    }
  }

  // Names of groups.
  void read_log_groups(Fields& file, Scenario& scenario) {
    const Node* list = file.node("log_groups");
    if (list == nullptr) return;
    if (!list->is_sequence() || !std::all_of(list->items.begin(), list->items.end(),
                                             [](const Node& item) { return item.is_scalar(); })) {
      file.error("log_groups", "expected a list of names");
      return;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i)
      scenario.calls.push_back({"CreateLogGroup", JsonObject{{"logGroupName", list->items[i].text}},
                                list->items[i].span, fmt::format("log_groups[{}]", i), "logs"});
  }

  // Whatever CreateTopic takes, and the topic's region.
  void read_topics(Fields& file, Scenario& scenario) {
    const std::span<const Node> list = list_of(file, "topics", "CreateTopic inputs");
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = fmt::format("topics[{}]", i);
      Node document = list[i];
      const std::optional<Node> region = take(document, "region");
      scenario.calls.push_back(
          {"CreateTopic", read_document_of("CreateTopic", document, path, diagnostics_, aws::kSns),
           document.span, path, "sns", region ? region->text : std::string()});
    }
  }

  // One of `message`, `call` and `service`.
  static void read_expectation(Fields& entry, std::vector<Expectation>& expectations) {
    Expectation expectation;
    if (const auto& source = entry.span().source)
      expectation.where = fmt::format("{}:{}", source->name, entry.span().line);
    int kinds = 0;
    if (auto message = entry.mapping("message")) {
      ++kinds;
      MessageExpected wanted;
      set(wanted.topic, message->text("topic"));
      set(wanted.subject, message->text("subject"));
      set(wanted.text, message->text("text"));
      expectation.what = std::move(wanted);
    }
    if (auto operation = entry.text("call")) {
      ++kinds;
      if (operation->find(':') == std::string::npos)
        entry.error("call", "expected an operation such as ecs:UpdateService");
      expectation.what = CallExpected{std::move(*operation)};
    }
    if (auto service = entry.mapping("service")) {
      ++kinds;
      ServiceExpected wanted{.cluster = service->required_text("cluster"),
                             .service = service->required_text("name")};
      set(wanted.taskDefinition, service->text("taskDefinition"));
      if (const auto count = service->integer("runningCount", {.at_least = 0}))
        wanted.runningCount = static_cast<int>(*count);
      expectation.what = std::move(wanted);
    }
    if (const auto count = entry.integer("count", {.at_least = 0}))
      expectation.count = static_cast<std::size_t>(*count);
    if (kinds != 1) {
      entry.error("", "expected one of message, call and service");
      return;
    }
    expectations.push_back(std::move(expectation));
  }

  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<Scenario> read_scenario(std::shared_ptr<const SourceText> source,
                                      Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const std::string name = source->name;
  const TextFormat format = name.ends_with(".json") ? TextFormat::kJson : TextFormat::kYaml;
  const auto document = read_document(std::move(source), format, diagnostics);
  if (!document) return std::nullopt;
  Scenario scenario = ScenarioReader(diagnostics).read(*document);
  if (diagnostics.error_count() > errors) return std::nullopt;
  if (scenario.name.empty()) scenario.name = name;
  return scenario;
}

Result<std::optional<Scenario>> find_scenario(std::string_view name_or_file,
                                              Diagnostics& diagnostics) {
  std::string text = built_in_scenario_text(name_or_file);
  if (text.empty()) {
    auto file = read_file(std::string(name_or_file));
    if (!file) {
      Error error = std::move(file).error();
      std::vector<std::string> names;
      for (const NamedScenario& scenario : built_in_scenarios()) names.emplace_back(scenario.name);
      error.context.push_back(fmt::format("looking for the scenario {} (built in: {})",
                                          name_or_file, join(names, ", ")));
      return error;
    }
    text = std::move(file).value();
  }
  return read_scenario(
      std::make_shared<SourceText>(SourceText{std::string(name_or_file), std::move(text)}),
      diagnostics);
}

void require_signatures(Scenario& scenario, std::string access_key, std::string secret_key) {
  IdentitySettings& identity = scenario.api.identity;
  identity.signatures = SignatureMode::kVerify;
  if (access_key.empty()) return;
  identity.users.insert(
      identity.users.begin(),
      {.name = "signer", .access_key = std::move(access_key), .secret_key = std::move(secret_key)});
}

aws::Credentials credentials_for(const SimulatedAws& aws) {
  const UserSettings* user = aws.identity().first_user();
  return {.access_key_id = user != nullptr ? user->access_key : "AKIASIMULATED0000000",
          .secret_access_key = Secret(user != nullptr ? user->secret_key : "simulated"),
          .source = "the simulator"};
}

Diagnostics check_scenario(std::shared_ptr<const SourceText> source) {
  Diagnostics diagnostics;
  if (const auto scenario = read_scenario(std::move(source), diagnostics))
    make_aws(*scenario, scenario->start.value_or(kUsualStart), diagnostics);
  return diagnostics;
}

}  // namespace slipway::sim
