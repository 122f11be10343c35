// Traffic that goes over to a new revision in steps, as one idea, whoever sets the weights. There
// are two sides, and one of them serves; the other gets the new revision and then, step by step,
// its share. A `weight` is always the new side's share in percent, 0 to 100.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace slipway {

// ---- Checks ------------------------------------------------------------------------------------

// What one evaluation says. `kInconclusive` never promotes by itself: a person is asked. `kError`
// means that nothing could be measured, which says nothing about the new revision.
enum class CheckVerdict { kPass, kFail, kInconclusive, kError };
std::string_view to_string(CheckVerdict verdict);  // "pass", "fail", "inconclusive", "error"

enum class Comparison { kLess, kAtMost, kMore, kAtLeast, kEqual, kNotEqual };
struct Condition {
  Comparison comparison = Comparison::kLess;
  double threshold = 0;
  bool operator==(const Condition&) const = default;

  bool holds_for(double value) const;
};
std::string to_string(const Condition& condition);                // "< 1.5"
std::optional<Condition> parse_condition(std::string_view text);  // "<1.5", ">= 200", "= 0"
std::string to_string(double value);                              // "0.25", "12"

// A CloudWatch alarm, watched as long as traffic is being moved.
struct AlarmCheck {
  std::string alarm;             // name
  bool may_fire_before = false;  // firing when we begin: true waits for an OK first, false refuses
  bool operator==(const AlarmCheck&) const = default;
};

enum class NoData {
  kWait,  // does not count; a step that never saw a value is inconclusive
  kPass,
  kFail,
  kInconclusive,
};
std::string_view to_string(NoData no_data);  // "wait", "pass", ...
enum class Compare {
  kNothing,     // the new side's value as it is
  kRatio,       // new / old
  kDifference,  // new - old
};

std::string_view to_string(Compare compare);  // "nothing", "ratio", "difference"

// Queries of CloudWatch's GetMetricData and what their result must be: the newest value of `result`
// within the window, or with `percent_of` the sum of it as a percentage of the sum of the other.
// With both conditions a value that meets neither is inconclusive; with one alone the other is its
// opposite.
struct MetricCheck {
  std::string name;
  // MetricDataQueries as they are sent. The placeholders {target_group} and {load_balancer} stand
  // for the dimensions of the side that is measured: "targetgroup/web/0a1b", "app/shop/2c3d".
  std::vector<Json> queries;
  std::string result;  // Id of the query whose value counts
  std::string
      percent_of;  // Id; nothing measured for `result` is then 0 of what was measured for it
  std::optional<Condition> success;
  std::optional<Condition> failure;
  // How far back an evaluation looks, though never behind the beginning of its step. It has to be
  // longer than CloudWatch takes to have the values.
  Duration window = std::chrono::minutes(5);
  Duration interval = std::chrono::minutes(1);  // between two evaluations
  int count = 0;                                // evaluations in a step; 0: as many as fit into it
  int failure_limit = 0;                        // evaluations of a step that may fail
  int inconclusive_limit = 0;
  int error_limit = 4;                                  // in a row
  CheckVerdict on_error = CheckVerdict::kInconclusive;  // what more of them make of the step
  NoData no_data = NoData::kWait;
  Compare compare = Compare::kNothing;
  bool dry_run = false;  // told, and counted for nothing
  bool operator==(const MetricCheck&) const = default;
};

struct HttpCheckHeader {
  std::string name;
  std::string value;
  bool operator==(const HttpCheckHeader&) const = default;
};

// A request straight at the new side, before a step gives it its share.
struct HttpCheck {
  std::string name;
  std::string url;  // {load_balancer_dns} stands for the name of the new side's load balancer
  std::vector<HttpCheckHeader> headers;  // `Host` among them
  int status_from = 200;
  int status_to = 299;
  std::string contains;  // the body must; empty: any body
  int tries = 3;
  Duration pause = std::chrono::seconds(5);     // between two tries
  Duration timeout = std::chrono::seconds(10);  // of one try
  bool dry_run = false;
  bool operator==(const HttpCheck&) const = default;
};

// The health of all targets and the state of the ECS deployment are always checked besides.
using Check = std::variant<AlarmCheck, MetricCheck, HttpCheck>;
const std::string& name_of(const Check& check);
// "error_percent > 1", for plans and messages.
std::string to_string(const Check& check);

// ---- Steps -------------------------------------------------------------------------------------

struct TrafficStep {
  int weight = 100;
  Duration bake{0};                 // from when the weight is in force
  std::vector<std::string> checks;  // names of those of the canary that count here
  bool pause = false;               // wait for a person at its end
  bool operator==(const TrafficStep&) const = default;
};

// ---- Who moves it ------------------------------------------------------------------------------

// ECS's own BLUE_GREEN, LINEAR or CANARY deployment of one service. Also where nothing is said: the
// service then has what it has.
struct EcsMover {
  bool operator==(const EcsMover&) const = default;
};

struct CodeDeployMover {
  std::string application;
  std::string deployment_group;
  bool operator==(const CodeDeployMover&) const = default;
};

// One of the two sides, and how traffic comes to it: an ECS service of its own, or one of the task
// sets of a service whose deployment controller is EXTERNAL.
struct TrafficSide {
  std::string name;            // "blue" or "green"
  std::string service;         // name or ARN; of task sets the same on both sides
  bool is_task_set = false;    // the one that registers its tasks in `target_group`
  std::string target_group;    // ARN; of `alb`
  std::string load_balancer;   // name, ARN or DNS name; of `dns`
  std::string set_identifier;  // of `dns`
  bool operator==(const TrafficSide&) const = default;
};
// What messages call it: "web-green", or of a task set "shop/green".
std::string to_string(const TrafficSide& side);

// Two target groups in the weighted forward of one rule, or of a listener's default action.
struct AlbMover {
  std::string rule;      // ARN; one of the two is set
  std::string listener;  // ARN
  TrafficSide blue;
  TrafficSide green;
  bool operator==(const AlbMover&) const = default;
};

// Weighted records of Route 53, one for each of two load balancers.
struct DnsMover {
  std::vector<std::string> names;  // without the final dot
  std::string zone;                // id or name; empty: found by the names
  Duration ttl = std::chrono::seconds(60);
  TrafficSide blue;
  TrafficSide green;
  bool operator==(const DnsMover&) const = default;
};

using Mover = std::variant<EcsMover, AlbMover, DnsMover, CodeDeployMover>;
std::string_view to_string(const Mover& mover);  // "ecs", "alb", "dns", "codedeploy"

// The two sides where they are services of their own; null for the movers that know one service.
struct TrafficPair {
  const TrafficSide& blue;
  const TrafficSide& green;
};
std::optional<TrafficPair> pair_of(const Mover& mover);

// One end of a shift as it was found: what the side consists of now.
struct TrafficEnd {
  TrafficSide side;
  std::vector<std::string> target_groups;  // ARNs that its service registers targets in
  std::string load_balancer;               // ARN of the one that sends to them; empty when unknown
  std::string load_balancer_dns;
  std::string task_definition;  // ARN of what it runs
  int desiredCount = 0;
  int runningCount = 0;
  std::optional<TimePoint> deployed_at;  // since when it has run that
  // Of task sets.
  std::string task_set{};   // ARN; empty: the side has none
  double scale = 0;         // percent of the service's desiredCount
  bool is_primary = false;  // the one that the service speaks for
  bool operator==(const TrafficEnd&) const = default;
};

// ---- The strategy ------------------------------------------------------------------------------

// Steps in rising order of weight; the last is 100.
struct Canary {
  std::vector<TrafficStep> steps;
  std::vector<Check> checks;
  Mover mover;
  Duration keep_previous{0};  // the old side stays up so long after the end
  bool operator==(const Canary&) const = default;
};

const Check* find_check(const Canary& canary, std::string_view name);  // nullptr: there is none
// Of the steps, for estimates: how long at least.
Duration bake_of(const Canary& canary);

}  // namespace slipway
