#include "execute/ecs_crd_message.h"

#include "execute/ecs_crd_say.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace slipway {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

CrdRunFacts finished() {
  return {.action = "deploy",
          .account = "111111111111",
          .region = "eu-west-3",
          .environment = "stage",
          .cluster = "stage-ecs-cluster",
          .project = "bakery",
          .service = "orders",
          .version = "2",
          .fqdns = {"a.test", "b.test"},
          .deployment_id = "0a1b",
          .green = "2",
          .green_stack = "stage-orders-2",
          .blue = "1",
          .blue_stack = "stage-orders-1",
          .duration = seconds(65),
          .weights = "Blue (1) 0 / Green (2) 100"};
}

TEST(CrdMessage, HasTheFieldsOfThePythonToolAndThenOurs) {
  const CrdMessage message = message_of(finished());
  EXPECT_EQ(message.subject, "[SUCCESS] deploy - orders");
  EXPECT_EQ(message.body,
            "The deploy of the service orders has succeeded.\n\n"
            "Account         : 111111111111\n"
            "Region          : eu-west-3\n"
            "Environment     : stage\n"
            "Cluster         : stage-ecs-cluster\n"
            "Project         : bakery\n"
            "Service         : orders\n"
            "Version         : 2\n"
            "Fqdn            : a.test,b.test,\n"
            "Exit Code       : 0\n"
            "Message         : None\n"
            "Deployment      : 0a1b\n"
            "Green           : 2 (stage-orders-2)\n"
            "Blue            : 1 (stage-orders-1)\n"
            "Duration        : 1m5s\n"
            "Weights         : Blue (1) 0 / Green (2) 100\n");
}

TEST(CrdMessage, SaysWhatFailed) {
  CrdRunFacts run = finished();
  run.exit_status = 14;
  run.message = "the new release is not healthy";
  run.failed_step = "health";
  const CrdMessage message = message_of(run);
  EXPECT_EQ(message.subject, "[FAIL] deploy - orders");
  EXPECT_THAT(message.body, HasSubstr("has failed.\n"));
  EXPECT_THAT(message.body, HasSubstr("Exit Code       : 14\n"
                                      "Message         : the new release is not healthy\n"));
  EXPECT_THAT(message.body, HasSubstr("Failed Step     : health\n"));
}

TEST(CrdMessage, CutsTheSubjectToWhatSnsTakes) {
  CrdRunFacts run = finished();
  run.service = std::string(120, 'a') + "\n\xc3\xa9";
  const CrdMessage message = message_of(run);
  EXPECT_EQ(message.subject, "[SUCCESS] deploy - " + std::string(80, 'a'));
  run.service = "caf\xc3\xa9\n";
  EXPECT_EQ(message_of(run).subject, "[SUCCESS] deploy - caf???");
}

TEST(CrdTime, IsWrittenWithoutSpaces) {
  struct Case {
    Duration time;
    const char* wanted;
  };
  for (const auto& [time, wanted] :
       {Case{seconds(0), "0s"}, Case{seconds(5), "5s"}, Case{seconds(65), "1m5s"},
        Case{seconds(3600), "1h0m0s"}, Case{seconds(90061), "25h1m1s"}})
    EXPECT_EQ(in_crd_time(time), wanted);
}

}  // namespace
}  // namespace slipway
