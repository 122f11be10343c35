#include "execute/task_logs.h"

#include "aws/logs.h"
#include "execute/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

// GetLogEvents has a quota of some ten calls a second for an account and region, shared with
// everybody who looks at a log.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
constexpr Duration kLooks = 2s;
constexpr Duration kPerStream = 250ms;
// How long after a task's end its lines, and even its stream, may still arrive.
constexpr Duration kLate = 6s;
constexpr int kFailuresTolerated = 5;
constexpr int kLastLines = 20;

std::string option(const Json& configuration, std::string_view name) {
  const Json* options = find(configuration, "options");
  return options == nullptr ? std::string() : std::string(string_or_empty(*options, name));
}

}  // namespace

LogSources log_sources(const Json& task_definition) {
  LogSources sources;
  const JsonArray* containers = find_array(task_definition, "containerDefinitions");
  if (containers == nullptr) return sources;
  for (const Json& container : *containers) {
    const Json* configuration = find(container, "logConfiguration");
    if (configuration == nullptr) continue;
    const std::string name(string_or_empty(container, "name"));
    const std::string driver(string_or_empty(*configuration, "logDriver"));
    if (driver != "awslogs") {
      sources.unreadable.push_back(
          fmt::format("container {} writes its log with {}, which cannot be read back", name,
                      driver.empty() ? "no driver" : driver));
      continue;
    }
    ContainerLog log{.container = name,
                     .group = option(*configuration, "awslogs-group"),
                     .region = option(*configuration, "awslogs-region"),
                     .prefix = option(*configuration, "awslogs-stream-prefix"),
                     .creates_group = option(*configuration, "awslogs-create-group") == "true"};
    if (log.prefix.empty())
      // Without a prefix the stream is named after Docker's id of the container.
      sources.unreadable.push_back(fmt::format(
          "container {} has no awslogs-stream-prefix, so that its log stream cannot be told",
          name));
    else
      sources.readable.push_back(std::move(log));
  }
  return sources;
}

std::string_view without_line_end(std::string_view message) {
  while (message.ends_with('\n') || message.ends_with('\r')) message.remove_suffix(1);
  return message;
}

TaskLogs::TaskLogs(Context& context, Subject subject, LogSources sources)
    : context_(context),
      subject_(std::move(subject)),
      sources_(std::move(sources)),
      changed_(context.runtime.fibers),
      group_(context.runtime.fibers) {}

void TaskLogs::follow(int ordinal, const std::string& task_id) {
  for (const std::string& sentence : sources_.unreadable) warn_once(sentence);
  for (const ContainerLog& log : sources_.readable) {
    Stream& stream =
        streams_.emplace_back(Stream{.log = log, .ordinal = ordinal, .task_id = task_id});
    group_.spawn("log of " + log.container, [this, &stream] {
      run(stream);
      stream.has_ended = true;
      changed_.ring();
    });
  }
}

void TaskLogs::finish(const std::string& task_id, const std::vector<StoppedContainer>& containers) {
  const TimePoint now = context_.clock().now();
  for (Stream& stream : streams_) {
    if (stream.task_id != task_id) continue;
    const auto container =
        std::ranges::find(containers, stream.log.container, &StoppedContainer::name);
    const bool ran = container == containers.end() || container->exitCode.has_value();
    stream.has_stopped = true;
    // A container that never ran has written nothing: what is there now is all.
    stream.stopped_at = ran ? now : now - kLate;
  }
  changed_.ring();
  const auto is_open = [&](const Stream& stream) {
    return stream.task_id == task_id && !stream.has_ended;
  };
  while (std::ranges::any_of(streams_, is_open))
    if (!changed_.wait()) return;
}

// False when the waiting was called off. Ends early when a task has stopped.
bool TaskLogs::wait(Duration duration) {
  Fibers& fibers = context_.runtime.fibers;
  const TimePoint until = fibers.now() + duration;
  const Deadline deadline(fibers, until);
  const Result<void> woken = changed_.wait();
  // The deadline is ours unless it came before its time.
  return woken || fibers.now() >= until;
}

void TaskLogs::run(Stream& stream) {
  for (;;) {
    const Read seen = read(stream);
    if (seen == Read::kGivenUp) return;
    if (stream.has_stopped) {
      const bool is_late = context_.clock().now() - stream.stopped_at >= kLate;
      if (is_late || seen == Read::kNothing) return;
    }
    const Duration pause =
        std::max(kLooks, kPerStream * static_cast<std::int64_t>(streams_.size()));
    if (!wait(stream.has_stopped ? Duration(1s) : pause)) return;
  }
}

TaskLogs::Read TaskLogs::read(Stream& stream) {
  bool any = false;
  for (;;) {
    if (is_denied_) return Read::kGivenUp;
    const Result<aws::GetLogEventsResponse> page =
        context_.clients.call(aws::GetLogEvents,
                              {.logGroupName = stream.log.group,
                               .logStreamName = stream.log.stream(stream.task_id),
                               .nextToken = stream.token,
                               .startFromHead = true},
                              stream.log.region);
    if (!page) return refused(stream, page.error());
    stream.failures = 0;
    for (const aws::OutputLogEvent& event : page->events)
      tell(stream, event.timestamp, event.message);
    any = any || !page->events.empty();
    // The same token again is how the end of what there is looks.
    if (page->nextForwardToken == stream.token || page->nextForwardToken.empty())
      return any ? Read::kLines : Read::kNothing;
    stream.token = page->nextForwardToken;
  }
}

TaskLogs::Read TaskLogs::refused(Stream& stream, const Error& error) {
  if (called_off(error)) return Read::kGivenUp;
  if (aws::is_access_denied(error)) {
    if (!std::exchange(is_denied_, true))
      context_.events.say(subject_, CallDenied{.operation = error.operation,
                                               .consequence = "the log is not shown"});
    return Read::kGivenUp;
  }
  if (error.code == "ResourceNotFoundException") {
    // One code for both, and only the text tells them apart: a stream comes with its first line, a
    // group does not come by itself.
    const bool no_group = error.message.find("log group") != std::string::npos;
    if (!no_group || stream.log.creates_group) return Read::kNotThere;
    warn_once(fmt::format("the log of container {} cannot be shown: log group {} does not exist{}",
                          stream.log.container, stream.log.group,
                          stream.log.region.empty() ? "" : " in " + stream.log.region));
    return Read::kGivenUp;
  }
  if (++stream.failures <= kFailuresTolerated) return Read::kNotThere;
  warn_once(fmt::format("the log of container {} is not shown any more: {}", stream.log.container,
                        error.message));
  return Read::kGivenUp;
}

void TaskLogs::tell_last_lines(int ordinal, const std::string& task_id,
                               const std::vector<StoppedContainer>& containers) {
  for (const ContainerLog& log : sources_.readable) {
    const auto container = std::ranges::find(containers, log.container, &StoppedContainer::name);
    const bool failed = container != containers.end() && container->exitCode.value_or(0) != 0;
    if (!failed || is_denied_) continue;
    Stream stream{.log = log, .ordinal = ordinal, .task_id = task_id};
    const Result<aws::GetLogEventsResponse> page =
        context_.clients.call(aws::GetLogEvents,
                              {.logGroupName = log.group,
                               .logStreamName = log.stream(task_id),
                               .limit = kLastLines,
                               .startFromHead = false},
                              log.region);
    if (!page) {
      refused(stream, page.error());
      continue;
    }
    for (const aws::OutputLogEvent& event : page->events)
      tell(stream, event.timestamp, event.message, true);
  }
}

void TaskLogs::tell(const Stream& stream, std::optional<std::int64_t> milliseconds,
                    std::string_view message, bool after_failure) {
  TaskLogLine line{.ordinal = stream.ordinal,
                   .task_id = stream.task_id,
                   .container = stream.log.container,
                   .message = std::string(without_line_end(message)),
                   .several = streams_.size() > 1,
                   .after_failure = after_failure};
  if (milliseconds) line.written_at = TimePoint(std::chrono::milliseconds(*milliseconds));
  context_.events.say(subject_, std::move(line));
}

void TaskLogs::warn_once(const std::string& sentence) {
  if (std::ranges::find(said_, sentence) != said_.end()) return;
  said_.push_back(sentence);
  context_.events.say(subject_, Note{NoteLevel::kWarning, sentence});
}

}  // namespace slipway
