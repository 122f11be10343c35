// What the ecs-deploy dialect can say: one image, one service or one task definition, one order of
// calls. It is no `Release`, because its steps come in an order of their own (first task, old
// deployment, pruning) and its flags change a service in ways a release does not.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "model/image.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway {

// Which images of the base definition change.
struct KeepImages {
  bool operator==(const KeepImages&) const = default;
};
struct ImageOfRepository {  // in the containers that use its repository
  ImageReference image;     // normalised
  bool may_change_repository = false;
  bool operator==(const ImageOfRepository&) const = default;
};
struct TagOfAll {  // in every container
  std::string tag;
  bool operator==(const TagOfAll&) const = default;
};
using ImageWish = std::variant<KeepImages, ImageOfRepository, TagOfAll>;

// The new revision run once, without a service.
struct OneTask {
  std::string launchType;
  std::string platformVersion;
  Json networkConfiguration;  // null: not given
  bool waits = false;         // until it has stopped, and judges its containers
  bool operator==(const OneTask&) const = default;
};

struct SingleService {
  std::string cluster;          // name or ARN; may be empty without a service and a task
  std::string service;          // name or ARN; empty: the task definition alone
  std::string task_definition;  // base without a service: family, family:revision or ARN
  Duration timeout = std::chrono::seconds(90);  // of each phase of waiting

  // ---- The new revision ----
  ImageWish images;
  std::vector<std::string> containers;  // that may change; empty: all
  bool use_latest = false;              // base on the newest revision, not on the one in use
  Json file;                            // the revision's content in the base's place; or null
  std::string file_name;
  Json file_tags;

  // ---- The service ----
  bool force_only = false;  // a new deployment of what runs; everything above but names is moot
  std::optional<int> desiredCount;
  std::optional<int> minimumHealthyPercent;
  std::optional<int> maximumPercent;
  bool waits_for_old_deployment = true;
  bool rolls_back = false;

  std::optional<OneTask> run;
  std::size_t keep_revisions = 0;  // 0: none is deregistered

  bool has_service() const { return !service.empty(); }
  bool operator==(const SingleService&) const = default;
};

}  // namespace slipway
