#include "execute/ecs_crd_undeploy.h"

#include "base/text.h"
#include "execute/ecs_crd_release.h"

#include <algorithm>

namespace slipway {
namespace {

class Undeploy {
 public:
  explicit Undeploy(CrdWork& work) : work_(work) {}

  void run() {
    CrdKnown& known = work_.known;
    CrdFindings findings;
    remains_ = remains_of(known.file, known.names, *known.pair, known.witnesses, findings);
    for (const CrdFinding& finding : findings.in_order()) {
      if (finding.what.severity != Severity::kError) continue;
      work_.failures.add(
          exit_status_of(finding.step), "stacks",
          {.kind = ErrorKind::kConflict, .code = {}, .message = finding.what.message});
      work_.say.error(finding.what.message);
    }
    if (!work_.failures.empty()) return;
    Result<void> done = work_.scope.run([&]() -> Result<void> {
      TRY_VOID(remove_records());
      TRY_VOID(delete_releases());
      return delete_init();
    });
    // Nothing is left that the item could be about, so nothing calls this off.
    if (done) done = forget();
    work_.told.finished = done.has_value();
    if (done && was_nothing_there())
      work_.say.line("Nothing of this service was there, so nothing was changed");
    if (!done && done.error().kind == ErrorKind::kCancelled)
      work_.say.error("undeploying was called off; run it again to finish");
    else if (!done)
      work_.say.line(
          "What is gone is gone: when what is in the way is out of it, run undeploy again to "
          "finish");
  }

 private:
  bool was_nothing_there() const {
    return !had_records_ && remains_.releases.empty() && !remains_.init_stack &&
           !work_.known.witnesses.item;
  }

  Result<void> fail(const std::string& step, Result<void> result, int status = kCrdDelete) {
    if (!result && result.error().kind != ErrorKind::kCancelled) {
      if (result.error().code == "lock.lost") status = kCrdLocked;
      work_.failures.add(status, step, result.error());
      work_.say.error(to_string(result.error()));
    }
    work_.say.step_result(result.has_value());
    return result;
  }

  Result<void> assert_locked() {
    if (!work_.state->is_locked()) return {};
    return work_.state->assert_locked();
  }

  // The file's names, and those that the last release had.
  std::vector<DnsName> names() const {
    std::vector<DnsName> all = work_.known.dns_names;
    if (!work_.known.item) return all;
    const bool is_internal = work_.known.pair->sides[0].load_balancer.is_internal();
    for (const std::string& name : work_.known.item->fqdns()) {
      const bool is_there = std::ranges::any_of(all, [&](const DnsName& one) {
        return normal_dns_name(one.name) == normal_dns_name(name);
      });
      CrdFindings unused;
      if (is_there) continue;
      if (const auto zone = choose_zone(work_.known.file, {.text = name, .place = {}}, is_internal,
                                        work_.known.vpc_id, work_.known.zones, unused))
        all.push_back({.name = name, .zone_id = zone->id});
    }
    return all;
  }

  Result<void> remove_records() {
    work_.say.banner("Remove the weighted records");
    if (Result<void> ours = assert_locked(); !ours) return fail("records", ours);
    const CrdPair& pair = *work_.known.pair;
    DnsPair dns = dns_pair_of(work_.known, pair.sides[0], pair.sides[1], work_.options.timings);
    dns.names = names();
    DnsWeights weights(work_.context, {}, dns, work_.options.timings.dns);
    return fail("records", [&]() -> Result<void> {
      TRY(const std::vector<DnsRecords> there, weights.read());
      bool any = false;
      for (const DnsRecords& of_name : there) {
        const auto ours = std::ranges::count_if(
            of_name.records, [&](const auto& record) { return is_of_pair(record, dns); });
        any = any || ours > 0;
        work_.say.value(of_name.name.name, ours == 0
                                               ? "no record of this service"
                                               : counted(static_cast<std::size_t>(ours), "record"));
      }
      had_records_ = any;
      if (!any) return {};
      TRY_VOID(with_ticks(work_.context.runtime.fibers, work_.say, "Waiting for Route 53",
                          [&] { return weights.remove(); }));
      // Who looked the name up a moment ago still comes for one TTL.
      return sleep_with_ticks(work_.clock(), work_.say,
                              work_.clock().now() + work_.options.timings.ttl, "Wait");
    }());
  }

  // One that cannot be deleted keeps none of the others.
  Result<void> delete_releases() {
    Result<void> first;
    for (const CrdStackFact& release : remains_.releases) {
      work_.say.banner("Delete stack " + release.name);
      const Result<void> deleted = fail("delete " + release.name, [&]() -> Result<void> {
        TRY_VOID(assert_locked());
        TRY(const std::string forbidden, foreign_rules_on(work_, release.id));
        if (!forbidden.empty())
          return Error{.kind = ErrorKind::kConflict, .code = "stack.in-use", .message = forbidden};
        return work_.stacks.remove(release.id);
      }());
      if (!deleted && first) first = deleted;
    }
    return first;
  }

  // What the Python tool put into it may have been changed since: such records are not its to
  // delete any more, and were removed before.
  Result<void> delete_init() {
    if (!remains_.init_stack) return {};
    // The log group is all that is left in it, and cannot outlive it.
    if (work_.options.keep_logs) {
      work_.say.banner("Keep the Init stack " + remains_.init_stack->name);
      work_.say.value("Log Group", work_.known.names.log_group());
      return fail("keep the Init stack", {});
    }
    work_.say.banner("Delete the Init stack " + remains_.init_stack->name);
    return fail("delete the Init stack", [&]() -> Result<void> {
      TRY_VOID(assert_locked());
      std::vector<std::string> retained;
      TRY(const std::vector<StackResource> resources,
          work_.stacks.resources(remains_.init_stack->id));
      for (const StackResource& resource : resources)
        if (resource.type.starts_with("AWS::Route53::")) retained.push_back(resource.logical_id);
      return work_.stacks.remove(remains_.init_stack->id, retained);
    }());
  }

  Result<void> forget() {
    work_.say.banner("Delete the state item");
    return fail("state item", work_.state->erase(), kCrdStateItem);
  }

  CrdWork& work_;
  CrdRemains remains_;
  bool had_records_ = false;
};

}  // namespace

void undeploy_ecs_crd(CrdWork& work) { Undeploy(work).run(); }

}  // namespace slipway
