#include "cli/wanted_services.h"

#include "cli/files.h"

namespace slipway::cli {

std::optional<WantedServices> wanted_services(Process& process, const Arguments& arguments,
                                              bool color) {
  WantedServices wanted{
      .cluster = arguments.cluster, .services = arguments.services, .release = {}, .file = {}};
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
  return wanted;
}

Release as_release(const WantedServices& wanted) {
  if (wanted.release) return *wanted.release;
  Release release{.cluster = wanted.cluster};
  for (const std::string& service : wanted.services)
    release.services.push_back({.name = service.substr(0, service.find('='))});
  return release;
}

}  // namespace slipway::cli
