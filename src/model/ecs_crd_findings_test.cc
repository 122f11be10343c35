#include "model/ecs_crd_findings.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(EcsCrdFindings, AStepReadsItsPartOfTheFile) {
  struct Case {
    const char* path;
    CrdStep step;
    int exit_status;
  };
  for (const auto& [path, step, status] :
       {Case{"", CrdStep::kFile, 2}, Case{"canary.group", CrdStep::kGlobals, 1},
        Case{"canary.releases.blue", CrdStep::kLoadBalancers, 2},
        Case{"canary.scale.desired", CrdStep::kScale, 3},
        Case{"canary.strategy[2].weight", CrdStep::kStrategy, 10},
        Case{"service.name", CrdStep::kGlobals, 1},
        Case{"service.containers", CrdStep::kContainers, 4},
        Case{"service.containers[0].cpu", CrdStep::kContainers, 4},
        Case{"service.auto_scaling.role_arn", CrdStep::kService, 5},
        Case{"service.memory", CrdStep::kTaskDefinition, 6},
        Case{"service.volumes[0].name", CrdStep::kTaskDefinition, 6},
        Case{"service.memoryx", CrdStep::kGlobals, 1},
        Case{"target_groups[0]", CrdStep::kTargetGroups, 7},
        Case{"listeners[1].rules[0]", CrdStep::kListeners, 8},
        Case{"service.iam_roles", CrdStep::kIam, 9}}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(step_that_reads(path), step);
    EXPECT_EQ(exit_status_of(step), status);
  }
}

TEST(EcsCrdFindings, TheEarliestStepWithAnErrorDecides) {
  CrdFindings findings;
  EXPECT_EQ(findings.exit_status(), std::nullopt);
  findings.warning(CrdStep::kGlobals, {}, "not so bad");
  EXPECT_EQ(findings.exit_status(), std::nullopt);
  findings.error(CrdStep::kStrategy, {}, "ten");
  EXPECT_EQ(findings.exit_status(), 10);
  findings.error(CrdStep::kWitnesses, {}, "twenty-one");
  EXPECT_EQ(findings.exit_status(), 21) << "the earliest, not the least";
  findings.error(CrdStep::kLoadBalancers, {}, "two");
  EXPECT_EQ(findings.exit_status(), 2);
  EXPECT_EQ(findings.first_failed_step(), CrdStep::kLoadBalancers);
}

TEST(EcsCrdFindings, AreToldByStepThenByLineAndOnce) {
  CrdFindings findings;
  const auto at = [](int line) { return CrdPlace{"x", {.source = nullptr, .line = line}}; };
  findings.error(CrdStep::kIam, at(1), "c");
  findings.error(CrdStep::kScale, at(9), "b");
  findings.error(CrdStep::kScale, at(3), "a");
  findings.error(CrdStep::kScale, at(9), "b");
  std::string told;
  for (const CrdFinding& finding : findings.in_order()) told += finding.what.message;
  EXPECT_EQ(told, "abc");
}

}  // namespace
}  // namespace slipway
