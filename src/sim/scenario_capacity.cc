#include "sim/scenario_capacity.h"

#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <utility>

namespace slipway::sim {

void read_capacity(Fields& file, Scenario& scenario) {
  if (auto capacity = file.mapping("capacity")) {
    for (const char* pool : {"FARGATE", "FARGATE_SPOT"})
      if (const auto tasks = capacity->integer(pool, {.at_least = 0}))
        scenario.capacity.emplace_back(SetCapacity{pool, static_cast<int>(*tasks)});
    if (const auto vcpus = capacity->number("vcpus", {.at_least = 0}))
      scenario.capacity.emplace_back(SetVcpuQuota{vcpus});
  }
  for (auto& [name, group] : file.mappings_by_name("auto_scaling_groups")) {
    SetGroupSize size;
    size.capacity_provider = name;
    size.maximum = static_cast<int>(group.integer("maximum", {.at_least = 0}).value_or(1));
    if (auto instance = group.mapping("instance"))
      size.instance = read_instances(*instance, group.text("cluster").value_or("default"));
    size.instance.capacity_provider = name;
    scenario.groups.push_back(std::move(size));
  }
}

AddInstances read_instances(Fields& fields, std::string cluster) {
  AddInstances instances;
  instances.cluster = std::move(cluster);
  set(instances.cluster, fields.text("cluster"));
  set(instances.count, fields.integer("count", kCount));
  set(instances.instanceType, fields.text("instanceType"));
  set(instances.cpu, fields.integer("cpu", {.at_least = 128}));
  set(instances.memory, fields.integer("memory", {.at_least = 128}));
  set(instances.gpus, fields.integer("gpus", {.at_least = 0}));
  set(instances.network_interfaces, fields.integer("network_interfaces", {.at_least = 0}));
  instances.availability_zones = fields.texts("availability_zones");
  for (auto& [name, value] : fields.texts_by_name("attributes")) instances.attributes[name] = value;
  set(instances.capacity_provider, fields.text("capacity_provider"));
  return instances;
}

void read_clusters(Fields& file, Scenario& scenario, Diagnostics& diagnostics) {
  read_documents(file, "capacity_providers", "CreateCapacityProvider", scenario, diagnostics);
  const Node* clusters = file.node("clusters");
  if (clusters == nullptr) return;
  if (!clusters->is_mapping()) {
    file.error("clusters", "expected a mapping of clusters by name");
    return;
  }
  for (const Node::Member& member : clusters->members) {
    const std::string path = "clusters." + member.key;
    Node document = member.value;
    const Node* instances = document.find("instances");
    if (instances != nullptr && instances->is_sequence()) {
      for (std::size_t i = 0; i < instances->items.size(); ++i) {
        Fields fields(instances->items[i], diagnostics, {},
                      fmt::format("{}.instances[{}]", path, i));
        scenario.instances.push_back(read_instances(fields, member.key));
      }
      take(document, "instances");
    }
    Json input = JsonObject{};
    if (!document.is_null()) input = read_document_of("CreateCluster", document, path, diagnostics);
    if (input.is_object()) input.get_object()["clusterName"] = member.key;
    scenario.calls.push_back({"CreateCluster", std::move(input), member.key_span, path});
  }
}

}  // namespace slipway::sim
