// What a task needs of the place where it runs: which launch types can have it, and which
// attributes a container instance must have.
#pragma once

#include "base/json.h"
#include "sim/task_definitions.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::sim {

// `document` is what RegisterTaskDefinition takes, its defaults filled in.

// What a Fargate task must not have, or must.
std::optional<std::string> fargate_problem(const TaskDefinition& task, const Json& document);
// Volumes of the host's, links, extra hosts.
bool needs_a_host(const Json& document);
std::vector<std::string> compatibilities_of(const TaskDefinition& task, const Json& document);
std::vector<std::string> attributes_of(const TaskDefinition& task, const Json& document);

}  // namespace slipway::sim
