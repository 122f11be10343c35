// The words of an ecs-crd run, in the form its users know: banners, findings as "key : value",
// results of steps. They are notes of the event stream, so every view and the journal has them.
#pragma once

#include "base/fiber.h"
#include "execute/event_stream.h"
#include "execute/stacks.h"

#include <functional>
#include <string>
#include <string_view>

namespace slipway {

// "5s", "1m5s", "1h2m5s".
std::string in_crd_time(Duration duration);

class CrdSay {
 public:
  explicit CrdSay(EventStream& events) : events_(events) {}

  void banner(std::string_view title);
  void value(std::string_view key, std::string_view text);
  void line(std::string text);
  void debug(std::string text);
  void warning(std::string text);
  void error(std::string text);
  void step_result(bool completed);

  // One line for the stack, one for each resource.
  void progress(const StackProgress& progress);

 private:
  EventStream& events_;
};

// Whoever watches a wait hears of it as often as this.
inline constexpr Duration kCrdTick = std::chrono::seconds(5);

// "WHAT : 1m5s" at each tick, the last one at the end.
Result<void> sleep_with_ticks(Clock& clock, CrdSay& say, TimePoint until, const std::string& what);

// The same while `body` waits for something else, as long as it does.
Result<void> with_ticks(Fibers& fibers, CrdSay& say, const std::string& what,
                        const std::function<Result<void>()>& body);

}  // namespace slipway
