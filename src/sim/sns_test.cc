#include "sim/sns.h"

#include "sim/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace slipway::sim {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kTopic = "arn:aws:sns:eu-west-1:123456789012:deploys";

class ATopic : public testing::Test {
 protected:
  ATopic() { r.call("sns:CreateTopic", R"({"Name": "deploys"})"); }

  std::string publish_refused(std::string_view more) {
    return r.refusal("sns:Publish", fmt::format(R"({{"TopicArn": "{}"{}}})", kTopic, more));
  }

  Rehearsal r;
};

TEST_F(ATopic, IsTheSameWhenItIsMadeAgain) {
  EXPECT_EQ(string_or_empty(r.call("sns:CreateTopic", R"({"Name": "deploys"})"), "TopicArn"),
            kTopic);
  EXPECT_EQ(r.refusal("sns:CreateTopic", R"({"Name": "deploys", "Attributes": {"Policy": "p"}})"),
            "InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with "
            "different attributes");
  EXPECT_THAT(r.call("sns:ListTopics").at("Topics").as_array(), SizeIs(1));
  EXPECT_EQ(r.refusal("sns:CreateTopic", R"({"Name": "a b"})"),
            "InvalidParameter: Invalid parameter: Topic Name");
}

TEST_F(ATopic, KeepsWhatIsPublished) {
  r.at(0);
  for (const char* member : {"TopicArn", "TargetArn"})
    r.call("sns:Publish",
           fmt::format(R"({{"{}": "{}", "Message": "m", "Subject": "s"}})", member, kTopic));
  const JsonArray messages = r.world().messages();
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(string_or_empty(messages[0], "at"), "2026-01-01T00:00:00.000Z");
  EXPECT_EQ(string_or_empty(messages[0], "TopicArn"), kTopic);
  EXPECT_EQ(string_or_empty(messages[1], "TargetArn"), kTopic);
  EXPECT_EQ(string_or_empty(messages[1], "Message"), "m");
  EXPECT_EQ(string_or_empty(messages[1], "Subject"), "s");
  EXPECT_THAT(string_or_empty(messages[1], "MessageId"), SizeIs(36));
  r.world().forget_messages();
  EXPECT_THAT(r.world().messages(), IsEmpty());
}

TEST_F(ATopic, RefusesMessagesAsAwsDoes) {
  struct Case {
    std::string more, refusal;
  };
  for (const auto& [more, refusal] : std::vector<Case>{
           {R"(, "Message": "")", "Empty message"},
           {R"(, "Message": ")" + std::string(262145, 'x') + "\"", "Message too long"},
           {R"(, "Message": "m", "Subject": ")" + std::string(100, 'x') + "\"", "Subject"},
           {R"(, "Message": "m", "Subject": "a\nb")", "Subject"},
           {R"(, "Message": "m", "Subject": "ä")", "Subject"},
           {R"(, "Message": "m", "MessageStructure": "xml")", "MessageStructure"},
           {R"(, "Message": "m", "MessageStructure": "json")",
            "Message Structure - JSON message body failed to parse"},
           {R"(, "Message": "{\"email\":\"m\"}", "MessageStructure": "json")",
            "Message Structure - No default entry in JSON message body"},
       })
    EXPECT_EQ(publish_refused(more), "InvalidParameter: Invalid parameter: " + refusal);
  r.call("sns:Publish", fmt::format(R"({{"TopicArn": "{}", "Message": "{}", "Subject": "{}"}})",
                                    kTopic, std::string(262144, 'x'), std::string(99, 'x')));
  EXPECT_THAT(r.world().messages(), SizeIs(1));
}

TEST_F(ATopic, ThatIsNotThereTakesNothing) {
  EXPECT_EQ(r.refusal("sns:Publish",
                      R"({"TopicArn": "arn:aws:sns:eu-west-1:123456789012:x", "Message": "m"})"),
            "NotFound: Topic does not exist");
  EXPECT_EQ(r.refusal("sns:Publish", R"({"TopicArn": "deploys", "Message": "m"})"),
            "InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 "
            "elements, not 1");
  EXPECT_EQ(r.refusal("sns:Publish", R"({"Message": "m"})"),
            "InvalidParameter: Invalid parameter: TopicArn or TargetArn Reason: no value for "
            "required parameter");
  r.call("sns:DeleteTopic", fmt::format(R"({{"TopicArn": "{}"}})", kTopic));
  EXPECT_EQ(publish_refused(R"(, "Message": "m")"), "NotFound: Topic does not exist");
  EXPECT_THAT(r.world().messages(), IsEmpty());
}

TEST_F(ATopic, IsReachedInItsRegionOnly) {
  const Json input =
      parse_json(fmt::format(R"({{"TopicArn": "{}", "Message": "m"}})", kTopic)).value();
  const Reply elsewhere = r.world().call({.region = "us-east-1"}, "sns", "Publish", input);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().message, "Invalid parameter: TopicArn");
  const Reply made = r.world().call({.region = "us-east-1"}, "sns", "CreateTopic",
                                    JsonObject{{"Name", "deploys"}});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->text, R"({"TopicArn":"arn:aws:sns:us-east-1:123456789012:deploys"})");
  EXPECT_THAT(r.call("sns:ListTopics").at("Topics").as_array(), SizeIs(1));
}

TEST_F(ATopic, SendsAShortMessageWithoutOne) {
  r.call("sns:Publish", R"({"PhoneNumber": "+491701234567", "Message": "m"})");
  EXPECT_THAT(r.world().messages(), SizeIs(1));
}

TEST_F(ATopic, InOrderNeedsAGroupAndSendsOnce) {
  const std::string fifo = std::string(kTopic) + ".fifo";
  EXPECT_THAT(r.refusal("sns:CreateTopic", R"({"Name": "d", "Attributes": {"FifoTopic": "true"}})"),
              testing::StartsWith("InvalidParameter: Invalid parameter: Topic Name Reason: Fifo"));
  r.call("sns:CreateTopic", R"({"Name": "deploys.fifo", "Attributes": {"FifoTopic": "true"}})");
  const auto input = [&](std::string_view more) {
    return fmt::format(R"({{"TopicArn": "{}", "Message": "m"{}}})", fifo, more);
  };
  EXPECT_EQ(r.refusal("sns:Publish", input("")),
            "InvalidParameter: Invalid parameter: The MessageGroupId parameter is required for "
            "FIFO topics");
  EXPECT_EQ(r.refusal("sns:Publish", input(R"(, "MessageGroupId": "g")")),
            "InvalidParameter: Invalid parameter: The topic should either have "
            "ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
  const std::string whole = input(R"(, "MessageGroupId": "g", "MessageDeduplicationId": "d")");
  const Json first = r.call("sns:Publish", whole);
  EXPECT_EQ(string_or_empty(first, "SequenceNumber"), "10000000000000000001");
  EXPECT_EQ(r.call("sns:Publish", whole), first);
  EXPECT_THAT(r.world().messages(), SizeIs(1));
  EXPECT_EQ(publish_refused(R"(, "Message": "m", "MessageDeduplicationId": "d")"),
            "InvalidParameter: Invalid parameter: MessageDeduplicationId Reason: The request "
            "includes MessageDeduplicationId parameter that is not valid for this topic type");
}

TEST_F(ATopic, HasSubscribersOfWhomSomeMustAgree) {
  const auto subscribe = [&](std::string_view protocol, std::string_view endpoint) {
    return std::string(string_or_empty(
        r.call("sns:Subscribe",
               fmt::format(R"({{"TopicArn": "{}", "Protocol": "{}", "Endpoint": "{}"}})", kTopic,
                           protocol, endpoint)),
        "SubscriptionArn"));
  };
  const std::string queue = subscribe("sqs", "arn:aws:sqs:eu-west-1:1:q");
  EXPECT_EQ(subscribe("sqs", "arn:aws:sqs:eu-west-1:1:q"), queue);
  EXPECT_EQ(subscribe("email", "ops@example.com"), "pending confirmation");
  EXPECT_EQ(
      r.refusal("sns:Subscribe", fmt::format(R"({{"TopicArn": "{}", "Protocol": "fax"}})", kTopic)),
      "InvalidParameter: Invalid parameter: Does not support this protocol string: fax");
  const std::string of_topic = fmt::format(R"({{"TopicArn": "{}"}})", kTopic);
  const Json attributes = r.call("sns:GetTopicAttributes", of_topic).at("Attributes");
  EXPECT_EQ(string_or_empty(attributes, "SubscriptionsConfirmed"), "1");
  EXPECT_EQ(string_or_empty(attributes, "SubscriptionsPending"), "1");
  r.call("sns:Unsubscribe", fmt::format(R"({{"SubscriptionArn": "{}"}})", queue));
  const JsonArray left =
      r.call("sns:ListSubscriptionsByTopic", of_topic).at("Subscriptions").as_array();
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(string_or_empty(left[0], "SubscriptionArn"), "PendingConfirmation");
}

TEST_F(ATopic, IsListedInPagesOfAHundred) {
  for (int i = 0; i < 120; ++i)
    r.call("sns:CreateTopic", fmt::format(R"({{"Name": "t{:03}"}})", i));
  const Json first = r.call("sns:ListTopics");
  EXPECT_THAT(first.at("Topics").as_array(), SizeIs(100));
  const Json second = r.call("sns:ListTopics", fmt::format(R"({{"NextToken": "{}"}})",
                                                           string_or_empty(first, "NextToken")));
  EXPECT_THAT(second.at("Topics").as_array(), SizeIs(21));
  EXPECT_EQ(find(second, "NextToken"), nullptr);
}

}  // namespace
}  // namespace slipway::sim
