// What the containers of one-off tasks write, read back from CloudWatch Logs while they run.
//
// Only the awslogs driver writes to a place we can find by the task's id alone: group, and stream
// PREFIX/CONTAINER/TASK-ID. Reading is never needed: whatever stands in its way is said once, and
// the task is judged without it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
#pragma once

#include "base/fiber.h"
#include "base/gate.h"
#include "base/json.h"
#include "execute/context.h"
#include "model/event.h"

#include <list>
#include <string>
#include <vector>

namespace slipway {

struct ContainerLog {
  std::string container;
  std::string group;
  std::string region;  // empty: the task's own
  std::string prefix;
  bool creates_group = false;  // awslogs-create-group: the group may come late
  bool operator==(const ContainerLog&) const = default;

  std::string stream(const std::string& task_id) const {
    return prefix + "/" + container + "/" + task_id;
  }
};

struct LogSources {
  std::vector<ContainerLog> readable;
  std::vector<std::string> unreadable;  // "container app writes its log with splunk", one sentence
                                        // each; nothing about containers that log nowhere
  bool operator==(const LogSources&) const = default;
};
LogSources log_sources(const Json& task_definition);

// "\r\n" and the like at the end of a line are the writer's business.
std::string_view without_line_end(std::string_view message);

class TaskLogs {
 public:
  // Borrows the context. Its fibers belong to the fiber that makes it; what is still being read
  // when it is destroyed is left.
  TaskLogs(Context& context, Subject subject, LogSources sources);

  // From now on every line is told as TaskLogLine. A stream that is not there yet is waited for.
  void follow(int ordinal, const std::string& task_id);

  // The task has stopped; `containers` is how. Returns when the lines that were still on their way
  // have been told, after a few seconds at most.
  void finish(const std::string& task_id, const std::vector<StoppedContainer>& containers);

  // The last lines of the containers that failed, for a run that followed nothing.
  void tell_last_lines(int ordinal, const std::string& task_id,
                       const std::vector<StoppedContainer>& containers);

 private:
  struct Stream {
    const ContainerLog& log;
    int ordinal;
    std::string task_id;
    std::string token{};       // where to read on
    bool has_stopped = false;  // the task has
    TimePoint stopped_at{};
    bool has_ended = false;  // nothing more is read
    int failures = 0;        // reads that failed in a row
  };
  enum class Read { kLines, kNothing, kNotThere, kGivenUp };

  void run(Stream& stream);
  Read read(Stream& stream);
  Read refused(Stream& stream, const Error& error);
  bool wait(Duration duration);
  void tell(const Stream& stream, std::optional<std::int64_t> milliseconds,
            std::string_view message, bool after_failure = false);
  void warn_once(const std::string& sentence);

  Context& context_;
  Subject subject_;
  LogSources sources_;
  std::list<Stream> streams_;
  std::vector<std::string> said_;
  bool is_denied_ = false;
  Bell changed_;
  Group group_;
};

}  // namespace slipway
