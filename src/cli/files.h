// Finding and reading the application's file.
#pragma once

#include "base/jsonnet.h"
#include "base/node.h"
#include "cli/process.h"
#include "dialect/dialect.h"
#include "model/release.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::cli {

struct ReleaseFile {
  std::string name;     // as the user gave it, or as it was found
  std::string dialect;  // "slipway", "ecs-toolkit"
  Release release;
};

// `file` empty: the first of the known names in the working directory. Whatever is wrong has been
// written to `process.err`, all of it, when there is no value.
std::optional<ReleaseFile> read_release(Process& process, const std::string& file,
                                        const ReleaseFlags& flags,
                                        const std::vector<std::string>& only_these, bool color);

// One file of a known dialect, for personalities: diagnostics are the caller's to show.
std::optional<ReleaseFile> read_release_as(const std::string& dialect, Process& process,
                                           const std::string& file, const ReleaseFlags& flags,
                                           Diagnostics& diagnostics);

// The documents of a file of task classes: YAML, JSON or, evaluated, Jsonnet, whose value may be a
// list of documents. Without a value `diagnostics` has errors.
std::optional<std::vector<Node>> read_task_class_file(const Process& process,
                                                      const std::string& file,
                                                      const JsonnetVariables& jsonnet,
                                                      Diagnostics& diagnostics);

// Writes them to `process.err`; true when there is an error among them.
bool show(Process& process, const Diagnostics& diagnostics, bool color);

}  // namespace slipway::cli
