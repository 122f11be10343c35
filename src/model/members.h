// Which members of the nouns go into JSON, in this order. Included only where they are written and
// read (event.cc, plan.cc).
#pragma once

#include "base/members.h"
#include "model/event.h"
#include "model/plan.h"

namespace slipway {

MEMBERS(Error, code, message, context, operation, request_id, http_status)
MEMBERS(Counts, total, successful, skipped, failed, paused)
MEMBERS(DeploymentSnapshot, id, status, taskDefinition, desiredCount, runningCount, pendingCount,
        failedTasks, rolloutState, rolloutStateReason, createdAt, updatedAt)
MEMBERS(ServiceSnapshot, serviceArn, serviceName, status, taskDefinition, desiredCount,
        runningCount, pendingCount, deploymentController, schedulingStrategy, deployments)

MEMBERS(RunStarted, run_id, command, application, cluster, file, dialect, region, simulated, by)
MEMBERS(PlanMade, plan)
MEMBERS(RunEnded, outcome, services, tasks, schedules, api_calls, throttled_calls, elapsed, reason,
        state, next_step)
MEMBERS(Interrupted, signal, in_progress, reattach)
MEMBERS(StageEmpty)
MEMBERS(StageStarted, items)
MEMBERS(StageEnded, counts, ok)
MEMBERS(ItemStarted, task_definition)
MEMBERS(ItemEnded, outcome, rolled_back_by, error, elapsed, task_definition)
MEMBERS(BaseTaskDefinition, family_revision, arn)
MEMBERS(ContainerNotListed, container)
MEMBERS(ContainerMissing, container, suggestion)
MEMBERS(ImageUnchanged, container, image, tag)
MEMBERS(ImageChanged, container, old_image, new_image, old_tag, new_tag)
MEMBERS(NothingToRegister)
MEMBERS(TaskDefinitionRegistering, family)
MEMBERS(TaskDefinitionRegistered, arn, family_revision, shared)
MEMBERS(TaskDefinitionDeregistered, arn, family_revision)
MEMBERS(TaskDefinitionDeleted, family_revision)
MEMBERS(CallAnnounced, operation, request, undo)
MEMBERS(CallMade, operation, attempts, throttled, elapsed, outcome, request_id, parameters)
MEMBERS(CallDenied, operation, consequence)
MEMBERS(PollFailed, error, in_a_row, limit)
MEMBERS(TaskParameters, task_definition, newly_registered, count, launchType, capacityProviders,
        awsvpcConfiguration, max_wait)
MEMBERS(TasksStarted, count, task_arns)
MEMBERS(TaskNotStarted, arn, reason, detail)
MEMBERS(TaskObserved, ordinal, task_id, lastStatus, desiredStatus, healthStatus)
MEMBERS(StoppedContainer, name, exitCode, reason, essential)
MEMBERS(TaskStopped, ordinal, task_id, ok, stopCode, stoppedReason, containers)
MEMBERS(TaskLogLine, ordinal, task_id, container, written_at, message, several, after_failure)
MEMBERS(TasksCompleted, count)
MEMBERS(ServiceUpdated, deployment_id, service_revision, service_deployment, old_task_definition,
        new_task_definition, desiredCount, forced)
MEMBERS(ServiceObserved, service, our_deployment)
MEMBERS(ServiceEvent, message, createdAt, id)
MEMBERS(FirstTaskRunning, task_id, healthStatus)
MEMBERS(CheckingStability)
MEMBERS(ServiceStable)
MEMBERS(ServiceDeploymentObserved, service_deployment, status, statusReason, lifecycleStage,
        paused_at)
MEMBERS(CodeDeployObserved, deployment, status, reason, lifecycleEvent, waits_for, takes_back)
MEMBERS(StoppedTaskGroup, count, stopCode, stoppedReason, containers, example_task_id)
MEMBERS(FailureExplained, stopped_tasks, service_events, status_reason)
MEMBERS(TrafficShifted, mover, what, new_side, from, to, undo)
MEMBERS(StepStarted, step, steps, weight, bake)
MEMBERS(CheckEvaluated, name, verdict, value, condition, detail, weight, dry_run)
MEMBERS(StepPaused, weight, reason, go_on, go_back)
MEMBERS(TargetsObserved, target_group, is_new_side, total, healthy, initial, unhealthy, draining,
        reason)
MEMBERS(TargetMoved, trigger, target, old_task_definition, new_task_definition)
MEMBERS(TargetLeft, trigger, target, task_definition, reason)
MEMBERS(NotificationSent, topic, status, message_id)
MEMBERS(RollbackStarted, services, schedules, because)
MEMBERS(ServiceRolledBack, to)
MEMBERS(Note, level, message)

MEMBERS(CapacityProviderStrategyItem, capacityProvider, base, weight)
MEMBERS(AwsvpcConfiguration, subnets, securityGroups, assignPublicIp)
MEMBERS(TaskRun, name, count, launchType, platformVersion, group, capacityProviderStrategy,
        awsvpcConfiguration, overrides, max_wait, essential_only)
MEMBERS(RegisterTaskDefinition, family, base, document)
MEMBERS(RunTask, cluster, task_definition, run)
MEMBERS(UpdateService, cluster, service, task_definition, forceNewDeployment,
        deploymentConfiguration)
MEMBERS(ObserveService, cluster, service, deployment)
MEMBERS(TrafficSide, name, service, is_task_set, target_group, load_balancer, set_identifier)
MEMBERS(EcsMover)
MEMBERS(CodeDeployMover, application, deployment_group)
MEMBERS(AlbMover, rule, listener, blue, green)
MEMBERS(DnsMover, names, zone, ttl, blue, green)
MEMBERS(TrafficStep, weight, bake, checks, pause)
MEMBERS(AlarmCheck, alarm, may_fire_before)
MEMBERS(MetricCheck, name, queries, result, percent_of, success, failure, window, interval, count,
        failure_limit, inconclusive_limit, error_limit, on_error, no_data, compare, dry_run)
MEMBERS(HttpCheckHeader, name, value)
MEMBERS(HttpCheck, name, url, headers, status_from, status_to, contains, tries, pause, timeout,
        dry_run)
MEMBERS(Canary, steps, checks, mover, keep_previous)
MEMBERS(TrafficEnd, side, target_groups, load_balancer, load_balancer_dns, task_definition,
        desiredCount, runningCount, task_set, scale)
MEMBERS(ShiftTraffic, cluster, canary, from, to, task_definition, taken_over_at, restores, max_wait)
MEMBERS(RestoreTraffic, cluster, canary, back_to, away_from, max_wait)
MEMBERS(ShiftByEcs, cluster, service, task_definition, forceNewDeployment, canary,
        deploymentConfiguration, afterwards)
MEMBERS(ShiftByCodeDeploy, cluster, service, application, deployment_group, deployment_config,
        task_definition, canary, app_spec, alarms, rollback_events, target_groups,
        waits_for_go_ahead, keeps_old)
MEMBERS(Trigger, rule, event_bus, schedule, group)
MEMBERS(TargetPut, document, task_definition)
MEMBERS(PutTargets, rule, event_bus, targets)
MEMBERS(RemoveTargets, rule, event_bus, ids)
MEMBERS(UpdateSchedule, schedule, group, document, target)
MEMBERS(LeaveTargets, runs)
MEMBERS(ObserveTasks, cluster, tasks)
MEMBERS(Refuse, error)
MEMBERS(Skip, reason)
MEMBERS(ServiceStillUses, service, taskDefinition)
MEMBERS(TargetsUnchanged, trigger, targets)
MEMBERS(TasksStopped, max_wait)
MEMBERS(DeploymentCompleted, max_wait, taskDefinition)

}  // namespace slipway
