// A scenario: which world a rehearsal finds, and what goes wrong in it. Read from YAML (or JSON)
// whose every key is documented in docs/scenario.md; the complete example there is one the tests
// read. Members of AWS's own documents are spelled as AWS spells them.
#pragma once

#include "aws/credentials.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"
#include "sim/api.h"
#include "sim/happening.h"
#include "sim/world.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

// A call that makes a part of the world before anybody looks at it.
struct SetupCall {
  std::string operation;  // "CreateService"
  Json input;
  SourceSpan span;
  std::string path;  // "services[2]"
  std::string service = "ecs";
  std::string region = {};  // of a topic; empty: the world's
  bool is_primary = false;  // of a task set: its service's PRIMARY one
};

struct LaterHappening {
  std::optional<Duration> at;  // since the start
  std::string deployment_of;   // or after the next deployment of "CLUSTER/SERVICE" began
  Duration delay{0};
  Happening happening;
};

struct Scenario {
  std::string name;
  std::string about;  // one line for lists
  // `world.start` is when the world is made: `settled_for` before anybody looks at it, so that its
  // services have a past.
  WorldSettings world;
  std::optional<TimePoint> start;  // what the first call finds; nullopt: whoever runs it decides
  Duration settled_for = std::chrono::hours(1);
  Duration latency = std::chrono::milliseconds(20);
  // `--sim` may add what a release names and the scenario does not have.
  bool auto_create = false;
  ApiSettings api;
  std::vector<ImageBehaviour> images;   // the first that matches counts
  std::vector<Happening> capacity;      // in force before the calls
  std::vector<AddInstances> instances;  // there as soon as their cluster is
  std::vector<SetGroupSize> groups;     // as soon as their capacity provider is
  std::vector<SetupCall> calls;
  std::vector<LaterHappening> happenings;
  // ARNs of Elastic Load Balancing by the names that stand for them (scenario_balancing.h).
  std::map<std::string, std::string> balancing_names;
};

// ---- Where scenarios come from ----

struct NamedScenario {
  std::string_view name;
  std::string_view about;
};
// "shop", which works, and what can become of it.
std::span<const NamedScenario> built_in_scenarios();
// The text of a built-in one, empty for a name that is none.
std::string built_in_scenario_text(std::string_view name);

// All problems of the text become diagnostics; nullopt when there are errors among them.
std::optional<Scenario> read_scenario(std::shared_ptr<const SourceText> source,
                                      Diagnostics& diagnostics);
// A built-in one by its name, else a file. An Error when there is neither.
Result<std::optional<Scenario>> find_scenario(std::string_view name_or_file,
                                              Diagnostics& diagnostics);

// ---- What becomes of them ----

// What a release expects to find.
struct ExpectedService {
  std::string name;
  std::string family;                   // empty: named after the service
  std::vector<std::string> containers;  // empty: one, called "app"
  std::string cluster = {};             // empty: that of the release
  // The task definition, where the release has it whole: the service runs where that wants to run
  // (on Fargate or on instances), and its images come from the same repositories.
  Json definition = {};
};
struct ExpectedTask {
  std::string family;
  std::vector<std::string> containers;
  std::string cluster = {};
  Json definition = {};
};
// A rule, or a schedule, with one target: a task of the family every night.
struct ExpectedTimer {
  std::string name;
  std::string group;  // of a schedule, or the event bus of a rule, by name; empty: "default"
  std::string family;
  std::string service = {};  // then it is the family of this service, where the scenario has one
};
struct Expectations {
  std::string cluster;
  std::vector<ExpectedService> services;
  std::vector<ExpectedTask> tasks;
  std::vector<ExpectedTimer> rules;
  std::vector<ExpectedTimer> schedules;
  std::vector<std::string> topics;  // ARNs; those of another account stay unknown
};
// Adds a plausible cluster, service (two tasks, running, with a circuit breaker), family, rule,
// schedule or topic for each that the scenario does not describe. Call it only where `auto_create`
// says so.
void add_missing(Scenario& scenario, const Expectations& expected);

// Signatures are checked, whatever the scenario says: those of its users and, when there is a key
// here, of one more user who may do everything.
void require_signatures(Scenario& scenario, std::string access_key = {},
                        std::string secret_key = {});

// The world at the scenario's start, settled. A part of it that AWS would refuse becomes a
// diagnostic with its place, and the result is null.
std::unique_ptr<SimulatedAws> make_aws(const Scenario& scenario, TimePoint start,
                                       Diagnostics& diagnostics);

// What a client inside the process signs with: the first user's key, or one that is as good as any
// where nobody verifies.
aws::Credentials credentials_for(const SimulatedAws& aws);

// When the scenario says nothing else and nobody's real clock matters.
inline constexpr TimePoint kUsualStart =
    std::chrono::sys_days(std::chrono::January / 5 / 2026) + std::chrono::hours(9);

// Everything that is wrong with the text, its world included.
Diagnostics check_scenario(std::shared_ptr<const SourceText> source);

}  // namespace slipway::sim
