// Characters in UTF-8 text: where they begin, whether they are sound, how wide a terminal draws
// them. Everything else in the program treats text as bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

struct Character {
  char32_t code = 0;
  std::size_t size = 0;  // in bytes
};

// The character that `text`, which must not be empty, begins with. A byte that begins none is
// U+FFFD of size 1, so that walking through broken text always goes on.
Character first_character(std::string_view text);

// Where the first byte is that belongs to no character; nullopt when all is sound. Surrogates,
// overlong forms and codes above U+10FFFF are not sound.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

void append_utf8(std::string& text, char32_t code);

// Terminal columns: 0 for combining marks and control characters, 2 for wide ones.
int display_width(char32_t code);
std::size_t display_width(std::string_view text);

}  // namespace slipway
