// A world with one service `web`, a file that releases it by some strategy, and the release as it
// is typed.
#pragma once

#include "cli/world_for_test.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace slipway::cli {

class ShopCommandLine : public CommandLine {
 public:
  ShopCommandLine(const std::string& world, const std::string& strategy) {
    file("world.yml", world);
    file("slipway.yml", fmt::format("slipway: 1\ncluster: prod\nservices:\n  web:\n"
                                    "    containers: [app]\n    strategy: {}\n",
                                    strategy));
  }

  int deploy(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"deploy", "--tag", "2"};
    words.insert(words.end(), more.begin(), more.end());
    return in_this_world(std::move(words));
  }
  int in_this_world(std::vector<std::string> words) {
    words.insert(words.end(), {"--sim", "world.yml"});
    return run(std::move(words));
  }
};

}  // namespace slipway::cli
