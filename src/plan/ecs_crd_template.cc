#include "plan/ecs_crd_template.h"

#include "plan/ecs_crd_build.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace slipway {
namespace crd {

Json ref_to(std::string_view name) { return JsonObject{{"Ref", name}}; }

Json get_att(std::string_view resource, std::string_view attribute) {
  return JsonObject{{"Fn::GetAtt", JsonArray{Json(resource), Json(attribute)}}};
}

Json texts(const std::vector<std::string>& texts) {
  JsonArray array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

Json number(double value) {
  constexpr double kLargest = 1e15;  // below it every whole double is that number
  if (std::floor(value) == value && std::abs(value) < kLargest)
    return Json(static_cast<std::int64_t>(value));
  return Json(value);
}

JsonArray tags(std::initializer_list<std::pair<std::string_view, Json>> pairs) {
  JsonArray array;
  for (const auto& [key, value] : pairs)
    array.emplace_back(JsonObject{{"Key", key}, {"Value", value}});
  return array;
}

JsonObject resource(std::string_view type, JsonObject properties) {
  return {{"Type", type}, {"Properties", std::move(properties)}};
}

JsonObject parameter(std::string_view value) { return {{"Type", "String"}, {"Default", value}}; }

}  // namespace crd

namespace {

using crd::Build;
using crd::parameter;
using crd::ref_to;
using crd::resource;

constexpr int kLogRetentionInDays = 7;

CrdStackPlan stack_plan(std::string name, std::string_view description, JsonObject parameters,
                        JsonObject resources, JsonObject outputs, CrdPairs tags) {
  JsonObject document{{"AWSTemplateFormatVersion", "2010-09-09"}, {"Description", description}};
  if (!parameters.empty()) document["Parameters"] = std::move(parameters);
  document["Resources"] = std::move(resources);
  if (!outputs.empty()) document["Outputs"] = std::move(outputs);
  return {std::move(name), to_text(Json(std::move(document))), std::move(tags)};
}

CrdPairs tags_of(const CrdFile& file, const CrdFacts& facts) {
  return {{"Project", file.service.project.text},
          {"Service", file.service.name.text},
          {"Environment", facts.environment},
          {"Version", file.service.version}};
}

// What makes a template long is nearly always the environment of one container.
std::string way_to_shorten(const CrdFile& file) {
  const CrdContainer* longest = nullptr;
  std::size_t bytes = 0;
  for (const CrdContainer& container : file.service.containers) {
    std::size_t of_this = 0;
    for (const auto& [name, value] : container.environment) of_this += name.size() + value.size();
    if (of_this <= bytes) continue;
    bytes = of_this;
    longest = &container;
  }
  if (longest == nullptr) return "shorten its longest parts, such as the rules of listeners";
  return fmt::format(
      "the environment of container {} has {} of them: put what is long into a parameter (secrets: "
      "[{{NAME: \"ssm:/PATH\"}}]) or into the image",
      longest->name, bytes);
}

void check_size(const CrdStackPlan& stack, const CrdFile& file, CrdFindings& findings) {
  if (stack.template_body.size() <= kMostTemplateBytes) return;
  findings.error(CrdStep::kGreenStack, {},
                 fmt::format("the template of stack {} has {} bytes, and CloudFormation takes {} "
                             "inline",
                             stack.name, stack.template_body.size(), kMostTemplateBytes),
                 way_to_shorten(file));
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
void check_log_group(const Build& build) {
  constexpr std::size_t kLongest = 512;
  const std::string name = build.names.log_group();
  if (name.size() > kLongest)
    build.findings.error(
        CrdStep::kInitStack, build.file.service.name.place,
        fmt::format("the log group of the service would have a name of {} characters, and "
                    "CloudWatch Logs takes {}",
                    name.size(), kLongest),
        "a shorter service.name, or a shorter name of the cluster");
}

// The log group outlives releases, so that the logs of one can be read when it is gone.
CrdStackPlan init_stack(const Build& build) {
  JsonObject parameters{{"ProjectName", parameter(build.file.service.project.text)},
                        {"ClusterName", parameter(build.names.cluster)},
                        {"ServiceName", parameter(build.names.service)},
                        {"Environment", parameter(build.facts.environment)}};
  parameters["RetentionInDays"] = JsonObject{{"Type", "Number"}, {"Default", kLogRetentionInDays}};
  const Json name =
      JsonObject{{"Fn::Join", JsonArray{"", JsonArray{"/aws/ecs/", ref_to("ClusterName"),
                                                      "/service/", ref_to("ServiceName")}}}};
  JsonObject log_group = resource("AWS::Logs::LogGroup",
                                  {{"LogGroupName", name},
                                   {"RetentionInDays", ref_to("RetentionInDays")},
                                   {"Tags", crd::tags({{"Project", ref_to("ProjectName")},
                                                       {"Service", ref_to("ServiceName")},
                                                       {"Environment", ref_to("Environment")}})}});
  JsonObject resources;
  resources["CloudWatchLogGroup"] = std::move(log_group);
  return stack_plan(
      build.names.init_stack(), fmt::format("What the releases of {} share", build.names.service),
      std::move(parameters), std::move(resources), {}, tags_of(build.file, build.facts));
}

JsonObject with_length(JsonObject parameter) {
  parameter["MinLength"] = 1;
  return parameter;
}

CrdStackPlan green_stack(Build& build) {
  const CrdSide& green = build.green();
  JsonObject parameters{
      {"ProjectName", parameter(build.file.service.project.text)},
      {"CanaryRelease", parameter(green.label_value)},
      {"Cluster", parameter(build.facts.cluster_arn)},
      {"ClusterName", parameter(build.names.cluster)},
      {"LoadBalancer", parameter(green.load_balancer.arn)},
      {"ServiceName", with_length(parameter(build.names.service))},
      {"Version", with_length(parameter(build.file.service.version))},
      {"Region", parameter(build.facts.region)},
      {"Environment", parameter(build.facts.environment)},
  };
  return stack_plan(build.names.stack(green.label_value),
                    fmt::format("{} {} behind {}", build.names.service, build.file.service.version,
                                green.load_balancer.name),
                    std::move(parameters), std::move(build.resources), std::move(build.outputs),
                    tags_of(build.file, build.facts));
}

CrdNames names_of(const CrdFile& file, const CrdFacts& facts) {
  return {.environment = facts.environment,
          .service = file.service.name.text,
          .cluster = file.service.cluster.text,
          .deployment_id = facts.deployment_id};
}

}  // namespace

CrdPlan plan_ecs_crd(const CrdFile& file, const CrdFacts& facts, const CrdPair& pair,
                     const CrdDecision& decision, CrdFindings& findings) {
  CrdPlan plan{.names = names_of(file, facts)};
  Build build{.file = file,
              .facts = facts,
              .pair = pair,
              .decision = decision,
              .names = plan.names,
              .findings = findings,
              .bindings = file.bindings()};
  build.ids = crd_logical_ids(build.bindings);

  crd::check_nodes(build);
  crd::check_images(build);
  const crd::Secrets secrets(build);
  crd::add_roles(build, secrets);
  crd::add_task_definition(build, secrets);
  crd::add_target_groups(build);
  crd::add_listeners(build);
  crd::add_service(build);
  crd::add_auto_scaling(build);

  if (!decision.init_stack && !facts.has_foreign_log_group) {
    plan.init = init_stack(build);
    check_log_group(build);
  }
  plan.shared_listeners = std::move(build.shared_listeners);
  plan.green = green_stack(build);
  check_size(plan.green, file, findings);
  for (std::size_t i = 0; i < build.bindings.size(); ++i)
    plan.target_groups.push_back(
        {build.bindings[i], fmt::format("TargetGroup{}Arn", build.ids[i])});
  return plan;
}

}  // namespace slipway
