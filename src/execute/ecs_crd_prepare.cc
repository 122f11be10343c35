#include "execute/ecs_crd_prepare.h"

#include "aws/ecs.h"
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

// 32 hex digits, as a uuid has.
std::string new_deployment_id(Random& random) {
  std::string id;
  for (const char c : random.uuid())
    if (c != '-') id += c;
  return id;
}

std::string capitalised(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text;
}

std::vector<int> ports_of(const CrdFile& file) {
  std::vector<int> ports;
  for (const CrdListener& listener : file.listeners) ports.push_back(listener.port);
  return ports;
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

}  // namespace

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

// ---- Reading -----------------------------------------------------------------------------------

void CrdPreparation::note(CrdStep step, const Error& error) { note(before_decision_, step, error); }

void CrdPreparation::note(CrdFindings& findings, CrdStep step, const Error& error) {
  std::string message = error.message;
  if (!error.operation.empty()) message += fmt::format(" ({}: {})", error.operation, error.code);
  for (const std::string& doing : error.context) message += ", " + doing;
  findings.error(step, {}, std::move(message));
}

Result<void> CrdPreparation::begin() {
  CrdKnown& known = work_.known;
  const CrdOptions& options = work_.options;
  known.deployment_id = new_deployment_id(work_.context.runtime.random);
  const Result<CrdIdentity> identity = reader_.identity();
  if (!identity) return identity.error();
  known.account_id = identity->account_id;
  std::optional<std::string> external_ip;
  if (options.mentions_external_ip) {
    Result<std::string> found = reader_.external_ip();
    if (found)
      external_ip = std::move(*found);
    else
      before_decision_.error(
          CrdStep::kGlobals, {},
          "{{external_ip}} is used, and the address cannot be found out: " + found.error().message);
  }
  known.file = options.read_file(known.account_id, external_ip, before_decision_);
  const CrdFile& file = known.file;
  known.names = {.environment = options.environment,
                 .service = file.service.name.text,
                 .cluster = file.service.cluster.text,
                 .deployment_id = known.deployment_id};
  known.item_key = crd_item_key(file.canary.group.text, known.names.service, options.environment,
                                options.region);
  known.facts.environment = options.environment;
  known.facts.region = options.region;
  known.facts.account_id = known.account_id;
  known.facts.partition = identity->partition;
  known.facts.deployment_id = known.deployment_id;

  CrdRunFacts& told = work_.told;
  told.account = known.account_id;
  told.project = file.service.project.text;
  told.service = known.names.service;
  told.version = file.service.version;
  told.cluster = known.names.cluster;
  told.deployment_id = known.deployment_id;
  for (const CrdText& fqdn : file.service.fqdns) told.fqdns.push_back(fqdn.text);

  known.findings = before_decision_;
  if (known.names.service.empty() || file.canary.group.text.empty())
    return Error{.kind = ErrorKind::kInvalid,
                 .code = "crd.no-service",
                 .message = "the deployment file does not say which service it is about"};
  work_.state.emplace(work_.context, known.item_key, options.timings.state);
  TRY(known.has_table, work_.state->has_table());
  return {};
}

Result<void> CrdPreparation::read_pair() {
  CrdKnown& known = work_.known;
  const Result<std::vector<CrdVpc>> vpcs = reader_.vpcs();
  if (!vpcs) {
    note(CrdStep::kGlobals, vpcs.error());
    return {};
  }
  const std::optional<std::string> vpc =
      choose_vpc(known.file, work_.options.environment, *vpcs, before_decision_);
  if (!vpc) return {};
  known.vpc_id = *vpc;
  known.facts.vpc_id = *vpc;
  const Result<std::vector<CrdLoadBalancer>> all = reader_.load_balancers(*vpc);
  if (!all)
    note(CrdStep::kLoadBalancers, all.error());
  else
    known.pair = choose_pair(known.file, *vpc, *all, before_decision_);
  return {};
}

// What an interrupted release has made is deleted before anything new is, so it is in nobody's way.
void CrdPreparation::read_going_resources() {
  CrdKnown& known = work_.known;
  going_.clear();
  for (const auto* stacks : {&known.decision->leftovers, &known.decision->busy}) {
    for (const CrdStackFact& stack : *stacks) {
      const Result<std::vector<StackResource>> resources = work_.stacks.resources(stack.id);
      if (!resources) {
        note(known.findings, CrdStep::kLoadBalancers, resources.error());
        continue;
      }
      for (const StackResource& resource : *resources) going_.insert(resource.physical_id);
    }
  }
}

void CrdPreparation::read_listeners() {
  CrdKnown& known = work_.known;
  for (CrdSide& side : known.pair->sides) {
    Result<std::vector<CrdOpenListener>> found =
        reader_.listeners(side.load_balancer.arn, ports_of(known.file));
    if (found)
      side.load_balancer.listeners = std::move(*found);
    else
      note(known.findings, CrdStep::kListeners, found.error());
  }
  // Asked for second, so that nothing which a stack is making meanwhile is taken for another's.
  read_going_resources();
  for (CrdSide& side : known.pair->sides)
    side.load_balancer.listeners = without(std::move(side.load_balancer.listeners), going_);
  // The decision carries copies of the two sides.
  for (CrdSide* side : {&known.decision->green, &known.decision->blue})
    if (const CrdSide* now = known.pair->with_arn(side->load_balancer.arn)) *side = *now;
}

Result<void> CrdPreparation::read_zones() {
  CrdKnown& known = work_.known;
  if (!known.pair) return {};
  const bool is_internal = known.pair->sides[0].load_balancer.is_internal();
  Result<std::vector<CrdZone>> zones = reader_.zones(known.vpc_id, is_internal);
  if (!zones) {
    note(CrdStep::kGlobals, zones.error());
    return {};
  }
  known.zones = std::move(*zones);
  known.dns_names.clear();
  for (const CrdText& fqdn : known.file.service.fqdns)
    if (const std::optional<CrdZone> zone =
            choose_zone(known.file, fqdn, is_internal, known.vpc_id, known.zones, before_decision_))
      known.dns_names.push_back({.name = fqdn.text, .zone_id = zone->id});
  return {};
}

Result<void> CrdPreparation::read_cluster() {
  CrdKnown& known = work_.known;
  const CrdText& name = known.file.service.cluster;
  const Result<std::optional<CrdCluster>> cluster = reader_.cluster(name.text);
  if (!cluster) {
    note(CrdStep::kGlobals, cluster.error());
  } else if (!*cluster) {
    before_decision_.error(
        CrdStep::kGlobals, name.place,
        fmt::format("there is no active cluster {} in {}", quote(name.text), work_.options.region));
  } else {
    known.facts.cluster_arn = (*cluster)->arn;
    known.facts.active_container_instances = (*cluster)->container_instances;
  }
  return {};
}

Result<void> CrdPreparation::read_witnesses() {
  CrdKnown& known = work_.known;
  known.witnesses = {};
  if (known.has_table) {
    Result<std::optional<CrdStateItem>> item = work_.state->read();
    if (item)
      known.item = std::move(*item);
    else
      note(CrdStep::kLoadBalancers, item.error());
  }
  known.witnesses.item = witness_of(known.item);
  if (!known.pair) return {};
  Result<std::vector<CrdStackFact>> stacks = reader_.stacks(
      known.names, *known.pair, known.witnesses.item ? known.witnesses.item->stack_name : "");
  if (stacks)
    known.witnesses.stacks = std::move(*stacks);
  else
    note(CrdStep::kLoadBalancers, stacks.error());
  Result<CrdRecords> records = reader_.records(
      dns_pair_of(known, known.pair->sides[0], known.pair->sides[1], work_.options.timings));
  if (records) {
    known.witnesses.records = std::move(records->weighted);
    known.dns_objections = std::move(records->objections);
  } else {
    note(CrdStep::kGlobals, records.error());
  }
  if (!known.facts.cluster_arn.empty())
    known.witnesses.services = reader_.services(known.facts.cluster_arn, known.names, *known.pair);
  return {};
}

// ---- Deciding ----------------------------------------------------------------------------------

void CrdPreparation::decide() {
  CrdKnown& known = work_.known;
  known.findings = before_decision_;
  known.decision.reset();
  known.plan.reset();
  if (!known.pair) return;
  for (const std::string& objection : known.dns_objections)
    known.findings.error(CrdStep::kGlobals, {}, objection,
                         "remove that record, or take the name out of service.fqdn");
  CrdDecisionRules rules{.assume_live = {}, .replace_leftover = work_.options.replace_leftover};
  if (const std::string& wanted = work_.options.assume_live; !wanted.empty()) {
    for (const CrdSide& side : known.pair->sides)
      if (wanted == side.label_value || wanted == to_string(side.label))
        rules.assume_live = side.label;
    if (!rules.assume_live)
      known.findings.error(CrdStep::kWitnesses, {},
                           fmt::format("--assume-live {} is no label of the pair", quote(wanted)));
  }
  known.decision =
      decide_sides(known.file, known.names, *known.pair, known.witnesses, rules, known.findings);
  const CrdDecision& decision = *known.decision;
  CrdRunFacts& told = work_.told;
  told.green = decision.green.label_value;
  told.green_stack = known.names.stack(decision.green.label_value);
  told.blue = decision.blue.label_value;
  told.blue_stack = decision.blue_stack ? decision.blue_stack->name : "no release";
  known.steps = crd_traffic_steps(known.file.canary, decision.blue_is_live);
  for (CrdTrafficStep& step : known.steps)
    step.wait = std::max(step.wait, work_.options.timings.shortest_wait);
}

void CrdPreparation::make_plan() {
  CrdKnown& known = work_.known;
  known.plan.reset();
  if (!known.decision) return;
  known.plan = plan_ecs_crd(known.file, known.facts, *known.pair, *known.decision, known.findings);
}

// Whoever serves with twelve tasks is not relieved by four.
void CrdPreparation::size_up() {
  CrdKnown& known = work_.known;
  const CrdFile& file = known.file;
  known.size = file.canary.desired;
  if (known.decision && known.decision->blue_is_live && !file.service.is_daemon()) {
    const auto answer = work_.context.optional.call(
        aws::DescribeServices,
        {.cluster = known.facts.cluster_arn,
         .services = {known.names.ecs_service(known.decision->blue.label_value)},
         .include = {}},
        "the new release gets as many tasks as the file says, however many the old one has");
    if (answer && !answer->services.empty() && answer->services.front().status == "ACTIVE")
      known.size = std::max(known.size, answer->services.front().desiredCount);
  }
  if (const auto& scaling = file.service.auto_scaling)
    known.size = std::max(std::min(known.size, scaling->max_capacity), scaling->min_capacity);
}

Result<void> CrdPreparation::read_for_deploy() {
  CrdKnown& known = work_.known;
  TRY_VOID(read_pair());
  TRY_VOID(read_cluster());
  TRY_VOID(read_zones());
  const CrdQuestions questions = questions_of(known.file, known.account_id, work_.options.region);
  look_up(work_.context.runtime.fibers, reader_, questions, known.facts);
  if (questions.needs_certificates) {
    Result<std::vector<CrdCertificate>> found = reader_.certificates();
    if (found)
      known.facts.certificates = std::move(*found);
    else
      note(CrdStep::kListeners, found.error());
  }
  return look_again();
}

Result<void> CrdPreparation::look_again() {
  TRY_VOID(read_witnesses());
  decide();
  CrdKnown& known = work_.known;
  before_plan_ = known.findings;
  if (known.decision) {
    read_listeners();
    const std::string log_group = known.names.log_group();
    if (!known.decision->init_stack)
      known.facts.has_foreign_log_group =
          !going_.contains(log_group) && reader_.has_log_group(log_group);
    make_plan();
  }
  size_up();
  return {};
}

Result<void> CrdPreparation::plan_again() {
  CrdKnown& known = work_.known;
  known.findings = before_plan_;
  read_listeners();
  make_plan();
  return {};
}

Result<void> CrdPreparation::read_for_undeploy() {
  TRY_VOID(read_pair());
  TRY_VOID(read_zones());
  TRY_VOID(read_witnesses());
  // Whatever the file says of containers and listeners does not matter to what is taken away.
  work_.known.findings = {};
  for (const CrdFinding& finding : before_decision_.in_order()) {
    const bool matters = finding.step <= CrdStep::kWitnesses;
    if (!matters || finding.what.severity != Severity::kError) continue;
    work_.known.findings.error(finding.step, {.path = finding.what.path, .span = finding.what.span},
                               finding.what.message, finding.what.suggestion);
  }
  return {};
}

// ---- Telling -----------------------------------------------------------------------------------

void CrdPreparation::tell_values(CrdStep step) {
  const CrdKnown& known = work_.known;
  const CrdFile& file = known.file;
  CrdSay& say = work_.say;
  switch (step) {
    case CrdStep::kFile:
      return;
    case CrdStep::kGlobals:
      say.value("Deployment ID", known.deployment_id);
      // It is read once: whoever edits it meanwhile edits the next release.
      say.value("File", fmt::format("{} (SHA-256 {})", work_.options.file_name, file.digest));
      say.value("Account ID", known.account_id);
      say.value("Region", work_.options.region);
      say.value("Environment", work_.options.environment);
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
      if (work_.options.action == CrdCommand::kUndeploy) tell_remains();
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
                    name + "=" + (work_.options.verbose_values ? value : std::string("****")));
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

// What there is to take away; its records are looked at when they are.
void CrdPreparation::tell_remains() {
  const CrdKnown& known = work_.known;
  if (!known.pair) return;
  CrdFindings told_later;
  const CrdRemains remains =
      remains_of(known.file, known.names, *known.pair, known.witnesses, told_later);
  work_.say.value("Item",
                  known.witnesses.item ? known.witnesses.item->stack_name : std::string("nothing"));
  for (const CrdStackFact& stack : remains.releases)
    work_.say.value("Release", fmt::format("stack {} {}", stack.name, stack.status));
  if (remains.releases.empty()) work_.say.value("Release", "nothing");
  work_.say.value("Init Stack", remains.init_stack ? fmt::format("{} {}", remains.init_stack->name,
                                                                 remains.init_stack->status)
                                                   : std::string("nothing"));
}

// Where it is not clear which release serves, a person has to say: all that it takes for each.
void CrdPreparation::tell_ways_out() {
  const CrdKnown& known = work_.known;
  const DnsPair pair = dns_pair_of(known, work_.options.timings);
  for (const CrdLabel label : known.decision->may_serve) {
    const CrdSide& side = known.pair->of(label);
    const bool is_green = side.label_value == known.decision->green.label_value;
    work_.say.line(fmt::format("If {} is to serve:", in_words(side)));
    for (const std::string& command : commands_that_set(pair, is_green ? 100 : 0))
      work_.say.line("  " + command);
    work_.say.line(
        fmt::format("  then, after {}: ecs-crd deploy --assume-live {} --replace-leftover",
                    in_crd_time(work_.options.timings.ttl), to_string(label)));
  }
}

// Steps that need what could not be found out are not taken: nothing is known of them.
bool CrdPreparation::was_taken(CrdStep step) const {
  const CrdKnown& known = work_.known;
  switch (step) {
    case CrdStep::kFile:
      return false;  // it is told of when something is wrong
    case CrdStep::kLoadBalancers:
      return known.pair.has_value();
    case CrdStep::kWitnesses:
      return known.decision.has_value() || work_.options.action == CrdCommand::kUndeploy;
    case CrdStep::kInitStack:
    case CrdStep::kGreenStack:
      return known.plan.has_value();
    default:
      return true;
  }
}

bool CrdPreparation::tell(CrdStep last) {
  const CrdKnown& known = work_.known;
  const std::vector<CrdFinding> findings = known.findings.in_order();
  for (const CrdStep step : kSteps) {
    if (step > last) break;
    std::vector<const CrdFinding*> of_step;
    for (const CrdFinding& finding : findings)
      if (finding.step == step) of_step.push_back(&finding);
    if (of_step.empty() && !was_taken(step)) continue;
    work_.say.banner(capitalised(std::string(to_string(step))));
    tell_values(step);
    bool ok = true;
    for (const CrdFinding* finding : of_step) {
      const bool is_error = finding->what.severity == Severity::kError;
      ok = ok && !is_error;
      const std::string text = to_string(finding->what);
      if (is_error)
        work_.say.error(text);
      else
        work_.say.warning(text);
      if (is_error)
        work_.failures.add(exit_status_of(step), std::string(to_string(step)),
                           {.kind = ErrorKind::kInvalid,
                            .code = finding->what.code,
                            .message = in_one_line(finding->what)});
    }
    if (step == CrdStep::kWitnesses && known.decision) tell_ways_out();
    work_.say.step_result(ok);
  }
  if (known.decision && !known.findings.has_errors()) estimate_time();
  return !known.findings.has_errors();
}

void CrdPreparation::estimate_time() {
  const CrdKnown& known = work_.known;
  const CrdTimings& timings = work_.options.timings;
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
  work_.say.banner("Estimate");
  for (const CrdEstimate::Part& part : expected.parts)
    work_.say.value(capitalised(part.what), in_crd_time(part.time));
  work_.say.value("Total", in_crd_time(expected.total()));
  const TimePoint end = work_.clock().now() + expected.total();
  const std::optional<TimePoint>& last = work_.options.credentials_end;
  if (last && *last < end)
    work_.say.warning(fmt::format(
        "the credentials end at {}, and nobody renews them; the release is estimated to end at {}: "
        "get longer ones first, or it stops in the middle",
        to_iso8601(*last), to_iso8601(end)));
}

std::string CrdPreparation::plan_text() const {
  const CrdKnown& known = work_.known;
  JsonObject text{
      {"service", known.names.service},       {"environment", work_.options.environment},
      {"region", work_.options.region},       {"account", known.account_id},
      {"deployment_id", known.deployment_id}, {"file", work_.options.file_name},
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
    if (!work_.options.verbose_values) shown = with_masked_environment(std::move(shown));
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
