// Observing: AWS to `Snapshot`, with as few calls as the API allows. What cannot be looked at
// stands in the snapshot as its error, so that planning can tell everything at once.
#pragma once

#include "execute/context.h"
#include "execute/look.h"
#include "model/release.h"
#include "model/snapshot.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace slipway {

// ECS's limits on names in one call.
inline constexpr std::size_t kServicesPerCall = 10;
inline constexpr std::size_t kTasksPerCall = 100;

// One call: at most kServicesPerCall names or ARNs, answered in their order. kNotFound
// "service.missing" for one that ECS does not know; an error of the call stands in each place.
std::vector<Result<ServiceLook>> describe_services(aws::Client& ecs, const std::string& cluster,
                                                   std::span<const std::string> names);
// The same for one.
Result<ServiceLook> describe_service(aws::Client& ecs, const std::string& cluster,
                                     const std::string& name);

// Looks at the same services again and again, and answers as describe_services does. Most looks
// show what the one before showed: what AWS answers to the same question is read when it is new.
class RepeatedLooks {
 public:
  std::vector<Result<ServiceLook>> describe(aws::Client& ecs, const std::string& cluster,
                                            std::span<const std::string> names);

 private:
  struct Seen {
    std::vector<std::string> names;
    std::string answer;  // as AWS wrote it
    std::vector<Result<ServiceLook>> looks;
  };
  std::map<std::string, Seen> seen_;  // by the first of the names: one for each service at most
};

// One call: at most kTasksPerCall ARNs. kNotFound "task.missing".
std::vector<Result<TaskLook>> describe_tasks(aws::Client& ecs, const std::string& cluster,
                                             std::span<const std::string> arns);

// Any number of services, ten per call, the calls at the same time. One bad name does not spoil the
// nine beside it.
std::vector<Result<ServiceLook>> look_at_services(Context& context,
                                                  std::span<const std::string> names);

Result<TaskDefinitionSnapshot> look_at_task_definition(Context& context,
                                                       const std::string& reference);

// All that planning the release needs, or one stage of it. A service that is missing, INACTIVE or
// DRAINING is kNotFound.
Snapshot observe(Context& context, const Release& release,
                 std::optional<StageKind> stage = std::nullopt);

}  // namespace slipway
