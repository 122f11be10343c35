#include "execute/ecs_crd_message.h"

#include "execute/ecs_crd_say.h"

#include <fmt/format.h>

namespace slipway {
namespace {

// SNS takes fewer than 100 characters of printable ASCII.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
constexpr std::size_t kLongestSubject = 99;
// SNS takes 262,144 bytes in all.
constexpr std::size_t kLongestValue = 100'000;

std::string as_subject(const std::string& text) {
  std::string subject;
  for (const char c : text) {
    if (subject.size() == kLongestSubject) break;
    subject += c >= ' ' && c <= '~' ? c : '?';
  }
  return subject;
}

}  // namespace

CrdMessage message_of(const CrdRunFacts& run) {
  const bool ok = run.exit_status == 0;
  CrdMessage message;
  message.subject =
      as_subject(fmt::format("[{}] {} - {}", ok ? "SUCCESS" : "FAIL", run.action, run.service));
  message.body = fmt::format("The {} of the service {} has {}.\n\n", run.action,
                             run.service.empty() ? "(name unknown)" : run.service,
                             ok ? "succeeded" : "failed");
  const auto field = [&](std::string_view label, const std::string& value) {
    message.body += fmt::format("{:<15} : {}\n", label, value.substr(0, kLongestValue));
  };
  std::string fqdns;
  for (const std::string& name : run.fqdns) fqdns += name + ",";
  field("Account", run.account);
  field("Region", run.region);
  field("Environment", run.environment);
  field("Cluster", run.cluster);
  field("Project", run.project);
  field("Service", run.service);
  field("Version", run.version);
  field("Fqdn", fqdns);
  field("Exit Code", std::to_string(run.exit_status));
  field("Message", run.message.empty() ? "None" : run.message);
  field("Deployment", run.deployment_id);
  if (!run.green.empty()) field("Green", fmt::format("{} ({})", run.green, run.green_stack));
  if (!run.blue.empty()) field("Blue", fmt::format("{} ({})", run.blue, run.blue_stack));
  if (!run.failed_step.empty()) field("Failed Step", run.failed_step);
  field("Duration", in_crd_time(run.duration));
  if (!run.weights.empty()) field("Weights", run.weights);
  return message;
}

}  // namespace slipway
