// An AWS operation as a constant: its shapes, its service, and what happens when it is sent twice.
#pragma once

#include "aws/service.h"
#include "aws/shape.h"

#include <string>
#include <string_view>

namespace slipway::aws {

// The answer of an operation that has none: AWS sends an empty body or {}.
struct NoAnswer {};
SHAPE(NoAnswer);

// What a second copy of the same request does. It decides how a lost reply is treated: the first
// three are sent again, the last is not, because nobody knows whether the first copy worked.
enum class Repeat {
  kRead,        // changes nothing
  kIdempotent,  // asks for a state; asking twice gives the same state
  kToken,       // the service tells copies apart by an idempotency token in the request
  kOnce,        // does it a second time
};

// The part of an operation that does not depend on its shapes.
struct CallFacts {
  const ServiceFacts& service;
  std::string_view operation;
  Repeat repeat = Repeat::kOnce;
  bool is_signed = true;
  bool answers_secrets = false;  // then no error may quote an answer
};

template <class Req, class Resp>
struct Operation {
  using Request = Req;
  using Response = Resp;

  const ServiceFacts& service;
  std::string_view name;
  Repeat repeat;
  std::string Req::* token = nullptr;             // kToken: filled with a uuid when empty
  bool (*is_once)(const Req& request) = nullptr;  // requests for which `repeat` is too kind
  std::string Req::* page_request = nullptr;      // where the token of the next page goes
  std::string Resp::* page_response = nullptr;    // where it comes from; empty on the last page
  bool is_signed = true;
  bool answers_secrets = false;

  CallFacts facts(const Req& request) const {
    const bool once = is_once != nullptr && is_once(request);
    return {service, name, once ? Repeat::kOnce : repeat, is_signed, answers_secrets};
  }
};

}  // namespace slipway::aws
