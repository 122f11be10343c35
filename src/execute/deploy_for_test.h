// Releases of few words, and the world that the tests of deploying have in common.
#pragma once

#include "execute/deploy.h"
#include "execute/fake_ecs.h"

#include <string>
#include <utility>
#include <vector>

namespace slipway {

inline ServiceRelease service(std::string name) {
  return {.name = std::move(name),
          .images = {{.container = "app", .to = NewTag{"2"}}},
          .max_wait = 10min};
}

inline TaskRun task(std::string family) {
  TaskRun run{.name = family, .task_definition = TaskDefinitionReference{family}};
  run.images = {{.container = "app", .to = NewTag{"2"}}};
  return run;
}

inline Release native(std::vector<ServiceRelease> services) {
  return {.application = "shop", .cluster = "prod", .services = std::move(services)};
}

// As the ecs-toolkit dialect gives it.
inline Release toolkit(std::vector<ServiceRelease> services) {
  Release release = native(std::move(services));
  release.application.clear();
  release.on_failure = OnFailure::kLeave;
  release.missing_service = MissingService::kSkip;
  release.planning = Planning::kStageByStage;
  return release;
}

struct DeployWorld : FakeWorld {
  Duration elapsed() const { return fibers.now() - kFakeStart; }
  int changes() const {
    return ecs.count("UpdateService") + ecs.count("RegisterTaskDefinition") + ecs.count("RunTask");
  }
};

inline std::string in_use(DeployWorld& world, const std::string& name) {
  return world.ecs.services.at(name).definition;
}

}  // namespace slipway
