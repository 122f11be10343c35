#include "plan/ecs_crd_names.h"

#include "base/digest.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace slipway {
namespace {

constexpr std::size_t kHashLength = 7;
constexpr std::size_t kLongestStackName = 64;  // ours and the Python tool's; AWS takes 128
constexpr std::size_t kLongestRoleName = 64;
constexpr std::size_t kLongestTargetGroupName = 32;

std::string short_hash(std::string_view text) { return md5_hex(text).substr(0, kHashLength); }

// At most `room` characters; what is cut ends in a hash of the whole.
std::string fitted(std::string_view text, std::size_t room, std::string_view before_hash = "-") {
  if (text.size() <= room) return std::string(text);
  const std::size_t kept = room - std::min(room, kHashLength + before_hash.size());
  return fmt::format("{}{}{}", text.substr(0, kept), before_hash, short_hash(text));
}

// "stage-", but "prepr-" for preprod.
std::string prefix_of(std::string_view environment) {
  constexpr std::size_t kLongest = 5;
  return fmt::format("{}-", environment.substr(0, kLongest));
}

std::size_t room_in_stack_name(std::string_view prefix, std::string_view label_value) {
  constexpr std::size_t kReserve = 8;
  const std::size_t taken = prefix.size() + label_value.size() + kReserve;
  return kLongestStackName - std::min(kLongestStackName, taken);
}

std::string role_name(const CrdNames& names, std::string_view suffix,
                      std::string_view label_value) {
  const std::string prefix = prefix_of(names.environment);
  // The target groups have the first ten digits.
  const std::string end = fmt::format("{}-{}-{}", suffix, label_value,
                                      std::string_view(names.deployment_id).substr(10, 7));
  const std::size_t taken = prefix.size() + end.size();
  return prefix + fitted(names.service, kLongestRoleName - std::min(kLongestRoleName, taken)) + end;
}

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// "my_web_8080" -> "MyWeb8080"; what CloudFormation does not take is left out.
std::string logical_id(std::string_view text) {
  std::string id;
  for (const std::string_view part : split(text, '_')) {
    if (part.empty()) continue;
    const std::string word = to_upper(part.substr(0, 1)) + to_lower(part.substr(1));
    std::ranges::copy_if(word, std::back_inserter(id), is_alnum);
  }
  return id;
}

}  // namespace

std::string crd_item_key(std::string_view group, std::string_view service,
                         std::string_view environment, std::string_view region) {
  return md5_hex(fmt::format("{}#{}#{}#{}", group, service, environment, region));
}

std::string CrdNames::stack(std::string_view label_value) const {
  const std::string prefix = prefix_of(environment);
  return fmt::format("{}{}-{}", prefix, fitted(service, room_in_stack_name(prefix, label_value)),
                     label_value);
}

std::string CrdNames::python_stack(std::string_view label_value) const {
  const std::string_view cut = label_value.size() > 2 ? label_value.substr(2) : label_value;
  const std::string prefix = prefix_of(environment);
  return fmt::format("{}{}-{}", prefix,
                     std::string_view(service).substr(0, room_in_stack_name(prefix, cut)), cut);
}

std::string CrdNames::listener_stack(std::string_view load_balancer_name, int port) {
  return fmt::format("listener-{}-{}", load_balancer_name, port);
}

std::string CrdNames::task_role(std::string_view label_value) const {
  return role_name(*this, "-ecs-task", label_value);
}

std::string CrdNames::execution_role(std::string_view label_value) const {
  return role_name(*this, "-ecs-exec-task", label_value);
}

std::string CrdNames::ecs_service(std::string_view label_value) const {
  return fmt::format("{}-{}", service, label_value);
}

std::string CrdNames::family() const { return fmt::format("{}-{}", environment, service); }

std::string CrdNames::log_group() const {
  return fmt::format("/aws/ecs/{}/service/{}", cluster, service);
}

std::string CrdNames::target_group(std::string_view logical_id) const {
  constexpr std::string_view kEnd = "-tg";
  const std::string begin = fmt::format("{}-", std::string_view(deployment_id).substr(0, 10));
  return begin + fitted(logical_id, kLongestTargetGroupName - begin.size() - kEnd.size(), "") +
         std::string(kEnd);
}

std::vector<std::string> crd_logical_ids(const std::vector<CrdContainerPort>& bindings) {
  std::vector<std::string> ids;
  std::map<std::string, int> times;
  for (const CrdContainerPort& binding : bindings) {
    ids.push_back(logical_id(fmt::format("{}_{}", binding.container, binding.port)));
    ++times[ids.back()];
  }
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    const std::string& container = bindings[i].container;
    const bool lost_something =
        !std::ranges::all_of(container, [](char c) { return is_alnum(c) || c == '_'; });
    if (lost_something || times[ids[i]] > 1) ids[i] += "x" + short_hash(to_string(bindings[i]));
  }
  return ids;
}

}  // namespace slipway
