#include "sim/scenario_reading.h"

#include "aws/facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway::sim {

std::span<const Node> list_of(Fields& fields, std::string_view key, std::string_view what) {
  const Node* list = fields.node(key);
  if (list == nullptr) return {};
  if (!list->is_sequence()) {
    fields.error(key, fmt::format("expected a list of {}", what));
    return {};
  }
  return list->items;
}

std::optional<Node> take(Node& document, std::string_view key) {
  const Node* found = document.find(key);
  if (found == nullptr) return std::nullopt;
  Node taken = *found;
  std::erase_if(document.members, [&](const Node::Member& member) { return member.key == key; });
  return taken;
}

Json read_document_of(std::string_view operation, const Node& node, const std::string& path,
                      Diagnostics& diagnostics, const aws::ServiceFacts& service) {
  const aws::Facts& facts = aws::Facts::of(service);
  if (const aws::OperationFacts* known = facts.operation(operation); known != nullptr)
    aws::report(aws::check_document(facts, known->input, node), path, diagnostics);
  return to_json(node);
}

void read_documents(Fields& file, const char* key, const char* operation, Scenario& scenario,
                    Diagnostics& diagnostics, const aws::ServiceFacts& service) {
  const std::span<const Node> list = list_of(file, key, fmt::format("{} inputs", operation));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = fmt::format("{}[{}]", key, i);
    scenario.calls.push_back({operation,
                              read_document_of(operation, list[i], path, diagnostics, service),
                              list[i].span, path, std::string(service.id)});
  }
}

std::optional<ForeignCall> read_call(Fields& fields, Diagnostics& diagnostics) {
  ForeignCall call;
  call.operation = fields.required_text("operation");
  if (call.operation.empty()) return std::nullopt;
  if (const auto colon = call.operation.find(':'); colon != std::string::npos) {
    call.service = call.operation.substr(0, colon);
    call.operation.erase(0, colon + 1);
  }
  if (!World::knows(call.service, call.operation)) {
    fields.error("operation", fmt::format("{}:{} is not simulated", call.service, call.operation));
    fields.ignore("input");
    return std::nullopt;
  }
  Node nothing;
  nothing.kind = Node::Kind::kMapping;
  nothing.span = fields.span();
  const Node* input = fields.node("input");
  call.input =
      read_document_of(call.operation, input == nullptr ? nothing : *input, fields.path_of("input"),
                       diagnostics, *aws::find_service_facts(call.service));
  return call;
}

void check_cluster_and_service(Fields& fields, const char* key, const std::string& text) {
  if (std::count(text.begin(), text.end(), '/') != 1) fields.error(key, "expected CLUSTER/SERVICE");
}

bool makes(const Scenario& scenario, std::string_view operation, std::string_view name_member,
           std::string_view name, std::string_view cluster) {
  return std::any_of(scenario.calls.begin(), scenario.calls.end(), [&](const SetupCall& call) {
    return call.operation == operation && string_or_empty(call.input, name_member) == name &&
           (cluster.empty() || string_or_empty(call.input, "cluster") == cluster);
  });
}

std::string_view plain_name(std::string_view name_or_arn) {
  const auto slash = name_or_arn.rfind('/');
  return slash == std::string_view::npos ? name_or_arn : name_or_arn.substr(slash + 1);
}

void make_event_bus(Scenario& scenario, std::string_view name_or_arn, const SourceSpan& span,
                    const std::string& path) {
  const std::string name(plain_name(name_or_arn));
  if (name.empty() || name == "default" || makes(scenario, "CreateEventBus", "Name", name)) return;
  scenario.calls.push_back({"CreateEventBus", JsonObject{{"Name", name}}, span, path, "events"});
}

}  // namespace slipway::sim
