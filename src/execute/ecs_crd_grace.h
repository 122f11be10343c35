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
  Result<void> wait_until_nobody_comes(TimePoint moved);

 private:
  void read_target_groups();
  // Requests a minute; nullopt: nobody tells.
  std::optional<double> requests_a_minute();

  CrdWork& work_;
  std::string stack_;
  std::string load_balancer_arn_;
  bool is_read_ = false;
  std::vector<std::string> target_groups_;  // ARNs
  std::chrono::seconds deregistration_delay_{0};
};

}  // namespace slipway
