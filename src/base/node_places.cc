#include "base/node_places.h"

namespace slipway {

void forget_places(Node& node, const std::shared_ptr<const SourceText>& source) {
  node.span = {.source = source};
  for (Node& item : node.items) forget_places(item, source);
  for (Node::Member& member : node.members) {
    member.key_span = {.source = source};
    forget_places(member.value, source);
  }
}

}  // namespace slipway
