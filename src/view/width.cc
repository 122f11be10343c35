#include "view/width.h"

#include "base/utf8.h"

namespace slipway {
namespace {

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

// What is left to fill of `width` after `text`.
std::size_t blanks(std::string_view text, int width) {
  const std::size_t used = display_width(text);
  return width > 0 && used < static_cast<std::size_t>(width)
             ? static_cast<std::size_t>(width) - used
             : 0;
}

}  // namespace

std::string fitted(std::string_view utf8, int width) {
  if (width <= 0) return "";
  const bool whole = display_width(utf8) <= static_cast<std::size_t>(width);
  int room = whole ? width : width - 1;
  std::string text;
  while (!utf8.empty()) {
    const Character character = first_character(utf8);
    const std::string_view bytes = utf8.substr(0, character.size);
    utf8.remove_prefix(character.size);
    if (is_control(character.code)) continue;
    room -= display_width(character.code);
    if (room < 0) break;
    // A byte that is no character would come out as whatever the terminal makes of it.
    if (character.code == 0xfffd && character.size == 1)
      text += '?';
    else
      text += bytes;
  }
  if (!whole) text += "…";
  return text;
}

std::string padded(std::string_view utf8, int width) {
  std::string text = fitted(utf8, width);
  text.append(blanks(text, width), ' ');
  return text;
}

std::string padded_left(std::string_view utf8, int width) {
  std::string text = fitted(utf8, width);
  return std::string(blanks(text, width), ' ') + text;
}

}  // namespace slipway
