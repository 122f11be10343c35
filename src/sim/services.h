// Services: what is asked of them and what they say of themselves.
#pragma once

#include "sim/calls.h"
#include "sim/entities.h"
#include "sim/json_writer.h"

namespace slipway::sim {

void write_service(JsonWriter& json, const Service& service, bool with_tags);

// platformVersion and platformFamily, where there are any.
void write_platform(JsonWriter& json, const Workload& workload);

// `deploymentConfiguration`: a block given replaces the block there was; what is not given stays.
std::optional<ServiceError> read_deployment_configuration(const Json& input, bool is_daemon,
                                                          DeploymentSettings& settings);

// Where a service's or task set's tasks run and what they are reached by, read from the members
// that CreateService, UpdateService and CreateTaskSet share. What the input leaves out stays.
std::optional<ServiceError> read_workload(const Call& call, Workload& workload);

// Whether the definition can run where and how the rest of the workload says.
std::optional<ServiceError> workload_problem(const Call& call, const Workload& workload);

// launchType or capacityProviderStrategy of the input, else the cluster's default, else EC2.
std::optional<ServiceError> read_launch(const Call& call, const Cluster& cluster,
                                        std::string& launch_type,
                                        std::vector<StrategyItem>& strategy);

// Whether tasks launched so run on Fargate.
bool runs_on_fargate(const Region& region, std::string_view launch_type,
                     const std::vector<StrategyItem>& strategy);

}  // namespace slipway::sim
