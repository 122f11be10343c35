// What is wrong with an ecs-crd release before it starts: each finding knows the step of the
// preparation it belongs to, since the exit status of a run is that of the earliest step that found
// something (and every finding is shown, not just the first).
#pragma once

#include "base/diagnostic.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// In the order they are taken, P1 to P11; the value is not the exit status.
enum class CrdStep {
  kFile,            // the file as such: not there, no YAML
  kGlobals,         // P1: account, VPC, cluster, names, FQDNs and their zones
  kLoadBalancers,   // P2: the pair and its listeners
  kWitnesses,       // P2: which side is live
  kScale,           // P3
  kContainers,      // P4: containers, images, secrets
  kService,         // P5: service and autoscaling
  kTaskDefinition,  // P6
  kTargetGroups,    // P7
  kListeners,       // P8: listeners, rules, certificates
  kIam,             // P9
  kStrategy,        // P10
  kInitStack,       // P11
  kGreenStack,      // the template of the release
};

// "load balancers", for messages.
std::string_view to_string(CrdStep step);
int exit_status_of(CrdStep step);

// The step that reads this part of the deployment file: "service.containers[0].cpu" is kContainers.
CrdStep step_that_reads(std::string_view path);

// A value's place in the deployment file, for what is found out about it later.
struct CrdPlace {
  std::string path;  // "service.containers[0].image"
  SourceSpan span;
};

struct CrdFinding {
  CrdStep step;
  Diagnostic what;
};

class CrdFindings {
 public:
  void error(CrdStep step, const CrdPlace& place, std::string message, std::string suggestion = {});
  void warning(CrdStep step, const CrdPlace& place, std::string message,
               std::string suggestion = {});
  // Each at the step that reads its place; those without a path are about the file as such.
  void add(const Diagnostics& diagnostics);
  void add(const CrdFindings& others);

  // By step, then by place in the text. One that was found twice is told once.
  std::vector<CrdFinding> in_order() const;
  bool has_errors() const { return exit_status().has_value(); }
  // Of the earliest step that has an error; nullopt when none has.
  std::optional<int> exit_status() const;
  std::optional<CrdStep> first_failed_step() const;

 private:
  std::vector<CrdFinding> all_;
};

}  // namespace slipway
