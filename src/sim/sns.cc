#include "sim/sns.h"

#include "base/text.h"
#include "sim/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace slipway::sim {
namespace {

constexpr std::size_t kMostMessageBytes = 256UL * 1024;
constexpr std::size_t kSubjectLimit = 100;

// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
ServiceError invalid(std::string_view what) {
  return {400, "InvalidParameter", fmt::format("Invalid parameter: {}", what), {}};
}

std::string_view region_of(const Call& call) {
  return call.context.region.empty() ? call.region.name : call.context.region;
}

// The fourth part of an ARN.
std::string_view region_in(std::string_view arn) {
  const std::vector<std::string_view> parts = split(arn, ':');
  return parts.size() > 3 ? parts[3] : std::string_view();
}

Answer<Topic*> find_topic(const Call& call, std::string_view arn, const char* member) {
  if (!arn.starts_with("arn:"))
    return invalid(fmt::format("{} Reason: An ARN must have at least 6 elements, not {}", member,
                               std::count(arn.begin(), arn.end(), ':') + 1));
  if (region_in(arn) != region_of(call)) return invalid(member);
  const auto found = call.region.topics.find(arn);
  if (found == call.region.topics.end())
    return ServiceError{404, "NotFound", "Topic does not exist", {}};
  return &found->second;
}

Answer<Topic*> find_topic(const Call& call) {
  return find_topic(call, string_or_empty(call.input, "TopicArn"), "TopicArn");
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 256 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

bool is_true(const std::map<std::string, std::string>& attributes, const std::string& name) {
  const auto found = attributes.find(name);
  return found != attributes.end() && found->second == "true";
}

Reply CreateTopic(const Call& call) {
  const std::string name(string_or_empty(call.input, "Name"));
  std::map<std::string, std::string> attributes;
  if (const JsonObject* given = find_object(call.input, "Attributes"))
    for (const auto& entry : *given) attributes[entry.key()] = entry.value().as_string().c_str();

  const bool is_fifo = is_true(attributes, "FifoTopic");
  std::string_view stem = name;
  if (is_fifo && !name.ends_with(".fifo"))
    return invalid(
        "Topic Name Reason: Fifo Topic names must end with .fifo and must be made up of only "
        "uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be "
        "between 1 and 256 characters long.");
  if (is_fifo) stem.remove_suffix(std::string_view(".fifo").size());
  if (!is_plain_name(stem)) return invalid("Topic Name");

  const std::string arn = fmt::format("arn:{}:sns:{}:{}:{}", call.region.partition, region_of(call),
                                      call.region.account, name);
  const auto known = call.region.topics.find(arn);
  if (known != call.region.topics.end() && known->second.attributes != attributes)
    return invalid("Attributes Reason: Topic already exists with different attributes");
  Topic& topic = call.region.topics[arn];
  topic.arn = arn;
  topic.attributes = std::move(attributes);
  return answer_with({{"TopicArn", arn}});
}

// A topic that is not there is deleted without a word.
Reply DeleteTopic(const Call& call) {
  const auto found = call.region.topics.find(string_or_empty(call.input, "TopicArn"));
  if (found != call.region.topics.end()) call.region.topics.erase(found);
  return JsonText{};
}

Reply GetTopicAttributes(const Call& call) {
  TRY(Topic * topic, find_topic(call));
  const auto confirmed =
      std::count_if(topic->subscriptions.begin(), topic->subscriptions.end(),
                    [](const TopicSubscription& each) { return each.is_confirmed; });
  const auto pending = static_cast<std::ptrdiff_t>(topic->subscriptions.size()) - confirmed;
  JsonObject attributes{{"TopicArn", topic->arn},
                        {"Owner", call.region.account},
                        {"DisplayName", ""},
                        {"SubscriptionsConfirmed", std::to_string(confirmed)},
                        {"SubscriptionsPending", std::to_string(pending)},
                        {"SubscriptionsDeleted", "0"}};
  for (const auto& [name, value] : topic->attributes) attributes[name] = value;
  return answer_with({{"Attributes", std::move(attributes)}});
}

Reply list(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  return answer_with_page(call.input, items, {.member = member, .bad_token = invalid("NextToken")});
}

Reply ListTopics(const Call& call) {
  std::vector<PageItem> items;
  for (const auto& [arn, topic] : call.region.topics)
    if (region_in(arn) == region_of(call)) items.push_back({arn, JsonObject{{"TopicArn", arn}}});
  return list(call, "Topics", items);
}

// ---- Subscriptions ----------------------------------------------------------------------------

Reply Subscribe(const Call& call) {
  TRY(Topic * topic, find_topic(call));
  const std::string_view protocol = string_or_empty(call.input, "Protocol");
  constexpr std::array<std::string_view, 9> kProtocols = {
      "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs"};
  if (std::find(kProtocols.begin(), kProtocols.end(), protocol) == kProtocols.end())
    return invalid(fmt::format("Does not support this protocol string: {}", protocol));
  const std::string_view endpoint = string_or_empty(call.input, "Endpoint");
  for (const TopicSubscription& known : topic->subscriptions)
    if (known.protocol == protocol && known.endpoint == endpoint)
      return answer_with({{"SubscriptionArn", known.arn}});

  TopicSubscription& added = topic->subscriptions.emplace_back();
  added.arn = fmt::format("{}:{}", topic->arn, call.region.random.uuid());
  added.protocol = protocol;
  added.endpoint = endpoint;
  // People and web servers have to agree first.
  added.is_confirmed = !protocol.starts_with("email") && !protocol.starts_with("http");
  const bool shows_arn =
      added.is_confirmed || find_bool(call.input, "ReturnSubscriptionArn").value_or(false);
  return answer_with({{"SubscriptionArn", shows_arn ? added.arn : "pending confirmation"}});
}

Reply Unsubscribe(const Call& call) {
  const std::string_view arn = string_or_empty(call.input, "SubscriptionArn");
  for (auto& [topic_arn, topic] : call.region.topics)
    std::erase_if(topic.subscriptions,
                  [&](const TopicSubscription& each) { return each.arn == arn; });
  return JsonText{};
}

Reply ListSubscriptionsByTopic(const Call& call) {
  TRY(Topic * topic, find_topic(call));
  std::vector<PageItem> items;
  for (const TopicSubscription& each : topic->subscriptions)
    items.push_back({each.arn, JsonObject{{"SubscriptionArn",
                                           each.is_confirmed ? each.arn : "PendingConfirmation"},
                                          {"Owner", call.region.account},
                                          {"Protocol", each.protocol},
                                          {"Endpoint", each.endpoint},
                                          {"TopicArn", topic->arn}}});
  std::sort(items.begin(), items.end(),
            [](const PageItem& a, const PageItem& b) { return a.key < b.key; });
  return list(call, "Subscriptions", items);
}

// ---- Publish ----------------------------------------------------------------------------------

std::optional<ServiceError> check_message(const Json& input) {
  const std::string_view message = string_or_empty(input, "Message");
  if (message.empty()) return invalid("Empty message");
  if (message.size() > kMostMessageBytes) return invalid("Message too long");
  if (const auto subject = find_string(input, "Subject")) {
    const bool is_plain =
        std::all_of(subject->begin(), subject->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    if (subject->empty() || subject->size() >= kSubjectLimit || !is_plain ||
        subject->front() == ' ')
      return invalid("Subject");
  }
  if (const auto structure = find_string(input, "MessageStructure")) {
    if (*structure != "json") return invalid("MessageStructure");
    const Result<Json> texts = parse_json(message);
    if (!texts || !texts->is_object())
      return invalid("Message Structure - JSON message body failed to parse");
    if (!find_string(*texts, "default"))
      return invalid("Message Structure - No default entry in JSON message body");
  }
  return std::nullopt;
}

std::optional<ServiceError> check_fifo(const Topic& topic, const Json& input) {
  const bool has_id = find_string(input, "MessageDeduplicationId").has_value();
  if (!topic.is_fifo()) {
    if (has_id)
      return invalid(
          "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter "
          "that is not valid for this topic type");
    return std::nullopt;
  }
  if (!find_string(input, "MessageGroupId"))
    return invalid("The MessageGroupId parameter is required for FIFO topics");
  if (!has_id && !is_true(topic.attributes, "ContentBasedDeduplication"))
    return invalid(
        "The topic should either have ContentBasedDeduplication enabled or "
        "MessageDeduplicationId provided explicitly");
  return std::nullopt;
}

Reply Publish(const Call& call) {
  Topic* topic = nullptr;
  if (!find_string(call.input, "PhoneNumber")) {
    const char* member = find_string(call.input, "TopicArn") ? "TopicArn" : "TargetArn";
    const auto arn = find_string(call.input, member);
    if (!arn) return invalid("TopicArn or TargetArn Reason: no value for required parameter");
    TRY(topic, find_topic(call, *arn, member));
  }
  if (auto error = check_message(call.input)) return std::move(*error);
  if (topic != nullptr)
    if (auto error = check_fifo(*topic, call.input)) return std::move(*error);

  const std::string once(topic != nullptr && topic->is_fifo()
                             ? find_string(call.input, "MessageDeduplicationId")
                                   .value_or(string_or_empty(call.input, "Message"))
                             : std::string_view());
  if (!once.empty())
    if (const auto known = topic->deduplicated.find(once); known != topic->deduplicated.end())
      return answer_with(known->second.as_object());

  JsonObject result{{"MessageId", call.region.random.uuid()}};
  call.region.messages.push_back({.at = call.region.now,
                                  .MessageId = std::string(result["MessageId"].as_string()),
                                  .input = call.input});
  if (!once.empty()) {
    constexpr std::uint64_t kFirstSequence = 10'000'000'000'000'000'000u;
    result["SequenceNumber"] = std::to_string(kFirstSequence + ++topic->last_sequence);
    topic->deduplicated[once] = result;
  }
  return answer_with(std::move(result));
}

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"CreateTopic", CreateTopic},
    Operation{"DeleteTopic", DeleteTopic},
    Operation{"GetTopicAttributes", GetTopicAttributes, kReads},
    Operation{"ListSubscriptionsByTopic", ListSubscriptionsByTopic, kReads},
    Operation{"ListTopics", ListTopics, kReads},
    Operation{"Publish", Publish},
    Operation{"Subscribe", Subscribe},
    Operation{"Unsubscribe", Unsubscribe},
};

}  // namespace

JsonObject to_json(const PublishedMessage& message) {
  JsonObject json{{"at", to_iso8601(message.at, true)}, {"MessageId", message.MessageId}};
  for (const auto& member : message.input.as_object()) json[member.key()] = member.value();
  return json;
}

std::span<const Operation> sns_operations() { return kOperations; }

}  // namespace slipway::sim
