#include "execute/single_service.h"

#include "aws/pages.h"
#include "base/text.h"
#include "execute/changes.h"
#include "execute/explain.h"
#include "execute/look.h"
#include "execute/observe.h"
#include "execute/pace.h"
#include "execute/requests.h"
#include "execute/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

// The limits are those of the phases; the watch itself has none.
constexpr Duration kForEver = std::chrono::hours(24 * 365);

bool is_good(const Verdict& verdict) { return verdict.outcome == Outcome::kSucceeded; }

Verdict failed(ErrorKind kind, std::string code, std::string message, Outcome outcome) {
  return verdict_of_error(Error{kind, std::move(code), std::move(message)}, outcome);
}

// "90 s", as the flag has it.
std::string in_seconds(Duration duration) {
  return fmt::format("{} s", std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

Result<aws::Service> look_up_service(Context& context, const SingleService& wanted) {
  TRY(aws::DescribeServicesResponse reply,
      context.ecs
          .call(aws::DescribeServices, {.cluster = context.cluster, .services = {wanted.service}})
          .context("looking up service " + last_segment(wanted.service)));
  const std::string name = fmt::format("service {} of cluster {}", last_segment(wanted.service),
                                       last_segment(context.cluster));
  if (reply.services.empty())
    return Error{ErrorKind::kNotFound, "service.missing", name + " does not exist"};
  aws::Service service = std::move(reply.services.front());
  if (service.status != "ACTIVE")
    return Error{ErrorKind::kNotFound, "service.not-active",
                 fmt::format("{} is {} and cannot be updated", name, service.status)};
  const std::string controller =
      service.deploymentController ? service.deploymentController->type : std::string();
  if (!controller.empty() && controller != aws::DeploymentControllerType::kEcs)
    return Error{ErrorKind::kInvalid, "service.controller",
                 fmt::format("{} is deployed by {} and not by ECS: a new task definition has to go "
                             "through that",
                             name, controller)};
  return service;
}

// What has to be sent back so that nothing but the percents changes. AWS answers alarms without
// names where there are none, and refuses to take those back.
aws::DeploymentConfiguration configuration_of(const aws::Service& service) {
  aws::DeploymentConfiguration configuration =
      service.deploymentConfiguration.value_or(aws::DeploymentConfiguration{});
  if (configuration.alarms && configuration.alarms->alarmNames.empty())
    configuration.alarms.reset();
  return configuration;
}

class Run {
 public:
  Run(Context& context, RunState& state, const SingleService& wanted)
      : context_(context), state_(state), wanted_(wanted), subject_(subject_of(wanted)) {}

  SequenceReport run() {
    context_.events.say(subject_, ItemStarted{});
    report_.item.subject = subject_;
    Verdict verdict = wanted_.force_only ? force() : deploy();
    if (!is_good(verdict) && wanted_.has_service() && wanted_.rolls_back) roll_back(verdict);
    if (verdict.outcome != Outcome::kStopped) state_.in_progress.clear();
    report_.item.verdict = std::move(verdict);
    if (is_good(report_.item.verdict))
      report_.next_step.clear();
    else if (report_.state.empty())
      report_.state = {"nothing was changed"};
    return std::move(report_);
  }

 private:
  // ---- The order of things ----
  Verdict deploy();
  Verdict force();
  Verdict update(const aws::Service& before);
  Verdict run_once();
  void prune();
  void roll_back(const Verdict& why);

  // ---- Waiting ----
  Verdict wait_for_first_task();
  Verdict wait_for_rollout();
  Result<ServiceLook> look_at_service();
  void tell(const Result<ServiceLook>& look);
  Result<bool> find_working_task(const Result<ServiceLook>& look);
  Verdict watch_task(const aws::Task& task);
  void explain_failure(Verdict& verdict);

  TimePoint now() const { return context_.clock().now(); }
  void say(EventBody body) { context_.events.say(subject_, std::move(body)); }
  void note(NoteLevel level, std::string message) { say(Note{level, std::move(message)}); }
  void set_in_progress(const std::string& what);
  // What this run changed of the service beside its task definition, put back.
  bool put_back_settings(aws::UpdateServiceRequest& request) const;
  std::string service_name() const { return "service " + last_segment(wanted_.service); }
  std::string reattach() const {
    return fmt::format("slipway wait --cluster {} {}", wanted_.cluster, wanted_.service);
  }

  Context& context_;
  RunState& state_;
  const SingleService& wanted_;
  const Subject subject_;
  SequenceReport report_;

  std::optional<aws::Service> before_;
  std::string definition_before_;               // ARN that the service used at the start
  std::optional<TaskDefinitionSnapshot> made_;  // the new revision
  ServiceWatch watch_;
  bool was_updated_ = false;  // an update may have reached AWS
  LookPace pace_;
  std::optional<ServiceJudgement> judgement_;  // of the last look
  std::optional<ServiceLook> last_;
  std::set<std::string> old_events_;
  std::set<std::string> told_events_;
  std::string service_deployment_;
  std::optional<std::vector<StoppedTaskGroup>> told_groups_;  // why tasks failed on the way
};

void Run::set_in_progress(const std::string& what) {
  const std::string kind = wanted_.has_service() ? "service " : "task ";
  state_.in_progress[kind + subject_.item] = fmt::format("{}{} ({})", kind, subject_.item, what);
}

// ---- The order of things -----------------------------------------------------------------------

Verdict Run::deploy() {
  Result<PreparedSingleService> prepared = prepare(context_, wanted_);
  if (!prepared) return verdict_of(prepared.error(), Outcome::kFailedToStart);
  before_ = std::move(prepared->before);
  const Result<TaskDefinitionSnapshot> made =
      register_task_definition(context_, {.subject = subject_}, prepared->revision.action);
  if (!made) return verdict_of(made.error(), Outcome::kFailedToStart);
  made_ = *made;
  report_.item.task_definition = made->family_revision();
  report_.state = {made->family_revision() + " is registered"};

  // The new revision exists, and nothing uses it yet.
  if (wanted_.has_service()) {
    if (Verdict verdict = update(*before_); !is_good(verdict)) return verdict;
  } else if (wanted_.run) {
    if (Verdict verdict = run_once(); !is_good(verdict)) return verdict;
  }
  prune();
  return {};
}

Verdict Run::update(const aws::Service& before) {
  const ServiceLook look_before = look_of(before);
  definition_before_ = definition_in_use(look_before.service);
  aws::UpdateServiceRequest request{.cluster = context_.cluster,
                                    .service = wanted_.service,
                                    .desiredCount = wanted_.desiredCount,
                                    .taskDefinition = made_->arn};
  if (wanted_.minimumHealthyPercent || wanted_.maximumPercent) {
    // A configuration replaces the whole one: the circuit breaker and the alarms go along.
    request.deploymentConfiguration = configuration_of(before);
    if (wanted_.minimumHealthyPercent)
      request.deploymentConfiguration->minimumHealthyPercent = wanted_.minimumHealthyPercent;
    if (wanted_.maximumPercent)
      request.deploymentConfiguration->maximumPercent = wanted_.maximumPercent;
  }
  watch_ = {.service = wanted_.service,
            .taskDefinition = made_->arn,
            .since = now(),
            .max_wait = kForEver};
  for (const DeploymentSnapshot& deployment : look_before.service.deployments)
    watch_.earlier.push_back(deployment.id);

  const Result<ServiceLook> answer = update_service(context_,
                                                    {.subject = subject_,
                                                     .sent =
                                                         [&] {
                                                           was_updated_ = true;
                                                           set_in_progress("an update was sent");
                                                         }},
                                                    request, watch_);
  if (!answer) {
    const bool nobody_knows = aws::is_reply_lost(answer.error()) || called_off(answer.error());
    was_updated_ = nobody_knows;
    report_.state = {nobody_knows ? fmt::format("{} may run {} or {}", service_name(),
                                                family_revision_of(definition_before_),
                                                made_->family_revision())
                                  : fmt::format("{} was not changed; {} is registered and unused",
                                                service_name(), made_->family_revision())};
    return verdict_of(answer.error(), nobody_knows ? Outcome::kFailed : Outcome::kFailedToStart);
  }

  watch_.our_deployment = deployment_created(watch_, *answer);
  watch_.since = now();
  service_deployment_ = answer->service_deployment;
  last_ = *answer;
  for (const ServiceEvent& event : answer->events) old_events_.insert(event.id);
  told_events_ = old_events_;
  report_.item.changed = true;
  report_.item.deployment_id = watch_.our_deployment;
  report_.state = {fmt::format("{} was updated to {}", service_name(), made_->family_revision())};
  report_.next_step = "to go on watching: " + reattach();
  state_.started.push_back({.subject = subject_, .watch = watch_});
  set_in_progress(watch_.our_deployment.empty() ? "waiting until it is stable"
                                                : "deployment " + watch_.our_deployment);
  const int desiredCount = answer->service.desiredCount;
  say(ServiceUpdated{.deployment_id = watch_.our_deployment,
                     .service_deployment = answer->service_deployment,
                     .old_task_definition = family_revision_of(definition_before_),
                     .new_task_definition = made_->family_revision(),
                     .desiredCount = desiredCount});

  pace_ = {.quick = desiredCount <= 0};
  Verdict verdict = desiredCount > 0 ? wait_for_first_task() : Verdict{};
  if (is_good(verdict) && wanted_.waits_for_old_deployment) verdict = wait_for_rollout();
  if (!is_good(verdict)) explain_failure(verdict);
  if (is_good(verdict))
    report_.state = {fmt::format("{} runs {}", service_name(), made_->family_revision())};
  return verdict;
}

// Nothing is looked at before: which deployment is ours is said by the answer.
Verdict Run::force() {
  const aws::UpdateServiceRequest request{
      .cluster = context_.cluster, .service = wanted_.service, .forceNewDeployment = true};
  const TimePoint sent_at = now();
  if (const Result<void> written =
          context_.events.announce(subject_, "ecs:UpdateService", to_json(aws::ref(request)));
      !written)
    return verdict_of(written.error(), Outcome::kFailedToStart);
  set_in_progress("a new deployment was asked for");
  const Result<aws::UpdateServiceResponse> reply = context_.ecs.call(aws::UpdateService, request);
  Result<ServiceLook> answer = reply ? Result<ServiceLook>(look_of(reply->service)) : reply.error();
  if (!answer && aws::is_reply_lost(answer.error())) {
    // A second copy would be a second deployment. One that began since is taken for ours.
    note(NoteLevel::kWarning,
         "no answer to ecs:UpdateService; looking whether a deployment was created");
    Result<ServiceLook> look = look_at_service();
    const DeploymentSnapshot* const primary = look ? look->service.primary() : nullptr;
    if (primary != nullptr && primary->createdAt && *primary->createdAt >= sent_at - 5s)
      answer = std::move(look);
  }
  if (!answer) {
    Error error = answer.error();
    error.context.push_back(fmt::format("forcing a new deployment of {} of cluster {}",
                                        service_name(), last_segment(context_.cluster)));
    report_.state = {aws::is_reply_lost(error)
                         ? service_name() + " may or may not have a new deployment"
                         : service_name() + " was not changed"};
    return verdict_of(std::move(error), Outcome::kFailedToStart);
  }

  const DeploymentSnapshot* const primary = answer->service.primary();
  watch_ = {.service = wanted_.service,
            .our_deployment = primary != nullptr ? primary->id : std::string(),
            .taskDefinition = definition_in_use(answer->service),
            .since = now(),
            .max_wait = kForEver};
  for (const DeploymentSnapshot& deployment : answer->service.deployments)
    if (deployment.id != watch_.our_deployment) watch_.earlier.push_back(deployment.id);
  last_ = *answer;
  for (const ServiceEvent& event : answer->events) old_events_.insert(event.id);
  told_events_ = old_events_;
  service_deployment_ = answer->service_deployment;
  report_.item.changed = true;
  report_.item.deployment_id = watch_.our_deployment;
  report_.item.task_definition = family_revision_of(watch_.taskDefinition);
  report_.state = {
      fmt::format("{} has a new deployment of {}", service_name(), report_.item.task_definition)};
  report_.next_step = "to go on watching: " + reattach();
  state_.started.push_back({.subject = subject_, .watch = watch_});
  set_in_progress("deployment " + watch_.our_deployment);
  say(ServiceUpdated{.deployment_id = watch_.our_deployment,
                     .service_deployment = answer->service_deployment,
                     .old_task_definition = report_.item.task_definition,
                     .new_task_definition = report_.item.task_definition,
                     .desiredCount = answer->service.desiredCount,
                     .forced = true});
  if (!wanted_.waits_for_old_deployment) return {};
  pace_ = {.quick = answer->service.desiredCount <= 0};
  Verdict verdict = wait_for_rollout();
  if (!is_good(verdict)) explain_failure(verdict);
  return verdict;
}

Verdict Run::run_once() {
  const aws::RunTaskRequest request{.cluster = context_.cluster,
                                    .count = 1,
                                    .launchType = wanted_.run->launchType,
                                    .networkConfiguration = wanted_.run->networkConfiguration,
                                    .platformVersion = wanted_.run->platformVersion,
                                    .taskDefinition = made_->arn,
                                    .clientToken = context_.runtime.random.uuid()};
  const Result<aws::RunTaskResponse> reply = run_task(
      context_,
      {.subject = subject_, .sent = [&] { set_in_progress("a task may have been started"); }},
      request);
  if (!reply) return verdict_of(reply.error(), Outcome::kFailedToStart);
  for (const aws::Failure& failure : reply->failures)
    say(TaskNotStarted{failure.arn, failure.reason, failure.detail});
  if (reply->tasks.empty() || !reply->failures.empty()) {
    std::string message = "no task of " + made_->family_revision() + " was started";
    if (!reply->failures.empty()) {
      const aws::Failure& first = reply->failures.front();
      message += ": " + first.reason + (first.detail.empty() ? "" : ", " + first.detail);
    }
    return failed(ErrorKind::kFailed, "task.not-started", std::move(message),
                  Outcome::kFailedToStart);
  }
  const aws::Task& task = reply->tasks.front();
  say(TasksStarted{.count = 1, .task_arns = {task.taskArn}});
  report_.state = {fmt::format("task {} of {} was started", last_segment(task.taskArn),
                               made_->family_revision())};
  set_in_progress("task " + last_segment(task.taskArn));
  return wanted_.run->waits ? watch_task(task) : Verdict{};
}

// Only after complete success, so what goes away is never what one has to go back to.
void Run::prune() {
  if (wanted_.keep_revisions == 0) return;
  const std::string& family = made_->family;
  Result<std::vector<std::string>> listed =
      aws::all_items(context_.ecs, aws::ListTaskDefinitions,
                     {.familyPrefix = family, .status = "ACTIVE", .sort = "ASC"},
                     &aws::ListTaskDefinitionsResponse::taskDefinitionArns);
  if (!listed) {
    note(NoteLevel::kWarning,
         "no revision was deregistered: they cannot be listed: " + listed.error().message);
    return;
  }
  std::vector<std::string> revisions = std::move(*listed);
  std::erase_if(revisions, [&](const std::string& arn) { return family_of(arn) != family; });
  // A list may lag behind what was just registered.
  if (std::ranges::find(revisions, made_->arn) == revisions.end()) revisions.push_back(made_->arn);

  const PruneDecision decision =
      decide_prune(std::move(revisions), prune_rule(wanted_, made_->arn, definition_before_));
  for (const std::string& arn : decision.deregister) {
    const aws::DeregisterTaskDefinitionRequest request{.taskDefinition = arn};
    Result<void> done = context_.events.announce(subject_, "ecs:DeregisterTaskDefinition",
                                                 to_json(aws::ref(request)));
    if (done) {
      const auto reply = context_.ecs.call(aws::DeregisterTaskDefinition, request);
      if (!reply) done = reply.error();
    }
    if (done) {
      say(TaskDefinitionDeregistered{.arn = arn, .family_revision = family_revision_of(arn)});
      continue;
    }
    note(NoteLevel::kWarning,
         fmt::format("{} was not deregistered: {}", family_revision_of(arn), done.error().message));
    // What is not allowed for one is not allowed for the others.
    if (done.error().kind == ErrorKind::kDenied || called_off(done.error())) return;
  }
}

bool Run::put_back_settings(aws::UpdateServiceRequest& request) const {
  if (wanted_.desiredCount) request.desiredCount = before_->desiredCount;
  const bool has_percents = wanted_.minimumHealthyPercent || wanted_.maximumPercent;
  if (has_percents) request.deploymentConfiguration = configuration_of(*before_);
  return wanted_.desiredCount || has_percents;
}

// Back to the revision that the service used at the start, unless that is no longer ours to do.
void Run::roll_back(const Verdict& why) {
  if (why.outcome == Outcome::kStopped) return;
  if (wanted_.force_only) {
    note(NoteLevel::kWarning,
         "nothing to roll back: a forced deployment has the task definition from before");
    return;
  }
  if (!was_updated_) return;
  aws::UpdateServiceRequest request{.cluster = context_.cluster, .service = wanted_.service};
  const bool has_settings = put_back_settings(request);
  const std::string old_revision = family_revision_of(definition_before_);
  // Who cannot look tries all the same: our update is what is known to have been made.
  const Result<ServiceLook> look = look_at_service();
  switch (look ? standing(watch_, *look, now()) : Standing::kOurs) {
    case Standing::kForeign:
      note(NoteLevel::kWarning,
           fmt::format("not rolled back: somebody else has deployed {} to {}",
                       family_revision_of(definition_in_use(look->service)), service_name()));
      report_.state = {fmt::format("{} runs somebody else's {}", service_name(),
                                   family_revision_of(definition_in_use(look->service)))};
      report_.next_step.clear();
      return;
    case Standing::kEarlier:
      note(NoteLevel::kInfo, fmt::format("ECS has rolled {} back to {} itself", service_name(),
                                         family_revision_of(definition_in_use(look->service))));
      report_.state = {fmt::format("{} runs {} again", service_name(),
                                   family_revision_of(definition_in_use(look->service)))};
      report_.next_step.clear();
      if (!has_settings) return;
      break;
    case Standing::kOurs:
      request.taskDefinition = definition_before_;
      break;
  }

  say(RollbackStarted{.services = {wanted_.service},
                      .because = why.error ? why.error->message : std::string()});
  ServiceWatch back{.service = wanted_.service,
                    .taskDefinition = definition_before_,
                    .since = now(),
                    .max_wait = kForEver};
  if (look)
    for (const DeploymentSnapshot& deployment : look->service.deployments)
      back.earlier.push_back(deployment.id);
  const Result<ServiceLook> answer =
      update_service(context_, {.subject = subject_, .is_undo = true}, request, back);
  if (!answer) {
    note(NoteLevel::kError, "the rollback failed: " + to_string(answer.error()));
    report_.state = {fmt::format("{} is left on {}", service_name(), made_->family_revision())};
    report_.next_step = fmt::format("move the service by hand; it ran {} before", old_revision);
    return;
  }
  if (request.taskDefinition.empty()) return;
  say(ServiceRolledBack{old_revision});
  report_.state = {fmt::format("{} was sent back to {}, and this run did not wait for it",
                               service_name(), old_revision)};
}

// ---- Waiting -----------------------------------------------------------------------------------

Result<ServiceLook> Run::look_at_service() {
  return describe_service(context_.ecs, context_.cluster, wanted_.service);
}

// Events that are new, the state of the rollout, and once why tasks fail.
void Run::tell(const Result<ServiceLook>& look) {
  if (!look) return;
  for (auto event = look->events.rbegin(); event != look->events.rend(); ++event)
    if (told_events_.insert(event->id).second) say(*event);
  say(ServiceObserved{.service = look->service, .our_deployment = watch_.our_deployment});
  last_ = *look;
  report_.item.task_definition = family_revision_of(definition_in_use(look->service));
  const DeploymentSnapshot* const ours = look->find(watch_.our_deployment);
  if (ours == nullptr || ours->failedTasks == 0 || told_groups_) return;
  told_groups_ =
      look_at_stopped_tasks(context_, {.watch = watch_, .last = *last_, .old_events = old_events_});
  if (!told_groups_->empty()) say(FailureExplained{.stopped_tasks = *told_groups_});
}

// A task of the new revision that works, among those that should be running.
Result<bool> Run::find_working_task(const Result<ServiceLook>& look) {
  // Where the counts can be believed and say that nothing runs, there is nothing to find.
  if (look) {
    const DeploymentSnapshot* const ours = look->find(watch_.our_deployment);
    if (ours != nullptr && !ours->rolloutState.empty() && ours->runningCount == 0) return false;
  }
  TRY(const std::vector<std::string> arns,
      aws::all_items(context_.ecs, aws::ListTasks,
                     {.cluster = context_.cluster,
                      .serviceName = last_segment(wanted_.service),
                      .desiredStatus = "RUNNING"},
                     &aws::ListTasksResponse::taskArns));
  const HealthCheck check = health_check_of(made_->document);
  const std::span<const std::string> all(arns);
  for (std::size_t first = 0; first < all.size(); first += kTasksPerCall) {
    const auto chunk = all.subspan(first, std::min(kTasksPerCall, all.size() - first));
    for (const Result<TaskLook>& task : describe_tasks(context_.ecs, context_.cluster, chunk)) {
      if (!task && task.error().kind == ErrorKind::kNotFound) continue;  // it ended meanwhile
      if (!task) return task.error();
      if (task->taskDefinitionArn != made_->arn ||
          !shows_that_it_works(check, task->lastStatus, task->healthStatus))
        continue;
      say(FirstTaskRunning{.task_id = last_segment(task->taskArn),
                           .healthStatus = task->healthStatus});
      return true;
    }
  }
  return false;
}

Verdict Run::wait_for_first_task() {
  const TimePoint end = watch_.since + wanted_.timeout;
  for (int failed_looks = 0;;) {
    const TimePoint when = std::min(watch_.since + next_look(pace_), end);
    if (const Result<void> slept = context_.clock().sleep_until(when); !slept)
      return verdict_of(slept.error(), Outcome::kStopped);
    const Result<ServiceLook> look = look_at_service();
    pace_.last = now() - watch_.since;
    tell(look);
    judgement_ = judge(watch_, look, now());
    if (judgement_->verdict && !is_good(*judgement_->verdict)) return *judgement_->verdict;
    if (judgement_->about_to_end && !pace_.hinted) pace_.hinted = pace_.last;

    const Result<bool> found = find_working_task(look);
    if (found && *found) return {};
    const Error* const trouble = !look ? &look.error() : !found ? &found.error() : nullptr;
    if (trouble != nullptr) {
      if (std::optional<Verdict> off = called_off(*trouble)) return *off;
      if (++failed_looks >= kFailedLooksTolerated)
        return verdict_of_error(*trouble, Outcome::kFailed);
      say(PollFailed{.error = *trouble, .in_a_row = failed_looks, .limit = kFailedLooksTolerated});
    } else {
      failed_looks = 0;
    }
    if (now() >= end)
      return failed(
          ErrorKind::kTimeout, "deployment.timeout",
          fmt::format(
              "no task of {} {} after {}; -t gives it longer", made_->family_revision(),
              health_check_of(made_->document) == HealthCheck::kNone ? "is running" : "is healthy",
              in_seconds(wanted_.timeout)),
          Outcome::kTimedOut);
  }
}

// What a rollout still lacks, in words.
std::string what_is_missing(const ServiceLook& look, const std::string& our_deployment) {
  std::vector<std::string> missing;
  for (const DeploymentSnapshot& deployment : look.service.deployments) {
    const std::string name = family_revision_of(deployment.taskDefinition);
    if (deployment.id != our_deployment)
      missing.push_back(fmt::format(
          "deployment {} of {} is still there with {}", deployment.id, name,
          counted(static_cast<std::size_t>(std::max(0, deployment.runningCount)), "running task")));
    else if (deployment.runningCount != deployment.desiredCount)
      missing.push_back(fmt::format("{} of {} tasks of {} run", deployment.runningCount,
                                    deployment.desiredCount, name));
  }
  if (missing.empty()) missing.push_back("ECS has not called the rollout complete");
  return join(missing, ", ");
}

Verdict Run::wait_for_rollout() {
  const TimePoint end = now() + wanted_.timeout;
  // The look that found the first task may have seen the end already.
  if (judgement_ && judgement_->verdict) {
    say(ServiceStable{});
    return *judgement_->verdict;
  }
  for (;;) {
    const TimePoint when = std::min(std::max(now(), watch_.since + next_look(pace_)), end);
    if (const Result<void> slept = context_.clock().sleep_until(when); !slept)
      return verdict_of(slept.error(), Outcome::kStopped);
    const Result<ServiceLook> look = look_at_service();
    if (!look)
      if (std::optional<Verdict> off = called_off(look.error())) return *off;
    pace_.last = now() - watch_.since;
    tell(look);
    const ServiceJudgement judgement = judge(watch_, look, now());
    if (judgement.verdict) {
      if (is_good(*judgement.verdict)) say(ServiceStable{});
      return *judgement.verdict;
    }
    if (watch_.failed_looks > 0)
      say(PollFailed{
          .error = look.error(), .in_a_row = watch_.failed_looks, .limit = kFailedLooksTolerated});
    if (judgement.about_to_end && !pace_.hinted) pace_.hinted = pace_.last;
    if (now() >= end)
      return failed(ErrorKind::kTimeout, "deployment.timeout",
                    fmt::format("{} is not at rest after {}: {}; -t gives it longer",
                                service_name(), in_seconds(wanted_.timeout),
                                last_ ? what_is_missing(*last_, watch_.our_deployment)
                                      : std::string("it could not be looked at")),
                    Outcome::kTimedOut);
  }
}

Verdict Run::watch_task(const aws::Task& task) {
  TaskWatch watch{.taskArn = task.taskArn,
                  .since = now(),
                  .max_wait = wanted_.timeout,
                  .not_essential = not_essential(made_->document)};
  const std::vector<std::string> arn = {task.taskArn};
  for (;;) {
    const Duration pause = std::clamp<Duration>((now() - watch.since) / 4, kTaskLooks, 10s);
    const TimePoint when = std::min(now() + pause, watch.since + wanted_.timeout);
    if (const Result<void> slept = context_.clock().sleep_until(when); !slept)
      return verdict_of(slept.error(), Outcome::kStopped);
    const Result<TaskLook> look =
        std::move(describe_tasks(context_.ecs, context_.cluster, arn).front());
    if (look)
      say(TaskObserved{.ordinal = 1,
                       .task_id = last_segment(task.taskArn),
                       .lastStatus = look->lastStatus,
                       .desiredStatus = look->desiredStatus,
                       .healthStatus = look->healthStatus});
    else if (std::optional<Verdict> off = called_off(look.error()))
      return *off;
    const std::optional<Verdict> verdict = judge(watch, look, now());
    if (watch.failed_looks > 0)
      say(PollFailed{
          .error = look.error(), .in_a_row = watch.failed_looks, .limit = kFailedLooksTolerated});
    if (!verdict) continue;
    if (look && look->lastStatus == "STOPPED") {
      say(TaskStopped{.ordinal = 1,
                      .task_id = last_segment(task.taskArn),
                      .ok = is_good(*verdict),
                      .stopCode = look->stopCode,
                      .stoppedReason = look->stoppedReason,
                      .containers = look->containers});
      report_.state = {fmt::format("task {} has stopped", last_segment(task.taskArn))};
    }
    return *verdict;
  }
}

void Run::explain_failure(Verdict& verdict) {
  switch (verdict.outcome) {
    case Outcome::kStopped:
      return;
    case Outcome::kRolledBack:
      report_.state = {
          fmt::format("{} runs {} again", service_name(), report_.item.task_definition)};
      report_.next_step.clear();
      break;
    case Outcome::kSuperseded:
      report_.state = {
          fmt::format("{} runs somebody else's {}", service_name(), report_.item.task_definition)};
      report_.next_step.clear();
      break;
    case Outcome::kTimedOut:
      report_.state = {fmt::format("{} may still be moving to {}", service_name(),
                                   family_revision_of(watch_.taskDefinition))};
      break;
    default:
      report_.state = {
          fmt::format("{} is left on {}", service_name(), report_.item.task_definition)};
      report_.next_step.clear();
      break;
  }
  if (!last_) return;
  Explanation explanation = explain(context_, {.watch = watch_,
                                               .last = *last_,
                                               .old_events = old_events_,
                                               .service_deployment = service_deployment_});
  if (explanation.rolled_back_by != RolledBackBy::kNobody &&
      verdict.rolled_back_by == RolledBackBy::kNobody && verdict.outcome == Outcome::kRolledBack)
    verdict.rolled_back_by = explanation.rolled_back_by;
  // Every event was told when it was seen, and so was what made the first tasks fail.
  explanation.what.service_events.clear();
  std::erase_if(explanation.what.stopped_tasks, [&](const StoppedTaskGroup& group) {
    return told_groups_ && std::ranges::any_of(*told_groups_, [&](const StoppedTaskGroup& told) {
             return told.stoppedReason == group.stoppedReason &&
                    told.containers == group.containers;
           });
  });
  if (explanation.what != FailureExplained{}) say(std::move(explanation.what));
}

}  // namespace

Result<PreparedSingleService> prepare(Context& context, const SingleService& wanted) {
  PreparedSingleService prepared;
  std::string reference = wanted.task_definition;
  if (wanted.has_service()) {
    TRY(prepared.before, look_up_service(context, wanted));
    reference = definition_in_use(look_of(*prepared.before).service);
  }
  if (wanted.use_latest) reference = family_of(reference);
  TRY(prepared.base, look_at_task_definition(context, reference));
  TRY(prepared.revision, plan_revision(wanted, prepared.base));
  for (const EventBody& finding : prepared.revision.findings)
    context.events.say(subject_of(wanted), finding);
  return prepared;
}

SequenceReport run_single_service(Context& context, RunState& state, const SingleService& wanted) {
  return Run(context, state, wanted).run();
}

Subject subject_of(const SingleService& wanted) {
  if (wanted.has_service())
    return {.stage = StageKind::kServices,
            .kind = ItemKind::kService,
            .item = last_segment(wanted.service)};
  return {.stage = StageKind::kTasksBefore,
          .kind = ItemKind::kTask,
          .item = family_of(wanted.task_definition)};
}

}  // namespace slipway
