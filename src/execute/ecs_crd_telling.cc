#include "execute/ecs_crd_telling.h"

#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

using std::chrono::seconds;

constexpr CrdStep kSteps[] = {
    CrdStep::kFile,         CrdStep::kGlobals,    CrdStep::kLoadBalancers, CrdStep::kWitnesses,
    CrdStep::kScale,        CrdStep::kContainers, CrdStep::kService,       CrdStep::kTaskDefinition,
    CrdStep::kTargetGroups, CrdStep::kListeners,  CrdStep::kIam,           CrdStep::kStrategy,
    CrdStep::kInitStack,    CrdStep::kGreenStack,
};

std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

// With its place: "stage.deploy.yml:4:20: canary.scale.desired: expected ...".
std::string in_one_line(const Diagnostic& what) {
  const std::string place =
      what.span.source == nullptr || what.span.line == 0
          ? std::string()
          : fmt::format("{}:{}:{}: ", what.span.source->name, what.span.line, what.span.column);
  return fmt::format("{}{}{}", place, what.path.empty() ? "" : what.path + ": ", what.message);
}

std::string in_words(const CrdSide& side) {
  return fmt::format("{} (label {}, CanaryRelease {})", side.load_balancer.name,
                     to_string(side.label), side.label_value);
}

// Environment values as "****", as CloudFormation's templates have them.
Json with_masked_environment(Json document) {
  if (JsonObject* object = document.if_object()) {
    for (auto& [key, value] : *object) {
      const bool is_environment = key == "Environment" && value.is_array();
      value = with_masked_environment(std::move(value));
      if (!is_environment) continue;
      for (Json& pair : value.as_array())
        if (JsonObject* one = pair.if_object())
          if (one->contains("Value")) (*one)["Value"] = "****";
    }
  } else if (JsonArray* array = document.if_array()) {
    for (Json& item : *array) item = with_masked_environment(std::move(item));
  }
  return document;
}

// What there is to take away; its records are looked at when they are.
void tell_remains(CrdWork& work) {
  const CrdKnown& known = work.known;
  if (!known.pair) return;
  CrdFindings told_later;
  const CrdRemains remains =
      remains_of(known.file, known.names, *known.pair, known.witnesses, told_later);
  work.say.value("Item",
                 known.witnesses.item ? known.witnesses.item->stack_name : std::string("nothing"));
  for (const CrdStackFact& stack : remains.releases)
    work.say.value("Release", fmt::format("stack {} {}", stack.name, stack.status));
  if (remains.releases.empty()) work.say.value("Release", "nothing");
  work.say.value("Init Stack", remains.init_stack ? fmt::format("{} {}", remains.init_stack->name,
                                                                remains.init_stack->status)
                                                  : std::string("nothing"));
}

void tell_values(CrdWork& work, CrdStep step) {
  const CrdKnown& known = work.known;
  const CrdFile& file = known.file;
  CrdSay& say = work.say;
  switch (step) {
    case CrdStep::kFile:
      return;
    case CrdStep::kGlobals:
      say.value("Deployment ID", known.deployment_id);
      // It is read once: whoever edits it meanwhile edits the next release.
      say.value("File", fmt::format("{} (SHA-256 {})", work.options.file_name, file.digest));
      say.value("Account ID", known.account_id);
      say.value("Region", work.options.region);
      say.value("Environment", work.options.environment);
      if (!file.service.project.text.empty()) say.value("Project", file.service.project.text);
      if (!file.service.name.text.empty()) say.value("Service", file.service.name.text);
      say.value("Version", file.service.version);
      if (!known.vpc_id.empty()) say.value("VPC ID", known.vpc_id);
      if (!known.facts.cluster_arn.empty()) say.value("Cluster", known.facts.cluster_arn);
      for (const DnsName& name : known.dns_names)
        say.value("FQDN", fmt::format("{} (zone {})", name.name, name.zone_id));
      return;
    case CrdStep::kLoadBalancers:
      if (!file.canary.group.text.empty()) say.value("Canary Group", file.canary.group.text);
      if (!known.pair) return;
      for (const CrdSide& side : known.pair->sides) {
        say.value("Load Balancer", in_words(side));
        say.value("  Dns", side.load_balancer.dns_name);
        say.value("  Arn", side.load_balancer.arn);
      }
      return;
    case CrdStep::kWitnesses:
      if (work.options.action == CrdCommand::kUndeploy) tell_remains(work);
      if (!known.decision) return;
      for (const std::string_view line : split(known.decision->witnesses, '\n'))
        if (!line.empty()) say.line(std::string(line));
      for (const std::string& one : known.decision->notes) say.line(one);
      say.value("Green", in_words(known.decision->green));
      say.value("Blue", known.decision->blue_is_live ? in_words(known.decision->blue)
                                                     : "no release serves");
      return;
    case CrdStep::kScale:
      say.value("Desired", std::to_string(file.canary.desired));
      if (known.decision && known.size != file.canary.desired)
        say.value("Tasks", fmt::format("{}, as many as the release that serves", known.size));
      say.value("Wait", in_crd_time(file.canary.scale_wait));
      return;
    case CrdStep::kContainers:
      for (const CrdContainer& container : file.service.containers) {
        say.value("Container", container.name);
        say.value("  Image", container.image.text);
        for (const auto& [name, value] : container.environment)
          say.value("  Environment",
                    name + "=" + (work.options.verbose_values ? value : std::string("****")));
        for (const CrdSecret& secret : container.secrets)
          say.value("  Secret", secret.name + " from " + secret.value_from);
      }
      return;
    case CrdStep::kService:
      if (known.decision)
        say.value("ECS Service", known.names.ecs_service(known.decision->green.label_value));
      say.value("Launch Type", file.service.launch_type);
      say.value("Scheduling Strategy", file.service.scheduling_strategy);
      if (const auto& scaling = file.service.auto_scaling)
        say.value("Auto Scaling",
                  fmt::format("{} to {} tasks, {}", scaling->min_capacity, scaling->max_capacity,
                              counted(scaling->policies.size(), "policy")));
      return;
    case CrdStep::kTaskDefinition:
      say.value("Family", known.names.family());
      say.value("Log Group", known.names.log_group());
      return;
    case CrdStep::kTargetGroups:
      for (const CrdContainerPort& binding : file.bindings())
        say.value("Target Group", "for " + to_string(binding));
      return;
    case CrdStep::kListeners:
      for (const CrdListener& listener : file.listeners) {
        say.value("Listener", fmt::format("{} {} to {}, {}", listener.protocol, listener.port,
                                          to_string(listener.container),
                                          counted(listener.rules.size(), "rule")));
        for (const CrdRule& rule : listener.rules)
          for (const CrdCondition& condition : rule.conditions)
            say.value("  " + condition.field, join(condition.values, ", "));
      }
      return;
    case CrdStep::kIam:
      for (const CrdPolicy& policy : file.service.task_role)
        say.value("Task Role", fmt::format("{} {} on {}", policy.effect, join(policy.actions, ", "),
                                           join(policy.resources, ", ")));
      for (const CrdPolicy& policy : file.service.task_execution_role)
        say.value("Execution Role",
                  fmt::format("{} {} on {}", policy.effect, join(policy.actions, ", "),
                              join(policy.resources, ", ")));
      return;
    case CrdStep::kStrategy:
      for (const CrdTrafficStep& one : known.steps)
        say.value("Weights", fmt::format("{} % Blue, {} % Green, then {}", 100 - one.weight_percent,
                                         one.weight_percent, in_crd_time(one.wait)));
      if (file.canary.on_success) say.value("On Success", file.canary.on_success->text);
      if (file.canary.on_fail) say.value("On Fail", file.canary.on_fail->text);
      return;
    case CrdStep::kInitStack:
      if (known.plan)
        say.value("Init Stack", known.plan->init ? known.plan->init->name + " (to be made)"
                                                 : known.names.init_stack() + " (there)");
      return;
    case CrdStep::kGreenStack:
      if (!known.plan) return;
      for (const CrdSharedListener& listener : known.plan->shared_listeners)
        say.value("Listener Stack", listener.stack.name);
      say.value("Green Stack", fmt::format("{}, {} bytes", known.plan->green.name,
                                           known.plan->green.template_body.size()));
      return;
  }
}

// Where it is not clear which release serves, a person has to say: all that it takes for each.
void tell_ways_out(CrdWork& work) {
  const CrdKnown& known = work.known;
  const DnsPair pair = dns_pair_of(known, work.options.timings);
  for (const CrdLabel label : known.decision->may_serve) {
    const CrdSide& side = known.pair->of(label);
    const bool is_green = side.label_value == known.decision->green.label_value;
    work.say.line(fmt::format("If {} is to serve:", in_words(side)));
    for (const std::string& command : commands_that_set(pair, is_green ? 100 : 0))
      work.say.line("  " + command);
    work.say.line(
        fmt::format("  then, after {}: ecs-crd deploy --assume-live {} --replace-leftover",
                    in_crd_time(work.options.timings.ttl), to_string(label)));
  }
}

// Steps that need what could not be found out are not taken: nothing is known of them.
bool was_taken(const CrdWork& work, CrdStep step) {
  const CrdKnown& known = work.known;
  switch (step) {
    case CrdStep::kFile:
      return false;  // it is told of when something is wrong
    case CrdStep::kLoadBalancers:
      return known.pair.has_value();
    case CrdStep::kWitnesses:
      return known.decision.has_value() || work.options.action == CrdCommand::kUndeploy;
    case CrdStep::kInitStack:
    case CrdStep::kGreenStack:
      return known.plan.has_value();
    default:
      return true;
  }
}

void tell_estimate(CrdWork& work) {
  const CrdKnown& known = work.known;
  const CrdTimings& timings = work.options.timings;
  const Duration check = timings.health.poll * (timings.health.good_in_a_row - 1);
  CrdPace pace;
  if (known.plan && known.plan->init) pace.init_stack = timings.usual_init_stack;
  pace.green_stack = timings.usual_green_stack;
  pace.health_check = std::chrono::duration_cast<seconds>(check);
  pace.weight_change = timings.usual_in_sync;
  if (known.decision->blue_is_live) {
    pace.grace = 2 * timings.ttl;
    for (const CrdTargetGroup& group : known.file.target_groups)
      pace.grace = std::max(pace.grace, group.deregistration_delay());
    pace.blue_deletion = timings.usual_deletion;
  }
  const CrdEstimate expected = estimate(known.file, known.steps, pace);
  work.say.banner("Estimate");
  for (const CrdEstimate::Part& part : expected.parts)
    work.say.value(capitalised(part.what), in_crd_time(part.time));
  work.say.value("Total", in_crd_time(expected.total()));
  const TimePoint end = work.clock().now() + expected.total();
  const std::optional<TimePoint>& last = work.options.credentials_end;
  if (last && *last < end)
    work.say.warning(fmt::format(
        "the credentials end at {}, and nobody renews them; the release is estimated to end at {}: "
        "get longer ones first, or it stops in the middle",
        to_iso8601(*last), to_iso8601(end)));
}

}  // namespace

bool tell_preparation(CrdWork& work, CrdStep last) {
  const CrdKnown& known = work.known;
  const std::vector<CrdFinding> findings = known.findings.in_order();
  for (const CrdStep step : kSteps) {
    if (step > last) break;
    std::vector<const CrdFinding*> of_step;
    for (const CrdFinding& finding : findings)
      if (finding.step == step) of_step.push_back(&finding);
    if (of_step.empty() && !was_taken(work, step)) continue;
    work.say.banner(capitalised(std::string(to_string(step))));
    tell_values(work, step);
    bool ok = true;
    for (const CrdFinding* finding : of_step) {
      const bool is_error = finding->what.severity == Severity::kError;
      ok = ok && !is_error;
      const std::string text = to_string(finding->what);
      if (is_error)
        work.say.error(text);
      else
        work.say.warning(text);
      if (is_error)
        work.failures.add(exit_status_of(step), std::string(to_string(step)),
                          {.kind = ErrorKind::kInvalid,
                           .code = finding->what.code,
                           .message = in_one_line(finding->what)});
    }
    if (step == CrdStep::kWitnesses && known.decision) tell_ways_out(work);
    work.say.step_result(ok);
  }
  if (known.decision && !known.findings.has_errors()) tell_estimate(work);
  return !known.findings.has_errors();
}

std::string plan_text(const CrdWork& work) {
  const CrdKnown& known = work.known;
  JsonObject text{{"service", known.names.service},       {"environment", work.options.environment},
                  {"region", work.options.region},        {"account", known.account_id},
                  {"deployment_id", known.deployment_id}, {"file", work.options.file_name},
                  {"file_sha256", known.file.digest},     {"item", known.item_key}};
  if (known.decision) {
    text["green"] = known.decision->green.label_value;
    text["blue"] = known.decision->blue.label_value;
    text["blue_is_live"] = known.decision->blue_is_live;
  }
  text["tasks"] = known.size;
  JsonArray steps;
  for (const CrdTrafficStep& step : known.steps)
    steps.push_back(
        JsonObject{{"green_percent", step.weight_percent}, {"wait_seconds", step.wait.count()}});
  text["steps"] = std::move(steps);
  if (known.file.canary.on_success) text["on_success"] = known.file.canary.on_success->text;
  if (known.file.canary.on_fail) text["on_fail"] = known.file.canary.on_fail->text;
  JsonArray stacks;
  const auto add = [&](const CrdStackPlan& stack) {
    const Result<Json> document = parse_json(stack.template_body);
    Json shown = document ? *document : Json(stack.template_body);
    if (!work.options.verbose_values) shown = with_masked_environment(std::move(shown));
    stacks.push_back(JsonObject{{"name", stack.name}, {"template", std::move(shown)}});
  };
  if (known.plan) {
    if (known.plan->init) add(*known.plan->init);
    for (const CrdSharedListener& listener : known.plan->shared_listeners) add(listener.stack);
    add(known.plan->green);
  }
  text["stacks"] = std::move(stacks);
  return to_pretty_text(Json(std::move(text))) + "\n";
}

}  // namespace slipway
