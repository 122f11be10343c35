#include "execute/prune.h"

#include "aws/ecs.h"
#include "aws/events.h"
#include "aws/pages.h"
#include "aws/scheduler.h"
#include "base/chunks.h"
#include "base/text.h"
#include "execute/changes.h"
#include "execute/observe.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace slipway {
namespace {

constexpr std::size_t kAtOnce = 8;
constexpr std::size_t kDeletesPerCall = 10;
constexpr int kPageSize = 100;

// A lookup without which pruning would be a guess.
Error not_sure(Error error, const std::string& what, const std::string& way_out) {
  if (aws::is_access_denied(error)) {
    error.message += fmt::format(
        "; without it {} might use a revision that would go, so nothing was deregistered{}", what,
        way_out.empty() ? "" : ". Allow it, or say " + way_out);
  }
  error.context.push_back("looking for what uses the revisions");
  return error;
}

template <class Resp>
Result<Resp> sure(Result<Resp> reply, const std::string& what, const std::string& way_out = {}) {
  if (reply) return reply;
  return not_sure(std::move(reply.error()), what, way_out);
}

struct ServiceInUse {
  std::string cluster;
  aws::Service service;
};

// Everything that can name a revision, gathered with as few calls as the API allows.
class UserSearch {
 public:
  UserSearch(Context& context, const PruneRequest& request)
      : context_(context),
        request_(request),
        families_(request.families.begin(), request.families.end()) {}

  // `active` is what each family has, for what a rollback may go back to.
  Result<RevisionUsers> find(const std::map<std::string, std::vector<std::string>>& active) {
    TRY(const std::vector<std::string> clusters, clusters_to_search());
    std::vector<std::function<Result<void>()>> searches;
    for (const std::string& cluster : clusters) {
      searches.push_back([this, cluster, &active] { return search_services(cluster, active); });
      for (const std::string& family : families_)
        searches.push_back([this, cluster, family] { return search_tasks(cluster, family); });
    }
    if (request_.rules) searches.push_back([this, &clusters] { return search_rules(clusters); });
    if (request_.schedules) searches.push_back([this] { return search_schedules(); });

    std::optional<Error> first;
    Group group(context_.runtime.fibers, kAtOnce);
    for (const auto& search : searches)
      group.spawn("look for users", [&] {
        if (first) return;
        if (Result<void> searched = search(); !searched && !first)
          first = std::move(searched.error());
      });
    group.join();
    if (first) return std::move(*first);
    return std::move(users_);
  }

 private:
  bool is_ours(const std::string& task_definition) const {
    return families_.contains(family_of(task_definition));
  }
  void add(const std::string& task_definition, const std::string& user) {
    if (is_ours(task_definition)) users_.add(task_definition, user);
  }

  // By ARN where we can learn it: rules and schedules name their cluster so.
  Result<std::vector<std::string>> clusters_to_search() {
    if (request_.clusters.empty())
      return sure(aws::all_items(context_.ecs, aws::ListClusters, {.maxResults = kPageSize},
                                 &aws::ListClustersResponse::clusterArns),
                  "a service or task in another cluster", "with --cluster which ones there are");
    std::vector<std::string> clusters;
    for (const std::string& name : request_.clusters) {
      if (name.starts_with("arn:")) {
        clusters.push_back(name);
        continue;
      }
      TRY(const auto reply, sure(context_.ecs.call(aws::DescribeClusters, {.clusters = {name}}),
                                 "a rule of cluster " + name, "the clusters by their ARNs"));
      if (reply.clusters.empty())
        return Error{ErrorKind::kNotFound, "ClusterNotFoundException",
                     "cluster " + name + " does not exist"};
      clusters.push_back(reply.clusters.front().clusterArn);
    }
    return clusters;
  }

  // ---- Services and what they would go back to ----

  Result<void> search_services(const std::string& cluster,
                               const std::map<std::string, std::vector<std::string>>& active) {
    const std::string where = last_segment(cluster);
    TRY(const std::vector<std::string> arns,
        sure(aws::all_items(context_.ecs, aws::ListServices,
                            {.cluster = cluster, .maxResults = kPageSize},
                            &aws::ListServicesResponse::serviceArns),
             "a service of cluster " + where));
    for (const auto chunk : chunks_of(arns, kServicesPerCall)) {
      TRY(const auto reply,
          sure(context_.ecs.call(aws::DescribeServices,
                                 {.cluster = cluster, .services = {chunk.begin(), chunk.end()}}),
               "a service of cluster " + where));
      for (const aws::Service& service : reply.services) TRY_VOID(take(cluster, service, active));
    }
    return {};
  }

  Result<void> take(const std::string& cluster, const aws::Service& service,
                    const std::map<std::string, std::vector<std::string>>& active) {
    if (service.status == "INACTIVE") return {};
    const std::string name = last_segment(cluster) + "/" + service.serviceName;
    add(service.taskDefinition, "service " + name);
    bool is_of_ours = is_ours(service.taskDefinition);
    for (const aws::Deployment& deployment : service.deployments) {
      is_of_ours = is_of_ours || is_ours(deployment.taskDefinition);
      if (deployment.taskDefinition != service.taskDefinition)
        add(deployment.taskDefinition, fmt::format("deployment {} of {}", deployment.id, name));
    }
    if (service.taskSets.is_array()) {
      for (const Json& task_set : service.taskSets.get_array()) {
        const std::string definition(string_or_empty(task_set, "taskDefinition"));
        is_of_ours = is_of_ours || is_ours(definition);
        add(definition, "a task set of " + name);
      }
    }
    if (!is_of_ours || request_.rollback_window == 0) return {};
    const bool known = search_rollback_targets(cluster, service, name);
    if (!known) keep_the_one_before(service, name, active);
    return context_.clock().sleep_until(context_.clock().now());
  }

  // What the last successful deployments ran; false when we may not ask.
  bool search_rollback_targets(const std::string& cluster, const aws::Service& service,
                               const std::string& name) {
    constexpr std::string_view kWithout =
        "the revision before the one in use is kept, whether or not it ever worked";
    const auto listed =
        context_.optional.call(aws::ListServiceDeployments,
                               {.service = service.serviceArn,
                                .cluster = cluster,
                                .status = {std::string(aws::ServiceDeploymentStatus::kSuccessful)},
                                .maxResults = 20},
                               kWithout);
    if (!listed) return false;
    std::vector<std::string> revisions;
    for (const aws::ServiceDeploymentBrief& brief : listed->serviceDeployments)
      if (!brief.targetServiceRevisionArn.empty() &&
          std::ranges::find(revisions, brief.targetServiceRevisionArn) == revisions.end())
        revisions.push_back(brief.targetServiceRevisionArn);
    if (revisions.empty()) return false;
    const auto described = context_.optional.call(aws::DescribeServiceRevisions,
                                                  {.serviceRevisionArns = revisions}, kWithout);
    if (!described) return false;
    // Newest first; a definition that was deployed twice is one place to go back to.
    std::vector<std::string> definitions;
    for (const std::string& arn : revisions)
      for (const auto& revision : described->serviceRevisions)
        if (revision.serviceRevisionArn == arn &&
            std::ranges::find(definitions, revision.taskDefinition) == definitions.end())
          definitions.push_back(revision.taskDefinition);
    if (definitions.size() > request_.rollback_window) definitions.resize(request_.rollback_window);
    for (const std::string& definition : definitions)
      if (definition != service.taskDefinition) add(definition, "a rollback of " + name);
    return definitions.size() > 1 || request_.rollback_window < 2;
  }

  void keep_the_one_before(const aws::Service& service, const std::string& name,
                           const std::map<std::string, std::vector<std::string>>& active) {
    const auto family = active.find(family_of(service.taskDefinition));
    if (family == active.end()) return;
    // `active` is oldest first, as AWS was asked for it.
    const std::string in_use = family_revision_of(service.taskDefinition);
    std::string before;
    for (const std::string& revision : family->second) {
      if (family_revision_of(revision) == in_use) break;
      before = revision;
    }
    if (!before.empty()) add(before, "a rollback of " + name);
  }

  // ---- Tasks, rules, schedules ----

  Result<void> search_tasks(const std::string& cluster, const std::string& family) {
    const std::string where = last_segment(cluster);
    TRY(const std::vector<std::string> arns,
        sure(aws::all_items(context_.ecs, aws::ListTasks,
                            {.cluster = cluster, .family = family, .maxResults = kPageSize},
                            &aws::ListTasksResponse::taskArns),
             "a running task of cluster " + where));
    for (const auto chunk : chunks_of(arns, kTasksPerCall)) {
      TRY(const auto reply,
          sure(context_.ecs.call(aws::DescribeTasks,
                                 {.cluster = cluster, .tasks = {chunk.begin(), chunk.end()}}),
               "a running task of cluster " + where));
      std::map<std::string, int> counts;
      for (const aws::Task& task : reply.tasks) ++counts[task.taskDefinitionArn];
      for (const auto& [definition, count] : counts)
        add(definition,
            fmt::format("{} in {}", counted(static_cast<std::size_t>(count), "running task"),
                        where));
    }
    return {};
  }

  Result<void> search_rules(const std::vector<std::string>& clusters) {
    std::vector<std::string> buses = request_.event_buses;
    buses.insert(buses.begin(), "");
    for (const std::string& bus : buses)
      for (const std::string& cluster : clusters) TRY_VOID(search_rules(bus, cluster));
    return {};
  }

  Result<void> search_rules(const std::string& bus, const std::string& cluster) {
    const std::string way_out = "with --no-rules that there are none";
    TRY(aws::Client* const events, context_.clients.of(aws::kEvents));
    TRY(const std::vector<std::string> names,
        sure(aws::all_items(*events, aws::ListRuleNamesByTarget,
                            {.TargetArn = cluster, .EventBusName = bus, .Limit = kPageSize},
                            &aws::ListRuleNamesByTargetResponse::RuleNames),
             "an EventBridge rule", way_out));
    for (const std::string& name : names) {
      TRY(const std::vector<Json> targets,
          sure(aws::all_items(*events, aws::ListTargetsByRule,
                              {.Rule = name, .EventBusName = bus, .Limit = kPageSize},
                              &aws::ListTargetsByRuleResponse::Targets),
               "an EventBridge rule", way_out));
      for (const Json& target : targets) take_target(target, "rule " + name);
    }
    return {};
  }

  Result<void> search_schedules() {
    const std::string way_out = "with --no-schedules that there are none";
    TRY(aws::Client* const scheduler, context_.clients.of(aws::kScheduler));
    TRY(const std::vector<aws::ScheduleSummary> schedules,
        sure(aws::all_items(*scheduler, aws::ListSchedules, {.MaxResults = kPageSize},
                            &aws::ListSchedulesOutput::Schedules),
             "a schedule", way_out));
    for (const aws::ScheduleSummary& schedule : schedules) {
      // The target's ARN is the cluster's; whose it is only the schedule itself tells.
      if (schedule.Target && schedule.Target->Arn.find(":ecs:") == std::string::npos) continue;
      const auto whole = scheduler->call(aws::GetSchedule,
                                         {.GroupName = schedule.GroupName, .Name = schedule.Name});
      if (!whole && whole.error().kind == ErrorKind::kNotFound) continue;  // gone meanwhile
      if (!whole) return not_sure(whole.error(), "schedule " + schedule.Name, way_out);
      take_target(whole->Target, fmt::format("schedule {}/{}", schedule.GroupName, schedule.Name));
    }
    return {};
  }

  void take_target(const Json& target, const std::string& user) {
    if (const Json* parameters = slipway::find(target, "EcsParameters"))
      add(std::string(string_or_empty(*parameters, "TaskDefinitionArn")), user);
  }

  Context& context_;
  const PruneRequest& request_;
  std::set<std::string> families_;
  RevisionUsers users_;
};

Result<std::vector<std::string>> revisions_of(Context& context, const std::string& family,
                                              const std::string& status) {
  return aws::all_items(
             context.ecs, aws::ListTaskDefinitions,
             {.familyPrefix = family, .status = status, .sort = "ASC", .maxResults = kPageSize},
             &aws::ListTaskDefinitionsResponse::taskDefinitionArns)
      .context("listing revisions of " + family);
}

Result<void> deregister(Context& context, const std::string& revision) {
  TRY(const auto reply, call_announced(context, {.subject = Subject{}},
                                       aws::DeregisterTaskDefinition, {.taskDefinition = revision})
                            .context("deregistering " + revision));
  context.events.say({}, TaskDefinitionDeregistered{.arn = std::string(string_or_empty(
                                                        reply.taskDefinition, "taskDefinitionArn")),
                                                    .family_revision = revision});
  return {};
}

// The first error of each that could not be deleted.
Result<void> delete_chunk(Context& context, std::span<const std::string> revisions) {
  const aws::DeleteTaskDefinitionsRequest request{
      .taskDefinitions = {revisions.begin(), revisions.end()}};
  TRY(const auto reply,
      call_announced(context, {.subject = Subject{}}, aws::DeleteTaskDefinitions, request)
          .context("deleting " + join(request.taskDefinitions, ", ")));
  std::optional<Error> first;
  for (const std::string& revision : revisions) {
    const auto failed = std::ranges::find_if(reply.failures, [&](const aws::Failure& failure) {
      return family_revision_of(failure.arn) == revision;
    });
    if (failed == reply.failures.end())
      context.events.say({}, TaskDefinitionDeleted{revision});
    else if (!first)
      first = Error{ErrorKind::kFailed, "task-definition.not-deleted",
                    revision + " was not deleted: " + failed->reason};
  }
  if (first) return std::move(*first);
  return {};
}

}  // namespace

Result<std::vector<PrunedFamily>> plan_prune(Context& context, const PruneRequest& request) {
  std::map<std::string, std::vector<std::string>> active, inactive;
  for (const std::string& family : request.families) {
    TRY(active[family], revisions_of(context, family, "ACTIVE"));
    if (request.deletes) {
      TRY(inactive[family], revisions_of(context, family, "INACTIVE"));
    }
    if (active[family].empty() && inactive[family].empty())
      return Error{ErrorKind::kNotFound, "task-definition.no-family",
                   "there are no revisions of a family " + family};
  }
  // Who uses what is only asked when something could go.
  const bool any = std::ranges::any_of(request.families, [&](const std::string& family) {
    return active[family].size() > std::max<std::size_t>(request.keep, 1) ||
           !inactive[family].empty();
  });
  RevisionUsers users;
  if (any) {
    TRY(users, UserSearch(context, request).find(active));
  }
  std::vector<PrunedFamily> families;
  for (const std::string& family : request.families)
    families.push_back(prune_family(family, active[family], inactive[family], request.keep, users));
  return families;
}

Verdict prune(Context& context, const std::vector<PrunedFamily>& families) {
  std::optional<Error> first;
  std::size_t failed = 0, wanted = 0;
  // True when it was called off: nothing more is begun.
  const auto note = [&](Result<void> done, std::size_t count) {
    if (done) return false;
    failed += count;
    if (!first) first = done.error();
    const bool is_over = called_off(done.error()) || aws::is_access_denied(done.error());
    if (!is_over) context.events.say({}, Note{NoteLevel::kWarning, done.error().message});
    return is_over;
  };
  bool is_over = false;
  for (const PrunedFamily& family : families) {
    wanted += family.deregister.size() + family.deletes.size();
    for (std::size_t i = 0; i < family.deregister.size() && !is_over; ++i)
      is_over = note(deregister(context, family.deregister[i]), 1);
    for (const auto chunk : chunks_of(family.deletes, kDeletesPerCall)) {
      if (is_over) break;
      is_over = note(delete_chunk(context, chunk), chunk.size());
    }
  }
  if (!first) return {};
  if (std::optional<Verdict> off = called_off(*first)) return *off;
  Verdict verdict = verdict_of_error(*first, Outcome::kFailed);
  verdict.error->message = fmt::format("{} of {} could not be taken away: {}", failed,
                                       counted(wanted, "revision"), verdict.error->message);
  return verdict;
}

}  // namespace slipway
