// Small text helpers that several folders need.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);

// In double quotes, for a message: control characters and broken bytes made visible, and cut with
// "..." after `longest` characters.
std::string quote(std::string_view text, std::size_t longest = 60);

// "a", "a or b", "a, b or c".
std::string join_with_or(std::span<const std::string_view> parts);

// "1 task", "2 tasks".
std::string counted(std::size_t count, std::string_view singular);

// The candidate a person most likely meant: optimal string alignment distance of at most a third
// of the length (one for short words), case ignored; nullopt when nothing is near.
std::optional<std::string> nearest(std::string_view wanted,
                                   std::span<const std::string> candidates);
std::optional<std::string> nearest(std::string_view wanted,
                                   std::initializer_list<std::string_view> candidates);

// A secret prints as "****" wherever it is formatted; `reveal` is for the one place that signs.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};
std::string to_string(const Secret& secret);  // "****", or "" when empty

}  // namespace slipway
