#include "aws/shape.h"

namespace slipway::aws {

const Member* Type::find(std::string_view member) const {
  for (const Member& candidate : members)
    if (candidate.name == member) return &candidate;
  return nullptr;
}

bool is_sent(const Type& type, const void* address, Side side) {
  switch (type.kind) {
    case Kind::kString:
      return !static_cast<const std::string*>(address)->empty();
    case Kind::kDocument:
      return !static_cast<const Json*>(address)->is_null();
    case Kind::kOptional:
      return type.value(address) != nullptr;
    case Kind::kList:
    case Kind::kMap:
      return side == Side::kAnswer || type.size(address) > 0;
    case Kind::kInt:
    case Kind::kLong:
    case Kind::kDouble:
    case Kind::kBool:
    case Kind::kTime:
    case Kind::kShape:
      return true;
  }
  return true;
}

}  // namespace slipway::aws
