#include "execute/task_class_announce.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr aws::CallFacts kUpdate{aws::kEcs, "UpdateService", aws::Repeat::kIdempotent};

std::string message(Json answer) {
  return message_about({.client = "ecs", .method = "update_service"}, kUpdate,
                       JsonObject{{"service", "web"}},
                       {.document = std::move(answer),
                        .facts = {.http_status = 200, .request_id = "r", .headers = {}}});
}

Json service_with(std::size_t events, std::size_t tags) {
  JsonObject service{{"serviceName", "web"}};
  service["events"] = JsonArray{JsonObject{{"message", std::string(events, 'e')}}};
  service["tags"] = JsonArray{JsonObject{{"value", std::string(tags, 't')}}};
  return JsonObject{{"service", service}};
}

TEST(TaskClassMessage, SaysTimesAsTextWhereverTheyStand) {
  EXPECT_EQ(message(parse_json(R"({"service":{"createdAt":1704164645.678,"deployments":[)"
                               R"({"updatedAt":1704164645,"futureAt":1.5}],"desiredCount":2}})")
                        .value()),
            R"({"client": "ecs", "method": "update_service", "input": {"service": "web"}, )"
            R"("result": {"service": {"createdAt": "2024-01-02T03:04:05.678000+00:00", )"
            R"("deployments": [{"updatedAt": "2024-01-02T03:04:05+00:00", "futureAt": 1.5}], )"
            R"("desiredCount": 2}, "ResponseMetadata": {"RequestId": "r", "HTTPStatusCode": 200, )"
            R"("HTTPHeaders": {}, "RetryAttempts": 0}}})");
}

TEST(TaskClassMessage, FitsIntoATopic) {
  const std::string without_events = message(service_with(kLongestMessage, 10));
  EXPECT_EQ(without_events,
            R"({"client": "ecs", "method": "update_service", "input": {"service": "web"}, )"
            R"("result": {"service": {"serviceName": "web", "tags": [{"value": "tttttttttt"}]}, )"
            R"("ResponseMetadata": {"RequestId": "r", "HTTPStatusCode": 200, "HTTPHeaders": {}, )"
            R"("RetryAttempts": 0}}, "truncated": true})");
  EXPECT_EQ(message(service_with(10, kLongestMessage)),
            R"({"client": "ecs", "method": "update_service", "input": {"service": "web"}, )"
            R"("truncated": true})");
  EXPECT_LE(message(service_with(10, kLongestMessage / 2)).size(), kLongestMessage);
}

}  // namespace
}  // namespace slipway
