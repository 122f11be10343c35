// Amazon SNS: topics and what is published to them. shapes_test.cc holds the shapes against
// models/sns.json. MessageAttributes are not carried: nobody here sends any.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws {

// Exactly one of TopicArn, TargetArn and PhoneNumber. A message has at most 262144 bytes, a subject
// fewer than 100 ASCII characters and no line break. Sent twice, it arrives twice.
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
struct PublishInput {
  std::string TopicArn;
  std::string TargetArn;
  std::string PhoneNumber;
  std::string Message;
  std::string Subject;
  std::string MessageStructure;        // "json": Message has a text for each protocol
  std::string MessageDeduplicationId;  // FIFO topics only, and the next one
  std::string MessageGroupId;
};
SHAPE(PublishInput, TopicArn, TargetArn, PhoneNumber, Message, Subject, MessageStructure,
      MessageDeduplicationId, MessageGroupId);
struct PublishResponse {
  std::string MessageId;
  std::string SequenceNumber;  // FIFO topics only
};
SHAPE(PublishResponse, MessageId, SequenceNumber);
inline constexpr Operation<PublishInput, PublishResponse> Publish{kSns, "Publish", Repeat::kOnce};

// A topic that exists with the same attributes is answered as if it were new.
// https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
struct CreateTopicInput {
  std::string Name;  // of a FIFO topic: ends in ".fifo"
  std::map<std::string, std::string> Attributes;
};
SHAPE(CreateTopicInput, Name, Attributes);
struct CreateTopicResponse {
  std::string TopicArn;
};
SHAPE(CreateTopicResponse, TopicArn);
inline constexpr Operation<CreateTopicInput, CreateTopicResponse> CreateTopic{kSns, "CreateTopic",
                                                                              Repeat::kIdempotent};

// https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html
struct DeleteTopicInput {
  std::string TopicArn;
};
SHAPE(DeleteTopicInput, TopicArn);
inline constexpr Operation<DeleteTopicInput, NoAnswer> DeleteTopic{kSns, "DeleteTopic",
                                                                   Repeat::kIdempotent};

// https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html
struct GetTopicAttributesInput {
  std::string TopicArn;
};
SHAPE(GetTopicAttributesInput, TopicArn);
struct GetTopicAttributesResponse {
  std::map<std::string, std::string> Attributes;
};
SHAPE(GetTopicAttributesResponse, Attributes);
inline constexpr Operation<GetTopicAttributesInput, GetTopicAttributesResponse> GetTopicAttributes{
    kSns, "GetTopicAttributes", Repeat::kRead};

struct Topic {
  std::string TopicArn;
  bool operator==(const Topic&) const = default;
};
SHAPE(Topic, TopicArn);

// Pages of 100.
// https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html
struct ListTopicsInput {
  std::string NextToken;
};
SHAPE(ListTopicsInput, NextToken);
struct ListTopicsResponse {
  std::vector<Topic> Topics;
  std::string NextToken;
};
SHAPE(ListTopicsResponse, Topics, NextToken);
inline constexpr Operation<ListTopicsInput, ListTopicsResponse> ListTopics{
    .service = kSns,
    .name = "ListTopics",
    .repeat = Repeat::kRead,
    .page_request = &ListTopicsInput::NextToken,
    .page_response = &ListTopicsResponse::NextToken};

// https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
struct SubscribeInput {
  std::string TopicArn;
  std::string Protocol;
  std::string Endpoint;
  std::map<std::string, std::string> Attributes;
  std::optional<bool> ReturnSubscriptionArn;
};
SHAPE(SubscribeInput, TopicArn, Protocol, Endpoint, Attributes, ReturnSubscriptionArn);
struct SubscribeResponse {
  std::string SubscriptionArn;  // "pending confirmation" until the endpoint agreed
};
SHAPE(SubscribeResponse, SubscriptionArn);
inline constexpr Operation<SubscribeInput, SubscribeResponse> Subscribe{kSns, "Subscribe",
                                                                        Repeat::kIdempotent};

// https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html
struct UnsubscribeInput {
  std::string SubscriptionArn;
};
SHAPE(UnsubscribeInput, SubscriptionArn);
inline constexpr Operation<UnsubscribeInput, NoAnswer> Unsubscribe{kSns, "Unsubscribe",
                                                                   Repeat::kIdempotent};

struct Subscription {
  std::string SubscriptionArn;
  std::string Owner;
  std::string Protocol;
  std::string Endpoint;
  std::string TopicArn;
  bool operator==(const Subscription&) const = default;
};
SHAPE(Subscription, SubscriptionArn, Owner, Protocol, Endpoint, TopicArn);

// Pages of 100.
// https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
struct ListSubscriptionsByTopicInput {
  std::string TopicArn;
  std::string NextToken;
};
SHAPE(ListSubscriptionsByTopicInput, TopicArn, NextToken);
struct ListSubscriptionsByTopicResponse {
  std::vector<Subscription> Subscriptions;
  std::string NextToken;
};
SHAPE(ListSubscriptionsByTopicResponse, Subscriptions, NextToken);
inline constexpr Operation<ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse>
    ListSubscriptionsByTopic{.service = kSns,
                             .name = "ListSubscriptionsByTopic",
                             .repeat = Repeat::kRead,
                             .page_request = &ListSubscriptionsByTopicInput::NextToken,
                             .page_response = &ListSubscriptionsByTopicResponse::NextToken};

}  // namespace slipway::aws
