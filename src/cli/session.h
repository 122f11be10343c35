// Everything a command needs to talk to AWS, or to the embedded simulator of it, built once and in
// the order of construction: clock and network, signals, identity, the client. One per process.
#pragma once

#include "aws/client.h"
#include "aws/clients.h"
#include "aws/settings.h"
#include "base/runtime.h"
#include "base/signals.h"
#include "cli/arguments.h"
#include "cli/process.h"
#include "execute/call_log.h"
#include "model/release.h"
#include "view/view.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace slipway::sim {
struct Expectations;
}

namespace slipway::cli {

// What a personality's command line says beyond slipway's own.
struct SessionSettings {
  aws::GivenIdentity identity = {};
  CallParameters call_parameters = CallParameters::kLeftOut;  // of CallMade
};

class Session {
 public:
  // nullptr when a setting, the profile or the scenario is wrong: everything wrong has been written
  // to `process.err` then. Nothing is sent yet. `release` is what a simulated world may have to be
  // completed for; null when the command has none.
  static std::unique_ptr<Session> open(Process& process, const Arguments& arguments,
                                       const Release* release, const std::string& product,
                                       const SessionSettings& settings = {});
  // The same for whoever knows what it expects better than a release says it; null: nothing.
  static std::unique_ptr<Session> open_expecting(Process& process, const Arguments& arguments,
                                                 const sim::Expectations* expected,
                                                 const std::string& product,
                                                 const SessionSettings& settings = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  bool is_simulated() const;
  // " --region eu-west-1 --profile prod": what the command line says of AWS, for commands that are
  // printed to be typed. Empty in a simulation, and where nothing is said.
  std::string where_given() const;
  TimePoint now() const;
  Signals& signals();
  Runtime& runtime();

  // Runs `body` as the first fiber, the view's clock ticking beside it, and returns when all ended.
  void run(View& view, const std::function<void()>& body);

  // The same, connected. When that fails, the view hears of it, then `failed`.
  void run_connected(View& view, const std::function<void()>& body,
                     const std::function<void(const Error&)>& failed);

  // On a fiber: finds region, endpoint and credentials' sources; the client is there afterwards.
  // `views` hears of every call.
  Result<void> connect(View& views);
  aws::Client& ecs();
  aws::Clients& clients();  // of every service
  CallLog& calls();
  // Connected: when the credentials end and nobody renews them; nullopt: they do not, or nobody
  // knows. May wait.
  std::optional<TimePoint> credentials_end();
  const std::string& region() const;

 private:
  Session();
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace slipway::cli
