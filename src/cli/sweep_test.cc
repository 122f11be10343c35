// A sweep: `slipway deploy` in random worlds with random trouble, all of it from one seed. Whatever
// happens, what the run says afterwards is held against the world itself:
//
//   - exit 0 means that every service runs the new image, completed, with all its tasks;
//   - a service that does not run what it ran before is named in the report, with what it runs;
//   - every changing call was announced (and so journaled) before it was sent;
//   - the run ends, within the time its waits allow.
//
// A failure prints the seed and the command that plays that world again. SLIPWAY_SWEEP=FIRST-LAST
// chooses the seeds.
#include "base/text.h"
#include "cli/exit_status.h"
#include "cli/world_for_test.h"
#include "sim/world.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

namespace slipway::cli {
namespace {

constexpr std::uint64_t kUsualSeeds = 100;

// ---- A random story ----

struct Story {
  std::string world;
  std::string file;
  std::vector<std::string> arguments;
  std::vector<std::string> services;
};

class Teller {
 public:
  explicit Teller(std::uint64_t seed) : random_(seed) {}

  Story story() {
    Story story;
    const std::uint64_t services = 1 + random_.below(4);
    for (std::uint64_t i = 0; i < services; ++i) story.services.push_back(fmt::format("s{}", i));
    const bool migrates = one_in(2);
    story.world = world(story.services);
    story.file = file(story.services, migrates);
    story.arguments = {"deploy", "-f",        "slipway.yml", "--tag", "2",
                       "--sim",  "world.yml", "--output",    "json"};
    if (one_in(4)) {
      story.arguments.emplace_back("--max-parallel");
      story.arguments.emplace_back("1");
    }
    return story;
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  template <std::size_t N>
  std::string_view one_of(const std::array<std::string_view, N>& choices) {
    return choices[random_.below(N)];
  }

  std::string definition(const std::string& family) {
    return fmt::format(
        "- {{family: {0}, requiresCompatibilities: [FARGATE], networkMode: awsvpc, cpu: '256', "
        "memory: '512', containerDefinitions: [{{name: app, image: 'registry.example/{0}:1', "
        "healthCheck: {{command: [CMD, 'true']}}}}]}}\n",
        family);
  }

  std::string world(const std::vector<std::string>& services) {
    std::string text =
        fmt::format("scenario: 1\nseed: {}\nclusters: {{prod: {{}}}}\nthrottling: {}\n",
                    1 + random_.below(1000), one_in(2) ? "documented" : "off");
    text += "task_definitions:\n" + definition("migrate");
    for (const std::string& service : services) text += definition(service);
    text += "services:\n";
    for (const std::string& service : services) {
      const bool breaks = !one_in(4);
      text += fmt::format(
          "- {{serviceName: {0}, cluster: prod, taskDefinition: {0}, desiredCount: {1}, "
          "launchType: "
          "FARGATE, deploymentConfiguration: {{deploymentCircuitBreaker: {{enable: {2}, rollback: "
          "{3}}}}}, networkConfiguration: {{awsvpcConfiguration: {{subnets: [subnet-1]}}}}}}\n",
          service, 1 + random_.below(4), breaks, breaks && !one_in(3));
    }
    text += "images:\n- {task_definition: migrate, run_for: 10s, exit_code: " +
            std::string(one_in(6) ? "3" : "0") + "}\n";
    for (const std::string& service : services) {
      constexpr std::array<std::string_view, 8> kFates = {
          "",
          "",
          "",
          "delay_factor: 3",
          "pull: not-found",
          "run_for: 5s, exit_code: 1",
          "unhealthy_from: 20s",
          "share_percent: 50, run_for: 3s, exit_code: 137"};
      const std::string_view fate = one_of(kFates);
      if (!fate.empty())
        text += fmt::format("- {{image: 'registry.example/{}:2', {}}}\n", service, fate);
    }
    if (const std::uint64_t faults = random_.below(4); faults > 0) {
      text += "faults:\n";
      for (std::uint64_t i = 0; i < faults; ++i) text += fault();
    }
    if (one_in(6))
      text += fmt::format(
          "happenings:\n- {{deployment_of: prod/{0}, delay: {1}s, call: {{operation: "
          "UpdateService, "
          "input: {{cluster: prod, service: {0}, forceNewDeployment: true}}}}}}\n",
          services.front(), 1 + random_.below(100));
    return text;
  }

  std::string fault() {
    constexpr std::array<std::string_view, 9> kKinds = {
        "reset",     "no-answer", "html",          "server-error", "unavailable",
        "throttled", "truncated", "access-denied", "refused"};
    constexpr std::array<std::string_view, 6> kWhere = {
        "ecs:UpdateService",    "ecs:RegisterTaskDefinition",
        "ecs:DescribeServices", "ecs:DescribeTaskDefinition",
        "ecs:RunTask",          "ecs:*"};
    const std::string_view kind = one_of(kKinds);
    std::string text = fmt::format("- {{fault: {}, on: '{}', first_call: {}, calls: {}", kind,
                                   one_of(kWhere), 1 + random_.below(6), 1 + random_.below(3));
    const bool may_lose_the_answer = kind == "reset" || kind == "no-answer" || kind == "html" ||
                                     kind == "server-error" || kind == "unavailable";
    if (may_lose_the_answer && one_in(2)) text += ", after_effect: true";
    return text + "}\n";
  }

  std::string file(const std::vector<std::string>& services, bool migrates) {
    std::string text =
        fmt::format("slipway: 1\napplication: sweep\ncluster: prod\non_failure: {}\n",
                    one_in(3) ? "leave" : "rollback");
    if (migrates)
      text +=
          "tasks:\n  before:\n  - {family: migrate, containers: [app], launchType: FARGATE, "
          "networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}\n";
    text += "services:\n";
    for (std::size_t i = 0; i < services.size(); ++i) {
      text += fmt::format("  {}: {{containers: [app], max_wait: {}m", services[i],
                          4 + random_.below(12));
      if (i > 0 && one_in(3)) text += fmt::format(", after: [{}]", services[i - 1]);
      text += "}\n";
    }
    return text;
  }

  Random random_;
};

// ---- What is true in the end ----

struct Truth {
  std::string taskDefinition;  // of the PRIMARY deployment, "family:revision"
  std::string image;           // of that one
  bool is_stable = false;
};

Json answer_of(sim::World& world, std::string_view operation, const Json& input) {
  const sim::Reply reply = world.call({}, "ecs", operation, input);
  return reply ? parse_json(reply->text).value_or(Json()) : Json();
}

std::map<std::string, Truth> truth_about(sim::World& world,
                                         const std::vector<std::string>& services) {
  std::map<std::string, Truth> truth;
  for (const std::string& name : services) {
    const Json answer = answer_of(world, "DescribeServices",
                                  {{"cluster", "prod"}, {"services", JsonArray{Json(name)}}});
    const Json& service = answer.at("services").at(0);
    const Json& primary = service.at("deployments").at(0);
    const std::string_view definition = string_or_empty(primary, "taskDefinition");
    const Json described =
        answer_of(world, "DescribeTaskDefinition", {{"taskDefinition", definition}});
    truth[name] = {
        .taskDefinition = std::string(definition.substr(definition.rfind('/') + 1)),
        .image = std::string(string_or_empty(
            described.at("taskDefinition").at("containerDefinitions").at(0), "image")),
        .is_stable = string_or_empty(primary, "rolloutState") == "COMPLETED" &&
                     find_int(service, "runningCount") == find_int(service, "desiredCount")};
  }
  return truth;
}

// ---- One run ----

bool changes(std::string_view operation) {
  return operation == "RegisterTaskDefinition" || operation == "UpdateService" ||
         operation == "RunTask";
}

// Holds each changing call against the announcements that stdout has by then.
class Announcements {
 public:
  explicit Announcements(const CommandLine& line) : line_(line) {}

  void hear(const HttpRequest& request) {
    const std::string_view target = find_header(request.headers, "X-Amz-Target");
    const std::string operation(target.substr(target.rfind('.') + 1));
    if (!changes(operation)) return;
    std::set<std::string>& calls = calls_[operation];
    calls.emplace(find_header(request.headers, "amz-sdk-invocation-id"));
    const std::size_t announced =
        count(fmt::format(R"("type":"call_announced")"), "\"ecs:" + operation + "\"");
    EXPECT_GE(announced, calls.size()) << operation << " was sent before it was written down";
  }

 private:
  std::size_t count(std::string_view type, std::string_view operation) const {
    std::size_t found = 0;
    for (const std::string_view text : split(line_.out, '\n'))
      if (text.find(type) != std::string_view::npos &&
          text.find(operation) != std::string_view::npos)
        ++found;
    return found;
  }

  const CommandLine& line_;
  std::map<std::string, std::set<std::string>> calls_;  // by operation: ids of its calls
};

Json last_event(const CommandLine& line, std::string_view type) {
  Json last;
  for (const std::string_view text : split(line.out, '\n'))
    if (text.find(fmt::format(R"("type":"{}")", type)) != std::string_view::npos)
      last = parse_json(text).value();
  return last;
}

void play(std::uint64_t seed) {
  const Story story = Teller(seed).story();
  SCOPED_TRACE(fmt::format(
      "seed {0}; again: SLIPWAY_SWEEP={0}-{0} cli_test --gtest_filter='Sweep*'\n{1}\n---\n{2}",
      seed, story.world, story.file));
  CommandLine line;
  line.file("world.yml", story.world);
  line.file("slipway.yml", story.file);
  Announcements announcements(line);
  line.on_request = [&](const HttpRequest& request) { announcements.hear(request); };
  std::map<std::string, Truth> truth;
  line.on_world_left = [&](sim::World& world) { truth = truth_about(world, story.services); };
  const int status = line.run(story.arguments);

  const std::set<int> known = {kDone,
                               kFailedOutcome,
                               kRolledBackByPlatform,
                               kTimedOutStillRunning,
                               kSupersededOrLocked,
                               kCredentialsOrPermission,
                               kThrottledOut,
                               kRollbackFailedAttention};
  EXPECT_TRUE(known.contains(status)) << "exit " << status << "\n" << line.err;
  const Json ended = last_event(line, "run_ended");
  ASSERT_TRUE(ended.is_object()) << line.out << line.err;
  const Json& report = ended.at("data");
  EXPECT_EQ(status == kDone, string_or_empty(report, "outcome") == "succeeded");
  EXPECT_LT(find_double(report, "elapsed").value_or(0), 3600.0);

  std::string state;
  if (const JsonArray* sentences = find_array(report, "state"))
    for (const Json& sentence : *sentences) state += std::string(sentence.get_string()) + "\n";
  for (const auto& [service, is] : truth) {
    if (status == kDone) {
      EXPECT_EQ(is.image, fmt::format("registry.example/{}:2", service));
      EXPECT_TRUE(is.is_stable) << service;
    }
    if (is.taskDefinition != service + ":1") {
      EXPECT_NE(state.find(service + " "), std::string::npos)
          << service << " runs " << is.taskDefinition << ", and the report says\n"
          << state;
      EXPECT_NE(state.find(is.taskDefinition), std::string::npos)
          << service << " runs " << is.taskDefinition << ", and the report says\n"
          << state;
    }
  }
}

TEST(Sweep, WhatIsSaidAfterwardsIsTrue) {
  std::uint64_t first = 1;
  std::uint64_t last = kUsualSeeds;
  if (const char* wanted = std::getenv("SLIPWAY_SWEEP")) {
    first = std::strtoull(wanted, nullptr, 10);
    const char* dash = std::strchr(wanted, '-');
    last = dash == nullptr ? first : std::strtoull(dash + 1, nullptr, 10);
  }
  for (std::uint64_t seed = first; seed <= last && !testing::Test::HasFailure(); ++seed) play(seed);
}

}  // namespace
}  // namespace slipway::cli
