#include "execute/single_service.h"

#include "aws/pages.h"
#include "base/text.h"
#include "execute/changes.h"
#include "execute/look.h"
#include "execute/observe.h"
#include "execute/pace.h"
#include "execute/requests.h"
#include "execute/single_rollout.h"
#include "execute/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

// The limits are those of the phases; the watch itself has none.
constexpr Duration kForEver = std::chrono::hours(24 * 365);

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

  WorkReport run() {
    const TimePoint began = now();
    say(ItemStarted{});
    Verdict verdict = wanted_.force_only ? force() : deploy();
    if (!is_good(verdict) && wanted_.has_service() && wanted_.rolls_back) roll_back(verdict);
    if (verdict.outcome != Outcome::kStopped) state_.in_progress.clear();
    item_.verdict = std::move(verdict);
    item_.elapsed = now() - began;
    say(ended(item_));
    if (is_good(item_.verdict))
      ending_.next_step.clear();
    else if (ending_.state.empty())
      ending_.state = {"nothing was changed"};
    return {.items = {std::move(item_)}, .ending = std::move(ending_)};
  }

 private:
  // ---- The order of things ----
  Verdict deploy();
  Verdict force();
  Verdict update(const aws::Service& before);
  Verdict run_once();
  void prune();
  void roll_back(const Verdict& why);

  // ---- Of each ----
  // What the update has begun is ours from here on.
  void follow(const ServiceWatch& watch, const ServiceLook& answer, bool forced);
  // What its end says of where the service stands.
  Verdict watched(Verdict verdict);
  Verdict watch_task(const aws::Task& task);

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
  ItemReport item_{.subject = subject_};
  Ending ending_;

  std::optional<aws::Service> before_;
  std::string definition_before_;               // ARN that the service used at the start
  std::optional<TaskDefinitionSnapshot> made_;  // the new revision
  bool was_updated_ = false;                    // an update may have reached AWS
  ServiceWatch sent_;                           // of the update, as far as it was known before it
  std::optional<SingleRollout> rollout_;        // once it was answered
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
  item_.task_definition = made->family_revision();
  ending_.state = {made->family_revision() + " is registered"};

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
  sent_ = {.service = wanted_.service,
           .taskDefinition = made_->arn,
           .since = now(),
           .max_wait = kForEver};
  for (const DeploymentSnapshot& deployment : look_before.service.deployments)
    sent_.earlier.push_back(deployment.id);

  const auto sent = [&] {
    was_updated_ = true;
    set_in_progress("an update was sent");
  };
  const Result<ServiceLook> answer =
      update_service(context_, {.subject = subject_, .sent = sent}, request, sent_);
  if (!answer) {
    const bool nobody_knows = aws::is_reply_lost(answer.error()) || called_off(answer.error());
    was_updated_ = nobody_knows;
    ending_.state = {nobody_knows ? fmt::format("{} may run {} or {}", service_name(),
                                                family_revision_of(definition_before_),
                                                made_->family_revision())
                                  : fmt::format("{} was not changed; {} is registered and unused",
                                                service_name(), made_->family_revision())};
    return verdict_of(answer.error(), nobody_knows ? Outcome::kFailed : Outcome::kFailedToStart);
  }

  ServiceWatch watch = sent_;
  watch.our_deployment = deployment_created(watch, *answer);
  watch.since = now();
  ending_.state = {fmt::format("{} was updated to {}", service_name(), made_->family_revision())};
  follow(watch, *answer, false);
  Verdict verdict =
      answer->service.desiredCount > 0 ? rollout_->wait_for_first_task(*made_) : Verdict{};
  if (is_good(verdict) && wanted_.waits_for_old_deployment) verdict = rollout_->wait_for_end();
  verdict = watched(std::move(verdict));
  if (is_good(verdict))
    ending_.state = {fmt::format("{} runs {}", service_name(), made_->family_revision())};
  return verdict;
}

// Nothing is looked at before: which deployment is ours is said by the answer.
Verdict Run::force() {
  const aws::UpdateServiceRequest request{
      .cluster = context_.cluster, .service = wanted_.service, .forceNewDeployment = true};
  const TimePoint sent_at = now();
  const auto sent = [&] { set_in_progress("a new deployment was asked for"); };
  const Result<aws::UpdateServiceResponse> reply =
      call_announced(context_, {.subject = subject_, .sent = sent}, aws::UpdateService, request);
  Result<ServiceLook> answer = reply ? Result<ServiceLook>(look_of(reply->service)) : reply.error();
  if (!answer && aws::is_reply_lost(answer.error())) {
    // A second copy would be a second deployment. One that began since is taken for ours.
    note(NoteLevel::kWarning,
         "no answer to ecs:UpdateService; looking whether a deployment was created");
    Result<ServiceLook> look = describe_service(context_.ecs, context_.cluster, wanted_.service);
    const DeploymentSnapshot* const primary = look ? look->service.primary() : nullptr;
    if (primary != nullptr && primary->createdAt && *primary->createdAt >= sent_at - 5s)
      answer = std::move(look);
  }
  if (!answer) {
    Error error = answer.error();
    error.context.push_back(fmt::format("forcing a new deployment of {} of cluster {}",
                                        service_name(), last_segment(context_.cluster)));
    ending_.state = {aws::is_reply_lost(error)
                         ? service_name() + " may or may not have a new deployment"
                         : service_name() + " was not changed"};
    return verdict_of(std::move(error), Outcome::kFailedToStart);
  }

  const DeploymentSnapshot* const primary = answer->service.primary();
  ServiceWatch watch{.service = wanted_.service,
                     .our_deployment = primary != nullptr ? primary->id : std::string(),
                     .taskDefinition = definition_in_use(answer->service),
                     .since = now(),
                     .max_wait = kForEver};
  for (const DeploymentSnapshot& deployment : answer->service.deployments)
    if (deployment.id != watch.our_deployment) watch.earlier.push_back(deployment.id);
  definition_before_ = watch.taskDefinition;
  follow(watch, *answer, true);
  ending_.state = {
      fmt::format("{} has a new deployment of {}", service_name(), item_.task_definition)};
  return wanted_.waits_for_old_deployment ? watched(rollout_->wait_for_end()) : Verdict{};
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
    return failure(Outcome::kFailedToStart, ErrorKind::kFailed, "task.not-started",
                   std::move(message));
  }
  const aws::Task& task = reply->tasks.front();
  say(TasksStarted{.count = 1, .task_arns = {task.taskArn}});
  ending_.state = {fmt::format("task {} of {} was started", last_segment(task.taskArn),
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
    const auto done = call_announced(context_, {.subject = subject_}, aws::DeregisterTaskDefinition,
                                     {.taskDefinition = arn});
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
  const Result<ServiceLook> look =
      describe_service(context_.ecs, context_.cluster, wanted_.service);
  const ServiceWatch& ours = rollout_ ? rollout_->watch() : sent_;
  switch (look ? standing(ours, *look, now()) : Standing::kOurs) {
    case Standing::kForeign:
      note(NoteLevel::kWarning,
           fmt::format("not rolled back: somebody else has deployed {} to {}",
                       family_revision_of(definition_in_use(look->service)), service_name()));
      ending_.state = {fmt::format("{} runs somebody else's {}", service_name(),
                                   family_revision_of(definition_in_use(look->service)))};
      ending_.next_step.clear();
      return;
    case Standing::kEarlier:
      note(NoteLevel::kInfo, fmt::format("ECS has rolled {} back to {} itself", service_name(),
                                         family_revision_of(definition_in_use(look->service))));
      ending_.state = {fmt::format("{} runs {} again", service_name(),
                                   family_revision_of(definition_in_use(look->service)))};
      ending_.next_step.clear();
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
    ending_.state = {fmt::format("{} is left on {}", service_name(), made_->family_revision())};
    ending_.next_step = fmt::format("move the service by hand; it ran {} before", old_revision);
    return;
  }
  if (request.taskDefinition.empty()) return;
  say(ServiceRolledBack{old_revision});
  ending_.state = {fmt::format("{} was sent back to {}, and this run did not wait for it",
                               service_name(), old_revision)};
}

// ---- Of each -----------------------------------------------------------------------------------

void Run::follow(const ServiceWatch& watch, const ServiceLook& answer, bool forced) {
  item_.changed = true;
  item_.deployment_id = watch.our_deployment;
  item_.task_definition = family_revision_of(watch.taskDefinition);
  ending_.next_step = "to go on watching: " + reattach();
  state_.started.push_back({.subject = subject_, .watch = watch});
  set_in_progress(watch.our_deployment.empty() ? "waiting until it is stable"
                                               : "deployment " + watch.our_deployment);
  say(ServiceUpdated{.deployment_id = watch.our_deployment,
                     .service_deployment = answer.service_deployment,
                     .old_task_definition = family_revision_of(definition_before_),
                     .new_task_definition = item_.task_definition,
                     .desiredCount = answer.service.desiredCount,
                     .forced = forced});
  rollout_.emplace(context_, subject_, watch, answer, wanted_.timeout);
}

Verdict Run::watched(Verdict verdict) {
  item_.task_definition = rollout_->runs();
  if (is_good(verdict)) return verdict;
  switch (verdict.outcome) {
    case Outcome::kStopped:
      return verdict;
    case Outcome::kRolledBack:
      ending_.state = {fmt::format("{} runs {} again", service_name(), item_.task_definition)};
      ending_.next_step.clear();
      break;
    case Outcome::kSuperseded:
      ending_.state = {
          fmt::format("{} runs somebody else's {}", service_name(), item_.task_definition)};
      ending_.next_step.clear();
      break;
    case Outcome::kTimedOut:
      ending_.state = {fmt::format("{} may still be moving to {}", service_name(),
                                   family_revision_of(rollout_->watch().taskDefinition))};
      break;
    default:
      ending_.state = {fmt::format("{} is left on {}", service_name(), item_.task_definition)};
      ending_.next_step.clear();
      break;
  }
  rollout_->explain_failure(verdict);
  return verdict;
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
      ending_.state = {fmt::format("task {} has stopped", last_segment(task.taskArn))};
    }
    return *verdict;
  }
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

WorkReport run_single_service(Context& context, RunState& state, const SingleService& wanted) {
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
