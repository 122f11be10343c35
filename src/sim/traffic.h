// Who calls the services: clients that send so many requests per second to a DNS name or to a load
// balancer, and what they get. No request is an event: between two changes of the world everything
// flows evenly, so what was requested and answered is worked out when somebody asks or just before
// something changes. It becomes the metrics of AWS/ApplicationELB.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "sim/happening.h"
#include "sim/hosted_zones.h"

#include <map>
#include <string>
#include <vector>

namespace slipway::sim {

struct Region;

// Requests by what became of them: an HTTP status, or 0 where there was nobody to answer.
using Answers = std::map<int, double>;

// Shares of 1 that come over evenly from what they were to what they are.
struct Drift {
  std::map<std::string, double> before, now;
  TimePoint changed_at;
  Duration over{0};

  std::map<std::string, double> at(TimePoint time) const;
};

struct Client {
  SetTraffic settings;
  // Name servers answer `resolution` since `changed_at`. Caches are of all ages, so that clients
  // come over evenly during the TTL of what they heard before: from `shares_before`, by the name of
  // what they call, in shares of 1.
  Resolution resolution;
  std::map<std::string, double> shares_before;
  TimePoint changed_at;
  Duration over{0};
  // Those who never ask again stay with what they heard first.
  std::map<std::string, double> first_shares;
  bool is_known = false;  // the name has been answered once

  // Where a rule is sticky its clients keep their target group until their cookies expire, which
  // are of all ages as well: by the rule's ARN, shares of target groups.
  std::map<std::string, Drift> sticky;

  Answers answers;

  // Who is called at this time, in shares of 1.
  std::map<std::string, double> shares_at(TimePoint time) const;
};

struct Traffic {
  std::vector<Client> clients;
  TimePoint settled_until;
  TimePoint counted_from;
  std::map<std::string, Answers> by_target_group;  // by ARN
};

void set_traffic(Region& region, const SetTraffic& settings);

// Works out what was requested and answered until now. Whoever changes what that depends on (the
// state of a target, a rule in force, a record) calls it first.
void settle_traffic(Region& region);

// What each side got since `counted_from`, for GET /_slipway/traffic.
JsonObject shown_traffic(Region& region);
void forget_traffic(Region& region);

}  // namespace slipway::sim
