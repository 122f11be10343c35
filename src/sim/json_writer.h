// Writes one JSON document as text, member by member, without building a tree first: the answers
// of the simulated AWS come straight from its state.
//
//   JsonWriter json;
//   json.begin_object().member("clusterName",
//   name).key("tags").begin_array().end_array().end_object();
#pragma once

#include "base/time.h"

#include <concepts>
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
    return raw(std::to_string(number));
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

  const std::string& text() const& { return text_; }
  std::string text() && { return std::move(text_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string text_;
  bool after_value_ = false;
};

}  // namespace slipway::sim
