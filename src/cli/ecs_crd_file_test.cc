// The acceptance items that the deployment file and the facts decide, without a run.
#include "cli/ecs_crd_plan_for_test.h"

namespace slipway::cli {
namespace {

using Messages = std::vector<std::string>;

TEST(EcsCrdAcceptance, Item39_TheTemplatesOfTheExampleAreTheStoredOnes) {
  const CrdPlanned blue = plan_of(example(), example_world(CrdLabel::kBlue));
  EXPECT_EQ(blue.messages, Messages{});
  ASSERT_TRUE(blue.plan.init);
  EXPECT_EQ(blue.plan.init->name, "stage-bakery-orders-0");
  EXPECT_EQ(blue.plan.green.name, "stage-bakery-orders-1");
  EXPECT_EQ(blue.plan.green.tags, (CrdPairs{{"Project", "bakery"},
                                            {"Service", "bakery-orders"},
                                            {"Environment", "stage"},
                                            {"Version", "2024.11.3"}}));
  expect_template("example-init", blue.plan.init->template_body);
  expect_template("example-blue", blue.plan.green.template_body);
  EXPECT_TRUE(blue.plan.shared_listeners.empty());
  ASSERT_EQ(blue.plan.target_groups.size(), 2U);
  EXPECT_EQ(blue.plan.target_groups[1].output, "TargetGroupProxy9090Arn");

  const CrdPlanned green = plan_of(example(), example_world(CrdLabel::kGreen));
  expect_template("example-green", green.plan.green.template_body);
  const CrdPlanned again = plan_of(example(), example_world(CrdLabel::kGreen));
  EXPECT_EQ(green.plan.green.template_body, again.plan.green.template_body);
}

TEST(EcsCrdAcceptance, Item38_HostPortsFollowTheLabel) {
  CrdTextForTest text = small_file();
  text.container["port_mappings"] = "[{container_port: 80, host_port: {blue: 8001, green: 8002}}]";
  text.target_group["port"] = "{blue: 8001, green: 8002}";
  text.target_group["health_check"] = "{port: {blue: 8003, green: 8004}}";
  struct Case {
    CrdLabel label;
    int host_port;
    const char* health_port;
  };
  for (const auto& [label, host_port, health_port] :
       {Case{CrdLabel::kBlue, 8001, "8003"}, Case{CrdLabel::kGreen, 8002, "8004"}}) {
    SCOPED_TRACE(host_port);
    const CrdPlanned planned = plan_of(text, CrdPlanWorld(label));
    EXPECT_EQ(planned.messages, Messages{});
    EXPECT_EQ(to_text(planned.properties("TaskDefinition")
                          .at("ContainerDefinitions")
                          .at(0)
                          .at("PortMappings")),
              "[{\"ContainerPort\":80,\"HostPort\":" + std::to_string(host_port) + "}]");
    EXPECT_EQ(planned.properties("TargetGroupWeb80").at("Port"), host_port);
    EXPECT_EQ(planned.properties("TargetGroupWeb80").at("HealthCheckPort"), health_port);
  }
  const CrdPlanned dynamic = plan_of(small_file());
  EXPECT_EQ(dynamic.properties("TaskDefinition")
                .at("ContainerDefinitions")
                .at(0)
                .at("PortMappings")
                .at(0)
                .at("HostPort"),
            0);
  EXPECT_EQ(dynamic.properties("TargetGroupWeb80").at("HealthCheckPort"), "traffic-port");
  EXPECT_EQ(dynamic.properties("TargetGroupWeb80").at("Port"), 80);
}

TEST(EcsCrdAcceptance, Item40_TheServiceWaitsForWhatForwardsToIt) {
  CrdTextForTest text = small_file();
  text.more_listeners = ", {port: 80, target_group: {container: {name: web, port: 80}}, rules: [{" +
                        kCrdHost + "}, {" + kCrdHost +
                        ", actions: [{type: redirect, config: {status_code: HTTP_301}}]}]}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(texts_of(planned.green.at("Resources").at("Service").at("DependsOn")),
            (std::vector<std::string>{"ListenerWeb80", "ListenerRule1Web80"}))
      << "the redirect forwards nothing";
}

TEST(EcsCrdAcceptance, Item41_AnOpenPortNeedsRules) {
  CrdTextForTest text;
  const CrdPlanned without = plan_of(text);
  EXPECT_EQ(without.messages,
            Messages{"2 listeners[0]: load balancer front-1 listens on port 80 already, so the "
                     "listener of web:80 needs rules (add rules that tell its requests from those "
                     "of others)"});

  // Two bindings on one port draw from one supply; what is taken or asked for is skipped.
  text.listener["rules"] = "[{" + kCrdHost + "}, {priority: 9, " + kCrdHost + "}]";
  text.more_containers = ", {name: b, image: b, port_mappings: [{container_port: 81}]}";
  text.more_groups = ", {container: {name: b, port: 81}, health_check: {}}";
  text.more_listeners =
      ", {port: 80, target_group: {container: {name: b, port: 81}}, rules: [{" + kCrdHost + "}]}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(planned.properties("ListenerRule1Web80").at("Priority"), 8) << "7 is the highest";
  EXPECT_EQ(planned.properties("ListenerRule2Web80").at("Priority"), 9);
  EXPECT_EQ(planned.properties("ListenerRule1B81").at("Priority"), 10);
}

TEST(EcsCrdAcceptance, Item41_PrioritiesBeginAtThreeAndEndAtTheLimit) {
  struct Case {
    std::vector<int> existing;
    std::string rule;  // "priority: 5, "
    int wanted;        // 0: refused
    Messages messages;
  };
  for (const auto& [existing, rule, wanted, messages] :
       {Case{{}, "", 3, {}}, Case{{1}, "", 3, {}}, Case{{2, 5}, "", 6, {}},
        Case{{50'000}, "", 3, {}}, Case{{50'000, 3}, "", 4, {}}, Case{{4}, "priority: 1, ", 1, {}},
        Case{{4},
             "priority: 4, ",
             4,
             {"8 listeners[0].rules[0]: priority 4 is taken by a rule of port 81 of load balancer "
              "front-1 (leave priority out to take the next free one)"}}}) {
    SCOPED_TRACE(testing::PrintToString(existing) + rule);
    CrdPlanWorld world;
    world.open(81, "HTTP", existing);
    CrdTextForTest text;
    text.listener["port"] = "81";
    text.listener["rules"] = "[{" + rule + kCrdHost + "}]";
    const CrdPlanned planned = plan_of(text, world);
    EXPECT_EQ(planned.messages, messages);
    EXPECT_EQ(planned.properties("ListenerRule1Web80").at("Priority"), wanted);
  }
}

TEST(EcsCrdAcceptance, Item42_TheForwardComesLast) {
  CrdTextForTest text;
  text.listener["protocol"] = "HTTPS";
  text.listener["rules"] =
      "[{conditions: [{field: http-header, http_header_name: X-Beta, values: [yes]}, {field: "
      "query-string, values: [{key: a, value: 1}, {value: b}]}], actions: [{type: "
      "authenticate-cognito, order: 5, config: {user_pool_arn: a, user_pool_client_id: c, "
      "user_pool_domain: d}}]}, {" +
      kCrdHost + ", actions: [{type: fixed-response, config: {status_code: 503}}]}]";
  CrdPlanWorld world;
  world.side(CrdLabel::kBlue).load_balancer.listeners[0].protocol = "HTTPS";
  world.open(81, "HTTP");
  const CrdPlanned planned = plan_of(text, world);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(to_text(planned.properties("ListenerRule1Web80").at("Conditions")),
            R"([{"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"X-Beta",)"
            R"("Values":["yes"]}},{"Field":"query-string","QueryStringConfig":{"Values":)"
            R"([{"Key":"a","Value":"1"},{"Value":"b"}]}}])");
  EXPECT_EQ(to_text(planned.properties("ListenerRule1Web80").at("Actions")),
            R"([{"Type":"authenticate-cognito","Order":5,"AuthenticateCognitoConfig":)"
            R"({"UserPoolArn":"a","UserPoolClientId":"c","UserPoolDomain":"d"}},)"
            R"({"Type":"forward","TargetGroupArn":{"Ref":"TargetGroupWeb80"},"Order":6}])");
  EXPECT_EQ(to_text(planned.properties("ListenerRule2Web80").at("Actions")),
            R"([{"Type":"fixed-response","Order":1,"FixedResponseConfig":{"StatusCode":"503"}}])");
}

TEST(EcsCrdAcceptance, Item43_AListenerWithRulesBelongsToNoRelease) {
  CrdTextForTest text = small_file();
  text.listener["protocol"] = "HTTPS";
  text.listener["certificates"] = "['*.bakery.test']";
  text.listener["rules"] = "[{" + kCrdHost + "}]";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  ASSERT_EQ(planned.plan.shared_listeners.size(), 2U) << "on both load balancers";
  const CrdSharedListener& shared = planned.plan.shared_listeners[1];
  EXPECT_EQ(shared.label, CrdLabel::kGreen);
  EXPECT_EQ(shared.stack.name, "listener-front-2-8443");
  EXPECT_EQ(shared.stack.tags, (CrdPairs{{"Environment", "stage"}}));
  expect_template("shared-listener", shared.stack.template_body);
  EXPECT_EQ(planned.properties("ListenerRule1Web80").at("ListenerArn"),
            "(the listener of listener-front-1-8443)");
  EXPECT_FALSE(planned.has("ListenerWeb80"));

  // Once it is there, the same release has rules on it.
  CrdPlanWorld world;
  world.open(8443, "HTTPS", {}, {world.facts.certificates[0].arn});
  const CrdPlanned again = plan_of(text, world);
  EXPECT_TRUE(again.plan.shared_listeners.empty());
  EXPECT_EQ(again.properties("ListenerRule1Web80").at("ListenerArn"),
            Json(world.pair.sides[0].load_balancer.listeners[1].arn));
}

TEST(EcsCrdAcceptance, Item44_TwoListenersOfOneContainerBothCount) {
  CrdTextForTest text = small_file();
  text.more_listeners = ", {port: 8444, target_group: {container: {name: web, port: 80}}}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(planned.properties("ListenerWeb80").at("Port"), 8443);
  EXPECT_EQ(planned.properties("ListenerWeb80On8444").at("Port"), 8444);
}

TEST(EcsCrdAcceptance, Item45_CertificatesAreAddedOnceAndStay) {
  CrdTextForTest text = small_file();
  text.listener["protocol"] = "HTTPS";
  text.listener["certificates"] = "['*.bakery.test', www.other.test]";
  CrdPlanWorld world;
  CrdCertificate another = world.facts.certificates[0];
  another.arn = "arn:another";
  another.domain = "*.other.test";
  world.facts.certificates.push_back(another);

  // A listener of its own: one certificate in it, the others beside it.
  const CrdPlanned own = plan_of(text, world);
  EXPECT_EQ(own.messages, Messages{});
  EXPECT_EQ(own.properties("ListenerWeb80").at("Certificates").as_array().size(), 1U);
  EXPECT_EQ(own.properties("ListenerWeb80").at("SslPolicy"), "ELBSecurityPolicy-2016-08");
  EXPECT_EQ(own.properties("ListenerCertificate1").at("Certificates").at(0).at("CertificateArn"),
            "arn:another");

  // On a listener of others: only what it has not, and for good.
  text.listener["rules"] = "[{" + kCrdHost + "}]";
  world.open(8443, "HTTPS", {}, {world.facts.certificates[0].arn});
  const CrdPlanned shared = plan_of(text, world);
  EXPECT_EQ(shared.messages, Messages{});
  EXPECT_EQ(shared.properties("ListenerCertificate1").at("Certificates").at(0).at("CertificateArn"),
            "arn:another");
  EXPECT_EQ(shared.green.at("Resources").at("ListenerCertificate1").at("DeletionPolicy"), "Retain");
  EXPECT_FALSE(shared.has("ListenerCertificate2"));
}

TEST(EcsCrdAcceptance, Item45_ANewHttpsListenerNeedsACertificate_D46) {
  CrdTextForTest text = small_file();
  text.listener["protocol"] = "HTTPS";
  EXPECT_EQ(plan_of(text).messages,
            Messages{"8 listeners[0]: the HTTPS listener on port 8443 is yet to be created and "
                     "names no certificate (add certificates: [DOMAIN])"});
  text.listener["certificates"] = "[www.shop.test]";
  EXPECT_EQ(plan_of(text).messages,
            Messages{"8 listeners[0].certificates[0]: no issued certificate is there for "
                     "www.shop.test"});
}

TEST(EcsCrdAcceptance, Item46_SecretsOfAllSpellingsAreRead_D29_D34) {
  CrdTextForTest text = small_file();
  const std::string arn = "arn:aws:secretsmanager:eu-west-3:111111111111:secret:db-AbCdEf";
  const std::string parameter = "arn:aws:ssm:eu-west-3:111111111111:parameter/stage/x";
  text.container["secrets"] = "{A: db, B: '" + arn + "', C: 'db:password::', D: 'ssm:/stage/x'}";
  text.container["log_configuration"] =
      "{log_driver: splunk, secret_options: [{name: splunk-token, value_from: token}]}";
  CrdPlanWorld world;
  world.facts.secrets["db"] = {CrdLookUp::kFound, arn, "", ""};
  world.facts.secrets[arn] = world.facts.secrets["db"];
  world.facts.secrets["token"] = {CrdLookUp::kFound, "arn:token", "arn:key", ""};
  world.facts.parameters["/stage/x"] = {CrdLookUp::kFound, parameter, "", ""};
  const CrdPlanned planned = plan_of(text, world);
  EXPECT_EQ(planned.messages, Messages{});
  const Json& container = planned.properties("TaskDefinition").at("ContainerDefinitions").at(0);
  std::string values;
  for (const Json& each : container.at("Secrets").as_array())
    values += each.at("ValueFrom").as_string().c_str() + std::string("\n");
  EXPECT_EQ(values, arn + "\n" + arn + "\n" + arn + ":password::\n" + parameter + "\n");
  EXPECT_EQ(to_text(container.at("LogConfiguration")),
            R"({"LogDriver":"splunk","SecretOptions":[{"Name":"splunk-token",)"
            R"("ValueFrom":"arn:token"}]})");
  EXPECT_EQ(to_text(planned.properties("TaskExecutionRole")
                        .at("Policies")
                        .at(0)
                        .at("PolicyDocument")
                        .at("Statement")),
            R"([{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":[)"
            R"("arn:aws:secretsmanager:eu-west-3:111111111111:secret:db-AbCdEf","arn:token"]},)"
            R"({"Effect":"Allow","Action":"ssm:GetParameters","Resource":[)"
            R"("arn:aws:ssm:eu-west-3:111111111111:parameter/stage/x"]},)"
            R"({"Effect":"Allow","Action":"kms:Decrypt","Resource":["arn:key"]}])");
}

TEST(EcsCrdAcceptance, Item46_WhatWasNotLookedUpHasAProbableArn) {
  CrdTextForTest text = small_file();
  text.container["secrets"] = "{A: 'db:password::', B: 'ssm:/stage/x'}";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.messages, Messages{});
  EXPECT_EQ(
      to_text(planned.properties("TaskDefinition").at("ContainerDefinitions").at(0).at("Secrets")),
      R"([{"Name":"A","ValueFrom":"db:password::"},{"Name":"B","ValueFrom":"/stage/x"}])");
  EXPECT_EQ(to_text(planned.properties("TaskExecutionRole")
                        .at("Policies")
                        .at(0)
                        .at("PolicyDocument")
                        .at("Statement")),
            R"([{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":[)"
            R"("arn:aws:secretsmanager:eu-west-3:111111111111:secret:db-??????"]},)"
            R"({"Effect":"Allow","Action":"ssm:GetParameters","Resource":[)"
            R"("arn:aws:ssm:eu-west-3:111111111111:parameter/stage/x"]}])");
}

TEST(EcsCrdAcceptance, Item47_WhatIsMissingIsNamed) {
  CrdTextForTest text = small_file();
  const std::string registry = "111111111111.dkr.ecr.eu-west-3.amazonaws.com/";
  text.container["image"] = registry + "team/web:1";
  text.container["secrets"] = "{A: db, B: 'ssm:/x'}";
  const CrdEcrImage image{"team/web", "1", ""};
  CrdPlanWorld world;
  world.facts.secrets["db"] = {
      .state = CrdLookUp::kMissing, .arn = {}, .kms_key_arn = {}, .message = {}};
  world.facts.parameters["/x"] = {.state = CrdLookUp::kDenied,
                                  .arn = {},
                                  .kms_key_arn = {},
                                  .message = "not authorized to perform: ssm:GetParameters"};
  struct Case {
    CrdImageFact fact;
    std::string wanted;
  };
  const std::string path = "4 service.containers[0].image: ";
  for (const auto& [fact, wanted] :
       {Case{{CrdLookUp::kMissing, false, ""},
             path + "image " + registry + "team/web:1 does not exist"},
        Case{{CrdLookUp::kMissing, true, ""}, path + "the ECR repository team/web does not exist"},
        Case{{CrdLookUp::kDenied, false, "not authorized to perform: ecr:DescribeImages"},
             path + "image " + registry +
                 "team/web:1 could not be looked up, access is denied: not authorized to perform: "
                 "ecr:DescribeImages"},
        Case{{CrdLookUp::kFailed, false, "no answer"},
             path + "image " + registry + "team/web:1 could not be looked up: no answer"}}) {
    SCOPED_TRACE(wanted);
    world.facts.images[image] = fact;
    const CrdPlanned planned = plan_of(text, world);
    EXPECT_EQ(planned.findings.exit_status(), 4);
    EXPECT_EQ(planned.messages,
              (Messages{wanted, "4 service.containers[0].secrets.A: secret db does not exist",
                        "4 service.containers[0].secrets.B: parameter /x could not be looked up, "
                        "access is denied: not authorized to perform: ssm:GetParameters"}));
  }
}

TEST(EcsCrdAcceptance, Item48_RolesAreThoseOfTheFile) {
  CrdTextForTest text = small_file();
  EXPECT_FALSE(plan_of(text).has("TaskRole"));
  EXPECT_FALSE(plan_of(text).properties("TaskDefinition").as_object().contains("TaskRoleArn"));
  const std::string roles =
      "task_execution_role: [{actions: [a]}, {actions: [b]}]XXXtask_role: [{actions: [c]}]";
  const auto planned_with = [&](const std::string& before, const std::string& between,
                                const std::string& after) {
    std::string value = roles;
    value.replace(value.find("XXX"), 3, between);
    text.service["iam_roles"] = before + value + after;
    return plan_of(text).plan.green.template_body;
  };
  EXPECT_EQ(planned_with("{", ", ", "}"), planned_with("[{", "}, {", "}]"));
  const CrdPlanned planned = plan_of(text);
  EXPECT_TRUE(planned.has("TaskRole"));
  EXPECT_EQ(planned.properties("TaskExecutionRole").at("Policies").at(1).at("PolicyName"),
            "policy_2");

  text.service["iam_roles"] = "{task_execution_role: [{name: AllowReadSecrets, actions: [a]}]}";
  text.container["secrets"] = "{A: db}";
  EXPECT_EQ(plan_of(text).messages,
            Messages{"9 service.name: a policy of the task execution role is called "
                     "AllowReadSecrets, like the one that reads the secrets (give it another "
                     "name)"});
}

TEST(EcsCrdAcceptance, Item09_TheVersionIsKeptAsItIsWritten) {
  CrdTextForTest text = small_file();
  text.service["version"] = "1.10";
  text.container["image"] = "";
  const CrdPlanned planned = plan_of(text);
  EXPECT_EQ(planned.green.at("Parameters").at("Version").at("Default"), "1.10");
  EXPECT_EQ(planned.plan.green.tags.at(3),
            (std::pair<std::string, std::string>{"Version", "1.10"}));
  const Json& container = planned.properties("TaskDefinition").at("ContainerDefinitions").at(0);
  EXPECT_EQ(container.at("Image"), "111111111111.dkr.ecr.eu-west-3.amazonaws.com/web:1.10");
  EXPECT_EQ(to_text(container.at("LogConfiguration").at("Options").at("awslogs-stream-prefix")),
            R"({"Ref":"Version"})");
}

}  // namespace
}  // namespace slipway::cli
