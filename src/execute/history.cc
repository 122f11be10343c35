#include "execute/history.h"

#include "aws/ecs.h"
#include "aws/pages.h"
#include "base/text.h"
#include "execute/journal.h"
#include "execute/observe.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace slipway {
namespace {

constexpr std::size_t kAtOnce = 8;
constexpr std::size_t kDescribedPerCall = 20;
constexpr int kPageSize = 100;

std::string words(std::string_view status) {
  std::string text = to_lower(status);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string why(const aws::ServiceDeployment& deployment) {
  if (!deployment.statusReason.empty()) return deployment.statusReason;
  return deployment.rollback ? deployment.rollback->reason : std::string();
}

std::vector<std::string> images_of(const aws::ServiceRevision& revision) {
  std::vector<std::string> images;
  for (const aws::ContainerImage& image : revision.containerImages)
    images.push_back(image.containerName + "=" + image.image);
  return images;
}

Result<std::vector<HistoryEntry>> deployments_of(Context& context, const std::string& service,
                                                 std::size_t limit) {
  TRY(const auto listed,
      context.ecs
          .call(aws::ListServiceDeployments,
                {.service = service,
                 .cluster = context.cluster,
                 .maxResults = static_cast<int>(std::clamp<std::size_t>(limit, 1, kPageSize))})
          .context("listing the deployments of service " + last_segment(service)));
  std::vector<HistoryEntry> entries;
  std::vector<std::string> arns, revisions;
  for (const aws::ServiceDeploymentBrief& brief : listed.serviceDeployments) {
    if (entries.size() == limit) break;
    entries.push_back({.when = brief.createdAt.value_or(TimePoint{}),
                       .ended = brief.finishedAt,
                       .item = last_segment(service),
                       .result = words(brief.status),
                       .why = brief.statusReason,
                       .service_deployment = last_segment(brief.serviceDeploymentArn)});
    arns.push_back(brief.serviceDeploymentArn);
    revisions.push_back(brief.targetServiceRevisionArn);
  }
  for (std::size_t first = 0; first < entries.size(); first += kDescribedPerCall) {
    const std::size_t count = std::min(kDescribedPerCall, entries.size() - first);
    const auto chunk = [&](const std::vector<std::string>& all) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
      return std::vector<std::string>(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
    const auto described = context.optional.call(aws::DescribeServiceDeployments,
                                                 {.serviceDeploymentArns = chunk(arns)},
                                                 "the reasons of deployments are not shown");
    const auto shown = context.optional.call(aws::DescribeServiceRevisions,
                                             {.serviceRevisionArns = chunk(revisions)},
                                             "what was deployed is not shown");
    for (std::size_t i = first; i < first + count; ++i) {
      if (described)
        for (const aws::ServiceDeployment& deployment : described->serviceDeployments)
          if (deployment.serviceDeploymentArn == arns[i]) {
            entries[i].why = why(deployment);
            if (!entries[i].ended) entries[i].ended = deployment.stoppedAt;
          }
      if (shown)
        for (const aws::ServiceRevision& revision : shown->serviceRevisions)
          if (revision.serviceRevisionArn == revisions[i]) {
            entries[i].task_definition = family_revision_of(revision.taskDefinition);
            entries[i].images = images_of(revision);
          }
    }
  }
  return entries;
}

std::vector<HistoryEntry> runs_in(Context& context, const std::filesystem::path& root) {
  std::vector<HistoryEntry> runs;
  for (const std::filesystem::path& file : recent_journals(root)) {
    const Result<std::vector<Event>> journal = Journal::read(file);
    if (!journal) {
      context.events.say({}, Note{NoteLevel::kDebug, "left out: " + journal.error().message});
      continue;
    }
    for (HistoryEntry& entry : entries_of(*journal, context.cluster))
      runs.push_back(std::move(entry));
  }
  return runs;
}

// Who registered what was deployed is the best that AWS itself can say about "who".
void find_who(Context& context, std::vector<HistoryEntry>& entries) {
  std::map<std::string, std::string> registered_by;
  for (const HistoryEntry& entry : entries)
    if (entry.by.empty() && !entry.task_definition.empty())
      registered_by.try_emplace(entry.task_definition);
  Group group(context.runtime.fibers, kAtOnce);
  for (auto& revision : registered_by)
    group.spawn("describe task definition", [&context, &revision] {
      auto& [definition, who] = revision;
      const auto reply =
          context.optional.call(aws::DescribeTaskDefinition, {.taskDefinition = definition},
                                "who registered the revisions is not shown");
      // "arn:aws:sts::111111111111:assumed-role/deployer/ci-4711"
      if (reply) who = string_or_empty(reply->taskDefinition, "registeredBy");
      if (const std::size_t colon = who.rfind(':'); colon != std::string::npos)
        who.erase(0, colon + 1);
    });
  group.join();
  for (HistoryEntry& entry : entries)
    if (entry.by.empty() && !entry.task_definition.empty())
      entry.by = registered_by[entry.task_definition];
}

bool is_same_cluster(const std::string& a, const std::string& b) {
  return last_segment(a) == last_segment(b);
}

}  // namespace

std::vector<HistoryEntry> entries_of(const std::vector<Event>& journal,
                                     const std::string& cluster) {
  std::vector<HistoryEntry> entries;
  if (journal.empty()) return entries;
  const auto* run = std::get_if<RunStarted>(&journal.front().body);
  if (run == nullptr || !is_same_cluster(run->cluster, cluster)) return entries;
  std::map<std::string, HistoryEntry> open;
  for (const Event& event : journal) {
    const bool is_task = event.subject.kind == ItemKind::kTask;
    if (!is_task && event.subject.kind != ItemKind::kService) continue;
    const std::string key = std::string(to_string(event.subject.stage)) + " " + event.subject.item;
    auto [found, is_new] = open.try_emplace(key);
    HistoryEntry& entry = found->second;
    if (is_new) {
      entry.when = event.at;
      entry.kind = is_task ? "task" : "service";
      entry.item = last_segment(event.subject.item);
      entry.by = run->by;
      entry.command =
          event.subject.stage == StageKind::kRollback ? run->command + ", undone" : run->command;
      entry.run_id = run->run_id;
      entry.result = "not ended";
    }
    if (const auto* updated = std::get_if<ServiceUpdated>(&event.body)) {
      entry.when = event.at;
      entry.task_definition = updated->new_task_definition;
      entry.service_deployment = last_segment(updated->service_deployment);
    } else if (const auto* changed = std::get_if<ImageChanged>(&event.body)) {
      entry.images.push_back(changed->container + "=" + changed->new_image);
    } else if (const auto* ended = std::get_if<ItemEnded>(&event.body)) {
      entry.ended = event.at;
      entry.result = words(to_string(ended->outcome));
      if (entry.task_definition.empty()) entry.task_definition = ended->task_definition;
      if (ended->error) entry.why = ended->error->message;
    }
  }
  for (auto& [key, entry] : open) entries.push_back(std::move(entry));
  return entries;
}

std::vector<HistoryEntry> merged(std::vector<HistoryEntry> known, std::vector<HistoryEntry> runs) {
  for (HistoryEntry& run : runs) {
    const auto same = std::ranges::find_if(known, [&](const HistoryEntry& entry) {
      return !run.service_deployment.empty() && entry.item == run.item &&
             entry.service_deployment == run.service_deployment;
    });
    if (same == known.end()) {
      known.push_back(std::move(run));
      continue;
    }
    // AWS's word on how it ended, ours on who and why.
    same->by = run.by;
    same->command = run.command;
    same->run_id = run.run_id;
    if (!run.why.empty()) same->why = run.why;
    if (same->task_definition.empty()) same->task_definition = run.task_definition;
    if (same->images.empty()) same->images = run.images;
  }
  std::ranges::stable_sort(known, std::ranges::greater{}, &HistoryEntry::when);
  return known;
}

Result<std::vector<HistoryEntry>> history(Context& context, const HistoryRequest& request) {
  std::vector<std::string> services = request.services;
  if (services.empty()) {
    TRY(services, aws::all_items(context.ecs, aws::ListServices,
                                 {.cluster = context.cluster, .maxResults = kPageSize},
                                 &aws::ListServicesResponse::serviceArns)
                      .context("listing the services of cluster " + context.cluster));
  }
  std::vector<Result<std::vector<HistoryEntry>>> found(
      services.size(), Error{ErrorKind::kInternal, "history.not-looked", "nobody looked"});
  {
    Group group(context.runtime.fibers, kAtOnce);
    for (std::size_t i = 0; i < services.size(); ++i)
      group.spawn("history of " + services[i],
                  [&, i] { found[i] = deployments_of(context, services[i], request.limit); });
    group.join();
  }
  std::vector<HistoryEntry> known;
  for (Result<std::vector<HistoryEntry>>& entries : found) {
    if (!entries) return std::move(entries.error());
    known.insert(known.end(), entries->begin(), entries->end());
  }
  std::vector<HistoryEntry> runs;
  if (request.journals) runs = runs_in(context, *request.journals);
  // A run's rollout that AWS knows is joined to it; other services, and tasks of a history of
  // named services, are left out.
  std::set<std::string> names;
  for (const std::string& service : services) names.insert(last_segment(service));
  std::erase_if(runs, [&](const HistoryEntry& run) {
    return run.kind == "service" ? !names.contains(run.item) : !request.services.empty();
  });
  std::vector<HistoryEntry> all = merged(std::move(known), std::move(runs));
  if (all.size() > request.limit) all.resize(request.limit);
  find_who(context, all);
  return all;
}

}  // namespace slipway
