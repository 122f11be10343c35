// The command line of ecs-task, for whoever has task classes: a file of them, or a C++ program that
// is one (include/slipway/ecs_task.h).
#pragma once

#include "base/diagnostic.h"
#include "base/node.h"
#include "cli/process.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway::cli {

struct TaskClassProgram {
  std::string name;  // as it is called: "ecs-task", "./web_dev"
  // The documents of its classes; nullopt with diagnostics. Not set: a file says them.
  std::function<std::optional<std::vector<Node>>(Diagnostics&)> documents = {};
};

// deploy, rollback, debug. Exit statuses are the original's: 0, 1 and, for usage and files, 2.
int run_task_class_program(Process& process, const TaskClassProgram& program,
                           const std::vector<std::string>& arguments);

}  // namespace slipway::cli
