#include "sim/knobs.h"

#include <array>

namespace slipway::sim {

std::span<const DurationKnob> duration_knobs() {
  static constexpr std::array kAll = {
      DurationKnob{"t_tick", &Knobs::t_tick},
      DurationKnob{"t_provision", &Knobs::t_provision},
      DurationKnob{"t_pending", &Knobs::t_pending},
      DurationKnob{"t_pull", &Knobs::t_pull},
      DurationKnob{"t_start", &Knobs::t_start},
      DurationKnob{"ec2_t_pending", &Knobs::ec2_t_pending},
      DurationKnob{"ec2_t_pull", &Knobs::ec2_t_pull},
      DurationKnob{"ec2_t_start", &Knobs::ec2_t_start},
      DurationKnob{"t_fail_pull", &Knobs::t_fail_pull},
      DurationKnob{"t_exit", &Knobs::t_exit},
      DurationKnob{"t_deprovision", &Knobs::t_deprovision},
      DurationKnob{"t_healthy_no_lb", &Knobs::t_healthy_no_lb},
      DurationKnob{"elb_register_lag", &Knobs::elb_register_lag},
      DurationKnob{"elb_apply", &Knobs::elb_apply},
      DurationKnob{"elb_provision", &Knobs::elb_provision},
      DurationKnob{"table_creation", &Knobs::table_creation},
      DurationKnob{"stopTimeout", &Knobs::stopTimeout},
      DurationKnob{"r53_sync", &Knobs::r53_sync},
      DurationKnob{"alarm_poll", &Knobs::alarm_poll},
      DurationKnob{"alarm_bake", &Knobs::alarm_bake},
      DurationKnob{"alarm_metric_lag", &Knobs::alarm_metric_lag},
      DurationKnob{"metric_lag", &Knobs::metric_lag},
      DurationKnob{"start_back_off", &Knobs::start_back_off},
      DurationKnob{"start_back_off_cap", &Knobs::start_back_off_cap},
      DurationKnob{"stopped_task_retention", &Knobs::stopped_task_retention},
      DurationKnob{"inactive_visible", &Knobs::inactive_visible},
      DurationKnob{"inactive_definition_usable", &Knobs::inactive_definition_usable},
      DurationKnob{"client_token_window", &Knobs::client_token_window},
      DurationKnob{"t_instance", &Knobs::t_instance},
      DurationKnob{"provisioning_timeout", &Knobs::provisioning_timeout},
      DurationKnob{"event_repeat", &Knobs::event_repeat},
      DurationKnob{"log_ingestion", &Knobs::log_ingestion},
      DurationKnob{"cfn_call", &Knobs::cfn_call},
      DurationKnob{"cfn_resource", &Knobs::cfn_resource},
      DurationKnob{"cfn_role", &Knobs::cfn_role},
      DurationKnob{"cfn_poll", &Knobs::cfn_poll},
      DurationKnob{"consistency_lag", &Knobs::consistency_lag},
  };
  return kAll;
}

}  // namespace slipway::sim
