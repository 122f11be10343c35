// Every assumption about AWS's timing, and every behaviour that no source settles, as a named
// value. The names and defaults are those of the published model (docs/scenario.md); a scenario
// sets them by these names.
#pragma once

#include "base/time.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace slipway::sim {

// From when on an old deployment's tasks no longer keep the new one from being COMPLETED.
enum class CompletedWaitsFor { kStopping, kStopped };

struct Knobs {
  // The service scheduler looks at a service this often, and this long after a change wakes one
  // that was at rest.
  Duration t_tick = std::chrono::seconds(10);

  // A Fargate task from creation to RUNNING, state by state.
  Duration t_provision = std::chrono::seconds(10);
  Duration t_pending = std::chrono::seconds(8);
  Duration t_pull = std::chrono::seconds(7);
  Duration t_start = std::chrono::seconds(1);
  // The same on EC2, with the image already on the instance. awsvpc tasks also take t_provision.
  Duration ec2_t_pending = std::chrono::seconds(1);
  Duration ec2_t_pull = std::chrono::seconds(2);
  Duration ec2_t_start = std::chrono::seconds(1);
  // From creation to the death of a task whose image cannot be pulled.
  Duration t_fail_pull = std::chrono::seconds(18);
  // From SIGTERM to the process's exit, unless the image says otherwise.
  Duration t_exit = std::chrono::seconds(2);
  // Detaching the network interface: Fargate and awsvpc tasks only.
  Duration t_deprovision = std::chrono::seconds(24);
  // Task timings are drawn from +- this share of the values above; 0 keeps them exact.
  double spread_percent = 0;

  // Without load balancer and health check a task counts as healthy this long after RUNNING.
  Duration t_healthy_no_lb = std::chrono::seconds(40);
  Duration elb_register_lag = std::chrono::seconds(1);
  Duration elb_apply = std::chrono::seconds(1);
  // How long a new load balancer is provisioning.
  Duration elb_provision = std::chrono::seconds(120);
  // How long a new DynamoDB table is CREATING, and a deleted one DELETING.
  Duration table_creation = std::chrono::seconds(10);
  Duration stopTimeout = std::chrono::seconds(30);
  Duration r53_sync = std::chrono::seconds(60);

  Duration alarm_poll = std::chrono::seconds(10);
  Duration alarm_bake = std::chrono::seconds(300);
  Duration alarm_metric_lag = std::chrono::seconds(200);
  // From the end of a period to its point in an answer of CloudWatch.
  Duration metric_lag = std::chrono::seconds(60);

  // More than three consecutive failures to start wait base * 2^(failures - 3), at most the cap.
  Duration start_back_off = std::chrono::seconds(10);
  Duration start_back_off_cap = std::chrono::seconds(900);

  Duration stopped_task_retention = std::chrono::hours(1);
  Duration inactive_visible = std::chrono::hours(1);  // deleted services and clusters
  Duration inactive_definition_usable{0};
  Duration client_token_window = std::chrono::hours(24);
  // How a task waits for capacity that a capacity provider may still bring, and how long an
  // instance takes to join.
  Duration t_instance = std::chrono::seconds(180);
  Duration provisioning_timeout = std::chrono::seconds(600);
  // An event that stays true is not repeated before so much time has passed.
  Duration event_repeat = std::chrono::hours(6);

  // From a container's line to its log event.
  Duration log_ingestion = std::chrono::seconds(1);
  // CloudFormation: from a resource's turn to its call, from the call until the resource is there
  // (an IAM role takes longer), and between two looks at one that is not.
  Duration cfn_call = std::chrono::seconds(1);
  Duration cfn_resource = std::chrono::seconds(2);
  Duration cfn_role = std::chrono::seconds(15);
  Duration cfn_poll = std::chrono::seconds(5);
  // EventBridge's quota of targets for one rule.
  std::size_t targets_per_rule = 5;

  // Reads answer with the world as it was this long ago.
  Duration consistency_lag{0};

  // Whether tasks that were told to stop still count against maximumPercent.
  bool stopping_counts_toward_max = false;
  CompletedWaitsFor completed_waits_for = CompletedWaitsFor::kStopping;
  std::optional<std::size_t> max_stops_per_tick;  // nullopt: as many as the bounds allow

  bool operator==(const Knobs&) const = default;
};

struct DurationKnob {
  std::string_view name;
  Duration Knobs::* member;
};

// Every knob that is a duration, by the name a scenario uses.
std::span<const DurationKnob> duration_knobs();

}  // namespace slipway::sim
