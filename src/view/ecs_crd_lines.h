// What a run prints under the name ecs-crd: every line of it on stderr behind "ecs-crd : ", and
// the same lines, with time and level, in the log file. The run says its own words as notes; what
// else it reports is for other views, but for warnings and what a verbose run tells of its calls.
#pragma once

#include "view/view.h"

#include <string>

namespace slipway {

struct EcsCrdLinesSettings {
  bool verbose = false;      // time and level on each line, and lines of level debug
  bool shows_calls = false;  // every call to AWS, one line
};

class EcsCrdLines final : public View {
 public:
  // `file` is empty when there is none.
  EcsCrdLines(EcsCrdLinesSettings settings, Writer err, Writer file);

  void on(const Event& event) override;
  // For what is said before there are events.
  void write(TimePoint at, NoteLevel level, const std::string& text);

 private:
  EcsCrdLinesSettings settings_;
  Writer err_;
  Writer file_;
};

}  // namespace slipway
