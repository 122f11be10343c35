// The words of an ecs-crd run, in the form its users know: banners, findings as "key : value",
// results of steps. They are notes of the event stream, so every view and the journal has them.
#pragma once

#include "execute/event_stream.h"
#include "execute/stacks.h"

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

}  // namespace slipway
