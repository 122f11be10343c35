// Trees whose text nobody wrote: computed, or made from values of a program.
#pragma once

#include "base/node.h"

#include <memory>

namespace slipway {

// Every part then stands in `source` as a whole, so that diagnostics name it and a path.
void forget_places(Node& node, const std::shared_ptr<const SourceText>& source);

}  // namespace slipway
