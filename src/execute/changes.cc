#include "execute/changes.h"

#include "execute/observe.h"
#include "execute/requests.h"
#include "plan/derive.h"

#include <utility>

namespace slipway {

using namespace std::chrono_literals;

namespace {

Result<TaskDefinitionSnapshot> find_lost_registration(Context& context,
                                                      const RegisterTaskDefinition& action) {
  for (const Duration pause : {1s, 3s}) {
    TRY_VOID(context.clock().sleep_for(pause));
    const Result<TaskDefinitionSnapshot> newest = look_at_task_definition(context, action.family);
    if (!newest && called_off(newest.error())) return newest;
    if (newest && describes_same(action.document, *newest)) return newest;
  }
  return Error{ErrorKind::kNotFound, "task-definition.missing",
               "no revision of " + action.family + " says what was to be registered"};
}

Result<ServiceLook> find_lost_update(Context& context, const ServiceWatch& watch) {
  for (const Duration pause : {1s, 2s, 4s, 8s}) {
    TRY_VOID(context.clock().sleep_for(pause));
    Result<ServiceLook> look = describe_service(context.ecs, context.cluster, watch.service);
    if (!look && called_off(look.error())) return look;
    if (look && !deployment_created(watch, *look).empty()) return look;
  }
  return Error{ErrorKind::kNotFound, "deployment.missing",
               "service " + watch.service + " has no deployment of " +
                   family_revision_of(watch.taskDefinition)};
}

}  // namespace

Result<TaskDefinitionSnapshot> register_task_definition(Context& context, const Change& change,
                                                        const RegisterTaskDefinition& action) {
  const auto done = [&](TaskDefinitionSnapshot definition) {
    context.events.say(change.subject,
                       TaskDefinitionRegistered{.arn = definition.arn,
                                                .family_revision = definition.family_revision()});
    return definition;
  };
  context.events.say(change.subject, TaskDefinitionRegistering{action.family});
  for (bool again = true;; again = false) {
    TRY_VOID(context.events.announce(change.subject, "ecs:RegisterTaskDefinition", action.document,
                                     change.is_undo));
    if (change.sent) change.sent();
    Result<aws::RegisterTaskDefinitionResponse> reply =
        context.ecs.call(aws::RegisterTaskDefinition, action.document);
    if (reply) {
      TRY(TaskDefinitionSnapshot definition,
          snapshot_of(std::move(reply->taskDefinition), std::move(reply->tags)));
      return done(std::move(definition));
    }
    Error lost = std::move(reply.error());
    lost.context.push_back("registering a revision of " + action.family);
    if (!aws::is_reply_lost(lost)) return lost;
    // A second copy would be a second revision, so first see whether the first one is there.
    context.events.say(change.subject, Note{NoteLevel::kWarning,
                                            "no answer to ecs:RegisterTaskDefinition; looking "
                                            "whether it was registered"});
    Result<TaskDefinitionSnapshot> found = find_lost_registration(context, action);
    if (found) return done(std::move(*found));
    if (called_off(found.error())) return found;
    if (!again) return lost;
  }
}

Result<aws::RunTaskResponse> run_task(Context& context, const Change& change,
                                      const aws::RunTaskRequest& request) {
  for (bool again = true;; again = false) {
    Result<aws::RunTaskResponse> reply = call_announced(context, change, aws::RunTask, request);
    if (reply) return reply;
    reply.error().context.push_back("starting task " + change.subject.item);
    if (!aws::is_reply_lost(reply.error()) || !again) return reply;
    context.events.say(
        change.subject,
        Note{NoteLevel::kWarning, "no answer to ecs:RunTask; asking again with its token"});
    TRY_VOID(context.clock().sleep_for(5s));
  }
}

Result<ServiceLook> update_service(Context& context, const Change& change,
                                   const aws::UpdateServiceRequest& request,
                                   const ServiceWatch& watch) {
  for (bool again = true;; again = false) {
    const Result<aws::UpdateServiceResponse> reply =
        call_announced(context, change, aws::UpdateService, request);
    if (reply) return look_of(reply->service);
    Error lost = reply.error();
    lost.context.push_back("updating service " + request.service);
    if (!aws::is_reply_lost(lost)) return lost;
    context.events.say(change.subject, Note{NoteLevel::kWarning,
                                            "no answer to ecs:UpdateService; looking whether a "
                                            "deployment was created"});
    Result<ServiceLook> found = find_lost_update(context, watch);
    if (found || called_off(found.error())) return found;
    if (!again) return lost;
  }
}

}  // namespace slipway
