// Everything there is in one account and region of the simulated AWS, and the few things every part
// of it needs: the time, the dice, names. Plain state: what happens to it is told elsewhere.
#pragma once

#include "base/runtime.h"
#include "sim/answer.h"
#include "sim/entities.h"
#include "sim/event_bridge.h"
#include "sim/event_scheduler.h"
#include "sim/happening.h"
#include "sim/logs.h"
#include "sim/sns.h"
#include "sim/timeline.h"
#include "sim/world.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace slipway::sim {

struct HostedZones;      // sim/hosted_zones.h
struct LoadBalancing;    // sim/load_balancing.h
struct Metrics;          // sim/metrics.h
struct Traffic;          // sim/traffic.h
struct CodeDeployments;  // sim/code_deploy.h
struct Stacks;           // sim/stacks.h
struct Tables;           // sim/tables.h
struct Surroundings;     // sim/surroundings.h
struct Roles;            // sim/roles.h
struct ScalableTargets;  // sim/scalable_targets.h

struct Region {
  explicit Region(const WorldSettings& settings);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  std::string partition, account, name;
  Knobs knobs;
  TimePoint now;
  Timeline timeline;  // before whatever holds a Timer
  Random random;
  std::uint64_t last_serial = 0;

  // From outside ECS.
  std::vector<std::shared_ptr<const ImageBehaviour>> images;   // the first that matches counts
  std::map<std::string, std::optional<int>> fargate_capacity;  // by pool; absent: unlimited
  std::optional<double> vcpu_quota;
  double vcpus_in_use = 0;
  std::vector<HookBehaviour> hooks;  // the first that matches counts
  struct Awaited {                   // the next deployment of "CLUSTER/NAME" brings this about
    std::string service;
    Duration delay;
    std::shared_ptr<const Happening> happening;
  };
  std::vector<Awaited> awaited;

  std::map<std::string, Family, std::less<>> families;
  std::map<std::string, CapacityProvider, std::less<>> capacity_providers;
  std::map<std::string, std::unique_ptr<Cluster>, std::less<>> clusters;
  // Deleted ones that are no longer seen: what is still to happen may refer to them.
  std::vector<std::unique_ptr<Cluster>> retired_clusters;
  std::unordered_map<std::string_view, Task*> tasks_by_id;

  // The services beside ECS.
  std::map<std::string, EventBus, std::less<>> event_buses;  // besides the default one
  std::map<std::string, EventRule, std::less<>> rules;       // by key_of_rule()
  std::map<std::string, ScheduleGroup, std::less<>> schedule_groups;
  std::map<std::pair<std::string, std::string>, Schedule> schedules;  // by group and name
  std::map<std::string, Topic, std::less<>> topics;                   // by ARN
  std::vector<PublishedMessage> messages;                             // oldest first
  std::map<std::string, LogGroup, std::less<>> log_groups;
  bool makes_log_groups = false;  // those that a container's log configuration names
  bool makes_instances = false;   // for the first EC2 task of a cluster without any

  std::unique_ptr<LoadBalancing> load_balancing;
  std::unique_ptr<HostedZones> hosted_zones;
  std::unique_ptr<Metrics> metrics;
  std::unique_ptr<Traffic> traffic;
  std::unique_ptr<Stacks> stacks;  // CloudFormation's
  std::unique_ptr<CodeDeployments> code_deployments;
  std::unique_ptr<Tables> tables;              // DynamoDB's
  std::unique_ptr<Surroundings> surroundings;  // of EC2, ACM, ECR, KMS, SSM, Secrets Manager
  std::unique_ptr<Roles> roles;                // IAM's
  std::unique_ptr<ScalableTargets> scalable_targets;
  // Whether a principal may make a call that CloudFormation makes for it; nullopt: yes. Empty
  // while a scenario is set up.
  Guard guard;

  // What PutAccountSetting set, by principal and name; the default's principal is empty.
  std::map<std::pair<std::string, std::string>, std::string> account_settings;

  struct IdempotentRun {
    std::string request;
    std::vector<std::string> task_ids;
    TimePoint until;
  };
  std::map<std::string, IdempotentRun> idempotent_runs;  // RunTask by cluster and clientToken

  std::string arn(std::string_view resource) const;  // "arn:P:ecs:R:A:resource"
  std::uint64_t next_serial() { return ++last_serial; }
  std::string hex_id();         // 32 hexadecimal digits: tasks and container instances
  std::string number();         // up to 19 digits: deployments and service revisions
  std::string deployment_id();  // 21 characters: service deployments
};

// The part of an ARN after the last colon group's slash, or the whole when it is a plain name:
// "arn:aws:ecs:r:a:cluster/prod" and "prod" are both "prod".
std::string_view last_segment(std::string_view name_or_arn);

}  // namespace slipway::sim
