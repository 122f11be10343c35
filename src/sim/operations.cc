#include <algorithm>
#include <array>

#include "sim/operations.h"

namespace slipway::sim {
namespace {

using namespace ecs;

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"CreateCluster", CreateCluster},
    Operation{"CreateService", CreateService},
    Operation{"DeleteCluster", DeleteCluster},
    Operation{"DeleteService", DeleteService},
    Operation{"DeleteTaskDefinitions", DeleteTaskDefinitions},
    Operation{"DeregisterTaskDefinition", DeregisterTaskDefinition},
    Operation{"DescribeClusters", DescribeClusters, kReads},
    Operation{"DescribeServices", DescribeServices, kReads},
    Operation{"DescribeTaskDefinition", DescribeTaskDefinition, kReads},
    Operation{"ListClusters", ListClusters, kReads},
    Operation{"ListServices", ListServices, kReads},
    Operation{"ListServicesByNamespace", ListServicesByNamespace, kReads},
    Operation{"ListTaskDefinitionFamilies", ListTaskDefinitionFamilies, kReads},
    Operation{"ListTaskDefinitions", ListTaskDefinitions, kReads},
    Operation{"PutClusterCapacityProviders", PutClusterCapacityProviders},
    Operation{"RegisterTaskDefinition", RegisterTaskDefinition},
    Operation{"UpdateCluster", UpdateCluster},
    Operation{"UpdateClusterSettings", UpdateClusterSettings},
    Operation{"UpdateService", UpdateService},
};

constexpr bool before(const Operation& operation, std::string_view name) {
  return operation.name < name;
}

static_assert(std::is_sorted(kOperations.begin(), kOperations.end(),
                             [](const Operation& a, const Operation& b) { return a.name < b.name; }));

}  // namespace

const Operation* find_ecs_operation(std::string_view name) {
  const auto* found = std::lower_bound(kOperations.begin(), kOperations.end(), name, before);
  return found != kOperations.end() && found->name == name ? found : nullptr;
}

}  // namespace slipway::sim
