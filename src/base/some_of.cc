#include "base/some_of.h"

#include "base/text.h"

namespace slipway {

std::string some_of(std::span<const std::string> names, std::size_t most, std::string_view noun) {
  if (names.size() <= most) return join(names, ", ");
  return join(names.first(most), ", ") + ", ... " +
         (noun.empty() ? std::to_string(names.size()) : counted(names.size(), noun)) + " in all";
}

}  // namespace slipway
