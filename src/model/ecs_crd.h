// The deployment file of ecs-crd, read: defaults in place, variables replaced, every value checked
// as far as it can be without AWS.
//
// Two meanings of blue and green: here, `blue` and `green` are *labels*, nicknames of the two load
// balancers of a pair, and never change. Which of the two is live (Blue, capitalised, elsewhere
// `live`) and which is being deployed (Green) changes with every release; see
// plan/ecs_crd_witnesses.h.
#pragma once

#include "base/json.h"
#include "model/ecs_crd_findings.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

enum class CrdLabel { kBlue, kGreen };
std::string_view to_string(CrdLabel label);  // "blue", "green"
CrdLabel other(CrdLabel label);

struct CrdText {
  std::string text;
  CrdPlace place;
};

// A port that the releases of the two labels may have each their own of.
struct CrdPort {
  int blue = 0;
  int green = 0;
  int of(CrdLabel label) const { return label == CrdLabel::kBlue ? blue : green; }
  bool operator==(const CrdPort&) const = default;
};

using CrdPairs = std::vector<std::pair<std::string, std::string>>;  // in file order

// ---- canary -------------------------------------------------------------------------------------

struct CrdStrategyStep {
  int weight_percent = 50;  // the share of the release being deployed
  std::chrono::seconds wait{60};
  CrdPlace place;
};

struct CrdCanary {
  CrdText group;                        // ALB tag CanaryGroup
  CrdText release_blue;                 // ALB tag CanaryRelease of the load balancer called blue
  CrdText release_green;                // ... of the one called green
  int desired = 2;                      // tasks
  std::chrono::seconds scale_wait{60};  // after the scale-up
  std::optional<std::chrono::seconds> start_limit;  // for the first health; absent: as usual
  std::vector<CrdStrategyStep> strategy;  // as in the file; plan/ecs_crd_steps.h makes the list
  std::optional<CrdText> on_success;      // SNS topics
  std::optional<CrdText> on_fail;

  const CrdText& release(CrdLabel label) const {
    return label == CrdLabel::kBlue ? release_blue : release_green;
  }
};

// ---- service.containers -------------------------------------------------------------------------

struct CrdPortMapping {
  int container_port = 0;
  CrdPort host_port;             // 0: dynamic
  std::string protocol = "tcp";  // "tcp" or "udp"; only tcp is bound to a load balancer
  CrdPlace place;

  bool is_dynamic() const { return host_port == CrdPort{}; }
};

// A secret of Secrets Manager or a parameter of Systems Manager, however it was named.
struct CrdSecret {
  std::string name;        // the environment variable, or the option of a log driver
  std::string value_from;  // as written, variables replaced; see parse_secret (ecs_crd_facts.h)
  CrdPlace place;
};

struct CrdMountPoint {
  std::string container_path;
  std::string source_volume;
  bool read_only = false;
};

struct CrdContainerDependency {
  std::string container_name;
  std::string condition;
};

struct CrdContainerHealthCheck {
  std::vector<std::string> command;
  std::optional<int> interval, retries, start_period, timeout;
};

struct CrdLogConfiguration {
  std::string log_driver;
  CrdPairs options;
  std::vector<CrdSecret> secret_options;
};

struct CrdContainer {
  std::string name = "default";
  CrdText image;
  int cpu = 128;     // units
  int memory = 128;  // MiB, hard limit
  std::optional<int> memory_reservation;
  std::vector<CrdPortMapping> port_mappings;
  std::vector<std::string> entry_point;
  std::vector<std::string> command;
  CrdPairs environment;  // without the three that are always added
  std::vector<CrdSecret> secrets;
  std::vector<std::string> dns_search_domains;
  std::vector<std::string> dns_servers;
  std::optional<bool> disable_networking;
  std::vector<std::string> docker_security_options;
  std::vector<std::string> links;
  bool essential = true;
  std::optional<bool> privileged;
  std::string hostname;  // empty: not given
  std::vector<CrdMountPoint> mount_points;
  std::optional<int> start_timeout, stop_timeout;  // seconds
  std::vector<CrdContainerDependency> depends_on;
  std::optional<CrdContainerHealthCheck> health_check;
  std::optional<CrdLogConfiguration> log_configuration;  // absent: awslogs
  CrdPlace place;
};

// ---- service ------------------------------------------------------------------------------------

struct CrdPlacementConstraint {
  std::string type;
  std::string expression;  // empty: not given
};

struct CrdPlacementStrategy {
  std::string type;
  std::string field;  // empty: not given
};

struct CrdDockerVolume {
  std::optional<bool> autoprovision;
  std::string driver, scope;  // empty: not given
  CrdPairs driver_opts, labels;
};

struct CrdEfsVolume {
  std::string file_system_id;
  std::string root_directory, transit_encryption, access_point_id, iam;  // empty: not given
  std::optional<int> transit_encryption_port;
};

struct CrdVolume {
  std::string name;
  std::string source_path;  // of host; empty: not given
  std::optional<CrdDockerVolume> docker;
  std::optional<CrdEfsVolume> efs;
};

struct CrdPolicy {
  std::string name;
  std::string effect = "Allow";
  std::vector<std::string> actions;
  std::vector<std::string> resources = {"*"};
};

struct CrdStepAdjustment {
  std::optional<double> lower_bound, upper_bound;  // at least one
  int scaling_adjustment = 0;
};

struct CrdStepScaling {
  std::string adjustment_type = "ChangeInCapacity";
  int cooldown = 60;  // seconds
  std::string metric_aggregation_type = "Average";
  std::vector<CrdStepAdjustment> step_adjustments;
};

struct CrdTargetTracking {
  double target_value = 0;
  std::string predefined_metric_type;
  std::optional<int> scale_in_cooldown, scale_out_cooldown;  // seconds
  std::optional<bool> disable_scale_in;
};

struct CrdAlarm {
  std::string metric_name;
  std::string description;
  std::string namespace_name = "AWS/ECS";
  std::string statistic = "Average";
  int period = 300;  // seconds
  int evaluation_periods = 1;
  double threshold = 0;
  std::string comparison_operator;
};

struct CrdScalingPolicy {
  std::string name;
  std::optional<CrdStepScaling> steps;  // one of the two
  std::optional<CrdTargetTracking> tracking;
  std::vector<CrdAlarm> alarms;  // of step scaling
};

struct CrdAutoScaling {
  int min_capacity = 0;
  int max_capacity = 0;
  std::string role_arn;  // empty: the service-linked role
  std::vector<CrdScalingPolicy> policies;
};

struct CrdNetwork {
  std::vector<std::string> subnets;
  std::vector<std::string> security_groups;
  bool assign_public_ip = false;
};

struct CrdService {
  CrdText project;
  CrdText name;
  std::string version = "latest";
  CrdText cluster;                        // a name
  std::vector<CrdText> fqdns;             // without a final dot, letters as written
  std::optional<CrdText> vpc_id;          // absent: the VPC tagged with the environment
  std::optional<CrdText> hosted_zone_id;  // absent: the longest zone that fits
  std::vector<CrdContainer> containers;
  std::optional<int> cpu, memory;                // of the task
  std::string network_mode, pid_mode, ipc_mode;  // empty: not given
  std::vector<std::string> requires_compatibilities;
  std::string launch_type = "EC2";
  std::optional<CrdNetwork> network_configuration;
  std::string scheduling_strategy = "REPLICA";
  std::string platform_version;  // empty: not given
  std::vector<CrdPlacementConstraint> placement_constraints;
  std::vector<CrdPlacementStrategy> placement_strategies;
  std::vector<CrdVolume> volumes;
  std::vector<CrdPolicy> task_execution_role;
  std::vector<CrdPolicy> task_role;  // empty: the tasks have no role
  std::optional<CrdAutoScaling> auto_scaling;

  bool is_daemon() const { return scheduling_strategy == "DAEMON"; }
  bool has_own_addresses() const { return network_mode == "awsvpc"; }
};

// ---- target_groups, listeners -------------------------------------------------------------------

struct CrdContainerPort {
  std::string container = "default";
  int port = 0;
  auto operator<=>(const CrdContainerPort&) const = default;
};
std::string to_string(const CrdContainerPort& binding);  // "web:8080"

struct CrdTargetGroup {
  CrdContainerPort container;
  std::optional<CrdPort> port;  // absent: the container's
  std::string protocol = "HTTP";
  CrdPairs attributes;
  std::optional<CrdPort> health_check_port;  // absent: traffic-port
  std::string health_check_path = "/";
  std::string health_check_protocol = "HTTP";
  std::string health_check_matcher = "200";
  std::optional<int> interval_seconds, timeout_seconds;
  std::optional<int> healthy_threshold_count, unhealthy_threshold_count;
  CrdPlace place;

  // deregistration_delay.timeout_seconds, or AWS's default.
  std::chrono::seconds deregistration_delay() const;
};

struct CrdCondition {
  std::string field;                // "host-header", "query-string", ...
  std::vector<std::string> values;  // not of query-string
  CrdPairs query_strings;           // of query-string; an empty key matches any
  std::string http_header_name;     // of http-header
};

struct CrdAction {
  std::string type;  // "authenticate-oidc", "fixed-response", ...
  int order = 1;
  JsonObject config;  // in CloudFormation's words: {"StatusCode": "HTTP_301"}

  // Nothing follows it.
  bool ends_the_rule() const { return type == "fixed-response" || type == "redirect"; }
};

struct CrdRule {
  std::optional<int> priority;
  std::vector<CrdCondition> conditions;
  std::vector<CrdAction> actions;  // without the forward to the target group
  CrdPlace place;

  bool forwards() const;  // whether a forward is appended
};

struct CrdListener {
  int port = 0;
  std::string protocol = "HTTP";
  CrdContainerPort container;
  std::vector<CrdText> certificates;  // domain names
  std::vector<CrdRule> rules;
  CrdPlace place;
};

// -------------------------------------------------------------------------------------------------

struct CrdFile {
  CrdCanary canary;
  CrdService service;
  std::vector<CrdTargetGroup> target_groups;
  std::vector<CrdListener> listeners;
  std::string digest;  // SHA-256 of the text, in hex

  const CrdTargetGroup* target_group_of(const CrdContainerPort& binding) const;
  // What a load balancer sends requests to: every tcp port of every container, in file order.
  std::vector<CrdContainerPort> bindings() const;
  const CrdPortMapping* mapping_of(const CrdContainerPort& binding) const;
};

}  // namespace slipway
