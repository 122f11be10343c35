#include "sim/deployment_access.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace slipway::sim {
namespace {

std::string arn(const PlaceInAws& place, std::string_view service, std::string_view resource) {
  return fmt::format("arn:{}:{}:{}:{}:{}", place.partition, service, place.region, place.account,
                     resource);
}

}  // namespace

std::vector<Access> needed_in_cloud_formation(const PlaceInAws& place, std::string_view operation,
                                              const Json& input) {
  std::string resource = "*";
  for (const char* member : {"ChangeSetName", "StackName"}) {
    const std::string_view name = string_or_empty(input, member);
    if (name.starts_with("arn:"))
      resource = name;
    else if (!name.empty() && std::string_view(member) == "StackName")
      resource = arn(place, "cloudformation", fmt::format("stack/{}/*", name));
  }
  std::vector<Access> needed{{fmt::format("cloudformation:{}", operation), resource, {}}};
  if (const auto role = find_string(input, "RoleARN"); role && !role->empty()) {
    needed.front().context["cloudformation:rolearn"] = {std::string(*role)};
    needed.push_back({"iam:PassRole",
                      std::string(*role),
                      {{"iam:passedtoservice", {"cloudformation.amazonaws.com"}}}});
  }
  return needed;
}

std::vector<Access> needed_in_code_deploy(const PlaceInAws& place, std::string_view operation,
                                          const Json& input) {
  const std::string_view application = string_or_empty(input, "applicationName");
  const std::string_view config = string_or_empty(input, "deploymentConfigName");
  std::string_view group = string_or_empty(input, "deploymentGroupName");
  if (group.empty()) group = string_or_empty(input, "currentDeploymentGroupName");
  std::string resource = "*";
  if (operation.ends_with("DeploymentConfig"))
    resource = arn(place, "codedeploy", fmt::format("deploymentconfig:{}", config));
  else if (!group.empty())
    resource = arn(place, "codedeploy", fmt::format("deploymentgroup:{}/{}", application, group));
  else if (!application.empty())
    resource = arn(place, "codedeploy", fmt::format("application:{}", application));
  std::vector<Access> needed{{fmt::format("codedeploy:{}", operation), std::move(resource), {}}};
  if (const auto role = find_string(input, "serviceRoleArn"); role && !role->empty())
    needed.push_back({"iam:PassRole",
                      std::string(*role),
                      {{"iam:passedtoservice", {"codedeploy.amazonaws.com"}}}});
  return needed;
}

}  // namespace slipway::sim
