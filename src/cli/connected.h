// How a command that talks to AWS begins and ends: a session, a view of what goes on in it, a
// client that has found its credentials; or the reason why not, told as every command tells it.
#pragma once

#include "cli/arguments.h"
#include "cli/process.h"
#include "cli/session.h"
#include "execute/context.h"
#include "view/view.h"

#include <functional>
#include <string>

namespace slipway::cli {

// Runs `body` as the first fiber, connected, and returns its exit status. What the arguments say
// decides which view it gets. `release` is what a simulated world may have to be completed for.
int connected(Process& process, const Arguments& arguments, const Release& release,
              const std::function<int(Session& session, View& view)>& body);

// Progress is worth no line where a command takes seconds and its result is what was asked for:
// only trouble is shown, and what --verbose and --log-level ask for.
Arguments only_trouble(Arguments arguments);

// For a command that looks and starts no run: what the functions of execute/ borrow.
class Look {
 public:
  Look(Session& session, View& view, std::string cluster)
      : events_(session.runtime().fibers, view),
        optional_(session.runtime().fibers, session.clients(), events_),
        context_{session.runtime(), session.clients(), session.ecs(),
                 events_,           optional_,         std::move(cluster)} {}
  Look(const Look&) = delete;
  Look& operator=(const Look&) = delete;

  Context& context() { return context_; }

 private:
  EventStream events_;
  OptionalCalls optional_;
  Context context_;
};

}  // namespace slipway::cli
