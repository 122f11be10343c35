#include "sim/traffic.h"

#include "sim/elb.h"
#include "sim/metrics.h"
#include "sim/region.h"
#include "sim/target_groups.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace slipway::sim {
namespace {

using elb::Listener;
using elb::Terms;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// ---- Who is called ----------------------------------------------------------------------------

// What the name means now: whoever has no name to ask about calls the load balancer itself.
Resolution look_up(Region& region, const SetTraffic& settings) {
  if (!settings.to.empty()) return resolve(region, settings.to);
  Resolution resolution;
  for (const auto& [arn, balancer] : region.load_balancing->load_balancers)
    if (balancer->LoadBalancerName == settings.load_balancer)
      resolution.shares[canonical_name(balancer->DNSName)] = 1;
  return resolution;
}

// Nothing has changed since the last time; what is different now became so then.
void look_again(Region& region, Client& client, TimePoint changed_at) {
  Resolution now = look_up(region, client.settings);
  if (now == client.resolution && client.is_known) return;
  client.shares_before = client.shares_at(changed_at);
  client.over = client.is_known ? client.resolution.ttl : Duration{0};
  client.changed_at = changed_at;
  client.resolution = std::move(now);
  if (client.is_known || client.resolution.shares.empty()) return;
  client.is_known = true;
  client.first_shares = client.resolution.shares;
}

// People come by HTTPS where they can.
const Listener* listener_for(const elb::LoadBalancer& balancer, int port) {
  const auto rank = [](const Listener& listener) {
    return listener.Port == 443 ? 0 : listener.Port == 80 ? 1 : 1 + listener.Port;
  };
  const Listener* best = nullptr;
  for (const auto& listener : balancer.listeners) {
    if (port != 0 && listener->Port != port) continue;
    if (best == nullptr || rank(*listener) < rank(*best)) best = listener.get();
  }
  return best;
}

// The rule that takes the client's requests, nullptr where nobody listens.
const elb::Rule* rule_for(const Region& region, const SetTraffic& settings,
                          const elb::LoadBalancer& balancer) {
  const Listener* listener = listener_for(balancer, settings.port);
  if (listener == nullptr || region.now < balancer.active_from) return nullptr;
  const elb::Request request{.host = settings.host.empty() ? settings.to : settings.host,
                             .path = settings.path,
                             .method = settings.method,
                             .query = {},
                             .headers = {settings.headers.begin(), settings.headers.end()}};
  for (const auto& rule : listener->rules)
    if (rule->in_force && (!rule->in_force->Priority || meets(*rule->in_force, request)))
      return rule.get();
  return nullptr;
}

std::map<std::string, double> shares_of(const Terms& terms) {
  double all = 0;
  for (const Terms::Share& share : terms.forward) all += share.Weight;
  std::map<std::string, double> shares;
  for (const Terms::Share& share : terms.forward)
    if (share.Weight > 0) shares[share.TargetGroupArn] = share.Weight / all;
  return shares;
}

// How long a client of the rule keeps its target group.
Duration stickiness_of(const Terms& terms) {
  const Json* config = find(terms.Actions.back(), "ForwardConfig");
  const Json* stickiness =
      config == nullptr ? nullptr : find(*config, "TargetGroupStickinessConfig");
  if (stickiness == nullptr || !find_bool(*stickiness, "Enabled").value_or(false)) return {};
  return std::chrono::seconds(find_int(*stickiness, "DurationSeconds").value_or(0));
}

// As look_again, for the rules the client meets.
void look_at_rules(const Region& region, Client& client, TimePoint changed_at) {
  for (const auto& [arn, balancer] : region.load_balancing->load_balancers) {
    const elb::Rule* rule = rule_for(region, client.settings, *balancer);
    if (rule == nullptr) continue;
    const Duration stays = stickiness_of(*rule->in_force);
    if (stays == Duration{0}) {
      client.sticky.erase(rule->RuleArn);
      continue;
    }
    std::map<std::string, double> shares = shares_of(*rule->in_force);
    const auto [entry, is_new] = client.sticky.try_emplace(rule->RuleArn);
    Drift& drift = entry->second;
    if (is_new)
      drift = {.now = std::move(shares), .changed_at = changed_at};
    else if (drift.now != shares)
      drift = {.before = drift.at(changed_at),
               .now = std::move(shares),
               .changed_at = changed_at,
               .over = stays};
  }
}

// ---- What they get ----------------------------------------------------------------------------

// The metrics of one load balancer, or of one of its target groups, in one minute.
class Counters {
 public:
  Counters(Region& region, TimePoint minute, std::string_view balancer_arn,
           std::string_view group_arn = {})
      : metrics_(*region.metrics), minute_(minute) {
    dimensions_["LoadBalancer"] = after(balancer_arn, ":loadbalancer/");
    if (!group_arn.empty()) {
      const auto at = group_arn.find("targetgroup/");
      dimensions_["TargetGroup"] = at == std::string_view::npos ? group_arn : group_arn.substr(at);
    }
  }

  void count(const char* name, double times) {
    if (times > 0) series(name, "Count").count(minute_, times);
  }
  void add(const char* name, const char* unit, double value, double times) {
    if (times > 0) series(name, unit).minutes[minute_].add(value, times);
  }

 private:
  Series& series(const char* name, const char* unit) {
    Series& found = metrics_.series[{"AWS/ApplicationELB", name, dimensions_}];
    found.Unit = unit;
    return found;
  }

  static std::string_view after(std::string_view arn, std::string_view kind) {
    const auto at = arn.find(kind);
    return at == std::string_view::npos ? arn : arn.substr(at + kind.size());
  }

  Metrics& metrics_;
  TimePoint minute_;
  Dimensions dimensions_;
};

const char* target_code_metric(int status) {
  return status >= 500   ? "HTTPCode_Target_5XX_Count"
         : status >= 400 ? "HTTPCode_Target_4XX_Count"
         : status >= 300 ? "HTTPCode_Target_3XX_Count"
                         : "HTTPCode_Target_2XX_Count";
}

// A piece of time in which nothing changes but by the clock, seen from its middle.
struct Piece {
  TimePoint from, to;
  TimePoint middle() const { return from + (to - from) / 2; }
  TimePoint minute() const { return std::chrono::floor<std::chrono::minutes>(from); }
};

class Flow {
 public:
  Flow(Region& region, const Piece& piece) : region_(region), piece_(piece) {}

  void run() {
    for (Client& client : region_.traffic->clients) {
      client_ = &client;
      const double requests =
          client.settings.requests_per_second * seconds(piece_.to - piece_.from);
      if (requests <= 0) continue;
      double answered = 0;
      for (const auto& [name, share] : client.shares_at(piece_.middle())) {
        answered += share;
        call(name, requests * share);
      }
      if (answered < 1) client.answers[0] += requests * (1 - answered);
    }
    note_health();
  }

 private:
  void call(const std::string& name, double requests) {
    for (const auto& [arn, balancer] : region_.load_balancing->load_balancers)
      if (canonical_name(balancer->DNSName) == name) return balance(*balancer, requests);
    client_->answers[0] += requests;
  }

  void balance(const elb::LoadBalancer& balancer, double requests) {
    const elb::Rule* rule = rule_for(region_, client_->settings, balancer);
    if (rule == nullptr) {
      client_->answers[0] += requests;  // nobody listens
      return;
    }
    const Terms& terms = *rule->in_force;
    Counters counters(region_, piece_.minute(), balancer.LoadBalancerArn);
    if (terms.forward.empty()) return answer_itself(terms, counters, requests);
    const auto sticky = client_->sticky.find(rule->RuleArn);
    const std::map<std::string, double> shares =
        sticky == client_->sticky.end() ? shares_of(terms) : sticky->second.at(piece_.middle());
    if (shares.empty()) return fail(counters, nullptr, 503, requests);
    for (const auto& [group, share] : shares) forward(balancer, counters, group, requests * share);
  }

  // A fixed response or a redirect.
  void answer_itself(const Terms& terms, Counters& counters, double requests) {
    int status = 302;
    const Json& action = terms.Actions.back();
    if (const Json* fixed = find(action, "FixedResponseConfig")) {
      status = std::atoi(std::string(string_or_empty(*fixed, "StatusCode")).c_str());
      counters.count("HTTP_Fixed_Response_Count", requests);
    } else {
      if (const Json* redirect = find(action, "RedirectConfig"))
        status = string_or_empty(*redirect, "StatusCode") == "HTTP_301" ? 301 : 302;
      counters.count("HTTP_Redirect_Count", requests);
    }
    client_->answers[status] += requests;
  }

  // The load balancer's own error.
  void fail(Counters& counters, Answers* group, int status, double requests) {
    counters.count("HTTPCode_ELB_5XX_Count", requests);
    counters.count(status == 502 ? "HTTPCode_ELB_502_Count" : "HTTPCode_ELB_503_Count", requests);
    client_->answers[status] += requests;
    if (group != nullptr) (*group)[status] += requests;
  }

  void forward(const elb::LoadBalancer& balancer, Counters& counters, const std::string& group_arn,
               double requests) {
    Answers& answers = region_.traffic->by_target_group[group_arn];
    const TargetGroup* group = find_target_group(region_, group_arn);
    const auto targets = group == nullptr ? Weighted() : eligible(*group);
    double all = 0;
    for (const auto& [target, weight] : targets) all += weight;
    if (all <= 0) return fail(counters, &answers, 503, requests);
    Counters of_group(region_, piece_.minute(), balancer.LoadBalancerArn, group_arn);
    counters.count("RequestCount", requests);
    of_group.count("RequestCount", requests);
    of_group.count("RequestCountPerTarget", requests / static_cast<double>(targets.size()));
    for (const auto& [target, weight] : targets)
      serve(*target, requests * weight / all, counters, of_group, answers);
  }

  using Weighted = std::vector<std::pair<const Target*, double>>;

  // The healthy ones, or all that are registered where none is ("fail open").
  Weighted eligible(const TargetGroup& group) const {
    Weighted targets;
    const Duration slow_start = group.slow_start();
    for (const auto& target : group.targets) {
      if (target->state != TargetState::kHealthy) continue;
      double weight = 1;
      if (slow_start > Duration{0})
        weight = std::clamp(seconds(piece_.middle() - target->healthy_since) / seconds(slow_start),
                            0.01, 1.0);
      targets.emplace_back(target.get(), weight);
    }
    if (!targets.empty()) return targets;
    for (const auto& target : group.targets)
      if (target->state != TargetState::kDraining) targets.emplace_back(target.get(), 1);
    return targets;
  }

  void serve(const Target& target, double requests, Counters& balancer, Counters& group,
             Answers& answers) {
    const auto answer = [&](int status, double count) {
      if (count <= 0) return;
      client_->answers[status] += count;
      answers[status] += count;
      for (Counters* each : {&balancer, &group}) each->count(target_code_metric(status), count);
    };
    // A process that is gone refuses the connection.
    if (target.task != nullptr && target.task->executionStoppedAt &&
        *target.task->executionStoppedAt <= piece_.middle()) {
      group.count("TargetConnectionErrorCount", requests);
      return fail(balancer, &answers, 502, requests);
    }
    const TargetFate fate = fate_of(region_, target);
    double failing = 0;
    double latency = seconds(ImageBehaviour().latency);
    if (fate.behaviour != nullptr) {
      const ImageBehaviour& behaviour = *fate.behaviour;
      if (behaviour.errors && fate.since + behaviour.errors->from <= piece_.middle())
        failing = requests * behaviour.errors->percent / 100;
      if (fate.since + behaviour.latency_from <= piece_.middle())
        latency = seconds(behaviour.latency);
    }
    if (failing > 0) answer(fate.behaviour->errors->status, failing);
    answer(200, requests - failing);
    for (Counters* each : {&balancer, &group})
      each->add("TargetResponseTime", "Seconds", latency, requests);
  }

  // How many targets of each group are healthy, weighted by how long.
  void note_health() {
    for (const auto& [arn, group] : region_.load_balancing->target_groups) {
      double healthy = 0, unhealthy = 0;
      for (const auto& target : group->targets) {
        if (target->state == TargetState::kHealthy) ++healthy;
        if (target->state == TargetState::kUnhealthy) ++unhealthy;
      }
      for (const std::string& balancer : group->LoadBalancerArns) {
        Counters counters(region_, piece_.minute(), balancer, arn);
        const double time = seconds(piece_.to - piece_.from);
        counters.add("HealthyHostCount", "Count", healthy, time);
        counters.add("UnHealthyHostCount", "Count", unhealthy, time);
      }
    }
  }

  Region& region_;
  const Piece& piece_;
  Client* client_ = nullptr;
};

// ---- Cutting time -----------------------------------------------------------------------------

// Every moment between the two at which something changes by the clock alone.
std::vector<TimePoint> cuts(const Region& region, TimePoint from, TimePoint to) {
  std::set<TimePoint> all{from, to};
  const auto add = [&](TimePoint time) {
    if (time > from && time < to) all.insert(time);
  };
  for (TimePoint minute = std::chrono::ceil<std::chrono::minutes>(from); minute < to;
       minute += kMetricResolution)
    add(minute);
  for (const Client& client : region.traffic->clients) {
    add(client.changed_at + client.over);
    for (const auto& [rule, drift] : client.sticky) add(drift.changed_at + drift.over);
  }
  for (const auto& [arn, group] : region.load_balancing->target_groups) {
    for (const auto& target : group->targets) {
      if (target->task != nullptr && target->task->executionStoppedAt)
        add(*target->task->executionStoppedAt);
      const TargetFate fate = fate_of(region, *target);
      if (fate.behaviour == nullptr) continue;
      if (fate.behaviour->errors) add(fate.since + fate.behaviour->errors->from);
      add(fate.since + fate.behaviour->latency_from);
    }
  }
  return {all.begin(), all.end()};
}

JsonObject shown(const Answers& answers) {
  double all = 0, failed = 0;
  JsonObject by_status;
  for (const auto& [status, count] : answers) {
    all += count;
    if (status == 0 || status >= 500) failed += count;
    by_status[status == 0 ? "none" : std::to_string(status)] = std::llround(count);
  }
  return {{"requests", std::llround(all)},
          {"failed", std::llround(failed)},
          {"answers", std::move(by_status)}};
}

}  // namespace

std::map<std::string, double> Drift::at(TimePoint time) const {
  double arrived = 1;
  if (over > Duration{0})
    arrived = std::clamp(seconds(time - changed_at) / seconds(over), 0.0, 1.0);
  std::map<std::string, double> shares;
  for (const auto& [name, share] : now)
    if (share * arrived > 0) shares[name] += share * arrived;
  for (const auto& [name, share] : before)
    if (share * (1 - arrived) > 0) shares[name] += share * (1 - arrived);
  return shares;
}

std::map<std::string, double> Client::shares_at(TimePoint time) const {
  double arrived = 1;
  if (over > Duration{0})
    arrived = std::clamp(seconds(time - changed_at) / seconds(over), 0.0, 1.0);
  const double stay = settings.never_re_resolve_percent / 100;
  std::map<std::string, double> shares;
  const auto add = [&](const std::map<std::string, double>& some, double part) {
    for (const auto& [name, share] : some)
      if (share * part > 0) shares[name] += share * part;
  };
  add(first_shares, stay);
  add(resolution.shares, (1 - stay) * arrived);
  // Those that stay are in what was measured before, too.
  for (const auto& [name, share] : shares_before) {
    const auto first = first_shares.find(name);
    const double stayed = first == first_shares.end() ? 0 : first->second * stay;
    if (share > stayed && arrived < 1) shares[name] += (share - stayed) * (1 - arrived);
  }
  return shares;
}

void set_traffic(Region& region, const SetTraffic& settings) {
  settle_traffic(region);
  for (Client& client : region.traffic->clients) {
    if (client.settings.name != settings.name) continue;
    client.settings = settings;
    return;
  }
  region.traffic->clients.push_back({.settings = settings, .changed_at = region.now});
}

void settle_traffic(Region& region) {
  Traffic& traffic = *region.traffic;
  const TimePoint from = traffic.settled_until;
  if (region.now <= from) return;
  traffic.settled_until = region.now;
  if (traffic.clients.empty() && region.load_balancing->load_balancers.empty()) return;
  for (Client& client : traffic.clients) {
    look_again(region, client, from);
    look_at_rules(region, client, from);
  }
  const std::vector<TimePoint> moments = cuts(region, from, region.now);
  for (std::size_t i = 0; i + 1 < moments.size(); ++i)
    Flow(region, {moments[i], moments[i + 1]}).run();
}

JsonObject shown_traffic(Region& region) {
  settle_traffic(region);
  JsonArray clients;
  for (Client& client : region.traffic->clients) {
    look_again(region, client, region.now);
    JsonObject json{{"name", client.settings.name}};
    if (client.settings.to.empty())
      json["load_balancer"] = client.settings.load_balancer;
    else
      json["to"] = client.settings.to;
    json["requests_per_second"] = client.settings.requests_per_second;
    JsonObject now;
    for (const auto& [name, share] : client.shares_at(region.now)) now[name] = share * 100;
    json["percent_now"] = std::move(now);
    for (auto& member : shown(client.answers)) json[member.key()] = member.value();
    clients.push_back(std::move(json));
  }
  JsonArray groups;
  for (const auto& [arn, answers] : region.traffic->by_target_group) {
    JsonObject json{{"TargetGroupArn", arn}};
    for (auto& member : shown(answers)) json[member.key()] = member.value();
    groups.push_back(std::move(json));
  }
  return {{"since", to_iso8601(region.traffic->counted_from)},
          {"clients", std::move(clients)},
          {"target_groups", std::move(groups)}};
}

void forget_traffic(Region& region) {
  settle_traffic(region);
  region.traffic->counted_from = region.now;
  region.traffic->by_target_group.clear();
  for (Client& client : region.traffic->clients) client.answers.clear();
}

}  // namespace slipway::sim
