#include "dialect/ecs_crd_variables.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// "name" and "fqdn[1]", but not "a b" or "".
bool is_variable(std::string_view text) {
  const std::size_t bracket = text.find('[');
  if (bracket == std::string_view::npos) return is_word(text);
  return is_word(text.substr(0, bracket)) && text.ends_with(']') &&
         is_word(text.substr(bracket + 1, text.size() - bracket - 2));
}

// Calls `replace` for each variable in the text, in order; what it answers takes its place.
std::string replaced(
    std::string_view text,
    const std::function<std::optional<std::string>(std::string_view variable)>& replace) {
  std::string result;
  while (true) {
    const std::size_t open = text.find(kOpen);
    if (open == std::string_view::npos) return result.append(text);
    const std::size_t close = text.find(kClose, open);
    if (close == std::string_view::npos) return result.append(text);
    const std::string_view variable = text.substr(open + 2, close - open - 2);
    if (!is_variable(variable)) {  // "{{{name}}" has one a character further on
      result.append(text.substr(0, open + 1));
      text.remove_prefix(open + 1);
      continue;
    }
    result.append(text.substr(0, open));
    if (const std::optional<std::string> value = replace(variable))
      result.append(*value);
    else
      result.append(text.substr(open, close + 2 - open));
    text.remove_prefix(close + 2);
  }
}

Node* find(Node& node, std::string_view key) {
  const auto found = std::ranges::find(node.members, key, &Node::Member::key);
  return found == node.members.end() ? nullptr : &found->value;
}

// Every scalar below the node. `skip` are keys of the node itself.
void for_each_scalar(Node& node, const std::string& path,
                     const std::function<void(Node&, const std::string&)>& visit,
                     const std::set<std::string_view>& skip = {}) {
  if (node.is_scalar()) visit(node, path);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    for_each_scalar(node.items[i], fmt::format("{}[{}]", path, i), visit);
  for (Node::Member& member : node.members)
    if (!skip.contains(member.key)) for_each_scalar(member.value, path + "." + member.key, visit);
}

void for_each_place(Node& document, const std::function<void(Node&, const std::string&)>& visit,
                    const std::set<std::string_view>& skip_of_service = {}) {
  if (Node* canary = find(document, "canary"))
    if (Node* topics = find(*canary, "sns_topic_notifications"))
      for_each_scalar(*topics, "canary.sns_topic_notifications", visit);
  if (Node* service = find(document, "service"))
    for_each_scalar(*service, "service", visit, skip_of_service);
  for (const char* key : {"target_groups", "listeners"})
    if (Node* part = find(document, key)) for_each_scalar(*part, key, visit);
}

class Replacer {
 public:
  Replacer(const CrdVariables& variables, Diagnostics& diagnostics) : diagnostics_(diagnostics) {
    values_["environment"] = variables.environment;
    values_["region"] = variables.region;
    values_["account_id"] = variables.account_id;
    values_["external_ip"] = variables.external_ip;
    for (const char* later : {"project", "name", "version", "fqdn"}) values_[later] = std::nullopt;
  }

  void replace(Node& document) {
    if (Node* service = find(document, "service")) replace_first(*service);
    has_all_ = true;
    for_each_place(document, [this](Node& node, const std::string& path) { replace(node, path); },
                   {"project", "name", "version", "fqdn"});
  }

 private:
  // What others are made of, in order.
  void replace_first(Node& service) {
    for (const std::string key : {"project", "name", "version"}) {
      Node* node = find(service, key);
      if (node != nullptr && node->is_scalar()) {
        replace(*node, "service." + key);
        values_[key] = node->text;
      } else if (key == "version") {
        values_[key] = "latest";
      }
    }
    Node* fqdn = find(service, "fqdn");
    if (fqdn == nullptr) return;
    if (fqdn->is_scalar()) replace_fqdn(*fqdn, "service.fqdn");
    for (std::size_t i = 0; i < fqdn->items.size(); ++i)
      if (fqdn->items[i].is_scalar())
        replace_fqdn(fqdn->items[i], fmt::format("service.fqdn[{}]", i));
  }

  void replace_fqdn(Node& node, const std::string& path) {
    replace(node, path);
    if (fqdns_.empty()) values_["fqdn"] = node.text;
    fqdns_.push_back(node.text);
  }

  void replace(Node& node, const std::string& path) {
    node.text = replaced(node.text,
                         [&](std::string_view variable) { return value_of(variable, node, path); });
  }

  std::optional<std::string> value_of(std::string_view variable, const Node& node,
                                      const std::string& path) {
    const std::size_t bracket = variable.find('[');
    if (variable.substr(0, bracket) == "fqdn" && bracket != std::string_view::npos) {
      const std::string_view index = variable.substr(bracket + 1);
      if (index.size() == 2 && index[0] >= '0' && index[0] <= '9')
        return fqdn(static_cast<std::size_t>(index[0] - '0'), node, path);
    }
    const auto known = values_.find(std::string(variable));
    if (known == values_.end()) {
      warn(variable, node, path, "is no variable and stays as it is");
      return std::nullopt;
    }
    if (!known->second && !has_all_ && variable != "account_id" && variable != "external_ip")
      warn(variable, node, path, "has no value yet here and stays as it is");
    return known->second;
  }

  std::optional<std::string> fqdn(std::size_t index, const Node& node, const std::string& path) {
    if (index < fqdns_.size()) return fqdns_[index];
    diagnostics_.error(node.span, "config.variable", path,
                       fmt::format("there is no fqdn[{}]: {}", index,
                                   has_all_ ? "the service has " + counted(fqdns_.size(), "name")
                                            : "only those before it can be used here"));
    return std::nullopt;
  }

  // Applications use braces, too; names of services and hosts cannot have them.
  void warn(std::string_view variable, const Node& node, const std::string& path,
            std::string_view why) {
    const bool is_name = path == "service.name" || path.starts_with("service.fqdn");
    if (!is_name && !warned_.insert(std::string(variable)).second) return;
    std::vector<std::string> names;
    for (const auto& [name, value] : values_) names.push_back(name);
    const std::optional<std::string> meant =
        values_.contains(std::string(variable)) ? std::nullopt : nearest(variable, names);
    const std::string message = fmt::format("{{{{{}}}}} {}", variable, why);
    const std::string suggestion = meant ? fmt::format("did you mean {{{{{}}}}}?", *meant) : "";
    if (is_name)
      diagnostics_.error(node.span, "config.variable", path, message + ", and no name has braces",
                         suggestion);
    else
      diagnostics_.warning(node.span, "config.variable", path, message, suggestion);
  }

  Diagnostics& diagnostics_;
  std::map<std::string, std::optional<std::string>> values_;
  std::vector<std::string> fqdns_;
  bool has_all_ = false;  // project, name, version and all fqdns are replaced
  std::set<std::string> warned_;
};

}  // namespace

void replace_crd_variables(Node& document, const CrdVariables& variables,
                           Diagnostics& diagnostics) {
  Replacer(variables, diagnostics).replace(document);
}

bool has_crd_variable(std::string_view text) {
  bool has = false;
  replaced(text, [&](std::string_view) {
    has = true;
    return std::nullopt;
  });
  return has;
}

bool mentions_external_ip(const Node& document) {
  Node copy = document;
  bool mentions = false;
  for_each_place(copy, [&](Node& node, const std::string&) {
    mentions = mentions || node.text.find("{{external_ip}}") != std::string::npos;
  });
  return mentions;
}

}  // namespace slipway
