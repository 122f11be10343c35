// Errors as values: kind 2 of the three kinds of bad news (docs/architecture.md). A `Result<T>` is
// a T or an `Error`; the member names are std::expected's, which g++ 12 does not offer in C++20.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace slipway {

// What can be done about an error. Code branches on this and on `Error::code`, never on the text.
enum class ErrorKind {
  kInvalid,      // the request or a file is wrong; repeating it cannot help
  kNotFound,     // the thing named does not exist
  kConflict,     // somebody else holds it or changed it
  kDenied,       // permission or credentials
  kThrottled,    // too many requests, still so after all retries
  kUnavailable,  // network, endpoint or service trouble, still so after all retries
  kTimeout,      // a deadline passed; the work may still be going on
  kCancelled,    // a person or an enclosing scope called it off
  kFailed,       // the world did what was asked and it did not work out
  kInternal,     // our own limit or a bug reported as a value
};

std::string_view to_string(ErrorKind kind);

// `code` is AWS's own ("ClusterNotFoundException") or ours, dotted ("config.unknown-key").
// `context` grows from the inside out: each level says what it was doing.
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string code;
  std::string message;
  std::vector<std::string> context;  // innermost first
  std::string operation;             // "ecs:UpdateService" when a call failed, else empty
  std::string request_id;            // AWS's, empty when no answer came
  int http_status = 0;               // 0 when no answer came

  bool operator==(const Error&) const = default;
};

// One paragraph for a person: message, then an indented line for each context and the call.
std::string to_string(const Error& error);

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return *check(); }
  const T& value() const& { return *const_cast<Result*>(this)->check(); }
  T&& value() && { return std::move(*check()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return check(); }
  const T* operator->() const { return const_cast<Result*>(this)->check(); }

  T value_or(T other) const& {
    if (has_value()) return value();
    return other;
  }

  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

  // Says what this level was doing, if it failed.
  Result&& context(std::string doing) && {
    if (!has_value()) error().context.push_back(std::move(doing));
    return std::move(*this);
  }

 private:
  T* check() {
    T* value = std::get_if<0>(&state_);
    if (value == nullptr) {
      std::fputs("slipway: internal error: value of a failed Result\n", stderr);
      std::abort();
    }
    return value;
  }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  void value() const {}

  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

  Result&& context(std::string doing) && {
    if (error_) error_->context.push_back(std::move(doing));
    return std::move(*this);
  }

 private:
  std::optional<Error> error_;
};

// Returns the error from the enclosing function, or goes on with the value:
//   TRY(auto reply, client.call(...).context("looking up web"));
//   TRY_VOID(clock.sleep_until(then));
#define SLIPWAY_JOIN_(a, b) a##b
#define SLIPWAY_JOIN(a, b) SLIPWAY_JOIN_(a, b)
#define TRY(declaration, ...) \
  SLIPWAY_TRY_(declaration, SLIPWAY_JOIN(slipway_try_, __LINE__), (__VA_ARGS__))
#define SLIPWAY_TRY_(declaration, temporary, expression) \
  auto temporary = expression;                           \
  if (!temporary) return std::move(temporary).error();   \
  declaration = std::move(temporary).value()
#define TRY_VOID(...)                                                                          \
  do {                                                                                         \
    if (auto slipway_try = (__VA_ARGS__); !slipway_try) return std::move(slipway_try).error(); \
  } while (false)

}  // namespace slipway
