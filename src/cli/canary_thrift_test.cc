// How many calls a canary costs while it waits, and how much time it takes beyond the waits that it
// was told. Virtual time: each call takes 20 ms, there and back.
#include "cli/canary_world_for_test.h"
#include "cli/session.h"

#include <algorithm>
#include <sstream>

namespace slipway::cli {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBake = 5min;

struct Bake {
  TimePoint began;       // the weight was in force
  TimePoint ended;       // the next change was sent, or the old side told to go
  int calls = 0;         // between the two
  int target_looks = 0;  // of those
};

bool is_change_of_ecs(std::string_view target) {
  return target.ends_with(".UpdateService") || target.ends_with(".UpdateServicePrimaryTaskSet");
}

bool is_change(const HttpRequest& request) {
  if (request.method == "POST" && request.url.find("/rrset") != std::string::npos) return true;
  return request.body.find("Action=ModifyRule") != std::string::npos ||
         is_change_of_ecs(find_header(request.headers, "X-Amz-Target"));
}

std::vector<TimePoint> steps_in(const std::string& events) {
  std::vector<TimePoint> steps;
  std::istringstream lines(events);
  for (std::string text; std::getline(lines, text);) {
    const Json event = parse_json(text).value_or(Json());
    if (string_or_empty(event, "type") == "step_started")
      steps.push_back(parse_iso8601(string_or_empty(event, "at")).value());
  }
  return steps;
}

std::vector<Bake> bakes(const std::string& world, const std::string& file) {
  CommandLine line;
  line.file("world.yml", world);
  line.file("slipway.yml", file);
  Session* session = nullptr;
  line.on_session = [&](Session& one) { session = &one; };
  struct Sent {
    TimePoint at;
    bool is_change;
    bool is_target_look;
  };
  std::vector<Sent> sent;
  line.on_request = [&](const HttpRequest& request) {
    sent.push_back({session->now(), is_change(request),
                    request.body.find("Action=DescribeTargetHealth") != std::string::npos});
  };
  EXPECT_EQ(line.run({"deploy", "--tag", "2", "--sim", "world.yml", "--output", "json"}), 0)
      << line.err;
  std::vector<Bake> found;
  for (const TimePoint began : steps_in(line.out)) {
    Bake bake{.began = began, .ended = {}};
    for (const Sent& one : sent) {
      if (one.at < began) continue;
      bake.ended = one.at;
      if (one.is_change) break;
      ++bake.calls;
      if (one.is_target_look) ++bake.target_looks;
    }
    found.push_back(bake);
  }
  return found;
}

const std::string kEqualSteps =
    "        steps: [{weight: 10, bake: 5m}, {weight: 50, bake: 5m}, {weight: 100, bake: 5m}]\n";

void expect_thrift(const std::vector<Bake>& all, Duration lag) {
  ASSERT_EQ(all.size(), 3u);
  for (const Bake& bake : all) {
    const bool is_last = &bake == &all.back();
    const Duration beyond = bake.ended - bake.began - kBake - (is_last ? lag : Duration{0});
    EXPECT_GE(beyond, Duration{0});
    EXPECT_LT(beyond, 100ms)
        << std::chrono::duration_cast<std::chrono::milliseconds>(beyond).count();
    // One each 5 s, whatever they are for, and those that decide about the next step.
    EXPECT_LE(bake.calls, kBake / 5s);
    EXPECT_LE(bake.target_looks, kBake / 5s);
    EXPECT_GE(bake.target_looks, kBake / 20s);
  }
}

TEST(CanaryThrift, OfOneLoadBalancer) {
  expect_thrift(bakes(alb_world(), alb_file(kEqualSteps)), 0s);
}

TEST(CanaryThrift, OfOneLoadBalancerWithChecks) {
  expect_thrift(bakes(alb_world(), alb_file(kEqualSteps + kErrorCheck)), 0s);
}

// The old side is kept for twice the TTL at the end, as it was told.
TEST(CanaryThrift, OfTwoLoadBalancersAndTheDns) {
  expect_thrift(bakes(dns_world(), dns_file(kEqualSteps)), 2min);
}

TEST(CanaryThrift, OfTaskSets) {
  expect_thrift(bakes(task_set_world(), task_set_file(kEqualSteps)), 0s);
}

}  // namespace
}  // namespace slipway::cli
