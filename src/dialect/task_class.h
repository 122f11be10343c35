// The file of task classes (`kind: task-classes`): what ecs-task's users write as Python classes.
// A list of classes that may inherit from each other attribute by attribute, or, in the short form,
// documents that each are one class; so what ecs-task's `debug` prints is a file.
#pragma once

#include "base/diagnostic.h"
#include "base/node.h"
#include "base/runtime.h"
#include "model/task_class.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

// What the classes are read for, which decides how much must be right: `debug` shows even an empty
// class, and a rollback needs no container.
enum class TaskClassUse { kDebug, kRollback, kDeploy };

struct TaskClassInput {
  const std::vector<Node>& documents;
  const Environment& environment;
  const std::map<std::string, std::string>& vars;  // --var NAME=VALUE
  TaskClassUse use = TaskClassUse::kDeploy;
};

bool looks_like_task_classes(const Node& document);

// The documents of a text: YAML or JSON by its name, but JSON whatever its name is when it is that.
std::vector<Node> read_task_class_documents(std::shared_ptr<const SourceText> source,
                                            Diagnostics& diagnostics);

// The classes that are not abstract, in order. nullopt when `diagnostics` has errors.
std::optional<std::vector<TaskClass>> read_task_classes(const TaskClassInput& input,
                                                        Diagnostics& diagnostics);

// Those of these names, in the file's order; all when there are none. An unknown name is an error
// diagnostic.
std::vector<TaskClass> only(std::vector<TaskClass> classes, const std::vector<std::string>& names,
                            Diagnostics& diagnostics);

}  // namespace slipway
