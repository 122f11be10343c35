#include "sim/scenario_code_deploy.h"

#include "aws/service.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace slipway::sim {

void read_code_deploy(Fields& file, Scenario& scenario, Diagnostics& diagnostics) {
  auto section = file.mapping("code_deploy");
  if (!section) return;
  struct Part {
    const char* key;
    const char* operation;
  };
  for (const Part& part : {Part{"deployment_configs", "CreateDeploymentConfig"},
                           Part{"applications", "CreateApplication"},
                           Part{"deployment_groups", "CreateDeploymentGroup"}}) {
    const std::span<const Node> list =
        list_of(*section, part.key, fmt::format("{} inputs", part.operation));
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string path = section->path_of(part.key, i);
      scenario.calls.push_back(
          {part.operation,
           read_document_of(part.operation, list[i], path, diagnostics, aws::kCodeDeploy),
           list[i].span, path, "codedeploy"});
    }
  }
}

}  // namespace slipway::sim
