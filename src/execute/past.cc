#include "execute/past.h"

#include "aws/codedeploy.h"
#include "aws/ecs.h"
#include "execute/journal.h"
#include "model/snapshot.h"

#include <algorithm>
#include <map>
#include <utility>

namespace slipway {
namespace {

constexpr std::string_view kWithoutDeployments =
    "what succeeded before is taken from the journal and the list of revisions";
constexpr std::string_view kWithoutCodeDeploy =
    "what CodeDeploy has deployed before is taken from the journal and the list of revisions";
constexpr std::size_t kRevisionsPerCall = 20;
constexpr std::size_t kEnough =
    2;  // candidates: the one to take, and one to name should it be gone
constexpr int kDeploymentsLookedAt = 100;
constexpr std::size_t kJournalsRead = 50;

// Task definitions by the ARN of the service revision.
std::map<std::string, std::string> definitions_of(Context& context,
                                                  std::vector<std::string> revisions) {
  std::map<std::string, std::string> definitions;
  const auto reply =
      context.optional.call(aws::DescribeServiceRevisions,
                            {.serviceRevisionArns = std::move(revisions)}, kWithoutDeployments);
  if (reply)
    for (const aws::ServiceRevision& revision : reply->serviceRevisions)
      definitions.emplace(revision.serviceRevisionArn, revision.taskDefinition);
  return definitions;
}

// The AppSpec's text; "" where it is a file in S3. GetDeployment gives only its hash.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetDeployment.html
std::string app_spec_of(Context& context, const aws::codedeploy::DeploymentInfo& info) {
  aws::codedeploy::RevisionLocation revision = info.revision;
  if (revision.string && !revision.string->content.empty()) return revision.string->content;
  if (!revision.appSpecContent) return {};
  if (!revision.appSpecContent->content.empty()) return revision.appSpecContent->content;
  revision = {.revisionType = "AppSpecContent",
              .s3Location = {},
              .gitHubLocation = {},
              .string = std::nullopt,
              .appSpecContent = revision.appSpecContent};
  const auto known = context.optional.call(
      aws::codedeploy::GetApplicationRevision,
      {.applicationName = info.applicationName, .revision = std::move(revision)},
      kWithoutCodeDeploy);
  return known && known->revision.appSpecContent ? known->revision.appSpecContent->content : "";
}

// The ARN of the task definition in an AppSpec, which is JSON or YAML.
std::string definition_in(const std::string& text) {
  const std::size_t middle = text.find(":task-definition/");
  if (middle == std::string::npos) return {};
  constexpr std::string_view kEnds = " \t\r\n\"'<>{},\\";
  const std::size_t before = text.find_last_of(kEnds, middle);
  const std::size_t first = before == std::string::npos ? 0 : before + 1;
  return text.substr(first, text.find_first_of(kEnds, middle) - first);
}

// What one journal says about one service.
class JournaledRun {
 public:
  JournaledRun(const std::string& cluster, const std::string& service)
      : cluster_(cluster), service_(service) {}

  void take(const Event& event) {
    if (const auto* started = std::get_if<RunStarted>(&event.body)) {
      is_about_it_ =
          last_segment(started->cluster) == last_segment(cluster_) && !started->simulated;
    } else if (const auto* ended = std::get_if<RunEnded>(&event.body)) {
      ended_well_ = ended->outcome == Outcome::kSucceeded;
    }
    if (event.subject.kind != ItemKind::kService ||
        last_segment(event.subject.item) != last_segment(service_))
      return;
    if (event.subject.stage == StageKind::kRollback) {
      was_taken_back_ = true;
    } else if (const auto* updated = std::get_if<ServiceUpdated>(&event.body)) {
      moved_to_ = updated->new_task_definition;
    } else if (const auto* item = std::get_if<ItemEnded>(&event.body)) {
      at_ = event.at;
      if (moved_to_.empty()) moved_to_ = item->task_definition;
      succeeded_ = item->outcome == Outcome::kSucceeded;
    }
  }

  std::optional<PastRollout> result() const {
    if (!is_about_it_ || !ended_well_ || moved_to_.empty()) return std::nullopt;
    const bool good = *ended_well_ && succeeded_;
    // The run failed elsewhere and left this service where it was: that says nothing about it.
    if (!good && succeeded_ && !was_taken_back_) return std::nullopt;
    return PastRollout{
        .task_definition = moved_to_, .at = at_, .succeeded = good, .source = kFromJournal};
  }

 private:
  const std::string& cluster_;
  const std::string& service_;
  bool is_about_it_ = false;
  std::optional<bool> ended_well_;
  bool was_taken_back_ = false;
  bool succeeded_ = false;
  std::string moved_to_;
  TimePoint at_;
};

}  // namespace

std::vector<PastRollout> successful_deployments(Context& context, const std::string& service,
                                                const std::string& present) {
  std::vector<PastRollout> past;
  const auto listed =
      context.optional.call(aws::ListServiceDeployments,
                            {.service = service,
                             .cluster = context.cluster,
                             .status = {std::string(aws::ServiceDeploymentStatus::kSuccessful)},
                             .createdAt = std::nullopt,
                             .nextToken = {},
                             .maxResults = kDeploymentsLookedAt},
                            kWithoutDeployments);
  if (!listed) return past;
  const auto& briefs = listed->serviceDeployments;
  for (std::size_t first = 0; first < briefs.size(); first += kRevisionsPerCall) {
    const std::size_t last = std::min(first + kRevisionsPerCall, briefs.size());
    std::vector<std::string> revisions;
    for (std::size_t i = first; i < last; ++i)
      revisions.push_back(briefs[i].targetServiceRevisionArn);
    std::ranges::sort(revisions);
    revisions.erase(std::ranges::unique(revisions).begin(), revisions.end());
    const std::map<std::string, std::string> definitions =
        definitions_of(context, std::move(revisions));
    if (definitions.empty()) return past;
    for (std::size_t i = first; i < last; ++i) {
      const auto definition = definitions.find(briefs[i].targetServiceRevisionArn);
      if (definition == definitions.end()) continue;
      past.push_back(
          {.task_definition = definition->second,
           .at = briefs[i].finishedAt.value_or(briefs[i].createdAt.value_or(TimePoint{})),
           .succeeded = true,
           .source = kFromServiceDeployments});
    }
    if (rollback_candidates(present, past, {}).size() >= kEnough) break;
  }
  return past;
}

std::vector<PastRollout> successful_code_deployments(Context& context,
                                                     const std::string& deployment,
                                                     const std::string& present) {
  constexpr std::size_t kLookedAt = 25;
  const auto newest = context.optional.call(aws::codedeploy::GetDeployment,
                                            {.deploymentId = deployment}, kWithoutCodeDeploy);
  if (!newest) return {};
  const auto listed =
      context.optional.call(aws::codedeploy::ListDeployments,
                            {.applicationName = newest->deploymentInfo.applicationName,
                             .deploymentGroupName = newest->deploymentInfo.deploymentGroupName,
                             .externalId = {},
                             .includeOnlyStatuses = {"Succeeded"},
                             .createTimeRange = std::nullopt,
                             .nextToken = {}},
                            kWithoutCodeDeploy);
  if (!listed) return {};
  std::vector<PastRollout> past;
  for (std::size_t i = 0; i < std::min(listed->deployments.size(), kLookedAt); ++i) {
    const auto seen =
        context.optional.call(aws::codedeploy::GetDeployment,
                              {.deploymentId = listed->deployments[i]}, kWithoutCodeDeploy);
    if (!seen) return past;
    const aws::codedeploy::DeploymentInfo& info = seen->deploymentInfo;
    const std::string definition = definition_in(app_spec_of(context, info));
    if (definition.empty()) continue;
    past.push_back({.task_definition = definition,
                    .at = info.completeTime.value_or(info.createTime),
                    .succeeded = true,
                    .source = kFromCodeDeploy});
    if (rollback_candidates(present, past, {}).size() >= kEnough) break;
  }
  return past;
}

std::vector<PastRollout> journaled_rollouts(const std::filesystem::path& directory,
                                            const std::string& cluster,
                                            const std::string& service) {
  // Their names begin with the time.
  std::vector<std::filesystem::path> files;
  std::error_code none;
  for (std::filesystem::directory_iterator entry(directory, none), end; !none && entry != end;
       entry.increment(none))
    if (entry->path().extension() == ".jsonl") files.push_back(entry->path());
  std::ranges::sort(files, std::greater{});
  if (files.size() > kJournalsRead) files.resize(kJournalsRead);

  std::vector<PastRollout> past;
  for (const std::filesystem::path& file : files) {
    const Result<std::vector<Event>> events = Journal::read(file);
    if (!events) continue;  // of another version, or damaged: the others still tell
    JournaledRun run(cluster, service);
    for (const Event& event : *events) run.take(event);
    if (std::optional<PastRollout> rollout = run.result()) past.push_back(std::move(*rollout));
  }
  return past;
}

std::vector<std::string> active_revisions(Context& context, const std::string& family) {
  const auto listed =
      context.optional.call(aws::ListTaskDefinitions,
                            {.familyPrefix = family,
                             .status = "ACTIVE",
                             .sort = "DESC",
                             .nextToken = {},
                             .maxResults = 100},
                            "a revision that is not known to have succeeded cannot be found");
  return listed ? listed->taskDefinitionArns : std::vector<std::string>();
}

}  // namespace slipway
