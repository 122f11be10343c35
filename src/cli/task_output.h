// What `slipway run` shows: the container's own lines as they are, on stdout, and everything else
// as the view shows it. The live view keeps them above its table instead; JSON has them as events.
#pragma once

#include "cli/arguments.h"
#include "cli/process.h"
#include "view/view.h"

#include <optional>

namespace slipway::cli {

class TaskOutput final : public View {
 public:
  // Borrows both. Without `lines_to_stdout` the view tells the lines too.
  TaskOutput(Process& process, View& view, bool lines_to_stdout)
      : process_(process), view_(view), lines_to_stdout_(lines_to_stdout) {}

  void on(const Event& event) override;
  void tick(TimePoint now) override { view_.tick(now); }
  Duration tick_interval() const override { return view_.tick_interval(); }
  void finish(TimePoint now) override { view_.finish(now); }

  // Of the first container that counts and ended with something else than 0.
  std::optional<int> exit_code() const { return exit_code_; }

 private:
  Process& process_;
  View& view_;
  bool lines_to_stdout_;
  std::optional<int> exit_code_;
};

}  // namespace slipway::cli
