// For tests: rules with targets, schedules and a topic, beside the ECS of fake_ecs.h. Everything is
// kept and given back as it was put.
#pragma once

#include "aws/codec.h"
#include "aws/events.h"
#include "aws/scheduler.h"
#include "aws/sns.h"
#include "base/transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class FakeEvents {
 public:
  // A target that runs the revision, with members nobody here has heard of.
  void add_target(const std::string& rule, const std::string& id, const std::string& definition) {
    rules[rule].push_back(
        Json{{"Id", id},
             {"Arn", "arn:aws:ecs:eu-west-1:111111111111:cluster/prod"},
             {"RoleArn", "arn:aws:iam::111111111111:role/events"},
             {"Input", R"({"containerOverrides":[{"name":"app","command":["bin/nightly"]}]})"},
             {"EcsParameters",
              {{"TaskDefinitionArn", definition}, {"TaskCount", 2}, {"FutureMember", {1, 2}}}}});
  }
  void add_schedule(const std::string& name, const std::string& definition) {
    schedules[name] =
        Json{{"Name", name},
             {"GroupName", "default"},
             {"ScheduleExpression", "rate(1 hour)"},
             {"State", "DISABLED"},
             {"Description", "hourly"},
             {"FlexibleTimeWindow", {{"Mode", "OFF"}}},
             {"StartDate", 1767225600},
             {"Target",
              {{"Arn", "arn:aws:ecs:eu-west-1:111111111111:cluster/prod"},
               {"RoleArn", "arn:aws:iam::111111111111:role/scheduler"},
               {"EcsParameters", {{"TaskDefinitionArn", definition}, {"FutureMember", true}}}}}};
  }
  Json& target(const std::string& rule, std::size_t index = 0) { return rules.at(rule)[index]; }

  // The operation when the request is one of these services'.
  static std::optional<std::string> operation_of(const HttpRequest& request) {
    const std::string_view target = find_header(request.headers, "X-Amz-Target");
    if (target.starts_with("AWSEvents.")) return std::string(target.substr(target.find('.') + 1));
    if (request.url.find("/schedules/") != std::string::npos)
      return request.method == "GET" ? "GetSchedule" : "UpdateSchedule";
    if (request.body.find("Action=Publish") != std::string::npos) return "Publish";
    return std::nullopt;
  }
  static Json input_of(const HttpRequest& request, const std::string& operation) {
    if (operation == "Publish") {
      aws::PublishInput input;
      EXPECT_TRUE(aws::decode_query(aws::kSns, operation, request.body, aws::ref(input)));
      return parse_json(aws::encode_json(aws::ref(input), aws::Side::kRequest)).value();
    }
    return request.body.empty() ? Json(JsonObject{}) : parse_json(request.body).value();
  }

  HttpResponse answer(const std::string& operation, const HttpRequest& request) {
    if (operation == "ListTargetsByRule")
      return list_targets(aws::from_json_text<aws::ListTargetsByRuleRequest>(request.body).value());
    if (operation == "PutTargets")
      return put_targets(aws::from_json_text<aws::PutTargetsRequest>(request.body).value());
    if (operation == "RemoveTargets")
      return remove_targets(aws::from_json_text<aws::RemoveTargetsRequest>(request.body).value());
    if (operation == "GetSchedule") {
      const auto found = schedules.find(name_in(request.url));
      if (found == schedules.end()) return no_schedule(name_in(request.url));
      Json document = found->second;
      document.get_object()["Arn"] = "arn:aws:scheduler:eu-west-1:111111111111:schedule/x";
      document.get_object()["CreationDate"] = 1767225000;
      return {200, {{"x-amzn-RequestId", "r-1"}}, to_text(document)};
    }
    if (operation == "UpdateSchedule") {
      const auto found = schedules.find(name_in(request.url));
      if (found == schedules.end()) return no_schedule(name_in(request.url));
      Json document = parse_json(request.body).value();
      remove_member(document.get_object(), "ClientToken");
      document.get_object()["Name"] = found->first;
      if (find(document, "GroupName") == nullptr) document.get_object()["GroupName"] = "default";
      found->second = std::move(document);
      return {200, {{"x-amzn-RequestId", "r-1"}}, R"({"ScheduleArn":"arn"})"};
    }
    published.push_back(input_of(request, operation));
    published_to.push_back(request.url);
    aws::PublishResponse reply{.MessageId = "m-1", .SequenceNumber = {}};
    return {200, {}, aws::encode_xml(aws::kSns, "Publish", aws::ref(reply), "r-1")};
  }

  std::map<std::string, std::vector<Json>> rules;
  std::map<std::string, Json> schedules;
  std::vector<Json> published;
  std::vector<std::string> published_to;
  // The next entry of PutTargets with this Id fails so.
  std::map<std::string, aws::PutTargetsResultEntry> failing_entries;

 private:
  static std::string name_in(const std::string& url) {
    const std::size_t begin = url.find("/schedules/") + 11;
    return url.substr(begin, url.find('?', begin) - begin);
  }
  static HttpResponse refusal(int status, const std::string& message) {
    return {status,
            {{"x-amzn-RequestId", "r-1"}, {"x-amzn-ErrorType", "ResourceNotFoundException"}},
            to_text(JsonObject{{"__type", "ResourceNotFoundException"}, {"message", message}})};
  }
  static HttpResponse no_schedule(const std::string& name) {
    return refusal(404, "Schedule " + name + " does not exist.");
  }
  static HttpResponse no_rule(const std::string& name) {
    return refusal(400, "Rule " + name + " does not exist on EventBus default.");
  }

  HttpResponse list_targets(const aws::ListTargetsByRuleRequest& request) {
    const auto rule = rules.find(request.Rule);
    if (rule == rules.end()) return no_rule(request.Rule);
    aws::ListTargetsByRuleResponse reply{.Targets = rule->second, .NextToken = {}};
    return {200, {}, aws::encode_json(aws::ref(reply), aws::Side::kAnswer)};
  }

  HttpResponse put_targets(const aws::PutTargetsRequest& request) {
    EXPECT_LE(request.Targets.size(), 10u);
    const auto rule = rules.find(request.Rule);
    if (rule == rules.end()) return no_rule(request.Rule);
    aws::PutTargetsResponse reply;
    for (const Json& target : request.Targets) {
      const std::string id(string_or_empty(target, "Id"));
      if (auto failing = failing_entries.extract(id)) {
        reply.FailedEntries.push_back(failing.mapped());
        ++reply.FailedEntryCount;
        continue;
      }
      const auto same = std::ranges::find_if(
          rule->second, [&](const Json& other) { return string_or_empty(other, "Id") == id; });
      if (same == rule->second.end())
        rule->second.push_back(target);
      else
        *same = target;
    }
    return {200, {}, aws::encode_json(aws::ref(reply), aws::Side::kAnswer)};
  }

  HttpResponse remove_targets(const aws::RemoveTargetsRequest& request) {
    for (const std::string& id : request.Ids)
      std::erase_if(rules.at(request.Rule),
                    [&](const Json& other) { return string_or_empty(other, "Id") == id; });
    const aws::RemoveTargetsResponse reply;
    return {200, {}, aws::encode_json(aws::ref(reply), aws::Side::kAnswer)};
  }
};

}  // namespace slipway
