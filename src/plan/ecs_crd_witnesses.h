// Which release is live? Four witnesses are heard: the state item, the stacks, the weighted records
// and the ECS services. They agree, or one is silent and the others agree, or the run stops before
// it could deploy onto the side that serves.
#pragma once

#include "model/ecs_crd.h"
#include "plan/ecs_crd_facts.h"
#include "plan/ecs_crd_names.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway {

// The item of the table canary_release that says what the last release left.
struct CrdItem {
  std::string alb_arn;
  std::string stack_name;
  std::string canary_release;  // label value
  std::string service_version;
};

// A stack of this service: by one of its names, by the item's stack_name, or by its tags.
struct CrdStackFact {
  std::string name;
  std::string id;
  std::string status;   // "CREATE_COMPLETE"; never DELETE_COMPLETE
  std::string project;  // its tags; empty: none
  std::string service;
  std::string environment;
  std::string load_balancer_arn;  // its parameter LoadBalancer; empty: none
};

// A weighted record of one of the names.
struct CrdRecordFact {
  std::string fqdn;
  std::string set_identifier;
  int weight = 0;
  std::string target;
};

struct CrdServiceFact {
  std::string name;
  int running = 0;  // tasks
};

struct CrdWitnesses {
  std::optional<CrdItem> item;
  std::vector<CrdStackFact> stacks;
  std::vector<CrdRecordFact> records;
  std::vector<CrdServiceFact> services;
  bool has_services = true;  // false: ECS may not be asked, and whatever stands is taken to run
};

struct CrdDecisionRules {
  std::optional<CrdLabel> assume_live;  // --assume-live
  bool replace_leftover = false;        // --replace-leftover
};

struct CrdDecision {
  CrdSide green;  // deployed to
  CrdSide blue;   // the other one
  bool blue_is_live = false;
  // Of the live release, deleted when the new one has all traffic.
  std::optional<CrdStackFact> blue_stack;
  // Of neither the live release nor the Init stack; to be deleted first.
  std::vector<CrdStackFact> leftovers;
  std::optional<CrdStackFact> init_stack;
  // Stacks that CloudFormation is still busy with: wait for them, then ask again.
  std::vector<CrdStackFact> busy;
  // Sides whose release could be the one that serves, where that is not clear: the person decides.
  std::vector<CrdLabel> may_serve;
  bool item_is_stale = false;      // it names no load balancer of the pair, or a stack that is gone
  std::vector<std::string> notes;  // what was concluded and should be said
  std::string witnesses;           // the table, a line for each witness
};

// P2. When the witnesses contradict each other, or a left-over is in the way, `findings` has an
// error (kWitnesses, kLoadBalancers) and the decision is not to be acted upon.
CrdDecision decide_sides(const CrdFile& file, const CrdNames& names, const CrdPair& pair,
                         const CrdWitnesses& witnesses, const CrdDecisionRules& rules,
                         CrdFindings& findings);

// For undeploy: all of this service's stacks that are to go, releases before the Init stack. No
// witness is in the way of that; only a stack that is another project's is a finding.
struct CrdRemains {
  std::vector<CrdStackFact> releases;
  std::optional<CrdStackFact> init_stack;
};
CrdRemains remains_of(const CrdFile& file, const CrdNames& names, const CrdPair& pair,
                      const CrdWitnesses& witnesses, CrdFindings& findings);

}  // namespace slipway
