// What was deployed before: AWS keeps every service deployment for 90 days, our journals keep every
// run of this machine. AWS knows what happened and how it ended, whoever did it; a journal knows
// who asked for it, with which command, and why it failed. One list of both, newest first.
#pragma once

#include "base/result.h"
#include "execute/context.h"
#include "model/event.h"
#include "model/history.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct HistoryRequest {
  std::string cluster;
  std::vector<std::string> services;  // empty: all of the cluster
  std::size_t limit = 10;             // of each service; then of the whole list
  // Where all journals are: folders of applications and clusters. None: they are not looked at.
  std::optional<std::filesystem::path> journals;
};

// An error when AWS cannot be asked for the deployments; everything else is left out when it cannot
// be had, and said.
Result<std::vector<HistoryEntry>> history(Context& context, const HistoryRequest& request);

// ---- The pure parts ----

// What one run's journal says about services and tasks of the cluster.
std::vector<HistoryEntry> entries_of(const std::vector<Event>& journal, const std::string& cluster);

// `known` is AWS's list, `runs` is the journals'. A run and a service deployment that are the same
// become one entry.
std::vector<HistoryEntry> merged(std::vector<HistoryEntry> known, std::vector<HistoryEntry> runs);

}  // namespace slipway
