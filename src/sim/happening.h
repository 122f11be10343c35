// What a scenario arranges from outside ECS, as data: how images behave, where capacity is, what
// other people and services do, and when. The world takes each as it comes; a scenario file is
// little more than a list of these.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace slipway::sim {

enum class Pull {
  kOk,
  kNotFound,       // no such tag
  kDenied,         // no such repository, or no permission
  kWrongPlatform,  // the manifest has nothing for the task's platform
  kCopyFailed,     // the registry answered, the layers did not come
  kTimeout,        // no route to the registry
};

// A line a container writes so long after its start. {task} in it is the task's id, {container} the
// container's name.
struct OutputLine {
  Duration after{0};
  std::string line;
  bool operator==(const OutputLine&) const = default;
};

// So many of the requests are answered with a status of failure, from so long after RUNNING.
struct ResponseErrors {
  double percent = 100;
  int status = 500;
  Duration from{0};
  bool operator==(const ResponseErrors&) const = default;
};

// What becomes of a container. The first behaviour that matches a container when its task is
// created is that task's fate; a container none matches starts, stays healthy and stops when told.
// Whether a service keeps the task running, or it was started by itself.
enum class TaskKind { kAny, kOneOff, kOfService };

struct ImageBehaviour {
  // All that are given must match; `*` in `image` stands for any text.
  std::string image;            // the reference as in the task definition
  std::string task_definition;  // "family" or "family:revision"
  std::string container;        // a container's name
  TaskKind kind = TaskKind::kAny;
  double share_percent = 100;  // of the tasks it matches, drawn with the world's seed

  Pull pull = Pull::kOk;
  std::string pull_error;  // the text after "CannotPullContainerError: " in place of AWS's own
  // The whole reason when the container cannot be made or started, such as "CannotStartContainer
  // Error: ..." or "ResourceInitializationError: ..." (the latter before the image is pulled).
  std::string start_failure;

  // Exits by itself so long after RUNNING.
  std::optional<Duration> run_for;
  int exit_code = 0;
  bool out_of_memory = false;  // the exit is the kernel's, with code 137

  // The container's own health check, if its definition has one, fails from so long after RUNNING.
  std::optional<Duration> unhealthy_from;
  // The load balancer's check of its targets fails from so long after RUNNING: with an HTTP status
  // or, when that is 0, with a time-out.
  std::optional<Duration> target_unhealthy_from;
  std::optional<Duration> target_unhealthy_until;  // from then on it passes again
  int target_status = 502;

  // What its clients get, and how long an answer takes.
  std::optional<ResponseErrors> errors;
  Duration latency = std::chrono::milliseconds(20);
  Duration latency_from{0};  // before it, as if nothing were said

  std::vector<OutputLine> output;

  double delay_factor = 1;            // on every duration up to RUNNING
  std::optional<Duration> pull_time;  // in place of t_pull
  std::optional<Duration> exit_time;  // from SIGTERM to exit, in place of t_exit
  int exit_code_on_stop = 143;        // 137 when it takes longer than stopTimeout

  bool operator==(const ImageBehaviour&) const = default;
};

// Replaces every behaviour (`replace`) or goes before those there are.
struct SetImages {
  std::vector<ImageBehaviour> behaviours;
  bool replace = false;
};

// How many tasks a Fargate pool still takes: "FARGATE" or "FARGATE_SPOT"; nullopt: any number.
struct SetCapacity {
  std::string pool = "FARGATE";
  std::optional<int> tasks;
};

// On-demand Fargate vCPUs of the account; nullopt: no quota.
struct SetVcpuQuota {
  std::optional<double> vcpus;
};

struct AddInstances {
  std::string cluster = "default";
  int count = 1;
  std::string instanceType = "t3.medium";
  int cpu = 2048;     // CPU units
  int memory = 3904;  // MiB
  int gpus = 0;
  int network_interfaces = 2;                   // those left for awsvpc tasks
  std::vector<std::string> availability_zones;  // taken in turn; empty: the region's a, b, c
  std::map<std::string, std::string> attributes;
  std::string capacity_provider;  // of an Auto Scaling group, or empty
};

// The instances end with their tasks ("TerminationNotice"), or their agents fall silent.
struct LoseInstances {
  std::string cluster = "default";
  int count = 1;
  std::string availability_zone;  // empty: any
  bool only_disconnect = false;
};

// What an Auto Scaling group behind a capacity provider may grow to, and what it is made of.
struct SetGroupSize {
  std::string capacity_provider;
  int maximum = 0;
  AddInstances instance;  // a pattern; `count` is not looked at
};

struct InterruptSpot {
  std::string cluster = "default";
  int count = 1;
};

// Target groups as ECS sees them: it registers, looks at health, and drains.
struct AddTargetGroup {
  std::string targetGroupArn;
  Duration deregistration_delay = std::chrono::seconds(300);
  Duration HealthCheckInterval = std::chrono::seconds(30);
  int HealthyThresholdCount = 5;
  int UnhealthyThresholdCount = 2;
  bool has_load_balancer = true;
};

// What targets registered by hand do: the first behaviour whose `id` matches. Times count from the
// registration, or from the happening for those there are.
struct SetTargets {
  struct Behaviour {
    std::string id;  // an address or an instance, with `*`
    ImageBehaviour behaviour;
  };
  std::vector<Behaviour> targets;
};

// Clients that call a DNS name or a load balancer from now on. A name said before is changed.
struct SetTraffic {
  std::string name;
  std::string to;             // a DNS name
  std::string load_balancer;  // or a load balancer's name
  double requests_per_second = 0;
  double never_re_resolve_percent = 0;  // of the clients
  int port = 0;                         // 0: 443, 80 or whatever the load balancer listens on
  std::string host;                     // empty: `to`
  std::string path = "/";
  std::string method = "GET";
  std::map<std::string, std::string> headers;
};

// Changes of record sets that are submitted from now on stay PENDING so much longer.
struct HoldDnsChanges {
  Duration longer{0};
};

// From now on the metric has this value in every minute, or only now; nullopt: no points any more.
struct SetMetric {
  std::string Namespace;
  std::string MetricName;
  std::map<std::string, std::string> dimensions;
  std::string Unit = "None";
  std::optional<double> value;
  bool once = false;
};

struct SetAlarm {
  std::string name;
  std::string StateValue = "ALARM";  // OK | ALARM | INSUFFICIENT_DATA
};

// An API call of somebody else; its answer goes nowhere.
struct ForeignCall {
  std::string service = "ecs";
  std::string operation;
  Json input;
};

// Somebody stops so many running tasks of a service, oldest first.
struct StopTasks {
  std::string cluster = "default";
  std::string service_name;
  int count = 1;
  std::string reason;
};

// Containers that run now die as `behaviour` says, times counted from the happening.
struct Afflict {
  std::string cluster = "default";
  std::string service_name;
  int count = 1;
  ImageBehaviour behaviour;
};

// What becomes of resources of CloudFormation's stacks. All that is given must match; `*` stands
// for any text.
struct StackFault {
  std::string stack = "*";     // its name
  std::string resource = "*";  // a logical id, or a type: "AWS::ECS::Service"
  enum class On { kCreate, kUpdate, kDelete } on = On::kCreate;
  std::string reason;             // it fails, and says this; empty: it is only slow
  std::optional<Duration> takes;  // in place of the usual time
  std::optional<int> times;       // nullopt: always
};

// From now on these, in place of those there were.
struct SetStackFaults {
  std::vector<StackFault> faults;
};

// What the Lambda function behind a lifecycle hook answers. The first behaviour that matches a hook
// counts; a hook none matches succeeds.
struct HookBehaviour {
  std::string target;  // the function's ARN; `*` stands for any text
  std::string stage;   // "POST_TEST_TRAFFIC_SHIFT"; empty: every one
  // One call after the other, the last again and again: SUCCEEDED, FAILED, IN_PROGRESS, or
  // "NOTHING", an answer without a hookStatus.
  std::vector<std::string> answers = {"SUCCEEDED"};
  Duration callBackDelay = std::chrono::seconds(30);  // after IN_PROGRESS
  std::string not_invoked_because;                    // it cannot be called at all
  bool no_role = false;                               // ECS cannot assume the hook's role
};

// Goes before those there are.
struct SetHooks {
  std::vector<HookBehaviour> behaviours;
};

using Happening =
    std::variant<SetImages, SetCapacity, SetVcpuQuota, AddInstances, LoseInstances, SetGroupSize,
                 InterruptSpot, AddTargetGroup, SetTargets, SetTraffic, HoldDnsChanges, SetMetric,
                 SetAlarm, ForeignCall, StopTasks, Afflict, SetStackFaults, SetHooks>;

// At `at`; or `delay` after the next deployment of the service "CLUSTER/NAME" has begun; or, when
// neither is given, at once.
struct When {
  std::optional<TimePoint> at;
  std::string deployment_of;
  Duration delay{0};
};

}  // namespace slipway::sim
