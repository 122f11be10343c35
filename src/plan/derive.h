// A new task definition out of an old one: copied by removing what AWS refuses to take back, never
// by listing what we know, so that a member AWS invents tomorrow survives.
#pragma once

#include "base/json.h"
#include "model/event.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <optional>
#include <vector>

namespace slipway {

struct Derived {
  std::vector<EventBody> findings;  // what changed, what did not, in the order of the containers
  std::optional<Json> document;     // RegisterTaskDefinition's input; none when nothing changed
};

// kInvalid "image.unparsable" for an image that cannot be read, "image.no-container" when the
// definition has none of the containers named.
Result<Derived> derive(const TaskDefinitionSnapshot& base, const std::vector<ImageChange>& images);

// The images of a document that came from the user's own file, changed in place.
Result<Derived> derive(const TaskDefinitionDocument& source,
                       const std::vector<ImageChange>& images);

// RegisterTaskDefinition's input out of what AWS answered or somebody saved of it: read-only
// members and nulls are gone, `tags` are added when there are any.
Json registrable(Json document, const Json& tags = nullptr);

// Whether registering `document` would give what `existing` already is: read-only members and the
// defaults that ECS fills in are left out of the comparison, and so is the order of members.
bool describes_same(const Json& document, const TaskDefinitionSnapshot& existing);

}  // namespace slipway
