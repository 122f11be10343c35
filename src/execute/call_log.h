// Counts every call to AWS and tells the views of it.
#pragma once

#include "aws/client.h"
#include "base/json.h"
#include "base/time.h"
#include "model/event.h"

namespace slipway {

// Whether CallMade carries what a call was made with.
enum class CallParameters { kLeftOut, kMasked };

class CallLog final : public aws::CallObserver {
 public:
  // Views hear of each call as CallMade; the journal does not.
  CallLog(Clock& clock, Sink& views, CallParameters parameters = CallParameters::kLeftOut)
      : clock_(clock), views_(views), parameters_(parameters) {}

  void on_attempt(const aws::AttemptReport& attempt) override;
  void on_call(const aws::CallReport& call) override;

  int calls() const { return calls_; }          // requests that were sent, every attempt counted
  int throttled() const { return throttled_; }  // of those

 private:
  Clock& clock_;
  Sink& views_;
  CallParameters parameters_;
  int calls_ = 0;
  int throttled_ = 0;
};

// The same with "****" for the values of environment variables, wherever they stand: people keep
// passwords there. A template is masked whole.
Json masked(Json request);

}  // namespace slipway
