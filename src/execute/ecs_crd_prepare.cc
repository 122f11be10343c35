#include "execute/ecs_crd_prepare.h"

#include "aws/ecs.h"
#include "base/text.h"
#include "execute/ask_if_allowed.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

// 32 hex digits, as a uuid has.
std::string new_deployment_id(Random& random) {
  std::string id;
  for (const char c : random.uuid())
    if (c != '-') id += c;
  return id;
}

std::vector<int> ports_of(const CrdFile& file) {
  std::vector<int> ports;
  for (const CrdListener& listener : file.listeners) ports.push_back(listener.port);
  return ports;
}

// Where a load balancer of the pair was given another label its records are not to be removed: it
// is they that serve.
std::string remedy_for(const std::string& objection, const CrdKnown& known) {
  for (const CrdRecordFact& record : known.witnesses.records) {
    const CrdSide* side = known.pair->with_dns_name(record.target);
    const bool is_meant =
        objection.find("SetIdentifier " + quote(record.set_identifier)) != std::string::npos;
    if (is_meant && side != nullptr && side->label_value != record.set_identifier)
      return fmt::format(
          "load balancer {} was tagged CanaryRelease={} when that record was made, and is tagged "
          "{} now: give it that tag back",
          side->load_balancer.name, record.set_identifier, side->label_value);
  }
  return "remove that record, or take the name out of service.fqdn";
}

}  // namespace

// ---- Reading -----------------------------------------------------------------------------------

void CrdPreparation::note(CrdStep step, const Error& error) { note(before_decision_, step, error); }

void CrdPreparation::note(CrdFindings& findings, CrdStep step, const Error& error) {
  if (error.kind == ErrorKind::kCancelled) return;  // by a person, who knows
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
  for (const CrdSide& side : known.pair->sides)
    for (const CrdOpenListener& listener : side.load_balancer.listeners)
      work_.say.debug(fmt::format("{} listens on {} {}, {}", side.load_balancer.name,
                                  listener.protocol, listener.port,
                                  counted(listener.rules.size(), "rule")));
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
  if (known.facts.cluster_arn.empty()) return {};
  auto services = reader_.services(known.facts.cluster_arn, known.names, *known.pair);
  if (!services)
    note(CrdStep::kLoadBalancers, services.error());
  else if (*services)
    known.witnesses.services = std::move(**services);
  else
    known.witnesses.has_services = false;
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
    known.findings.error(CrdStep::kGlobals, {}, objection, remedy_for(objection, known));
  CrdDecisionRules rules{.assume_live = {}, .replace_leftover = work_.options.replace_leftover};
  if (const std::string& wanted = work_.options.assume_live; !wanted.empty()) {
    std::vector<std::string> labels;
    for (const CrdSide& side : known.pair->sides) {
      labels.push_back(fmt::format("{} ({})", to_string(side.label), side.label_value));
      if (wanted == side.label_value || wanted == to_string(side.label))
        rules.assume_live = side.label;
    }
    if (!rules.assume_live)
      known.findings.error(CrdStep::kWitnesses, {},
                           fmt::format("--assume-live {} is no label of the pair: those are {}",
                                       quote(wanted), join(labels, ", ")));
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
    const auto answer = ask_if_allowed(
        work_.context, aws::DescribeServices,
        {.cluster = known.facts.cluster_arn,
         .services = {known.names.ecs_service(known.decision->blue.label_value)},
         .include = {}},
        "the new release gets as many tasks as the file says, however many the old one has");
    if (!answer) {
      note(known.findings, CrdStep::kScale, answer.error());
    } else if (*answer && !(*answer)->services.empty() &&
               (*answer)->services.front().status == "ACTIVE") {
      const int of_blue = (*answer)->services.front().desiredCount;
      work_.say.debug(
          fmt::format("Blue wants {}", counted(static_cast<std::size_t>(of_blue), "task")));
      known.size = std::max(known.size, of_blue);
    }
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

}  // namespace slipway
