// From AWS's bad news to an `Error`: the one place that knows what AWS's codes mean, and the only
// one that ever looks at the text of a message, for the few things AWS says in no other way.
#pragma once

#include "aws/operation.h"
#include "base/result.h"
#include "base/transport.h"

#include <optional>
#include <string>
#include <string_view>

namespace slipway::aws {

// "ecs:UpdateService".
std::string operation_name(const CallFacts& call);

// What AWS's code means for us. The message decides only where the code is a catch-all
// (ClientException "Unable to describe task definition." is kNotFound).
ErrorKind kind_of_code(std::string_view code, int http_status, std::string_view message = {});

// The error in an answer that is not a 2xx, of whatever origin: AWS, a proxy, a web server.
Error error_of_answer(const CallFacts& call, std::string_view endpoint,
                      const HttpResponse& response);

// A 2xx whose body is not what the operation answers. `problem` is the decoder's.
Error error_of_bad_body(const CallFacts& call, std::string_view endpoint,
                        const HttpResponse& response, std::string_view problem);

// A body that does not even begin like an answer of this service, as opposed to one that was cut
// short on the way.
bool is_foreign_body(const CallFacts& call, const HttpResponse& response);

std::string request_id_of(const HttpResponse& response);

// The action and resource that "... is not authorized to perform: ..." names.
struct Denial {
  std::string action;    // "iam:PassRole"
  std::string resource;  // empty when the message does not say
  std::string because;   // "no identity-based policy allows the iam:PassRole action"
};
std::optional<Denial> parse_denial(std::string_view message);

}  // namespace slipway::aws
