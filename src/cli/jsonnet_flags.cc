#include "cli/jsonnet_flags.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::cli {
namespace {

Error unusable(std::string message) {
  return Error{ErrorKind::kInvalid, "flags.variable", std::move(message)};
}

}  // namespace

const std::vector<Flag>& jsonnet_flags() {
  static const std::vector<Flag> kFlags = [] {
    std::vector<Flag> flags;
    for (const std::string_view name : kJsonnetFlags) flags.push_back({.name = name});
    flags.push_back({.name = "jpath", .letter = 'J'});
    return flags;
  }();
  return kFlags;
}

Result<JsonnetVariables> jsonnet_variables(const ParsedFlags& flags) {
  JsonnetVariables variables{.variables = {}, .jpath = flags.texts("jpath")};
  for (const std::string_view flag : kJsonnetFlags)
    for (const std::string& text : flags.texts(flag))
      if (!variables.add(flag, text))
        return unusable(fmt::format("--{}: expected NAME=VALUE, found \"{}\"", flag, text));
  return variables;
}

Result<std::map<std::string, std::string>> named_values(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> values;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return unusable(fmt::format("--var: expected NAME=VALUE, found \"{}\"", text));
    values.insert_or_assign(text.substr(0, equals), text.substr(equals + 1));
  }
  return values;
}

}  // namespace slipway::cli
