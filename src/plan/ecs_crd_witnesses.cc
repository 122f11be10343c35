#include "plan/ecs_crd_witnesses.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway {
namespace {

enum class StackState { kStanding, kBusy, kBroken };

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
StackState state_of(const CrdStackFact& stack) {
  constexpr std::string_view kBroken[] = {"ROLLBACK_COMPLETE",  "ROLLBACK_FAILED",
                                          "CREATE_FAILED",      "DELETE_FAILED",
                                          "REVIEW_IN_PROGRESS", "IMPORT_ROLLBACK_FAILED"};
  if (std::ranges::find(kBroken, stack.status) != std::end(kBroken)) return StackState::kBroken;
  return stack.status.ends_with("_IN_PROGRESS") ? StackState::kBusy : StackState::kStanding;
}

bool is_init(const CrdStackFact& stack, const CrdNames& names) {
  return stack.name == names.init_stack() || stack.name == names.python_stack(CrdNames::kInit);
}

// What all witnesses say about one side.
struct Testimony {
  const CrdSide* side = nullptr;
  std::vector<CrdStackFact> stacks;
  int running = 0;        // tasks
  int weight = 0;         // the largest of all names
  bool is_named = false;  // by the item

  const CrdStackFact* standing() const {
    const auto found = std::ranges::find(stacks, StackState::kStanding, state_of);
    return found == stacks.end() ? nullptr : &*found;
  }
  // It will stand or fall; until then nothing can be concluded from it.
  bool may_stand() const {
    return standing() != nullptr ||
           std::ranges::find(stacks, StackState::kBusy, state_of) != stacks.end();
  }
};

class Hearing {
 public:
  Hearing(const CrdFile& file, const CrdNames& names, const CrdPair& pair,
          const CrdWitnesses& witnesses, CrdFindings& findings)
      : file_(file), names_(names), pair_(pair), witnesses_(witnesses), findings_(findings) {
    for (std::size_t i = 0; i < 2; ++i) sides_.at(i).side = &pair.sides.at(i);
    hear_stacks();
    for (const CrdRecordFact& record : witnesses.records)
      if (Testimony* side = side_of(pair.with_dns_name(record.target)))
        side->weight = std::max(side->weight, record.weight);
    for (Testimony& side : sides_)
      if (!witnesses.has_services && side.may_stand()) side.running = 1;
    for (Testimony& side : sides_)
      for (const CrdServiceFact& service : witnesses.services)
        if (service.name == names.ecs_service(side.side->label_value))
          side.running += service.running;
    if (witnesses.item)
      if (Testimony* side = side_of(pair.with_arn(witnesses.item->alb_arn))) side->is_named = true;
  }

  CrdDecision decide(const CrdDecisionRules& rules);

  CrdRemains remains() const {
    CrdRemains remains{.releases = {}, .init_stack = init_stack_};
    for (const Testimony& side : sides_)
      remains.releases.insert(remains.releases.end(), side.stacks.begin(), side.stacks.end());
    return remains;
  }

 private:
  // ---- Hearing ----------------------------------------------------------------------------------

  Testimony* side_of(const CrdSide* side) {
    for (Testimony& each : sides_)
      if (each.side == side) return &each;
    return nullptr;
  }

  // By the load balancer it was made for; older ones may have to be known by their names.
  const CrdSide* side_of(const CrdStackFact& stack) const {
    if (!stack.load_balancer_arn.empty()) return pair_.with_arn(stack.load_balancer_arn);
    for (const CrdSide& side : pair_.sides)
      if (stack.name == names_.stack(side.label_value)) return &side;
    if (witnesses_.item && witnesses_.item->stack_name == stack.name)
      return pair_.with_arn(witnesses_.item->alb_arn);
    for (const CrdSide& side : pair_.sides)
      if (stack.name == names_.python_stack(side.label_value)) return &side;
    return nullptr;
  }

  // Names say neither the project nor the group, so two services may come to the same.
  bool is_ours(const CrdStackFact& stack) {
    if (stack.project == file_.service.project.text && stack.service == names_.service &&
        stack.environment == names_.environment)
      return true;
    findings_.error(
        CrdStep::kLoadBalancers, file_.service.name.place,
        fmt::format("stack {} is not this service's: its tags are Project={}, Service={}, "
                    "Environment={}",
                    stack.name, stack.project, stack.service, stack.environment),
        "give one of the two services another name");
    return false;
  }

  void hear_stacks() {
    for (const CrdStackFact& stack : witnesses_.stacks) {
      if (!is_ours(stack)) continue;
      if (is_init(stack, names_)) {
        init_stack_ = stack;
      } else if (Testimony* side = side_of(side_of(stack))) {
        side->stacks.push_back(stack);
      } else {
        findings_.error(CrdStep::kLoadBalancers, file_.canary.group.place,
                        fmt::format("stack {} is this service behind a load balancer that is none "
                                    "of the pair {}",
                                    stack.name, file_.canary.group.text),
                        "a service can be in one group only: undeploy it from the other one");
      }
    }
  }

  // ---- Deciding ---------------------------------------------------------------------------------

  bool runs_anything() const {
    return std::ranges::any_of(sides_, [](const Testimony& side) { return side.running > 0; });
  }

  // Records behind which nothing runs at all are left over from something else.
  bool has_traffic(const Testimony& side) const { return side.weight > 0 && runs_anything(); }

  static std::string name_of(const Testimony& side) {
    return fmt::format("{} ({})", to_string(side.side->label), side.side->label_value);
  }

  void contradict(const std::string& what) {
    std::vector<std::string> ways;
    for (const Testimony& side : sides_)
      if (side.standing() != nullptr)
        ways.push_back(fmt::format("--assume-live {}", to_string(side.side->label)));
    findings_.error(CrdStep::kWitnesses, {}, "it is not clear which release is live: " + what,
                    ways.empty()
                        ? "delete what is not wanted by hand"
                        : "look which one serves, then run again with " + join(ways, " or "));
    is_contradictory_ = true;
  }

  const Testimony* live_by_item(const Testimony& named);
  const Testimony* live_without_item();
  const Testimony* live_side(const CrdDecisionRules& rules);
  void check_green(const Testimony& green);
  void collect_stacks(const CrdDecisionRules& rules, const Testimony* live, CrdDecision& decision);
  std::string table() const;

  const CrdFile& file_;
  const CrdNames& names_;
  const CrdPair& pair_;
  const CrdWitnesses& witnesses_;
  CrdFindings& findings_;
  std::array<Testimony, 2> sides_;
  std::optional<CrdStackFact> init_stack_;
  std::vector<std::string> notes_;
  bool item_is_stale_ = false;
  bool is_contradictory_ = false;
};

// The item names a side: it is right unless the others say that it cannot be.
const Testimony* Hearing::live_by_item(const Testimony& named) {
  if (named.may_stand()) return &named;
  if (named.running > 0) {
    contradict(fmt::format("the item says {}, whose ECS service runs {}, but its stack is gone",
                           name_of(named),
                           counted(static_cast<std::size_t>(named.running), "task")));
    return nullptr;
  }
  item_is_stale_ = true;
  notes_.push_back(
      fmt::format("the state item says {}, but there is no such stack any more: it is "
                  "passed over",
                  name_of(named)));
  return live_without_item();
}

const Testimony* Hearing::live_without_item() {
  const Testimony* served = nullptr;
  for (const Testimony& side : sides_) {
    if (!has_traffic(side)) continue;
    if (served != nullptr) {
      contradict("both sides have traffic, and no state item says which one is new");
      return nullptr;
    }
    served = &side;
  }
  if (served == nullptr) return nullptr;
  if (!served->may_stand() || served->running == 0) {
    contradict(fmt::format(
        "the records send traffic to {}, {}", name_of(*served),
        served->running == 0 ? "where nothing runs" : "where no stack of this service stands"));
    return nullptr;
  }
  notes_.push_back(
      fmt::format("the stack, the records and the ECS service say that {} is live; the "
                  "state item will be written anew",
                  name_of(*served)));
  return served;
}

const Testimony* Hearing::live_side(const CrdDecisionRules& rules) {
  if (rules.assume_live) {
    const Testimony* assumed = side_of(&pair_.of(*rules.assume_live));
    if (assumed->standing() == nullptr) {
      findings_.error(CrdStep::kWitnesses, {},
                      fmt::format("--assume-live {}: there is no stack of this service behind that "
                                  "load balancer",
                                  to_string(*rules.assume_live)));
      is_contradictory_ = true;
    }
    return assumed;
  }
  if (!witnesses_.item) return live_without_item();
  for (const Testimony& side : sides_)
    if (side.is_named) return live_by_item(side);
  item_is_stale_ = true;
  notes_.push_back(
      fmt::format("the state item names {}, which is none of the pair: it is passed "
                  "over",
                  witnesses_.item->alb_arn));
  return live_without_item();
}

// Nothing may be deployed onto the side that serves, nor over what we did not make.
void Hearing::check_green(const Testimony& green) {
  if (is_contradictory_) return;
  if (has_traffic(green)) {
    is_contradictory_ = true;
    findings_.error(
        CrdStep::kWitnesses, {},
        fmt::format("{}, where the release would go, already has traffic: a weight of {}",
                    name_of(green), green.weight),
        fmt::format("a release was interrupted: give that weight back to {} and run again with "
                    "--replace-leftover; or, if the new release is the one that serves, give it "
                    "all and run again with --assume-live {} --replace-leftover",
                    to_string(other(green.side->label)), to_string(green.side->label)));
  } else if (green.running > 0 && green.stacks.empty()) {
    contradict(fmt::format("ECS service {} runs and belongs to no stack of this service",
                           names_.ecs_service(green.side->label_value)));
  }
}

void Hearing::collect_stacks(const CrdDecisionRules& rules, const Testimony* live,
                             CrdDecision& decision) {
  if (live != nullptr && live->standing() != nullptr) decision.blue_stack = *live->standing();
  std::vector<CrdStackFact> others;
  for (const Testimony& side : sides_)
    for (const CrdStackFact& stack : side.stacks)
      if (!decision.blue_stack || stack.name != decision.blue_stack->name) others.push_back(stack);
  if (init_stack_ && state_of(*init_stack_) == StackState::kStanding)
    decision.init_stack = init_stack_;
  else if (init_stack_)
    others.push_back(*init_stack_);
  for (CrdStackFact& stack : others) {
    if (state_of(stack) == StackState::kBusy) {
      decision.busy.push_back(std::move(stack));
      continue;
    }
    if (!rules.replace_leftover && !is_contradictory_)
      findings_.error(is_init(stack, names_) ? CrdStep::kInitStack : CrdStep::kLoadBalancers,
                      file_.service.name.place,
                      fmt::format("stack {} ({}) is left over from an earlier release", stack.name,
                                  stack.status),
                      "--replace-leftover deletes it first");
    decision.leftovers.push_back(std::move(stack));
  }
}

std::string Hearing::table() const {
  const auto line = [](std::string_view who, const std::vector<std::string>& says) {
    return fmt::format("{:<9}: {}\n", who, says.empty() ? "nothing" : join(says, "; "));
  };
  const auto label_of = [](const CrdSide* side) {
    return side == nullptr ? std::string("none of the pair")
                           : fmt::format("{} ({})", to_string(side->label), side->label_value);
  };
  std::vector<std::string> item;
  if (witnesses_.item)
    item.push_back(fmt::format("{}, stack {}", label_of(pair_.with_arn(witnesses_.item->alb_arn)),
                               witnesses_.item->stack_name));
  std::vector<std::string> stacks;
  for (const Testimony& side : sides_)
    for (const CrdStackFact& stack : side.stacks)
      stacks.push_back(fmt::format("{} {} {}", name_of(side), stack.name, stack.status));
  std::vector<std::string> records;
  for (const CrdRecordFact& record : witnesses_.records)
    records.push_back(fmt::format("{} {} weight {}", record.fqdn,
                                  label_of(pair_.with_dns_name(record.target)), record.weight));
  std::vector<std::string> services;
  for (const CrdServiceFact& service : witnesses_.services)
    services.push_back(fmt::format("{} runs {}", service.name,
                                   counted(static_cast<std::size_t>(service.running), "task")));
  if (!witnesses_.has_services) services.emplace_back("not known, ECS may not be asked");
  return line("item", item) + line("stacks", stacks) + line("records", records) +
         line("services", services);
}

CrdDecision Hearing::decide(const CrdDecisionRules& rules) {
  CrdDecision decision;
  decision.witnesses = table();
  const Testimony* live = live_side(rules);
  const Testimony& green = live == &sides_[0] ? sides_[1] : sides_[0];
  const Testimony& blue = &green == &sides_[0] ? sides_[1] : sides_[0];
  decision.green = *green.side;
  decision.blue = *blue.side;
  decision.blue_is_live = live != nullptr;
  check_green(green);
  collect_stacks(rules, live, decision);
  if (live != nullptr && live->running == 0)
    notes_.push_back(fmt::format("the live release, {}, runs no tasks", name_of(*live)));
  for (const Testimony& side : sides_)
    if (&side != live && side.weight > 0 && !runs_anything())
      notes_.push_back(
          fmt::format("records send traffic to {}, but nothing runs behind either "
                      "side: they will be overwritten",
                      name_of(side)));
  // Whom the item names comes first.
  for (const bool named : {true, false})
    for (const Testimony& side : sides_)
      if (is_contradictory_ && side.standing() != nullptr && side.is_named == named)
        decision.may_serve.push_back(side.side->label);
  decision.item_is_stale = item_is_stale_;
  decision.notes = std::move(notes_);
  return decision;
}

}  // namespace

CrdDecision decide_sides(const CrdFile& file, const CrdNames& names, const CrdPair& pair,
                         const CrdWitnesses& witnesses, const CrdDecisionRules& rules,
                         CrdFindings& findings) {
  return Hearing(file, names, pair, witnesses, findings).decide(rules);
}

CrdRemains remains_of(const CrdFile& file, const CrdNames& names, const CrdPair& pair,
                      const CrdWitnesses& witnesses, CrdFindings& findings) {
  return Hearing(file, names, pair, witnesses, findings).remains();
}

}  // namespace slipway
