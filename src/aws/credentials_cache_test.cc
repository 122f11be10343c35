#include "aws/credentials_cache.h"

#include "aws/scripted_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A source of credentials that live as long as the test says, numbered in the order of fetching.
class ASource : public ::testing::Test {
 protected:
  Result<Credentials> fetch() {
    ++fetched_;
    if (takes_ > 0s) TRY_VOID(world_.fibers.sleep_for(takes_));
    if (failure_) return *failure_;
    Credentials credentials{.access_key_id = std::to_string(fetched_), .source = "the source"};
    if (lives_) credentials.expiration = world_.now() + *lives_;
    return credentials;
  }
  // The access key id, or the code of the error.
  static std::string said(const Result<Credentials>& result) {
    return result ? result->access_key_id : result.error().code;
  }
  std::string get() { return said(cache_.get()); }
  void pass(Duration time) { EXPECT_TRUE(world_.fibers.sleep_for(time)); }

  ScriptedWorld world_;
  std::optional<Duration> lives_ = 1h;
  Duration takes_ = 0s;
  std::optional<Error> failure_;
  int fetched_ = 0;
  std::vector<std::string> warnings_;
  CachedProvider cache_{world_.fibers, [this] { return fetch(); },
                        [this](std::string warning) { warnings_.push_back(std::move(warning)); }};
};

const Error kTrouble{ErrorKind::kUnavailable, "trouble", "the source is down"};

TEST_F(ASource, IsAskedOnceWhileItsCredentialsAreFresh) {
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    pass(44min);
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(fetched_, 1);
  });
}

TEST_F(ASource, IsNeverAskedAgainWhenCredentialsDoNotExpire) {
  lives_.reset();
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    pass(24h * 365);
    EXPECT_EQ(get(), "1");
  });
}

TEST_F(ASource, IsAskedAgainInTheAdvisoryWindow) {
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    pass(45min);
    EXPECT_EQ(get(), "2");
    EXPECT_EQ(fetched_, 2);
    EXPECT_THAT(warnings_, IsEmpty());
  });
}

TEST_F(ASource, MayFailInTheAdvisoryWindow) {
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    failure_ = kTrouble;
    pass(46min);
    EXPECT_EQ(get(), "1");
    EXPECT_THAT(warnings_,
                ElementsAre("renewing the credentials from the source failed, those at hand are "
                            "good until 2026-01-01T01:00:00Z: the source is down"));
    // It is left alone for a minute.
    EXPECT_EQ(get(), "1");
    pass(59s);
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(fetched_, 2);
    pass(1s);
    EXPECT_EQ(get(), "1");
    EXPECT_EQ(fetched_, 3);
    failure_.reset();
    pass(1min);
    EXPECT_EQ(get(), "4");
  });
}

TEST_F(ASource, MayNotFailInTheMandatoryWindow) {
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    failure_ = kTrouble;
    pass(50min);
    EXPECT_EQ(get(), "trouble");
    EXPECT_THAT(warnings_, IsEmpty());
    // The next call tries again.
    failure_.reset();
    EXPECT_EQ(get(), "3");
  });
}

TEST_F(ASource, IsAskedByOneFiberWhileOthersUseWhatIsThere) {
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    pass(46min);
    takes_ = 5s;
    const TimePoint start = world_.now();
    std::vector<std::string> got;
    Group group(world_.fibers);
    for (int i = 0; i < 3; ++i)
      group.spawn("caller", [&] {
        const std::string id = get();
        got.push_back(fmt::format("{} after {}", id, to_string(world_.now() - start)));
      });
    group.join();
    EXPECT_THAT(got, ElementsAre("1 after 0s", "1 after 0s", "2 after 5s"));
    EXPECT_EQ(fetched_, 2);
  });
}

TEST_F(ASource, IsAskedByOneFiberWhileOthersWaitInTheMandatoryWindow) {
  takes_ = 5s;
  world_.run([&] {
    std::vector<std::string> got;
    Group group(world_.fibers);
    for (int i = 0; i < 50; ++i) group.spawn("caller", [&] { got.push_back(get()); });
    group.join();
    EXPECT_EQ(got, std::vector<std::string>(50, "1"));
    EXPECT_EQ(fetched_, 1);
    EXPECT_EQ(world_.now() - ScriptedWorld::kStart, 5s);
  });
}

TEST_F(ASource, FailsForEverybodyWhoWaited) {
  takes_ = 5s;
  failure_ = kTrouble;
  world_.run([&] {
    std::vector<std::string> got;
    Group group(world_.fibers);
    for (int i = 0; i < 3; ++i) group.spawn("caller", [&] { got.push_back(get()); });
    group.join();
    EXPECT_THAT(got, ElementsAre("trouble", "trouble", "trouble"));
    EXPECT_EQ(fetched_, 1);
  });
}

TEST_F(ASource, IsAskedByTheNextInLineWhenTheFirstIsCalledOff) {
  takes_ = 5s;
  world_.run([&] {
    std::vector<std::string> got;
    Group first(world_.fibers), others(world_.fibers);
    first.spawn("first", [&] { got.push_back(get()); });
    others.spawn("second", [&] { got.push_back(get()); });
    others.spawn("third", [&] { got.push_back(get()); });
    pass(2s);
    first.cancel();
    first.join();
    others.join();
    EXPECT_THAT(got, ElementsAre("cancelled", "2", "2"));
    EXPECT_EQ(world_.now() - ScriptedWorld::kStart, 7s);
  });
}

TEST_F(ASource, LetsAWaiterBeCalledOff) {
  takes_ = 5s;
  world_.run([&] {
    std::vector<std::string> got;
    Group first(world_.fibers), second(world_.fibers);
    first.spawn("first", [&] { got.push_back(get()); });
    second.spawn("second", [&] { got.push_back(get()); });
    pass(1s);
    second.cancel();
    second.join();
    first.join();
    EXPECT_THAT(got, ElementsAre("cancelled", "1"));
  });
}

TEST_F(ASource, IsNotHammeredWhenItsCredentialsAreShortLived) {
  lives_ = 9s;
  world_.run([&] {
    for (int i = 0; i < 90; ++i) {
      EXPECT_NE(get(), "credentials.expired");
      pass(100ms);
    }
    // Renewed when half of the life is left.
    EXPECT_EQ(fetched_, 2);
  });
}

TEST_F(ASource, MayGoOnGivingTheSameCredentials) {
  const TimePoint end = world_.now() + 20min;
  CachedProvider same(world_.fibers, [&]() -> Result<Credentials> {
    ++fetched_;
    return Credentials{.access_key_id = "same", .expiration = end, .source = "a file"};
  });
  world_.run([&] {
    while (world_.now() < end) {
      EXPECT_EQ(said(same.get()), "same");
      pass(10s);
    }
    EXPECT_LT(fetched_, 10);
    auto over = same.get();
    ASSERT_FALSE(over);
    EXPECT_EQ(over.error().kind, ErrorKind::kDenied);
    EXPECT_EQ(over.error().code, "credentials.expired");
    EXPECT_EQ(over.error().message,
              "the credentials from a file expired at 2026-01-01T00:20:00Z; it is "
              "2026-01-01T00:20:00Z now");
  });
}

TEST_F(ASource, IsAskedAgainAfterARefusal) {
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    cache_.invalidate();
    EXPECT_EQ(get(), "2");
    pass(1min);
    cache_.invalidate();
    EXPECT_EQ(get(), "3");
  });
}

TEST_F(ASource, IsAskedOnceAfterManyRefusalsOfTheSameCredentials) {
  takes_ = 1s;
  world_.run([&] {
    EXPECT_EQ(get(), "1");
    pass(1min);
    Group group(world_.fibers);
    std::vector<std::string> got;
    for (int i = 0; i < 20; ++i)
      group.spawn("caller", [&, i] {
        pass(i * 100ms);  // its refusal comes back a little later than that of the one before
        cache_.invalidate();
        got.push_back(get());
      });
    group.join();
    EXPECT_EQ(got, std::vector<std::string>(20, "2"));
    EXPECT_EQ(fetched_, 2);
  });
}

}  // namespace
}  // namespace slipway::aws
