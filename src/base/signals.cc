#include "base/signals.h"

#include <atomic>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

namespace slipway {
namespace {

// What the handler may touch. Counts, not flags: a second Ctrl-C means something else than one.
constexpr int kHighestSignal = 64;
std::atomic<int> arrived[kHighestSignal + 1];
std::atomic<bool> any_arrived;
std::atomic<int> wake_descriptor = -1;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void count(int signal) {
  arrived[signal].fetch_add(1);
  any_arrived.store(true);
  const std::uint64_t one = 1;
  // Fails only when the descriptor's counter is full, and then it is readable anyway.
  [[maybe_unused]] const auto written = ::write(wake_descriptor.load(), &one, sizeof one);
}

extern "C" void slipway_signal_arrived(int signal) {
  const int saved_errno = errno;
  count(signal);
  errno = saved_errno;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

std::optional<int> exit_status_of_signal(std::string_view name) {
  for (const EndingSignal& signal : kEndingSignals)
    if (signal.name == name) return signal.exit_status();
  return std::nullopt;
}

Signals::Signals()
    : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      sigpipe_was_ignored_(is_ignored(SIGPIPE)) {
  if (descriptor_ < 0) {
    std::perror("slipway: internal error: eventfd");
    std::abort();
  }
  assert(wake_descriptor == -1 && "one Signals at a time");
  wake_descriptor = descriptor_;
  set_handler(SIGPIPE, SIG_IGN);
}

Signals::~Signals() {
  for (const auto& [signal, action] : actions_)
    if (!is_ignored(signal)) set_handler(signal, SIG_DFL);
  if (!sigpipe_was_ignored_) set_handler(SIGPIPE, SIG_DFL);
  wake_descriptor = -1;
  ::close(descriptor_);
  any_arrived = false;
  for (auto& times : arrived) times = 0;
}

void Signals::on(int signal, std::function<void()> action) {
  assert(signal > 0 && signal <= kHighestSignal);
  actions_[signal] = std::move(action);
  if (!is_ignored(signal)) set_handler(signal, &slipway_signal_arrived);
}

void Signals::raise(int signal) {
  assert(signal > 0 && signal <= kHighestSignal);
  count(signal);
}

bool Signals::deliver() {
  if (!any_arrived.load(std::memory_order_relaxed)) return false;
  std::uint64_t total = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_, &total, sizeof total);
  // Cleared before the counts are read: what comes from now on sets it again.
  any_arrived = false;
  for (int signal = 1; signal <= kHighestSignal; ++signal) {
    for (int times = arrived[signal].exchange(0); times > 0; --times) {
      const auto found = actions_.find(signal);
      if (found == actions_.end()) break;
      // A copy: the action may replace itself.
      const std::function<void()> action = found->second;
      action();
    }
  }
  return true;
}

Duration sleep_in_real_time(Duration duration, const Signals* signals) {
  using Real = std::chrono::steady_clock;
  const auto began = Real::now();
  pollfd watched{signals == nullptr ? -1 : signals->descriptor(), POLLIN, 0};
  const auto nanoseconds = std::chrono::nanoseconds(duration).count();
  const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  ::ppoll(&watched, 1, &time, nullptr);
  return std::chrono::duration_cast<Duration>(Real::now() - began);
}

}  // namespace slipway
