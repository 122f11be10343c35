#include "dialect/variables.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {
namespace {

constexpr std::string_view kEnv = "${env:";
constexpr std::string_view kVar = "${var:";

bool begins_reference(std::string_view text) {
  return text.starts_with(kEnv) || text.starts_with(kVar);
}

std::string literal(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (begins_reference(text)) out += '$';
    out += text.front();
  }
  return out;
}

}  // namespace

struct Variables::Reference {
  bool is_env = false;
  std::string name;
  std::optional<std::string> otherwise;
};

Variables::Variables(const Environment& environment,
                     const std::map<std::string, std::string>& given, Diagnostics& diagnostics)
    : environment_(environment), given_(given), diagnostics_(diagnostics) {}

void Variables::read(const Node& vars) {
  of_file_.clear();
  if (!vars.is_mapping()) {
    diagnostics_.error(vars.span, "config.value", "vars",
                       "expected a mapping, found " + describe(vars));
    return;
  }
  for (const Node::Member& member : vars.members) {
    if (member.value.is_scalar())
      of_file_.insert_or_assign(member.key, member.value);
    else
      diagnostics_.error(member.value.span, "config.value", "vars." + member.key,
                         "expected text, found " + describe(member.value));
  }
}

std::optional<std::string> Variables::expanded(const Node& scalar, const std::string& path) {
  if (scalar.text.find(kEnv) == std::string::npos && scalar.text.find(kVar) == std::string::npos)
    return std::nullopt;
  return expand(scalar.text, scalar.span, path);
}

std::string Variables::expand(std::string_view text, const SourceSpan& span,
                              const std::string& path) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with("$$") && begins_reference(text.substr(1))) {
      out += text.substr(1, kEnv.size());
      text.remove_prefix(1 + kEnv.size());
      continue;
    }
    if (!begins_reference(text)) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos) {
      diagnostics_.error(span, "config.variable", path,
                         fmt::format("{} has no closing brace", text.substr(0, kEnv.size())));
      return out;
    }
    const std::string_view inside = text.substr(kEnv.size(), close - kEnv.size());
    const std::size_t otherwise = inside.find(":-");
    Reference reference{.is_env = text.starts_with(kEnv),
                        .name = std::string(inside.substr(0, otherwise)),
                        .otherwise = std::nullopt};
    if (otherwise != std::string_view::npos)
      reference.otherwise = std::string(inside.substr(otherwise + 2));
    out += value_of(reference, span, path);
    text.remove_prefix(close + 1);
  }
  return out;
}

std::string Variables::value_of(const Reference& reference, const SourceSpan& span,
                                const std::string& path) {
  const std::string& name = reference.name;
  const bool is_known = reference.is_env || given_.contains(name) || of_file_.contains(name);
  std::optional<std::string> value;
  if (reference.is_env)
    value = environment_.get(name);
  else if (is_known)
    value = variable(name, span, path);
  if (reference.otherwise && value.value_or("").empty()) return *reference.otherwise;
  if (value) return *value;

  std::vector<std::string> names;
  for (const auto& [known, _] : of_file_) names.push_back(known);
  const std::optional<std::string> near = reference.is_env ? std::nullopt : nearest(name, names);
  if (reference.is_env)
    diagnostics_.error(span, "config.variable", path,
                       fmt::format("the environment variable {} is not set", name),
                       fmt::format("set it, or give a default: ${{env:{}:-default}}", name));
  else if (!is_known)
    diagnostics_.error(span, "config.variable", path, fmt::format("there is no variable {}", name),
                       near ? fmt::format("did you mean {}?", *near)
                            : fmt::format("set it under `vars`, or with --var {}=VALUE", name));
  return {};
}

std::optional<std::string> Variables::variable(const std::string& name, const SourceSpan& span,
                                               const std::string& path) {
  if (const auto given = given_.find(name); given != given_.end()) return given->second;
  if (std::ranges::find(expanding_, name) != expanding_.end()) {
    diagnostics_.error(
        span, "config.variable", path,
        fmt::format("the variables {} and {} need each other", expanding_.back(), name));
    return std::string();
  }
  const Node& value = of_file_.at(name);
  expanding_.push_back(name);
  std::string text = expand(value.text, value.span, "vars." + name);
  expanding_.pop_back();
  return text;
}

Json with_literal_references(Json document) {
  if (document.is_string()) return Json(literal(document.get_string()));
  if (document.is_array())
    for (Json& item : document.get_array()) item = with_literal_references(std::move(item));
  if (document.is_object())
    for (auto& member : document.get_object())
      member.value() = with_literal_references(std::move(member.value()));
  return document;
}

}  // namespace slipway
