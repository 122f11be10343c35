#include "model/ecs_crd.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace slipway {

std::string_view to_string(CrdLabel label) { return label == CrdLabel::kBlue ? "blue" : "green"; }

CrdLabel other(CrdLabel label) {
  return label == CrdLabel::kBlue ? CrdLabel::kGreen : CrdLabel::kBlue;
}

std::string to_string(const CrdContainerPort& binding) {
  return fmt::format("{}:{}", binding.container, binding.port);
}

std::chrono::seconds CrdTargetGroup::deregistration_delay() const {
  int seconds = 300;
  for (const auto& [key, value] : attributes)
    if (key == "deregistration_delay.timeout_seconds")
      std::from_chars(value.data(), value.data() + value.size(), seconds);
  return std::chrono::seconds(seconds);
}

bool CrdRule::forwards() const { return std::ranges::none_of(actions, &CrdAction::ends_the_rule); }

const CrdTargetGroup* CrdFile::target_group_of(const CrdContainerPort& binding) const {
  const auto found = std::ranges::find(target_groups, binding, &CrdTargetGroup::container);
  return found == target_groups.end() ? nullptr : &*found;
}

std::vector<CrdContainerPort> CrdFile::bindings() const {
  std::vector<CrdContainerPort> all;
  for (const CrdContainer& container : service.containers)
    for (const CrdPortMapping& mapping : container.port_mappings)
      if (mapping.protocol == "tcp") all.push_back({container.name, mapping.container_port});
  return all;
}

const CrdPortMapping* CrdFile::mapping_of(const CrdContainerPort& binding) const {
  for (const CrdContainer& container : service.containers)
    for (const CrdPortMapping& mapping : container.port_mappings)
      if (container.name == binding.container && mapping.container_port == binding.port)
        return &mapping;
  return nullptr;
}

}  // namespace slipway
