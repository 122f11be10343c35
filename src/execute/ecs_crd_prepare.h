// The preparation of an ecs-crd run, P1 to P11: reads, chooses, checks, and changes nothing. Every
// check is made whatever the others found; ecs_crd_telling.h tells it, step by step, and the
// earliest step that found an error gives the exit status.
#pragma once

#include "execute/ecs_crd_facts.h"
#include "execute/ecs_crd_work.h"

#include <set>
#include <string>

namespace slipway {

class CrdPreparation {
 public:
  explicit CrdPreparation(CrdWork& work) : work_(work), reader_(work.context, work.stacks) {}

  // Who we are, the file with its variables in place, the names. kInvalid when the run cannot know
  // which service it is about; the findings say why.
  Result<void> begin();

  // What deploy and dry-run need: facts, witnesses, decision, plan. Errors are findings; the result
  // is only the run's being called off.
  Result<void> read_for_deploy();
  // What undeploy needs: the pair, the zones and the witnesses.
  Result<void> read_for_undeploy();

  // The witnesses again, and what follows from them: after the lock was taken, after stacks have
  // settled.
  Result<void> look_again();
  // The listeners of the pair again, and the templates.
  Result<void> plan_again();

  CrdReader& reader() { return reader_; }

 private:
  void note(CrdStep step, const Error& error);
  static void note(CrdFindings& findings, CrdStep step, const Error& error);
  Result<void> read_pair();
  Result<void> read_zones();
  Result<void> read_witnesses();
  void read_listeners();
  void read_going_resources();
  Result<void> read_cluster();
  void decide();
  void make_plan();
  void size_up();

  CrdWork& work_;
  CrdReader reader_;
  CrdFindings before_decision_;  // everything but what a decision and a plan found
  CrdFindings before_plan_;
  std::set<std::string> going_;  // physical ids of what is deleted before anything is made
};

}  // namespace slipway
