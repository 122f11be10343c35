#include "sim/scenario_balancing.h"

#include "aws/facts.h"
#include "aws/service.h"
#include "base/node.h"
#include "sim/scenario_behaviour.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::string_view kUsualVpc = "vpc-0a1b2c3d4e5f60718";

// Not random: the same name has the same id in every world, so that a file can rely on it (FNV-1a).
std::string id_of(std::string_view name) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return fmt::format("{:016x}", hash);
}

// Takes out what is ours from a document of AWS's, so that the rest can be held against AWS's
// model.
class Entry {
 public:
  Entry(const Node& node, std::string path) : node_(node), path_(std::move(path)) {}

  std::optional<Node> take(std::string_view key) { return sim::take(node_, key); }
  std::string take_text(std::string_view key) {
    const auto taken = take(key);
    return taken ? taken->text : std::string();
  }
  const Node& rest() const { return node_; }
  const std::string& path() const { return path_; }

 private:
  Node node_;
  std::string path_;
};

class Reader {
 public:
  Reader(Fields& file, Diagnostics& diagnostics, Scenario& scenario)
      : file_(file), diagnostics_(diagnostics), scenario_(scenario) {}

  void read() {
    for (Entry& entry : entries(file_, "target_groups", "target groups")) read_target_group(entry);
    for (Entry& entry : entries(file_, "load_balancers", "CreateLoadBalancer inputs"))
      read_load_balancer(entry);
    for (Entry& entry : entries(file_, "hosted_zones", "CreateHostedZone inputs"))
      read_hosted_zone(entry);
    read_alarms();
    if (file_.has("targets"))
      scenario_.capacity.emplace_back(read_targets(file_));
    else
      file_.ignore("targets");
    for (Fields& metric : file_.mappings("metrics")) read_metric(metric);
    for (Fields& client : file_.mappings("traffic"))
      scenario_.capacity.emplace_back(read_client(client));
  }

  static SetTargets read_targets(Fields& fields) {
    SetTargets targets;
    for (Fields& each : fields.mappings("targets")) {
      std::string id = each.required_text("id");
      targets.targets.push_back({std::move(id), read_behaviour(each)});
    }
    return targets;
  }

  static SetTraffic read_client(Fields& fields) {
    SetTraffic client;
    set(client.to, fields.text("to"));
    set(client.load_balancer, fields.text("load_balancer"));
    if (client.to.empty() == client.load_balancer.empty())
      fields.error("to", "expected either to (a DNS name) or load_balancer (its name)");
    client.name =
        fields.text("name").value_or(client.to.empty() ? client.load_balancer : client.to);
    if (fields.require("requests_per_second"))
      set(client.requests_per_second, fields.number("requests_per_second", {.at_least = 0}));
    set(client.never_re_resolve_percent,
        fields.number("never_re_resolve_percent", {.at_least = 0, .at_most = 100}));
    set(client.port, fields.integer("port", {.at_least = 1, .at_most = 65535}));
    set(client.host, fields.text("host"));
    set(client.path, fields.text("path"));
    set(client.method, fields.text("method"));
    for (auto& [header, value] : fields.texts_by_name("headers")) client.headers[header] = value;
    return client;
  }

  static SetMetric read_metric_key(Fields& fields) {
    SetMetric metric;
    metric.Namespace = fields.required_text("namespace");
    metric.MetricName = fields.required_text("name");
    for (auto& [name, value] : fields.texts_by_name("dimensions")) metric.dimensions[name] = value;
    set(metric.Unit, fields.text("unit"));
    metric.value = fields.number("value");
    return metric;
  }

 private:
  std::vector<Entry> entries(Fields& fields, const char* key, std::string_view what) {
    const Node* list = fields.node(key);
    return list == nullptr ? std::vector<Entry>() : entries(*list, fields.path_of(key), what);
  }
  std::vector<Entry> entries(const Node& list, const std::string& path, std::string_view what) {
    std::vector<Entry> all;
    if (!list.is_sequence()) {
      diagnostics_.error(list.span, "scenario.list", path,
                         fmt::format("expected a list of {}", what));
      return all;
    }
    for (std::size_t i = 0; i < list.items.size(); ++i)
      all.emplace_back(list.items[i], fmt::format("{}[{}]", path, i));
    return all;
  }

  // The rest of the entry as the operation's input, held against AWS's model.
  Json input_of(const Entry& entry, std::string_view operation, const aws::ServiceFacts& service) {
    return checked(entry.rest(), entry.path(), operation, service);
  }
  Json checked(const Node& node, const std::string& path, std::string_view operation,
               const aws::ServiceFacts& service) {
    const aws::Facts& facts = aws::Facts::of(service);
    if (!node.is_mapping() && !node.is_null()) {
      diagnostics_.error(node.span, "scenario.input", path,
                         fmt::format("expected what {} takes", operation));
      return JsonObject{};
    }
    // A member may be missing here that the call gets from its surroundings; the handlers miss it.
    std::vector<aws::Violation> violations =
        aws::check_document(facts, facts.operation(operation)->input, node);
    std::erase_if(violations, [](const aws::Violation& violation) {
      return violation.kind == aws::Violation::Kind::kMissingMember;
    });
    aws::report(violations, path, diagnostics_);
    return node.is_null() ? Json(JsonObject{}) : to_json(node);
  }

  void add_call(const char* operation, Json input, const Entry& entry,
                const aws::ServiceFacts& service) {
    scenario_.calls.push_back(
        {operation, std::move(input), entry.rest().span, entry.path(), std::string(service.id)});
  }

  std::string arn(std::string_view resource) const {
    const WorldSettings& world = scenario_.world;
    return fmt::format("arn:{}:elasticloadbalancing:{}:{}:{}", world.partition, world.region,
                       world.account, resource);
  }

  static JsonArray attributes(const Node& mapping) {
    JsonArray all;
    for (const Node::Member& member : mapping.members)
      all.push_back(JsonObject{{"Key", member.key}, {"Value", member.value.text}});
    return all;
  }

  // ---- Elastic Load Balancing ----

  // Two forms: what ECS needs to know of a group that hangs somewhere else, or a group.
  void read_target_group(Entry& entry) {
    if (entry.rest().find("Name") == nullptr) {
      Fields fields(entry.rest(), diagnostics_, {}, entry.path());
      AddTargetGroup group;
      group.targetGroupArn = fields.required_text("targetGroupArn");
      set(group.deregistration_delay, fields.duration("deregistration_delay"));
      set(group.HealthCheckInterval, fields.duration("HealthCheckInterval"));
      set(group.HealthyThresholdCount, fields.integer("HealthyThresholdCount", {2, 10}));
      set(group.UnhealthyThresholdCount, fields.integer("UnhealthyThresholdCount", {2, 10}));
      set(group.has_load_balancer, fields.boolean("has_load_balancer"));
      scenario_.capacity.emplace_back(std::move(group));
      return;
    }
    std::string group_arn = entry.take_text("TargetGroupArn");
    const auto set_attributes = entry.take("attributes");
    const auto targets = entry.take("registered");
    Json input = input_of(entry, "CreateTargetGroup", aws::kElbv2);
    const std::string name(string_or_empty(input, "Name"));
    if (group_arn.empty())
      group_arn = arn(fmt::format("targetgroup/{}/{}", name, id_of("targetgroup/" + name)));
    input.as_object()["TargetGroupArn"] = group_arn;
    if (find(input, "VpcId") == nullptr) input.as_object()["VpcId"] = kUsualVpc;
    add_call("CreateTargetGroup", std::move(input), entry, aws::kElbv2);
    scenario_.balancing_names[name] = group_arn;
    if (set_attributes)
      add_call(
          "ModifyTargetGroupAttributes",
          JsonObject{{"TargetGroupArn", group_arn}, {"Attributes", attributes(*set_attributes)}},
          entry, aws::kElbv2);
    if (targets)
      add_call("RegisterTargets",
               JsonObject{{"TargetGroupArn", group_arn}, {"Targets", to_json(*targets)}}, entry,
               aws::kElbv2);
  }

  void read_load_balancer(Entry& entry) {
    std::string balancer_arn = entry.take_text("LoadBalancerArn");
    const std::string dns_name = entry.take_text("DNSName");
    const std::string vpc = entry.take_text("VpcId");
    const auto set_attributes = entry.take("attributes");
    const auto listeners = entry.take("listeners");
    Json input = input_of(entry, "CreateLoadBalancer", aws::kElbv2);
    JsonObject& members = input.as_object();
    const std::string name(string_or_empty(input, "Name"));
    const std::string_view type = find_string(input, "Type").value_or("application");
    const std::string_view kind = type == "network" ? "net" : "app";
    const std::string resource = fmt::format("{}/{}/{}", kind, name, id_of("loadbalancer/" + name));
    if (balancer_arn.empty()) balancer_arn = arn("loadbalancer/" + resource);
    members["LoadBalancerArn"] = balancer_arn;
    if (!dns_name.empty()) members["DNSName"] = dns_name;
    members["VpcId"] = vpc.empty() ? std::string(kUsualVpc) : vpc;
    if (find(input, "Subnets") == nullptr && find(input, "SubnetMappings") == nullptr)
      members["Subnets"] = JsonArray{Json("subnet-0a1b2c3d"), Json("subnet-4e5f6a7b")};
    add_call("CreateLoadBalancer", std::move(input), entry, aws::kElbv2);
    scenario_.balancing_names[name] = balancer_arn;
    if (set_attributes)
      add_call("ModifyLoadBalancerAttributes",
               JsonObject{{"LoadBalancerArn", balancer_arn},
                          {"Attributes", attributes(*set_attributes)}},
               entry, aws::kElbv2);
    if (!listeners) return;
    for (Entry& each : entries(*listeners, entry.path() + ".listeners", "CreateListener inputs"))
      read_listener(each, balancer_arn, name, resource);
  }

  void read_listener(Entry& entry, const std::string& balancer_arn, const std::string& name,
                     const std::string& resource) {
    std::string listener_arn = entry.take_text("ListenerArn");
    std::string rule_arn = entry.take_text("RuleArn");
    const auto rules = entry.take("rules");
    Json input = input_of(entry, "CreateListener", aws::kElbv2);
    const std::string place = fmt::format("{}:{}", name, find_int(input, "Port").value_or(0));
    const std::string listener_resource = fmt::format("{}/{}", resource, id_of(place));
    if (listener_arn.empty()) listener_arn = arn("listener/" + listener_resource);
    const auto default_arn = [&](const std::string& rule_place) {
      return arn(fmt::format("listener-rule/{}/{}", listener_resource, id_of(rule_place)));
    };
    if (rule_arn.empty()) rule_arn = default_arn(place + ":default");
    JsonObject& members = input.as_object();
    members["LoadBalancerArn"] = balancer_arn;
    members["ListenerArn"] = listener_arn;
    members["RuleArn"] = rule_arn;
    if (find(input, "Protocol") == nullptr) members["Protocol"] = "HTTP";
    add_call("CreateListener", std::move(input), entry, aws::kElbv2);
    scenario_.balancing_names[place] = listener_arn;
    scenario_.balancing_names[place + ":default"] = rule_arn;
    if (!rules) return;
    for (Entry& each : entries(*rules, entry.path() + ".rules", "CreateRule inputs")) {
      std::string its_arn = each.take_text("RuleArn");
      Json rule = input_of(each, "CreateRule", aws::kElbv2);
      const std::string rule_place =
          fmt::format("{}:{}", place, find_int(rule, "Priority").value_or(0));
      if (its_arn.empty()) its_arn = default_arn(rule_place);
      rule.as_object()["ListenerArn"] = listener_arn;
      rule.as_object()["RuleArn"] = its_arn;
      add_call("CreateRule", std::move(rule), each, aws::kElbv2);
      scenario_.balancing_names[rule_place] = its_arn;
    }
  }

  // ---- Route 53 ----

  void read_hosted_zone(Entry& entry) {
    std::string id = entry.take_text("Id");
    const auto records = entry.take("records");
    Json input = input_of(entry, "CreateHostedZone", aws::kRoute53);
    JsonObject& members = input.as_object();
    const std::string name(string_or_empty(input, "Name"));
    if (id.empty()) {
      id = "Z" + id_of("hostedzone/" + name + (find(input, "VPC") ? "/private" : ""));
      std::transform(id.begin(), id.end(), id.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      });
    }
    members["Id"] = id;
    if (find(input, "CallerReference") == nullptr) members["CallerReference"] = "scenario-" + id;
    add_call("CreateHostedZone", std::move(input), entry, aws::kRoute53);
    if (!records) return;
    const std::string path = entry.path() + ".records";
    JsonArray changes;
    for (Entry& each : entries(*records, path, "record sets")) {
      aws::report(
          aws::check_document(aws::Facts::of(aws::kRoute53), "ResourceRecordSet", each.rest()),
          each.path(), diagnostics_);
      changes.push_back(
          JsonObject{{"Action", "CREATE"}, {"ResourceRecordSet", to_json(each.rest())}});
    }
    if (changes.empty()) return;
    scenario_.calls.push_back(
        {"ChangeResourceRecordSets",
         JsonObject{{"HostedZoneId", id},
                    {"ChangeBatch", JsonObject{{"Changes", std::move(changes)}}}},
         records->span, path, "route53"});
  }

  // ---- CloudWatch ----

  // Names with their states, or PutMetricAlarm inputs.
  void read_alarms() {
    const Node* alarms = file_.node("alarms");
    if (alarms == nullptr) return;
    if (!alarms->is_sequence()) {
      for (const auto& [name, state] : file_.texts_by_name("alarms"))
        scenario_.capacity.emplace_back(SetAlarm{name, state});
      return;
    }
    for (Entry& entry : entries(file_, "alarms", "PutMetricAlarm inputs")) {
      const std::string state = entry.take_text("state");
      Json input = input_of(entry, "PutMetricAlarm", aws::kCloudWatch);
      const std::string name(string_or_empty(input, "AlarmName"));
      add_call("PutMetricAlarm", std::move(input), entry, aws::kCloudWatch);
      if (!state.empty()) scenario_.capacity.emplace_back(SetAlarm{name, state});
    }
  }

  // A constant, changed in steps, or single points.
  void read_metric(Fields& fields) {
    SetMetric metric = read_metric_key(fields);
    if (metric.value) scenario_.capacity.emplace_back(metric);
    for (Fields& step : fields.mappings("steps")) {
      LaterHappening later;
      later.at = step.duration("at").value_or(Duration{0});
      SetMetric changed = metric;
      changed.value = step.number("value");
      later.happening = std::move(changed);
      scenario_.happenings.push_back(std::move(later));
    }
    for (Fields& point : fields.mappings("points")) {
      LaterHappening later;
      later.at = point.duration("at").value_or(Duration{0});
      SetMetric single = metric;
      single.value = point.number("value");
      single.once = true;
      later.happening = std::move(single);
      scenario_.happenings.push_back(std::move(later));
    }
  }

  Fields& file_;
  Diagnostics& diagnostics_;
  Scenario& scenario_;
};

void resolve_names(const std::map<std::string, std::string>& names, Json& document) {
  if (JsonArray* list = document.if_array()) {
    for (Json& item : *list) resolve_names(names, item);
    return;
  }
  JsonObject* object = document.if_object();
  if (object == nullptr) return;
  constexpr std::array<std::string_view, 11> kMembers = {
      "TargetGroupArn",         "targetGroupArn",   "alternateTargetGroupArn",
      "LoadBalancerArn",        "ListenerArn",      "RuleArn",
      "productionListenerRule", "testListenerRule", "TargetGroupArns",
      "LoadBalancerArns",       "RuleArns"};
  const auto resolve = [&](Json& value) {
    if (!value.is_string()) return;
    const auto found = names.find(std::string(value.get_string()));
    if (found != names.end()) value = found->second;
  };
  for (auto& member : *object) {
    if (std::find(kMembers.begin(), kMembers.end(), std::string_view(member.key())) !=
        kMembers.end()) {
      resolve(member.value());
      if (JsonArray* list = member.value().if_array())
        for (Json& item : *list) resolve(item);
    }
    resolve_names(names, member.value());
  }
}

}  // namespace

void read_balancing(Fields& file, Diagnostics& diagnostics, Scenario& scenario) {
  Reader(file, diagnostics, scenario).read();
}

std::optional<Happening> read_balancing_happening(Fields& fields, Diagnostics&) {
  if (fields.has("targets")) return Reader::read_targets(fields);
  fields.ignore("targets");
  if (auto client = fields.mapping("traffic")) return Reader::read_client(*client);
  if (auto metric = fields.mapping("metric")) return Reader::read_metric_key(*metric);
  if (const auto longer = fields.duration("hold_dns_changes")) return HoldDnsChanges{*longer};
  return std::nullopt;
}

void resolve_balancing_names(Scenario& scenario) {
  if (scenario.balancing_names.empty()) return;
  for (SetupCall& call : scenario.calls) resolve_names(scenario.balancing_names, call.input);
  for (LaterHappening& later : scenario.happenings)
    if (auto* call = std::get_if<ForeignCall>(&later.happening))
      resolve_names(scenario.balancing_names, call->input);
}

}  // namespace slipway::sim
