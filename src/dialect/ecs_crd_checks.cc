// What only several parts of a deployment file together can be wrong about: names that lead
// nowhere, ports in one another's way, ports without a way in.
#include "base/text.h"
#include "dialect/ecs_crd_reading.h"
#include "dialect/ecs_crd_variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace slipway::crd {
namespace {

class Checks {
 public:
  Checks(const CrdFile& file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  void check() {
    check_names();
    check_containers();
    check_host_ports();
    check_target_groups();
    check_listeners();
    check_ways_in();
  }

 private:
  void error(const CrdPlace& place, std::string_view key, std::string message,
             std::string suggestion = {}) {
    diagnostics_.error(place.span, "config.value", path_of(place, key), std::move(message),
                       std::move(suggestion));
  }

  void warning(const CrdPlace& place, std::string_view key, std::string message,
               std::string suggestion = {}) {
    diagnostics_.warning(place.span, "config.value", path_of(place, key), std::move(message),
                         std::move(suggestion));
  }

  static std::string path_of(const CrdPlace& place, std::string_view key) {
    return key.empty() ? place.path : fmt::format("{}.{}", place.path, key);
  }

  // ECS takes 255 characters for the name of a service, which ends in the label value.
  void check_names() {
    constexpr std::size_t kLongestServiceName = 255;
    for (const CrdLabel label : {CrdLabel::kBlue, CrdLabel::kGreen}) {
      const std::size_t length =
          file_.service.name.text.size() + 1 + file_.canary.release(label).text.size();
      if (length <= kLongestServiceName) continue;
      error(file_.service.name.place, "",
            fmt::format("with the label value it has {} characters, and ECS takes {}", length,
                        kLongestServiceName));
      return;
    }
  }

  // ---- Containers -------------------------------------------------------------------------------

  void check_containers() {
    std::set<std::string> names;
    std::set<std::string> volumes;
    for (const CrdVolume& volume : file_.service.volumes) volumes.insert(volume.name);
    for (const CrdContainer& container : file_.service.containers)
      if (!names.insert(container.name).second)
        error(container.place, "name",
              quote(container.name) + " is the name of another container, too");
    for (const CrdContainer& container : file_.service.containers) {
      for (const CrdContainerDependency& dependency : container.depends_on) {
        if (dependency.container_name == container.name)
          error(container.place, "depends_on", "a container cannot depend on itself");
        else if (!names.contains(dependency.container_name))
          error(container.place, "depends_on",
                "there is no container " + quote(dependency.container_name),
                meant(dependency.container_name, names));
      }
      for (const CrdMountPoint& mount : container.mount_points)
        if (!volumes.contains(mount.source_volume))
          error(container.place, "mount_points", "there is no volume " + quote(mount.source_volume),
                meant(mount.source_volume, volumes));
    }
  }

  static std::string meant(const std::string& wanted, const std::set<std::string>& names) {
    const std::optional<std::string> near =
        nearest(wanted, std::vector<std::string>(names.begin(), names.end()));
    return near ? fmt::format("did you mean {}?", *near) : "";
  }

  // ---- Host ports -------------------------------------------------------------------------------

  void check_host_ports() {
    std::map<int, std::string> users;  // a container and its port, by host port
    for (const CrdContainer& container : file_.service.containers) {
      std::set<std::pair<int, std::string>> container_ports;
      for (const CrdPortMapping& mapping : container.port_mappings) {
        if (!container_ports.emplace(mapping.container_port, mapping.protocol).second)
          error(mapping.place, "container_port",
                fmt::format("port {} is mapped twice", mapping.container_port));
        check_network_mode(mapping);
        if (!mapping.is_dynamic() && !is_own_port(mapping)) check_static(container, mapping, users);
      }
    }
  }

  // Whether the container's port is the port at its address, so that nothing is mapped.
  bool is_own_port(const CrdPortMapping& mapping) const {
    const std::string& mode = file_.service.network_mode;
    return (mode == "awsvpc" || mode == "host") &&
           mapping.host_port == CrdPort{mapping.container_port, mapping.container_port};
  }

  void check_network_mode(const CrdPortMapping& mapping) {
    const std::string& mode = file_.service.network_mode;
    if (mode == "none") {
      error(mapping.place, "", "with network_mode none nothing can reach a container");
    } else if ((mode == "awsvpc" || mode == "host") && !mapping.is_dynamic() &&
               !is_own_port(mapping)) {
      error(mapping.place, "host_port",
            fmt::format("with network_mode {} the host port is the container's", mode),
            "leave host_port out");
    }
  }

  void check_static(const CrdContainer& container, const CrdPortMapping& mapping,
                    std::map<int, std::string>& users) {
    const std::string user = to_string(CrdContainerPort{container.name, mapping.container_port});
    for (const int port : std::set<int>{mapping.host_port.blue, mapping.host_port.green}) {
      const auto [other_user, is_free] = users.emplace(port, user);
      if (!is_free)
        error(mapping.place, "host_port",
              fmt::format("port {} is taken by {}, too", port, other_user->second));
    }
    if (mapping.host_port.blue == mapping.host_port.green)
      warning(mapping.place, "host_port",
              fmt::format("both releases want port {}: the new one can only run on nodes where the "
                          "old one does not",
                          mapping.host_port.blue),
              "give each label a port of its own, or leave host_port out");
  }

  // ---- Target groups ----------------------------------------------------------------------------

  void check_target_groups() {
    std::set<CrdContainerPort> seen;
    for (const CrdTargetGroup& group : file_.target_groups) {
      if (!check_binding(group.container, group.place, "container")) continue;
      if (!seen.insert(group.container).second)
        error(group.place, "container",
              to_string(group.container) + " has another target group already");
      const CrdPortMapping* mapping = file_.mapping_of(group.container);
      const bool is_mapped = !file_.service.has_own_addresses() && mapping->is_dynamic() &&
                             file_.service.network_mode != "host";
      if (group.health_check_port && is_mapped)
        warning(group.place, "health_check.port",
                "it is not used: the host port is dynamic, so the traffic port is checked");
    }
    for (const CrdContainerPort& binding : file_.bindings())
      if (!seen.contains(binding))
        diagnostics_.error(file_.mapping_of(binding)->place.span, "config.missing-key",
                           "target_groups",
                           fmt::format("{} has no entry in target_groups", to_string(binding)),
                           "each port a container exposes needs one");
  }

  // Whether there is such a port; otherwise says what is wrong.
  bool check_binding(const CrdContainerPort& binding, const CrdPlace& place, std::string_view key) {
    if (binding.port == 0) return false;  // that has been reported
    const std::vector<CrdContainerPort> bindings = file_.bindings();
    if (std::ranges::find(bindings, binding) != bindings.end()) return true;
    const CrdPortMapping* mapping = file_.mapping_of(binding);
    std::vector<std::string> names;
    for (const CrdContainerPort& each : bindings) names.push_back(to_string(each));
    if (mapping != nullptr)
      error(place, key,
            to_string(binding) + " is a udp port, which a load balancer sends nothing to");
    else
      error(place, key, "no container exposes " + to_string(binding),
            names.empty() ? "none exposes a port" : "there is " + join(names, ", "));
    return false;
  }

  // ---- Listeners --------------------------------------------------------------------------------

  void check_listeners() {
    std::map<int, const CrdListener*> first;  // by port
    std::map<int, std::set<int>> priorities;
    for (const CrdListener& listener : file_.listeners) {
      check_binding(listener.container, listener.place, "target_group.container");
      for (const CrdRule& rule : listener.rules)
        if (rule.priority && !priorities[listener.port].insert(*rule.priority).second)
          error(rule.place, "priority",
                fmt::format("another rule on port {} has the priority {}, too", listener.port,
                            *rule.priority));
      if (listener.port == 0) continue;
      const auto [other, is_first] = first.emplace(listener.port, &listener);
      if (is_first) continue;
      if (other->second->protocol != listener.protocol)
        error(listener.place, "protocol",
              fmt::format("port {} is {} in another entry and {} in this one", listener.port,
                          other->second->protocol, listener.protocol));
      if (other->second->rules.empty() || listener.rules.empty())
        error(listener.place, "port",
              fmt::format("port {} has another entry: without rules only one can have it",
                          listener.port),
              "give each of them rules");
    }
  }

  // Each port needs a listener, and one that sends something to it.
  void check_ways_in() {
    for (const CrdContainerPort& binding : file_.bindings()) {
      const CrdListener* dead_end = nullptr;
      bool is_reached = false;
      for (const CrdListener& listener : file_.listeners) {
        if (listener.container != binding) continue;
        dead_end = &listener;
        is_reached = is_reached || listener.rules.empty() ||
                     std::ranges::any_of(listener.rules, &CrdRule::forwards);
      }
      if (is_reached) continue;
      if (dead_end == nullptr)
        diagnostics_.error(file_.mapping_of(binding)->place.span, "config.missing-key", "listeners",
                           fmt::format("{} has no entry in listeners", to_string(binding)),
                           "each port a container exposes needs one");
      else
        error(dead_end->place, "rules",
              fmt::format("every rule ends in a redirect or a fixed response: nothing would reach "
                          "{}",
                          to_string(binding)),
              "add a rule without such an action");
    }
  }

  const CrdFile& file_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_whole(const CrdFile& file, Diagnostics& diagnostics) {
  Checks(file, diagnostics).check();
}

}  // namespace slipway::crd
