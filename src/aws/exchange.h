// Small unsigned exchanges with the services that hand out credentials: a request, a few attempts,
// a JSON answer. What they say may hold secrets, so no error ever repeats an answer that was not
// itself an error, nor one that could not be read.
#pragma once

#include "base/json.h"
#include "base/result.h"
#include "base/runtime.h"

#include <string>
#include <string_view>

namespace slipway::aws {

// The waiting fiber was cancelled or ran into its deadline: no word about the other side.
bool is_called_off(const Error& error);

struct Patience {
  int attempts = 3;
  Duration pause = std::chrono::seconds(1);
  bool after_any_refusal = false;  // else only after 429 and 5xx
};

// The JSON of an answer of status 200. `who` names the other side in errors: "the SSO portal".
// Errors: those of Transport; "exchange.not-json" (kUnavailable) for 200 without JSON; otherwise
// the code that the other side gave, or "exchange.status", with its own message, and kDenied for
// 4xx, kThrottled for 429, kUnavailable for 5xx.
Result<Json> exchange_json(Runtime& runtime, const HttpRequest& request, std::string_view who,
                           const Patience& patience = {});

}  // namespace slipway::aws
