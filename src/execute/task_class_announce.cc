#include "execute/task_class_announce.h"

#include "aws/facts.h"
#include "aws/sns.h"
#include "base/text.h"
#include "base/time.h"
#include "model/python_json.h"

#include <fmt/format.h>

namespace slipway {
namespace {

// As Python's datetime.isoformat says it, in UTC.
std::string isoformat(double epoch_seconds) {
  const auto time = TimePoint(Duration(std::llround(epoch_seconds * 1e6)));
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  std::string text = to_iso8601(whole);
  text.pop_back();  // the Z
  if (time != whole) text += fmt::format(".{:06}", (time - whole).count());
  return text + "+00:00";
}

void rewrite_times(Json& value, const aws::Facts& facts, std::string_view shape_name) {
  const aws::ShapeFacts* shape = facts.shape(shape_name);
  if (shape == nullptr || shape->is_document) return;
  if (shape->kind == aws::FactKind::kTimestamp && value.is_number()) {
    value = isoformat(value.to_number<double>());
  } else if (value.is_array() && shape->kind == aws::FactKind::kList) {
    for (Json& item : value.get_array()) rewrite_times(item, facts, shape->element);
  } else if (value.is_object() && shape->kind == aws::FactKind::kMap) {
    for (auto& member : value.get_object()) rewrite_times(member.value(), facts, shape->element);
  } else if (value.is_object()) {
    for (auto& member : value.get_object())
      if (const aws::MemberFacts* known = shape->find(member.key()))
        rewrite_times(member.value(), facts, known->shape);
  }
}

Json metadata_of(const aws::AnswerFacts& answer) {
  JsonObject headers;
  for (const auto& [name, value] : answer.headers) headers[to_lower(name)] = value;
  return JsonObject{{"RequestId", answer.request_id},
                    {"HTTPStatusCode", answer.http_status},
                    {"HTTPHeaders", std::move(headers)},
                    {"RetryAttempts", answer.retries}};
}

std::string shortened(JsonObject message) {
  message["truncated"] = true;
  if (Json* service = message["result"].is_object()
                          ? message["result"].get_object().if_contains("service")
                          : nullptr;
      service != nullptr && service->is_object())
    remove_member(service->get_object(), "events");
  std::string text = to_python_text(message);
  if (text.size() <= kLongestMessage) return text;
  remove_member(message, "result");
  return to_python_text(message);
}

}  // namespace

std::string message_about(const TaskClassCall& call, const aws::CallFacts& facts, const Json& input,
                          const aws::DocumentReply& reply) {
  Json result = reply.document.is_object() ? reply.document : Json(JsonObject());
  const aws::Facts& model = aws::Facts::of(facts.service);
  if (const aws::OperationFacts* operation = model.operation(facts.operation))
    rewrite_times(result, model, operation->output);
  result.get_object()["ResponseMetadata"] = metadata_of(reply.facts);
  JsonObject message{{"client", call.client},
                     {"method", call.method},
                     {"input", input},
                     {"result", std::move(result)}};
  std::string text = to_python_text(message);
  return text.size() <= kLongestMessage ? text : shortened(std::move(message));
}

Result<void> announce(aws::Clients& clients, Random& random, const TaskClassPlan& plan,
                      std::string message) {
  // arn:aws:sns:REGION:ACCOUNT:NAME
  const std::vector<std::string_view> arn = split(plan.topic, ':');
  aws::PublishInput request{.TargetArn = plan.topic, .Message = std::move(message)};
  if (plan.topic.ends_with(".fifo")) {
    request.MessageGroupId = plan.family;
    request.MessageDeduplicationId = random.uuid();
  }
  TRY_VOID(clients.call(aws::Publish, request, arn.size() > 3 ? std::string(arn[3]) : ""));
  return {};
}

}  // namespace slipway
