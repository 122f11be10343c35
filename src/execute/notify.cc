#include "execute/notify.h"

#include "aws/sns.h"
#include "base/text.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLongestBody = 262'144;
constexpr std::size_t kLongestSubject = 99;
constexpr Duration kPatience = 30s;

// SNS takes no line breaks, no control characters and nothing beyond ASCII.
std::string as_subject(std::string_view text) {
  std::string subject;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0u) == 0x80u) continue;  // the rest of a character that has its "?"
    subject += byte < 0x20 || byte == 0x7F ? ' ' : byte < 0x80 ? c : '?';
  }
  if (subject.size() > kLongestSubject) subject = subject.substr(0, kLongestSubject - 3) + "...";
  return subject;
}

Json to_json(const RunDigest::Item& item) {
  JsonObject object{{"kind", to_string(item.subject.kind)},
                    {"item", item.subject.item},
                    {"outcome", to_string(item.ended.outcome)}};
  if (!item.ended.task_definition.empty()) object["task_definition"] = item.ended.task_definition;
  if (item.ended.error) object["reason"] = item.ended.error->message;
  return object;
}

std::string region_of(const std::string& topic_arn) {
  const std::vector<std::string_view> parts = split(topic_arn, ':');
  return parts.size() > 3 ? std::string(parts[3]) : std::string();
}

}  // namespace

std::string_view to_string(RunMoment moment) {
  switch (moment) {
    case RunMoment::kStarted:
      return "started";
    case RunMoment::kSucceeded:
      return "succeeded";
    case RunMoment::kFailed:
      return "failed";
  }
  return "unknown";
}

void RunDigest::on(const Event& event) {
  at_ = event.at;
  if (const auto* started = std::get_if<RunStarted>(&event.body)) started_ = *started;
  const auto* ended = std::get_if<ItemEnded>(&event.body);
  if (ended == nullptr) return;
  const auto known = std::ranges::find_if(items_, [&](const Item& item) {
    return item.subject.kind == event.subject.kind && item.subject.item == event.subject.item;
  });
  // The way back has items of the same names; what it says of them is where they stand now.
  if (event.subject.stage != StageKind::kRollback || known == items_.end()) {
    items_.push_back({event.subject, *ended});
    return;
  }
  if (ended->outcome == Outcome::kSucceeded)
    known->ended.outcome = Outcome::kRolledBack;
  else if (ended->outcome != Outcome::kSkipped)
    known->ended.outcome = Outcome::kRollbackFailed;
  known->ended.task_definition = ended->task_definition;
  if (ended->error && !known->ended.error) known->ended.error = ended->error;
}

RunMessage message_of(const RunDigest& digest, RunMoment moment, const RunEnded* ended) {
  const RunStarted& run = digest.started();
  RunMessage message;
  message.subject =
      as_subject(fmt::format("{}{}: {} {}", run.application.empty() ? "" : run.application + " on ",
                             run.cluster, run.command, to_string(moment)));
  JsonObject body{{"schema", 1},
                  {"status", to_string(moment)},
                  {"at", to_iso8601(digest.at(), true)},
                  {"run", run.run_id},
                  {"command", run.command}};
  if (!run.application.empty()) body["application"] = run.application;
  body["cluster"] = run.cluster;
  body["region"] = run.region;
  if (run.simulated) body["simulated"] = true;
  if (ended != nullptr) {
    body["outcome"] = to_string(ended->outcome);
    if (!ended->reason.empty()) body["reason"] = ended->reason;
    JsonArray items;
    for (const RunDigest::Item& item : digest.items()) items.push_back(to_json(item));
    body["items"] = std::move(items);
    if (!ended->state.empty()) body["state"] = boost::json::value_from(ended->state);
    if (!ended->next_step.empty()) body["next_step"] = ended->next_step;
    body["elapsed_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(ended->elapsed).count();
  }
  message.body = to_text(Json(body));
  for (const std::string_view most : {"items", "state", "reason"}) {
    if (message.body.size() <= kLongestBody) break;
    remove_member(body, most);
    body["truncated"] = true;
    message.body = to_text(Json(body));
  }
  return message;
}

bool wants(const Notify& notify, RunMoment moment) {
  switch (moment) {
    case RunMoment::kStarted:
      return notify.started;
    case RunMoment::kSucceeded:
      return notify.succeeded;
    case RunMoment::kFailed:
      return notify.failed;
  }
  return false;
}

Result<void> publish(Context& context, const Notify& notify, RunMoment moment,
                     const RunMessage& message, const std::string& run_id) {
  aws::PublishInput request{.TopicArn = notify.topic_arn,
                            .TargetArn = {},
                            .PhoneNumber = {},
                            .Message = message.body,
                            .Subject = message.subject,
                            .MessageStructure = {},
                            .MessageDeduplicationId = {},
                            .MessageGroupId = {}};
  if (notify.topic_arn.ends_with(".fifo")) {
    request.MessageGroupId = "slipway";
    request.MessageDeduplicationId = fmt::format("{}-{}", run_id, to_string(moment));
  }
  const Deadline patience(context.runtime.fibers, context.clock().now() + kPatience);
  TRY_VOID(context.events.announce({}, "sns:Publish", to_json(aws::ref(request))));
  TRY(const aws::PublishResponse published,
      context.clients.call(aws::Publish, request, region_of(notify.topic_arn))
          .context("publishing that the run has " + std::string(to_string(moment)) + " to " +
                   notify.topic_arn));
  context.events.say({}, NotificationSent{.topic = notify.topic_arn,
                                          .status = std::string(to_string(moment)),
                                          .message_id = published.MessageId});
  return {};
}

}  // namespace slipway
