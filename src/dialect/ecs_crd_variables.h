// The {{variables}} of a deployment file: plain text replacement, once, no escapes. A {{word}} that
// is no variable stays, since applications use braces too, and is warned about once.
#pragma once

#include "base/diagnostic.h"
#include "base/node.h"
#include "dialect/ecs_crd.h"

namespace slipway {

// Replaces them wherever they count: below service, target_groups, listeners and
// canary.sns_topic_notifications. In order: project, name, version and each fqdn may use what comes
// before them.
void replace_crd_variables(Node& document, const CrdVariables& variables, Diagnostics& diagnostics);

// Whether something that looks like a variable is left in it, so that it cannot be judged.
bool has_crd_variable(std::string_view text);

}  // namespace slipway
