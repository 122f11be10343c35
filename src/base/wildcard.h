// Names with wildcards, as IAM and shells write them.
#pragma once

#include <string_view>

namespace slipway {

// Whether the whole text is what the pattern says: `*` is any text, `?` any one byte. There is no
// escape, and no class of characters.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace slipway
