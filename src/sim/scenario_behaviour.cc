#include "sim/scenario_behaviour.h"

#include "sim/scenario_reading.h"

#include <utility>

namespace slipway::sim {

ImageBehaviour read_behaviour(Fields& fields) {
  ImageBehaviour behaviour;
  set(behaviour.image, fields.text("image"));
  set(behaviour.task_definition, fields.text("task_definition"));
  set(behaviour.container, fields.text("container"));
  set(behaviour.kind, fields.choice<TaskKind>("kind", {{"task", TaskKind::kOneOff},
                                                       {"service", TaskKind::kOfService}}));
  set(behaviour.share_percent, fields.number("share_percent", kPercent));
  set(behaviour.pull, fields.choice<Pull>("pull", {{"ok", Pull::kOk},
                                                   {"not-found", Pull::kNotFound},
                                                   {"denied", Pull::kDenied},
                                                   {"wrong-platform", Pull::kWrongPlatform},
                                                   {"copy-failed", Pull::kCopyFailed},
                                                   {"timeout", Pull::kTimeout}}));
  set(behaviour.pull_error, fields.text("pull_error"));
  set(behaviour.start_failure, fields.text("start_failure"));
  if (const auto time = fields.duration("run_for")) behaviour.run_for = *time;
  set(behaviour.exit_code, fields.integer("exit_code", {.at_least = 0, .at_most = 255}));
  set(behaviour.out_of_memory, fields.boolean("out_of_memory"));
  if (const auto time = fields.duration("unhealthy_from")) behaviour.unhealthy_from = *time;
  if (const auto time = fields.duration("target_unhealthy_from"))
    behaviour.target_unhealthy_from = *time;
  if (const auto time = fields.duration("target_unhealthy_until"))
    behaviour.target_unhealthy_until = *time;
  set(behaviour.target_status, fields.integer("target_status", {.at_least = 0, .at_most = 599}));
  if (auto errors = fields.mapping("errors")) {
    behaviour.errors.emplace();
    set(behaviour.errors->percent, errors->number("percent", kPercent));
    set(behaviour.errors->status, errors->integer("status", {.at_least = 200, .at_most = 599}));
    set(behaviour.errors->from, errors->duration("from"));
  }
  set(behaviour.latency, fields.duration("latency"));
  set(behaviour.latency_from, fields.duration("latency_from"));
  for (Fields& line : fields.mappings("output")) {
    OutputLine output;
    set(output.after, line.duration("after"));
    output.line = line.required_text("line");
    behaviour.output.push_back(std::move(output));
  }
  set(behaviour.delay_factor, fields.number("delay_factor", {.at_least = 0}));
  if (const auto time = fields.duration("pull_time")) behaviour.pull_time = *time;
  if (const auto time = fields.duration("exit_time")) behaviour.exit_time = *time;
  set(behaviour.exit_code_on_stop,
      fields.integer("exit_code_on_stop", {.at_least = 0, .at_most = 255}));
  return behaviour;
}

std::vector<ImageBehaviour> read_images(Fields& fields, const char* key) {
  std::vector<ImageBehaviour> images;
  for (Fields& image : fields.mappings(key)) images.push_back(read_behaviour(image));
  return images;
}

}  // namespace slipway::sim
