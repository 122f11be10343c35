#include "sim/scenario_stacks.h"

#include "aws/facts.h"
#include "aws/service.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace slipway::sim {
namespace {

// TemplateBody may be written as a mapping; its text is then that mapping as JSON.
void write_template_as_text(Json& input) {
  Json* body = input.as_object().if_contains("TemplateBody");
  if (body != nullptr && body->is_object()) *body = to_pretty_text(*body);
}

// The scenario may also say the template in its own words; what the facts hold against it is text.
Node with_text_for_template(const Node& document) {
  Node copy = document;
  for (Node::Member& member : copy.members) {
    if (member.key != "TemplateBody" || !member.value.is_mapping()) continue;
    const SourceSpan span = member.value.span;
    member.value = Node{};
    member.value.kind = Node::Kind::kScalar;
    member.value.quoted = true;
    member.value.text = "{}";
    member.value.span = span;
  }
  return copy;
}

}  // namespace

void read_stacks(Fields& file, Scenario& scenario, Diagnostics& diagnostics) {
  const std::span<const Node> list = list_of(file, "stacks", "CreateStack inputs");
  const aws::Facts& facts = aws::Facts::of(aws::kCloudFormation);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = fmt::format("stacks[{}]", i);
    const Node& document = list[i];
    aws::report(aws::check_document(facts, facts.operation("CreateStack")->input,
                                    with_text_for_template(document)),
                path, diagnostics);
    Json input = to_json(document);
    if (!input.is_object()) continue;
    write_template_as_text(input);
    scenario.calls.push_back(
        {"CreateStack", std::move(input), document.span, path, "cloudformation"});
  }
}

void report_unmade_stacks(World& world, const Scenario& scenario, Diagnostics& diagnostics) {
  for (const Happening& happening : scenario.capacity)
    if (std::holds_alternative<SetStackFaults>(happening)) return;
  for (const SetupCall& call : scenario.calls) {
    if (call.service != "cloudformation" || call.operation != "CreateStack") continue;
    const std::string name(string_or_empty(call.input, "StackName"));
    const Json asked = JsonObject{{"StackName", name}};
    const Reply stacks = world.call({}, "cloudformation", "DescribeStacks", asked);
    std::string status = "gone";
    std::string reason;
    if (stacks) {
      const Json answer = stacks->parse();
      status = string_or_empty(answer.at("Stacks").at(0), "StackStatus");
    }
    if (status == "CREATE_COMPLETE") continue;
    if (const Reply events = world.call({}, "cloudformation", "DescribeStackEvents", asked)) {
      const Json answer = events->parse();
      for (const Json& event : answer.at("StackEvents").as_array())  // the oldest is the last
        if (string_or_empty(event, "ResourceStatus") == "CREATE_FAILED")
          reason = fmt::format(": {}: {}", string_or_empty(event, "LogicalResourceId"),
                               string_or_empty(event, "ResourceStatusReason"));
    }
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    diagnostics.error(call.span, "scenario.stack", call.path,
                      fmt::format("the stack {} is {} at the start{}", name, status, reason));
  }
}

std::vector<StackFault> read_stack_faults(Fields& fields, const char* key) {
  std::vector<StackFault> faults;
  for (Fields& each : fields.mappings(key)) {
    StackFault fault;
    if (auto stack = each.text("stack")) fault.stack = std::move(*stack);
    if (auto resource = each.text("resource")) fault.resource = std::move(*resource);
    if (const auto on = each.choice<StackFault::On>("on", {{"create", StackFault::On::kCreate},
                                                           {"update", StackFault::On::kUpdate},
                                                           {"delete", StackFault::On::kDelete}}))
      fault.on = *on;
    if (auto reason = each.text("reason")) fault.reason = std::move(*reason);
    if (const auto takes = each.duration("takes")) fault.takes = *takes;
    if (const auto times = each.integer("times", {.at_least = 1}))
      fault.times = static_cast<int>(*times);
    if (fault.reason.empty() && !fault.takes)
      each.error("reason", "expected a reason, the time it takes, or both");
    faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace slipway::sim
