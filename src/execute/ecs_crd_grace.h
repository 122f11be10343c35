// How long a release that has lost its traffic is kept. Weights say what resolvers are told, not
// what clients do: some still come to its load balancer long after all traffic has moved away, and
// who cuts them off causes errors that no other check sees.
#pragma once

#include "base/result.h"
#include "execute/ecs_crd_work.h"

#include <string>

namespace slipway {

class CrdGrace {
 public:
  // Of the stack of a release behind this load balancer; borrows the work.
  CrdGrace(CrdWork& work, std::string stack, std::string load_balancer_arn);

  // The longest of its target groups: AWS's own word where it may be asked, else the file's, else
  // AWS's default.
  std::chrono::seconds deregistration_delay();

  // Since `moved`, at least twice the TTL and the deregistration delay; then until about nobody
  // asks any more, but no longer than `timings.quiet_limit`. Where CloudWatch does not tell, the
  // first is all.
  // What the release that took over has, in target groups and load balancer, says how far
  // CloudWatch has come: a minute of which it knows nothing at all says nothing about Blue.
  Result<void> wait_until_nobody_comes(TimePoint moved, const std::vector<std::string>& new_groups,
                                       const std::string& new_load_balancer);

 private:
  // A target group as its metrics know it.
  struct Counted {
    std::string target_group;
    std::string load_balancer;
    bool is_blue = false;
  };
  void read_target_groups();
  // Requests to Blue in the last minute of which anything is known; nullopt: nobody tells.
  std::optional<double> requests_a_minute(const std::vector<Counted>& groups);

  CrdWork& work_;
  std::string stack_;
  std::string load_balancer_arn_;
  bool is_read_ = false;
  std::vector<std::string> target_groups_;  // ARNs
  std::chrono::seconds deregistration_delay_{0};
};

}  // namespace slipway
