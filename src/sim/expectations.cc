#include "sim/expectations.h"

#include "base/json.h"
#include "base/text.h"
#include "sim/call_log.h"
#include "sim/policy.h"
#include "sim/world.h"

#include <fmt/format.h>

namespace slipway::sim {
namespace {

bool fits(std::string_view pattern, std::string_view text) {
  return pattern.empty() || matches_wildcard(pattern, text);
}

std::string_view last_part(std::string_view name, char separator) {
  return name.substr(name.rfind(separator) + 1);
}

class Judge {
 public:
  Judge(const Expectation& expectation, World& world, const CallLog& calls)
      : expectation_(expectation), world_(world), calls_(calls) {}

  // Empty when it holds.
  std::string operator()(const MessageExpected& wanted) const {
    std::size_t found = 0;
    for (const Json& message : world_.messages()) {
      std::string_view topic = string_or_empty(message, "TopicArn");
      if (topic.empty()) topic = string_or_empty(message, "TargetArn");
      if (fits(wanted.topic, last_part(topic, ':')) &&
          fits(wanted.subject, string_or_empty(message, "Subject")) &&
          fits(wanted.text, string_or_empty(message, "Message")))
        ++found;
    }
    std::string what = "messages";
    if (!wanted.topic.empty()) what += " to topic " + wanted.topic;
    if (!wanted.subject.empty()) what += " with the subject " + quote(wanted.subject);
    if (!wanted.text.empty()) what += " with the text " + quote(wanted.text);
    return counted_against(found, what);
  }

  std::string operator()(const CallExpected& wanted) const {
    const CallCounts counts = calls_.of(wanted.operation);
    return counted_against(counts.calls - counts.errors, "calls of " + wanted.operation);
  }

  std::string operator()(const ServiceExpected& wanted) const {
    const std::string name = fmt::format("service {}/{}", wanted.cluster, wanted.service);
    const Reply reply = world_.call(
        {}, "ecs", "DescribeServices",
        JsonObject{{"cluster", wanted.cluster}, {"services", JsonArray{Json(wanted.service)}}});
    const Json answer = reply ? reply->parse() : Json();
    const JsonArray* services = find_array(answer, "services");
    if (services == nullptr || services->empty()) return name + " does not exist";
    const Json& service = services->front();
    const std::string_view runs = last_part(string_or_empty(service, "taskDefinition"), '/');
    if (!wanted.taskDefinition.empty() && runs != wanted.taskDefinition)
      return fmt::format("expected {} to run {}, found {}", name, wanted.taskDefinition, runs);
    const auto running = find_int(service, "runningCount").value_or(0);
    if (wanted.runningCount && running != *wanted.runningCount)
      return fmt::format("expected {} to have {} running tasks, found {}", name,
                         *wanted.runningCount, running);
    return {};
  }

 private:
  std::string counted_against(std::size_t found, const std::string& what) const {
    if (expectation_.count ? found == *expectation_.count : found > 0) return {};
    const std::string many = expectation_.count ? std::to_string(*expectation_.count) : "some";
    return fmt::format("expected {} {}, found {}", many, what, found);
  }

  const Expectation& expectation_;
  World& world_;
  const CallLog& calls_;
};

}  // namespace

std::vector<std::string> unmet(std::span<const Expectation> expectations, World& world,
                               const CallLog& calls) {
  std::vector<std::string> sentences;
  for (const Expectation& expectation : expectations) {
    const std::string sentence = std::visit(Judge(expectation, world, calls), expectation.what);
    if (!sentence.empty()) sentences.push_back(expectation.where + ": " + sentence);
  }
  return sentences;
}

}  // namespace slipway::sim
