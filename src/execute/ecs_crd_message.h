// What is published to SNS when an ecs-crd run has ended: the fields of the Python tool in its
// order and form, then those it did not have.
#pragma once

#include "base/time.h"

#include <string>
#include <vector>

namespace slipway {

struct CrdRunFacts {
  std::string action;  // "deploy"
  int exit_status = 0;
  std::string message;  // of the first error; empty: none
  std::string account, region, environment, cluster, project, service, version;
  std::vector<std::string> fqdns;
  std::string deployment_id;
  std::string green, green_stack;  // label value and stack; empty: not decided
  std::string blue, blue_stack;
  std::string failed_step;
  Duration duration{};
  std::string weights;    // "Blue 0 / Green 100"
  bool is_told = true;    // false: it was not begun
  bool finished = false;  // what was asked for is done, whatever a signal wanted
};

struct CrdMessage {
  std::string subject;
  std::string body;
};

CrdMessage message_of(const CrdRunFacts& run);

}  // namespace slipway
