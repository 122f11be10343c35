// Which services a command is about that looks at services or at their deployments.
#pragma once

#include "cli/arguments.h"
#include "cli/process.h"
#include "model/release.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::cli {

// Those named, or those of the file.
struct WantedServices {
  std::string cluster;
  std::vector<std::string> services;
  std::optional<Release> release;  // of the file
  std::string file;                // its name
  std::string dialect;             // and what it is written in
};

// Whatever is wrong has been written to `process.err` when there is no value.
std::optional<WantedServices> wanted_services(Process& process, const Arguments& arguments,
                                              bool color);

// Of the services that are wanted, those that are two with traffic between them.
std::vector<ServiceRelease> pairs_of(const WantedServices& wanted);

// The names that ECS knows: of a pair both.
std::vector<std::string> ecs_services_of(const WantedServices& wanted);

// A release of those services, for a simulated world that has to have them.
Release as_release(const WantedServices& wanted);

}  // namespace slipway::cli
