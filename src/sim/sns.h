// The simulated SNS: topics, subscriptions, and what was published. Nothing is delivered: messages
// stay to be read, in process or as GET /_slipway/messages.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace slipway::sim {

struct Operation;  // sim/calls.h

struct TopicSubscription {
  std::string arn;
  std::string protocol;
  std::string endpoint;
  bool is_confirmed = false;
};

struct Topic {
  std::string arn;
  std::map<std::string, std::string> attributes;  // as CreateTopic gave them
  std::vector<TopicSubscription> subscriptions;
  std::map<std::string, Json> deduplicated;  // FIFO: the answer by MessageDeduplicationId
  std::uint64_t last_sequence = 0;

  bool is_fifo() const { return arn.ends_with(".fifo"); }
};

struct PublishedMessage {
  TimePoint at;
  std::string MessageId;
  Json input;  // Publish's: TopicArn or TargetArn, Message, Subject, ...
};
// One as /_slipway/messages shows it.
JsonObject to_json(const PublishedMessage& message);

std::span<const Operation> sns_operations();

}  // namespace slipway::sim
