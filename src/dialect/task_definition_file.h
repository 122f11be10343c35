// Task definitions as people keep them: RegisterTaskDefinition's input in JSON or YAML, or what
// `aws ecs describe-task-definition` printed.
#pragma once

#include "base/diagnostic.h"
#include "base/node.h"
#include "model/release.h"

#include <optional>
#include <string>

namespace slipway {

// Whether a text given where a definition is wanted means a file: it ends in .json, .yml or .yaml.
bool names_a_file(const std::string& text);

// `origin` and `path` are for messages: "deploy/worker.json" or "inline", and where in its file the
// node stands. nullopt when it is no definition; what AWS's model says against it is in the
// diagnostics.
std::optional<TaskDefinitionDocument> task_definition_document(const Node& node, std::string origin,
                                                               const std::string& path,
                                                               Diagnostics& diagnostics);

}  // namespace slipway
