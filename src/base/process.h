// Running another program that answers on its standard output and ends.
//
// The child lives in real time, so this is the one call that stops the whole thread and not only
// the fiber: for helpers that take a moment (a credential process, `git rev-parse`), bounded in
// time and in output. The limits are of the real clock even when ours is virtual.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// The words of a command line as a POSIX shell would split it: quotes and backslashes, nothing
// else (no variables, no globs, no comments). kInvalid "process.words" for a quote that never
// closes or a backslash at the end.
Result<std::vector<std::string>> split_words(std::string_view command);

struct ProcessLimits {
  Duration timeout = std::chrono::minutes(1);
  std::size_t max_output_bytes = 1u << 20;  // of each stream
};

struct ProcessResult {
  int exit_status = 0;  // 128 + signal for a child that died of one, as shells count
  std::string output;
  std::string errors;
};

// `words[0]` is looked up in PATH unless it has a slash. The child gets `environment` and nothing
// else of ours: no standard input, no open files, no ignored signals. It leads a process group of
// its own, which is killed whole when a limit is passed, so that no grandchild stays behind.
// Whatever it answers, a child that ended is a result. Errors: kNotFound "process.not-found",
// kDenied "process.denied", kTimeout "process.timeout", kInvalid "process.too-large", kInternal
// "process.failed".
Result<ProcessResult> run_process(const std::vector<std::string>& words,
                                  const std::map<std::string, std::string>& environment,
                                  const ProcessLimits& limits = {});

}  // namespace slipway
