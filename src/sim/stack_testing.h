// A rehearsal with CloudFormation: templates in, events out.
#pragma once

#include "sim/testing.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

class StackRehearsal : public Rehearsal {
 public:
  using Rehearsal::Rehearsal;

  // CreateStack with `more` members of its input; all capabilities are given.
  void create(std::string_view name, std::string_view template_body, std::string_view more = "") {
    call("cloudformation:CreateStack", input(name, template_body, more));
  }
  void update(std::string_view name, std::string_view template_body, std::string_view more = "") {
    call("cloudformation:UpdateStack", input(name, template_body, more));
  }
  // What CreateStack says to the template.
  std::string creation_refusal(std::string_view template_body, std::string_view more = "") {
    return refusal("cloudformation:CreateStack", input("s", template_body, more));
  }
  void remove(std::string_view name, std::string_view more = "") {
    call("cloudformation:DeleteStack", fmt::format(R"({{"StackName": "{}"{}}})", name, more));
  }

  Json stack(std::string_view name_or_id) {
    const Json answer =
        call("cloudformation:DescribeStacks", fmt::format(R"({{"StackName": "{}"}})", name_or_id));
    return answer.at("Stacks").at(0);
  }
  std::string status(std::string_view name_or_id) {
    return std::string(stack(name_or_id).at("StackStatus").as_string());
  }
  std::string output(std::string_view name, std::string_view key) {
    const Json described = stack(name);
    for (const Json& each : described.at("Outputs").as_array())
      if (each.at("OutputKey").as_string() == key)
        return std::string(each.at("OutputValue").as_string());
    return "(none)";
  }
  std::string physical_id(std::string_view name, std::string_view logical_id) {
    const Json answer =
        call("cloudformation:DescribeStackResource",
             fmt::format(R"({{"StackName": "{}", "LogicalResourceId": "{}"}})", name, logical_id));
    return std::string(string_or_empty(answer.at("StackResourceDetail"), "PhysicalResourceId"));
  }

  // "SECOND LOGICALID STATUS: REASON", oldest first, UUIDs taken out.
  std::vector<std::string> happened(std::string_view name_or_id, double since = 0) {
    // AWS's model of an event's status lacks some of a stack's own: the answer is taken as it is.
    const Reply reply = ask("cloudformation:DescribeStackEvents",
                            fmt::format(R"({{"StackName": "{}"}})", name_or_id));
    if (!reply) return {reply.error().message};
    const Json answer = reply->parse();
    std::vector<std::string> lines;
    for (const Json& event : answer.at("StackEvents").as_array()) {
      const auto at = parse_iso8601(event.at("Timestamp").as_string());
      const double second = std::chrono::duration<double>(*at - kZero).count();
      if (second < since) continue;
      std::string line = fmt::format("{:g} {} {}", second, text(event, "LogicalResourceId"),
                                     text(event, "ResourceStatus"));
      if (const auto reason = find_string(event, "ResourceStatusReason"))
        line += fmt::format(": {}", without_uuids(*reason));
      lines.insert(lines.begin(), std::move(line));
    }
    return lines;
  }

  static std::string without_uuids(std::string_view text) {
    constexpr std::size_t kLength = 36;
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      const std::string_view piece = text.substr(i, kLength);
      const bool is_uuid = piece.size() == kLength && piece[8] == '-' && piece[13] == '-' &&
                           piece[18] == '-' && piece[23] == '-' &&
                           piece.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
      out += is_uuid ? "U" : std::string(1, text[i]);
      i += is_uuid ? kLength : 1;
    }
    return out;
  }

 private:
  static std::string_view text(const Json& json, const char* member) {
    return string_or_empty(json, member);
  }
  static std::string input(std::string_view name, std::string_view template_body,
                           std::string_view more) {
    std::string body;
    append_json_string(body, template_body);
    return fmt::format(
        R"({{"StackName": "{}", "TemplateBody": {}, "Capabilities": ["CAPABILITY_NAMED_IAM"]{}}})",
        name, body, more);
  }
};

}  // namespace slipway::sim
