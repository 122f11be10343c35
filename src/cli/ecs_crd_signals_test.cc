// The acceptance items of ecs-crd about who may go on: one run at a time, and what a signal does to
// it. Signals at every call are in ecs_crd_kill_test.cc.
#include "cli/ecs_crd_world_for_test.h"

#include <csignal>

namespace slipway::cli {
namespace {

using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

using Weights = std::map<std::string, int>;

const Weights kAllToOne = {{"1", 100}, {"2", 0}};
const Weights kAllToTwo = {{"1", 0}, {"2", 100}};

// ---- The lock ----------------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item33_OneRunAtATime_D10) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  // A run that was killed: its lock is left, and runs out.
  auto item = world.item();
  const auto clean = item;
  item["lock_owner"] = "ann@laptop (pid 4711, deployment 0a1b)";
  item["lock_until"] = to_iso8601(world.aws().now() + seconds(100));
  world.put_item(item);
  EXPECT_EQ(world.deploy("2"), 20);
  EXPECT_THAT(world.line.err, HasSubstr("another run holds the lock of this service: ann@laptop "
                                        "(pid 4711, deployment 0a1b)"));
  EXPECT_EQ(world.count("CreateStack"), 0u);
  EXPECT_EQ(world.item(), item);
  EXPECT_EQ(world.deploy("2", {"--wait-lock", "300"}), 0) << world.line.err;
  EXPECT_EQ(world.weights(), kAllToTwo);
  EXPECT_FALSE(world.item().contains("lock_owner"));
}

// Two lease-holders are worse than none: whoever has lost the lock leaves everything as it is.
TEST(EcsCrdAcceptance, Item33_ALostLockIsNoticedBeforeTheNextChange_D10) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  bool taken = false;
  world.on_call = [&](const CrdCall& call) {
    if (taken || call.operation != "GetChange") return;
    taken = true;
    auto item = world.item();
    item["lock_owner"] = "bob@build (pid 1, deployment 2c3d)";
    world.put_item(item);
  };
  EXPECT_EQ(world.deploy("2"), 20) << world.line.err;
  EXPECT_THAT(world.shifts("2"), ElementsAre(10));
  EXPECT_EQ(world.weights(), (Weights{{"1", 90}, {"2", 10}}));
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1", "stage-web-2"));
  EXPECT_THAT(world.item(), Contains(Pair("lock_owner", "bob@build (pid 1, deployment 2c3d)")));
  EXPECT_THAT(world.line.err, HasSubstr("nothing is changed any more"));
}

TEST(EcsCrdAcceptance, Item34_ASignalTakesTheReleaseBackUntilItHasAllTraffic_D11) {
  struct Case {
    const char* when;  // the call at which the person presses Ctrl-C
    int number;
    int signal;
    int status;
    Weights weights;
    std::vector<std::string> stacks;
    const char* said = "What this run has done is taken back: weights first, then its stack";
  };
  const std::vector<std::string> old_ones = {"stage-web-0", "stage-web-1"};
  for (const auto& [when, number, signal, status, weights, stacks, said] :
       std::vector<Case>{{"CreateStack", 1, SIGINT, 130, kAllToOne, old_ones},
                         {"UpdateService", 1, SIGTERM, 143, kAllToOne, old_ones},
                         {"ChangeResourceRecordSets", 2, SIGINT, 130, kAllToOne, old_ones},
                         {"DeleteStack",
                          1,
                          SIGINT,
                          0,
                          kAllToTwo,
                          {"stage-web-0", "stage-web-2"},
                          "The new release has all traffic: this run goes on to its end"}}) {
    SCOPED_TRACE(when);
    CrdWorld world;
    ASSERT_EQ(world.deploy("1"), 0);
    int seen = 0;
    world.on_call = [&, name = std::string(when), nth = number,
                     which = signal](const CrdCall& call) {
      if (call.operation == name && ++seen == nth) world.interrupt(which);
    };
    EXPECT_EQ(world.deploy("2"), status) << world.line.err;
    EXPECT_EQ(world.weights(), weights);
    EXPECT_EQ(world.stack_names(), stacks);
    EXPECT_FALSE(world.item().contains("lock_owner"));
    EXPECT_THAT(world.line.err, HasSubstr(said));
  }
}

// The kernel and the shell both tell of a terminal that has gone; only a person who repeats himself
// wants an end at once.
TEST(EcsCrdAcceptance, ATerminalThatGoesAwayIsOneSignalHoweverOftenItComes_D11) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.on_call = [&, seen = 0](const CrdCall& call) mutable {
    if (call.operation != "ChangeResourceRecordSets" || ++seen != 2) return;
    for (int i = 0; i < 3; ++i) world.interrupt(SIGHUP);
  };
  EXPECT_EQ(world.deploy("2"), 129) << world.line.err;
  EXPECT_THAT(world.line.err, Not(HasSubstr("second signal")));
  EXPECT_EQ(world.weights(), kAllToOne);
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0", "stage-web-1"));
}

// Build servers send SIGINT first and SIGTERM when they have waited.
TEST(EcsCrdAcceptance, ASecondSignalEndsTheRunAtOnceWhicheverItIs_D11) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.on_call = [&, seen = 0](const CrdCall& call) mutable {
    if (call.operation != "ChangeResourceRecordSets" || ++seen != 2) return;
    world.interrupt(SIGINT);
    world.interrupt(SIGTERM);
  };
  world.deploy("2");  // here the process is not really ended
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : a second signal (SIGTERM): stopped at once; "
                                        "what was begun is not undone"));
}

TEST(EcsCrdAcceptance, ASignalDuringUndeployLeavesTheRestToTheNext) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  world.on_call = [&](const CrdCall& call) {
    if (call.operation == "DeleteStack") world.interrupt(SIGINT);
  };
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 130) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("What is gone is gone; nothing more is begun"));
  EXPECT_THAT(world.item(), Contains(Pair("stack_name", "stage-web-1")));
  world.on_call = {};
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_THAT(world.line.err, Not(HasSubstr("Nothing of this service was there")));
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("Nothing of this service was there, so nothing was "
                                        "changed"));
}

}  // namespace
}  // namespace slipway::cli
