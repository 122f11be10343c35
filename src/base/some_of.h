// Lists of names as people are told them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace slipway {

// "a, b, c". Of more than `most` nobody reads all: "a, b, ... 30 names in all", where the noun is
// given in the singular, and "a, b, ... 30 in all" without one.
std::string some_of(std::span<const std::string> names, std::size_t most,
                    std::string_view noun = {});

}  // namespace slipway
