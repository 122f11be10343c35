// From the deployment file and the facts to what is created: the Init stack (the log group, once),
// stacks of listeners that several services share, and the Green stack (the release itself). Pure,
// and the same input gives the same bytes, so that plans can be compared.
#pragma once

#include "model/ecs_crd.h"
#include "plan/ecs_crd_facts.h"
#include "plan/ecs_crd_names.h"
#include "plan/ecs_crd_witnesses.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

// CloudFormation takes no longer text inline.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
inline constexpr std::size_t kMostTemplateBytes = 51'200;

struct CrdStackPlan {
  std::string name;
  std::string template_body;  // JSON text, for CreateStack
  CrdPairs tags;              // Project, Service, Environment, Version
};

// A listener with rules that no load balancer has yet. It belongs to no release, since others add
// their rules to it, and stays when this service goes.
struct CrdSharedListener {
  CrdLabel label;
  int port = 0;
  CrdStackPlan stack;  // its output ListenerArn
};

struct CrdPlan {
  CrdNames names;
  std::optional<CrdStackPlan> init;  // absent: there is one, or nothing for it to make
  // To be created first. Then read the listeners again and plan again: until then the ARN in the
  // Green template is a text that says so.
  std::vector<CrdSharedListener> shared_listeners;
  CrdStackPlan green;

  struct TargetGroup {
    CrdContainerPort container;
    std::string output;  // of the Green stack: "TargetGroupWeb8080Arn"
  };
  std::vector<TargetGroup> target_groups;
};

// P4 to P9, P11: everything found wrong between the file and the facts is in `findings`.
CrdPlan plan_ecs_crd(const CrdFile& file, const CrdFacts& facts, const CrdPair& pair,
                     const CrdDecision& decision, CrdFindings& findings);

}  // namespace slipway
