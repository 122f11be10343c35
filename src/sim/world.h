// One account in one region of the simulated AWS, with its services inside. A world is a state
// machine: it moves only when told what time it is, does what is due until then in a fixed order,
// and answers one decoded call at a time. It waits for nothing and reads nothing from outside; the
// same settings, happenings and calls give the same answers to the byte.
//
// Around it stand, from the wire inwards: HTTP, signatures, faults, throttles, the IAM policy.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "base/transport.h"
#include "sim/answer.h"
#include "sim/happening.h"
#include "sim/knobs.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::sim {

struct Region;  // the state itself, sim/region.h

struct WorldSettings {
  std::string partition = "aws";
  std::string account = "123456789012";
  std::string region = "eu-west-1";
  // A world that should look settled at some time is built an hour before it and advanced to it:
  // its services then have a past.
  TimePoint start{};
  std::uint64_t seed = 1;
  Knobs knobs;
  // Log groups that a container's awslogs configuration names need not be there.
  bool makes_log_groups = false;
  // A cluster that has no container instances gets some when a one-off task wants EC2.
  bool makes_instances = false;
};

// Who calls, and where.
struct CallContext {
  std::string principal_arn;  // what `createdBy` and `registeredBy` tell; empty: the account's root
  // The region the call was signed for; empty: the world's. Only SNS keeps regions apart: a topic
  // is often in another one than what it hears of.
  std::string region;
  // The service that calls for the principal, "codedeploy.amazonaws.com"; empty: nobody does.
  std::string invoked_by = {};
};

// Judges a call that a service makes in somebody's name: the error AWS gives where the principal
// lacks the right.
using Guard = std::function<std::optional<ServiceError>(
    const std::string& principal_arn, std::string_view service, std::string_view operation,
    const Json& input)>;

class World {
 public:
  explicit World(WorldSettings settings);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Everything due up to and including `now` happens, in order. A time before the world's is
  // taken as the world's.
  void advance(TimePoint now);
  TimePoint now() const;
  // When something will happen by itself; nullopt: never.
  std::optional<TimePoint> next_happening() const;

  // Whether `operation` is one this world answers.
  static bool knows(std::string_view service, std::string_view operation);
  // One call at the world's time. `service` is its id, "ecs". Unknown members of the
  // input are ignored and null ones are absent.
  Reply call(const CallContext& context, std::string_view service, std::string_view operation,
             const Json& input);

  // What was published to SNS, oldest first.
  JsonArray messages() const;
  void forget_messages();

  // What the clients of the services got since then, as /_slipway/traffic shows it.
  JsonObject traffic();
  void forget_traffic();

  // A single request to a load balancer (sim/visits.h); nullopt: nothing of this world is there.
  std::optional<HttpResponse> visit(const HttpRequest& request);

  void arrange(Happening happening, When when = {});

  // Until there is one, everybody may do everything.
  void set_guard(const Guard& guard);

  const WorldSettings& settings() const { return settings_; }

 private:
  struct Past;

  WorldSettings settings_;
  std::unique_ptr<Region> present_;
  // With a consistency lag, reads are answered by a second region that receives the same calls and
  // happenings so much later: a reader sees exactly what was, never a mixture. Null without lag.
  std::unique_ptr<Past> past_;
};

}  // namespace slipway::sim
