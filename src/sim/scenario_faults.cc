#include "sim/scenario_faults.h"

#include "base/text.h"
#include "base/time.h"
#include "sim/partial_failure.h"
#include "sim/scenario_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::sim {
namespace {

void read_partial_failure(Fields& fields, Fault& fault) {
  if (!can_fail_in_part(fault.operation))
    fields.error("on", "expected events:PutTargets or events:RemoveTargets");
  fault.code = fields.text("code").value_or("InternalException");
  if (fault.message.empty()) fault.message = "The entry could not be changed.";
  set(fault.count, fields.integer("entries", {.at_least = 1}));
}

void read_effect(Fields& fields, Fault& fault) {
  using enum FaultKind;
  const auto is_one_of = [&](std::initializer_list<FaultKind> kinds) {
    return std::find(kinds.begin(), kinds.end(), fault.kind) != kinds.end();
  };
  if (is_one_of({kReset, kNoAnswer, kHtml, kServerError, kUnavailable, kError}))
    set(fault.after_effect, fields.boolean("after_effect"));
  if (fault.kind == kSlow && fields.require("delay")) set(fault.delay, fields.duration("delay"));
  if (fault.kind == kClockSkew && fields.require("by")) {
    // The server's clock may be behind as well.
    const std::string text = fields.text("by").value_or("");
    const bool is_behind = text.starts_with('-');
    const auto by = parse_duration(std::string_view(text).substr(is_behind ? 1 : 0));
    if (!by)
      fields.error("by", "expected a duration such as 10m or -10m");
    else
      fault.delay = is_behind ? -*by : *by;
  }
  if (fault.kind == kSlowBytes && fields.require("bytes_per_second"))
    set(fault.bytes_per_second, fields.number("bytes_per_second", {.at_least = 0.001}));
  if (fault.kind == kTruncated) set(fault.bytes, fields.integer("bytes", {.at_least = 0}));
  if (is_one_of({kHtml, kServerError, kError}))
    set(fault.status, fields.integer("status", {.at_least = 200, .at_most = 599}));
  if (fault.kind == kUnavailable) fault.status = 503;
  if (fault.kind == kServerError && fault.status == 0) fault.status = 500;
  if (is_one_of({kServerError, kError})) set(fault.code, fields.text("code"));
  if (fault.kind == kError) fields.require("code");
  if (is_one_of({kServerError, kError, kAccessDenied, kPartialFailure}))
    set(fault.message, fields.text("message"));
  if (fault.kind == kPartialFailure) read_partial_failure(fields, fault);
  if (fault.kind == kServerError && fault.message.empty())
    fault.message = "Service Unavailable. Please try again later.";
  if (is_one_of({kThrottled, kServerError, kUnavailable, kError}))
    if (const auto after = fields.duration("retry_after")) fault.retry_after = *after;
}

}  // namespace

Fault read_fault(Fields& fields) {
  Fault fault;
  const std::string kind = fields.required_text("fault");
  const auto named = std::find_if(fault_names().begin(), fault_names().end(),
                                  [&](const FaultName& name) { return name.name == kind; });
  if (named != fault_names().end()) {
    fault.kind = named->kind;
  } else if (!kind.empty()) {
    std::vector<std::string> names;
    for (const FaultName& name : fault_names()) names.emplace_back(name.name);
    const auto near = nearest(kind, names);
    fields.error("fault", fmt::format("there is no such fault; there are {}", join(names, ", ")),
                 near ? "did you mean " + *near + "?" : "");
  }

  set(fault.operation, fields.text("on"));
  if (fault.operation != "*" && fault.operation.find(':') == std::string::npos)
    fields.error("on", "expected service and operation, such as ecs:UpdateService");
  set(fault.access_key, fields.text("access_key"));
  fault.input = fields.texts_by_name("input");

  // Credentials expire once; everything else happens until it is over.
  if (fault.kind == FaultKind::kExpiredCredentials) fault.calls = 1;
  set(fault.first_call, fields.integer("first_call", {.at_least = 1}));
  if (const auto calls = fields.integer("calls", {.at_least = 1}))
    fault.calls = static_cast<int>(*calls);
  if (const auto from = fields.duration("from")) fault.from = *from;
  if (const auto until = fields.duration("until")) fault.until = *until;
  set(fault.after_operation, fields.text("after_operation"));
  set(fault.during_deployment_of, fields.text("during_deployment_of"));
  if (!fault.during_deployment_of.empty())
    check_cluster_and_service(fields, "during_deployment_of", fault.during_deployment_of);
  set(fault.share_percent, fields.number("share_percent", kPercent));

  read_effect(fields, fault);
  return fault;
}

}  // namespace slipway::sim
