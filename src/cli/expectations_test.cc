// `expect` in a scenario: what must have come of a rehearsal.
#include "cli/exit_status.h"
#include "cli/world_for_test.h"

#include <fmt/format.h>

namespace slipway::cli {
namespace {

constexpr std::string_view kWorld = R"(scenario: 1
clusters: {prod: {}}
topics: [{Name: deploys}]
task_definitions:
- {family: web, requiresCompatibilities: [FARGATE], networkMode: awsvpc, cpu: "256", memory: "512",
   containerDefinitions: [{name: app, image: "registry.example/web:1"}]}
services:
- {serviceName: web, cluster: prod, taskDefinition: web, desiredCount: 1, launchType: FARGATE,
   deploymentConfiguration: {deploymentCircuitBreaker: {enable: true, rollback: true}},
   networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}
images: [{image: "*:bad", pull: not-found}]
expect:
)";

int rehearse(CommandLine& line, std::string_view tag, std::string_view expect) {
  line.file("world.yml", std::string(kWorld) + std::string(expect));
  line.file("slipway.yml", R"(slipway: 1
cluster: prod
services: {web: {containers: [app]}}
notify: {sns: "arn:aws:sns:eu-west-1:123456789012:deploys", on: [succeeded, failed]}
)");
  return line.run({"deploy", "--tag", std::string(tag), "--sim", "world.yml", "-q"});
}

TEST(Expectations, ThatHoldLeaveTheRunsOwnStatus) {
  CommandLine line;
  EXPECT_EQ(rehearse(line, "2", R"(- {call: "ecs:UpdateService", count: 1}
- {message: {topic: deploys, text: "*\"succeeded\"*"}}
- {service: {cluster: prod, name: web, taskDefinition: "web:2", runningCount: 1}}
)"),
            kDone)
      << line.err;
  EXPECT_EQ(rehearse(line, "bad", R"(- {message: {topic: "dep*", subject: "*succeeded*"}, count: 0}
- {message: {topic: deploys}, count: 1}
- {service: {cluster: prod, name: web, taskDefinition: "web:1"}}
)"),
            kRolledBackByPlatform)
      << line.err;
}

TEST(Expectations, ThatDoNotHoldAreSaidWithTheirLine) {
  CommandLine line;
  EXPECT_EQ(rehearse(line, "2", R"(- {call: "ecs:RunTask"}
- {call: "ecs:UpdateService", count: 2}
- {message: {topic: deploys, subject: "*blue*", text: "*green*"}, count: 3}
- {service: {cluster: prod, name: web, taskDefinition: "web:1"}}
- {service: {cluster: prod, name: web, runningCount: 9}}
- {service: {cluster: prod, name: wbe}}
)"),
            kVerifyFailed);
  EXPECT_NE(line.err.find("world.yml:13: expected some calls of ecs:RunTask, found 0\n"),
            std::string::npos)
      << line.err;
  for (const char* sentence : {"expected 2 calls of ecs:UpdateService, found 1\n",
                               "expected 3 messages to topic deploys with the subject \"*blue*\" "
                               "with the text \"*green*\", "
                               "found 0\n",
                               "expected service prod/web to run web:1, found web:2\n",
                               "expected service prod/web to have 9 running tasks, found 1\n",
                               "service prod/wbe does not exist\n"})
    EXPECT_NE(line.err.find(sentence), std::string::npos) << sentence << line.err;
}

TEST(Expectations, ThatSayNothingOrTooMuchAreRefused) {
  CommandLine line;
  EXPECT_EQ(rehearse(line, "2", "- {count: 1}\n"), kUsageOrFile);
  EXPECT_NE(line.err.find("expected one of message, call and service"), std::string::npos)
      << line.err;
  EXPECT_EQ(rehearse(line, "2", "- {call: UpdateService}\n"), kUsageOrFile);
  EXPECT_NE(line.err.find("expected an operation such as ecs:UpdateService"), std::string::npos)
      << line.err;
}

}  // namespace
}  // namespace slipway::cli
