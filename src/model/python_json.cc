#include "model/python_json.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

namespace slipway {
namespace {

// The next character of valid UTF-8, and how many bytes it has.
struct Character {
  std::uint32_t code;
  std::size_t bytes;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned first = byte(0);
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (bytes == 1 || at + bytes > text.size()) return {first, 1};
  std::uint32_t code = first & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) code = (code << 6) | (byte(i) & 0x3fu);
  return {code, bytes};
}

class PythonWriter {
 public:
  explicit PythonWriter(bool indented) : indented_(indented) {}

  void write(const Json& json) {
    if (const JsonObject* object = json.if_object()) {
      enclose('{', '}', object->empty(), [&] {
        for (const auto& member : *object) {
          separate();
          write_string(member.key());
          out_ += ": ";
          write(member.value());
        }
      });
    } else if (const JsonArray* array = json.if_array()) {
      enclose('[', ']', array->empty(), [&] {
        for (const Json& item : *array) {
          separate();
          write(item);
        }
      });
    } else if (json.is_string()) {
      write_string(json.get_string());
    } else {
      append_text(out_, json);
    }
  }

  std::string take() && { return std::move(out_); }

 private:
  template <class Inside>
  void enclose(char open, char close, bool is_empty, Inside inside) {
    out_ += open;
    ++depth_;
    is_first_ = true;
    inside();
    --depth_;
    if (!is_empty) new_line();
    out_ += close;
    is_first_ = false;
  }

  void separate() {
    if (!is_first_) out_ += indented_ ? "," : ", ";
    is_first_ = false;
    new_line();
  }

  void new_line() {
    if (!indented_) return;
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  void write_string(std::string_view text) {
    out_ += '"';
    for (std::size_t at = 0; at < text.size();) {
      const auto [code, bytes] = character_at(text, at);
      if (code < 0x80)
        write_ascii(static_cast<char>(code));
      else if (code < 0x10000)
        out_ += fmt::format("\\u{:04x}", code);
      else
        out_ += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((code - 0x10000) >> 10),
                            0xdc00 + ((code - 0x10000) & 0x3ff));
      at += bytes;
    }
    out_ += '"';
  }

  void write_ascii(char c) {
    constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    const std::size_t named = kNamed.find(c);
    if (named != std::string_view::npos)
      (out_ += '\\') += kNames[named];
    else if (static_cast<unsigned char>(c) < 0x20)
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      out_ += c;
  }

  std::string out_;
  bool indented_;
  bool is_first_ = true;
  std::size_t depth_ = 0;
};

std::string written(const Json& json, bool indented) {
  PythonWriter writer(indented);
  writer.write(json);
  return std::move(writer).take();
}

}  // namespace

std::string to_python_text(const Json& json) { return written(json, false); }
std::string to_python_pretty_text(const Json& json) { return written(json, true); }

}  // namespace slipway
