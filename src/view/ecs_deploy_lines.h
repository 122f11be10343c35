// What a run prints under the name ecs-deploy: plain lines of results on stdout, in the order in
// which that tool has them, and everything about failures and progress on stderr.
#pragma once

#include "model/looks.h"
#include "view/view.h"

#include <string>

namespace slipway {

struct EcsDeployLinesSettings {
  bool waits_for_old_deployment = true;
  bool waits_for_task = false;  // with a task: until it has stopped
  bool verbose = false;         // every call with its parameters, every look
  std::string timeout;          // "90 s", of each phase
};

class EcsDeployLines final : public View {
 public:
  EcsDeployLines(EcsDeployLinesSettings settings, Writer out, Writer err);

  void on(const Event& event) override;

 private:
  void say(const std::string& line) { out_(line + "\n"); }
  void tell(const std::string& line) { err_(line + "\n"); }
  void on_item_ended(const Event& event);
  void say_waiting();
  void trace(const Event& event);

  EcsDeployLinesSettings settings_;
  Writer out_;
  Writer err_;
  bool has_task_ = false;
  bool was_interrupted_ = false;  // and has said how to go on
  Looks looks_;                   // only what is new is traced
};

}  // namespace slipway
