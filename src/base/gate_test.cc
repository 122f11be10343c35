#include "base/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

struct VirtualWorld : testing::Test {
  VirtualDriver driver{TimePoint{}};
  Fibers fibers{driver};
  std::vector<std::string> log;

  void say(const std::string& what) {
    log.push_back(std::to_string(fibers.now().time_since_epoch() / 1ms) + " " + what);
  }
};
using GateOfFibers = VirtualWorld;
using BellOfFibers = VirtualWorld;

TEST_F(GateOfFibers, LetsSoManyInAndTheOthersInTheOrderTheyCame) {
  fibers.run([&] {
    Gate gate(fibers, 2);
    Group group(fibers);
    for (int i = 0; i < 5; ++i) {
      group.spawn("visitor", [&, i] {
        const Result<Gate::Place> place = gate.enter();
        ASSERT_TRUE(place);
        say(std::to_string(i));
        EXPECT_TRUE(fibers.sleep_for(10ms));
      });
    }
    EXPECT_TRUE(fibers.sleep_for(1ms));
    EXPECT_EQ(gate.free(), 0u);
    EXPECT_EQ(gate.waiting(), 3u);
    group.join();
    EXPECT_EQ(gate.free(), 2u);
  });
  EXPECT_THAT(log, ElementsAre("0 0", "0 1", "10 2", "10 3", "20 4"));
}

TEST_F(GateOfFibers, HandsThePlaceOverSoThatNobodyOvertakes) {
  fibers.run([&] {
    Gate gate(fibers, 1);
    Group group(fibers);
    std::optional<Gate::Place> mine = gate.enter().value();
    group.spawn("first", [&] {
      ASSERT_TRUE(gate.enter());
      say("first");
    });
    EXPECT_TRUE(fibers.sleep_for(1ms));
    mine->leave();
    mine->leave();
    ASSERT_TRUE(gate.enter());
    say("again");
  });
  EXPECT_THAT(log, ElementsAre("1 first", "1 again"));
}

TEST_F(GateOfFibers, LosesNoPlaceToAVisitorWhoIsCalledOff) {
  for (const bool while_place_is_given : {false, true}) {
    SCOPED_TRACE(while_place_is_given);
    fibers.run([&] {
      Gate gate(fibers, 1);
      std::optional<Gate::Place> mine = gate.enter().value();
      Group impatient(fibers);
      impatient.spawn("impatient", [&] {
        const Result<Gate::Place> place = gate.enter();
        EXPECT_EQ(place.has_value(), false);
        EXPECT_EQ(place.error().kind, ErrorKind::kCancelled);
      });
      Group patient(fibers);
      bool was_in = false;
      patient.spawn("patient", [&] { was_in = gate.enter().has_value(); });
      EXPECT_TRUE(fibers.sleep_for(1ms));
      EXPECT_EQ(gate.waiting(), 2u);
      impatient.cancel();
      if (while_place_is_given) mine.reset();
      impatient.join();
      mine.reset();
      patient.join();
      EXPECT_TRUE(was_in);
      EXPECT_EQ(gate.free(), 1u);
    });
  }
}

TEST_F(GateOfFibers, AnswersADeadline) {
  fibers.run([&] {
    Gate gate(fibers, 1);
    Gate::Place mine = gate.enter().value();
    const Deadline limit(fibers, fibers.now() + 5ms);
    const Result<Gate::Place> place = gate.enter();
    ASSERT_FALSE(place);
    EXPECT_EQ(place.error().kind, ErrorKind::kTimeout);
    EXPECT_EQ(gate.waiting(), 0u);
  });
}

TEST_F(BellOfFibers, WakesAllWhoWaitAndNoneWhoComesLater) {
  fibers.run([&] {
    Bell bell(fibers);
    Group group(fibers);
    bell.ring();
    for (const std::string name : {"a", "b"}) {
      group.spawn(name, [&, name] {
        EXPECT_TRUE(bell.wait());
        say(name);
        EXPECT_TRUE(bell.wait());
        say(name);
      });
    }
    EXPECT_TRUE(fibers.sleep_for(10ms));
    bell.ring();
    EXPECT_TRUE(fibers.sleep_for(10ms));
    bell.ring();
    group.join();
  });
  EXPECT_THAT(log, ElementsAre("10 a", "10 b", "20 a", "20 b"));
}

TEST_F(BellOfFibers, IsNotWaitedForByThoseWhoWereCalledOff) {
  fibers.run([&] {
    Bell bell(fibers);
    Group group(fibers);
    group.spawn("listener", [&] {
      const Result<void> heard = bell.wait();
      ASSERT_FALSE(heard);
      EXPECT_EQ(heard.error().kind, ErrorKind::kCancelled);
    });
    EXPECT_TRUE(fibers.sleep_for(1ms));
    group.cancel();
    group.join();
    bell.ring();
  });
}

}  // namespace
}  // namespace slipway
