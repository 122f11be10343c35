// The simulated CodeDeploy, for ECS: applications, deployment groups, configurations, and
// blue/green deployments that move a listener from one target group to the other. State and
// operations; what brings a deployment on is in sim/code_deploy_engine.h.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "sim/timeline.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h

// How traffic goes over: at once; a first part and after the interval the rest; or part by part.
struct TrafficRouting {
  std::string type = "AllAtOnce";  // TimeBasedCanary | TimeBasedLinear
  int percent = 100;
  Duration interval{0};
};

struct DeploymentConfig {
  std::string id;
  std::string name;
  TrafficRouting routing;
  TimePoint created_at;
};

struct DeploymentGroup {
  std::string id;
  std::string name;
  Json settings;  // CreateDeploymentGroup's input
  std::string last_deployment, last_success;
};

struct CodeDeployApplication {
  std::string id;
  std::string name;
  TimePoint created_at;
  std::map<std::string, DeploymentGroup, std::less<>> groups;
};

struct CodeDeployment {
  struct LifecycleEvent {
    std::string name;
    std::string status = "Pending";
    std::optional<TimePoint> began, ended;
  };

  std::string id;  // "d-A1B2C3D4E"
  std::string application, group, config;
  TrafficRouting routing;
  std::string description;
  std::string creator = "user";
  Json revision;
  JsonObject group_settings;  // the group's when it began
  std::string status = "Created";
  std::string error_code, error_message;
  TimePoint created_at;
  std::optional<TimePoint> started_at, completed_at;
  std::vector<LifecycleEvent> events;

  // What it works on.
  std::string cluster, service;  // names
  std::string role_arn;
  Json wanted;                      // the AppSpec's Properties
  std::string blue_set, green_set;  // task sets; green is the new one
  std::string blue_group, green_group;
  int green_weight_percent = 0;
  bool waits_for_termination = false;
  std::optional<TimePoint> wait_ends;    // READY_WAIT or TERMINATION_WAIT
  std::string rollback_of, rollback_by;  // deployment ids
  Timer timer;                           // its next step
  Timer alarms;                          // the next look at the alarms

  bool is_over() const {
    return status == "Succeeded" || status == "Failed" || status == "Stopped";
  }
};

struct CodeDeployments {
  std::map<std::string, CodeDeployApplication, std::less<>> applications;
  std::map<std::string, DeploymentConfig, std::less<>> configs;  // not the built-in ones
  std::vector<std::unique_ptr<CodeDeployment>> deployments;      // oldest first
};

std::span<const Operation> code_deploy_operations();

// CodeDeployDefault.ECS... or one that was made; nullopt: there is none.
std::optional<DeploymentConfig> find_deployment_config(const CodeDeployments& all,
                                                       std::string_view name);
CodeDeployment* find_deployment(const CodeDeployments& all, std::string_view id);

}  // namespace slipway::sim
