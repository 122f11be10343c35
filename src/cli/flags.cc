#include "cli/flags.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace slipway::cli {
namespace {

const Flag* find_flag(const std::vector<Flag>& flags, std::string_view name) {
  const auto found = std::ranges::find(flags, name, &Flag::name);
  return found == flags.end() ? nullptr : &*found;
}

const Flag* find_letter(const std::vector<Flag>& flags, char letter) {
  const auto found = std::ranges::find(flags, letter, &Flag::letter);
  return found == flags.end() ? nullptr : &*found;
}

std::optional<bool> truth_of(std::string_view text) {
  for (const std::string_view word : {"true", "1", "t"})
    if (equals_ignoring_case(text, word)) return true;
  for (const std::string_view word : {"false", "0", "f"})
    if (equals_ignoring_case(text, word)) return false;
  return std::nullopt;
}

}  // namespace

ParsedFlags::ParsedFlags(const std::vector<std::string>& arguments,
                         const std::vector<Flag>& flags) {
  const auto fail = [&](std::string message) {
    if (error_.empty()) error_ = std::move(message);
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      words_.insert(words_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                    arguments.end());
      return;
    }
    if (argument.size() < 2 || argument.front() != '-') {
      words_.push_back(argument);
      continue;
    }
    const bool is_long = argument.starts_with("--");
    const std::size_t equals = argument.find('=');
    const Flag* flag = is_long ? find_flag(flags, std::string_view(argument).substr(2, equals - 2))
                               : find_letter(flags, argument[1]);
    if (is_long && equals == 2) flag = nullptr;
    if (flag == nullptr) {
      std::vector<std::string> known;
      for (const Flag& each : flags) known.push_back("--" + std::string(each.name));
      const std::string asked = argument.substr(0, equals);
      const std::optional<std::string> near = is_long ? nearest(asked, known) : std::nullopt;
      fail(fmt::format("unknown flag: {}{}", is_long ? asked : argument.substr(0, 2),
                       near ? ", did you mean " + *near + "?" : ""));
      continue;
    }
    // What stands behind the name in the same argument, if anything does.
    std::optional<std::string> attached;
    if (is_long && equals != std::string::npos) attached = argument.substr(equals + 1);
    if (!is_long && argument.size() > 2) attached = argument.substr(argument[2] == '=' ? 3 : 2);
    std::string& value = values_[std::string(flag->name)].emplace_back();
    switch (flag->takes) {
      case FlagValue::kBoolean: {
        const std::optional<bool> truth = truth_of(attached.value_or("true"));
        if (!truth)
          fail(fmt::format("--{}: expected true or false, found \"{}\"", flag->name, *attached));
        value = truth.value_or(false) ? "true" : "false";
        break;
      }
      case FlagValue::kOptionalText:
        value = attached.value_or("");
        break;
      case FlagValue::kText:
        if (attached)
          value = *attached;
        else if (i + 1 < arguments.size())
          value = arguments[++i];
        else
          fail(fmt::format("flag needs a value: --{}", flag->name));
        break;
    }
  }
}

std::optional<std::string> ParsedFlags::text(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> ParsedFlags::texts(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

bool ParsedFlags::boolean(std::string_view name) const { return text(name) == "true"; }

std::optional<std::int64_t> ParsedFlags::integer(std::string_view name,
                                                 std::int64_t otherwise) const {
  const std::optional<std::string> value = text(name);
  if (!value) return otherwise;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size() || number < 0)
    return std::nullopt;
  return number;
}

std::optional<double> ParsedFlags::number(std::string_view name, double otherwise) const {
  const std::optional<std::string> value = text(name);
  if (!value) return otherwise;
  double number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size()) return std::nullopt;
  return number;
}

Result<std::string> first_word(const std::vector<std::string>& arguments,
                               const std::vector<Flag>& flags) {
  const ParsedFlags parsed(arguments, flags);
  if (parsed.words().empty())
    return Error{.kind = ErrorKind::kNotFound, .code = "flags.no-word", .message = "no word"};
  return parsed.words().front();
}

}  // namespace slipway::cli
