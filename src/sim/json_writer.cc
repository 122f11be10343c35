#include "sim/json_writer.h"

#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace slipway::sim {

void JsonWriter::separate() {
  if (after_value_) text_ += ',';
  after_value_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  text_ += bracket;
  after_value_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  text_ += bracket;
  after_value_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  text_ += '"';
  text_ += name;  // member names are ours and need no escapes
  text_ += "\":";
  after_value_ = false;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  const auto is_plain = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  };
  separate();
  text_ += '"';
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto length = static_cast<std::size_t>(special - text.begin());
    text_ += text.substr(0, length);
    text.remove_prefix(length);
    if (text.empty()) break;
    switch (text.front()) {
      case '"':
        text_ += "\\\"";
        break;
      case '\\':
        text_ += "\\\\";
        break;
      case '\n':
        text_ += "\\n";
        break;
      case '\r':
        text_ += "\\r";
        break;
      case '\t':
        text_ += "\\t";
        break;
      default:
        fmt::format_to(std::back_inserter(text_), "\\u{:04x}",
                       static_cast<unsigned>(static_cast<unsigned char>(text.front())));
    }
    text.remove_prefix(1);
  }
  text_ += '"';
  return *this;
}

JsonWriter& JsonWriter::value(double number) { return raw(fmt::format("{}", number)); }

JsonWriter& JsonWriter::value(TimePoint time) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  separate();
  auto out = std::back_inserter(text_);
  if (milliseconds % 1000 == 0)
    fmt::format_to(out, "{}", milliseconds / 1000);
  else
    fmt::format_to(out, "{}.{:03}", milliseconds / 1000, milliseconds % 1000);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_ += json;
  return *this;
}

}  // namespace slipway::sim
