#include "sim/service_call.h"

#include "aws/service.h"
#include "sim/calls.h"
#include "sim/input_check.h"

#include <fmt/format.h>

namespace slipway::sim {

Answer<Json> call_on_behalf(Region& region, const OnBehalf& of, std::string_view service,
                            std::string_view operation, const Json& input) {
  if (region.guard)
    if (auto denied = region.guard(of.principal_arn, service, operation, input)) return *denied;
  const Operation* found = find_operation(service, operation);
  if (found == nullptr)
    return ServiceError{400,
                        "GeneralServiceException",
                        fmt::format("{}:{} is not simulated", service, operation),
                        {}};
  if (const aws::ServiceFacts* facts = aws::find_service_facts(service))
    if (auto error = check_input(*facts, operation, input)) return *error;
  const CallContext context{.principal_arn = of.principal_arn,
                            .region = region.name,
                            .invoked_by = std::string(of.invoked_by)};
  Reply reply = found->answer(Call{region, context, input});
  if (!reply) return reply.error();
  return reply->parse();
}

}  // namespace slipway::sim
