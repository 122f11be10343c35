// What each event says in words: the one place where events become sentences. The log prints these
// lines, the live view shows the latest of them, and tests read them.
#pragma once

#include "model/event.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// logrus's levels, as the ecs-toolkit dialect documents them.
enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kFatal, kPanic };

std::string_view to_string(LogLevel level);                      // "info", "warning", ...
std::optional<LogLevel> parse_log_level(std::string_view text);  // also "warning"; case ignored

struct Line {
  LogLevel level = LogLevel::kInfo;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;  // beside `service` or `task`
  bool operator==(const Line&) const = default;
};

// The lines of one event, in order; most have one. `service` or `task` (from the subject) comes
// first among the fields. Nothing here depends on what was said before.
std::vector<Line> lines_of(const Event& event);

// The line itself, after "app | " or "2/app | " when several logs are told.
std::string line_of(const TaskLogLine& line);
// Without what would steer a terminal; a tab is a blank.
std::string printable(std::string_view text);

// "rolled back" for kRolledBack.
std::string in_words(Outcome outcome);
// "2/3 running, 1 pending": how a deployment stands, for logs and tables alike.
std::string counts_of(const DeploymentSnapshot& deployment);
// "migrate exit 1 (OutOfMemoryError: ...), log no exit code": how a task's containers ended.
std::string ends_of(const std::vector<StoppedContainer>& containers);

}  // namespace slipway
