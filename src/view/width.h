// Cutting and filling text to the columns a terminal gives it (base/utf8.h counts them).
#pragma once

#include <string>
#include <string_view>

namespace slipway {

// At most `width` columns, the last of them "…" when something was cut. Control characters are
// left out, so that nothing in the text can steer the terminal.
std::string fitted(std::string_view utf8, int width);

// Fitted and filled with blanks on the right (or on the left) to exactly `width` columns.
std::string padded(std::string_view utf8, int width);
std::string padded_left(std::string_view utf8, int width);

}  // namespace slipway
