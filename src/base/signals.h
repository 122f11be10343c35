// Signals as ordinary callbacks: the handler only counts, and the driver of the running loop calls
// `deliver` between two fibers, where an action may cancel groups, wake and spawn, but not wait.
#pragma once

#include "base/time.h"

#include <csignal>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

namespace slipway {

// What ends a run early, and the status it ends with: 128 and the number, as shells count.
struct EndingSignal {
  int number;
  std::string_view name;
  int exit_status() const { return 128 + number; }
};
inline constexpr EndingSignal kEndingSignals[] = {
    {SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};

// 130 for "SIGINT"; nullopt where no signal is named.
std::optional<int> exit_status_of_signal(std::string_view name);

// One per process at a time. While it lives SIGPIPE is ignored (a child that is started must reset
// it); the destructor puts everything back.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // From now on `signal` runs `action`, once for each time it came. A signal that the process was
  // started with ignored (nohup, a background job of a plain shell) stays ignored.
  void on(int signal, std::function<void()> action);

  // As if the signal had come: how a test sends one at a virtual time.
  void raise(int signal);

  // Runs the actions of what has come since the last call; false when there was nothing. Cheap.
  bool deliver();

  // Readable while something is to be delivered; for poll.
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  bool sigpipe_was_ignored_;
  std::map<int, std::function<void()>> actions_;
};

// The one place that lets real time pass without work, for a virtual run that a person watches.
// Ends early when a signal is to be delivered; returns how long it was.
Duration sleep_in_real_time(Duration duration, const Signals* signals);

}  // namespace slipway
