// The names an ecs-crd release gives to things in AWS. A name that has to be cut ends in a short
// hash of the whole one, so that two long names stay two.
#pragma once

#include "model/ecs_crd.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// Lower-case hex MD5 of "<group>#<service>#<environment>#<region>": the key of the state item.
std::string crd_item_key(std::string_view group, std::string_view service,
                         std::string_view environment, std::string_view region);

struct CrdNames {
  std::string environment;
  std::string service;        // service.name
  std::string cluster;        // a name, not an ARN
  std::string deployment_id;  // 32 hex digits, new in each run

  // The Init stack's label value is "0".
  static constexpr std::string_view kInit = "0";

  std::string stack(std::string_view label_value) const;
  std::string init_stack() const { return stack(kInit); }
  // What the Python tool calls the same stack: label values of more than two characters lost their
  // first two, long services were cut without a hash.
  std::string python_stack(std::string_view label_value) const;
  // The stack of a listener that several services may share; one for each load balancer and port.
  static std::string listener_stack(std::string_view load_balancer_name, int port);

  // New in each run, on purpose: container instances cache credentials by role name.
  std::string task_role(std::string_view label_value) const;
  std::string execution_role(std::string_view label_value) const;

  std::string ecs_service(std::string_view label_value) const;
  std::string family() const;
  std::string log_group() const;
  // `logical_id` as crd_logical_ids gives it.
  std::string target_group(std::string_view logical_id) const;
};

// For each binding what its logical ids end in: "Web8080" for web:8080. CloudFormation takes
// letters and digits only; what had others, or would be the same as another, gets a hash.
std::vector<std::string> crd_logical_ids(const std::vector<CrdContainerPort>& bindings);

}  // namespace slipway
