#include "plan/ecs_crd_names.h"

#include <gtest/gtest.h>

#include <set>

namespace slipway {
namespace {

CrdNames names_of(std::string environment, std::string service) {
  return {.environment = std::move(environment),
          .service = std::move(service),
          .cluster = "stage-ecs-cluster",
          .deployment_id = "0123456789abcdef0123456789abcdef"};
}

TEST(EcsCrdNames, ItemKeyOfTheVector_Item13) {
  EXPECT_EQ(crd_item_key("public", "shop-web", "stage", "eu-west-3"),
            "9599d474b1f6536a2d51d02755478229");
}

TEST(EcsCrdNames, Stacks_Item14_D15_D16) {
  const std::string long_name(90, 'a');
  struct Case {
    const char* environment;
    std::string service;
    const char* label_value;
    std::string wanted;
  };
  for (const auto& [environment, service, value, wanted] :
       {Case{"stage", "shop-web", "1", "stage-shop-web-1"},
        Case{"preprod", "orders", "2", "prepr-orders-2"},
        Case{"preprod", "orders", "0", "prepr-orders-0"},
        Case{"dev", "orders", "2", "dev-orders-2"},
        Case{"stage", "orders", "green", "stage-orders-green"},
        Case{"stage", "orders", "1-app", "stage-orders-1-app"},
        Case{"stage", long_name, "1", "stage-" + std::string(41, 'a') + "-067876b-1"}}) {
    SCOPED_TRACE(wanted);
    EXPECT_EQ(names_of(environment, service).stack(value), wanted);
  }
  EXPECT_EQ(names_of("stage", long_name).stack("1").size(), 57U);
  EXPECT_NE(names_of("stage", long_name + "b").stack("1"), names_of("stage", long_name).stack("1"));
}

TEST(EcsCrdNames, OfThePythonTool) {
  EXPECT_EQ(names_of("stage", "orders").python_stack("green"), "stage-orders-een");
  EXPECT_EQ(names_of("stage", "orders").python_stack("blue"), "stage-orders-ue");
  EXPECT_EQ(names_of("stage", "orders").python_stack("2"), "stage-orders-2");
  EXPECT_EQ(names_of("stage", std::string(90, 'a')).python_stack("1"),
            "stage-" + std::string(49, 'a') + "-1");
}

TEST(EcsCrdNames, RolesAreNewInEachRunAndFit_Item14) {
  CrdNames names = names_of("preprod", "orders");
  EXPECT_EQ(names.task_role("1"), "prepr-orders-ecs-task-1-abcdef0");
  EXPECT_EQ(names.execution_role("1"), "prepr-orders-ecs-exec-task-1-abcdef0");
  names.service = std::string(90, 'a');
  EXPECT_EQ(names.execution_role("green").size(), 64U);
  EXPECT_EQ(names.task_role("green").size(), 64U);
  const std::string before = names.execution_role("1");
  names.deployment_id = "0123456789fedcba0123456789abcdef";
  EXPECT_NE(names.execution_role("1"), before);
}

TEST(EcsCrdNames, TheOthers) {
  const CrdNames names = names_of("preprod", "orders");
  EXPECT_EQ(names.ecs_service("green"), "orders-green");
  EXPECT_EQ(names.family(), "preprod-orders");
  EXPECT_EQ(names.log_group(), "/aws/ecs/stage-ecs-cluster/service/orders");
  EXPECT_EQ(CrdNames::listener_stack("front-1", 443), "listener-front-1-443");
  EXPECT_EQ(names.target_group("Web8080"), "0123456789-Web8080-tg");
  const std::string cut = names.target_group("Averylongcontainer8080");
  EXPECT_EQ(cut.size(), 32U);
  EXPECT_TRUE(cut.starts_with("0123456789-Averylongco")) << cut;
  EXPECT_NE(cut, names.target_group("Averylongcontainer8081"));
}

TEST(EcsCrdNames, LogicalIdsAreLettersAndDigitsAndDiffer_D49) {
  const std::vector<CrdContainerPort> bindings = {
      {"web", 8080}, {"my_proxy", 9090}, {"web-api", 80}, {"webapi", 80}, {"a_b", 1}, {"A_b", 1}};
  const std::vector<std::string> ids = crd_logical_ids(bindings);
  EXPECT_EQ(ids[0], "Web8080");
  EXPECT_EQ(ids[1], "MyProxy9090");
  EXPECT_TRUE(ids[2].starts_with("Webapi80x")) << ids[2];
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
  for (const std::string& id : ids)
    EXPECT_EQ(
        id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
        std::string::npos)
        << id;
}

}  // namespace
}  // namespace slipway
