// What a one-off task runs differently from its definition, as RunTask takes it.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "model/release.h"

#include <optional>
#include <string_view>

namespace slipway {

// `run.overrides` with `run.container_override` in it: a command replaces, variables are set one by
// one. Without a name it is for the only container of the definition, or the only essential one;
// kInvalid "override.which-container" when there is none such, "override.no-container" for a name
// the definition does not have. `where` is the definition, for messages.
Result<std::optional<Json>> settle_overrides(const TaskRun& run, const Json& task_definition,
                                             std::string_view where);

}  // namespace slipway
