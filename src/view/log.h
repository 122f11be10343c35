// The plain view: one line of log per fact, for pipelines and files.
//
//   text     INFO[0013] old tag is 41          cluster=prod container=app service=web
//   logfmt   time="2026-01-01T00:00:13Z" level=info msg="old tag is 41" cluster=prod ...
//   json     {"time":"2026-01-01T00:00:13Z","level":"info","msg":"old tag is
//   41","cluster":"prod",...}
#pragma once

#include "view/line.h"
#include "view/view.h"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace slipway {

enum class LogFormat { kText, kLogfmt, kJson };

struct LogSettings {
  LogFormat format = LogFormat::kLogfmt;
  LogLevel level = LogLevel::kInfo;
  bool color = false;
  TimePoint start{};    // seconds in brackets count from here
  std::string cluster;  // on every line when not empty
  std::optional<Duration> heartbeat = std::chrono::seconds(30);
  // Repeats of the same picture are told by the heartbeat only. The ecs-toolkit personality tells
  // every look, as the original does.
  bool every_look = false;
};

class LogView final : public View {
 public:
  LogView(LogSettings settings, Writer writer);

  void on(const Event& event) override;
  void tick(TimePoint now) override;

  // For lines that are not events: files, flags, start-up errors.
  void write(TimePoint at, const Line& line);

 private:
  LogSettings settings_;
  Writer writer_;
  std::optional<TimePoint> last_line_;
  std::map<std::string, std::string> last_looks_;   // by item: the picture last told
  std::map<std::string, std::string> in_progress_;  // by item: what it is doing
  std::set<std::string> is_in_a_step_;              // items whose traffic is being moved
};

}  // namespace slipway
