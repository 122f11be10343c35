// One command on a simulated AWS with a pair of sides, and what is true of the world once it ended.
#pragma once

#include "base/signals.h"
#include "cli/canary_world_for_test.h"
#include "cli/session.h"

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway::cli {

struct Ran {
  int status = -1;
  std::string err;
  PairTruth truth;
  int weight_changes = 0;
  std::vector<SentCall> calls;
};

struct Run {
  std::string world;
  std::string file;
  std::vector<std::string> words = {"deploy", "--tag", "2"};
  PairTruth (*truth)(sim::World&) = alb_truth;
  std::optional<std::chrono::seconds> interrupted_after{};
};

inline Ran run(const Run& wanted) {
  CommandLine line;
  line.file("world.yml", wanted.world);
  line.file("slipway.yml", wanted.file);
  Ran ran;
  line.on_world_left = [&](sim::World& world) { ran.truth = wanted.truth(world); };
  std::unique_ptr<Group> group;
  if (wanted.interrupted_after)
    line.on_session = [&](Session& session) {
      group = std::make_unique<Group>(session.runtime().fibers);
      group->spawn("signal", [&session, after = *wanted.interrupted_after] {
        (void)session.runtime().clock().sleep_for(after);
        session.signals().raise(SIGINT);
      });
    };
  std::vector<std::string> words = wanted.words;
  words.insert(words.end(), {"--sim", "world.yml", "--log-format", "text"});
  ran.status = line.run(words);
  ran.err = line.err;
  for (const char* operation : {"ModifyRule", "ModifyListener"})
    ran.weight_changes += static_cast<int>(line.inputs_of(operation).size());
  ran.calls = line.calls;
  return ran;
}

inline const std::string kBad = "images: [{image: \"*:2\", errors: {percent: 20, status: 500}}]\n";

}  // namespace slipway::cli
