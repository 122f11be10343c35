// One pair of functions per dialect; dialect.cc has the table.
#pragma once

#include "dialect/dialect.h"

namespace slipway {

bool looks_like_native(const Node& document);
std::optional<Release> read_native(const DialectInput& input, Diagnostics& diagnostics);

// dialect/task_class.h says what they look like.
std::optional<Release> read_ecs_task(const DialectInput& input, Diagnostics& diagnostics);

bool looks_like_ecs_toolkit(const Node& document);
std::optional<Release> read_ecs_toolkit(const DialectInput& input, Diagnostics& diagnostics);

}  // namespace slipway
