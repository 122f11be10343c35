#include "plan/single_service.h"

#include "plan/derive.h"
#include "plan/images.h"

#include <fmt/format.h>

#include <utility>

namespace slipway {
namespace {

Result<std::vector<ImageChange>> changes_of(const SingleService& wanted, const Json& document,
                                            const std::string& where) {
  WhichContainers which{.named = wanted.containers};
  if (const auto* tag = std::get_if<TagOfAll>(&wanted.images))
    return change_tags_to(tag->tag, document, which, where);
  if (const auto* image = std::get_if<ImageOfRepository>(&wanted.images)) {
    which.may_change_repository = image->may_change_repository;
    return change_repository_to(image->image, document, which, where);
  }
  return std::vector<ImageChange>();
}

// Essential is what AWS takes for granted.
bool is_essential(const Json& container) {
  return find_bool(container, "essential").value_or(true);
}

}  // namespace

Result<NewRevision> plan_revision(const SingleService& wanted, const TaskDefinitionSnapshot& base) {
  NewRevision revision;
  revision.findings.push_back(BaseTaskDefinition{base.family_revision(), base.arn});
  const bool is_from_file = !wanted.file.is_null();
  const std::string where = is_from_file ? wanted.file_name : base.family_revision();
  Json document =
      is_from_file
          ? registrable(wanted.file, wanted.file_tags.is_null() ? base.tags : wanted.file_tags)
          : registrable(base.document, base.tags);
  const std::string family(string_or_empty(document, "family"));
  if (family.empty()) return Error{ErrorKind::kInvalid, "file.no-family", where + " has no family"};
  if (family != base.family)
    revision.findings.push_back(
        Note{NoteLevel::kWarning, fmt::format("{} is of family {}, not {} as the base {}", where,
                                              family, base.family, base.family_revision())});

  TRY(const std::vector<ImageChange> changes, changes_of(wanted, document, where));
  TRY(Derived derived, derive(TaskDefinitionDocument{std::move(document), where}, changes));
  for (EventBody& finding : derived.findings) revision.findings.push_back(std::move(finding));
  revision.action = {.family = family,
                     .base = is_from_file ? std::string() : base.arn,
                     .document = std::move(*derived.document)};
  return revision;
}

Result<SavedDefinition> unwrap_definition(Json file) {
  SavedDefinition saved;
  if (const JsonObject* inner = find_object(file, "taskDefinition")) {
    saved.document = *inner;
    if (const JsonArray* tags = find_array(file, "tags")) saved.tags = *tags;
  } else {
    saved.document = std::move(file);
  }
  if (const JsonArray* tags = find_array(saved.document, "tags")) {
    saved.tags = *tags;
    remove_member(saved.document.get_object(), "tags");
  }
  if (find_array(saved.document, "containerDefinitions") == nullptr)
    return Error{ErrorKind::kInvalid, "file.no-task-definition",
                 "it is no task definition: it has no list containerDefinitions, at the top or in "
                 "taskDefinition"};
  return saved;
}

std::vector<std::string> not_essential(const Json& task_definition) {
  std::vector<std::string> names;
  if (const JsonArray* containers = find_array(task_definition, "containerDefinitions"))
    for (const Json& container : *containers)
      if (!is_essential(container)) names.emplace_back(string_or_empty(container, "name"));
  return names;
}

HealthCheck health_check_of(const Json& task_definition) {
  HealthCheck check = HealthCheck::kNone;
  if (const JsonArray* containers = find_array(task_definition, "containerDefinitions"))
    for (const Json& container : *containers) {
      if (find_object(container, "healthCheck") == nullptr) continue;
      if (is_essential(container)) return HealthCheck::kOnEssential;
      check = HealthCheck::kOnlyOnNonessential;
    }
  return check;
}

bool shows_that_it_works(HealthCheck check, const std::string& lastStatus,
                         const std::string& healthStatus) {
  if (check == HealthCheck::kNone) return lastStatus == "RUNNING";
  if (healthStatus == "HEALTHY") return true;
  // ECS does not count the checks of such containers: the task stays UNKNOWN for ever.
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  return check == HealthCheck::kOnlyOnNonessential && lastStatus == "RUNNING" &&
         healthStatus != "UNHEALTHY";
}

PruneRule prune_rule(const SingleService& wanted, const std::string& new_revision,
                     const std::string& revision_before) {
  PruneRule rule{.keep = wanted.keep_revisions, .in_use_counts = true};
  rule.in_use[family_revision_of(new_revision)] = "it is the new one";
  if (!revision_before.empty() && wanted.keep_revisions > 1)
    rule.in_use[family_revision_of(revision_before)] = "it can be gone back to";
  return rule;
}

}  // namespace slipway
