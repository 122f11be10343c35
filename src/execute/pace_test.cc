#include "execute/pace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace slipway {
namespace {

using namespace std::chrono_literals;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

TEST(NextLook, FollowsTheTable) {
  struct Case {
    std::string name;
    LookPace pace;
    Duration wanted;
  };
  for (const Case& row : {
           Case{"a rollout is not over in its first seconds", {}, 5900ms},
           Case{"nothing was created: it may be over now", {.quick = true}, 1s},
           Case{"and if not, soon", {.quick = true, .last = 1s}, 2s},
           Case{"quick does not stay quick", {.quick = true, .last = 30s}, 31666666us},
           Case{"young", {.last = 5900ms}, 7350ms},
           Case{"hints cost too much before 20 s", {.last = 16s, .hinted = 8s}, 17150ms},
           Case{"at the usual age of small rollouts", {.last = 18s}, 19150ms},
           Case{"older", {.last = 54s}, 57s},
           Case{"at most five seconds", {.last = 1h}, 1h + 5s},
           Case{"about to end", {.last = 60s, .hinted = 60s}, 61s},
           Case{"still about to end", {.last = 70s, .hinted = 60s}, 71s},
           Case{"about to end for long, as when connections drain",
                {.last = 100s, .hinted = 60s},
                104s},
           Case{"a hint never slows down", {.last = 22s, .hinted = 0s}, 23150ms},
       }) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(next_look(row.pace), row.wanted);
  }
}

struct Rollout {
  Duration ends;
  Duration shows_it_before{};  // for so long the counts say that only the last step is missing
};
struct Watched {
  int looks = 0;
  Duration late{};
};

Watched watch(const Rollout& rollout) {
  LookPace pace;
  Watched watched;
  for (;;) {
    const Duration at = next_look(pace);
    ++watched.looks;
    if (at >= rollout.ends) {
      watched.late = at - rollout.ends;
      return watched;
    }
    pace.last = at;
    if (!pace.hinted && at >= rollout.ends - rollout.shows_it_before) pace.hinted = at;
  }
}

// Over many rollouts that end between `from` and `to`.
struct Summary {
  double average_late = 0;
  double worst_late = 0;
};
Summary summary(Duration from, Duration to, Duration shows_it_before) {
  Summary sum;
  constexpr int kRollouts = 1000;
  for (int i = 0; i < kRollouts; ++i) {
    const Watched watched = watch({from + (to - from) * i / kRollouts, shows_it_before});
    sum.average_late += seconds(watched.late) / kRollouts;
    sum.worst_late = std::max(sum.worst_late, seconds(watched.late));
  }
  return sum;
}

// Four calls set a release of one service up (describe, describe, register, update).
TEST(WatchingOneService, TakesTwelveLooksForTwentySeconds) {
  EXPECT_LE(watch({20s}).looks, 12);
  EXPECT_LE(watch({20s}).late, 600ms);
  EXPECT_LE(watch({20s + 300ms}).looks, 12);
  for (const Duration hint : {1s, 3s, 5s, 10s, 15s}) {
    SCOPED_TRACE(seconds(hint));
    EXPECT_LE(watch({20s, hint}).looks, 12);
    EXPECT_LE(watch({20s, hint}).late, 600ms);
  }
}

TEST(WatchingOneService, NoticesTheEndInTimeEvenWithoutAHint) {
  const Summary noticed = summary(15s, 25s, 0s);
  EXPECT_LE(noticed.average_late, 0.6);
  EXPECT_LE(noticed.worst_late, 1.5);
  EXPECT_LE(summary(6s, 15s, 0s).worst_late, 1.5);
}

TEST(WatchingOneService, NoticesTheEndOfALongRolloutThatShowsItComing) {
  for (const Duration hint : {6s, 10s, 12s}) {
    SCOPED_TRACE(seconds(hint));
    const Summary noticed = summary(40s, 310s, hint);
    EXPECT_LE(noticed.average_late, 0.6);
    EXPECT_LE(noticed.worst_late, 1.5);
  }
}

TEST(WatchingOneService, LooksAtMostOnceInThreeSecondsOverFiveMinutes) {
  for (int hint = 0; hint <= 300; ++hint) {
    SCOPED_TRACE(hint);
    EXPECT_LE(watch({300s, std::chrono::seconds(hint)}).looks, 100);
  }
}

TEST(BetweenCalls, KeepsTheRateLowAndEveryServiceInView) {
  struct Case {
    std::size_t services;
    Duration wanted;
  };
  for (const auto& [services, wanted] :
       {Case{0, 0s}, Case{1, 0s}, Case{2, 1s}, Case{10, 1s}, Case{11, 1350ms}, Case{30, 1350ms},
        Case{40, 1125ms}, Case{50, 900ms}, Case{500, 90ms}}) {
    SCOPED_TRACE(services);
    EXPECT_EQ(between_calls(services), wanted);
  }
}

}  // namespace
}  // namespace slipway
