// A list in pieces of at most so many: what one call takes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace slipway {

// In order; borrows `all`.
template <class T>
std::vector<std::span<const T>> chunks_of(const std::vector<T>& all, std::size_t most) {
  std::vector<std::span<const T>> chunks;
  const std::span<const T> rest(all);
  for (std::size_t first = 0; first < rest.size(); first += most)
    chunks.push_back(rest.subspan(first, std::min(most, rest.size() - first)));
  return chunks;
}

}  // namespace slipway
