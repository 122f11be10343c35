#include "base/fiber.h"

#include "base/signals.h"

#include <boost/context/detail/fcontext.hpp>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cxxabi.h>
#include <deque>
#include <exception>
#include <list>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLIPWAY_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SLIPWAY_ASAN 1
#endif
#ifdef SLIPWAY_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace slipway {

namespace context = boost::context::detail;

namespace {

#ifdef SLIPWAY_ASAN
constexpr std::size_t kStackBytes = 1024UL * 1024;
#else
constexpr std::size_t kStackBytes = 128UL * 1024;
#endif
// Stacks kept for the next fibers. Their touched pages stay resident, so not too many.
constexpr std::size_t kPooledStacks = 64;
// Fibers that keep waking each other must not keep the driver from its sockets and signals.
constexpr unsigned kTurnsBetweenPolls = 16;

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "slipway: internal error: %s\n", why.c_str());
  std::abort();
}

// --- Stacks ---------------------------------------------------------------------------------

struct Stack {
  std::byte* bottom = nullptr;  // lowest usable address; the guard page lies below it
  std::byte* top() const { return bottom + kStackBytes; }
};

class StackPool {
 public:
  StackPool() : guard_bytes_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))) {}
  ~StackPool() {
    for (const Stack& stack : free_) unmap(stack);
  }
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;

  Stack take() {
    if (!free_.empty()) {
      const Stack stack = free_.back();
      free_.pop_back();
      return stack;
    }
    void* memory = ::mmap(nullptr, guard_bytes_ + kStackBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED || ::mprotect(memory, guard_bytes_, PROT_NONE) != 0)
      stop(std::string("no memory for the stack of a fiber: ") + std::strerror(errno));
    return {static_cast<std::byte*>(memory) + guard_bytes_};
  }

  void give_back(Stack stack) {
#ifdef SLIPWAY_ASAN
    // Nobody returns from a fiber's outermost frames. What they forbade must not outlive them here,
    // nor in whatever is mapped to this place next.
    __asan_unpoison_memory_region(stack.bottom, kStackBytes);
#endif
    if (free_.size() < kPooledStacks)
      free_.push_back(stack);
    else
      unmap(stack);
  }

 private:
  void unmap(const Stack& stack) const {
    ::munmap(stack.bottom - guard_bytes_, guard_bytes_ + kStackBytes);
  }

  std::size_t guard_bytes_;
  std::vector<Stack> free_;
};

// The C++ runtime keeps the exceptions being handled per thread, not per stack. Swapping them with
// the stack makes it harmless to wait inside a catch block.
struct HandledExceptions {
  void* caught = nullptr;
  unsigned int uncaught = 0;

  void swap_with_thread() {
    void* const globals = static_cast<void*>(abi::__cxa_get_globals());
    HandledExceptions mine = *this;
    std::memcpy(this, globals, sizeof mine);
    std::memcpy(globals, &mine, sizeof mine);
  }
};

enum class Waiting { kNot, kSleeping, kParked, kJoining };
enum class Ending { kWoken, kTimePassed, kCancelled };

Error cancelled() { return Error{ErrorKind::kCancelled, "cancelled", "it was called off"}; }
Error deadline_passed() { return Error{ErrorKind::kTimeout, "deadline", "the deadline passed"}; }

}  // namespace

// --- What the opaque names mean ---------------------------------------------------------------

class Fiber {
 public:
  std::string name;
  std::function<void()> body;
  Scope* scope = nullptr;
  std::list<std::unique_ptr<Fiber>>::iterator place_in_scope;
  std::optional<TimePoint> deadline;

  Stack stack;
  context::fcontext_t context = nullptr;  // where it waits
  HandledExceptions exceptions;
  void* fake_stack = nullptr;  // AddressSanitizer's, while it waits

  Waiting waiting = Waiting::kNot;
  Ending ending = Ending::kWoken;  // why the last wait ended
  bool wake_pending = false;
  bool has_ended = false;
  static constexpr std::size_t kNoTimer = SIZE_MAX;
  std::size_t timer_slot = kNoTimer;
};

// The fibers of one group and the groups made by them.
class Scope : public std::enable_shared_from_this<Scope> {
 public:
  struct Body {
    std::string name;
    std::function<void()> function;
  };

  Fibers::State* fibers = nullptr;
  std::shared_ptr<Scope> parent;
  std::list<Scope*>::iterator place_in_parent;
  std::list<Scope*> children;
  std::list<std::unique_ptr<Fiber>> running;  // in the order in which they started
  std::deque<Body> not_started;
  std::size_t max_running = 0;
  std::optional<TimePoint> deadline;
  std::vector<Fiber*> joiners;
  bool is_cancelled = false;

  bool is_done() const { return running.empty() && not_started.empty(); }
  void start_what_fits();
  void ended(Fiber* fiber);
  void cancel();
};

namespace {

// A binary heap by time, then by the order of asking; each fiber knows its slot, so that a timer
// whose wait ended early is taken out at once and no stale time is ever jumped to.
class Timers {
 public:
  bool empty() const { return heap_.empty(); }
  TimePoint first() const { return heap_.front().when; }

  void add(TimePoint when, Fiber* fiber) {
    heap_.push_back({when, next_sequence_++, fiber});
    fiber->timer_slot = heap_.size() - 1;
    sift_up(heap_.size() - 1);
  }

  void remove(Fiber* fiber) {
    const std::size_t slot = std::exchange(fiber->timer_slot, Fiber::kNoTimer);
    const Timer last = heap_.back();
    heap_.pop_back();
    if (slot == heap_.size()) return;
    place(slot, last);
    sift_up(slot);
    sift_down(heap_[slot].fiber == last.fiber ? slot : heap_.size());
  }

  Fiber* take_first() {
    Fiber* const fiber = heap_.front().fiber;
    remove(fiber);
    return fiber;
  }

 private:
  struct Timer {
    TimePoint when;
    std::uint64_t sequence;
    Fiber* fiber;
    bool operator<(const Timer& other) const {
      return when != other.when ? when < other.when : sequence < other.sequence;
    }
  };

  void place(std::size_t slot, const Timer& timer) {
    heap_[slot] = timer;
    timer.fiber->timer_slot = slot;
  }

  void sift_up(std::size_t slot) {
    const Timer timer = heap_[slot];
    while (slot > 0) {
      const std::size_t above = (slot - 1) / 2;
      if (!(timer < heap_[above])) break;
      place(slot, heap_[above]);
      slot = above;
    }
    place(slot, timer);
  }

  void sift_down(std::size_t slot) {
    if (slot >= heap_.size()) return;
    const Timer timer = heap_[slot];
    for (;;) {
      std::size_t below = 2 * slot + 1;
      if (below >= heap_.size()) break;
      if (below + 1 < heap_.size() && heap_[below + 1] < heap_[below]) ++below;
      if (!(heap_[below] < timer)) break;
      place(slot, heap_[below]);
      slot = below;
    }
    place(slot, timer);
  }

  std::vector<Timer> heap_;
  std::uint64_t next_sequence_ = 0;
};

}  // namespace

// --- The scheduler ------------------------------------------------------------------------------

struct Fibers::State {
  explicit State(Driver& the_driver) : driver(the_driver), root(std::make_shared<Scope>()) {
    root->fibers = this;
  }

  Driver& driver;
  StackPool stacks;
  Timers timers;
  std::shared_ptr<Scope> root;  // of the first fiber, and above every group
  std::vector<Fiber*> ready;    // for the next turn, in order
  std::vector<Fiber*> turn;
  std::size_t live = 0;
  bool is_running = false;

  Fiber* current = nullptr;
  context::fcontext_t scheduler = nullptr;
  void* scheduler_fake_stack = nullptr;
  const void* scheduler_stack_bottom = nullptr;
  std::size_t scheduler_stack_bytes = 0;

  void start(Scope& scope, Scope::Body body);
  void resume(Fiber* fiber);
  void leave();
  [[noreturn]] static void run_body(context::transfer_t from);

  // Puts the running fiber to sleep until something ends its wait.
  Ending wait(Waiting how, std::optional<TimePoint> until);
  void end_wait(Fiber* fiber, Ending ending);

  void take_turn();
  void end_due_waits();
  void stop_if_stuck() const;
};

void Fibers::State::start(Scope& scope, Scope::Body body) {
  auto fiber = std::make_unique<Fiber>();
  fiber->name = std::move(body.name);
  fiber->body = std::move(body.function);
  fiber->scope = &scope;
  fiber->deadline = scope.deadline;
  fiber->stack = stacks.take();
  fiber->context = context::make_fcontext(fiber->stack.top(), kStackBytes, &State::run_body);
  ++live;
  ready.push_back(fiber.get());
  Fiber* const started = fiber.get();
  started->place_in_scope = scope.running.insert(scope.running.end(), std::move(fiber));
}

// The first thing on every new stack.
void Fibers::State::run_body(context::transfer_t from) {
  auto* const state = static_cast<State*>(from.data);
#ifdef SLIPWAY_ASAN
  __sanitizer_finish_switch_fiber(nullptr, &state->scheduler_stack_bottom,
                                  &state->scheduler_stack_bytes);
#endif
  state->scheduler = from.fctx;
  Fiber* const fiber = state->current;
  try {
    // Moved out so that what the function captured is gone before the group sees the end.
    const std::function<void()> body = std::move(fiber->body);
    body();
  } catch (const std::exception& exception) {
    stop("fiber \"" + fiber->name + "\" threw: " + exception.what());
  } catch (...) {
    stop("fiber \"" + fiber->name + "\" threw something");
  }
  fiber->has_ended = true;
  state->leave();
  std::abort();  // nobody resumes a fiber that has ended
}

void Fibers::State::resume(Fiber* fiber) {
  current = fiber;
  fiber->exceptions.swap_with_thread();
#ifdef SLIPWAY_ASAN
  __sanitizer_start_switch_fiber(&scheduler_fake_stack, fiber->stack.bottom, kStackBytes);
#endif
  const context::transfer_t from = context::jump_fcontext(fiber->context, this);
#ifdef SLIPWAY_ASAN
  __sanitizer_finish_switch_fiber(scheduler_fake_stack, nullptr, nullptr);
#endif
  fiber->context = from.fctx;
  fiber->exceptions.swap_with_thread();
  current = nullptr;
  if (fiber->has_ended) {
    stacks.give_back(fiber->stack);
    --live;
    fiber->scope->ended(fiber);
  }
}

// Back to the scheduler, from the running fiber.
void Fibers::State::leave() {
  [[maybe_unused]] Fiber* const fiber = current;
#ifdef SLIPWAY_ASAN
  __sanitizer_start_switch_fiber(fiber->has_ended ? nullptr : &fiber->fake_stack,
                                 scheduler_stack_bottom, scheduler_stack_bytes);
#endif
  const context::transfer_t from = context::jump_fcontext(scheduler, nullptr);
#ifdef SLIPWAY_ASAN
  __sanitizer_finish_switch_fiber(fiber->fake_stack, &scheduler_stack_bottom,
                                  &scheduler_stack_bytes);
#endif
  scheduler = from.fctx;
}

Ending Fibers::State::wait(Waiting how, std::optional<TimePoint> until) {
  current->waiting = how;
  if (until) timers.add(*until, current);
  Fiber* const fiber = current;
  leave();
  return fiber->ending;
}

void Fibers::State::end_wait(Fiber* fiber, Ending ending) {
  assert(fiber->waiting != Waiting::kNot);
  fiber->waiting = Waiting::kNot;
  fiber->ending = ending;
  if (fiber->timer_slot != Fiber::kNoTimer) timers.remove(fiber);
  ready.push_back(fiber);
}

// Runs those that are ready now; whom they wake comes in the next turn.
void Fibers::State::take_turn() {
  turn.swap(ready);
  for (Fiber* const fiber : turn) resume(fiber);
  turn.clear();
}

void Fibers::State::end_due_waits() {
  if (timers.empty()) return;
  const TimePoint now = driver.now();
  while (!timers.empty() && timers.first() <= now) {
    Fiber* const fiber = timers.take_first();
    end_wait(fiber, Ending::kTimePassed);
  }
}

void Fibers::State::stop_if_stuck() const {
  if (driver.has_outside() || !timers.empty()) return;
  std::string names;
  std::vector<const Scope*> scopes = {root.get()};
  while (!scopes.empty()) {
    const Scope* const scope = scopes.back();
    scopes.pop_back();
    scopes.insert(scopes.end(), scope->children.begin(), scope->children.end());
    for (const auto& fiber : scope->running) names += (names.empty() ? "" : ", ") + fiber->name;
  }
  stop("every fiber waits and nothing can wake one: " + names);
}

Fibers::Fibers(Driver& driver) : state_(std::make_unique<State>(driver)) {}
Fibers::~Fibers() { assert(state_->live == 0); }

void Fibers::run(std::function<void()> main) {
  State& state = *state_;
  assert(!state.is_running);
  state.is_running = true;
  state.root->is_cancelled = false;
  state.start(*state.root, {"main", std::move(main)});
  for (unsigned turns = 1; state.live > 0; ++turns) {
    state.take_turn();
    if (state.live == 0) break;
    state.end_due_waits();
    if (state.ready.empty()) {
      std::optional<TimePoint> until;
      if (!state.timers.empty()) until = state.timers.first();
      // A signal's action may still end the waiting: the driver delivers before it gives up.
      state.driver.wait(until);
      state.end_due_waits();
      if (state.ready.empty() && !until) state.stop_if_stuck();
    } else if (turns % kTurnsBetweenPolls == 0) {
      state.driver.wait(state.driver.now());
    }
  }
  state.is_running = false;
}

TimePoint Fibers::now() const { return state_->driver.now(); }

Result<void> Fibers::sleep_until(TimePoint when) {
  State& state = *state_;
  assert(state.current != nullptr && "only a fiber can sleep");
  if (is_cancelled()) return cancelled();
  const std::optional<TimePoint> deadline = state.current->deadline;
  const bool deadline_first = deadline && *deadline < when;
  // A time in the past takes its turn among those that are due now.
  const TimePoint until = std::max(deadline_first ? *deadline : when, now());
  if (state.wait(Waiting::kSleeping, until) == Ending::kCancelled) return cancelled();
  if (deadline_first) return deadline_passed();
  return {};
}

Fiber* Fibers::current() const { return state_->current; }

Result<void> Fibers::park() {
  State& state = *state_;
  Fiber* const fiber = state.current;
  assert(fiber != nullptr && "only a fiber can park");
  if (std::exchange(fiber->wake_pending, false)) return {};
  if (is_cancelled()) return cancelled();
  switch (state.wait(Waiting::kParked, fiber->deadline)) {
    case Ending::kWoken:
      return {};
    case Ending::kTimePassed:
      return deadline_passed();
    case Ending::kCancelled:
      return cancelled();
  }
  stop("a wait ended for no known reason");
}

void Fibers::wake(Fiber* fiber) {
  if (fiber->waiting == Waiting::kParked)
    state_->end_wait(fiber, Ending::kWoken);
  else
    fiber->wake_pending = true;
}

bool Fibers::is_cancelled() const {
  return state_->current != nullptr && state_->current->scope->is_cancelled;
}

// --- Groups -------------------------------------------------------------------------------------

void Scope::start_what_fits() {
  while (!not_started.empty() && (max_running == 0 || running.size() < max_running)) {
    Body body = std::move(not_started.front());
    not_started.pop_front();
    fibers->start(*this, std::move(body));
  }
}

void Scope::ended(Fiber* fiber) {
  running.erase(fiber->place_in_scope);
  start_what_fits();
  if (!is_done()) return;
  for (Fiber* const joiner : std::exchange(joiners, {})) fibers->end_wait(joiner, Ending::kWoken);
}

void Scope::cancel() {
  if (is_cancelled) return;
  is_cancelled = true;
  for (const auto& fiber : running) {
    if (fiber->waiting == Waiting::kSleeping || fiber->waiting == Waiting::kParked)
      fibers->end_wait(fiber.get(), Ending::kCancelled);
  }
  for (Scope* const child : children) child->cancel();
}

Group::Group(Fibers& fibers, std::size_t max_running) : scope_(std::make_shared<Scope>()) {
  Fibers::State& state = *fibers.state_;
  scope_->fibers = &state;
  scope_->max_running = max_running;
  if (state.current != nullptr) {
    // The scope that made it is kept alive by its fiber, which has to end before the scope does.
    scope_->parent = state.current->scope->shared_from_this();
    scope_->deadline = state.current->deadline;
  } else {
    scope_->parent = state.root;
  }
  scope_->is_cancelled = scope_->parent->is_cancelled;
  auto& siblings = scope_->parent->children;
  scope_->place_in_parent = siblings.insert(siblings.end(), scope_.get());
}

Group::~Group() {
  if (!scope_->is_done()) {
    cancel();
    join();
  }
  scope_->parent->children.erase(scope_->place_in_parent);
}

void Group::spawn(std::string name, std::function<void()> body) {
  scope_->not_started.push_back({std::move(name), std::move(body)});
  scope_->start_what_fits();
}

void Group::join() {
  if (scope_->is_done()) return;
  Fibers::State& state = *scope_->fibers;
  if (state.current == nullptr) stop("a group with running fibers was joined outside of a fiber");
  if (state.current->scope == scope_.get()) stop("a fiber joined its own group");
  scope_->joiners.push_back(state.current);
  state.wait(Waiting::kJoining, std::nullopt);
}

void Group::cancel() { scope_->cancel(); }
bool Group::is_cancelled() const { return scope_->is_cancelled; }

Deadline::Deadline(Fibers& fibers, TimePoint when) : fiber_(fibers.current()) {
  assert(fiber_ != nullptr && "only a fiber can have a deadline");
  outer_ = fiber_->deadline;
  if (!outer_ || when < *outer_) fiber_->deadline = when;
}

Deadline::~Deadline() { fiber_->deadline = outer_; }

// --- Virtual time -------------------------------------------------------------------------------

void VirtualDriver::set_speed(double virtual_seconds_per_second, Pause pause) {
  speed_ = virtual_seconds_per_second;
  pause_ = std::move(pause);
  owed_ = Duration{0};
}

void VirtualDriver::wait(std::optional<TimePoint> until) {
  if (signals_ != nullptr && signals_->deliver()) return;
  if (!until || *until <= now_) return;
  if (speed_ > 0) {
    const auto scaled = [](Duration time, double factor) {
      return Duration(static_cast<Duration::rep>(static_cast<double>(time.count()) * factor));
    };
    owed_ += scaled(*until - now_, 1 / speed_);
    if (owed_ >= std::chrono::milliseconds(1)) {
      owed_ -= pause_ ? pause_(owed_) : sleep_in_real_time(owed_, signals_);
      if (owed_ > Duration{0} && signals_ != nullptr && signals_->deliver()) {
        // The signal cut the sleep short: it is noticed where virtual time has come to.
        now_ = std::max(now_, *until - scaled(owed_, speed_));
        owed_ = Duration{0};
        return;
      }
    }
  }
  now_ = *until;
}

}  // namespace slipway
