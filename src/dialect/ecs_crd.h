// The deployment file of ecs-crd (<environment>.deploy.yml), from text to `CrdFile`. Two passes,
// because the values of some variables come from AWS: parsing tells whether the file is one at all
// and what it mentions, reading replaces the variables and checks every value.
#pragma once

#include "base/diagnostic.h"
#include "base/node.h"
#include "model/ecs_crd.h"
#include "model/ecs_crd_findings.h"

#include <memory>
#include <optional>
#include <string>

namespace slipway {

// nullopt when the text is no single YAML document; the findings say why.
std::optional<Node> parse_ecs_crd(std::shared_ptr<const SourceText> source, CrdFindings& findings);

// Whether {{external_ip}} stands in a value where it would be replaced.
bool mentions_external_ip(const Node& document);

// What is not in the file. A variable without a value stays as it is, and what it stands in is not
// complained about: whoever could not find the value out has said so.
struct CrdVariables {
  std::string environment;
  std::string region;
  std::optional<std::string> account_id;
  std::optional<std::string> external_ip;  // only asked for when it is mentioned
};

struct CrdReading {
  CrdVariables variables;
  bool strict = false;  // unknown keys are errors
};

// What could be read, whatever else is wrong with it; use it only when `findings` has no errors, or
// to find more. Warns once for each {{word}} that is no variable.
CrdFile read_ecs_crd(const Node& document, const CrdReading& reading, CrdFindings& findings);

}  // namespace slipway
