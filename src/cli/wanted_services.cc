#include "cli/wanted_services.h"

#include "cli/files.h"
#include "plan/canary_pair.h"

#include <algorithm>
#include <iterator>

namespace slipway::cli {

std::optional<WantedServices> wanted_services(Process& process, const Arguments& arguments,
                                              bool color) {
  WantedServices wanted{.cluster = arguments.cluster,
                        .services = arguments.services,
                        .release = {},
                        .file = {},
                        .dialect = {}};
  // A file that is named may know more about the services: that two of them are a pair.
  if (!wanted.cluster.empty() && !wanted.services.empty() && arguments.file.empty()) return wanted;
  const std::optional<ReleaseFile> file = read_release(
      process, arguments.file,
      {.tag_required = false, .jsonnet = arguments.jsonnet, .vars = arguments.vars}, {}, color);
  if (!file) return std::nullopt;
  if (wanted.cluster.empty()) wanted.cluster = file->release.cluster;
  if (wanted.services.empty())
    for (const ServiceRelease& service : file->release.services)
      wanted.services.push_back(service.name);
  wanted.release = file->release;
  wanted.file = file->name;
  wanted.dialect = file->dialect;
  return wanted;
}

std::vector<ServiceRelease> pairs_of(const WantedServices& wanted) {
  std::vector<ServiceRelease> pairs;
  if (!wanted.release) return pairs;
  for (const ServiceRelease& service : wanted.release->services)
    if (is_pair(service) &&
        std::ranges::find(wanted.services, service.name) != wanted.services.end())
      pairs.push_back(service);
  return pairs;
}

std::vector<std::string> ecs_services_of(const WantedServices& wanted) {
  std::vector<std::string> names;
  const std::vector<ServiceRelease> pairs = pairs_of(wanted);
  for (const std::string& name : wanted.services) {
    const auto pair = std::ranges::find(pairs, name, &ServiceRelease::name);
    if (pair == pairs.end())
      names.push_back(name);
    else
      std::ranges::move(ecs_services_of(*pair), std::back_inserter(names));
  }
  return names;
}

Release as_release(const WantedServices& wanted) {
  if (wanted.release) return *wanted.release;
  Release release{.cluster = wanted.cluster};
  for (const std::string& service : wanted.services)
    release.services.push_back({.name = service.substr(0, service.find('='))});
  return release;
}

}  // namespace slipway::cli
