#include "cli/task_output.h"

#include "view/line.h"

#include <string>

namespace slipway::cli {

void TaskOutput::on(const Event& event) {
  if (const auto* stopped = std::get_if<TaskStopped>(&event.body)) {
    for (const StoppedContainer& container : stopped->containers)
      if (!stopped->ok && container.essential && container.exitCode.value_or(0) != 0 && !exit_code_)
        exit_code_ = container.exitCode;
  }
  const auto* line = std::get_if<TaskLogLine>(&event.body);
  if (line == nullptr || line->after_failure || !lines_to_stdout_) {
    view_.on(event);
    return;
  }
  std::string text = line_of(*line);
  // A file gets the bytes as they were written; a terminal must not be steered by them.
  if (process_.out_is_terminal) text = printable(text);
  process_.out(text + "\n");
}

}  // namespace slipway::cli
