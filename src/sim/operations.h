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

// service_deployments.cc
Reply ContinueServiceDeployment(const Call&);
Reply DescribeServiceDeployments(const Call&);
Reply DescribeServiceRevisions(const Call&);
Reply ListServiceDeployments(const Call&);
Reply StopServiceDeployment(const Call&);

// task_calls.cc
Reply DescribeTasks(const Call&);
Reply ExecuteCommand(const Call&);
Reply GetTaskProtection(const Call&);
Reply ListTasks(const Call&);
Reply RunTask(const Call&);
Reply StartTask(const Call&);
Reply StopTask(const Call&);
Reply UpdateTaskProtection(const Call&);

// capacity.cc
Reply CreateCapacityProvider(const Call&);
Reply DeleteAttributes(const Call&);
Reply DeleteCapacityProvider(const Call&);
Reply DeregisterContainerInstance(const Call&);
Reply DescribeCapacityProviders(const Call&);
Reply DescribeContainerInstances(const Call&);
Reply ListAttributes(const Call&);
Reply ListContainerInstances(const Call&);
Reply PutAttributes(const Call&);
Reply RegisterContainerInstance(const Call&);
Reply UpdateCapacityProvider(const Call&);
Reply UpdateContainerInstancesState(const Call&);

// task_sets.cc
Reply CreateTaskSet(const Call&);
Reply DeleteTaskSet(const Call&);
Reply DescribeTaskSets(const Call&);
Reply UpdateServicePrimaryTaskSet(const Call&);
Reply UpdateTaskSet(const Call&);

// settings.cc
Reply DeleteAccountSetting(const Call&);
Reply ListAccountSettings(const Call&);
Reply ListTagsForResource(const Call&);
Reply PutAccountSetting(const Call&);
Reply PutAccountSettingDefault(const Call&);
Reply TagResource(const Call&);
Reply UntagResource(const Call&);

}  // namespace slipway::sim::ecs
