// A release that is said by flags alone, without a file: what the pipelines of one service or of
// one task say in a line. It ends in the same `Release` as every file.
#pragma once

#include "base/diagnostic.h"
#include "dialect/dialect.h"
#include "model/release.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

// --image CONTAINER=REF, --image SERVICE/CONTAINER=REF or --image REF: an empty name means the
// containers that use that repository, or the only one there is.
using ImageFlags = std::vector<std::pair<std::string, std::string>>;

struct ServicesByFlags {
  std::string cluster;
  std::vector<std::string> services;
  std::string task_definition;  // REFERENCE, FILE, "latest", "live"; empty: live
  ImageFlags images;
  std::string tag;
  std::vector<std::string> containers;  // that get the tag; empty: the only one there is
  bool forceNewDeployment = false;
  std::optional<Duration> max_wait;
};

// What differs from the task's definition, or from what a file says of the task.
struct TaskChanges {
  ImageFlags images;
  std::string tag;
  std::vector<std::string> containers;  // that get the tag; the first is also the command's
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string cpu, memory;  // of the whole task: "512", "1024"
  std::optional<int> count;
  std::string launchType;
  std::string capacityProvider;
  std::string platformVersion;
  std::string group;
  std::optional<Json> networkConfiguration;  // as RunTask takes it
  std::vector<std::string> subnets, securityGroups;
  std::optional<bool> assignPublicIp;
  std::optional<Duration> max_wait;
};

struct TaskByFlags {
  std::string cluster;
  std::string task_definition;  // REFERENCE or FILE
  TaskChanges changes;
};

// Where the files that flags name are read from.
struct FlagFiles {
  std::filesystem::path directory;
  FileReader read_file;
};

// nullopt when `diagnostics` has errors; each names its flag.
std::optional<Release> release_of(const ServicesByFlags& flags, const FlagFiles& files,
                                  Diagnostics& diagnostics);
// The task is in `tasks_before`, and is_only_tasks.
std::optional<Release> release_of(const TaskByFlags& flags, const FlagFiles& files,
                                  Diagnostics& diagnostics);
// The one task that a file's release has of that name (without a name: the only one it has), with
// changes, and nothing else of the file. nullopt as above.
std::optional<Release> task_of(const Release& file, const std::string& name,
                               const TaskChanges& changes, Diagnostics& diagnostics);

// "bin/migrate --to 'a b'" as a shell splits it (quotes and backslashes, nothing else of a shell),
// or a JSON list of texts. nullopt for an open quote or a list of something else.
std::optional<std::vector<std::string>> split_command(const std::string& text);

}  // namespace slipway
