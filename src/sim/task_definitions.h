// Task definitions: checked, completed with the defaults AWS fills in, numbered, kept for good.
#pragma once

#include "sim/answer.h"
#include "sim/entities.h"
#include "sim/json_writer.h"
#include "sim/region.h"

#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace slipway::sim {

// "1024", "1 vCPU", ".5 vcpu" in CPU units; "2048", "2 GB", "0.5GB" in MiB. nullopt: not a size.
std::optional<int> parse_cpu(std::string_view text);
std::optional<int> parse_memory(std::string_view text);

// The combinations of task cpu and memory that Fargate offers.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
bool is_fargate_size(int cpu, int memory, bool windows);

// The attributes a current container agent on Linux has.
std::span<const std::string_view> agent_capabilities();

struct Call;  // sim/calls.h
// What RegisterTaskDefinition would keep, without a revision; or how ECS refuses the input.
Answer<std::shared_ptr<TaskDefinition>> read_definition(const Call& call);

void write_task_definition(JsonWriter& json, const TaskDefinition& definition);

}  // namespace slipway::sim
