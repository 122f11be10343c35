// target_groups and listeners of a deployment file: what each key takes, and what is said about
// what it does not take.
#include "dialect/ecs_crd_for_test.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

// ---- 3.7 target groups --------------------------------------------------------------------------

TEST(EcsCrdTargetGroups, AreChecked) {
  const std::string check_path = "7 target_groups[0].health_check.";
  expect_messages(
      {{kCrdGroup,
        "health_check",
        "",
        {"7 target_groups[0].health_check: required key is missing"}},
       {kCrdGroup, "protocol", "https", {}},
       {kCrdGroup,
        "protocol",
        "TCP",
        {"7 target_groups[0].protocol: expected HTTP or HTTPS, found \"TCP\""}},
       {kCrdGroup,
        "container",
        "{name: web}",
        {"7 target_groups: web:80 has no entry in target_groups (each port a container exposes "
         "needs one)",
         "7 target_groups[0].container.port: required key is missing"}},
       {kCrdGroup,
        "container",
        "{name: Web, port: 80}",
        {"7 target_groups: web:80 has no entry in target_groups (each port a container exposes "
         "needs one)",
         "7 target_groups[0].container: no container exposes Web:80 (there is web:80)"}},
       {kCrdGroup,
        "health_check",
        "{path: health}",
        {check_path + "path: a path begins with /, found \"health\""}},
       {kCrdGroup, "health_check", "{matcher: 204}", {}},
       {kCrdGroup, "health_check", "{port: traffic-port}", {}},
       {kCrdGroup,
        "health_check",
        "{port: 81}",
        {"warning: target_groups[0].health_check.port: it is not used: the host port is dynamic, "
         "so the traffic port is checked"}},
       {kCrdGroup,
        "health_check",
        "{interval_seconds: 4}",
        {check_path + "interval_seconds: expected a whole number from 5 to 300, found 4"}},
       {kCrdGroup,
        "health_check",
        "{interval_seconds: 10, timeout_seconds: 10}",
        {check_path + "timeout_seconds: 10 s is not less than the interval, which is 10 s"}}});
  CrdTextForTest text;
  text.more_groups = ", {container: {name: web, port: 80}, health_check: {}}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"7 target_groups[1].container: web:80 has another target group already"});
}

TEST(EcsCrdTargetGroups, AttributesAreKeysWithValues_D32) {
  for (const std::string value :
       {"[{key: stickiness.enabled, value: true}, {deregistration_delay.timeout_seconds: 30}]",
        "{stickiness.enabled: 'true', deregistration_delay.timeout_seconds: 30}"}) {
    SCOPED_TRACE(value);
    CrdTextForTest text;
    text.target_group["target_group_attributes"] = value;
    const CrdTargetGroup group = read_well(text).target_groups.at(0);
    EXPECT_EQ(group.attributes, (CrdPairs{{"stickiness.enabled", "true"},
                                          {"deregistration_delay.timeout_seconds", "30"}}));
    EXPECT_EQ(group.deregistration_delay(), std::chrono::seconds(30));
  }
}

TEST(EcsCrdTargetGroups, TheHealthCheckPortIsOptionalForStaticPorts_D31) {
  CrdTextForTest text;
  text.container["port_mappings"] = "[{container_port: 80, host_port: {blue: 8001, green: 8002}}]";
  EXPECT_FALSE(read_well(text).target_groups.at(0).health_check_port);
  text.target_group["health_check"] = "{port: {blue: '8001', green: 8002}}";
  EXPECT_EQ(read_well(text).target_groups.at(0).health_check_port, (CrdPort{8001, 8002}));
}

// ---- 3.11 listeners -----------------------------------------------------------------------------

const std::string kHost = "conditions: [{field: host-header, values: [a.test]}]";

TEST(EcsCrdListeners, AreChecked) {
  const std::string path = "8 listeners[0].";
  const std::string condition = path + "rules[0].conditions[0].";
  const auto rule = [](const std::string& text) { return "[{" + text + "}]"; };
  expect_messages(
      {{kCrdListener, "port", "", {path + "port: required key is missing"}},
       {kCrdListener, "protocol", "Https", {}},
       {kCrdListener,
        "target_group",
        "{container: {name: web, port: 81}}",
        {"8 listeners: web:80 has no entry in listeners (each port a container exposes needs one)",
         path + "target_group.container: no container exposes web:81 (there is web:80)"}},
       {kCrdListener, "rules", rule(kHost), {}},
       {kCrdListener,
        "rules",
        rule("priority: 5"),
        {path + "rules[0].conditions: required key is missing"}},
       {kCrdListener,
        "rules",
        rule("priority: 50001, " + kHost),
        {path + "rules[0].priority: expected a whole number from 1 to 50000, found 50001"}},
       {kCrdListener,
        "rules",
        "[{priority: 5, " + kHost + "}, {priority: 5, " + kHost + "}]",
        {path + "rules[1].priority: another rule on port 80 has the priority 5, too"}},
       {kCrdListener,
        "rules",
        rule("conditions: [{field: host, values: [a]}]"),
        {condition + "field: expected host-header, http-header, http-request-method, "
                     "path-pattern, query-string or source-ip, found \"host\""}},
       {kCrdListener,
        "rules",
        rule("conditions: [{field: path-pattern}]"),
        {condition + "values: required key is missing"}},
       {kCrdListener,
        "rules",
        rule("conditions: [{field: http-header, values: [x]}]"),
        {condition + "http_header_name: required key is missing"}},
       {kCrdListener,
        "rules",
        rule("conditions: [{field: http-header, http_header_name: X-A, values: [x]}]"),
        {}},
       {kCrdListener,
        "rules",
        rule("conditions: [{field: query-string, values: [{key: a, value: 1}, {value: b}]}]"),
        {}},
       {kCrdListener,
        "rules",
        rule("conditions: [{field: query-string, values: [a]}]"),
        {condition + "values[0]: expected a mapping, found \"a\""}},
       {kCrdListener,
        "certificates",
        "'*.shop.test'",
        {path + "certificates: expected a list, found \"*.shop.test\" (write it as a list: "
                "[*.shop.test])"}}});
}

TEST(EcsCrdListeners, ActionsAreChecked_Item42) {
  const std::string path = "8 listeners[0].rules[0].actions[0].";
  CrdTextForTest https;
  https.listener["protocol"] = "HTTPS";
  const std::string oidc =
      "{type: authenticate-oidc, order: 5, config: {authorization_endpoint: 'https://a', "
      "client_id: c, client_secret: s, issuer: 'https://i', token_endpoint: 'https://t', "
      "user_info_endpoint: 'https://u', session_timeout: 3600, use_existing_client_secret: false, "
      "authentication_request_extra_params: {prompt: login}}}";
  const auto rules = [](const std::string& action) {
    return "[{" + kHost + ", actions: [" + action + "]}, {" + kHost + "}]";
  };
  expect_messages(
      {{kCrdListener, "rules", rules(oidc), {}},
       {kCrdListener, "rules", rules("{type: redirect, config: {status_code: HTTP_301}}"), {}},
       {kCrdListener,
        "rules",
        rules("{type: redirect, config: {}}"),
        {path + "config.status_code: required key is missing"}},
       {kCrdListener,
        "rules",
        rules("{type: redirect}"),
        {path + "config: required key is missing"}},
       {kCrdListener,
        "rules",
        rules("{type: forward, config: {}}"),
        {path + "type: expected authenticate-oidc, authenticate-cognito, fixed-response or "
                "redirect, found \"forward\""}},
       {kCrdListener,
        "rules",
        rules("{type: fixed-response, config: {status_code: 200, message_bdy: x}}"),
        {"warning: listeners[0].rules[0].actions[0].config.message_bdy: unknown key (did you mean "
         "message_body?)"}},
       {kCrdListener,
        "rules",
        rules("{type: redirect, order: 1, config: {status_code: HTTP_301}}, " + oidc),
        {"8 listeners[0].rules[0].actions: redirect ends the rule, but another action follows "
         "it"}},
       {kCrdListener,
        "rules",
        rules("{type: redirect, order: 5, config: {status_code: HTTP_301}}, " + oidc),
        {"8 listeners[0].rules[0].actions[1].order: another action has the order 5, too"}}},
      https);
  expect_messages({{kCrdListener,
                    "rules",
                    rules(oidc),
                    {path + "type: authenticate-oidc needs a listener with protocol HTTPS"}}});

  https.listener["rules"] = rules(oidc);
  const CrdAction action = read_well(https).listeners.at(0).rules.at(0).actions.at(0);
  EXPECT_EQ(action.order, 5);
  EXPECT_EQ(to_text(Json(action.config)),
            R"({"AuthenticationRequestExtraParams":{"prompt":"login"},)"
            R"("AuthorizationEndpoint":"https://a","ClientId":"c","ClientSecret":"s",)"
            R"("Issuer":"https://i","SessionTimeout":3600,"TokenEndpoint":"https://t",)"
            R"("UseExistingClientSecret":false,"UserInfoEndpoint":"https://u"})");
}

TEST(EcsCrdListeners, AWayInIsNeeded) {
  expect_messages(
      {{kCrdListener,
        "rules",
        "[{" + kHost + ", actions: [{type: redirect, config: {status_code: HTTP_301}}]}]",
        {"8 listeners[0].rules: every rule ends in a redirect or a fixed response: nothing would "
         "reach web:80 (add a rule without such an action)"}}});
  CrdTextForTest text;
  text.more_containers = ", {name: b, image: b, port_mappings: [{container_port: 81}]}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            (Messages{"7 target_groups: b:81 has no entry in target_groups (each port a container "
                      "exposes needs one)",
                      "8 listeners: b:81 has no entry in listeners (each port a container exposes "
                      "needs one)"}));
}

TEST(EcsCrdListeners, SeveralMayHaveOnePortWithRules_Item44_D24) {
  const std::string target = "target_group: {container: {name: web, port: 80}}";
  CrdTextForTest text;
  text.more_listeners = ", {port: 443, protocol: HTTPS, " + target + "}";
  EXPECT_EQ(read_well(text).listeners.size(), 2U);
  text.more_listeners = ", {port: 80, " + target + "}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"8 listeners[1].port: port 80 has another entry: without rules only one can "
                     "have it (give each of them rules)"});
  text.listener["rules"] = "[{" + kHost + "}]";
  text.more_listeners = ", {port: 80, protocol: HTTPS, rules: [{" + kHost + "}], " + target + "}";
  EXPECT_EQ(read_crd(text.yaml()).messages,
            Messages{"8 listeners[1].protocol: port 80 is HTTP in another entry and HTTPS in this "
                     "one"});
}

}  // namespace
}  // namespace slipway
