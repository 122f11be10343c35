// Writes one JSON document as text, member by member, without building a tree first: the answers
// of the simulated AWS come straight from its state.
//
//   JsonWriter json;
//   json.begin_object().member("clusterName",
//   name).key("tags").begin_array().end_array().end_object();
#pragma once

#include "base/time.h"

#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace slipway::sim {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::same_as<bool> auto yes) { return raw(yes ? "true" : "false"); }
  JsonWriter& value(std::integral auto number)
    requires(!std::same_as<decltype(number), bool>)
  {
    std::array<char, 24> digits;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    return raw({digits.data(), end});
  }
  JsonWriter& value(double number);
  // Epoch seconds with up to three decimals, as the JSON protocols write times.
  JsonWriter& value(TimePoint time);
  // A value, or several members of the open object, that are JSON text already.
  JsonWriter& raw(std::string_view json);
  JsonWriter& raw_members(std::string_view json) { return raw(json); }

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  JsonWriter& raw_member(std::string_view name, std::string_view json) {
    return key(name).raw(json);
  }

  std::string text() && {
    text_.resize(size_);
    return std::move(text_);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  // Where the next characters go: there is room for so many, and a comma if one is due.
  char* begin(std::size_t most_characters);
  void end(const char* where) { size_ = static_cast<std::size_t>(where - text_.data()); }

  // Answers are long and made of short pieces: room is made for many of them at a time.
  std::string text_;
  std::size_t size_ = 0;  // written; the rest of `text_` is room
  bool after_value_ = false;
};

}  // namespace slipway::sim
