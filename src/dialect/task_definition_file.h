// Task definitions as people name and keep them: the one in use, a family, a file with
// RegisterTaskDefinition's input in JSON or YAML, or what `aws ecs describe-task-definition`
// printed.
#pragma once

#include "base/diagnostic.h"
#include "base/node.h"
#include "base/result.h"
#include "dialect/dialect.h"
#include "model/release.h"

#include <filesystem>
#include <optional>
#include <string>

namespace slipway {

// What a text stands for: "live", "latest", a file when it ends in .json, .yml or .yaml, else a
// family, family:revision or ARN. An Error when the file cannot be read; nullopt when it is no
// definition: the diagnostics say why.
Result<std::optional<TaskDefinitionSource>> task_definition_named(
    const std::string& text, const std::filesystem::path& directory, const FileReader& read_file,
    Diagnostics& diagnostics);

// `origin` and `path` are for messages: "deploy/worker.json" or "inline", and where in its file the
// node stands. nullopt when it is no definition; what AWS's model says against it is in the
// diagnostics.
std::optional<TaskDefinitionDocument> task_definition_document(const Node& node, std::string origin,
                                                               const std::string& path,
                                                               Diagnostics& diagnostics);

}  // namespace slipway
