#include "dialect/ecs_crd.h"

#include "aws/crypto.h"
#include "base/text.h"
#include "dialect/ecs_crd_reading.h"
#include "dialect/ecs_crd_variables.h"

#include <fmt/format.h>

#include <utility>

namespace slipway {
namespace crd {
namespace {

// A shorter pause tells nothing: resolvers still have the old answer.
constexpr std::chrono::seconds kShortestWait{40};
constexpr std::chrono::seconds kTimeToLive{60};  // of the weighted records
constexpr int kLongestWait = 7 * 24 * 3600;
constexpr int kMostTasks = 5'000;
constexpr std::size_t kLongestLabelValue = 24;  // it stands in role names of 64 characters

CrdText read_release(Fields& releases, std::string_view label) {
  CrdText value = text(releases, label);
  if (!is_made_of(value.text, "-") || value.text.size() > kLongestLabelValue)
    releases.error(label,
                   fmt::format("a label value of up to {} letters, digits and '-' is expected, "
                               "since it becomes a part of names, found {}",
                               kLongestLabelValue, quote(value.text)));
  return value;
}

void read_scale(Fields& fields, CrdCanary& canary) {
  std::optional<Fields> scale = fields.mapping("scale");
  if (!scale) return;
  canary.desired = integer(*scale, "desired", {1, kMostTasks}).value_or(canary.desired);
  if (const auto wait = integer(*scale, "wait", {0, kLongestWait}))
    canary.scale_wait = std::chrono::seconds(*wait);
  if (const auto limit = integer(*scale, "start_limit", {1, kLongestWait})) {
    canary.start_limit = std::chrono::seconds(*limit);
    if (*canary.start_limit < canary.scale_wait)
      scale->error("start_limit",
                   fmt::format("{} s are less than wait, which is {} s: no release could become "
                               "healthy in time",
                               *limit, canary.scale_wait.count()));
  }
}

CrdStrategyStep read_strategy_step(Fields& entry) {
  CrdStrategyStep step;
  step.place = place_of(entry);
  step.weight_percent = integer(entry, "weight", {0, 100}).value_or(step.weight_percent);
  if (const auto wait = integer(entry, "wait", {0, kLongestWait}))
    step.wait = std::chrono::seconds(*wait);
  if (step.wait < kShortestWait) {
    entry.warning("wait", fmt::format("{} s is too short to tell anything: {} s are waited",
                                      step.wait.count(), kShortestWait.count()));
    step.wait = kShortestWait;
  } else if (step.wait < kTimeToLive) {
    entry.warning("wait",
                  fmt::format("{} s is shorter than the {} s for which resolvers keep an answer",
                              step.wait.count(), kTimeToLive.count()));
  }
  return step;
}

std::optional<CrdText> read_topic(Fields& topics, std::string_view key) {
  std::optional<CrdText> topic = optional_text(topics, key);
  if (!topic || has_crd_variable(topic->text)) return topic;
  const std::vector<std::string_view> parts = split(topic->text, ':');
  if (parts.size() != 6 || parts[0] != "arn" || parts[2] != "sns" || parts[5].empty())
    topics.error(key, quote(topic->text) + " is not the ARN of an SNS topic",
                 "arn:aws:sns:REGION:ACCOUNT:NAME");
  return topic;
}

}  // namespace

CrdCanary read_canary(Fields& fields, const DecodeOptions& options) {
  CrdCanary canary;
  canary.group = text(fields, "group");
  fields.require("releases");
  if (std::optional<Fields> releases = fields.mapping("releases")) {
    canary.release_blue = read_release(*releases, "blue");
    canary.release_green = read_release(*releases, "green");
    if (!canary.release_blue.text.empty() && canary.release_blue.text == canary.release_green.text)
      releases->error("green", "blue and green have the same value, but are two load balancers");
  }
  read_scale(fields, canary);
  for (const char* key : {"desired", "wait"})
    explain(fields, key, fmt::format("it belongs below scale: canary.scale.{}", key), options);
  for (Fields& entry : fields.mappings("strategy"))
    canary.strategy.push_back(read_strategy_step(entry));
  if (std::optional<Fields> topics = fields.mapping("sns_topic_notifications")) {
    canary.on_success = read_topic(*topics, "on_success");
    canary.on_fail = read_topic(*topics, "on_fail");
  }
  return canary;
}

}  // namespace crd

namespace {

// China's regions have endpoints of their own.
std::string default_image(const CrdVariables& variables, const CrdService& service) {
  return fmt::format("{}.dkr.ecr.{}.amazonaws.com{}/{}:{}",
                     variables.account_id.value_or("{{account_id}}"), variables.region,
                     variables.region.starts_with("cn-") ? ".cn" : "", service.name.text,
                     service.version);
}

std::string digest_of(const Node& document) {
  if (document.span.source == nullptr) return "";
  return aws::hex(aws::sha256(document.span.source->text));
}

}  // namespace

std::optional<Node> parse_ecs_crd(std::shared_ptr<const SourceText> source, CrdFindings& findings) {
  Diagnostics diagnostics;
  std::optional<Node> document = read_document(std::move(source), TextFormat::kYaml, diagnostics);
  if (document && !document->is_mapping()) {
    diagnostics.error(
        document->span, "config.value", "",
        "expected a mapping with canary, service, target_groups and listeners, found " +
            describe(*document));
    document.reset();
  }
  findings.add(diagnostics);
  return document;
}

CrdFile read_ecs_crd(const Node& document, const CrdReading& reading, CrdFindings& findings) {
  Diagnostics diagnostics;
  Node replaced = document;
  replace_crd_variables(replaced, reading.variables, diagnostics);

  CrdFile file;
  file.digest = digest_of(document);
  {
    const DecodeOptions options{
        .lenient_scalars = true,
        .unknown_keys = reading.strict ? Severity::kError : Severity::kWarning};
    Fields fields(replaced, diagnostics, options);
    fields.require("canary");
    if (std::optional<Fields> canary = fields.mapping("canary"))
      file.canary = crd::read_canary(*canary, options);
    fields.require("service");
    if (std::optional<Fields> service = fields.mapping("service")) {
      file.service =
          crd::read_service(*service, file.canary.desired, reading.variables.environment);
      file.service.containers =
          crd::read_containers(*service, default_image(reading.variables, file.service), options);
    }
    file.target_groups = crd::read_target_groups(fields);
    file.listeners = crd::read_listeners(fields);
  }
  crd::check_whole(file, diagnostics);
  findings.add(diagnostics);
  return file;
}

}  // namespace slipway
