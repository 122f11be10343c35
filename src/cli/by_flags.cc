#include "cli/by_flags.h"

#include "aws/service.h"
#include "aws/shorthand.h"
#include "base/runtime.h"

#include <utility>

namespace slipway::cli {
namespace {

FlagFiles files_of(const Process& process) {
  return {.directory = process.directory,
          .read_file = [](const std::filesystem::path& path) { return read_file(path); }};
}

// Shows what was found and gives the release on when it can be used.
std::optional<ReleaseFile> shown(Process& process, std::optional<Release> release, std::string name,
                                 std::string dialect, const Diagnostics& diagnostics, bool color) {
  if (show(process, diagnostics, color) || !release) {
    process.err("Nothing was changed.\n");
    return std::nullopt;
  }
  return ReleaseFile{
      .name = std::move(name), .dialect = std::move(dialect), .release = std::move(*release)};
}

TaskChanges changes_of(const Process& process, const Arguments& arguments,
                       Diagnostics& diagnostics) {
  const RunArguments& run = arguments.run;
  TaskChanges changes{.images = arguments.images,
                      .tag = arguments.tag,
                      .containers = arguments.containers,
                      .command = run.command,
                      .environment = run.environment,
                      .cpu = run.cpu,
                      .memory = run.memory,
                      .count = run.count,
                      .launchType = run.launch_type,
                      .capacityProvider = run.capacity_provider,
                      .platformVersion = run.platform_version,
                      .group = run.group,
                      .subnets = run.subnets,
                      .securityGroups = run.security_groups,
                      .assignPublicIp = run.assign_public_ip,
                      .max_wait = arguments.timeout};
  if (!run.network_configuration.empty())
    changes.networkConfiguration = aws::read_structure(
        SourceText{"--network-configuration", run.network_configuration}, aws::Facts::of(aws::kEcs),
        "NetworkConfiguration",
        [&process](const std::string& path) { return read_file(process.directory / path); },
        diagnostics);
  return changes;
}

}  // namespace

std::optional<ReleaseFile> what_to_release(Process& process, const Arguments& arguments,
                                           bool color) {
  if (arguments.services.empty())
    return read_release(process, arguments.file,
                        {.tag = arguments.tag,
                         .images = arguments.images,
                         .jsonnet = arguments.jsonnet,
                         .vars = arguments.vars},
                        arguments.only, color);
  Diagnostics diagnostics;
  std::optional<Release> release =
      release_of(ServicesByFlags{.cluster = arguments.cluster,
                                 .services = arguments.services,
                                 .task_definition = arguments.task_definition,
                                 .images = arguments.images,
                                 .tag = arguments.tag,
                                 .containers = arguments.containers,
                                 .forceNewDeployment = arguments.force_new_deployment,
                                 .max_wait = arguments.max_wait},
                 files_of(process), diagnostics);
  return shown(process, std::move(release), "", "slipway", diagnostics, color);
}

std::optional<ReleaseFile> task_to_run(Process& process, const Arguments& arguments, bool color) {
  Diagnostics diagnostics;
  const TaskChanges changes = changes_of(process, arguments, diagnostics);
  if (!arguments.task_definition.empty()) {
    std::optional<Release> release =
        release_of(TaskByFlags{.cluster = arguments.cluster,
                               .task_definition = arguments.task_definition,
                               .changes = changes},
                   files_of(process), diagnostics);
    return shown(process, std::move(release), "", "slipway", diagnostics, color);
  }
  // Only the task's own tag and images matter here, and they are changed below.
  std::optional<ReleaseFile> file = read_release(process, arguments.file,
                                                 {.tag = arguments.tag,
                                                  .tag_required = false,
                                                  .jsonnet = arguments.jsonnet,
                                                  .vars = arguments.vars},
                                                 {}, color);
  if (!file) return std::nullopt;
  std::optional<Release> release = task_of(file->release, arguments.run.task, changes, diagnostics);
  return shown(process, std::move(release), file->name, file->dialect, diagnostics, color);
}

}  // namespace slipway::cli
