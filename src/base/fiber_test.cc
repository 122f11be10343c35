#include "base/fiber.h"

#include "base/gate.h"
#include "base/json.h"
#include "base/node.h"
#include "base/runtime.h"
#include "base/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

// A scheduler on virtual time; `log` tells what happened in which order.
struct VirtualWorld : testing::Test {
  VirtualDriver driver{kStart};
  Fibers fibers{driver};
  std::vector<std::string> log;

  void say(const std::string& what) {
    log.push_back(std::to_string((fibers.now() - kStart) / 1ms) + " " + what);
  }
  std::function<void()> sleeper(const std::string& name, Duration how_long) {
    return [this, name, how_long] {
      const Result<void> slept = fibers.sleep_for(how_long);
      say(name + (slept ? "" : ": " + slept.error().code));
    };
  }
};
using FibersOnVirtualTime = VirtualWorld;
using GroupOfFibers = VirtualWorld;
using DeadlineOfFibers = VirtualWorld;
using ParkedFiber = VirtualWorld;

TEST_F(FibersOnVirtualTime, RunAgainAfterTheyHaveEnded) {
  fibers.run([&] { say("first"); });
  fibers.run([&] { say("second"); });
  EXPECT_THAT(log, ElementsAre("0 first", "0 second"));
}

TEST_F(FibersOnVirtualTime, SleepUntilTheirTimeAndTiesEndInTheOrderOfAsking) {
  fibers.run([&] {
    Group group(fibers);
    group.spawn("a", sleeper("a", 30ms));
    group.spawn("b", sleeper("b", 10ms));
    group.spawn("c", sleeper("c", 30ms));
    group.spawn("d", sleeper("d", 20ms));
    group.spawn("e", [&] {
      sleeper("e1", 10ms)();
      sleeper("e2", 20ms)();
    });
    group.join();
    say("joined");
  });
  EXPECT_THAT(log, ElementsAre("10 b", "10 e1", "20 d", "30 a", "30 c", "30 e2", "30 joined"));
}

TEST_F(FibersOnVirtualTime, LetOthersRunWhenTheySleepUntilThePast) {
  fibers.run([&] {
    Group group(fibers);
    group.spawn("other", [&] { say("other"); });
    EXPECT_TRUE(fibers.sleep_until(kStart - 1h));
    say("main");
  });
  EXPECT_THAT(log, ElementsAre("0 other", "0 main"));
}

TEST_F(FibersOnVirtualTime, MakeManySleepsInTheSameOrderEachTime) {
  const auto fingerprint = [&] {
    std::uint64_t hash = 0;
    std::size_t sleeps = 0;
    fibers.run([&] {
      Group group(fibers);
      for (std::uint64_t id = 0; id < 1000; ++id) {
        group.spawn("sleeper", [&, id] {
          for (std::uint64_t i = 0; i < 100; ++i) {
            if (!fibers.sleep_for(Duration(1 + (id * 7919 + i * 104729) % 997))) return;
            hash = hash * 1099511628211u + id;
            ++sleeps;
          }
        });
      }
      group.join();
    });
    EXPECT_EQ(sleeps, 100'000u);
    return hash;
  };
  EXPECT_EQ(fingerprint(), fingerprint());
}

TEST_F(FibersOnVirtualTime, MayWaitInsideACatchBlock) {
  fibers.run([&] {
    Group group(fibers);
    for (const std::string name : {"a", "b"}) {
      group.spawn(name, [&, name] {
        try {
          throw std::runtime_error(name);
        } catch (const std::exception&) {
          sleeper(name, name == "a" ? 10ms : 5ms)();
          try {
            throw;
          } catch (const std::exception& again) {
            say("still " + std::string(again.what()));
          }
        }
      });
    }
    group.join();
  });
  EXPECT_THAT(log, ElementsAre("5 b", "5 still b", "10 a", "10 still a"));
}

TEST_F(FibersOnVirtualTime, HaveRoomForDeepCalls) {
  // Half of the stack, in frames that the compiler cannot fold; ASan would see a wrong switch.
  const auto descend = [&](const auto& self, int depth) -> int {
    std::array<volatile char, 512> frame{};
    frame[0] = static_cast<char>(depth);
    if (depth == 0) {
      EXPECT_TRUE(fibers.sleep_for(1ms));
      return 0;
    }
    return self(self, depth - 1) + frame[0] - frame[0] + 1;
  };
  fibers.run([&] {
    Group group(fibers);
    for (int i = 0; i < 3; ++i) group.spawn("deep", [&] { EXPECT_EQ(descend(descend, 64), 64); });
    group.join();
  });
}

TEST_F(GroupOfFibers, RunsAtMostSoManyAndStartsTheOthersInOrder) {
  std::size_t running = 0;
  std::size_t most = 0;
  fibers.run([&] {
    Group group(fibers, 2);
    for (int i = 0; i < 5; ++i) {
      group.spawn("worker", [&, i] {
        most = std::max(most, ++running);
        say("start " + std::to_string(i));
        EXPECT_TRUE(fibers.sleep_for(i == 0 ? 25ms : 10ms));
        --running;
      });
    }
    group.join();
    say("joined");
  });
  EXPECT_EQ(most, 2u);
  EXPECT_THAT(log, ElementsAre("0 start 0", "0 start 1", "10 start 2", "20 start 3", "25 start 4",
                               "35 joined"));
}

TEST_F(GroupOfFibers, TakesMoreFromItsOwnFibers) {
  fibers.run([&] {
    Group group(fibers, 1);
    group.spawn("parent", [&] {
      group.spawn("child", sleeper("child", 5ms));
      sleeper("parent", 5ms)();
    });
    group.join();
    say("joined");
  });
  EXPECT_THAT(log, ElementsAre("5 parent", "10 child", "10 joined"));
}

TEST_F(GroupOfFibers, CancelsThePresentWaitAndTheNextOneInGroupsBelowToo) {
  fibers.run([&] {
    Group group(fibers);
    group.spawn("sleeping", sleeper("sleeping", 1h));
    group.spawn("parked", [&] {
      const Result<void> woken = fibers.park();
      say("parked" + std::string(woken ? "" : ": " + woken.error().code));
      sleeper("parked again", 1h)();
    });
    group.spawn("joining", [&] {
      Group below(fibers);
      below.spawn("below", sleeper("below", 1h));
      below.join();
      EXPECT_TRUE(below.is_cancelled());
      say("joined below");
    });
    EXPECT_TRUE(fibers.sleep_for(10ms));
    EXPECT_FALSE(group.is_cancelled());
    group.cancel();
    group.cancel();
    EXPECT_TRUE(group.is_cancelled());
    EXPECT_FALSE(fibers.is_cancelled()) << "the canceller is outside of the group";
    group.join();
    sleeper("main", 10ms)();
  });
  EXPECT_THAT(log, ElementsAre("10 sleeping: cancelled", "10 parked: cancelled",
                               "10 parked again: cancelled", "10 below: cancelled",
                               "10 joined below", "20 main"));
}

TEST_F(GroupOfFibers, RunsEveryBodyOnceEvenWhenCancelledBefore) {
  fibers.run([&] {
    Group group(fibers, 1);
    group.spawn("started", sleeper("started", 1h));
    group.spawn("queued", sleeper("queued", 1h));
    EXPECT_TRUE(fibers.sleep_for(1ms));
    group.cancel();
    group.spawn("late", [&] {
      EXPECT_TRUE(fibers.is_cancelled());
      sleeper("late", 1h)();
      Group below(fibers);
      below.spawn("below", sleeper("below", 1h));
      below.join();
    });
    group.join();
  });
  EXPECT_THAT(log, ElementsAre("1 started: cancelled", "1 queued: cancelled", "1 late: cancelled",
                               "1 below: cancelled"));
}

TEST_F(GroupOfFibers, IsJoinedToTheEndEvenByACancelledFiber) {
  fibers.run([&] {
    Group outer(fibers);
    outer.spawn("joiner", [&] {
      Group inner(fibers);
      inner.spawn("slow to leave", [&] {
        sleeper("called off", 1h)();
        Group cleaning(fibers);
        cleaning.spawn("cleaner", [&] { say("cleaned up"); });
        cleaning.join();
      });
      inner.join();
      say("joined");
    });
    EXPECT_TRUE(fibers.sleep_for(5ms));
    outer.cancel();
    outer.join();
  });
  EXPECT_THAT(log, ElementsAre("5 called off: cancelled", "5 cleaned up", "5 joined"));
}

TEST_F(GroupOfFibers, IsCancelledAndWaitedForWhenItGoesOutOfScope) {
  fibers.run([&] {
    {
      Group group(fibers);
      group.spawn("forgotten", sleeper("forgotten", 1h));
      EXPECT_TRUE(fibers.sleep_for(1ms));
    }
    say("after");
  });
  EXPECT_THAT(log, ElementsAre("1 forgotten: cancelled", "1 after"));
}

TEST_F(GroupOfFibers, MayBeCancelledByItsOwnFiber) {
  fibers.run([&] {
    Group group(fibers);
    group.spawn("leader", [&] {
      group.cancel();
      sleeper("leader", 1h)();
    });
    group.join();
  });
  EXPECT_THAT(log, ElementsAre("0 leader: cancelled"));
}

TEST_F(GroupOfFibers, LetsGoOfWhatABodyCapturedBeforeTheJoinReturns) {
  auto captured = std::make_shared<int>(7);
  fibers.run([&] {
    Group group(fibers);
    group.spawn("holder", [&, held = captured] { EXPECT_TRUE(fibers.sleep_for(1ms)); });
    EXPECT_EQ(captured.use_count(), 2);
    group.join();
    EXPECT_EQ(captured.use_count(), 1);
  });
}

TEST_F(DeadlineOfFibers, EndsEachWaitAtTheEarlierOfTwoTimes) {
  struct Case {
    Duration deadline, sleep;
    std::string wanted;
  };
  for (const auto& [deadline, sleep, wanted] : {
           Case{20ms, 10ms, "10 slept"},
           Case{20ms, 20ms, "20 slept"},
           Case{20ms, 21ms, "20 slept: deadline"},
           Case{0ms, 1ms, "0 slept: deadline"},
           Case{-5ms, 0ms, "0 slept: deadline"},
       }) {
    SCOPED_TRACE(wanted);
    VirtualDriver time{kStart};
    Fibers strands{time};
    strands.run([&] {
      const Deadline limit(strands, strands.now() + deadline);
      const Result<void> slept = strands.sleep_for(sleep);
      const std::string found = std::to_string((strands.now() - kStart) / 1ms) + " slept" +
                                (slept ? "" : ": " + slept.error().code);
      EXPECT_EQ(found, wanted);
      if (!slept) {
        EXPECT_EQ(slept.error().kind, ErrorKind::kTimeout);
      }
    });
  }
}

TEST_F(DeadlineOfFibers, NestsAndTheEarliestCountsAndTheOuterReturns) {
  fibers.run([&] {
    const Deadline outer(fibers, kStart + 30ms);
    {
      const Deadline inner(fibers, kStart + 10ms);
      const Deadline later(fibers, kStart + 20ms);
      sleeper("inner", 1h)();
    }
    sleeper("between", 5ms)();
    const Result<void> woken = fibers.park();
    ASSERT_FALSE(woken);
    say("parked: " + woken.error().code);
  });
  EXPECT_THAT(log, ElementsAre("10 inner: deadline", "15 between", "30 parked: deadline"));
}

TEST_F(DeadlineOfFibers, HoldsForGroupsMadeUnderIt) {
  fibers.run([&] {
    const Deadline limit(fibers, kStart + 10ms);
    Group group(fibers);
    group.spawn("inside", [&] {
      Group below(fibers);
      below.spawn("below", sleeper("below", 1h));
      below.join();
    });
    group.join();
    say("joined");
  });
  EXPECT_THAT(log, ElementsAre("10 below: deadline", "10 joined"));
}

TEST_F(ParkedFiber, IsWokenAndAWakeThatCameBeforeIsNotLost) {
  fibers.run([&] {
    Fiber* const main = fibers.current();
    fibers.wake(main);
    EXPECT_TRUE(fibers.park());
    say("woken before");
    Group group(fibers);
    group.spawn("waker", [&] {
      EXPECT_TRUE(fibers.sleep_for(10ms));
      fibers.wake(main);
      fibers.wake(main);
    });
    EXPECT_TRUE(fibers.park());
    say("woken");
    EXPECT_TRUE(fibers.park()) << "the second wake";
  });
  EXPECT_THAT(log, ElementsAre("0 woken before", "10 woken"));
  EXPECT_EQ(fibers.current(), nullptr);
}

TEST_F(ParkedFiber, SleepsOnWhenWokenTooLate) {
  fibers.run([&] {
    Fiber* const main = fibers.current();
    Group group(fibers);
    group.spawn("waker", [&] { fibers.wake(main); });
    sleeper("main", 10ms)();
    EXPECT_TRUE(fibers.park());
    say("parked");
  });
  EXPECT_THAT(log, ElementsAre("10 main", "10 parked"));
}

TEST_F(ParkedFiber, AnswersWhatHappenedFirstOfWakeAndCancellation) {
  for (const bool wake_first : {true, false}) {
    SCOPED_TRACE(wake_first);
    log.clear();
    fibers.run([&] {
      Group group(fibers);
      Fiber* parked = nullptr;
      group.spawn("parked", [&] {
        parked = fibers.current();
        say(fibers.park() ? "woken" : "cancelled");
        say(fibers.sleep_for(1ms) ? "slept" : "cancelled");
      });
      EXPECT_TRUE(fibers.sleep_for(0ms));
      if (wake_first) fibers.wake(parked);
      group.cancel();
      if (!wake_first) fibers.wake(parked);
      group.join();
    });
    EXPECT_THAT(log, ElementsAre(wake_first ? "0 woken" : "0 cancelled", "0 cancelled"));
  }
}

// --- A sweep
// --------------------------------------------------------------------------------------

// Fibers that do at random what fibers can do, all from one seed.
class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random_(seed) {}

  // What happened, in order, as one number.
  std::uint64_t run() {
    fibers_.run([&] { live(0); });
    EXPECT_EQ(spawned_, ended_);
    EXPECT_EQ(gate_.free(), kPlaces);
    EXPECT_EQ(holders_, 0u);
    return history_;
  }

 private:
  static constexpr std::size_t kPlaces = 3;

  void note(std::uint64_t what) {
    const auto when = static_cast<std::uint64_t>((fibers_.now() - kStart).count());
    history_ = (history_ ^ what ^ (when << 8)) * 1099511628211u;
  }
  Duration some_time() { return Duration(random_.below(50)); }

  // An error must have its reason, and success must not come too late for it.
  bool judge(const Result<void>& waited, std::optional<TimePoint> deadline) {
    note(waited ? 1 : waited.error().kind == ErrorKind::kTimeout ? 2 : 3);
    if (waited) return true;
    if (waited.error().kind == ErrorKind::kCancelled) {
      EXPECT_TRUE(fibers_.is_cancelled());
    } else {
      EXPECT_EQ(waited.error().kind, ErrorKind::kTimeout);
      EXPECT_TRUE(deadline && *deadline <= fibers_.now());
    }
    return false;
  }

  void live(int depth, std::optional<TimePoint> deadline = {}) {
    for (std::uint64_t acts = random_.below(6); acts > 0; --acts) {
      switch (random_.below(depth < 4 ? 7 : 4)) {
        case 0: {
          const TimePoint until = fibers_.now() + some_time();
          if (judge(fibers_.sleep_until(until), deadline)) {
            EXPECT_EQ(fibers_.now(), until);
          }
          break;
        }
        case 1: {
          const Result<Gate::Place> place = gate_.enter();
          if (!place) {
            judge(place.error(), deadline);
            break;
          }
          EXPECT_LE(++holders_, kPlaces);
          judge(fibers_.sleep_for(some_time()), deadline);
          --holders_;
          break;
        }
        case 2: {
          TimePoint until = fibers_.now() + some_time();
          if (deadline) until = std::min(until, *deadline);
          const Deadline patience(fibers_, until);
          judge(bell_.wait(), until);
          break;
        }
        case 3:
          bell_.ring();
          break;
        case 4: {
          TimePoint until = fibers_.now() + some_time();
          if (deadline) until = std::min(until, *deadline);
          const Deadline limit(fibers_, until);
          live(depth + 1, until);
          break;
        }
        default: {
          Group group(fibers_, random_.below(3));
          const std::uint64_t size = random_.below(6);
          for (std::uint64_t i = 0; i < size; ++i) {
            ++spawned_;
            group.spawn("someone", [&, depth, deadline] {
              live(depth + 1, deadline);
              if (random_.below(10) == 0) group.cancel();
              ++ended_;
            });
          }
          judge(fibers_.sleep_for(some_time()), deadline);
          if (random_.below(3) == 0) group.cancel();
          if (random_.below(3) != 0) group.join();
          break;
        }
      }
    }
  }

  Random random_;
  VirtualDriver driver_{kStart};
  Fibers fibers_{driver_};
  Gate gate_{fibers_, kPlaces};
  Bell bell_{fibers_};
  std::size_t holders_ = 0;
  std::size_t spawned_ = 0;
  std::size_t ended_ = 0;
  std::uint64_t history_ = 0;
};

TEST(FibersInRandomWorlds, KeepTheirPromisesAndRepeatThemselves) {
  std::set<std::uint64_t> histories;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    const std::uint64_t history = RandomWorld(seed).run();
    EXPECT_EQ(RandomWorld(seed).run(), history);
    histories.insert(history);
  }
  EXPECT_GT(histories.size(), 150u) << "most worlds differ";
}

// --- Stacks
// ---------------------------------------------------------------------------------------

TEST_F(FibersOnVirtualTime, HaveRoomForTheDeepestDocumentsThatOurReadersTake) {
  const auto nested = [](int depth, const std::string& open, const std::string& close) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += open;
    for (int i = 0; i < depth; ++i) text += close;
    return text;
  };
  fibers.run([&] {
    const Result<Json> json = parse_json(nested(199, "{\"a\":", "}").insert(199 * 5, "[1]"));
    ASSERT_TRUE(json);
    const Json copy = *json;
    EXPECT_TRUE(copy == *json);
    EXPECT_EQ(parse_json(to_pretty_text(copy)).value(), copy);
    EXPECT_FALSE(parse_json(nested(100'000, "[", "]")));

    for (const TextFormat format : {TextFormat::kJson, TextFormat::kYaml}) {
      Diagnostics diagnostics;
      const auto source = [&](int levels) {
        return std::make_shared<const SourceText>("deep", nested(levels / 2, "{\"a\":[", "]}"));
      };
      const std::optional<Node> node =
          read_document(source(ReadLimits{}.max_depth), format, diagnostics);
      ASSERT_TRUE(node) << (diagnostics.empty() ? "" : diagnostics.all().front().message);
      EXPECT_TRUE(to_json(*node).is_object());
      EXPECT_FALSE(read_document(source(100'000), format, diagnostics));
      EXPECT_TRUE(diagnostics.has_errors());
    }
  });
}

// --- Drivers
// --------------------------------------------------------------------------------------

// Stands in for a driver of sockets: counts how often the loop comes by.
class CountingDriver final : public Driver {
 public:
  TimePoint now() const override { return kStart; }
  void wait(std::optional<TimePoint>) override { ++visits; }
  int visits = 0;
};

TEST(FibersThatKeepEachOtherBusy, DoNotKeepTheDriverFromItsSockets) {
  CountingDriver driver;
  Fibers fibers(driver);
  fibers.run([&] {
    while (driver.visits < 3) EXPECT_TRUE(fibers.sleep_until(kStart));
  });
  EXPECT_EQ(driver.visits, 3);
}

TEST(VirtualTime, PassesAtTheGivenSpeedAndMakesUpForSleepsThatWereTooLong) {
  VirtualDriver driver{kStart};
  Fibers fibers{driver};
  std::vector<Duration> pauses;
  driver.set_speed(10, [&](Duration asked) {
    pauses.push_back(asked);
    return asked + 20ms;
  });
  fibers.run([&] {
    EXPECT_TRUE(fibers.sleep_for(1s));
    EXPECT_TRUE(fibers.sleep_for(1s));
    EXPECT_TRUE(fibers.sleep_for(100ms)) << "10 ms, and 20 ms were already slept";
    EXPECT_TRUE(fibers.sleep_for(1s));
    driver.set_speed(0);
    EXPECT_TRUE(fibers.sleep_for(1h));
  });
  EXPECT_THAT(pauses, ElementsAre(100ms, 80ms, 90ms));
  EXPECT_EQ(driver.now(), kStart + 3100ms + 1h);
}

TEST(VirtualTime, StopsWhereItIsWhenASignalCutsThePauseShort) {
  Signals signals;
  VirtualDriver driver{kStart, &signals};
  Fibers fibers{driver};
  std::vector<Duration> seen;
  signals.on(SIGUSR1, [&] { seen.push_back(driver.now() - kStart); });
  driver.set_speed(10, [&](Duration asked) {
    if (seen.empty()) signals.raise(SIGUSR1);
    return seen.empty() ? 30ms : asked;
  });
  fibers.run([&] { EXPECT_TRUE(fibers.sleep_for(1s)); });
  EXPECT_THAT(seen, ElementsAre(0ms)) << "delivered as the sleep ended";
  EXPECT_EQ(driver.now(), kStart + 1s);
}

using FiberDeathTest = VirtualWorld;

TEST_F(FiberDeathTest, AnExceptionThatLeavesAFiberStopsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(fibers.run([&] {
    Group group(fibers);
    group.spawn("release web", [] { throw std::runtime_error("out of luck"); });
    group.join();
  }),
               "internal error: fiber \"release web\" threw: out of luck");
}

TEST_F(FiberDeathTest, FibersThatWaitForNothingAreNamed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(fibers.run([&] {
    Group group(fibers);
    group.spawn("poller", [&] { (void)fibers.park(); });
    group.join();
  }),
               "every fiber waits and nothing can wake one: main, poller");
}

TEST_F(FiberDeathTest, AFiberCannotJoinItsOwnGroup) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(fibers.run([&] {
    Group group(fibers);
    group.spawn("impatient", [&] { group.join(); });
    group.join();
  }),
               "a fiber joined its own group");
}

TEST_F(FiberDeathTest, AStackThatOverflowsHitsItsGuardPage) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto descend = [](const auto& self, int depth) -> int {
    std::array<volatile char, 1024> frame{};
    frame[0] = static_cast<char>(depth);
    return depth == 0 ? 0 : self(self, depth - 1) + frame[0];
  };
  EXPECT_DEATH(fibers.run([&] { (void)descend(descend, 1 << 20); }), "");
}

}  // namespace
}  // namespace slipway
