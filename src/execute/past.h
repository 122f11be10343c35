// What a service ran before, from the two who remember: ECS, which keeps service deployments for 90
// days, and our own journals.
#pragma once

#include "execute/context.h"
#include "plan/rollback.h"

#include <filesystem>
#include <string>
#include <vector>

namespace slipway {

inline constexpr std::string_view kFromServiceDeployments = "a service deployment";
inline constexpr std::string_view kFromJournal = "the journal";

// Deployments that ECS calls SUCCESSFUL, newest first; no more than it takes to know a revision
// before the present one and another one before that. Needs ListServiceDeployments and
// DescribeServiceRevisions; without them it is empty, and a denial is said once.
std::vector<PastRollout> successful_deployments(Context& context, const std::string& service,
                                                const std::string& present);

// What the newest journals of the directory say about a service of this cluster: succeeded with the
// run around it, or not. A run that ended halfway says nothing.
std::vector<PastRollout> journaled_rollouts(const std::filesystem::path& directory,
                                            const std::string& cluster, const std::string& service);

// ARNs of the family's ACTIVE revisions, newest first, one page of them. Empty when it is not
// allowed.
std::vector<std::string> active_revisions(Context& context, const std::string& family);

}  // namespace slipway
