#include "sim/scenario.h"

#include "aws/endpoint.h"
#include "aws/facts.h"
#include "aws/service.h"
#include "base/decode.h"
#include "base/node.h"
#include "base/runtime.h"
#include "base/text.h"
#include "sim/partial_failure.h"
#include "sim/scenario_balancing.h"
#include "sim/scenario_behaviour.h"
#include "sim/scenario_code_deploy.h"
#include "sim/scenario_hooks.h"
#include "sim/scenario_stacks.h"
#include "sim/scenario_surroundings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

namespace slipway::sim {
namespace {

bool makes(const Scenario& scenario, std::string_view operation, std::string_view name_member,
           std::string_view name, std::string_view cluster = {}) {
  return std::any_of(scenario.calls.begin(), scenario.calls.end(), [&](const SetupCall& call) {
    return call.operation == operation && string_or_empty(call.input, name_member) == name &&
           (cluster.empty() || string_or_empty(call.input, "cluster") == cluster);
  });
}

std::string_view name_of(std::string_view name_or_arn) {
  const auto slash = name_or_arn.rfind('/');
  return slash == std::string_view::npos ? name_or_arn : name_or_arn.substr(slash + 1);
}

// A rule that names an event bus makes it.
void make_bus(Scenario& scenario, std::string_view name_or_arn, const SourceSpan& span,
              const std::string& path) {
  const std::string name(name_of(name_or_arn));
  if (name.empty() || name == "default" || makes(scenario, "CreateEventBus", "Name", name)) return;
  scenario.calls.push_back({"CreateEventBus", JsonObject{{"Name", name}}, span, path, "events"});
}

constexpr NumberRange kPercent{.at_least = 0, .at_most = 100};
constexpr IntegerRange kCount{.at_least = 1, .at_most = 1000};

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
    if (auto identity = file.mapping("identity")) read_identity(*identity, scenario.api.identity);

    read_capacity(file, scenario);
    read_surroundings(file, diagnostics_, scenario.calls);
    read_clusters(file, scenario);
    read_documents(file, "task_definitions", "RegisterTaskDefinition", scenario);
    read_balancing(file, diagnostics_, scenario);
    read_documents(file, "services", "CreateService", scenario);
    read_task_sets(file, scenario);
    read_scalable_targets(file, diagnostics_, scenario.calls);
    read_log_groups(file, scenario);
    read_topics(file, scenario);
    read_rules(file, scenario);
    read_schedules(file, scenario);
    read_code_deploy(file, scenario, diagnostics_);
    read_stacks(file, scenario, diagnostics_);
    if (auto stack_faults = read_stack_faults(file, "stack_faults"); !stack_faults.empty())
      scenario.capacity.emplace_back(SetStackFaults{std::move(stack_faults)});
    for (Fields& call : file.mappings("calls"))
      if (auto foreign = read_call(call))
        scenario.calls.push_back({foreign->operation, std::move(foreign->input), call.span(),
                                  call.path(), std::move(foreign->service)});
    scenario.world.makes_log_groups = scenario.auto_create;

    scenario.images = read_images(file, "images");
    if (file.has("lifecycle_hooks"))
      scenario.capacity.emplace_back(read_hook_behaviours(file, "lifecycle_hooks"));
    for (Fields& fault : file.mappings("faults")) read_fault(fault, scenario.api.faults);
    for (Fields& entry : file.mappings("happenings")) read_happening(entry, scenario.happenings);
    resolve_balancing_names(scenario);
    for (Fields& entry : file.mappings("expect"))
      read_expectation(entry, scenario.api.expectations);
    return scenario;
  }

 private:
  template <class T, class U>
  static void set(T& target, std::optional<U> value) {
    if (value) target = static_cast<T>(std::move(*value));
  }

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

  void read_capacity(Fields& file, Scenario& scenario) {
    if (auto capacity = file.mapping("capacity")) {
      for (const char* pool : {"FARGATE", "FARGATE_SPOT"})
        if (const auto tasks = capacity->integer(pool, {.at_least = 0}))
          scenario.capacity.emplace_back(SetCapacity{pool, static_cast<int>(*tasks)});
      if (const auto vcpus = capacity->number("vcpus", {.at_least = 0}))
        scenario.capacity.emplace_back(SetVcpuQuota{vcpus});
    }
    for (auto& [name, group] : file.mappings_by_name("auto_scaling_groups")) {
      SetGroupSize size;
      size.capacity_provider = name;
      size.maximum = static_cast<int>(group.integer("maximum", {.at_least = 0}).value_or(1));
      if (auto instance = group.mapping("instance"))
        size.instance = read_instances(*instance, group.text("cluster").value_or("default"));
      size.instance.capacity_provider = name;
      scenario.groups.push_back(std::move(size));
    }
  }

  static AddInstances read_instances(Fields& fields, std::string cluster) {
    AddInstances instances;
    instances.cluster = std::move(cluster);
    set(instances.cluster, fields.text("cluster"));
    set(instances.count, fields.integer("count", kCount));
    set(instances.instanceType, fields.text("instanceType"));
    set(instances.cpu, fields.integer("cpu", {.at_least = 128}));
    set(instances.memory, fields.integer("memory", {.at_least = 128}));
    set(instances.gpus, fields.integer("gpus", {.at_least = 0}));
    set(instances.network_interfaces, fields.integer("network_interfaces", {.at_least = 0}));
    instances.availability_zones = fields.texts("availability_zones");
    for (auto& [name, value] : fields.texts_by_name("attributes"))
      instances.attributes[name] = value;
    set(instances.capacity_provider, fields.text("capacity_provider"));
    return instances;
  }

  // Whatever CreateCluster takes, and the instances that are there from the beginning. Capacity
  // providers come first: a cluster may name them.
  void read_clusters(Fields& file, Scenario& scenario) {
    read_documents(file, "capacity_providers", "CreateCapacityProvider", scenario);
    const Node* clusters = file.node("clusters");
    if (clusters == nullptr) return;
    if (!clusters->is_mapping()) {
      file.error("clusters", "expected a mapping of clusters by name");
      return;
    }
    for (const Node::Member& member : clusters->members) {
      const std::string path = "clusters." + member.key;
      Node document = member.value;
      const Node* instances = document.find("instances");
      if (instances != nullptr && instances->is_sequence()) {
        for (std::size_t i = 0; i < instances->items.size(); ++i) {
          Fields fields(instances->items[i], diagnostics_, {},
                        fmt::format("{}.instances[{}]", path, i));
          scenario.instances.push_back(read_instances(fields, member.key));
        }
        std::erase_if(document.members, [](const Node::Member& m) { return m.key == "instances"; });
      }
      Json input = JsonObject{};
      if (!document.is_null()) input = read_document_of("CreateCluster", document, path);
      if (input.is_object()) input.get_object()["clusterName"] = member.key;
      scenario.calls.push_back({"CreateCluster", std::move(input), member.key_span, path});
    }
  }

  void read_documents(Fields& file, const char* key, const char* operation, Scenario& scenario,
                      const aws::ServiceFacts& service = aws::kEcs) {
    const Node* list = file.node(key);
    if (list == nullptr) return;
    if (!list->is_sequence()) {
      file.error(key, fmt::format("expected a list of {} inputs", operation));
      return;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const std::string path = fmt::format("{}[{}]", key, i);
      scenario.calls.push_back({operation,
                                read_document_of(operation, list->items[i], path, service),
                                list->items[i].span, path, std::string(service.id)});
    }
  }

  // What CreateTaskSet takes, and `status`, as ECS answers it: PRIMARY, or ACTIVE.
  void read_task_sets(Fields& file, Scenario& scenario) {
    const Node* list = file.node("task_sets");
    if (list == nullptr) return;
    if (!list->is_sequence()) {
      file.error("task_sets", "expected a list of CreateTaskSet inputs");
      return;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const std::string path = fmt::format("task_sets[{}]", i);
      Node document = list->items[i];
      const Node* status = document.find("status");
      const std::string wanted = status == nullptr ? "ACTIVE" : status->text;
      if (wanted != "ACTIVE" && wanted != "PRIMARY")
        diagnostics_.error(status->span, "scenario.status", path + ".status",
                           "expected PRIMARY or ACTIVE");
      std::erase_if(document.members, [](const Node::Member& m) { return m.key == "status"; });
      scenario.calls.push_back({.operation = "CreateTaskSet",
                                .input = read_document_of("CreateTaskSet", document, path),
                                .span = document.span,
                                .path = path,
                                .is_primary = wanted == "PRIMARY"});
    }
  }

  // Names, or what CreateLogGroup takes.
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
    const Node* list = file.node("topics");
    if (list == nullptr) return;
    if (!list->is_sequence()) {
      file.error("topics", "expected a list of CreateTopic inputs");
      return;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const std::string path = fmt::format("topics[{}]", i);
      Node document = list->items[i];
      const Node* found = document.find("region");
      std::string region = found == nullptr ? std::string() : found->text;
      std::erase_if(document.members, [](const Node::Member& m) { return m.key == "region"; });
      scenario.calls.push_back({"CreateTopic",
                                read_document_of("CreateTopic", document, path, aws::kSns),
                                document.span, path, "sns", std::move(region)});
    }
  }

  // Whatever PutRule takes, and the rule's Targets.
  void read_rules(Fields& file, Scenario& scenario) {
    constexpr std::size_t kMostTargetsInACall = 10;
    const Node* list = file.node("rules");
    if (list == nullptr) return;
    if (!list->is_sequence()) {
      file.error("rules", "expected a list of PutRule inputs with Targets");
      return;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const std::string path = fmt::format("rules[{}]", i);
      Node document = list->items[i];
      const Node* found = document.find("Targets");
      if (found != nullptr && !found->is_sequence()) {
        diagnostics_.error(found->span, "scenario.targets", path + ".Targets",
                           "expected a list of targets");
        continue;
      }
      const Json targets = found == nullptr ? Json() : read_targets(*found, path + ".Targets");
      std::erase_if(document.members, [](const Node::Member& m) { return m.key == "Targets"; });
      Json input = read_document_of("PutRule", document, path, aws::kEvents);
      const std::string name(string_or_empty(input, "Name"));
      const std::string bus(string_or_empty(input, "EventBusName"));
      make_bus(scenario, bus, document.span, path);
      scenario.calls.push_back({"PutRule", std::move(input), document.span, path, "events"});
      const JsonArray* all = targets.if_array();
      for (std::size_t from = 0; all != nullptr && from < all->size();
           from += kMostTargetsInACall) {
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

  Json read_targets(const Node& node, const std::string& path) {
    const aws::Facts& facts = aws::Facts::of(aws::kEvents);
    for (std::size_t i = 0; i < node.items.size(); ++i)
      aws::report(aws::check_document(facts, "Target", node.items[i]),
                  fmt::format("{}[{}]", path, i), diagnostics_);
    return to_json(node);
  }

  // Whatever CreateSchedule takes. A group that is named is there.
  void read_schedules(Fields& file, Scenario& scenario) {
    const std::size_t first = scenario.calls.size();
    read_documents(file, "schedules", "CreateSchedule", scenario, aws::kScheduler);
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

  // The input of an operation, held against AWS's facts about it.
  Json read_document_of(std::string_view operation, const Node& node, const std::string& path,
                        const aws::ServiceFacts& service = aws::kEcs) {
    const aws::Facts& facts = aws::Facts::of(service);
    if (const aws::OperationFacts* known = facts.operation(operation); known != nullptr)
      aws::report(aws::check_document(facts, known->input, node), path, diagnostics_);
    return to_json(node);
  }

  // {operation: UpdateService, input: {...}}, or {operation: "events:PutTargets", ...}
  std::optional<ForeignCall> read_call(Fields& fields) {
    ForeignCall call;
    call.operation = fields.required_text("operation");
    if (call.operation.empty()) return std::nullopt;
    if (const auto colon = call.operation.find(':'); colon != std::string::npos) {
      call.service = call.operation.substr(0, colon);
      call.operation.erase(0, colon + 1);
    }
    if (!World::knows(call.service, call.operation)) {
      fields.error("operation",
                   fmt::format("{}:{} is not simulated", call.service, call.operation));
      fields.ignore("input");
      return std::nullopt;
    }
    call.input = JsonObject{};
    if (const Node* input = fields.node("input"))
      call.input = read_document_of(call.operation, *input, fields.path_of("input"),
                                    *aws::find_service_facts(call.service));
    return call;
  }

  // ---- images ----

  std::vector<ImageBehaviour> read_images(Fields& file, const char* key) {
    std::vector<ImageBehaviour> images;
    for (Fields& image : file.mappings(key)) images.push_back(read_behaviour(image));
    return images;
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

  // ---- identity ----

  void read_identity(Fields& fields, IdentitySettings& identity) {
    set(identity.signatures,
        fields.choice<SignatureMode>("signatures", {{"verify", SignatureMode::kVerify},
                                                    {"lenient", SignatureMode::kLenient},
                                                    {"off", SignatureMode::kOff}}));
    for (auto& [name, user] : fields.mappings_by_name("users")) {
      UserSettings settings;
      settings.name = name;
      settings.access_key = user.required_text("access_key");
      settings.secret_key = user.required_text("secret_key");
      settings.policies = read_policies(user, "policies");
      identity.users.push_back(std::move(settings));
    }
    for (auto& [name, role] : fields.mappings_by_name("roles")) {
      RoleSettings settings;
      settings.name = name;
      settings.policies = read_policies(role, "policies");
      if (role.has("trusted")) settings.trusted = role.texts("trusted");
      set(settings.external_id, role.text("external_id"));
      set(settings.needs_mfa, role.boolean("needs_mfa"));
      set(settings.max_session, role.duration("max_session"));
      if (const auto lifetime = role.duration("lifetime")) settings.lifetime = *lifetime;
      settings.web_identity_tokens = role.texts("web_identity_tokens");
      identity.roles.push_back(std::move(settings));
    }
    set(identity.anyone, fields.text("anyone"));
    const auto is_anyone = [&](const UserSettings& user) { return user.name == identity.anyone; };
    if (!identity.anyone.empty() &&
        std::none_of(identity.users.begin(), identity.users.end(), is_anyone))
      fields.error("anyone", fmt::format("there is no user {}", identity.anyone));
    set(identity.any_role, fields.boolean("any_role"));
    identity.service_control_policies = read_policies(fields, "service_control_policies");

    CredentialEndpoints& endpoints = identity.endpoints;
    set(endpoints.lifetime, fields.duration("credential_lifetime"));
    if (auto imds = fields.mapping("instance_metadata")) {
      endpoints.instance_role = imds->required_text("role");
      set(endpoints.imds_v1, imds->boolean("version_1"));
    }
    if (auto container = fields.mapping("container_credentials")) {
      endpoints.container_role = container->required_text("role");
      set(endpoints.container_authorization, container->text("authorization"));
    }
    if (auto sso = fields.mapping("sso")) {
      endpoints.sso_role = sso->required_text("role");
      set(endpoints.sso_access_token, sso->text("access_token"));
      set(endpoints.sso_refresh_token, sso->text("refresh_token"));
      set(endpoints.sso_token_lifetime, sso->duration("token_lifetime"));
    }
    for (const auto& [key, role] : {std::pair{"instance_metadata", endpoints.instance_role},
                                    std::pair{"container_credentials", endpoints.container_role},
                                    std::pair{"sso", endpoints.sso_role}}) {
      const auto is_role = [&](const RoleSettings& known) { return known.name == role; };
      if (!role.empty() && !identity.any_role &&
          std::none_of(identity.roles.begin(), identity.roles.end(), is_role))
        fields.error(key, fmt::format("there is no role {}", role));
    }
  }

  std::optional<std::vector<Policy>> read_policies(Fields& fields, const char* key) {
    const Node* list = fields.node(key);
    if (list == nullptr) return std::nullopt;
    std::vector<Policy> policies;
    if (!list->is_sequence()) {
      fields.error(key, "expected a list of policy documents");
      return policies;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i)
      policies.push_back(read_policy(list->items[i], fields.path_of(key, i), diagnostics_));
    return policies;
  }

  // ---- faults ----

  void read_fault(Fields& fields, std::vector<Fault>& faults) {
    Fault fault;
    const std::string kind = fields.required_text("fault");
    const auto named = std::find_if(fault_names().begin(), fault_names().end(),
                                    [&](const FaultName& name) { return name.name == kind; });
    if (named != fault_names().end()) {
      fault.kind = named->kind;
    } else if (!kind.empty()) {
      std::vector<std::string> names;
      for (const FaultName& name : fault_names()) names.emplace_back(name.name);
      const auto near = nearest(kind, names);
      fields.error("fault", fmt::format("there is no such fault; there are {}", join(names, ", ")),
                   near ? "did you mean " + *near + "?" : "");
    }

    set(fault.operation, fields.text("on"));
    if (fault.operation != "*" && fault.operation.find(':') == std::string::npos)
      fields.error("on", "expected service and operation, such as ecs:UpdateService");
    set(fault.access_key, fields.text("access_key"));
    fault.input = fields.texts_by_name("input");

    // Credentials expire once; everything else happens until it is over.
    if (fault.kind == FaultKind::kExpiredCredentials) fault.calls = 1;
    set(fault.first_call, fields.integer("first_call", {.at_least = 1}));
    if (const auto calls = fields.integer("calls", {.at_least = 1}))
      fault.calls = static_cast<int>(*calls);
    if (const auto from = fields.duration("from")) fault.from = *from;
    if (const auto until = fields.duration("until")) fault.until = *until;
    set(fault.after_operation, fields.text("after_operation"));
    set(fault.during_deployment_of, fields.text("during_deployment_of"));
    if (!fault.during_deployment_of.empty())
      check_cluster_and_service(fields, "during_deployment_of", fault.during_deployment_of);
    set(fault.share_percent, fields.number("share_percent", kPercent));

    read_effect(fields, fault);
    faults.push_back(std::move(fault));
  }

  static void read_effect(Fields& fields, Fault& fault) {
    using enum FaultKind;
    const auto is_one_of = [&](std::initializer_list<FaultKind> kinds) {
      return std::find(kinds.begin(), kinds.end(), fault.kind) != kinds.end();
    };
    if (is_one_of({kReset, kNoAnswer, kHtml, kServerError, kUnavailable, kError}))
      set(fault.after_effect, fields.boolean("after_effect"));
    if (fault.kind == kSlow && fields.require("delay")) set(fault.delay, fields.duration("delay"));
    if (fault.kind == kClockSkew && fields.require("by")) {
      // The server's clock may be behind as well.
      const std::string text = fields.text("by").value_or("");
      const bool is_behind = text.starts_with('-');
      const auto by = parse_duration(std::string_view(text).substr(is_behind ? 1 : 0));
      if (!by)
        fields.error("by", "expected a duration such as 10m or -10m");
      else
        fault.delay = is_behind ? -*by : *by;
    }
    if (fault.kind == kSlowBytes && fields.require("bytes_per_second"))
      set(fault.bytes_per_second, fields.number("bytes_per_second", {.at_least = 0.001}));
    if (fault.kind == kTruncated) set(fault.bytes, fields.integer("bytes", {.at_least = 0}));
    if (is_one_of({kHtml, kServerError, kError}))
      set(fault.status, fields.integer("status", {.at_least = 200, .at_most = 599}));
    if (fault.kind == kUnavailable) fault.status = 503;
    if (fault.kind == kServerError && fault.status == 0) fault.status = 500;
    if (is_one_of({kServerError, kError})) set(fault.code, fields.text("code"));
    if (fault.kind == kError) fields.require("code");
    if (is_one_of({kServerError, kError, kAccessDenied, kPartialFailure}))
      set(fault.message, fields.text("message"));
    if (fault.kind == kPartialFailure) read_partial_failure(fields, fault);
    if (fault.kind == kServerError && fault.message.empty())
      fault.message = "Service Unavailable. Please try again later.";
    if (is_one_of({kThrottled, kServerError, kUnavailable, kError}))
      if (const auto after = fields.duration("retry_after")) fault.retry_after = *after;
  }

  static void read_partial_failure(Fields& fields, Fault& fault) {
    if (!can_fail_in_part(fault.operation))
      fields.error("on", "expected events:PutTargets or events:RemoveTargets");
    fault.code = fields.text("code").value_or("InternalException");
    if (fault.message.empty()) fault.message = "The entry could not be changed.";
    set(fault.count, fields.integer("entries", {.at_least = 1}));
  }

  static void check_cluster_and_service(Fields& fields, const char* key, const std::string& text) {
    if (std::count(text.begin(), text.end(), '/') != 1)
      fields.error(key, "expected CLUSTER/SERVICE");
  }

  // ---- happenings ----

  void read_happening(Fields& fields, std::vector<LaterHappening>& happenings) {
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
      diagnostics_.error(fields.span(), "scenario.happening", fields.path(),
                         fmt::format("expected one of call, images, capacity, add_instances, "
                                     "lose_instances, alarm, interrupt_spot, stop_tasks, afflict, "
                                     "lifecycle_hooks, traffic, targets, metric and "
                                     "hold_dns_changes, found {}",
                                     given));
    if (auto happening = read_what_happens(fields)) {
      later.happening = std::move(*happening);
      happenings.push_back(std::move(later));
    }
  }

  std::optional<Happening> read_what_happens(Fields& fields) {
    std::optional<Happening> happening;
    if (auto call = fields.mapping("call"))
      if (auto foreign = read_call(*call)) happening = std::move(*foreign);
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
    if (auto other = read_balancing_happening(fields, diagnostics_)) happening = std::move(other);
    if (fields.has("lifecycle_hooks")) happening = read_hook_behaviours(fields, "lifecycle_hooks");
    return happening;
  }

  Diagnostics& diagnostics_;
};

// ---- what a release expects ----

void add_family(Scenario& scenario, std::string_view family,
                const std::vector<std::string>& containers) {
  if (makes(scenario, "RegisterTaskDefinition", "family", family)) return;
  const std::string role = fmt::format("arn:{}:iam::{}:role/ecsTaskExecutionRole",
                                       scenario.world.partition, scenario.world.account);
  JsonArray definitions;
  for (const std::string& name : containers.empty() ? std::vector<std::string>{"app"} : containers)
    definitions.push_back(JsonObject{
        {"name", name}, {"image", fmt::format("registry.example/{}/{}:1.0", family, name)}});
  scenario.calls.push_back({"RegisterTaskDefinition",
                            JsonObject{{"family", family},
                                       {"requiresCompatibilities", JsonArray{Json("FARGATE")}},
                                       {"networkMode", "awsvpc"},
                                       {"cpu", "256"},
                                       {"memory", "512"},
                                       {"executionRoleArn", role},
                                       {"containerDefinitions", std::move(definitions)}},
                            {},
                            fmt::format("the family {}", family)});
}

void add_service(Scenario& scenario, std::string_view cluster, const ExpectedService& expected) {
  const std::string_view name = name_of(expected.name);
  if (makes(scenario, "CreateService", "serviceName", name, cluster)) return;
  const std::string family(expected.family.empty() ? name : std::string_view(expected.family));
  add_family(scenario, family, expected.containers);
  scenario.calls.push_back(
      {"CreateService",
       JsonObject{{"cluster", cluster},
                  {"serviceName", name},
                  {"taskDefinition", family},
                  {"desiredCount", 2},
                  {"launchType", "FARGATE"},
                  {"deploymentConfiguration",
                   JsonObject{{"minimumHealthyPercent", 100},
                              {"maximumPercent", 200},
                              {"deploymentCircuitBreaker",
                               JsonObject{{"enable", true}, {"rollback", true}}}}},
                  {"networkConfiguration",
                   JsonObject{{"awsvpcConfiguration",
                               JsonObject{{"subnets", JsonArray{Json("subnet-0a1b2c3d")}},
                                          {"securityGroups", JsonArray{Json("sg-0123abcd")}},
                                          {"assignPublicIp", "DISABLED"}}}}}},
       {},
       fmt::format("the service {}", name)});
}

Json timer_target(const Scenario& scenario, std::string_view cluster, std::string_view family) {
  const auto arn = [&](std::string_view service, std::string_view region, std::string resource) {
    return fmt::format("arn:{}:{}:{}:{}:{}", scenario.world.partition, service, region,
                       scenario.world.account, resource);
  };
  const std::string_view region = scenario.world.region;
  return JsonObject{
      {"Arn", arn("ecs", region, fmt::format("cluster/{}", cluster))},
      {"RoleArn", arn("iam", "", "role/ecsEventsRole")},
      {"EcsParameters",
       JsonObject{
           {"TaskDefinitionArn", arn("ecs", region, fmt::format("task-definition/{}:1", family))},
           {"TaskCount", 1},
           {"LaunchType", "FARGATE"},
           {"NetworkConfiguration",
            JsonObject{{"awsvpcConfiguration",
                        JsonObject{{"Subnets", JsonArray{Json("subnet-0a1b2c3d")}}}}}}}}};
}

ExpectedTimer with_family_of_service(const Scenario& scenario, std::string_view cluster,
                                     ExpectedTimer timer) {
  if (timer.service.empty()) return timer;
  for (const SetupCall& call : scenario.calls) {
    if (call.operation != "CreateService" ||
        string_or_empty(call.input, "serviceName") != timer.service ||
        string_or_empty(call.input, "cluster") != cluster)
      continue;
    const std::string_view definition = name_of(string_or_empty(call.input, "taskDefinition"));
    timer.family = definition.substr(0, definition.find(':'));
  }
  return timer;
}

constexpr const char* kEveryNight = "cron(0 3 * * ? *)";

void add_rule(Scenario& scenario, std::string_view cluster, const ExpectedTimer& expected) {
  if (makes(scenario, "PutRule", "Name", expected.name)) return;
  add_family(scenario, expected.family, {});
  const std::string path = fmt::format("the rule {}", expected.name);
  JsonObject rule{{"Name", expected.name}};
  Json target = timer_target(scenario, cluster, expected.family);
  target.as_object()["Id"] = expected.family;
  JsonObject targets{{"Rule", expected.name}, {"Targets", JsonArray{std::move(target)}}};
  if (expected.group.empty() || expected.group == "default") {
    rule["ScheduleExpression"] = kEveryNight;
  } else {
    // Only the default bus knows the time.
    make_bus(scenario, expected.group, {}, path);
    rule["EventPattern"] = R"({"source": ["shop"]})";
    rule["EventBusName"] = targets["EventBusName"] = expected.group;
  }
  scenario.calls.push_back({"PutRule", std::move(rule), {}, path, "events"});
  scenario.calls.push_back({"PutTargets", std::move(targets), {}, path, "events"});
}

void add_schedule(Scenario& scenario, std::string_view cluster, const ExpectedTimer& expected) {
  if (makes(scenario, "CreateSchedule", "Name", expected.name)) return;
  add_family(scenario, expected.family, {});
  const std::string path = fmt::format("the schedule {}", expected.name);
  JsonObject schedule{{"Name", expected.name},
                      {"ScheduleExpression", kEveryNight},
                      {"FlexibleTimeWindow", JsonObject{{"Mode", "OFF"}}},
                      {"Target", timer_target(scenario, cluster, expected.family)}};
  if (!expected.group.empty() && expected.group != "default") {
    schedule["GroupName"] = expected.group;
    if (!makes(scenario, "CreateScheduleGroup", "Name", expected.group))
      scenario.calls.push_back(
          {"CreateScheduleGroup", JsonObject{{"Name", expected.group}}, {}, path, "scheduler"});
  }
  scenario.calls.push_back({"CreateSchedule", std::move(schedule), {}, path, "scheduler"});
}

// "arn:PARTITION:sns:REGION:ACCOUNT:NAME"
void add_topic(Scenario& scenario, std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  if (parts.size() != 6 || parts[1] != scenario.world.partition || parts[2] != "sns" ||
      parts[4] != scenario.world.account)
    return;
  const std::string name(parts[5]);
  if (makes(scenario, "CreateTopic", "Name", name)) return;
  JsonObject topic{{"Name", name}};
  if (name.ends_with(".fifo")) topic["Attributes"] = JsonObject{{"FifoTopic", "true"}};
  scenario.calls.push_back({"CreateTopic",
                            std::move(topic),
                            {},
                            fmt::format("the topic {}", name),
                            "sns",
                            std::string(parts[3])});
}

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

void add_missing(Scenario& scenario, const Expectations& expected) {
  const std::string_view cluster =
      expected.cluster.empty() ? std::string_view("default") : name_of(expected.cluster);
  if (!makes(scenario, "CreateCluster", "clusterName", cluster))
    scenario.calls.insert(scenario.calls.begin(), {"CreateCluster",
                                                   JsonObject{{"clusterName", cluster}},
                                                   {},
                                                   fmt::format("the cluster {}", cluster)});
  scenario.world.makes_instances = true;
  // What the scenario has, it knows how to run.
  std::set<std::string, std::less<>> known;
  for (const SetupCall& call : scenario.calls)
    if (call.operation == "RegisterTaskDefinition")
      known.emplace(string_or_empty(call.input, "family"));
  for (const ExpectedService& service : expected.services) add_service(scenario, cluster, service);
  for (const ExpectedTask& task : expected.tasks) {
    const std::string_view reference = name_of(task.family);
    const std::string family(reference.substr(0, reference.find(':')));
    if (!known.insert(family).second) continue;
    add_family(scenario, family, task.containers);
    // A one-off task ends by itself, whatever the services of its family do.
    scenario.images.insert(scenario.images.begin(), {.task_definition = family,
                                                     .kind = TaskKind::kOneOff,
                                                     .run_for = std::chrono::seconds(10)});
  }
  for (const ExpectedTimer& rule : expected.rules)
    add_rule(scenario, cluster, with_family_of_service(scenario, cluster, rule));
  for (const ExpectedTimer& schedule : expected.schedules)
    add_schedule(scenario, cluster, with_family_of_service(scenario, cluster, schedule));
  for (const std::string& topic : expected.topics) add_topic(scenario, topic);
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

namespace {

// Only the answer to CreateTaskSet says what the set is called.
void make_primary(World& world, const SetupCall& call, const Json& answer) {
  const Json* set = find(answer, "taskSet");
  if (set == nullptr) return;
  (void)world.call({}, "ecs", "UpdateServicePrimaryTaskSet",
                   JsonObject{{"cluster", string_or_empty(call.input, "cluster")},
                              {"service", string_or_empty(call.input, "service")},
                              {"primaryTaskSet", string_or_empty(*set, "taskSetArn")}});
}

}  // namespace

std::unique_ptr<SimulatedAws> make_aws(const Scenario& scenario, TimePoint start,
                                       Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  WorldSettings settings = scenario.world;
  settings.start = start - scenario.settled_for;
  auto world = std::make_unique<World>(settings);
  if (!scenario.images.empty())
    world->arrange(SetImages{.behaviours = scenario.images, .replace = true});
  for (const Happening& happening : scenario.capacity) world->arrange(happening);
  for (const SetupCall& call : scenario.calls) {
    const Reply reply =
        world->call({.region = call.region}, call.service, call.operation, call.input);
    if (!reply) {
      diagnostics.error(call.span, "scenario.refused", call.path,
                        fmt::format("{} refuses this: {}: {}", call.operation, reply.error().code,
                                    reply.error().message));
      continue;
    }
    if (call.is_primary) make_primary(*world, call, reply->parse());
    if (call.operation == "CreateCluster")
      for (const AddInstances& instances : scenario.instances)
        if (instances.cluster == string_or_empty(call.input, "clusterName"))
          world->arrange(instances);
    if (call.operation == "CreateCapacityProvider")
      for (const SetGroupSize& group : scenario.groups)
        if (group.capacity_provider == string_or_empty(call.input, "name")) world->arrange(group);
  }
  if (diagnostics.error_count() > errors) return nullptr;
  world->advance(start);
  report_unmade_stacks(*world, scenario, diagnostics);
  if (diagnostics.error_count() > errors) return nullptr;
  world->forget_traffic();
  // Only now, so that a deployment to wait for is not one of the setup's.
  for (const LaterHappening& later : scenario.happenings) {
    When when{.deployment_of = later.deployment_of, .delay = later.delay};
    if (later.at) when.at = start + *later.at;
    world->arrange(later.happening, when);
  }
  return std::make_unique<SimulatedAws>(std::move(world), scenario.api);
}

Diagnostics check_scenario(std::shared_ptr<const SourceText> source) {
  Diagnostics diagnostics;
  if (const auto scenario = read_scenario(std::move(source), diagnostics))
    make_aws(*scenario, scenario->start.value_or(kUsualStart), diagnostics);
  return diagnostics;
}

}  // namespace slipway::sim
