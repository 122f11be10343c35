#include "execute/ecs_crd_release.h"

#include "aws/ecs.h"
#include "aws/elbv2.h"
#include "base/text.h"
#include "execute/ecs_crd_grace.h"
#include "execute/patience.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace slipway {
namespace {

namespace elbv2 = aws::elbv2;
using std::chrono::seconds;

constexpr Duration kPatience = std::chrono::minutes(1);
constexpr int kMostPriorityTries = 3;

// ELBv2's words when two releases chose the same number at the same time.
bool is_priority_taken(const Error& error) {
  return error.message.find("PriorityInUse") != std::string::npos ||
         (error.message.find("riority '") != std::string::npos &&
          error.message.find("in use") != std::string::npos);
}

bool is_taken_already(const Error& error) { return error.code == "AlreadyExistsException"; }

}  // namespace

Result<void> CrdRelease::fail(int status, const std::string& step, Result<void> result) {
  if (!result && result.error().kind != ErrorKind::kCancelled) {
    if (result.error().code == "lock.lost") {
      is_lost_ = true;
      status = kCrdLocked;
    }
    work_.failures.add(status, step, result.error());
    work_.say.error(to_string(result.error()));
  }
  work_.say.step_result(result.has_value());
  return result;
}

Result<void> CrdRelease::need(int status, const std::string& step, Result<void> result) {
  return result ? result : fail(status, step, std::move(result));
}

Result<void> CrdRelease::phase(const std::string& name) {
  work_.say.debug("phase : " + name);
  return work_.state->write([&](CrdStateItem& item) { item.set("phase", name); });
}

std::string CrdRelease::weights_in_words(int green_percent) const {
  const CrdDecision& decision = *work_.known.decision;
  return fmt::format("Blue ({}) {} / Green ({}) {}", decision.blue.label_value, 100 - green_percent,
                     decision.green.label_value, green_percent);
}

// ---- Forward -----------------------------------------------------------------------------------

void CrdRelease::run() {
  dns_.emplace(work_.context, Subject{}, dns_pair_of(work_.known, work_.options.timings),
               work_.options.timings.dns);
  const Result<void> forward_result = work_.scope.run([&] { return forward(); });
  if (!forward_result) {
    go_back(forward_result.error());
    return;
  }
  // From here on everything is served by the new release: there is no way back any more, only the
  // end, and nothing calls that off.
  work_.told.finished = true;
  if (!remember()) return;
  delete_blue();
  forget_dropped_names();
}

Result<void> CrdRelease::forward() {
  TRY_VOID(clear_the_way());
  TRY_VOID(create_init());
  TRY_VOID(create_listeners());
  TRY_VOID(create_green());
  TRY_VOID(scale_up());
  TRY_VOID(first_health());
  for (const CrdTrafficStep& step : work_.known.steps) TRY_VOID(move_traffic(step));
  return {};
}

Result<void> CrdRelease::clear_the_way() {
  CrdDecision& decision = *work_.known.decision;
  if (decision.leftovers.empty()) return {};
  work_.say.banner("Delete what an earlier release left");
  for (const CrdStackFact& leftover : decision.leftovers) {
    work_.say.value("Stack", leftover.name);
    TRY(const std::string forbidden, foreign_rules_on(work_, leftover.id));
    if (!forbidden.empty())
      return fail(
          kCrdDelete, "delete left-over",
          Error{.kind = ErrorKind::kConflict, .code = "stack.in-use", .message = forbidden});
    const Result<void> deleted = work_.stacks.remove(leftover.id);
    if (!deleted) return fail(kCrdDelete, "delete left-over", deleted);
  }
  decision.leftovers.clear();
  work_.say.step_result(true);
  return {};
}

Result<void> CrdRelease::create(const CrdStackPlan& plan, LiveStack* created) {
  TRY_VOID(work_.state->assert_locked());
  NewStack wanted{.name = plan.name,
                  .template_body = plan.template_body,
                  .tags = {plan.tags.begin(), plan.tags.end()},
                  .token = work_.context.runtime.random.uuid()};
  TRY(LiveStack stack, work_.stacks.create(wanted));
  if (created != nullptr) *created = std::move(stack);
  return {};
}

Result<void> CrdRelease::create_init() {
  const std::optional<CrdStackPlan>& init = work_.known.plan->init;
  work_.say.banner("Create the Init stack");
  if (!init) {
    work_.say.value("Stack", work_.known.names.init_stack() + " is there");
    work_.say.step_result(true);
    return {};
  }
  work_.say.value("Stack", init->name);
  TRY_VOID(need(kCrdInitStack, "Init stack", phase("creating the Init stack")));
  return fail(kCrdInitStack, "Init stack", create(*init, nullptr));
}

// Listeners that several services use belong to none of them: they are made once, on both load
// balancers, and stay.
Result<void> CrdRelease::create_listeners() {
  if (work_.known.plan->shared_listeners.empty()) return {};
  work_.say.banner("Create shared listeners");
  for (const CrdSharedListener& listener : work_.known.plan->shared_listeners) {
    work_.say.value("Stack", listener.stack.name);
    Result<void> created = create(listener.stack, nullptr);
    // Another service's run may have been faster.
    if (!created && is_taken_already(created.error())) {
      const auto settled = work_.stacks.settle(listener.stack.name);
      created = settled ? Result<void>() : Result<void>(settled.error());
    }
    if (!created) return fail(kCrdGreenStack, "shared listeners", created);
  }
  return fail(kCrdGreenStack, "shared listeners", preparation_.plan_again());
}

Result<void> CrdRelease::create_green() {
  work_.say.banner("Create the Green stack");
  TRY_VOID(need(kCrdGreenStack, "Green stack", phase("creating the Green stack")));
  green_was_begun_ = true;
  LiveStack green;
  Result<void> created;
  for (int tries = 1; tries <= kMostPriorityTries; ++tries) {
    work_.say.value("Stack", work_.known.plan->green.name);
    created = create(work_.known.plan->green, &green);
    if (created || !is_priority_taken(created.error())) break;
    work_.say.line("Somebody took a rule's priority meanwhile; trying with the next ones");
    TRY_VOID(preparation_.plan_again());
  }
  if (!created) return fail(kCrdGreenStack, "Green stack", created);
  green_id_ = green.StackId;
  service_arn_ = output_of(green, "ServiceArn");
  for (const CrdPlan::TargetGroup& group : work_.known.plan->target_groups)
    target_groups_.push_back(output_of(green, group.output));
  std::erase(target_groups_, "");
  work_.say.debug("ServiceArn : " + service_arn_);
  for (const std::string& arn : target_groups_) work_.say.debug("TargetGroupArn : " + arn);
  return fail(kCrdGreenStack, "Green stack", {});
}

Result<void> CrdRelease::scale_up() {
  const CrdKnown& known = work_.known;
  work_.say.banner("Scale up");
  scaled_at_ = work_.clock().now();
  health_.emplace(work_.context, work_.say,
                  CrdGreen{.target_groups = target_groups_,
                           .cluster = known.facts.cluster_arn,
                           .service = known.names.ecs_service(known.decision->green.label_value),
                           .wanted = known.size,
                           .is_daemon = known.file.service.is_daemon()},
                  work_.options.timings.health);
  if (known.file.service.is_daemon()) {
    work_.say.line("A DAEMON service has a task on each instance by itself");
    return fail(kCrdScaleUp, "scale up", {});
  }
  work_.say.value("Tasks", std::to_string(known.size));
  TRY_VOID(need(kCrdScaleUp, "scale up", phase("scaling up")));
  aws::UpdateServiceRequest request;
  request.cluster = known.facts.cluster_arn;
  request.service = service_arn_;
  request.desiredCount = known.size;
  request.forceNewDeployment = true;
  if (known.size > 1)
    request.deploymentConfiguration = aws::DeploymentConfiguration{
        .maximumPercent = 100 * known.size, .minimumHealthyPercent = 100};
  TRY_VOID(work_.context.events.announce({}, "ecs:UpdateService", to_json(aws::ref(request))));
  // Asked for twice it is a second deployment of the same: an answer may be lost.
  const auto updated = patiently(work_.clock(), kPatience, [&] {
    return work_.context.clients.call(aws::UpdateService, request);
  });
  return fail(kCrdScaleUp, "scale up", updated ? Result<void>() : Result<void>(updated.error()));
}

Result<void> CrdRelease::first_health() {
  work_.say.banner("Check the health of Green");
  const CrdTimings& timings = work_.options.timings;
  const Duration wait = work_.known.file.canary.scale_wait;
  const Duration usual = std::max<Duration>(wait + timings.start_up_after_scale, timings.start_up);
  const Duration limit =
      work_.known.file.canary.start_limit.value_or(std::chrono::duration_cast<seconds>(usual));
  return fail(kCrdHealth, "health",
              health_->wait_until_started(scaled_at_ + wait, scaled_at_ + limit));
}

Result<void> CrdRelease::move_traffic(const CrdTrafficStep& step) {
  work_.say.banner("Change the weights");
  work_.say.value("Weights", weights_in_words(step.weight_percent));
  TRY_VOID(
      need(kCrdWeights, "weights", phase(fmt::format("shifting to {} %", step.weight_percent))));
  if (!weights_were_moved_) TRY_VOID(need(kCrdWeights, "weights", dns_->may_set()));
  const int before = weights_were_moved_ ? shown_percent_ : 0;
  weights_were_moved_ = true;
  TRY_VOID(fail(kCrdWeights, "weights",
                with_ticks(work_.context.runtime.fibers, work_.say, "Waiting for Route 53",
                           [&] { return dns_->set(step.weight_percent); })));
  shown_percent_ = step.weight_percent;
  work_.told.weights = weights_in_words(step.weight_percent);
  work_.context.events.say({}, TrafficShifted{.mover = "dns",
                                              .what = join(work_.told.fqdns, ", "),
                                              .new_side = work_.told.green_stack,
                                              .from = before,
                                              .to = step.weight_percent});
  const TimePoint in_force = work_.clock().now();
  work_.say.debug("in force at " + to_iso8601(in_force));
  if (step.weight_percent == 100) all_moved_at_ = in_force;
  work_.say.banner("Wait and check the health of Green");
  work_.say.value("Wait", in_crd_time(step.wait));
  return fail(kCrdHealth, "health", health_->watch(in_force + step.wait));
}

// ---- The end -----------------------------------------------------------------------------------

// The item is what the next release goes by. At 100 percent a failure here is no reason to go back.
bool CrdRelease::remember() {
  const CrdKnown& known = work_.known;
  work_.say.banner("Write the state item");
  const auto change = [&](CrdStateItem& item) {
    item.set("id", known.item_key);
    item.set("canary_group", known.file.canary.group.text);
    item.set("service_name", known.names.service);
    item.set("service_version", known.file.service.version);
    item.set("environment", known.names.environment);
    item.set("project", known.file.service.project.text);
    item.set("region", work_.options.region);
    item.set("canary_release", known.decision->green.label_value);
    item.set("alb_arn", known.decision->green.load_balancer.arn);
    item.set("stack_name", known.plan->green.name);
    item.set("deploy_at", to_iso8601(work_.clock().now()));
    item.set("ecs_crd_version", "1.2.0");
    item.set("deployment_id", known.deployment_id);
    item.set("fqdns", join(work_.told.fqdns, ","));
    item.set("phase", "serving");
  };
  const Patience patience{.until = work_.clock().now() + work_.options.timings.state_patience,
                          .first_back_off = seconds(1),
                          .longest_back_off = seconds(15),
                          .with_anything = true};
  const Result<void> written = patiently(work_.clock(), patience, [&]() -> Result<void> {
    Result<void> once = work_.state->write(change);
    if (!once && once.error().code == "lock.lost") is_lost_ = true;
    return is_lost_ ? Result<void>() : once;
  });
  if (is_lost_)
    return fail(kCrdLocked, "state item",
                Error{.kind = ErrorKind::kConflict,
                      .code = "lock.lost",
                      .message = "another run has taken the lock of this service. All traffic goes "
                                 "to " +
                                 weights_in_words(100) +
                                 "; the item and the old release are as they were"})
        .has_value();
  if (!written)
    return fail(kCrdStateItem, "state item",
                Error{.kind = ErrorKind::kFailed,
                      .code = "crd.item-not-written",
                      .message = fmt::format(
                          "{}. The new release has all traffic and stays, and so does the old one. "
                          "To finish: `ecs-crd deploy --assume-live {} --replace-leftover`",
                          to_string(written.error()), known.decision->green.label_value)})
        .has_value();
  return fail(kCrdStateItem, "state item", {}).has_value();
}

void CrdRelease::delete_blue() {
  const std::optional<CrdStackFact>& blue = work_.known.decision->blue_stack;
  work_.say.banner("Delete the Blue stack");
  if (!blue) {
    work_.say.line("There is nothing to delete");
    work_.say.step_result(true);
    return;
  }
  work_.say.value("Stack", blue->name);
  const Result<void> deleted = [&]() -> Result<void> {
    CrdGrace grace(work_, blue->id, work_.known.decision->blue.load_balancer.arn);
    TRY_VOID(grace.wait_until_nobody_comes(all_moved_at_, target_groups_,
                                           work_.known.decision->green.load_balancer.arn));
    TRY_VOID(work_.state->assert_locked());
    TRY(const std::string forbidden, foreign_rules_on(work_, blue->id));
    if (!forbidden.empty())
      return Error{.kind = ErrorKind::kConflict, .code = "stack.in-use", .message = forbidden};
    return work_.stacks.remove(blue->id);
  }();
  if (deleted) {
    (void)fail(kCrdDelete, "delete Blue", {});
    return;
  }
  Error error = deleted.error();
  error.message += fmt::format(
      ". The new release serves; the old one has no traffic and stays: delete stack {} when you "
      "have removed what is in the way",
      blue->name);
  (void)fail(kCrdDelete, "delete Blue", error);
}

void CrdRelease::forget_dropped_names() {
  if (!work_.known.item || is_lost_) return;
  DnsPair dropped = dns_->pair();
  dropped.names.clear();
  const bool is_internal = work_.known.pair->sides[0].load_balancer.is_internal();
  for (const std::string& name : work_.known.item->fqdns()) {
    if (std::ranges::any_of(work_.told.fqdns, [&](const std::string& kept) {
          return normal_dns_name(kept) == normal_dns_name(name);
        }))
      continue;
    CrdFindings unused;
    if (const auto zone = choose_zone(work_.known.file, {.text = name, .place = {}}, is_internal,
                                      work_.known.vpc_id, work_.known.zones, unused))
      dropped.names.push_back({.name = name, .zone_id = zone->id});
  }
  if (dropped.names.empty()) return;
  work_.say.banner("Remove the records of names that are no longer in the file");
  for (const DnsName& name : dropped.names) work_.say.value("Name", name.name);
  DnsWeights old_names(work_.context, {}, dropped, work_.options.timings.dns);
  const Result<void> removed = old_names.remove();
  if (!removed) work_.say.warning("they are still there: " + to_string(removed.error()));
  work_.say.step_result(removed.has_value());
}

// ---- The way back ------------------------------------------------------------------------------

std::vector<std::string> CrdRelease::commands_that_go_back() {
  if (work_.known.decision->blue_is_live) return commands_that_set(dns_->pair(), 0);
  const Result<std::vector<DnsRecords>> records = dns_->read();
  if (records) return commands_that_remove(*records, dns_->pair());
  return {fmt::format("delete the weighted records {} and {} of {}",
                      dns_->pair().old_side.set_identifier, dns_->pair().new_side.set_identifier,
                      join(work_.told.fqdns, ", "))};
}

bool CrdRelease::restore_weights() {
  const CrdDecision& decision = *work_.known.decision;
  work_.say.banner(decision.blue_is_live ? "Give all traffic back to Blue"
                                         : "Remove the records of this release");
  const Result<void> restored =
      with_ticks(work_.context.runtime.fibers, work_.say, "Waiting for Route 53",
                 [&] { return decision.blue_is_live ? dns_->restore(0) : dns_->remove(); });
  if (restored) {
    work_.told.weights = decision.blue_is_live ? weights_in_words(0) : "no records";
    work_.say.value("Weights", work_.told.weights);
    work_.context.events.say({}, TrafficShifted{.mover = "dns",
                                                .what = join(work_.told.fqdns, ", "),
                                                .new_side = work_.told.green_stack,
                                                .from = shown_percent_,
                                                .to = 0,
                                                .undo = true});
    return fail(kCrdRestore, "restore the weights", {}).has_value();
  }
  Error error = restored.error();
  error.message = fmt::format(
      "the weights could not be restored, so both releases stay as they are: {}", error.message);
  (void)fail(kCrdRestore, "restore the weights", error);
  work_.told.weights = "not known";
  work_.say.line("To finish by hand:");
  for (const std::string& command : commands_that_go_back()) work_.say.line(command);
  if (work_.known.plan)
    work_.say.line("then, when the deregistration delay has passed, delete stack " +
                   work_.known.plan->green.name);
  return false;
}

bool CrdRelease::delete_green() {
  const std::string& name = work_.known.plan->green.name;
  work_.say.banner("Delete the Green stack");
  work_.say.value("Stack", name);
  const Result<void> deleted = [&]() -> Result<void> {
    const std::string& stack = green_id_.empty() ? name : green_id_;
    TRY(const std::string forbidden, foreign_rules_on(work_, stack));
    if (!forbidden.empty())
      return Error{.kind = ErrorKind::kConflict, .code = "stack.in-use", .message = forbidden};
    return work_.stacks.remove(stack);
  }();
  if (deleted) return fail(kCrdDelete, "delete Green", {}).has_value();
  Error error = deleted.error();
  error.message += fmt::format(
      ". It has no traffic and stays: when what is in the way is gone, `ecs-crd deploy "
      "--replace-leftover` deletes stack {} first",
      name);
  return fail(kCrdDelete, "delete Green", error).has_value();
}

void CrdRelease::go_back(const Error& because) {
  if (because.kind != ErrorKind::kCancelled && work_.failures.empty())
    work_.failures.add(kCrdGreenStack, "release", because);
  if (work_.scope.is_called_off() && work_.signal.empty()) {
    is_lost_ = true;
    if (work_.failures.empty())
      work_.failures.add(kCrdLocked, "lock",
                         {.kind = ErrorKind::kConflict,
                          .code = "lock.lost",
                          .message = "another run has taken the lock of this service"});
  }
  if (is_lost_) {
    work_.say.error(
        "The lock is another run's now: nothing is changed any more. Stack " +
        work_.known.plan->green.name + (green_was_begun_ ? " may be there" : " was not begun") +
        "; weights: " + (work_.told.weights.empty() ? "as they were" : work_.told.weights) +
        ". When that run has ended, `ecs-crd dry-run` shows what is there and what to do about it");
    return;
  }
  if (weights_were_moved_) {
    const Result<void> still_ours = work_.state->assert_locked();
    if (!still_ours && still_ours.error().code == "lock.lost") {
      (void)fail(kCrdLocked, "lock", still_ours);
      return;
    }
    if (!restore_weights()) return;
    // Whoever was sent to Green goes there as long as his resolver remembers.
    const std::string& green = green_id_.empty() ? work_.known.plan->green.name : green_id_;
    CrdGrace grace(work_, green, work_.known.decision->green.load_balancer.arn);
    const seconds drain = std::max(work_.options.timings.ttl, grace.deregistration_delay());
    work_.say.value("Green is kept", in_crd_time(drain));
    (void)sleep_with_ticks(work_.clock(), work_.say, work_.clock().now() + drain, "Green is kept");
  }
  if (green_was_begun_) delete_green();
}

// ------------------------------------------------------------------------------------------------

// A listener that this service made and others put rules on dies with the stack, and they with it.
Result<std::string> foreign_rules_on(CrdWork& work, const std::string& stack) {
  TRY(const std::optional<LiveStack> live, work.stacks.find(stack));
  if (!live || live->StackStatus == "DELETE_COMPLETE") return std::string();
  TRY(const std::vector<StackResource> resources, work.stacks.resources(live->StackId));
  std::set<std::string> ours;
  for (const StackResource& resource : resources) ours.insert(resource.physical_id);
  for (const StackResource& resource : resources) {
    if (resource.type != "AWS::ElasticLoadBalancingV2::Listener" || resource.physical_id.empty() ||
        resource.status == "DELETE_COMPLETE")
      continue;
    elbv2::DescribeRulesInput request;
    request.ListenerArn = resource.physical_id;
    std::vector<std::string> foreign;
    do {
      const auto page = patiently(work.clock(), kPatience, [&] {
        return work.context.clients.call(elbv2::DescribeRules, request);
      });
      if (!page && page.error().code.find("ListenerNotFound") != std::string::npos) break;
      if (!page) return page.error();
      for (const elbv2::Rule& rule : page->Rules)
        if (rule.Priority != "default" && !ours.contains(rule.RuleArn))
          foreign.push_back(rule.RuleArn);
      request.Marker = page->NextMarker;
    } while (!request.Marker.empty());
    if (!foreign.empty())
      return fmt::format(
          "stack {} owns listener {}, and others have put {} on it that would go "
          "with it: {}",
          live->StackName, resource.physical_id, counted(foreign.size(), "rule"),
          join(foreign, ", "));
  }
  return std::string();
}

}  // namespace slipway
