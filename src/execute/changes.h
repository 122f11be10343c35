// Calls that change something and whose answer may get lost on the way. Each is announced to the
// journal before it is sent; when nobody knows whether it worked, what a second copy would do twice
// is looked up and not sent again.
#pragma once

#include "aws/ecs.h"
#include "base/result.h"
#include "execute/context.h"
#include "execute/look.h"
#include "execute/requests.h"
#include "execute/watch.h"
#include "model/event.h"
#include "model/plan.h"
#include "model/snapshot.h"

#include <functional>
#include <string>
#include <type_traits>

namespace slipway {

struct Change {
  const Subject& subject;
  bool is_undo = false;
  // From here on the call may have happened, whatever becomes of its answer.
  std::function<void()> sent = {};
};

// Journal before call, in one: it is announced and then made. When it could not be announced that
// is the call's error, and it was not made.
template <class Req, class Resp>
Result<Resp> call_announced(Context& context, const Change& change,
                            const aws::Operation<Req, Resp>& operation,
                            const std::type_identity_t<Req>& request) {
  TRY_VOID(context.events.announce(
      change.subject, std::string(operation.service.id) + ":" + std::string(operation.name),
      to_json(aws::ref(request)), change.is_undo));
  if (change.sent) change.sent();
  return context.clients.call(operation, request);
}

// Says TaskDefinitionRegistering and TaskDefinitionRegistered.
Result<TaskDefinitionSnapshot> register_task_definition(Context& context, const Change& change,
                                                        const RegisterTaskDefinition& action);

// `request` has a client token: with it ECS answers a second copy with the tasks of the first.
Result<aws::RunTaskResponse> run_task(Context& context, const Change& change,
                                      const aws::RunTaskRequest& request);

// `watch` knows the deployments from before and the definition that is asked for: a lost update is
// found by them.
Result<ServiceLook> update_service(Context& context, const Change& change,
                                   const aws::UpdateServiceRequest& request,
                                   const ServiceWatch& watch);

}  // namespace slipway
