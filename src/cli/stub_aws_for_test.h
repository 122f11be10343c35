// ECS, EventBridge and SNS as a stub in front of the simulator: enough of them for a task class,
// every request kept in order, every answer replaceable. What must look exactly like AWS is tested
// on the simulator; here a test states the odd answer that it is about.
#pragma once

#include "base/json.h"
#include "base/text.h"
#include "base/transport.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::cli {

class StubAws {
 public:
  struct Sent {
    std::string operation;
    Json input;  // of Publish: its members as texts
    std::string url;
    std::string authorization;
  };

  static constexpr const char* kPrefix = "arn:aws:ecs:eu-west-1:111111111111:";
  static std::string arn(const std::string& family, int revision) {
    return fmt::format("{}task-definition/{}:{}", kPrefix, family, revision);
  }

  // `count` revisions of the family that are ACTIVE before anything happens.
  void has(const std::string& family, int count) {
    for (int i = 0; i < count; ++i) active[family].push_back(++newest[family]);
  }
  void will_answer(const std::string& operation, const std::string& body, int status = 200) {
    scripted_[operation].push_back(
        {status, {{"x-amzn-RequestId", "request-of-the-stub"}, {"X-Odd-Name", "v"}}, body});
  }
  void will_refuse(const std::string& operation, const std::string& code,
                   const std::string& message) {
    if (operation == "Publish")
      will_answer(operation,
                  fmt::format("<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}"
                              "</Message></Error><RequestId>r</RequestId></ErrorResponse>",
                              code, message),
                  400);
    else
      will_answer(operation, fmt::format(R"({{"__type":"{}","message":"{}"}})", code, message),
                  400);
  }

  Result<HttpResponse> operator()(const HttpRequest& request) {
    Sent call = read(request);
    sent.push_back(call);
    std::deque<HttpResponse>& scripted = scripted_[call.operation];
    if (!scripted.empty()) {
      HttpResponse answer = std::move(scripted.front());
      scripted.pop_front();
      return answer;
    }
    return HttpResponse{
        200, {{"x-amzn-RequestId", "request-of-the-stub"}, {"X-Odd-Name", "v"}}, body_of(call)};
  }

  // The operations in order, each run of the same one as "DeregisterTaskDefinition*3".
  std::string order() const {
    std::vector<std::string> names;
    std::string last;
    int times = 0;
    const auto flush = [&] {
      if (times > 0) names.push_back(times == 1 ? last : fmt::format("{}*{}", last, times));
    };
    for (const Sent& call : sent) {
      if (call.operation == last) {
        ++times;
        continue;
      }
      flush();
      last = call.operation;
      times = 1;
    }
    flush();
    return join(names, " ");
  }
  std::vector<Json> inputs_of(const std::string& operation) const {
    std::vector<Json> inputs;
    for (const Sent& call : sent)
      if (call.operation == operation) inputs.push_back(call.input);
    return inputs;
  }
  std::vector<Json> messages() const {
    std::vector<Json> parsed;
    for (const Json& input : inputs_of("Publish"))
      parsed.push_back(parse_json(string_or_empty(input, "Message")).value());
    return parsed;
  }

  std::vector<Sent> sent;
  std::map<std::string, std::vector<int>> active;  // by family, oldest first
  std::map<std::string, int> newest;
  int exit_code = 0;                  // of every task
  std::string rollout = "COMPLETED";  // of every service's deployment

 private:
  static std::string decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%' && i + 2 < text.size()) {
        out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        out += text[i] == '+' ? ' ' : text[i];
      }
    }
    return out;
  }

  static Sent read(const HttpRequest& request) {
    Sent call{.operation = {},
              .input = {},
              .url = request.url,
              .authorization = std::string(find_header(request.headers, "Authorization"))};
    const std::string_view target = find_header(request.headers, "X-Amz-Target");
    if (!target.empty()) {
      call.operation = target.substr(target.rfind('.') + 1);
      call.input = parse_json(request.body).value_or(Json());
      return call;
    }
    JsonObject form;
    for (const std::string_view pair : split(request.body, '&')) {
      const std::size_t equals = pair.find('=');
      form[decoded(pair.substr(0, equals))] = decoded(pair.substr(equals + 1));
    }
    call.operation = std::string(form["Action"].get_string());
    call.input = std::move(form);
    return call;
  }

  static std::string family_in(std::string_view definition) {
    const std::string_view name = definition.substr(definition.rfind('/') + 1);
    return std::string(name.substr(0, name.rfind(':')));
  }
  static int revision_in(std::string_view definition) {
    return std::stoi(std::string(definition.substr(definition.rfind(':') + 1)));
  }

  std::string body_of(const Sent& call) {
    const Json& input = call.input;
    if (call.operation == "RegisterTaskDefinition") {
      const std::string family(string_or_empty(input, "family"));
      has(family, 1);
      JsonObject definition = input.get_object();
      definition["taskDefinitionArn"] = arn(family, newest[family]);
      definition["revision"] = newest[family];
      definition["registeredAt"] = 1704164645.678;
      return to_text(JsonObject{{"taskDefinition", definition}});
    }
    if (call.operation == "ListTaskDefinitions") return list(input);
    if (call.operation == "DeregisterTaskDefinition") {
      const std::string_view name = string_or_empty(input, "taskDefinition");
      std::erase(active[family_in(name)], revision_in(name));
      return to_text(JsonObject{{"taskDefinition", JsonObject{{"status", "INACTIVE"}}}});
    }
    if (call.operation == "RunTask") {
      JsonArray tasks;
      for (std::int64_t i = 0; i < find_int(input, "count").value_or(1); ++i)
        tasks.push_back(JsonObject{{"taskArn", fmt::format("{}task/c/{}", kPrefix, ++tasks_)},
                                   {"createdAt", 1704164645}});
      return to_text(JsonObject{{"tasks", tasks}, {"failures", JsonArray()}});
    }
    if (call.operation == "UpdateService")
      return to_text(JsonObject{
          {"service", service(string_or_empty(input, "service"),
                              string_or_empty(input, "taskDefinition"), "IN_PROGRESS")}});
    if (call.operation == "DescribeServices") {
      JsonArray services;
      for (const Json& name : *find_array(input, "services"))
        services.push_back(service(name.get_string(), last_definition_, rollout));
      return to_text(JsonObject{{"services", services}, {"failures", JsonArray()}});
    }
    if (call.operation == "DescribeTasks") return stopped_tasks(input);
    if (call.operation == "PutTargets") return R"({"FailedEntryCount":0,"FailedEntries":[]})";
    if (call.operation == "Publish")
      return "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>"
             "<MessageId>m</MessageId></PublishResult></PublishResponse>";
    ADD_FAILURE() << "the stub does not know " << call.operation;
    return "{}";
  }

  std::string list(const Json& input) {
    const std::string family(string_or_empty(input, "familyPrefix"));
    std::vector<int> revisions = active[family];
    std::ranges::reverse(revisions);
    const std::string token(string_or_empty(input, "nextToken"));
    const std::size_t first = token.empty() ? 0 : std::stoul(token);
    JsonArray page;
    for (std::size_t i = first; i < std::min(first + 100, revisions.size()); ++i)
      page.emplace_back(arn(family, revisions[i]));
    JsonObject answer{{"taskDefinitionArns", page}};
    if (first + 100 < revisions.size()) answer["nextToken"] = std::to_string(first + 100);
    return to_text(answer);
  }

  Json service(std::string_view name, std::string_view definition, std::string_view state) {
    last_definition_ = definition;
    JsonObject ours{
        {"id", "ecs-svc/1"},
        {"status", state == "FAILED" ? "INACTIVE" : "PRIMARY"},
        {"taskDefinition", std::string(definition)},
        {"desiredCount", 1},
        {"runningCount", 1},
        {"pendingCount", 0},
        {"rolloutState", std::string(state)},
        {"rolloutStateReason", "ECS deployment circuit breaker: tasks failed to start."},
        {"createdAt", 1704164645.678}};
    JsonArray deployments;
    if (state == "FAILED") {
      JsonObject back = ours;
      back["id"] = "ecs-svc/0";
      back["status"] = "PRIMARY";
      back["taskDefinition"] = arn("web", 1);
      back["rolloutState"] = "COMPLETED";
      deployments.push_back(back);
    }
    deployments.push_back(ours);
    return JsonObject{{"serviceName", std::string(name)},
                      {"serviceArn", fmt::format("{}service/c/{}", kPrefix, name)},
                      {"status", "ACTIVE"},
                      {"desiredCount", 1},
                      {"runningCount", 1},
                      {"pendingCount", 0},
                      {"taskDefinition", std::string(definition)},
                      {"deploymentController", JsonObject{{"type", "ECS"}}},
                      {"deployments", deployments},
                      {"events", JsonArray()}};
  }

  std::string stopped_tasks(const Json& input) const {
    JsonArray tasks;
    for (const Json& task : *find_array(input, "tasks"))
      tasks.push_back(
          JsonObject{{"taskArn", task},
                     {"lastStatus", "STOPPED"},
                     {"desiredStatus", "STOPPED"},
                     {"containers", JsonArray{JsonObject{{"name", "web"}, {"exitCode", exit_code}},
                                              JsonObject{{"name", "helper"}, {"exitCode", 9}}}}});
    return to_text(JsonObject{{"tasks", tasks}, {"failures", JsonArray()}});
  }

  std::map<std::string, std::deque<HttpResponse>> scripted_;
  std::string last_definition_;
  int tasks_ = 0;
};

}  // namespace slipway::cli
