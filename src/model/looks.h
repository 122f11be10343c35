// Looks repeat themselves: a service under way is seen every few seconds and mostly shows what it
// showed before. Whoever keeps or prints what was seen asks here whether there is anything new.
#pragma once

#include "model/event.h"

#include <map>
#include <string>

namespace slipway {

class Looks {
 public:
  // False for a look (ServiceObserved, TaskObserved) that equals the last one of the same thing;
  // true for everything else.
  bool is_news(const Event& event);

 private:
  std::map<std::string, EventBody> last_;  // by what was looked at
};

}  // namespace slipway
