#include "sim/scenario_surroundings.h"

#include "aws/facts.h"
#include "aws/service.h"
#include "base/node.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::sim {
namespace {

struct Section {
  std::string_view key;
  const aws::ServiceFacts& service;
  std::string_view operation;
  // Members beside those of the operation's input.
  std::array<std::string_view, 5> ours;
};

const Section kSections[] = {
    {"vpcs", aws::kEc2, "CreateVpc", {"VpcId", "IsDefault", "Tags"}},
    {"certificates", aws::kAcm, "RequestCertificate", {"CertificateArn", "Status", "Type"}},
    {"repositories", aws::kEcr, "CreateRepository", {"images"}},
    {"secrets", aws::kSecretsManager, "CreateSecret", {}},
    {"parameters", aws::kSsm, "PutParameter", {}},
    {"keys", aws::kKms, "CreateKey", {"KeyId", "KeyState", "KeyManager", "aliases"}},
    {"tables", aws::kDynamoDb, "CreateTable", {"items"}},
    // The trust policy may be written as a mapping.
    {"roles",
     aws::kIam,
     "CreateRole",
     {"policies", "attached_policies", "AssumeRolePolicyDocument"}},
};

const Section kScalableTargets{"scalable_targets", aws::kAutoScaling, "RegisterScalableTarget", {}};

bool is_ours(const Section& section, std::string_view key) {
  return !key.empty() &&
         std::find(section.ours.begin(), section.ours.end(), key) != section.ours.end();
}

// What AWS would ask for, and a scenario need not say.
void fill_in(const Section& section, JsonObject& input) {
  const auto fill = [&](std::string_view member, Json value) {
    if (!input.contains(member)) input[member] = std::move(value);
  };
  if (section.key == "certificates") fill("Status", "ISSUED");
  if (section.key == "parameters") fill("Type", "String");
  if (section.key == "tables" && !input.contains("ProvisionedThroughput"))
    fill("BillingMode", "PAY_PER_REQUEST");
  if (section.key == "scalable_targets") {
    fill("ServiceNamespace", "ecs");
    fill("ScalableDimension", "ecs:service:DesiredCount");
  }
  if (section.key == "roles")
    fill("AssumeRolePolicyDocument",
         JsonObject{{"Version", "2012-10-17"}, {"Statement", JsonArray{}}});
}

void read_section(const Section& section, Fields& file, Diagnostics& diagnostics,
                  std::vector<SetupCall>& calls) {
  const std::span<const Node> list =
      list_of(file, section.key, fmt::format("{} inputs", section.operation));
  const aws::Facts& facts = aws::Facts::of(section.service);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Node& item = list[i];
    const std::string path = fmt::format("{}[{}]", section.key, i);
    Json input = to_json(item);
    if (!input.is_object()) {
      diagnostics.error(item.span, "scenario.surroundings", path,
                        fmt::format("expected what {} takes", section.operation));
      continue;
    }
    fill_in(section, input.get_object());
    Node theirs = item;
    std::erase_if(theirs.members,
                  [&](const Node::Member& member) { return is_ours(section, member.key); });
    const std::string& shape = facts.operation(section.operation)->input;
    using Kind = aws::Violation::Kind;
    std::vector<aws::Violation> violations = aws::check_document(facts, shape, theirs);
    std::erase_if(violations, [](const auto& each) { return each.kind == Kind::kMissingMember; });
    // What is filled in, or ours, is not missing.
    for (aws::Violation& violation : aws::check_document(facts, shape, input)) {
      if (violation.kind != Kind::kMissingMember) continue;
      violation.span = item.span;
      violations.push_back(std::move(violation));
    }
    aws::report(violations, path, diagnostics);
    calls.push_back({std::string(section.operation), std::move(input), item.span, path,
                     std::string(section.service.id)});
  }
}

}  // namespace

void read_surroundings(Fields& file, Diagnostics& diagnostics, std::vector<SetupCall>& calls) {
  for (const Section& section : kSections) read_section(section, file, diagnostics, calls);
}

void read_scalable_targets(Fields& file, Diagnostics& diagnostics, std::vector<SetupCall>& calls) {
  read_section(kScalableTargets, file, diagnostics, calls);
}

}  // namespace slipway::sim
