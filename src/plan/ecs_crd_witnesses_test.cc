#include "plan/ecs_crd_witnesses.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using Messages = std::vector<std::string>;

constexpr std::string_view kArn1 = "arn:front-1";
constexpr std::string_view kArn2 = "arn:front-2";

CrdFile a_file() {
  CrdFile file;
  file.canary.group.text = "public";
  file.canary.release_blue.text = "1";
  file.canary.release_green.text = "2";
  file.service.project.text = "shop";
  file.service.name.text = "web";
  return file;
}

CrdNames a_name() {
  return {.environment = "stage",
          .service = "web",
          .cluster = "stage-ecs-cluster",
          .deployment_id = std::string(32, '0')};
}

CrdSide a_side(CrdLabel label, std::string value) {
  CrdSide side{.label = label, .label_value = value, .load_balancer = {}};
  side.load_balancer.arn = "arn:front-" + value;
  side.load_balancer.dns_name = "front-" + value + ".elb.amazonaws.com";
  return side;
}

CrdPair a_pair() { return {{a_side(CrdLabel::kBlue, "1"), a_side(CrdLabel::kGreen, "2")}}; }

CrdStackFact a_stack(std::string value, std::string status = "CREATE_COMPLETE") {
  return {.name = "stage-web-" + value,
          .id = "id-" + value,
          .status = std::move(status),
          .project = "shop",
          .service = "web",
          .environment = "stage",
          .load_balancer_arn = value == "0" ? "" : "arn:front-" + value};
}

CrdRecordFact a_record(std::string value, int weight) {
  return {"www.shop.test", value, weight, "front-" + value + ".elb.amazonaws.com."};
}

CrdItem an_item(std::string_view arn, std::string stack) {
  return {std::string(arn), std::move(stack), "1", "7"};
}

struct Decided {
  CrdDecision decision;
  CrdFindings findings;
  Messages messages;
};

Messages told(const CrdFindings& findings) {
  Messages all;
  for (const CrdFinding& finding : findings.in_order())
    all.push_back(std::to_string(exit_status_of(finding.step)) + " " + finding.what.message +
                  (finding.what.suggestion.empty() ? "" : " (" + finding.what.suggestion + ")"));
  return all;
}

Decided decide(const CrdWitnesses& witnesses, const CrdDecisionRules& rules = {}) {
  Decided decided;
  decided.decision = decide_sides(a_file(), a_name(), a_pair(), witnesses, rules, decided.findings);
  decided.messages = told(decided.findings);
  return decided;
}

// What the four say, in short: which side the item names, and for each side its stack's status, its
// weight and its running tasks.
struct Say {
  std::string item;  // "", "1", "2"
  std::string stack1, stack2;
  int weight1 = -1, weight2 = -1;  // -1: no record
  int running1 = 0, running2 = 0;
};

CrdWitnesses witnesses_of(const Say& say) {
  CrdWitnesses witnesses;
  if (!say.item.empty())
    witnesses.item = an_item(say.item == "1" ? kArn1 : kArn2, "stage-web-" + say.item);
  if (!say.stack1.empty()) witnesses.stacks.push_back(a_stack("1", say.stack1));
  if (!say.stack2.empty()) witnesses.stacks.push_back(a_stack("2", say.stack2));
  if (say.weight1 >= 0) witnesses.records.push_back(a_record("1", say.weight1));
  if (say.weight2 >= 0) witnesses.records.push_back(a_record("2", say.weight2));
  witnesses.services = {{"web-1", say.running1}, {"web-2", say.running2}};
  return witnesses;
}

const std::string kDone = "CREATE_COMPLETE";

TEST(EcsCrdWitnesses, WhoAgreeDecide) {
  struct Case {
    const char* what;
    Say say;
    std::string green;
    bool has_live;
    std::string blue_stack;
  };
  const std::vector<Case> cases = {
      {"nothing is there: the first of the pair", {}, "1", false, ""},
      {"1 is live", {"1", kDone, "", 100, 0, 4, 0}, "2", true, "stage-web-1"},
      {"2 is live", {"2", "", kDone, 0, 100, 0, 4}, "1", true, "stage-web-2"},
      {"D9, item 30: updated by hand",
       {"1", "UPDATE_COMPLETE", "", 100, 0, 4, 0},
       "2",
       true,
       "stage-web-1"},
      {"an update that went back",
       {"1", "UPDATE_ROLLBACK_COMPLETE", "", 100, 0, 4, 0},
       "2",
       true,
       "stage-web-1"},
      {"no records yet", {"1", kDone, "", -1, -1, 4, 0}, "2", true, "stage-web-1"},
      {"scaled to nothing", {"1", kDone, "", 100, 0, 0, 0}, "2", true, "stage-web-1"},
      {"item 31: the item is gone, the others agree on 1",
       {"", kDone, "", 100, 0, 4, 0},
       "2",
       true,
       "stage-web-1"},
      {"item 31: the item is gone, the others agree on 2",
       {"", "", kDone, -1, 100, 0, 4},
       "1",
       true,
       "stage-web-2"},
      {"the item's stack is gone, the others agree on 2",
       {"1", "", kDone, 0, 100, 0, 4},
       "1",
       true,
       "stage-web-2"},
      {"the item is all that is left", {"1", "", "", -1, -1, 0, 0}, "1", false, ""},
      {"records without a service behind either side", {"", "", "", 100, 0, 0, 0}, "1", false, ""},
      {"the same on the other side", {"", "", "", 0, 100, 0, 0}, "1", false, ""},
      {"stale records do not move a live release",
       {"2", "", kDone, 100, 0, 0, 0},
       "1",
       true,
       "stage-web-2"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    const Decided decided = decide(witnesses_of(each.say));
    EXPECT_EQ(decided.messages, Messages{});
    EXPECT_EQ(decided.decision.green.label_value, each.green);
    EXPECT_NE(decided.decision.blue.label_value, each.green);
    EXPECT_EQ(decided.decision.blue_is_live, each.has_live);
    EXPECT_EQ(decided.decision.blue_stack ? decided.decision.blue_stack->name : "",
              each.blue_stack);
    EXPECT_TRUE(decided.decision.leftovers.empty());
  }
}

// The Python tool's role may not ask ECS. Then what stands is taken to run: nobody deploys onto the
// side that serves because of that.
TEST(EcsCrdWitnesses, EcsMayBeSilent) {
  const auto without_ecs = [](const Say& say, const CrdDecisionRules& rules = {}) {
    CrdWitnesses witnesses = witnesses_of(say);
    witnesses.services.clear();
    witnesses.has_services = false;
    return decide(witnesses, rules);
  };
  // Without the item, too.
  for (const std::string& item : {std::string("1"), std::string()}) {
    const Decided decided = without_ecs({item, kDone, "", 100, 0});
    EXPECT_EQ(decided.messages, Messages{});
    EXPECT_TRUE(decided.decision.blue_is_live);
    EXPECT_EQ(decided.decision.green.label_value, "2");
    EXPECT_NE(decided.decision.witnesses.find("services : not known, ECS may not be asked\n"),
              std::string::npos);
  }
  EXPECT_EQ(without_ecs({"", kDone, kDone, 90, 10}, {.replace_leftover = true}).messages,
            Messages{"21 it is not clear which release is live: both sides have traffic, and no "
                     "state item says which one is new (look which one serves, then run again with "
                     "--assume-live blue or --assume-live green)"});
  // Records behind which nothing stands are still stale.
  EXPECT_EQ(without_ecs({"", "", "", 100, 0}).messages, Messages{});
}

TEST(EcsCrdWitnesses, WhoContradictEachOtherStopTheRun) {
  struct Case {
    const char* what;
    Say say;
    std::string wanted;  // how the finding begins
  };
  const std::vector<Case> cases = {
      {"D11: interrupted between two steps",
       {"1", kDone, kDone, 60, 40, 4, 4},
       "21 green (2), where the release would go, already has traffic: a weight of 40"},
      {"D22: the item was not written at 100 %",
       {"1", kDone, kDone, 0, 100, 4, 4},
       "21 green (2), where the release would go, already has traffic: a weight of 100"},
      {"the item is wrong",
       {"1", kDone, "", 0, 100, 0, 4},
       "21 green (2), where the release would go, already has traffic: a weight of 100"},
      {"no item, both have traffic",
       {"", kDone, kDone, 60, 40, 4, 4},
       "21 it is not clear which release is live: both sides have traffic, and no state item says "
       "which one is new"},
      {"no item, traffic to what no stack has made",
       {"", "", "", 100, 0, 4, 0},
       "21 it is not clear which release is live: the records send traffic to blue (1), where no "
       "stack of this service stands"},
      {"no item, traffic to where nothing runs",
       {"", kDone, kDone, 100, 0, 0, 4},
       "21 it is not clear which release is live: the records send traffic to blue (1), where "
       "nothing runs"},
      {"the item's service runs without its stack",
       {"1", "", "", 100, 0, 4, 0},
       "21 it is not clear which release is live: the item says blue (1), whose ECS service runs 4 "
       "tasks, but its stack is gone"},
      {"a service of somebody else's on the other side",
       {"1", kDone, "", 100, 0, 4, 2},
       "21 it is not clear which release is live: ECS service web-2 runs and belongs to no stack "
       "of this service"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    const Decided decided = decide(witnesses_of(each.say));
    ASSERT_EQ(decided.messages.size(), 1U) << testing::PrintToString(decided.messages);
    EXPECT_TRUE(decided.messages[0].starts_with(each.wanted)) << decided.messages[0];
    EXPECT_EQ(decided.findings.exit_status(), 21);
  }
}

TEST(EcsCrdWitnesses, AssumeLiveSettlesWhatIsUnclear) {
  // D22: the new release has all traffic, only the item was not written.
  const CrdWitnesses witnesses = witnesses_of({"1", kDone, kDone, 0, 100, 4, 4});
  const Decided decided =
      decide(witnesses, {.assume_live = CrdLabel::kGreen, .replace_leftover = true});
  EXPECT_EQ(decided.messages, Messages{});
  EXPECT_EQ(decided.decision.green.label_value, "1");
  EXPECT_EQ(decided.decision.blue_stack->name, "stage-web-2");
  ASSERT_EQ(decided.decision.leftovers.size(), 1U);
  EXPECT_EQ(decided.decision.leftovers[0].name, "stage-web-1");

  // It is no way onto the side that has the traffic.
  const Decided refused =
      decide(witnesses, {.assume_live = CrdLabel::kBlue, .replace_leftover = true});
  EXPECT_EQ(refused.messages,
            Messages{"21 green (2), where the release would go, already has traffic: a weight of "
                     "100 (a release was interrupted: give that weight back to blue and run again "
                     "with --replace-leftover; or, if the new release is the one that serves, give "
                     "it all and run again with --assume-live green --replace-leftover)"});
  EXPECT_EQ(refused.decision.may_serve, (std::vector{CrdLabel::kBlue, CrdLabel::kGreen}))
      << "the one the item names comes first";
  EXPECT_TRUE(decided.decision.may_serve.empty()) << "nothing is unclear";
  EXPECT_EQ(decide({}, {.assume_live = CrdLabel::kBlue}).messages,
            Messages{"21 --assume-live blue: there is no stack of this service behind that load "
                     "balancer"});
}

TEST(EcsCrdWitnesses, LeftoversWithoutTrafficAreReplacedOnRequest_Item32) {
  struct Case {
    const char* what;
    Say say;
    std::string leftover;
  };
  const std::vector<Case> cases = {
      {"a failed Green", {"1", kDone, kDone, 100, 0, 4, 4}, "stage-web-2 (CREATE_COMPLETE)"},
      {"a Green whose deletion failed",
       {"1", kDone, "DELETE_FAILED", 100, 0, 4, 0},
       "stage-web-2 (DELETE_FAILED)"},
      {"an old Blue whose deletion failed",
       {"2", "DELETE_FAILED", kDone, 0, 100, 0, 4},
       "stage-web-1 (DELETE_FAILED)"},
      {"of a failed first deployment",
       {"", kDone, "", -1, -1, 4, 0},
       "stage-web-1 (CREATE_COMPLETE)"},
      {"of a failed first deployment, on the other side",
       {"", "", "ROLLBACK_COMPLETE"},
       "stage-web-2 (ROLLBACK_COMPLETE)"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    const CrdWitnesses witnesses = witnesses_of(each.say);
    EXPECT_EQ(decide(witnesses).messages,
              Messages{"2 stack " + each.leftover +
                       " is left over from an earlier release (--replace-leftover deletes it "
                       "first)"});
    const Decided replaced = decide(witnesses, {.replace_leftover = true});
    EXPECT_EQ(replaced.messages, Messages{});
    ASSERT_EQ(replaced.decision.leftovers.size(), 1U);
    EXPECT_TRUE(each.leftover.starts_with(replaced.decision.leftovers[0].name));
  }
}

TEST(EcsCrdWitnesses, StacksOfThePythonToolAreKnown_Item15) {
  CrdFile file = a_file();
  file.canary.release_blue.text = "blue";
  file.canary.release_green.text = "green";
  CrdPair pair = a_pair();
  pair.sides[0].label_value = "blue";
  pair.sides[1].label_value = "green";
  CrdStackFact old = a_stack("een");
  for (const std::string_view arn : {kArn2, std::string_view()}) {
    SCOPED_TRACE(arn);
    old.load_balancer_arn = arn;
    CrdWitnesses witnesses{.item = an_item(kArn2, "stage-web-een"),
                           .stacks = {old},
                           .records = {},
                           .services = {{"web-green", 2}}};
    CrdFindings findings;
    const CrdDecision decision = decide_sides(file, a_name(), pair, witnesses, {}, findings);
    EXPECT_EQ(told(findings), Messages{});
    EXPECT_EQ(decision.green.label, CrdLabel::kBlue);
    ASSERT_TRUE(decision.blue_stack);
    EXPECT_EQ(decision.blue_stack->name, "stage-web-een");
  }
}

TEST(EcsCrdWitnesses, InitStackIsNoRelease) {
  CrdWitnesses witnesses = witnesses_of({"1", kDone, "", 100, 0, 4, 0});
  witnesses.stacks.push_back(a_stack("0"));
  const Decided decided = decide(witnesses);
  EXPECT_EQ(decided.messages, Messages{});
  EXPECT_EQ(decided.decision.init_stack->name, "stage-web-0");
  witnesses.stacks.back().status = "DELETE_FAILED";
  EXPECT_EQ(decide(witnesses).messages,
            Messages{"11 stack stage-web-0 (DELETE_FAILED) is left over from an earlier release "
                     "(--replace-leftover deletes it first)"});
}

TEST(EcsCrdWitnesses, StacksThatAreBusyAreWaitedFor_D9) {
  const Decided decided = decide(witnesses_of({"1", kDone, "DELETE_IN_PROGRESS", 100, 0, 4, 0}));
  EXPECT_EQ(decided.messages, Messages{});
  ASSERT_EQ(decided.decision.busy.size(), 1U);
  EXPECT_EQ(decided.decision.busy[0].name, "stage-web-2");
  EXPECT_TRUE(decided.decision.leftovers.empty());

  // Somebody updates the live one.
  const Decided live = decide(witnesses_of({"1", "UPDATE_IN_PROGRESS", "", 100, 0, 4, 0}));
  EXPECT_EQ(live.messages, Messages{});
  ASSERT_EQ(live.decision.busy.size(), 1U);
  EXPECT_EQ(live.decision.busy[0].name, "stage-web-1");
}

TEST(EcsCrdWitnesses, StacksOfOthersAreLeftAlone_D14) {
  CrdWitnesses witnesses;
  witnesses.stacks = {a_stack("1")};
  witnesses.stacks[0].project = "other";
  EXPECT_EQ(decide(witnesses).messages,
            Messages{"2 stack stage-web-1 is not this service's: its tags are Project=other, "
                     "Service=web, Environment=stage (give one of the two services another "
                     "name)"});
  witnesses.stacks = {a_stack("1")};
  witnesses.stacks[0].load_balancer_arn = "arn:inside-1";
  EXPECT_EQ(decide(witnesses).messages,
            Messages{"2 stack stage-web-1 is this service behind a load balancer that is none of "
                     "the pair public (a service can be in one group only: undeploy it from the "
                     "other one)"});
}

TEST(EcsCrdWitnesses, ConclusionsAreSaid) {
  EXPECT_EQ(decide(witnesses_of({"", kDone, "", 100, 0, 4, 0})).decision.notes,
            Messages{"the stack, the records and the ECS service say that blue (1) is live; the "
                     "state item will be written anew"});
  const CrdDecision stale = decide(witnesses_of({"1", "", "", 100, 0, 0, 0})).decision;
  EXPECT_TRUE(stale.item_is_stale);
  EXPECT_EQ(stale.notes,
            (Messages{"the state item says blue (1), but there is no such stack any more: it is "
                      "passed over",
                      "records send traffic to blue (1), but nothing runs behind either side: they "
                      "will be overwritten"}));
  CrdWitnesses foreign;
  foreign.item = an_item("arn:gone", "stage-web-1");
  EXPECT_TRUE(decide(foreign).decision.item_is_stale);
  EXPECT_EQ(decide(witnesses_of({"1", kDone, "", 100, 0, 0, 0})).decision.notes,
            Messages{"the live release, blue (1), runs no tasks"});
}

TEST(EcsCrdWitnesses, TheTableTellsAllFour) {
  EXPECT_EQ(decide(witnesses_of({"1", kDone, kDone, 60, 40, 4, 1})).decision.witnesses,
            "item     : blue (1), stack stage-web-1\n"
            "stacks   : blue (1) stage-web-1 CREATE_COMPLETE; green (2) stage-web-2 "
            "CREATE_COMPLETE\n"
            "records  : www.shop.test blue (1) weight 60; www.shop.test green (2) weight 40\n"
            "services : web-1 runs 4 tasks; web-2 runs 1 task\n");
}

TEST(EcsCrdRemains, AreAllStacksOfTheService) {
  CrdWitnesses witnesses = witnesses_of({"1", kDone, "DELETE_FAILED", 60, 40, 4, 1});
  witnesses.stacks.push_back(a_stack("0"));
  CrdFindings findings;
  const CrdRemains remains = remains_of(a_file(), a_name(), a_pair(), witnesses, findings);
  EXPECT_EQ(told(findings), Messages{});
  ASSERT_EQ(remains.releases.size(), 2U);
  EXPECT_EQ(remains.releases[0].name, "stage-web-1");
  EXPECT_EQ(remains.init_stack->name, "stage-web-0");
}

}  // namespace
}  // namespace slipway
