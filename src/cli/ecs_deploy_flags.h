// The command line of ecs-deploy 3.10 as a value: every flag with its checks and the exit status of
// each mistake, which scripts test for. Reading it touches nothing outside but the environment it
// is given.
#pragma once

#include "base/runtime.h"
#include "cli/arguments.h"
#include "model/single_service.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace slipway::cli {

// Of the original's table; each has its own number.
enum EcsDeployStatus : int {
  kEcsDeployFailed = 1,
  kEcsDeployUsage = 3,
  kNeitherServiceNorTaskDefinition = 5,
  kServiceAndTaskDefinition = 6,
  kNoCluster = 7,
  kNoImage = 8,
  kBadMaxDefinitions = 9,
  kLaunchTypeWithoutTask = 10,
  kTaskOptionWithoutTask = 11,
  kPlatformVersionWithoutTask = 12,
  kBadImage = 13,
};

struct EcsDeployFlags {
  // Identity and place; empty: not given.
  std::string access_key, secret_key, region, profile, assume_role;
  bool only_machine_role = false;

  SingleService wanted;
  std::string image_line;             // what is printed first; empty: nothing
  std::string task_definition_file;   // a path; read by whoever runs it
  std::string network_configuration;  // shorthand, JSON or file://
  std::vector<std::string> warnings;  // flags that have no effect here
  std::string report;                 // file of the page about the run; empty: none
  bool dry_run = false;
  bool verbose = false;
  std::optional<std::string> sim;  // scenario's name or file; empty text: the default one
  double speed = 0;
};

std::variant<EcsDeployFlags, Exit> parse_ecs_deploy(const std::vector<std::string>& arguments,
                                                    const Environment& environment);

std::string ecs_deploy_help();

// What `-e NAME` makes of the image given: its tag when that has none. `value` is the variable's.
// kInvalid "image.tag-variable" when it is needed and not set, or is no tag.
Result<ImageReference> with_tag_of_variable(ImageReference image, const std::string& name,
                                            const std::optional<std::string>& value);

}  // namespace slipway::cli
