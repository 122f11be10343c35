#include "sim/sim_transport.h"

#include "sim/api_test_support.h"

#include <gtest/gtest.h>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;

struct Rehearsal {
  VirtualDriver driver{kUsualStart};
  Fibers fibers{driver};
  std::unique_ptr<SimulatedAws> aws;
  SimTransport transport;

  explicit Rehearsal(std::string_view more_keys = "")
      : aws(shop_with(more_keys)), transport(fibers, *aws) {}

  // The outcome of one call and how long it took.
  std::string call(Duration total_timeout = 60s) {
    std::string outcome;
    fibers.run([&] {
      const TimePoint began = fibers.now();
      HttpRequest request = json_request("ListClusters", "{}");
      request.total_timeout = total_timeout;
      const auto response = transport.send(request);
      outcome = response ? fmt::format("{}", response->status)
                         : fmt::format("{}: {}", response.error().code, response.error().message);
      outcome += " after " + to_string(fibers.now() - began);
    });
    return outcome;
  }
};

TEST(SimTransport, TakesTheLatencyInVirtualTime) {
  EXPECT_EQ(Rehearsal().call(), "200 after 20ms");
}

TEST(SimTransport, TurnsTroubleIntoTheErrorsOfTheSeam) {
  struct Case {
    const char* fault;
    const char* wanted;
  };
  for (const auto& [fault, wanted] : {
           Case{"refused",
                "http.connect: could not connect to ecs.eu-west-1.amazonaws.com: connection "
                "refused after 20ms"},
           Case{"connect-timeout",
                "http.connect-timeout: ecs.eu-west-1.amazonaws.com did not answer the connection "
                "attempt within 3.1s after 3.1s"},
           Case{"reset", "http.reset: ecs.eu-west-1.amazonaws.com reset the connection after 20ms"},
           Case{"no-answer",
                "http.read-timeout: ecs.eu-west-1.amazonaws.com sent no complete answer within "
                "1m after 1m"},
           Case{"slow, delay: 5s", "200 after 5s"},
           Case{"slow, delay: 61s",
                "http.read-timeout: ecs.eu-west-1.amazonaws.com sent no complete answer within "
                "1m after 1m"},
           Case{"slow-bytes, bytes_per_second: 1",
                "http.read-timeout: ecs.eu-west-1.amazonaws.com sent no complete answer within "
                "1m after 1m"},
       }) {
    SCOPED_TRACE(fault);
    EXPECT_EQ(Rehearsal(fmt::format("faults: [{{fault: {}}}]\n", fault)).call(), wanted);
  }
  EXPECT_EQ(Rehearsal("faults: [{fault: truncated, bytes: 5}]\n").call().substr(0, 74),
            "http.truncated: ecs.eu-west-1.amazonaws.com closed the connection after 5 ");
}

TEST(SimTransport, MovesTheWorldAlongWithTheFibersClock) {
  Rehearsal rehearsal;
  rehearsal.fibers.run([&] {
    ASSERT_TRUE(rehearsal.fibers.sleep_for(1h));
    ASSERT_TRUE(rehearsal.transport.send(json_request("ListClusters", "{}")));
  });
  EXPECT_EQ(rehearsal.aws->world().now(), kUsualStart + 1h + 10ms);
}

TEST(SimTransport, HasNoEffectWhenCancelledOnTheWayThereAndHasOneOnTheWayBack) {
  for (const auto& [cancel_after, calls] : {std::pair<Duration, std::size_t>{5ms, 0}, {15ms, 1}}) {
    Rehearsal rehearsal;
    rehearsal.fibers.run([&] {
      Group group(rehearsal.fibers);
      group.spawn("call", [&] {
        const auto response = rehearsal.transport.send(json_request("ListClusters", "{}"));
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().kind, ErrorKind::kCancelled);
      });
      ASSERT_TRUE(rehearsal.fibers.sleep_for(cancel_after));
      group.cancel();
      group.join();
    });
    EXPECT_EQ(rehearsal.aws->calls().total().calls, calls);
  }
}

}  // namespace
}  // namespace slipway::sim
