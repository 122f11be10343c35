#include "model/ecs_crd_findings.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace slipway {
namespace {

struct StepRow {
  CrdStep step;
  int exit_status;
  std::string_view name;
};
constexpr StepRow kSteps[] = {
    {CrdStep::kFile, 2, "deployment file"},
    {CrdStep::kGlobals, 1, "global parameters"},
    {CrdStep::kLoadBalancers, 2, "load balancers"},
    {CrdStep::kWitnesses, 21, "live release"},
    {CrdStep::kScale, 3, "scale"},
    {CrdStep::kContainers, 4, "containers"},
    {CrdStep::kService, 5, "service"},
    {CrdStep::kTaskDefinition, 6, "task definition"},
    {CrdStep::kTargetGroups, 7, "target groups"},
    {CrdStep::kListeners, 8, "listeners"},
    {CrdStep::kIam, 9, "IAM"},
    {CrdStep::kStrategy, 10, "strategy"},
    {CrdStep::kInitStack, 11, "Init stack"},
    {CrdStep::kGreenStack, 12, "Green stack"},
};

const StepRow& row_of(CrdStep step) { return kSteps[static_cast<std::size_t>(step)]; }

// The longest that begins the path decides.
constexpr std::pair<std::string_view, CrdStep> kReaders[] = {
    {"canary.releases", CrdStep::kLoadBalancers},
    {"canary.scale", CrdStep::kScale},
    {"canary.strategy", CrdStep::kStrategy},
    {"service.containers", CrdStep::kContainers},
    {"service.auto_scaling", CrdStep::kService},
    {"service.launch_type", CrdStep::kService},
    {"service.network_configuration", CrdStep::kService},
    {"service.placement_constraints", CrdStep::kService},
    {"service.placement_strategies", CrdStep::kService},
    {"service.platform_version", CrdStep::kService},
    {"service.scheduling_strategy", CrdStep::kService},
    {"service.cpu", CrdStep::kTaskDefinition},
    {"service.memory", CrdStep::kTaskDefinition},
    {"service.network_mode", CrdStep::kTaskDefinition},
    {"service.pid_mode", CrdStep::kTaskDefinition},
    {"service.ipc_mode", CrdStep::kTaskDefinition},
    {"service.requires_compatibilities", CrdStep::kTaskDefinition},
    {"service.volumes", CrdStep::kTaskDefinition},
    {"service.iam_roles", CrdStep::kIam},
    {"target_groups", CrdStep::kTargetGroups},
    {"listeners", CrdStep::kListeners},
};

bool is_below(std::string_view path, std::string_view part) {
  return path.starts_with(part) &&
         (path.size() == part.size() || path[part.size()] == '.' || path[part.size()] == '[');
}

auto key_of(const CrdFinding& finding) {
  const Diagnostic& what = finding.what;
  return std::tie(finding.step, what.span.line, what.span.column, what.path, what.message);
}

}  // namespace

std::string_view to_string(CrdStep step) { return row_of(step).name; }

int exit_status_of(CrdStep step) { return row_of(step).exit_status; }

CrdStep step_that_reads(std::string_view path) {
  if (path.empty()) return CrdStep::kFile;
  const auto* found = std::ranges::find_if(
      kReaders, [&](const auto& reader) { return is_below(path, reader.first); });
  return found == std::end(kReaders) ? CrdStep::kGlobals : found->second;
}

void CrdFindings::error(CrdStep step, const CrdPlace& place, std::string message,
                        std::string suggestion) {
  all_.push_back({step,
                  {.severity = Severity::kError,
                   .code = "ecs-crd.preparation",
                   .path = place.path,
                   .message = std::move(message),
                   .suggestion = std::move(suggestion),
                   .span = place.span}});
}

void CrdFindings::warning(CrdStep step, const CrdPlace& place, std::string message,
                          std::string suggestion) {
  error(step, place, std::move(message), std::move(suggestion));
  all_.back().what.severity = Severity::kWarning;
}

void CrdFindings::add(const Diagnostics& diagnostics) {
  for (const Diagnostic& what : diagnostics.all())
    all_.push_back({step_that_reads(what.path), what});
}

void CrdFindings::add(const CrdFindings& others) {
  all_.insert(all_.end(), others.all_.begin(), others.all_.end());
}

std::vector<CrdFinding> CrdFindings::in_order() const {
  std::vector<CrdFinding> sorted = all_;
  std::ranges::stable_sort(
      sorted, [](const CrdFinding& a, const CrdFinding& b) { return key_of(a) < key_of(b); });
  const auto repeated = std::ranges::unique(
      sorted, [](const CrdFinding& a, const CrdFinding& b) { return key_of(a) == key_of(b); });
  sorted.erase(repeated.begin(), repeated.end());
  return sorted;
}

std::optional<CrdStep> CrdFindings::first_failed_step() const {
  std::optional<CrdStep> first;
  for (const CrdFinding& finding : all_)
    if (finding.what.severity == Severity::kError && (!first || finding.step < *first))
      first = finding.step;
  return first;
}

std::optional<int> CrdFindings::exit_status() const {
  const std::optional<CrdStep> step = first_failed_step();
  if (!step) return std::nullopt;
  return exit_status_of(*step);
}

}  // namespace slipway
