#include "cli/unfinished_run.h"

#include "execute/journal.h"
#include "execute/unfinished.h"

#include <algorithm>
#include <utility>

namespace slipway::cli {

std::vector<Note> of_unfinished_run(const Process& process, const Session& session,
                                    const std::string& cluster, std::vector<std::string> services) {
  if (session.is_simulated()) return {};
  const auto any = journal_directory(process.environment, "any");
  if (!any) return {};
  for (std::string& service : services) service.resize(std::min(service.find('='), service.size()));
  const auto run = last_run_if_unfinished(any->parent_path(), cluster, services);
  return run ? notes_of(*run, cluster) : std::vector<Note>();
}

std::vector<Note> of_unfinished_run(const Process& process, const Session& session,
                                    const Release& release) {
  std::vector<std::string> services;
  for (const ServiceRelease& service : release.services) services.push_back(service.name);
  return of_unfinished_run(process, session, release.cluster, std::move(services));
}

}  // namespace slipway::cli
