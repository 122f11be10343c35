// How services stand now, for people and as JSON.
#pragma once

#include "model/event.h"
#include "model/pause_hook.h"
#include "model/snapshot.h"
#include "model/traffic.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

// Traffic that ECS is moving within the service.
struct ShiftStatus {
  std::string service_deployment;  // ARN
  std::string status;
  std::string lifecycleStage;
  double production_weight = 0;  // percent of the new revision
  std::string task_definition;   // which that is
  std::vector<PauseHook> hooks;  // that wait for somebody
};

// Traffic that CodeDeploy is moving within the service.
struct CodeDeployStatus {
  std::string deployment;  // id
  std::string status;
  std::string lifecycleEvent;
  int production_percent = 0;         // of the new revision
  std::string task_definition;        // which that is
  std::string waits_for;              // READY_WAIT, TERMINATION_WAIT or nothing
  std::optional<TimePoint> stops_at;  // where it waits for a go-ahead
};

struct ServiceStatus {
  ServiceSnapshot service;
  std::vector<ServiceEvent> events;  // newest first
  std::optional<ShiftStatus> shift = {};
  std::optional<CodeDeployStatus> code_deploy = {};
  // A release that ended unseen has left its pause hooks in the service.
  bool keeps_pauses_of_release = false;
};

// Where the traffic of a pair goes.
struct TrafficStatus {
  std::string name;  // of the release's service
  TrafficSnapshot traffic;
  std::string next;  // "next step: 50% for 10m", or that it is at rest
};
std::string to_string(const std::vector<TrafficStatus>& traffic);
Json to_json(const std::vector<TrafficStatus>& traffic);

// A line per deployment, then the latest events of each service that is not at rest.
std::string to_string(const std::vector<ServiceStatus>& services, TimePoint now);
Json to_json(const std::vector<ServiceStatus>& services);

}  // namespace slipway
