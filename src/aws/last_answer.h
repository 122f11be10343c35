// An answer that is asked for again and again. Who watches a rollout mostly sees what the look
// before saw, to the byte: reading that once is enough. Given to Client::call_untyped in the place
// of the answer itself:
//
//   LastAnswer last{.answer = ref(reply), .body = std::move(body_of_the_call_before)};
//   TRY_VOID(ecs.call_untyped(facts, ref(request), ref(last)));
//   if (!last.is_same) ...  // `reply` holds what is new
#pragma once

#include "aws/shape.h"

#include <string>

namespace slipway::aws {

struct LastAnswer {
  Ref answer;             // where one is read into, unless it is the same
  std::string body = {};  // of the answer that was read last; empty: of none
  bool is_same = false;
};

inline constexpr Type kLastAnswer{.kind = Kind::kShape, .name = "LastAnswer"};
inline Ref ref(LastAnswer& last) { return {kLastAnswer, &last}; }

}  // namespace slipway::aws
