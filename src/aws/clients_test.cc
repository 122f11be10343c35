#include "aws/clients.h"

#include "aws/client_world.h"
#include "aws/ecs.h"
#include "aws/events.h"
#include "aws/scheduler.h"
#include "aws/sts.h"

#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

class TheClients : public testing::Test {
 protected:
  void run(const std::function<void(Clients&)>& body) {
    Clients clients(
        world.runtime, "eu-west-1",
        [this](const ServiceFacts& service, const std::string& region) -> Result<ClientSettings> {
          asked_for.push_back(std::string(service.id) + " " + region);
          if (region == "moon-1") return Error{ErrorKind::kInvalid, "endpoint.unknown", "no moon"};
          return ClientSettings{
              .service = service,
              .endpoint = "https://" + std::string(service.id) + "." + region + ".amazonaws.com",
              .region = region};
        },
        world.credentials, world.budget);
    world.run([&] { body(clients); });
  }

  ClientWorld world;
  std::vector<std::string> asked_for;
};

TEST_F(TheClients, AreMadeOnceForEachServiceAndRegion) {
  run([&](Clients& clients) {
    Client* const ecs = clients.of(kEcs).value();
    EXPECT_EQ(clients.of(kEcs, "eu-west-1").value(), ecs);
    EXPECT_NE(clients.of(kEcs, "us-east-1").value(), ecs);
    EXPECT_NE(clients.of(kSts).value(), ecs);
  });
  EXPECT_EQ(asked_for,
            (std::vector<std::string>{"ecs eu-west-1", "ecs us-east-1", "sts eu-west-1"}));
}

TEST_F(TheClients, CallAnOperationsOwnService) {
  world.transport.will_answer(200, R"({"services":[{"serviceName":"web"}]})");
  run([&](Clients& clients) {
    const auto reply = clients.call(DescribeServices, {.services = {"web"}}, "us-east-1");
    ASSERT_TRUE(reply) << to_string(reply.error());
    EXPECT_EQ(reply->services.at(0).serviceName, "web");
  });
  EXPECT_EQ(world.transport.requests.at(0).url, "https://ecs.us-east-1.amazonaws.com/");
}

TEST_F(TheClients, SayWhyAServiceCannotBeReached) {
  run([&](Clients& clients) {
    const auto reply = clients.call(DescribeServices, {.services = {"web"}}, "moon-1");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "endpoint.unknown");
  });
  EXPECT_TRUE(world.transport.requests.empty());
}

TEST_F(TheClients, CarryDocumentsWholeAndTellWhatCameWithTheAnswer) {
  world.transport.will_refuse("ThrottlingException", "Rate exceeded");
  world.transport.will_answer(200, R"({"future":{"member":1},"rules":[]})",
                              {{"x-amzn-RequestId", "r-2"}, {"X-Other", "y"}});
  run([&](Clients& clients) {
    const auto reply = clients.of(kEcs).value()->call_document(
        {kEcs, "DescribeServices", Repeat::kRead}, parse_json(R"({"unknown":[1,2]})").value());
    ASSERT_TRUE(reply) << to_string(reply.error());
    EXPECT_EQ(reply->document, parse_json(R"({"future":{"member":1},"rules":[]})").value());
    EXPECT_EQ(reply->facts.http_status, 200);
    EXPECT_EQ(reply->facts.request_id, "r-2");
    EXPECT_EQ(reply->facts.retries, 1);
    EXPECT_EQ(find_header(reply->facts.headers, "x-other"), "y");
  });
  EXPECT_EQ(world.transport.requests.at(1).body, R"({"unknown":[1,2]})");
}

// AWS answers some calls with no byte.
TEST_F(TheClients, TakeAnEmptyBodyWhereNothingIsAnswered) {
  world.transport.will_answer(200, "");
  world.transport.will_answer(200, "");
  run([&](Clients& clients) {
    EXPECT_TRUE(clients.call(DeleteRule, {.Name = "nightly"}));
    EXPECT_TRUE(clients.of(kEvents).value()->call_document(
        {kEvents, "DeleteRule", Repeat::kIdempotent}, parse_json(R"({"Name":"n"})").value()));
  });
  EXPECT_EQ(world.transport.requests.at(0).body, R"({"Name":"nightly"})");
}

TEST_F(TheClients, SpeakRestJson) {
  world.transport.will_answer(200, R"({"ScheduleArn":"arn:s"})");
  run([&](Clients& clients) {
    const auto reply = clients.call(
        UpdateSchedule, {.Name = "a b", .GroupName = "g", .ClientToken = "t-1"}, "us-east-1");
    ASSERT_TRUE(reply) << to_string(reply.error());
    EXPECT_EQ(reply->ScheduleArn, "arn:s");
    const auto nameless = clients.call(GetSchedule, {});
    ASSERT_FALSE(nameless);
    EXPECT_EQ(nameless.error().operation, "scheduler:GetSchedule");
    EXPECT_EQ(nameless.error().message, "Name must not be empty");
  });
  ASSERT_EQ(world.transport.requests.size(), 1u);
  const HttpRequest& sent = world.transport.requests.at(0);
  EXPECT_EQ(sent.method, "PUT");
  EXPECT_EQ(sent.url, "https://scheduler.us-east-1.amazonaws.com/schedules/a%20b");
  EXPECT_EQ(sent.body, R"({"GroupName":"g","ClientToken":"t-1"})");
  EXPECT_EQ(find_header(sent.headers, "Content-Type"), "application/json");
  EXPECT_EQ(find_header(sent.headers, "X-Amz-Target"), "");
}

}  // namespace
}  // namespace slipway::aws
