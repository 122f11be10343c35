#include "dialect/ecs_crd_variables.h"

#include "dialect/ecs_crd_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

std::string value_of(const CrdRead& read, std::string_view name) {
  for (const auto& [key, value] : read.file.service.containers.at(0).environment)
    if (key == name) return value;
  return "";
}

CrdTextForTest with_environment(const std::string& pairs) {
  CrdTextForTest text;
  text.service["project"] = "shop";
  text.service["name"] = "'{{project}}-web'";
  text.service["version"] = "'2'";
  text.service["fqdn"] = "['{{name}}.{{environment}}.test', 'v{{version}}.{{fqdn[0]}}']";
  text.container["environment"] = "{" + pairs + "}";
  return text;
}

TEST(EcsCrdVariables, StandForTheirValues_Item7_Item8) {
  struct Case {
    const char* text;
    const char* wanted;
  };
  CrdReading reading = reading_for_test();
  reading.variables.external_ip = "203.0.113.7";
  for (const auto& [text, wanted] :
       {Case{"{{environment}}", "stage"}, Case{"{{region}}", "eu-west-3"},
        Case{"{{account_id}}", "111111111111"}, Case{"{{external_ip}}/32", "203.0.113.7/32"},
        Case{"{{project}}", "shop"}, Case{"{{name}}:{{version}}", "shop-web:2"},
        Case{"{{fqdn}}", "shop-web.stage.test"}, Case{"{{fqdn[0]}}", "shop-web.stage.test"},
        Case{"{{fqdn[1]}}", "v2.shop-web.stage.test"}, Case{"{{{name}}}", "{shop-web}"},
        Case{"{{name}", "{{name}"}, Case{"{{ name }}", "{{ name }}"}, Case{"{name}", "{name}"},
        Case{"one\\n{{fqdn}}", "one\nshop-web.stage.test"}}) {
    SCOPED_TRACE(text);
    const CrdRead read =
        read_crd(with_environment("A: \"" + std::string(text) + "\"").yaml(), reading);
    EXPECT_EQ(read.messages, Messages{});
    EXPECT_EQ(value_of(read, "A"), wanted);
  }
}

TEST(EcsCrdVariables, AreReplacedWhereverTextIs_Item7) {
  CrdTextForTest text = with_environment("A: a");
  text.canary["sns_topic_notifications"] =
      "{on_success: 'arn:aws:sns:{{region}}:{{account_id}}:{{name}}'}";
  text.canary["group"] = "'{{environment}}'";
  text.container["command"] = "['{{name}}']";
  text.container["health_check"] = "{command: [CMD, '{{fqdn}}']}";
  text.container["secrets"] = "{B: '{{environment}}/db'}";
  text.service["cluster"] = "'{{environment}}-{{project}}'";
  text.service["iam_roles"] =
      "{task_role: [{actions: ['{{project}}:*'], resources: ['{{name}}']}]}";
  text.listener["rules"] =
      "[{conditions: [{field: host-header, values: ['{{fqdn[1]}}']}], actions: [{type: redirect, "
      "config: {host: '{{fqdn}}', status_code: HTTP_301}}]}, {conditions: [{field: path-pattern, "
      "values: ['/{{name}}']}]}]";
  const CrdRead read = read_crd(text.yaml());
  EXPECT_EQ(read.messages, Messages{});
  EXPECT_EQ(read.file.canary.on_success->text, "arn:aws:sns:eu-west-3:111111111111:shop-web");
  EXPECT_EQ(read.file.canary.group.text, "{{environment}}") << "not there";
  const CrdContainer& web = read.file.service.containers.at(0);
  EXPECT_EQ(web.command.at(0), "shop-web");
  EXPECT_EQ(web.health_check->command.at(1), "shop-web.stage.test");
  EXPECT_EQ(web.secrets.at(0).value_from, "stage/db");
  EXPECT_EQ(read.file.service.cluster.text, "stage-shop");
  EXPECT_EQ(read.file.service.task_role.at(0).actions.at(0), "shop:*");
  const CrdRule& rule = read.file.listeners.at(0).rules.at(0);
  EXPECT_EQ(rule.conditions.at(0).values.at(0), "v2.shop-web.stage.test");
  EXPECT_EQ(rule.actions.at(0).config.at("Host"), "shop-web.stage.test");
}

TEST(EcsCrdVariables, UnknownOnesStayWithOneWarning_Item7) {
  const CrdRead read =
      read_crd(with_environment("A: '{{unknown}} {{nmae}}', B: '{{unknown}}'").yaml());
  EXPECT_EQ(value_of(read, "A"), "{{unknown}} {{nmae}}");
  EXPECT_EQ(read.messages,
            (Messages{"warning: service.containers[0].environment.A: {{nmae}} is no variable and "
                      "stays as it is (did you mean {{name}}?)",
                      "warning: service.containers[0].environment.A: {{unknown}} is no variable "
                      "and stays as it is"}));
}

TEST(EcsCrdVariables, MustBeKnownInNames) {
  const auto with = [](const char* key, const char* value) {
    CrdTextForTest text;
    text.service[key] = value;
    return read_crd(text.yaml()).messages;
  };
  EXPECT_EQ(
      with("name", "'{{projet}}-web'"),
      Messages{"1 service.name: {{projet}} is no variable and stays as it is, and no name has "
               "braces (did you mean {{project}}?)"});
  EXPECT_EQ(with("name", "'{{version}}'"),
            Messages{"1 service.name: {{version}} has no value yet here and stays as it is, and no "
                     "name has braces"});
  EXPECT_EQ(with("fqdn", "['{{foo}}.shop.test', '{{foo}}.other.test']"),
            (Messages{"1 service.fqdn[0]: {{foo}} is no variable and stays as it is, and no name "
                      "has braces",
                      "1 service.fqdn[1]: {{foo}} is no variable and stays as it is, and no name "
                      "has braces"}));
}

TEST(EcsCrdVariables, HaveNoValueBeforeTheirTurn) {
  CrdTextForTest text;
  text.service["project"] = "'{{name}}'";
  text.service["fqdn"] = "['{{fqdn[1]}}.test', www.shop.test]";
  const CrdRead read = read_crd(text.yaml());
  EXPECT_EQ(read.file.service.project.text, "{{name}}");
  EXPECT_EQ(read.messages,
            (Messages{"1 service.fqdn[0]: there is no fqdn[1]: only those before it can be used "
                      "here",
                      "warning: service.project: {{name}} has no value yet here and stays as it "
                      "is"}));
}

TEST(EcsCrdVariables, AnFqdnThatIsNotThereIsAnError_Item8) {
  const CrdRead read = read_crd(with_environment("A: '{{fqdn[9]}}'").yaml());
  EXPECT_EQ(read.messages,
            Messages{"4 service.containers[0].environment.A: there is no fqdn[9]: the "
                     "service has 2 names"});
}

TEST(EcsCrdVariables, WhoseValueCouldNotBeFoundOutStayInSilence) {
  CrdTextForTest text = with_environment("A: '{{external_ip}}'");
  text.canary["sns_topic_notifications"] = "{on_fail: '{{account_id}}'}";
  CrdReading reading = reading_for_test();
  reading.variables.account_id = std::nullopt;
  const CrdRead read = read_crd(text.yaml(), reading);
  EXPECT_EQ(read.messages, Messages{});
  EXPECT_EQ(value_of(read, "A"), "{{external_ip}}");
}

TEST(EcsCrdVariables, ExternalIpIsMentionedOnlyWhereItCounts_Item7) {
  const auto mentions = [](const CrdTextForTest& text) {
    CrdFindings findings;
    const auto source = std::make_shared<SourceText>(SourceText{"f", text.yaml()});
    return mentions_external_ip(parse_ecs_crd(source, findings).value());
  };
  CrdTextForTest text;
  EXPECT_FALSE(mentions(text));
  text.canary["group"] = "'{{external_ip}}'";
  EXPECT_FALSE(mentions(text));
  text.listener["rules"] = "[{conditions: [{values: ['{{external_ip}}/32']}]}]";
  EXPECT_TRUE(mentions(text));
}

}  // namespace
}  // namespace slipway
