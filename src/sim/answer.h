// What the simulated AWS says: a T, or the error an AWS client would see. It has the members of
// `Result`, so that TRY works; it is not a `Result` because AWS's errors carry a status and
// members of their own, and because a refusal is an ordinary answer of the world, not trouble of
// the program.
#pragma once

#include "base/json.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace slipway::sim {

struct ServiceError {
  int status = 400;
  std::string code;  // "ClusterNotFoundException"
  std::string message;
  JsonObject members;  // beside the message: "resourceIds" of ConflictException

  bool operator==(const ServiceError&) const = default;
};

template <class T>
class [[nodiscard]] Answer {
 public:
  Answer(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Answer(ServiceError error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const ServiceError& error() const& { return std::get<1>(state_); }
  ServiceError&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, ServiceError> state_;
};

// The body of a JSON protocol's answer, already written: answers are rendered straight from the
// world's state, and most of them go onto the wire as they are.
struct JsonText {
  std::string text = "{}";

  Json parse() const;  // asserts that the text is JSON: it is ours
};

using Reply = Answer<JsonText>;

}  // namespace slipway::sim
