#include "sim/operations.h"

#include "sim/cloud_formation.h"
#include "sim/code_deploy.h"
#include "sim/event_bridge.h"
#include "sim/event_scheduler.h"
#include "sim/hosted_zones.h"
#include "sim/load_balancing.h"
#include "sim/logs.h"
#include "sim/metrics.h"
#include "sim/roles.h"
#include "sim/scalable_targets.h"
#include "sim/sns.h"
#include "sim/surroundings.h"
#include "sim/tables.h"

#include <algorithm>
#include <array>
#include <span>

namespace slipway::sim {
namespace {

using namespace ecs;

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"ContinueServiceDeployment", ContinueServiceDeployment},
    Operation{"CreateCapacityProvider", CreateCapacityProvider},
    Operation{"CreateCluster", CreateCluster},
    Operation{"CreateService", CreateService},
    Operation{"CreateTaskSet", CreateTaskSet},
    Operation{"DeleteAccountSetting", DeleteAccountSetting},
    Operation{"DeleteAttributes", DeleteAttributes},
    Operation{"DeleteCapacityProvider", DeleteCapacityProvider},
    Operation{"DeleteCluster", DeleteCluster},
    Operation{"DeleteService", DeleteService},
    Operation{"DeleteTaskDefinitions", DeleteTaskDefinitions},
    Operation{"DeleteTaskSet", DeleteTaskSet},
    Operation{"DeregisterContainerInstance", DeregisterContainerInstance},
    Operation{"DeregisterTaskDefinition", DeregisterTaskDefinition},
    Operation{"DescribeCapacityProviders", DescribeCapacityProviders, kReads},
    Operation{"DescribeClusters", DescribeClusters, kReads},
    Operation{"DescribeContainerInstances", DescribeContainerInstances, kReads},
    Operation{"DescribeServiceDeployments", DescribeServiceDeployments, kReads},
    Operation{"DescribeServiceRevisions", DescribeServiceRevisions, kReads},
    Operation{"DescribeServices", DescribeServices, kReads},
    Operation{"DescribeTaskDefinition", DescribeTaskDefinition, kReads},
    Operation{"DescribeTaskSets", DescribeTaskSets, kReads},
    Operation{"DescribeTasks", DescribeTasks, kReads},
    Operation{"ExecuteCommand", ExecuteCommand},
    Operation{"GetTaskProtection", GetTaskProtection, kReads},
    Operation{"ListAccountSettings", ListAccountSettings, kReads},
    Operation{"ListAttributes", ListAttributes, kReads},
    Operation{"ListClusters", ListClusters, kReads},
    Operation{"ListContainerInstances", ListContainerInstances, kReads},
    Operation{"ListServiceDeployments", ListServiceDeployments, kReads},
    Operation{"ListServices", ListServices, kReads},
    Operation{"ListServicesByNamespace", ListServicesByNamespace, kReads},
    Operation{"ListTagsForResource", ListTagsForResource, kReads},
    Operation{"ListTaskDefinitionFamilies", ListTaskDefinitionFamilies, kReads},
    Operation{"ListTaskDefinitions", ListTaskDefinitions, kReads},
    Operation{"ListTasks", ListTasks, kReads},
    Operation{"PutAccountSetting", PutAccountSetting},
    Operation{"PutAccountSettingDefault", PutAccountSettingDefault},
    Operation{"PutAttributes", PutAttributes},
    Operation{"PutClusterCapacityProviders", PutClusterCapacityProviders},
    Operation{"RegisterContainerInstance", RegisterContainerInstance},
    Operation{"RegisterTaskDefinition", RegisterTaskDefinition},
    Operation{"RunTask", RunTask},
    Operation{"StartTask", StartTask},
    Operation{"StopServiceDeployment", StopServiceDeployment},
    Operation{"StopTask", StopTask},
    Operation{"TagResource", TagResource},
    Operation{"UntagResource", UntagResource},
    Operation{"UpdateCapacityProvider", UpdateCapacityProvider},
    Operation{"UpdateCluster", UpdateCluster},
    Operation{"UpdateClusterSettings", UpdateClusterSettings},
    Operation{"UpdateContainerInstancesState", UpdateContainerInstancesState},
    Operation{"UpdateService", UpdateService},
    Operation{"UpdateServicePrimaryTaskSet", UpdateServicePrimaryTaskSet},
    Operation{"UpdateTaskProtection", UpdateTaskProtection},
    Operation{"UpdateTaskSet", UpdateTaskSet},
};

constexpr bool before(const Operation& operation, std::string_view name) {
  return operation.name < name;
}

static_assert(std::is_sorted(kOperations.begin(), kOperations.end(),
                             [](const Operation& a, const Operation& b) {
                               return a.name < b.name;
                             }));

}  // namespace

const Operation* find_operation(std::string_view service, std::string_view name) {
  struct Row {
    std::string_view service;
    std::span<const Operation> operations;
  };
  static const std::array kServices = {
      Row{"acm", acm_operations()},
      Row{"application-autoscaling", autoscaling_operations()},
      Row{"cloudformation", cloud_formation_operations()},
      Row{"cloudwatch", cloudwatch_operations()},
      Row{"codedeploy", code_deploy_operations()},
      Row{"dynamodb", dynamodb_operations()},
      Row{"ec2", ec2_operations()},
      Row{"ecr", ecr_operations()},
      Row{"ecs", kOperations},
      Row{"elasticloadbalancing", elb_operations()},
      Row{"events", event_bridge_operations()},
      Row{"iam", iam_operations()},
      Row{"kms", kms_operations()},
      Row{"logs", logs_operations()},
      Row{"route53", route53_operations()},
      Row{"scheduler", event_scheduler_operations()},
      Row{"secretsmanager", secretsmanager_operations()},
      Row{"sns", sns_operations()},
      Row{"ssm", ssm_operations()},
  };
  for (const Row& row : kServices) {
    if (row.service != service) continue;
    const auto found = std::lower_bound(row.operations.begin(), row.operations.end(), name, before);
    return found != row.operations.end() && found->name == name ? &*found : nullptr;
  }
  return nullptr;
}

}  // namespace slipway::sim
