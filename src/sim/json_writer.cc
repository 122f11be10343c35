#include "sim/json_writer.h"

#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace slipway::sim {
namespace {

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

constexpr std::size_t kLongestEscape = 6;

constexpr bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// How many characters at the beginning stay as they are: nearly always all of them.
std::size_t plain_beginning(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_plain(text[count])) ++count;
  return count;
}

char* put_escaped(char* out, char c) {
  switch (c) {
    case '"':
      return put(out, "\\\"");
    case '\\':
      return put(out, "\\\\");
    case '\n':
      return put(out, "\\n");
    case '\r':
      return put(out, "\\r");
    case '\t':
      return put(out, "\\t");
    default:
      return fmt::format_to(out, "\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

}  // namespace

char* JsonWriter::begin(std::size_t most_characters) {
  const std::size_t wanted = size_ + most_characters + 1;
  if (wanted > text_.size()) text_.resize(std::max({std::size_t{512}, 2 * text_.size(), wanted}));
  char* out = text_.data() + size_;
  if (after_value_) *out++ = ',';
  return out;
}

JsonWriter& JsonWriter::open(char bracket) {
  char* out = begin(1);
  *out++ = bracket;
  end(out);
  after_value_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  after_value_ = false;
  char* out = begin(1);
  *out++ = bracket;
  end(out);
  after_value_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  char* out = begin(name.size() + 3);
  *out++ = '"';
  out = put(out, name);  // member names are ours and need no escapes
  *out++ = '"';
  *out++ = ':';
  end(out);
  after_value_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  const std::size_t special = plain_beginning(text);
  char* out = begin(special + kLongestEscape * (text.size() - special) + 2);
  *out++ = '"';
  out = put(out, text.substr(0, special));
  for (const char c : text.substr(special))
    if (is_plain(c))
      *out++ = c;
    else
      out = put_escaped(out, c);
  *out++ = '"';
  end(out);
  after_value_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(double number) { return raw(fmt::format("{}", number)); }

JsonWriter& JsonWriter::value(TimePoint time) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::array<char, 32> digits;
  char* at = std::to_chars(digits.data(), digits.data() + digits.size(), milliseconds / 1000).ptr;
  if (milliseconds % 1000 != 0) at = fmt::format_to(at, ".{:03}", milliseconds % 1000);
  return raw({digits.data(), at});
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  end(put(begin(json.size()), json));
  after_value_ = true;
  return *this;
}

}  // namespace slipway::sim
