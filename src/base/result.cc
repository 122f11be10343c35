#include "base/result.h"

#include <fmt/format.h>

namespace slipway {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kNotFound:
      return "not found";
    case ErrorKind::kConflict:
      return "conflict";
    case ErrorKind::kDenied:
      return "denied";
    case ErrorKind::kThrottled:
      return "throttled";
    case ErrorKind::kUnavailable:
      return "unavailable";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kFailed:
      return "failed";
    case ErrorKind::kInternal:
      return "internal";
  }
  return "unknown";
}

std::string to_string(const Error& error) {
  std::string text = error.message.empty() ? std::string(to_string(error.kind)) : error.message;
  for (const std::string& doing : error.context) text += "\n  while " + doing;
  // The code alone, without a call, is ours: programs branch on it, people have the message.
  if (error.operation.empty() && error.request_id.empty()) return text;

  std::string call = error.operation;
  auto append = [&call](const std::string& part) {
    if (!call.empty() && !part.empty()) call += ", ";
    call += part;
  };
  append(error.code);
  // With an AWS code the status adds nothing; without one it is all that is known.
  if (error.code.empty() && error.http_status != 0)
    append(fmt::format("HTTP {}", error.http_status));
  if (!error.request_id.empty()) append("request " + error.request_id);
  return text + "\n  " + call;
}

}  // namespace slipway
