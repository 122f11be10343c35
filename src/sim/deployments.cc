#include "sim/deployments.h"

#include "sim/blue_green.h"
#include "sim/ecs_events.h"
#include "sim/happenings.h"
#include "sim/metrics.h"
#include "sim/scheduler.h"
#include "sim/service_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace slipway::sim {
namespace {

constexpr Duration kHistory = std::chrono::hours(24 * 90);

void set_status(Region& region, ServiceDeployment& record, ServiceDeploymentStatus status) {
  record.status = status;
  record.updatedAt = region.now;
  switch (status) {
    case ServiceDeploymentStatus::kInProgress:
      record.startedAt = region.now;
      break;
    case ServiceDeploymentStatus::kStopped:
      record.stoppedAt = region.now;
      break;
    case ServiceDeploymentStatus::kSuccessful:
    case ServiceDeploymentStatus::kRollbackSuccessful:
    case ServiceDeploymentStatus::kRollbackFailed:
      record.finishedAt = region.now;
      break;
    default:
      break;
  }
  if (!is_over(status)) return;
  if (record.breaker == Monitor::kMonitoring) record.breaker = Monitor::kComplete;
  if (record.alarms == Monitor::kMonitoring) record.alarms = Monitor::kComplete;
}

void supersede(Region& region, Deployment& deployment) {
  deployment.status = DeploymentStatus::kActive;
  deployment.updatedAt = region.now;
  if (deployment.record && !is_over(deployment.record->status))
    set_status(region, *deployment.record, ServiceDeploymentStatus::kStopRequested);
}

struct Wording {
  std::string event;
  std::string rollout_reason;  // of the failed deployment
  std::string rolling_back;    // of the one that comes back, before its id
  std::string rolled_back;     // statusReason with a rollback
  std::string stopped;         // statusReason without
};

Wording wording(Failure failure, const std::string& reason) {
  // The breaker's are AWS's; for alarms and stopped deployments no source shows all of them.
  static const Wording kBreaker{
      "deployment failed: tasks failed to start.",
      "ECS deployment circuit breaker: tasks failed to start.",
      "ECS deployment circuit breaker: rolling back to deploymentId ",
      "Service deployment rolled back because the circuit breaker threshold was exceeded.",
      "Service deployment stopped because the circuit breaker threshold was exceeded."};
  static const Wording kAlarm{
      "deployment failed: alarm detected.", "ECS deployment failed: alarm detected.",
      "ECS deployment failed: alarm detected: rolling back to deploymentId ",
      "Service deployment rolled back because an alarm was detected.",
      "Service deployment stopped because an alarm was detected."};
  static const Wording kUser{
      "", "ECS deployment stopped.", "ECS deployment stopped: rolling back to deploymentId ",
      "Service deployment rolled back because it was stopped.", "Service deployment was stopped."};
  switch (failure) {
    case Failure::kBreaker:
      return kBreaker;
    case Failure::kAlarm:
      return kAlarm;
    case Failure::kStoppedByUser:
      return kUser;
    case Failure::kHook:
    case Failure::kNetworking:
      return {"deployment failed: " + reason, "ECS deployment failed: " + reason,
              "ECS deployment failed: rolling back to deploymentId ", reason, reason};
  }
  return kBreaker;
}

}  // namespace

Deployment* Service::primary() const {
  return deployments.empty() || deployments.front()->status != DeploymentStatus::kPrimary
             ? nullptr
             : deployments.front().get();
}

Deployment& begin_deployment(Region& region, Service& service) {
  auto owned = std::make_unique<Deployment>();
  Deployment& deployment = *owned;
  const std::string number = region.number();
  auto revision = std::make_shared<ServiceRevision>();
  revision->number = number;
  revision->arn = region.arn(
      fmt::format("service-revision/{}/{}/{}", service.cluster->name, service.name, number));
  revision->workload = service.workload;
  revision->createdAt = region.now;
  service.revisions.push_back(revision);

  deployment.id = "ecs-svc/" + number;
  deployment.revision = revision;
  deployment.launchType = service.workload.launchType;
  deployment.capacityProviderStrategy = service.workload.capacityProviderStrategy;
  deployment.createdAt = deployment.updatedAt = region.now;
  deployment.rolloutStateReason = fmt::format("ECS deployment {} in progress.", deployment.id);
  for (const std::string& name : service.settings.alarmNames)
    if (alarm_state(region, name) == "ALARM") deployment.ignored_alarms.push_back(name);

  auto record = std::make_shared<ServiceDeployment>();
  record->serial = region.next_serial();
  record->arn = region.arn(fmt::format("service-deployment/{}/{}/{}", service.cluster->name,
                                       service.name, region.deployment_id()));
  record->service = &service;
  record->createdAt = record->updatedAt = region.now;
  for (const auto& old : service.deployments)
    if (old->status != DeploymentStatus::kInactive) record->sources.push_back(old->revision);
  record->target = revision;
  record->deploymentConfiguration = service.settings.document;
  record->breaker = service.settings.breaker_enabled ? Monitor::kMonitoring : Monitor::kDisabled;
  record->alarms = service.settings.alarms_enabled ? Monitor::kMonitoring : Monitor::kDisabled;
  record->threshold = failure_threshold(service);
  deployment.record = record;
  std::erase_if(service.history, [&](const auto& each) {
    return is_over(each->status) && each->createdAt + kHistory < region.now;
  });
  service.history.push_back(std::move(record));

  Deployment* const before = service.primary();
  if (before != nullptr) supersede(region, *before);
  ++service.workload.definition->references;
  service.deployments.insert(service.deployments.begin(), std::move(owned));
  begin_shift(region, service, deployment, before);
  service.steady = false;
  service.consecutive_failures = 0;
  service.not_before.reset();
  service.said.clear();
  wake(region, service);
  tell_of_deployment(region, service, deployment);
  announce_deployment(region, service);
  return deployment;
}

void fail_deployment(Region& region, Service& service, Failure failure, const std::string& reason) {
  Deployment& failed = *service.primary();
  ServiceDeployment& record = *failed.record;
  const Wording words = wording(failure, reason);
  const bool asked_to_roll_back = failure == Failure::kBreaker ? service.settings.breaker_rolls_back
                                  : failure == Failure::kAlarm ? service.settings.alarms_roll_back
                                                               : true;
  Deployment* const back_to = service.last_completed;
  if (!words.event.empty())
    say(region, service, fmt::format("(deployment {}) {}", failed.id, words.event));
  failed.failure = failure;
  failed.rolloutState = RolloutState::kFailed;
  failed.rolloutStateReason = words.rollout_reason;
  failed.updatedAt = region.now;
  record.failureCount = failed.failedTasks;
  if (failure == Failure::kBreaker) record.breaker = Monitor::kTriggered;
  if (failure == Failure::kAlarm) record.alarms = Monitor::kTriggered;
  tell_of_deployment(region, service, failed);
  wake(region, service);

  if (!asked_to_roll_back) {
    record.statusReason = words.stopped;
    set_status(region, record, ServiceDeploymentStatus::kStopped);
    return;
  }
  if (back_to == nullptr || back_to == &failed) {
    // A rollback that fails itself ends here too: there is nothing further back.
    record.statusReason = "No rollback candidate was found to run the rollback.";
    set_status(region, record, ServiceDeploymentStatus::kRollbackFailed);
    return;
  }

  say(region, service, fmt::format("rolling back to deployment {}.", back_to->id));
  record.statusReason = words.rolled_back;
  record.rollback = {words.rolled_back, region.now, back_to->revision};
  set_status(region, record, ServiceDeploymentStatus::kRollbackRequested);

  if (failed.shift) shift_back(region, service, failed);
  failed.shift.reset();
  failed.status = DeploymentStatus::kActive;
  back_to->status = DeploymentStatus::kPrimary;
  back_to->record = failed.record;
  back_to->rolloutState = RolloutState::kInProgress;
  back_to->rolloutStateReason = fmt::format("{}{}.", words.rolling_back, back_to->id);
  back_to->updatedAt = region.now;
  back_to->failedTasks = 0;
  back_to->bakes_until.reset();
  const auto position = std::find_if(service.deployments.begin(), service.deployments.end(),
                                     [&](const auto& each) { return each.get() == back_to; });
  std::rotate(service.deployments.begin(), position, position + 1);
  // From here on new tasks are of the old revision again.
  service.workload = back_to->workload();
  service.workload.launchType = back_to->launchType;
  service.workload.capacityProviderStrategy = back_to->capacityProviderStrategy;
  service.consecutive_failures = 0;
  service.not_before.reset();
  service.steady = false;
  tell_of_deployment(region, service, *back_to);
}

void complete_deployment(Region& region, Service& service) {
  Deployment& primary = *service.primary();
  primary.rolloutState = RolloutState::kCompleted;
  primary.rolloutStateReason = fmt::format("ECS deployment {} completed.", primary.id);
  primary.updatedAt = region.now;
  service.last_completed = &primary;
  if (ServiceDeployment* record = primary.record.get(); record && !is_over(record->status))
    set_status(region, *record,
               record->rollback ? ServiceDeploymentStatus::kRollbackSuccessful
                                : ServiceDeploymentStatus::kSuccessful);
  say(region, service, fmt::format("(deployment {}) deployment completed.", primary.id));
  tell_of_deployment(region, service, primary);
}

void advance_records(Region& region, Service& service) {
  for (const auto& record : service.history) {
    switch (record->status) {
      case ServiceDeploymentStatus::kPending:
        set_status(region, *record, ServiceDeploymentStatus::kInProgress);
        break;
      case ServiceDeploymentStatus::kStopRequested:
        set_status(region, *record, ServiceDeploymentStatus::kStopped);
        break;
      case ServiceDeploymentStatus::kRollbackRequested:
        if (!record->rollback) {
          // StopServiceDeployment asked for it. Tasks that are going cannot be gone back to.
          if (Deployment* primary = service.primary();
              primary && primary->record == record && is_cleaning_up(*primary)) {
            record->status = ServiceDeploymentStatus::kInProgress;
            break;
          }
          if (Deployment* primary = service.primary(); primary && primary->record == record)
            fail_deployment(region, service, Failure::kStoppedByUser);
          if (record->status == ServiceDeploymentStatus::kRollbackRequested)
            set_status(region, *record, ServiceDeploymentStatus::kRollbackInProgress);
        } else {
          set_status(region, *record, ServiceDeploymentStatus::kRollbackInProgress);
        }
        break;
      default:
        break;
    }
  }
}

void drop_finished_deployments(Region& region, Service& service) {
  for (const auto& deployment : service.deployments) {
    if (deployment->status != DeploymentStatus::kActive) continue;
    const bool busy =
        std::any_of(service.tasks.begin(), service.tasks.end(), [&](const Task* task) {
          if (task->deployment != deployment.get()) return false;
          if (!task->stopping || task->state == TaskState::kDeactivating) return true;
          return region.knobs.completed_waits_for == CompletedWaitsFor::kStopped &&
                 task->state != TaskState::kStopped;
        });
    if (!busy) deployment->status = DeploymentStatus::kInactive;
  }
  std::erase_if(service.deployments, [&](const auto& deployment) {
    if (deployment->status != DeploymentStatus::kInactive ||
        deployment.get() == service.last_completed)
      return false;
    const bool referred_to =
        std::any_of(service.tasks.begin(), service.tasks.end(),
                    [&](const Task* task) { return task->deployment == deployment.get(); });
    if (!referred_to) --deployment->workload().definition->references;
    return !referred_to;
  });
}

int failure_threshold(const Service& service) {
  const DeploymentSettings& settings = service.settings;
  if (settings.threshold_type == "COUNT") return settings.threshold_value;
  const int share =
      static_cast<int>(std::ceil(service.desiredCount * settings.threshold_value / 100.0 - 1e-9));
  if (settings.threshold_type == "UNBOUNDED_PERCENT") return std::max(1, share);
  return std::clamp(share, 3, 200);
}

std::optional<Failure> detect_failure(Region& region, Service& service) {
  Deployment& primary = *service.primary();
  if (is_cleaning_up(primary)) return std::nullopt;
  if (primary.failure || primary.rolloutState != RolloutState::kInProgress) return std::nullopt;
  ServiceDeployment* record = primary.record.get();
  if (service.settings.breaker_enabled) {
    const int threshold = failure_threshold(service);
    if (record != nullptr && !record->rollback) {
      record->failureCount = primary.failedTasks;
      record->threshold = threshold;
    }
    if (primary.failedTasks >= threshold) return Failure::kBreaker;
  }
  // A rollback is not called off by the alarm that began it.
  if (service.settings.alarms_enabled && record != nullptr && !record->rollback &&
      region.now >= primary.alarms_polled_at + region.knobs.alarm_poll) {
    primary.alarms_polled_at = region.now;
    const auto& ignored = primary.ignored_alarms;
    for (const std::string& name : service.settings.alarmNames) {
      if (alarm_state(region, name) != "ALARM") continue;
      if (std::find(ignored.begin(), ignored.end(), name) != ignored.end()) continue;
      record->triggeredAlarmNames.push_back(name);
    }
    if (!record->triggeredAlarmNames.empty()) return Failure::kAlarm;
  }
  return std::nullopt;
}

bool is_over(ServiceDeploymentStatus status) {
  switch (status) {
    case ServiceDeploymentStatus::kStopped:
    case ServiceDeploymentStatus::kSuccessful:
    case ServiceDeploymentStatus::kRollbackSuccessful:
    case ServiceDeploymentStatus::kRollbackFailed:
      return true;
    default:
      return false;
  }
}

std::string_view to_string(ServiceDeploymentStatus status) {
  switch (status) {
    case ServiceDeploymentStatus::kPending:
      return "PENDING";
    case ServiceDeploymentStatus::kInProgress:
      return "IN_PROGRESS";
    case ServiceDeploymentStatus::kStopRequested:
      return "STOP_REQUESTED";
    case ServiceDeploymentStatus::kStopped:
      return "STOPPED";
    case ServiceDeploymentStatus::kSuccessful:
      return "SUCCESSFUL";
    case ServiceDeploymentStatus::kRollbackRequested:
      return "ROLLBACK_REQUESTED";
    case ServiceDeploymentStatus::kRollbackInProgress:
      return "ROLLBACK_IN_PROGRESS";
    case ServiceDeploymentStatus::kRollbackSuccessful:
      return "ROLLBACK_SUCCESSFUL";
    case ServiceDeploymentStatus::kRollbackFailed:
      return "ROLLBACK_FAILED";
  }
  return "";
}

std::string_view to_string(Monitor monitor) {
  switch (monitor) {
    case Monitor::kDisabled:
      return "DISABLED";
    case Monitor::kMonitoring:
      return "MONITORING";
    case Monitor::kTriggered:
      return "TRIGGERED";
    case Monitor::kComplete:
      return "MONITORING_COMPLETE";
  }
  return "";
}

}  // namespace slipway::sim
