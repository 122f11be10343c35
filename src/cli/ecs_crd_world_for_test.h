// The world of the acceptance items of ecs-crd: two load balancers, a zone, a cluster, under
// exactly the permissions of section 1.3 of its specification; and what can be read back from it.
#pragma once

#include "cli/scenario_for_test.h"
#include "cli/session.h"
#include "cli/world_for_test.h"
#include "sim/api.h"
#include "sim/world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace slipway::cli {

// Section 1.3: what REF needs, and what CloudFormation does with the caller's rights (which waits
// for a service by describing it).
inline const std::string kCrdPermissions = user_with(R"(        - Effect: Allow
          Resource: "*"
          Action:
          - sts:GetCallerIdentity
          - ec2:DescribeVpcs
          - ecs:ListClusters
          - ecs:UpdateService
          - elasticloadbalancing:DescribeLoadBalancers
          - elasticloadbalancing:DescribeTags
          - elasticloadbalancing:DescribeListeners
          - elasticloadbalancing:DescribeRules
          - elasticloadbalancing:DescribeTargetHealth
          - route53:ListHostedZones
          - route53:ListResourceRecordSets
          - route53:ChangeResourceRecordSets
          - cloudformation:ListStacks
          - cloudformation:DescribeStacks
          - cloudformation:CreateStack
          - cloudformation:DeleteStack
          - cloudformation:ListStackResources
          - dynamodb:ListTables
          - dynamodb:CreateTable
          - dynamodb:GetItem
          - dynamodb:PutItem
          - dynamodb:DeleteItem
          - ecr:DescribeImages
          - secretsmanager:DescribeSecret
          - kms:DescribeKey
          - acm:ListCertificates
          - sns:Publish
        - Sid: CloudFormation
          Effect: Allow
          Resource: "*"
          Action:
          - iam:CreateRole
          - iam:GetRole
          - iam:DeleteRole
          - iam:PutRolePolicy
          - iam:GetRolePolicy
          - iam:DeleteRolePolicy
          - iam:AttachRolePolicy
          - iam:DetachRolePolicy
          - iam:TagRole
          - iam:PassRole
          - ecs:RegisterTaskDefinition
          - ecs:DeregisterTaskDefinition
          - ecs:DescribeTaskDefinition
          - ecs:CreateService
          - ecs:DescribeServices
          - ecs:DeleteService
          - ecs:TagResource
          - elasticloadbalancing:CreateTargetGroup
          - elasticloadbalancing:DeleteTargetGroup
          - elasticloadbalancing:ModifyTargetGroupAttributes
          - elasticloadbalancing:DescribeTargetGroups
          - elasticloadbalancing:CreateListener
          - elasticloadbalancing:DeleteListener
          - elasticloadbalancing:CreateRule
          - elasticloadbalancing:DeleteRule
          - elasticloadbalancing:AddListenerCertificates
          - elasticloadbalancing:RemoveListenerCertificates
          - elasticloadbalancing:AddTags
          - application-autoscaling:*
          - cloudwatch:PutMetricAlarm
          - cloudwatch:DeleteAlarms
          - cloudwatch:TagResource
          - logs:CreateLogGroup
          - logs:DeleteLogGroup
          - logs:PutRetentionPolicy
          - logs:DescribeLogGroups
          - logs:TagResource
)");

// The additions, which are done without where they are denied.
inline constexpr const char* kCrdAdditions = R"(
        - Sid: Additions
          Effect: Allow
          Resource: "*"
          Action:
          - ecs:DescribeClusters
          - ecs:DescribeTasks
          - route53:GetChange
          - route53:ListHostedZonesByVPC
          - cloudformation:DescribeStackEvents
          - dynamodb:DescribeTable
          - dynamodb:UpdateItem
)";

inline constexpr const char* kCrdWorld = R"(
region: eu-west-3
vpcs:
- {VpcId: vpc-0a1b2c3d4e5f60718, Tags: [{Key: Environment, Value: stage}]}
load_balancers:
- Name: public-1
  DNSName: one.elb.test
  Tags: [{Key: CanaryGroup, Value: public}, {Key: CanaryRelease, Value: "1"}]
- Name: public-2
  DNSName: two.elb.test
  Tags: [{Key: CanaryGroup, Value: public}, {Key: CanaryRelease, Value: "2"}]
hosted_zones:
- {Name: example.com, Id: ZEXAMPLE}
- {Name: other.org, Id: ZOTHER}
clusters: {stage-ecs-cluster: {instances: [{count: 4, cpu: 8192, memory: 32768}]}}
topics: [{Name: ok}, {Name: failed}]
)";

// A deployment file of one container behind port 80, with what differs between tests.
struct CrdTestFile {
  std::string version = "1";
  std::string desired = "2";
  std::string strategy = "[{weight: 10, wait: 70}, {weight: 60, wait: 60}]";
  std::string fqdn = "[shop.example.com]";
  std::string notifications =
      "{on_success: \"arn:aws:sns:{{region}}:{{account_id}}:ok\", "
      "on_fail: \"arn:aws:sns:{{region}}:{{account_id}}:failed\"}";
  std::string service_more = "";  // lines below `service`
  std::string container_more = "    port_mappings: [{container_port: 8080}]\n";
  std::string name = "web";
  bool has_ports = true;

  std::string text() const {
    std::string file = fmt::format(
        "canary:\n"
        "  group: public\n"
        "  releases: {{blue: \"1\", green: \"2\"}}\n"
        "  scale: {{desired: {}, wait: 30}}\n"
        "  strategy: {}\n"
        "  sns_topic_notifications: {}\n"
        "service:\n"
        "  project: shop\n"
        "  name: {}\n"
        "  version: \"{}\"\n"
        "  fqdn: {}\n"
        "{}"
        "  containers:\n"
        "  - name: app\n"
        "    image: \"registry.example/web:{{{{version}}}}\"\n"
        "    memory: 128\n"
        "    environment: [{{PASSWORD: hush-environment}}]\n"
        "{}",
        desired, strategy, notifications, name, version, fqdn, service_more, container_more);
    if (!has_ports) return file + "target_groups: []\nlisteners: []\n";
    return file +
           "target_groups:\n"
           "- container: {name: app, port: 8080}\n"
           "  target_group_attributes: [{key: deregistration_delay.timeout_seconds, value: 30}]\n"
           "  health_check: {path: /health, interval_seconds: 5, healthy_threshold_count: 2, "
           "unhealthy_threshold_count: 2}\n"
           "listeners:\n"
           "- port: 80\n"
           "  target_group: {container: {name: app, port: 8080}}\n";
  }
};

// "ChangeResourceRecordSets", whatever the protocol.
inline std::string operation_of(const HttpRequest& request) {
  const std::string_view target = find_header(request.headers, "X-Amz-Target");
  if (!target.empty()) return std::string(target.substr(target.rfind('.') + 1));
  if (request.url.find("/2013-04-01/") != std::string::npos) {
    if (request.url.find("/change/") != std::string::npos) return "GetChange";
    if (request.url.find("/hostedzonesbyvpc") != std::string::npos) return "ListHostedZonesByVPC";
    if (request.url.find("/rrset") == std::string::npos) return "ListHostedZones";
    return request.method == "POST" ? "ChangeResourceRecordSets" : "ListResourceRecordSets";
  }
  const aws::Form form = aws::read_form(request.body);
  const auto action = form.find("Action");
  return action == form.end() ? std::string() : action->second;
}

// The texts of all elements of that name, in order.
inline std::vector<std::string> elements(std::string_view xml, const std::string& name) {
  std::vector<std::string> texts;
  const std::string open = "<" + name + ">";
  for (std::size_t at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at + 1)) {
    const std::size_t from = at + open.size();
    texts.emplace_back(xml.substr(from, xml.find('<', from) - from));
  }
  return texts;
}

// A text with one of its parts in the place of another.
inline std::string with(std::string text, const std::string& old_text,
                        const std::string& new_text) {
  const std::size_t at = text.find(old_text);
  EXPECT_NE(at, std::string::npos) << old_text;
  return at == std::string::npos ? text : text.replace(at, old_text.size(), new_text);
}

// Whether a call of it changes anything.
inline bool is_change(const std::string& operation) {
  for (const char* verb : {"Create", "Put", "Delete", "Update", "Change", "Publish", "Register"})
    if (operation.starts_with(verb)) return true;
  return false;
}

struct CrdCall {
  TimePoint at;
  std::string operation;
  HttpRequest request;
};

// What a weighted record says.
struct CrdRecord {
  int weight = 0;
  std::string target;
  int ttl = 0;
  bool operator==(const CrdRecord&) const = default;
};

class CrdWorld {
 public:
  CrdWorld() {
    line.goes_on = true;
    line.on_session = [this](Session& session) { session_ = &session; };
    line.on_request = [this](const HttpRequest& request) {
      calls.push_back({session_->now(), operation_of(request), request});
      if (on_call) on_call(calls.back());
    };
    world();
  }

  // A new world, as described and with more sections.
  void world(const std::string& more = "", bool with_additions = true,
             const std::string& base = kCrdWorld) {
    line.simulated_aws.reset();
    line.file("world.yml", "scenario: 1\n" + kCrdPermissions +
                               (with_additions ? kCrdAdditions : "") + base + more);
  }
  void file(const CrdTestFile& wanted) { line.file("stage.deploy.yml", wanted.text()); }

  // One command, as typed, on the world as the last one left it.
  int crd(std::vector<std::string> arguments) {
    arguments.push_back("--sim=world.yml");
    calls.clear();
    return line.run(std::move(arguments), "ecs-crd");
  }
  int deploy(const CrdTestFile& wanted, std::vector<std::string> more = {}) {
    file(wanted);
    more.insert(more.begin(), "deploy");
    return crd(std::move(more));
  }
  int deploy(const std::string& version, std::vector<std::string> more = {}) {
    return deploy(CrdTestFile{.version = version}, std::move(more));
  }

  // ---- What is there
  // -----------------------------------------------------------------------------

  sim::World& aws() { return line.simulated_aws->world(); }
  Json ask(const std::string& service, const std::string& operation, Json input) {
    sim::Reply reply = aws().call({}, service, operation, input);
    if (!reply) ADD_FAILURE() << operation << ": " << reply.error().message;
    return reply ? reply->parse() : Json(JsonObject{});
  }

  // The weighted records of a name, by SetIdentifier.
  std::map<std::string, CrdRecord> records(const std::string& name = "shop.example.com",
                                           const std::string& zone = "ZEXAMPLE") {
    std::map<std::string, CrdRecord> found;
    const Json answer =
        ask("route53", "ListResourceRecordSets", JsonObject{{"HostedZoneId", zone}});
    for (const Json& record : answer.at("ResourceRecordSets").as_array()) {
      if (string_or_empty(record, "Name") != name + ".") continue;
      if (find_int(record, "Weight") == std::nullopt) continue;
      CrdRecord& one = found[std::string(string_or_empty(record, "SetIdentifier"))];
      one.weight = static_cast<int>(*find_int(record, "Weight"));
      one.ttl = static_cast<int>(find_int(record, "TTL").value_or(0));
      one.target = string_or_empty(record.at("ResourceRecords").as_array().at(0), "Value");
    }
    return found;
  }
  std::map<std::string, int> weights(const std::string& name = "shop.example.com",
                                     const std::string& zone = "ZEXAMPLE") {
    std::map<std::string, int> all;
    for (const auto& [identifier, record] : records(name, zone)) all[identifier] = record.weight;
    return all;
  }
  std::map<std::string, std::string> stacks() {
    std::map<std::string, std::string> all;
    const Json answer = ask("cloudformation", "DescribeStacks", JsonObject{});
    if (const JsonArray* list = find_array(answer, "Stacks"))
      for (const Json& stack : *list)
        all[std::string(string_or_empty(stack, "StackName"))] =
            string_or_empty(stack, "StackStatus");
    return all;
  }
  std::vector<std::string> stack_names() {
    std::vector<std::string> names;
    for (const auto& [name, status] : stacks()) names.push_back(name);
    return names;
  }
  // Attribute to text; empty: there is no item.
  std::map<std::string, std::string> item() {
    std::map<std::string, std::string> all;
    const Json answer = ask("dynamodb", "GetItem",
                            JsonObject{{"TableName", "canary_release"},
                                       {"Key", JsonObject{{"id", JsonObject{{"S", item_key_}}}}}});
    if (const JsonObject* found = find_object(answer, "Item"))
      for (const auto& [name, value] : *found) all[name] = string_or_empty(value, "S");
    return all;
  }
  void put_item(const std::map<std::string, std::string>& attributes) {
    JsonObject item{{"id", JsonObject{{"S", item_key_}}}};
    for (const auto& [name, value] : attributes) item[name] = JsonObject{{"S", value}};
    ask("dynamodb", "PutItem", JsonObject{{"TableName", "canary_release"}, {"Item", item}});
  }
  std::vector<std::string> messages_to(const std::string& topic) {
    std::vector<std::string> bodies;
    for (const Json& message : aws().messages())
      if (string_or_empty(message, "TopicArn").ends_with(":" + topic))
        bodies.emplace_back(string_or_empty(message, "Message"));
    return bodies;
  }

  // ---- What was done
  // -----------------------------------------------------------------------------

  std::size_t count(const std::string& operation) const {
    return static_cast<std::size_t>(std::ranges::count(calls, operation, &CrdCall::operation));
  }
  // Green's weight in each change of records, in order; `green` is its SetIdentifier.
  std::vector<int> shifts(const std::string& green) const {
    std::vector<int> all;
    for (const CrdCall& call : calls) {
      if (call.operation != "ChangeResourceRecordSets") continue;
      const std::vector<std::string> sides = elements(call.request.body, "SetIdentifier");
      const std::vector<std::string> values = elements(call.request.body, "Weight");
      for (std::size_t i = 0; i < std::min(sides.size(), values.size()); ++i)
        if (sides[i] == green) {
          all.push_back(std::stoi(values[i]));
          break;
        }
    }
    return all;
  }
  std::size_t position(const std::string& operation, std::size_t from = 0) const {
    for (std::size_t i = from; i < calls.size(); ++i)
      if (calls[i].operation == operation) return i;
    ADD_FAILURE() << "nobody called " << operation;
    return calls.size();
  }
  void interrupt(int signal) { session_->signals().raise(signal); }

  CommandLine line;
  std::vector<CrdCall> calls;
  std::function<void(const CrdCall&)> on_call;
  Session* session_ = nullptr;
  std::string item_key_ =  // MD5 of public#web#stage#eu-west-3
      "9e9671fea5ecc4d3c5ada56df2f36817";
};

// Targets of the image fail from so long after the task runs.
inline std::string sick(const std::string& image, const std::string& from) {
  return fmt::format("images: [{{image: \"{}\", target_unhealthy_from: {}}}]\n", image, from);
}

// What ECS starts in the place of the sick ones is sick too, once the first have come up.
inline void stay_sick(CrdWorld& world, const std::string& image) {
  world.on_call = [&world, image, looks = 0](const CrdCall& call) mutable {
    if (call.operation != "DescribeTargetHealth" || ++looks != 5) return;
    sim::ImageBehaviour behaviour{.image = image};
    behaviour.target_unhealthy_from = Duration(0);
    world.aws().arrange(sim::SetImages{.behaviours = {behaviour}});
  };
}

// Sends the change batches of the commands in the text, as the AWS CLI would; how many there were.
inline int send_commands(CrdWorld& world, const std::string& text) {
  int commands = 0;
  const std::string marker = "--hosted-zone-id ";
  for (std::size_t at = text.find(marker); at != std::string::npos;
       at = text.find(marker, at + 1)) {
    const std::size_t zone = at + marker.size();
    const std::size_t open = text.find('\'', zone) + 1;
    const std::string batch = text.substr(open, text.find('\'', open) - open);
    world.ask("route53", "ChangeResourceRecordSets",
              JsonObject{{"HostedZoneId", text.substr(zone, text.find(' ', zone) - zone)},
                         {"ChangeBatch", parse_json(batch).value()}});
    ++commands;
  }
  return commands;
}

}  // namespace slipway::cli
