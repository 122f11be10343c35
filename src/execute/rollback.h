// Going back is a release like any other whose revisions are those of an earlier state. Here that
// state is looked up.
#pragma once

#include "execute/context.h"
#include "model/release.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct RollbackRequest {
  Release release;              // the file's, or one that only names cluster and services
  std::vector<std::string> to;  // "family:revision" or ARNs; empty: what last succeeded
  std::optional<std::filesystem::path> journal_directory;
};

struct EarlierState {
  Release release;              // services and schedules with the revisions to go back to
  std::vector<Error> problems;  // any of them: nothing should be done
};

// What was chosen, and from where it is known, is said as notes about each service.
EarlierState find_earlier_state(Context& context, const RollbackRequest& request);

}  // namespace slipway
