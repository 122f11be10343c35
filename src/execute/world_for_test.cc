#include "execute/world_for_test.h"

namespace slipway {

CollectedEvents::CollectedEvents() = default;
CollectedEvents::~CollectedEvents() = default;
void CollectedEvents::on(const Event& event) { events.push_back(event); }

}  // namespace slipway
