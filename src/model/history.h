// One thing that was deployed or run before, as `slipway history` tells it.
#pragma once

#include "base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct HistoryEntry {
  TimePoint when;
  std::optional<TimePoint> ended;
  std::string kind = "service";  // or "task", which only journals know
  std::string item;
  std::string task_definition;      // "family:revision"
  std::vector<std::string> images;  // "app=shop:v2"
  std::string result;   // a service deployment's status in lower case and words: "rollback
                        // successful"; of a task its outcome
  std::string by;       // who asked for it, or who registered what was deployed; empty: not known
  std::string why;      // the reason of a failure, or what the deployment is for
  std::string command;  // "deploy"; empty unless a journal knows
  std::string run_id;   // of the journal
  std::string service_deployment;  // its id; empty unless AWS knows
  bool operator==(const HistoryEntry&) const = default;
};

}  // namespace slipway
