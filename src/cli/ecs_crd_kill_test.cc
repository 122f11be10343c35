// A sweep: an ecs-crd run is killed before each of its calls, and then somebody comes and does what
// the screen says. Whoever is killed sends nothing more, so that from the fatal call on nothing
// reaches AWS. What is left must be safe as it is: traffic goes only to releases that run, each
// record points at its own load balancer. And what follows must come to its end: a new `deploy`, be
// it with the commands and the flag that it asks for itself, or an `undeploy`.
//
// Between two changes a good many calls only look, or renew the lock; of those every ninth is
// taken. All of them with SLIPWAY_CRD_SWEEP=all. The sanitizers, under which a run takes ten times
// as long, look at the code and not at the places: a few are enough.
#include "base/text.h"
#include "cli/ecs_crd_world_for_test.h"

#include <csignal>
#include <cstdlib>
#include <set>

namespace slipway::cli {
namespace {

using std::chrono::seconds;

constexpr std::size_t kEveryOfLooks = 9;
#ifdef SLIPWAY_SANITIZED
constexpr std::size_t kEveryPlace = 5;
#else
constexpr std::size_t kEveryPlace = 1;
#endif

// The item is written all the time, were it only to renew the lock.
bool changes_much(const std::string& operation) {
  return is_change(operation) && operation != "PutItem";
}

using Prepare = std::function<void(CrdWorld&)>;

// Before which calls of a run it is killed: before and after each change, and now and then else.
// Nothing before the first call of `from`, where that is given.
std::vector<std::size_t> fatal_calls(const std::vector<CrdCall>& calls, const std::string& from) {
  const char* wanted = std::getenv("SLIPWAY_CRD_SWEEP");
  const bool all = wanted != nullptr && std::string_view(wanted) == "all";
  std::vector<std::size_t> fatal;
  bool has_begun = from.empty();
  std::size_t places = 0;
  for (std::size_t i = 0; i <= calls.size(); ++i) {
    has_begun = has_begun || (i < calls.size() && calls[i].operation == from);
    if (!has_begun) continue;
    const bool is_edge = (i < calls.size() && changes_much(calls[i].operation)) ||
                         (i > 0 && changes_much(calls[i - 1].operation));
    if (!all && !is_edge && i % kEveryOfLooks != 0) continue;
    if (all || places++ % kEveryPlace == 0) fatal.push_back(i);
  }
  return fatal;
}

// The run ends before it has sent call `fatal` (counted from zero).
void kill_before(CrdWorld& world, std::size_t fatal) {
  world.line.intercept = [fatal, sent = std::size_t{0}](
                             const HttpRequest&) mutable -> std::optional<Result<HttpResponse>> {
    if (sent++ < fatal) return std::nullopt;
    return Error{.kind = ErrorKind::kCancelled, .code = "killed", .message = "the run is dead"};
  };
}

// ---- What must be true -------------------------------------------------------------------------

std::string stack_of(const std::string& label) { return "stage-web-" + label; }

int running(CrdWorld& world, const std::string& label) {
  const Json answer =
      world.ask("ecs", "DescribeServices",
                JsonObject{{"cluster", "stage-ecs-cluster"}, {"services", {"web-" + label}}});
  const JsonArray& services = answer.at("services").as_array();
  return services.empty() ? 0 : static_cast<int>(find_int(services[0], "runningCount").value_or(0));
}

// Whatever became of the run: nobody is sent where nothing is.
void expect_safe(CrdWorld& world) {
  for (const auto& [label, record] : world.records()) {
    EXPECT_EQ(record.target, label == "1" ? "one.elb.test" : "two.elb.test");
    if (record.weight == 0) continue;
    EXPECT_GT(running(world, label), 0) << "traffic goes to " << label << ", where nothing runs";
    EXPECT_EQ(world.stacks()[stack_of(label)], "CREATE_COMPLETE");
  }
}

// One release, all traffic, an item that says so, and no lock.
void expect_one_release(CrdWorld& world) {
  const auto item = world.item();
  ASSERT_TRUE(item.contains("canary_release")) << world.line.err;
  const std::string live = item.at("canary_release");
  const std::string idle = live == "1" ? "2" : "1";
  EXPECT_EQ(item.at("stack_name"), stack_of(live));
  EXPECT_EQ(item.at("service_version"), "3");
  EXPECT_FALSE(item.contains("lock_owner"));
  EXPECT_EQ(world.stack_names(), (std::vector<std::string>{"stage-web-0", stack_of(live)}));
  const std::map<std::string, int> weights = world.weights();
  EXPECT_EQ(weights.at(live), 100);
  EXPECT_EQ(weights.contains(idle) ? weights.at(idle) : 0, 0);
  EXPECT_EQ(running(world, live), 2);
}

void expect_nothing_left(CrdWorld& world) {
  EXPECT_EQ(world.stack_names(), std::vector<std::string>{});
  EXPECT_EQ(world.weights(), (std::map<std::string, int>{}));
  EXPECT_EQ(world.item(), (std::map<std::string, std::string>{}));
}

// ---- What somebody does ------------------------------------------------------------------------

// What the screen says is to be done if this side serves, its commands sent as the AWS CLI would.
void make_it_serve(CrdWorld& world, const std::string& label) {
  const std::string screen = world.line.err;
  const std::size_t begin = screen.find(fmt::format("CanaryRelease {}) is to serve:", label));
  ASSERT_NE(begin, std::string::npos) << screen;
  const std::string wanted = screen.substr(begin, screen.find("then, after 1m0s", begin) - begin);
  EXPECT_EQ(send_commands(world, wanted), 1) << screen;
  world.aws().advance(world.aws().now() + seconds(60));
}

bool says(const CrdWorld& world, const std::string& text) {
  return world.line.err.find(text) != std::string::npos;
}

// The next release, by someone who reads what the program says. `serving` is who is meant to serve
// where that is not clear.
void deploy_as_told(CrdWorld& world, const std::string& serving = "1") {
  int status = world.deploy("3", {"--wait-lock", "300"});
  if (status == 21) {
    EXPECT_TRUE(says(world, "a release was interrupted")) << world.line.err;
    make_it_serve(world, serving);
    const std::string label = serving == "1" ? "blue" : "green";
    status =
        world.deploy("3", {"--wait-lock", "300", "--assume-live", label, "--replace-leftover"});
  } else if (status == 2) {
    EXPECT_TRUE(says(world, "--replace-leftover deletes it first")) << world.line.err;
    status = world.deploy("3", {"--wait-lock", "300", "--replace-leftover"});
  }
  EXPECT_EQ(status, 0) << world.line.err;
}

void undeploy(CrdWorld& world) {
  EXPECT_EQ(world.crd({"undeploy", "--yes", "--wait-lock", "300"}), 0) << world.line.err;
}

// ---- The sweep ---------------------------------------------------------------------------------

struct Sweep {
  std::string world_more = "";              // sections of the scenario
  Prepare prepare = {};                     // the releases before
  std::function<int(CrdWorld& world)> run;  // what is killed
  std::string from = "";                    // the first call that is looked at
};

// Each fatal call in a world of its own; `after` is what somebody does then.
void sweep(const Sweep& story, const std::function<void(CrdWorld&)>& after) {
  const auto begin = [&](CrdWorld& world) {
    world.world(story.world_more);
    if (story.prepare) story.prepare(world);
  };
  CrdWorld whole;
  begin(whole);
  (void)story.run(whole);
  const std::vector<CrdCall> calls = whole.calls;
  for (const std::size_t fatal : fatal_calls(calls, story.from)) {
    SCOPED_TRACE(fmt::format("killed before call {} of {}: {}", fatal, calls.size(),
                             fatal < calls.size() ? calls[fatal].operation : "the end"));
    CrdWorld world;
    begin(world);
    kill_before(world, fatal);
    (void)story.run(world);
    world.line.intercept = {};
    world.on_call = {};
    expect_safe(world);
    after(world);
    if (testing::Test::HasFailure()) return;  // the first one says enough
  }
}

int deploy_the_second(CrdWorld& world) { return world.deploy("2"); }
void deploy_the_first(CrdWorld& world) { ASSERT_EQ(world.deploy("1"), 0) << world.line.err; }

TEST(EcsCrdKilled, ADeployIsFollowedByAnother) {
  sweep({.prepare = deploy_the_first, .run = deploy_the_second}, [](CrdWorld& world) {
    deploy_as_told(world);
    expect_one_release(world);
  });
}

// And where the new release had a part of the traffic, the new one is chosen.
TEST(EcsCrdKilled, ADeployIsFollowedByAnotherBesideTheNewRelease) {
  sweep({.prepare = deploy_the_first, .run = deploy_the_second, .from = "ChangeResourceRecordSets"},
        [](CrdWorld& world) {
          const std::map<std::string, int> weights = world.weights();
          deploy_as_told(world, weights.contains("2") && weights.at("2") > 0 ? "2" : "1");
          expect_one_release(world);
        });
}

TEST(EcsCrdKilled, ADeployIsFollowedByUndeploy) {
  sweep({.prepare = deploy_the_first, .run = deploy_the_second}, [](CrdWorld& world) {
    undeploy(world);
    expect_nothing_left(world);
  });
}

TEST(EcsCrdKilled, TheFirstDeployIsFollowedByAnother) {
  sweep({.run = [](CrdWorld& world) { return world.deploy("1"); }}, [](CrdWorld& world) {
    deploy_as_told(world);
    expect_one_release(world);
  });
}

// Killed while it takes back what it did.
TEST(EcsCrdKilled, ARollbackIsFollowedByADeploy) {
  sweep({.world_more = sick("*:2", "50s"),
         .prepare = deploy_the_first,
         .run =
             [](CrdWorld& world) {
               stay_sick(world, "*:2");
               return world.deploy("2");
             }},
        [](CrdWorld& world) {
          deploy_as_told(world);
          expect_one_release(world);
        });
}

TEST(EcsCrdKilled, AnUndeployIsFollowedByAnother) {
  sweep({.prepare = deploy_the_first,
         .run = [](CrdWorld& world) { return world.crd({"undeploy", "--yes"}); }},
        [](CrdWorld& world) {
          undeploy(world);
          expect_nothing_left(world);
        });
}

TEST(EcsCrdKilled, AnUndeployIsFollowedByADeploy) {
  sweep({.prepare = deploy_the_first,
         .run = [](CrdWorld& world) { return world.crd({"undeploy", "--yes"}); }},
        [](CrdWorld& world) {
          deploy_as_told(world);
          expect_one_release(world);
        });
}

// ---- Ctrl-C ------------------------------------------------------------------------------------

// Empty where there is no table yet, too.
std::map<std::string, std::string> item_of(CrdWorld& world) {
  world.aws().advance(world.aws().now() + seconds(30));  // one may be being made
  const Json tables = world.ask("dynamodb", "ListTables", JsonObject{});
  if (find_array(tables, "TableNames")->empty()) return {};
  return world.item();
}

// The same places, but the run lives on: it may take back what it did, or come to its end.
void interrupt_everywhere(const Sweep& story,
                          const std::function<void(CrdWorld&, int status)>& after) {
  CrdWorld whole;
  if (story.prepare) story.prepare(whole);
  (void)story.run(whole);
  const std::vector<CrdCall> calls = whole.calls;
  int taken_back = 0;
  for (const std::size_t place : fatal_calls(calls, story.from)) {
    if (place == calls.size()) continue;
    SCOPED_TRACE(fmt::format("interrupted at call {} of {}: {}", place, calls.size(),
                             calls[place].operation));
    CrdWorld world;
    if (story.prepare) story.prepare(world);
    world.on_call = [&world, place, sent = std::size_t{0}](const CrdCall&) mutable {
      if (sent++ == place) world.interrupt(SIGINT);
    };
    const int status = story.run(world);
    world.on_call = {};
    EXPECT_TRUE(status == 0 || status == 130) << status << "\n" << world.line.err;
    EXPECT_EQ(world.line.lines_with("ecs-crd : warning: SIGINT") +
                  world.line.lines_with("ecs-crd : SIGINT"),
              1);
    taken_back += status == 130 ? 1 : 0;
    expect_safe(world);
    EXPECT_FALSE(item_of(world).contains("lock_owner"));
    after(world, status);
    if (testing::Test::HasFailure()) return;  // the first one says enough
  }
  EXPECT_GT(taken_back, 2);  // the sanitizers' build tries few places
}

TEST(EcsCrdInterrupted, ADeployIsTakenBackOrComesToItsEnd) {
  interrupt_everywhere(
      {.prepare = deploy_the_first, .run = deploy_the_second}, [](CrdWorld& world, int status) {
        const std::string live = status == 0 ? "2" : "1";
        EXPECT_EQ(world.item().at("service_version"), live);
        EXPECT_EQ(world.stack_names(), (std::vector<std::string>{"stage-web-0", stack_of(live)}));
        EXPECT_EQ(world.weights().at(live), 100);
      });
}

TEST(EcsCrdInterrupted, AFirstDeployLeavesNoReleaseOrServes) {
  interrupt_everywhere({.run = [](CrdWorld& world) { return world.deploy("1"); }},
                       [](CrdWorld& world, int status) {
                         if (status == 0) {
                           EXPECT_EQ(world.weights().at("1"), 100);
                           return;
                         }
                         EXPECT_EQ(world.weights(), (std::map<std::string, int>{}));
                         EXPECT_EQ(item_of(world), (std::map<std::string, std::string>{}));
                         // The log group may stay.
                         for (const std::string& stack : world.stack_names())
                           EXPECT_EQ(stack, "stage-web-0");
                       });
}

TEST(EcsCrdInterrupted, AnUndeployIsFinishedByAnother) {
  interrupt_everywhere({.prepare = deploy_the_first,
                        .run = [](CrdWorld& world) { return world.crd({"undeploy", "--yes"}); }},
                       [](CrdWorld& world, int) {
                         undeploy(world);
                         expect_nothing_left(world);
                       });
}

}  // namespace
}  // namespace slipway::cli
