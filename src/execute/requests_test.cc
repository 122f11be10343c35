#include "execute/requests.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TaskRun migrate() { return {.name = "shop-migrate", .count = 2}; }

TEST(RunTaskRequest, CarriesWhatTheFileSaysAndNothingElse) {
  struct Case {
    std::string name;
    TaskRun run;
    std::string wanted;
  };
  TaskRun fargate = migrate();
  fargate.launchType = "FARGATE";
  fargate.platformVersion = "1.4.0";
  fargate.awsvpcConfiguration =
      AwsvpcConfiguration{.subnets = {"subnet-1"}, .securityGroups = {"sg-1"}};
  TaskRun open = migrate();
  open.awsvpcConfiguration = AwsvpcConfiguration{.subnets = {"subnet-1"}, .assignPublicIp = true};
  TaskRun mixed = migrate();
  mixed.capacityProviderStrategy = {{.capacityProvider = "spot", .weight = 3},
                                    {.capacityProvider = "base", .base = 1, .weight = 1}};
  TaskRun overridden = migrate();
  overridden.overrides = parse_json(R"({"containerOverrides":[{"name":"app"}]})").value();
  for (const Case& row : {
           Case{"plain", migrate(),
                R"({"cluster":"prod","count":2,"enableECSManagedTags":true,)"
                R"("propagateTags":"TASK_DEFINITION","taskDefinition":"shop-migrate:7",)"
                R"("clientToken":"t"})"},
           Case{"Fargate in private subnets", fargate,
                R"({"cluster":"prod","count":2,"enableECSManagedTags":true,"launchType":"FARGATE",)"
                R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"],)"
                R"("securityGroups":["sg-1"],"assignPublicIp":"DISABLED"}},)"
                R"("platformVersion":"1.4.0","propagateTags":"TASK_DEFINITION",)"
                R"("taskDefinition":"shop-migrate:7","clientToken":"t"})"},
           Case{"no security groups is AWS's default group", open,
                R"({"cluster":"prod","count":2,"enableECSManagedTags":true,)"
                R"("networkConfiguration":{"awsvpcConfiguration":{"subnets":["subnet-1"],)"
                R"("assignPublicIp":"ENABLED"}},"propagateTags":"TASK_DEFINITION",)"
                R"("taskDefinition":"shop-migrate:7","clientToken":"t"})"},
           Case{"each provider keeps its own name, base and weight", mixed,
                R"({"capacityProviderStrategy":[{"capacityProvider":"spot","base":0,"weight":3},)"
                R"({"capacityProvider":"base","base":1,"weight":1}],"cluster":"prod","count":2,)"
                R"("enableECSManagedTags":true,"propagateTags":"TASK_DEFINITION",)"
                R"("taskDefinition":"shop-migrate:7","clientToken":"t"})"},
           Case{"overrides as they are", overridden,
                R"({"cluster":"prod","count":2,"enableECSManagedTags":true,)"
                R"("overrides":{"containerOverrides":[{"name":"app"}]},)"
                R"("propagateTags":"TASK_DEFINITION","taskDefinition":"shop-migrate:7",)"
                R"("clientToken":"t"})"},
       }) {
    SCOPED_TRACE(row.name);
    const aws::RunTaskRequest request =
        request_of(RunTask{.cluster = "prod", .run = row.run}, "shop-migrate:7", "t");
    EXPECT_EQ(to_text(to_json(aws::ref(request))), row.wanted);
  }
}

TEST(UpdateServiceRequest, LeavesOutWhatShallStay) {
  struct Case {
    UpdateService action;
    std::string definition;
    std::string wanted;
  };
  for (const Case& row : {
           Case{{.cluster = "prod", .service = "web"},
                "web:43",
                R"({"cluster":"prod","service":"web","taskDefinition":"web:43"})"},
           Case{{.cluster = "prod", .service = "web", .forceNewDeployment = true},
                "",
                R"({"cluster":"prod","service":"web","forceNewDeployment":true})"},
       }) {
    SCOPED_TRACE(row.wanted);
    const aws::UpdateServiceRequest request = request_of(row.action, row.definition);
    EXPECT_EQ(to_text(to_json(aws::ref(request))), row.wanted);
  }
}

}  // namespace
}  // namespace slipway
