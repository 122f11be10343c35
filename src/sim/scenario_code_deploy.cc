#include "sim/scenario_code_deploy.h"

#include "aws/facts.h"
#include "aws/service.h"

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
  const aws::Facts& facts = aws::Facts::of(aws::kCodeDeploy);
  for (const Part& part : {Part{"deployment_configs", "CreateDeploymentConfig"},
                           Part{"applications", "CreateApplication"},
                           Part{"deployment_groups", "CreateDeploymentGroup"}}) {
    const Node* list = section->node(part.key);
    if (list == nullptr) continue;
    if (!list->is_sequence()) {
      section->error(part.key, fmt::format("expected a list of {} inputs", part.operation));
      continue;
    }
    for (std::size_t i = 0; i < list->items.size(); ++i) {
      const Node& document = list->items[i];
      const std::string path = section->path_of(part.key, i);
      aws::report(aws::check_document(facts, facts.operation(part.operation)->input, document),
                  path, diagnostics);
      scenario.calls.push_back(
          {part.operation, to_json(document), document.span, path, "codedeploy"});
    }
  }
}

}  // namespace slipway::sim
