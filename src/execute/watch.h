// Judging: what one look says about the thing we wait for. Pure functions from what is known and
// one observation to a verdict or "not yet"; fibers only carry them (executor.h).
//
// A rollout is bound to the deployment that our UpdateService created, by its id. Anything weaker
// believes the wrong world: before the update is visible the service looks stable, and after a
// platform rollback it is stable again, with the old revision.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "execute/look.h"
#include "model/outcome.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// How long a read may show the world from before our change.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
inline constexpr Duration kStaleReads = std::chrono::seconds(30);
// So many looks in a row may fail; one more ends the wait.
inline constexpr int kFailedLooksTolerated = 5;

// The error of the look that was one too many, with what it ended: "service web", "task 4f...".
Error after_failed_looks(Error error, std::string_view watched, int failed_looks);

struct Verdict {
  Outcome outcome = Outcome::kSucceeded;
  RolledBackBy rolled_back_by = RolledBackBy::kNobody;
  std::optional<Error> error;  // set unless succeeded
  bool operator==(const Verdict&) const = default;
};

bool is_good(const Verdict& verdict);     // succeeded
bool is_failure(const Verdict& verdict);  // neither succeeded nor skipped

// What was seen makes of the item that was waited for.
Verdict failure(Outcome outcome, ErrorKind kind, std::string code, std::string message);
// ": reason" without the full stop of AWS's sentences, or nothing: the end of its message.
std::string because(std::string_view reason);
// What a failing API call makes of the item that needed it.
Verdict verdict_of_error(Error error, Outcome outcome);
// Set when the waiting fiber was called off, by a person or by the run's time limit.
std::optional<Verdict> called_off(const Error& error);
// One of the two.
Verdict verdict_of(Error error, Outcome outcome);

// ---- A service ---------------------------------------------------------------------------------

struct ServiceWatch {
  std::string service;               // as the release names it, for messages
  std::string our_deployment;        // id; empty when there was nothing to create
  std::vector<std::string> earlier;  // ids of the deployments that were there before
  std::string taskDefinition;        // ARN that must be serving in the end
  TimePoint since;                   // when UpdateService answered, or the watch began
  Duration max_wait = std::chrono::minutes(15);
  Duration stale_reads = kStaleReads;

  // What the looks so far have taught.
  std::optional<DeploymentSnapshot> ours;  // as last seen
  bool ever_ran = false;                   // a task of our deployment reached RUNNING
  int failed_looks = 0;                    // in a row
};

struct ServiceJudgement {
  std::optional<Verdict> verdict;
  bool completed = false;     // the rollout has ended; what is left is to be stable
  bool about_to_end = false;  // one way or the other: worth a close look
};

// `seen` is this look: the service, kNotFound when it is missing, or why the look failed.
ServiceJudgement judge(ServiceWatch& watch, const Result<ServiceLook>& seen, TimePoint now);

// The id of the deployment that our update created, by the answer to it or a later look: PRIMARY,
// not there before, and of the definition that we asked for. Empty when there is none.
std::string deployment_created(const ServiceWatch& watch, const ServiceLook& look);

// Whose the service is, for undoing: we take back only what is still ours.
enum class Standing {
  kOurs,     // PRIMARY is our deployment, or runs the definition that we asked for
  kEarlier,  // PRIMARY is a deployment from before ours: the platform has taken ours back
  kForeign,  // somebody else deployed since
};
Standing standing(const ServiceWatch& watch, const ServiceLook& look, TimePoint now);

// Tasks that may fail before ECS's circuit breaker acts on its default settings.
int circuit_breaker_threshold(int desiredCount);
// Who undid it, by AWS's own words; nullopt when they do not say.
std::optional<RolledBackBy> rolled_back_by(std::string_view reason);

// ---- A one-off task ----------------------------------------------------------------------------

struct TaskWatch {
  std::string taskArn;
  int ordinal = 1;  // in RunTask's answer
  TimePoint since;  // when RunTask answered
  std::optional<Duration> max_wait;
  std::vector<std::string> not_essential = {};  // containers whose end does not count

  int failed_looks = 0;  // in a row
  bool ended = false;
};

// A task that has not stopped has no verdict. A container without an exit code never ran.
std::optional<Verdict> judge(TaskWatch& watch, const Result<TaskLook>& seen, TimePoint now);

}  // namespace slipway
