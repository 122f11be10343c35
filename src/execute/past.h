// What a service ran before, from those who remember: ECS, which keeps service deployments for 90
// days, or CodeDeploy where that deploys it, and our own journals.
#pragma once

#include "execute/context.h"
#include "plan/rollback.h"

#include <filesystem>
#include <string>
#include <vector>

namespace slipway {

inline constexpr std::string_view kFromServiceDeployments = "a service deployment";
inline constexpr std::string_view kFromCodeDeploy = "a deployment of CodeDeploy";
inline constexpr std::string_view kFromJournal = "the journal";

// Deployments that ECS calls SUCCESSFUL, newest first; no more than it takes to know a revision
// before the present one and another one before that. Needs ListServiceDeployments and
// DescribeServiceRevisions; without them it is empty, and a denial is said once.
std::vector<PastRollout> successful_deployments(Context& context, const std::string& service,
                                                const std::string& present);

// The same of a service that CodeDeploy deploys, from the group of `deployment`, which its task
// sets name. Needs codedeploy:ListDeployments, GetDeployment and GetApplicationRevision.
// Deployments whose AppSpec is a file in S3 do not say what they ran.
std::vector<PastRollout> successful_code_deployments(Context& context,
                                                     const std::string& deployment,
                                                     const std::string& present);

// What the newest journals of the directory say about a service of this cluster: succeeded with the
// run around it, or not. A run that ended halfway says nothing.
std::vector<PastRollout> journaled_rollouts(const std::filesystem::path& directory,
                                            const std::string& cluster, const std::string& service);

// ARNs of the family's ACTIVE revisions, newest first, one page of them. Empty when it is not
// allowed.
std::vector<std::string> active_revisions(Context& context, const std::string& family);

}  // namespace slipway
