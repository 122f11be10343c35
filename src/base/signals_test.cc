#include "base/signals.h"

#include "base/fiber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <vector>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

bool is_readable(int descriptor) {
  pollfd watched{descriptor, POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

void (*handler_of(int signal))(int) {
  struct sigaction action{};
  EXPECT_EQ(::sigaction(signal, nullptr, &action), 0);
  return action.sa_handler;
}

TEST(SignalsOfTheProcess, AreCountedByTheHandlerAndDeliveredLater) {
  Signals signals;
  std::vector<std::string> log;
  signals.on(SIGINT, [&] { log.push_back("interrupt"); });
  signals.on(SIGWINCH, [&] { log.push_back("resize"); });
  EXPECT_FALSE(signals.deliver());
  EXPECT_FALSE(is_readable(signals.descriptor()));

  ASSERT_EQ(::raise(SIGWINCH), 0);
  ASSERT_EQ(::raise(SIGINT), 0);
  ASSERT_EQ(::raise(SIGINT), 0);
  EXPECT_THAT(log, ElementsAre());
  EXPECT_TRUE(is_readable(signals.descriptor()));

  EXPECT_TRUE(signals.deliver());
  EXPECT_THAT(log, ElementsAre("interrupt", "interrupt", "resize"));
  EXPECT_FALSE(signals.deliver());
  EXPECT_FALSE(is_readable(signals.descriptor()));
}

TEST(SignalsOfTheProcess, CanChangeWhatTheNextOneDoes) {
  Signals signals;
  std::vector<std::string> log;
  signals.on(SIGINT, [&] {
    log.push_back("ask");
    signals.on(SIGINT, [&] { log.push_back("stop"); });
  });
  signals.raise(SIGINT);
  signals.raise(SIGINT);
  EXPECT_TRUE(signals.deliver());
  EXPECT_THAT(log, ElementsAre("ask", "stop"));
}

TEST(SignalsOfTheProcess, ArePutBackAtTheEndAndIgnoredOnesStayIgnored) {
  ASSERT_NE(std::signal(SIGHUP, SIG_IGN), SIG_ERR);
  {
    Signals signals;
    int hang_ups = 0;
    signals.on(SIGHUP, [&] { ++hang_ups; });
    signals.on(SIGTERM, [] {});
    EXPECT_EQ(handler_of(SIGHUP), SIG_IGN);
    EXPECT_NE(handler_of(SIGTERM), SIG_DFL);
    EXPECT_EQ(handler_of(SIGPIPE), SIG_IGN);
    ASSERT_EQ(::raise(SIGHUP), 0);
    EXPECT_FALSE(signals.deliver());
    EXPECT_EQ(hang_ups, 0);
  }
  EXPECT_EQ(handler_of(SIGHUP), SIG_IGN);
  EXPECT_EQ(handler_of(SIGTERM), SIG_DFL);
  EXPECT_EQ(handler_of(SIGPIPE), SIG_DFL);
  ASSERT_NE(std::signal(SIGHUP, SIG_DFL), SIG_ERR);
}

TEST(SignalsInAVirtualRun, ComeAtAVirtualTimeAndMayCancel) {
  Signals signals;
  VirtualDriver driver(TimePoint{}, &signals);
  Fibers fibers(driver);
  fibers.run([&] {
    Group work(fibers);
    signals.on(SIGINT, [&] {
      EXPECT_EQ(fibers.current(), nullptr) << "between fibers";
      work.cancel();
      work.spawn("farewell", [&] { EXPECT_EQ(fibers.now().time_since_epoch(), 90s); });
    });
    work.spawn("release", [&] {
      const Result<void> slept = fibers.sleep_for(1h);
      ASSERT_FALSE(slept);
      EXPECT_EQ(slept.error().kind, ErrorKind::kCancelled);
    });
    Group people(fibers);
    people.spawn("person", [&] {
      EXPECT_TRUE(fibers.sleep_for(90s));
      ASSERT_EQ(::raise(SIGINT), 0);
    });
    work.join();
    EXPECT_EQ(fibers.now().time_since_epoch(), 90s);
  });
}

TEST(SignalsInAVirtualRun, EndAPauseInRealTime) {
  Signals signals;
  signals.raise(SIGUSR1);
  EXPECT_LT(sleep_in_real_time(1h, &signals), 1h);
  EXPECT_TRUE(signals.deliver());
  EXPECT_GE(sleep_in_real_time(1ms, &signals), 1ms);
  EXPECT_GE(sleep_in_real_time(1ms, nullptr), 1ms);
}

}  // namespace
}  // namespace slipway
