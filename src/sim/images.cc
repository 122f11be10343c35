#include "sim/images.h"

#include "sim/policy.h"

#include <fmt/format.h>

namespace slipway::sim {
namespace {

bool matches(const ImageBehaviour& behaviour, const Task& task,
             const ContainerDefinition& container) {
  const TaskKind kind = task.service == nullptr ? TaskKind::kOneOff : TaskKind::kOfService;
  if (behaviour.kind != TaskKind::kAny && behaviour.kind != kind) return false;
  const TaskDefinition& definition = *task.definition;
  if (!behaviour.container.empty() && behaviour.container != container.name) return false;
  if (!behaviour.image.empty() && !matches_wildcard(behaviour.image, container.image)) return false;
  return behaviour.task_definition.empty() || behaviour.task_definition == definition.family ||
         behaviour.task_definition == fmt::format("{}:{}", definition.family, definition.revision);
}

// The reference as the container runtime resolves it: "nginx:1" is "docker.io/library/nginx:1".
std::string full_reference(std::string_view image) {
  const auto slash = image.find('/');
  std::string full;
  if (slash == std::string_view::npos) {
    full = fmt::format("docker.io/library/{}", image);
  } else {
    const std::string_view host = image.substr(0, slash);
    const bool names_a_registry =
        host.find_first_of(".:") != std::string_view::npos || host == "localhost";
    full = names_a_registry ? std::string(image) : fmt::format("docker.io/{}", image);
  }
  const auto last = full.find_last_of('/');
  if (full.find_first_of(":@", last) == std::string::npos) full += ":latest";
  return full;
}

}  // namespace

std::shared_ptr<const ImageBehaviour> fate_of(Region& region, const Task& task,
                                              const ContainerDefinition& container) {
  for (const auto& behaviour : region.images) {
    if (!matches(*behaviour, task, container)) continue;
    if (behaviour->share_percent < 100 && region.random.uniform() * 100 >= behaviour->share_percent)
      continue;
    return behaviour;
  }
  return nullptr;
}

std::string pull_failure(const ImageBehaviour& fate, std::string_view image) {
  if (fate.pull != Pull::kOk && !fate.pull_error.empty())
    return "CannotPullContainerError: " + fate.pull_error;
  const std::string reference = full_reference(image);
  switch (fate.pull) {
    case Pull::kOk:
      return {};
    case Pull::kNotFound:
      return fmt::format(
          "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to "
          "resolve ref {}: not found",
          reference);
    case Pull::kDenied:
      return fmt::format(
          "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
          "resolve ref {}: pull access denied, repository does not exist or may require "
          "authorization: server message: insufficient_scope: authorization failed",
          reference);
    case Pull::kWrongPlatform:
      return "CannotPullContainerError: pull image manifest has been retried 7 time(s): image "
             "Manifest does not contain descriptor matching platform 'linux/amd64'";
    case Pull::kCopyFailed:
      return fmt::format(
          "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: "
          "httpReadSeeker: failed open: unexpected status code for {}: 403 Forbidden",
          reference);
    case Pull::kTimeout:
      return fmt::format(
          "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to "
          "resolve ref {}: failed to do request: dial tcp: i/o timeout",
          reference);
  }
  return {};
}

std::string digest_of(std::string_view image) {
  if (const auto at = image.find('@'); at != std::string_view::npos)
    return std::string(image.substr(at + 1));
  // Not a hash of content, only 64 digits that depend on the reference (FNV-1a, four times over).
  std::string digest = "sha256:";
  std::uint64_t hash = 14695981039346656037u;
  for (int round = 0; round < 4; ++round) {
    for (const char c : image) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    digest += fmt::format("{:016x}", hash);
  }
  return digest;
}

}  // namespace slipway::sim
