// A world driven by hand: calls as JSON text, time in seconds from `zero`. The world begins an hour
// before zero, so that what a test sets up has settled when its clock starts. Every answer is held
// against AWS's own model: its members, their types and values, the codes of its errors.
#pragma once

#include "aws/facts.h"
#include "base/json.h"
#include "sim/world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {

class Rehearsal {
 public:
  static constexpr TimePoint kZero{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z

  explicit Rehearsal(Knobs knobs = {}, std::uint64_t seed = 1)
      : world_({.start = kZero - std::chrono::hours(1), .seed = seed, .knobs = knobs}) {}

  World& world() { return world_; }

  void at(double seconds) {
    world_.advance(kZero +
                   std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)));
  }
  double now() const { return std::chrono::duration<double>(world_.now() - kZero).count(); }

  // The call must succeed. `operation` is one of ECS, or "events:PutRule".
  Json call(std::string_view operation, std::string_view input = "{}") {
    Reply reply = ask(operation, input);
    if (!reply) {
      ADD_FAILURE() << operation << ' ' << input << ": " << reply.error().code << ": "
                    << reply.error().message;
      return JsonObject();
    }
    Json answer = reply->parse();
    const aws::Facts& facts = facts_of(operation);
    const std::string& output = facts.operation(plain_name(operation))->output;
    if (output.empty()) {
      EXPECT_EQ(answer, Json(JsonObject())) << operation;
      return answer;
    }
    for (const aws::Violation& violation : aws::check_document(facts, output, answer)) {
      // A list that must have items in a request has none in many an answer.
      if (violation.kind == aws::Violation::Kind::kOutOfRange &&
          violation.message.ends_with("items, found 0"))
        continue;
      ADD_FAILURE() << operation << " answers " << violation.path << ": " << violation.message;
    }
    return answer;
  }

  // The member `name` of all items of a list, asked for two at a time.
  std::vector<std::string> names_by_pages(std::string_view operation, std::string_view limit,
                                          std::string_view list, std::string_view name) {
    std::vector<std::string> names;
    JsonObject input{{limit, 2}};
    do {
      const Json page = call(operation, to_text(input));
      EXPECT_LE(page.at(list).as_array().size(), 2u);
      for (const Json& item : page.at(list).as_array())
        names.emplace_back(string_or_empty(item, name));
      input["NextToken"] = string_or_empty(page, "NextToken");
    } while (!string_or_empty(input, "NextToken").empty());
    return names;
  }

  // The call must be refused: "Code: message".
  std::string refusal(std::string_view operation, std::string_view input = "{}") {
    Reply reply = ask(operation, input);
    if (reply) return "no refusal: " + reply->text;
    const aws::Facts& facts = facts_of(operation);
    // That a request is not valid, every operation may say; not every model does.
    std::vector<std::string> codes = {"ValidationException", "ValidationError"};
    for (const std::string& error : facts.operation(plain_name(operation))->errors)
      codes.push_back(facts.shape(error)->error_code);
    EXPECT_THAT(codes, testing::Contains(reply.error().code)) << operation;
    return reply.error().code + ": " + reply.error().message;
  }

  Reply ask(std::string_view operation, std::string_view input) {
    Result<Json> json = parse_json(input);
    EXPECT_TRUE(json) << input;
    return world_.call({}, service_of(operation), plain_name(operation),
                       json ? *json : Json(JsonObject()));
  }

  void arrange(Happening happening) { world_.arrange(std::move(happening)); }
  void arrange_at(double seconds, Happening happening) {
    world_.arrange(std::move(happening),
                   {.at = kZero + std::chrono::duration_cast<Duration>(
                                      std::chrono::duration<double>(seconds))});
  }

  // ---- What most tests begin with -------------------------------------------------------------

  // A Fargate definition with one container `app` on port 80.
  std::string register_web(std::string_view image = "web:1", std::string_view family = "web",
                           std::string_view more_of_the_container = "") {
    const Json reply =
        call("RegisterTaskDefinition", fmt::format(R"({{"family": "{}",
      "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
      "containerDefinitions": [{{"name": "app", "image": "{}",
                                "portMappings": [{{"containerPort": 80}}]{}}}]}})",
                                                   family, image, more_of_the_container));
    return std::string(reply.at("taskDefinition").at("taskDefinitionArn").as_string());
  }

  // A Fargate service `name` of `family`, settled by zero unless its tasks cannot run.
  void create_service(std::string_view name, int desired, int minimum = 100, int maximum = 200,
                      std::string_view more = "", std::string_view family = "web") {
    call("CreateService", fmt::format(R"({{"cluster": "prod", "serviceName": "{}",
      "taskDefinition": "{}", "desiredCount": {}, "launchType": "FARGATE",
      "networkConfiguration": {{"awsvpcConfiguration": {{"subnets": ["subnet-1"]}}}},
      "deploymentConfiguration": {{"minimumHealthyPercent": {}, "maximumPercent": {}}}{}}})",
                                      name, family, desired, minimum, maximum, more));
  }

  // The cluster `prod` with the service `web`.
  void set_up_web(int desired, int minimum = 100, int maximum = 200, std::string_view more = "") {
    call("CreateCluster", R"({"clusterName": "prod"})");
    register_web();
    create_service("web", desired, minimum, maximum, more);
  }

  Json service(std::string_view name = "web") {
    const Json reply =
        call("DescribeServices", fmt::format(R"({{"cluster": "prod", "services": ["{}"]}})", name));
    const JsonArray& services = reply.at("services").as_array();
    EXPECT_EQ(services.size(), 1u);
    return services.empty() ? Json(JsonObject()) : services.front();
  }

  // One of prod's tasks that have stopped.
  Json stopped_task() {
    const Json listed = call("ListTasks", R"({"cluster": "prod", "desiredStatus": "STOPPED"})");
    const JsonArray& arns = listed.at("taskArns").as_array();
    if (arns.empty()) {
      ADD_FAILURE() << "no task has stopped";
      return JsonObject();
    }
    const Json described =
        call("DescribeTasks", fmt::format(R"({{"cluster": "prod", "tasks": {}}})",
                                          to_text(Json(JsonArray{arns.front()}))));
    return described.at("tasks").as_array().front();
  }

  // The messages after `seconds`, oldest first, task ids and deployment numbers taken out.
  std::vector<std::string> events(double since, std::string_view name = "web") {
    std::vector<std::string> messages;
    const Json described = service(name);
    for (const Json& event : described.at("events").as_array()) {
      const double at = event.at("createdAt").to_number<double>() -
                        static_cast<double>(kZero.time_since_epoch().count()) / 1e6;
      if (at < since) continue;
      messages.insert(messages.begin(),
                      fmt::format("{:g} {}", at, without_ids(event.at("message").as_string())));
    }
    return messages;
  }

  // Every run of 32 hexadecimal digits becomes "T", every deployment number "N".
  static std::string without_ids(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
      const auto digits = text.find_first_not_of("0123456789abcdef", i);
      const std::size_t length = (digits == std::string_view::npos ? text.size() : digits) - i;
      if (length == 32) {
        out += 'T';
        i += length;
      } else if (length >= 18 &&
                 text.substr(i, length).find_first_of("abcdef") == std::string_view::npos) {
        out += 'N';
        i += length;
      } else {
        const std::size_t step = length == 0 ? 1 : length;
        out += text.substr(i, step);
        i += step;
      }
    }
    return out;
  }

 private:
  static std::string_view service_of(std::string_view operation) {
    const auto colon = operation.find(':');
    return colon == std::string_view::npos ? "ecs" : operation.substr(0, colon);
  }
  static std::string_view plain_name(std::string_view operation) {
    return operation.substr(operation.find(':') + 1);  // npos + 1 is 0
  }
  static const aws::Facts& facts_of(std::string_view operation) {
    return aws::Facts::of(*aws::find_service_facts(service_of(operation)));
  }

  World world_;
};

}  // namespace slipway::sim
