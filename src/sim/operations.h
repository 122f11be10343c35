// The handlers of ECS's operations, in the files named in the comments.
#pragma once

#include "sim/calls.h"

namespace slipway::sim::ecs {

// clusters.cc
Reply CreateCluster(const Call&);
Reply DeleteCluster(const Call&);
Reply DescribeClusters(const Call&);
Reply ListClusters(const Call&);
Reply PutClusterCapacityProviders(const Call&);
Reply UpdateCluster(const Call&);
Reply UpdateClusterSettings(const Call&);

// task_definitions.cc
Reply DeleteTaskDefinitions(const Call&);
Reply DeregisterTaskDefinition(const Call&);
Reply DescribeTaskDefinition(const Call&);
Reply ListTaskDefinitionFamilies(const Call&);
Reply ListTaskDefinitions(const Call&);
Reply RegisterTaskDefinition(const Call&);

// services.cc
Reply CreateService(const Call&);
Reply DeleteService(const Call&);
Reply DescribeServices(const Call&);
Reply ListServices(const Call&);
Reply ListServicesByNamespace(const Call&);
Reply UpdateService(const Call&);

}  // namespace slipway::sim::ecs
