#include "execute/rollback.h"

#include "base/text.h"
#include "execute/observe.h"
#include "execute/past.h"
#include "execute/triggers.h"
#include "plan/rollback.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace slipway {
namespace {

bool is_active(const TaskDefinitionSnapshot& definition) { return definition.status == "ACTIVE"; }

class EarlierStateFinder {
 public:
  EarlierStateFinder(Context& context, const RollbackRequest& request)
      : context_(context), request_(request) {}

  EarlierState find() {
    state_.release = request_.release;
    Release& release = state_.release;
    release.tasks_before.clear();
    release.tasks_after.clear();
    release.keep_revisions.reset();
    // Going back halfway and then forward again helps nobody.
    release.on_failure = OnFailure::kLeave;

    std::vector<std::string> names;
    for (const ServiceRelease& service : release.services) names.push_back(service.name);
    const std::vector<Result<ServiceLook>> looks = look_at_services(context_, names);
    // One fiber for each service; results keep the file's order.
    std::vector<std::optional<Result<ServiceRelease>>> found(names.size());
    Group lookups(context_.runtime.fibers, 16);
    for (std::size_t i = 0; i < names.size(); ++i)
      lookups.spawn("find what it ran before",
                    [&, i] { found[i] = earlier_service(release.services[i], looks[i]); });
    lookups.join();
    release.services.clear();
    for (std::optional<Result<ServiceRelease>>& service : found) {
      if (!service) continue;  // --to names other families
      if (*service)
        release.services.push_back(std::move(**service));
      else
        state_.problems.push_back(std::move(service->error()));
    }
    reverse_order();
    find_schedules();
    for (const std::string& to : request_.to)
      if (!used_.contains(to)) state_.problems.push_back(unused(to));
    return std::move(state_);
  }

 private:
  // ---- Services ----

  std::optional<Result<ServiceRelease>> earlier_service(ServiceRelease service,
                                                        const Result<ServiceLook>& look) {
    const Subject subject{
        .stage = StageKind::kServices, .kind = ItemKind::kService, .item = service.name};
    if (!look) return Result<ServiceRelease>(look.error());
    const DeploymentSnapshot* const primary = look->service.primary();
    const std::string present =
        primary != nullptr ? primary->taskDefinition : look->service.taskDefinition;
    const std::string family = family_of(present);
    families_.insert(family);
    Result<std::string> definition = std::string();
    if (request_.to.empty()) {
      definition = last_good(subject, service.name, *look, present);
    } else {
      const auto named = std::ranges::find_if(
          request_.to, [&](const std::string& to) { return family_of(to) == family; });
      if (named == request_.to.end()) {
        context_.events.say(subject,
                            Note{NoteLevel::kInfo, fmt::format("it runs {}, which --to does not "
                                                               "name; left as it is",
                                                               family_revision_of(present))});
        return std::nullopt;
      }
      used_.insert(*named);
      definition = usable(*named, present, {});
    }
    if (!definition)
      return Result<ServiceRelease>(
          std::move(definition)
              .context("looking for what service " + service.name + " goes back to")
              .error());
    service.task_definition = TaskDefinitionReference{*definition};
    service.images.clear();
    service.forceNewDeployment = false;
    return Result<ServiceRelease>(std::move(service));
  }

  Result<std::string> last_good(const Subject& subject, const std::string& service,
                                const ServiceLook& look, const std::string& present) {
    std::vector<PastRollout> past =
        look.code_deploy_deployment.empty()
            ? successful_deployments(context_, service, present)
            : successful_code_deployments(context_, look.code_deploy_deployment, present);
    if (request_.journal_directory)
      std::ranges::move(journaled_rollouts(*request_.journal_directory, context_.cluster, service),
                        std::back_inserter(past));
    std::vector<RollbackCandidate> candidates = rollback_candidates(present, past, {});
    if (candidates.empty())
      candidates =
          rollback_candidates(present, past, active_revisions(context_, family_of(present)));
    if (candidates.empty())
      return Error{ErrorKind::kNotFound, "rollback.nothing-before",
                   fmt::format("service {} runs {}, and nothing is known of a revision before it{}",
                               last_segment(service), family_revision_of(present),
                               request_.release.services.size() > 1
                                   ? "; name those that can go back with --service"
                                   : "")};
    const RollbackCandidate& chosen = candidates.front();
    if (chosen.succeeded_at)
      context_.events.say(
          subject,
          Note{NoteLevel::kInfo, fmt::format("back from {} to {}, which succeeded {} ({} says so)",
                                             family_revision_of(present), chosen.task_definition,
                                             to_iso8601(*chosen.succeeded_at), chosen.source)});
    else
      context_.events.say(
          subject, Note{NoteLevel::kWarning,
                        fmt::format("back from {} to {}, the ACTIVE revision before it; nothing "
                                    "says that it ever succeeded",
                                    family_revision_of(present), chosen.task_definition)});
    return usable(chosen.task_definition, present, candidates);
  }

  // Its ARN. ECS refuses a revision that was deregistered; then the next that it would take is
  // named.
  Result<std::string> usable(const std::string& wanted, const std::string& present,
                             std::vector<RollbackCandidate> candidates) {
    TRY(const TaskDefinitionSnapshot definition, look_at_task_definition(context_, wanted));
    if (is_active(definition)) return definition.arn;
    std::erase_if(candidates,
                  [](const RollbackCandidate& candidate) { return !candidate.succeeded_at; });
    for (const RollbackCandidate& other :
         rollback_candidates(present, {}, active_revisions(context_, family_of(present))))
      candidates.push_back(other);
    std::string next;
    for (const RollbackCandidate& candidate : candidates) {
      if (candidate.task_definition == definition.family_revision()) continue;
      const Result<TaskDefinitionSnapshot> other =
          look_at_task_definition(context_, candidate.task_definition);
      if (!other || !is_active(*other)) continue;
      next = fmt::format("; the next that it takes is {}{}: --to {}", candidate.task_definition,
                         candidate.succeeded_at ? "" : ", of which nobody knows whether it works",
                         candidate.task_definition);
      break;
    }
    return Error{ErrorKind::kInvalid, "task-definition.inactive",
                 fmt::format("{} was deregistered ({}), and ECS refuses to run it{}",
                             definition.family_revision(), definition.status,
                             next.empty() ? "; no other revision is known" : next)};
  }

  Error unused(const std::string& to) const {
    std::vector<std::string> families(families_.begin(), families_.end());
    return Error{
        ErrorKind::kInvalid, "rollback.other-family",
        fmt::format("--to {}: nothing here runs family {}{}", family_revision_of(to), family_of(to),
                    families.empty() ? "" : "; services run " + join(families, ", "))};
  }

  // What was moved last goes back first.
  void reverse_order() {
    std::vector<ServiceRelease>& services = state_.release.services;
    const std::vector<ServiceRelease> forward = services;
    for (ServiceRelease& service : services) {
      service.after.clear();
      for (const ServiceRelease& other : forward)
        if (std::ranges::find(other.after, service.name) != other.after.end())
          service.after.push_back(other.name);
    }
  }

  // ---- Schedules ----

  // They follow the services. Only where a schedule has a definition of its own is its family
  // looked up, and then there is nobody who knows what succeeded.
  void find_schedules() {
    std::vector<ScheduleRelease> kept;
    for (ScheduleRelease& schedule : state_.release.schedules) {
      const bool follows = std::holds_alternative<FollowRelease>(schedule.task_definition) ||
                           std::holds_alternative<FollowItem>(schedule.task_definition);
      schedule.images.clear();
      schedule.targets.clear();
      if (!follows && !find_schedule(schedule)) continue;
      if (follows) schedule.task_definition = FollowRelease{};
      kept.push_back(std::move(schedule));
    }
    state_.release.schedules = std::move(kept);
  }

  bool find_schedule(ScheduleRelease& schedule) {
    const Subject subject{
        .stage = StageKind::kSchedules, .kind = ItemKind::kSchedule, .item = schedule.name};
    const Result<TriggerSnapshot> look = look_at_trigger(context_, schedule.trigger);
    if (!look) {
      state_.problems.push_back(look.error());
      return false;
    }
    std::string present;
    for (const Json& target : look->targets) {
      const std::string runs = task_definition_of_target(target);
      if (revision_number(runs) > revision_number(present)) present = runs;
    }
    const std::string family = family_of(present);
    if (present.empty() || families_.contains(family)) {
      schedule.task_definition = FollowRelease{};
      return true;
    }
    const auto named = std::ranges::find_if(
        request_.to, [&](const std::string& to) { return family_of(to) == family; });
    if (named != request_.to.end()) {
      used_.insert(*named);
      schedule.task_definition = TaskDefinitionReference{*named};
      return true;
    }
    const std::vector<RollbackCandidate> candidates =
        request_.to.empty() ? rollback_candidates(present, {}, active_revisions(context_, family))
                            : std::vector<RollbackCandidate>();
    if (candidates.empty()) {
      context_.events.say(subject,
                          Note{request_.to.empty() ? NoteLevel::kWarning : NoteLevel::kInfo,
                               fmt::format("left on {}: no revision before it is known",
                                           family_revision_of(present))});
      return false;
    }
    context_.events.say(
        subject,
        Note{NoteLevel::kWarning,
             fmt::format("back from {} to {}, the ACTIVE revision before it; nothing "
                         "says that it ever succeeded",
                         family_revision_of(present), candidates.front().task_definition)});
    schedule.task_definition = TaskDefinitionReference{candidates.front().task_definition};
    return true;
  }

  Context& context_;
  const RollbackRequest& request_;
  EarlierState state_;
  std::set<std::string> families_;  // that the services run now
  std::set<std::string> used_;      // of `to`
};

}  // namespace

EarlierState find_earlier_state(Context& context, const RollbackRequest& request) {
  return EarlierStateFinder(context, request).find();
}

}  // namespace slipway
