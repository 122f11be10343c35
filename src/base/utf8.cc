#include "base/utf8.h"

#include <utf8proc.h>

#include <array>

namespace slipway {

Character first_character(std::string_view text) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  if (bytes[0] < 0x80) return {.code = bytes[0], .size = 1};
  utf8proc_int32_t code = 0;
  const utf8proc_ssize_t size =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code);
  if (size <= 0) return {.code = 0xfffd, .size = 1};
  return {.code = static_cast<char32_t>(code), .size = static_cast<std::size_t>(size)};
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Character character = first_character(text.substr(at));
    // U+FFFD itself takes three bytes when somebody wrote it.
    if (character.code == 0xfffd && character.size == 1) return at;
    at += character.size;
  }
  return std::nullopt;
}

void append_utf8(std::string& text, char32_t code) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const utf8proc_ssize_t size =
      utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
  text.append(bytes.begin(), bytes.begin() + size);
}

int display_width(char32_t code) {
  if (code >= 0x20 && code < 0x7f) return 1;
  return utf8proc_charwidth(static_cast<utf8proc_int32_t>(code));
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Character character = first_character(text.substr(at));
    columns += static_cast<std::size_t>(display_width(character.code));
    at += character.size;
  }
  return columns;
}

}  // namespace slipway
