// The command line of ecs-crd 1.2 as a value. Reading it looks at the directory for the deployment
// file and touches nothing else outside.
#pragma once

#include "cli/arguments.h"
#include "cli/process.h"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway::cli {

// 0 is success; the rest, and those of a run, are in execute/ecs_crd_work.h.
enum EcsCrdStatus : int {
  kEcsCrdUsageOrFile = 2,
  kEcsCrdInternal = 70,
};

enum class EcsCrdCommand { kDeploy, kUndeploy, kDryRun };

struct EcsCrdFlags {
  EcsCrdCommand command = EcsCrdCommand::kDryRun;
  std::string environment;
  std::string region;
  std::filesystem::path file;  // the deployment file, which is there
  std::string file_name;       // as it was given or found, for messages

  bool yes = false;               // undeploy: no question
  bool keep_logs = false;         // undeploy
  bool replace_leftover = false;  // deploy
  bool strict = false;
  Duration wait_lock{};
  std::string save_plan;    // a path; empty: none
  std::string assume_live;  // a label value; empty: what the witnesses say
  bool verbose = false;
  bool verbose_values = false;
  bool trace_calls = false;
  std::string log_file;  // a path; empty: none
  bool json = false;     // events on stdout
  std::string report;    // file of the page about the run; empty: none

  std::string profile, endpoint_url;
  std::optional<std::string> sim;
  double speed = 0;
};

// `program` is how the user calls it: "ecs-crd" or "slipway ecs-crd".
std::variant<EcsCrdFlags, Exit> parse_ecs_crd(const std::vector<std::string>& arguments,
                                              const std::filesystem::path& directory,
                                              const std::string& program);

}  // namespace slipway::cli
