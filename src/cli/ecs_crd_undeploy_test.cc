// The acceptance items of ecs-crd about taking a service away.
#include "cli/ecs_crd_world_for_test.h"

#include <csignal>

namespace slipway::cli {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Weights = std::map<std::string, int>;

// ---- undeploy ----------------------------------------------------------------------------------

TEST(EcsCrdAcceptance, Item51_UndeployTakesAwayThisServiceAndNothingElse_D12_D13) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  ASSERT_EQ(world.deploy("2"), 0);
  EXPECT_EQ(world.crd({"undeploy"}), 2);
  EXPECT_THAT(world.line.err, HasSubstr("there is no terminal to ask at"));
  EXPECT_FALSE(std::ranges::any_of(world.calls,
                                   [](const CrdCall& call) { return is_change(call.operation); }));
  ASSERT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  // Records, release, Init stack, item.
  const std::size_t records = world.position("ChangeResourceRecordSets");
  const std::size_t release = world.position("DeleteStack", records);
  const std::size_t init = world.position("DeleteStack", release + 1);
  EXPECT_THAT(world.calls[release].request.body, HasSubstr("stage-web-2"));
  EXPECT_THAT(world.calls[init].request.body, HasSubstr("stage-web-0"));
  EXPECT_GT(world.position("DeleteItem", init), init);
  EXPECT_GE(world.calls[release].at - world.calls[records].at, seconds(60));
  EXPECT_THAT(world.stack_names(), IsEmpty());
  EXPECT_EQ(world.weights(), Weights{});
  EXPECT_THAT(world.item(), IsEmpty());
  EXPECT_THAT(find_array(world.ask("dynamodb", "ListTables", JsonObject{}), "TableNames")->size(),
              1u);

  // Again, and with a record of the name that is not ours.
  world.ask("route53", "ChangeResourceRecordSets",
            parse_json(R"({"HostedZoneId":"ZEXAMPLE","ChangeBatch":{"Changes":[{"Action":"CREATE",
                "ResourceRecordSet":{"Name":"shop.example.com","Type":"TXT","TTL":60,
                "ResourceRecords":[{"Value":"\"ours to keep\""}]}}]}})")
                .value());
  ASSERT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_EQ(world.count("ChangeResourceRecordSets"), 0u);
  EXPECT_EQ(world.count("DeleteStack"), 0u);
  const Json left =
      world.ask("route53", "ListResourceRecordSets", JsonObject{{"HostedZoneId", "ZEXAMPLE"}});
  EXPECT_THAT(to_text(left), HasSubstr("ours to keep"));
}

TEST(EcsCrdAcceptance, Item51_WhoeverIsAskedSeesFirstWhatThereIs) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  std::string seen;
  std::string answer = "y";
  world.line.ask = [&](const std::string& question) -> Result<std::string> {
    EXPECT_EQ(question,
              "Take away service web of stage in eu-west-3, with its records, stacks and logs? "
              "[yes/no] ");
    seen = world.line.err;
    return answer;
  };
  EXPECT_EQ(world.crd({"undeploy"}), 2);
  EXPECT_THAT(seen, HasSubstr("ecs-crd : Release : stack stage-web-1 CREATE_COMPLETE\n"));
  EXPECT_THAT(world.line.err, HasSubstr("nothing was changed: the answer was not yes"));
  for (const CrdCall& call : world.calls) EXPECT_FALSE(is_change(call.operation));

  world.line.ask = [&](const std::string&) -> Result<std::string> {
    world.interrupt(SIGINT);
    return Error{.kind = ErrorKind::kCancelled, .code = "terminal.interrupted", .message = "^C"};
  };
  EXPECT_EQ(world.crd({"undeploy"}), 130) << world.line.err;
  EXPECT_THAT(world.line.err, HasSubstr("ecs-crd : Nothing was changed, so it just ends\n"));
  for (const CrdCall& call : world.calls) EXPECT_FALSE(is_change(call.operation));
  EXPECT_THAT(world.messages_to("failed"), IsEmpty());

  world.line.ask = [](const std::string&) -> Result<std::string> { return std::string("yes"); };
  EXPECT_EQ(world.crd({"undeploy"}), 0) << world.line.err;
  EXPECT_EQ(world.line.lines_with("ecs-crd : Live release"), 1);
  EXPECT_THAT(world.stack_names(), IsEmpty());
}

TEST(EcsCrdAcceptance, Item51_UndeployMayKeepTheLogsAndReadsLongZones_D13) {
  CrdWorld world;
  ASSERT_EQ(world.deploy("1"), 0);
  for (int i = 0; i < 1000; i += 100) {
    JsonArray changes;
    for (int j = i; j < i + 100; ++j)
      changes.push_back(
          parse_json(
              fmt::format(
                  R"({{"Action":"CREATE","ResourceRecordSet":{{"Name":"a{}.example.com","Type":"A","TTL":60,
             "ResourceRecords":[{{"Value":"192.0.2.1"}}]}}}})",
                  j))
              .value());
    world.ask("route53", "ChangeResourceRecordSets",
              JsonObject{{"HostedZoneId", "ZEXAMPLE"},
                         {"ChangeBatch", JsonObject{{"Changes", std::move(changes)}}}});
  }
  ASSERT_EQ(world.crd({"undeploy", "--yes", "--keep-logs"}), 0) << world.line.err;
  EXPECT_THAT(world.stack_names(), ElementsAre("stage-web-0"));
  EXPECT_EQ(world.weights(), Weights{});
  EXPECT_THAT(to_text(world.ask("logs", "DescribeLogGroups", JsonObject{})),
              HasSubstr("/aws/ecs/stage-ecs-cluster/service/web"));
}

}  // namespace
}  // namespace slipway::cli
