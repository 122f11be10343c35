// The output of a run of task classes as its users know it: the tag, the revision, then two spaces
// and a line for each task, service, target and old revision, on stdout. Warnings go to stderr.
#pragma once

#include "view/view.h"

namespace slipway {

struct TaskClassViewSettings {
  bool several = false;  // classes: each is named before its lines
  bool verbose = false;  // each changing call is told before it is made
};

class TaskClassView final : public View {
 public:
  TaskClassView(TaskClassViewSettings settings, Writer out, Writer err)
      : settings_(settings), out_(std::move(out)), err_(std::move(err)) {}

  void on(const Event& event) override;

 private:
  TaskClassViewSettings settings_;
  Writer out_;
  Writer err_;
};

}  // namespace slipway
