// Telling people about a run: messages to an SNS topic when it has begun and when it has ended.
// They are made of the run's own events, so they cannot say anything else than the screen did.
// docs/manual/slipway-yml.md documents them.
#pragma once

#include "execute/context.h"
#include "model/event.h"
#include "model/release.h"

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

enum class RunMoment { kStarted, kSucceeded, kFailed };
std::string_view to_string(RunMoment moment);  // "started", ...

// Gathers what messages tell.
class RunDigest final : public Sink {
 public:
  void on(const Event& event) override;

  struct Item {
    Subject subject;
    ItemEnded ended;
  };
  const RunStarted& started() const { return started_; }
  TimePoint at() const { return at_; }  // of what was heard last
  // Each as it stands after the way back, in the order in which they ended.
  const std::vector<Item>& items() const { return items_; }

 private:
  RunStarted started_;
  TimePoint at_;
  std::vector<Item> items_;
};

// Subject: under 100 characters of printable ASCII. Message: one JSON object of at most 262144
// bytes; a longer one loses its items, then its sentences, and says "truncated".
// https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
struct RunMessage {
  std::string subject;
  std::string body;
  bool operator==(const RunMessage&) const = default;
};
// `ended` is null while the run goes on.
RunMessage message_of(const RunDigest& digest, RunMoment moment, const RunEnded* ended);

bool wants(const Notify& notify, RunMoment moment);
// In the region that the topic's ARN names, and given up after half a minute. NotificationSent is
// said when it worked.
Result<void> publish(Context& context, const Notify& notify, RunMoment moment,
                     const RunMessage& message, const std::string& run_id);

}  // namespace slipway
