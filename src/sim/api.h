// The simulated AWS as clients meet it: HTTP requests in, HTTP answers out, and everything between
// the socket and the world: dispatch, signatures, throttles, permissions, validation, injected
// faults, error bodies. Nothing here waits; what takes time is said in the Delivery and done by
// whoever carries it (SimTransport in virtual time, the server on real sockets).
//
// What may go wrong with one call is judged in AWS's order: connection, signature and credentials,
// throttle, authorization, validation, trouble before the effect, the effect, trouble after it.
#pragma once

#include "aws/sigv4.h"
#include "base/runtime.h"
#include "base/time.h"
#include "base/transport.h"
#include "sim/call_log.h"
#include "sim/expectations.h"
#include "sim/faults.h"
#include "sim/identity.h"
#include "sim/identity_endpoints.h"
#include "sim/throttle.h"
#include "sim/world.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct ApiSettings {
  IdentitySettings identity;
  ThrottleSettings throttling;
  std::vector<Fault> faults;
  // The account's tagResourceAuthorization: tags at creation need ecs:TagResource.
  bool tags_need_permission = true;
  // Whether a signature's date is held against the clock. Off where virtual time runs ahead of the
  // client's.
  bool check_dates = true;
  std::vector<Expectation> expectations;
};

// What comes back over the connection.
struct Delivery {
  enum class Kind {
    kWhole,
    kTruncated,       // the connection closes after `bytes` of the body
    kReset,           // it is reset, no byte comes
    kNoAnswer,        // it stays open, no byte comes
    kRefused,         // it was never made
    kConnectTimeout,  // nor will it be
  };
  Kind kind = Kind::kWhole;
  HttpResponse response;  // kWhole, kTruncated
  std::size_t bytes = 0;
  Duration delay{0};            // before the first byte
  double bytes_per_second = 0;  // 0: all at once
};

class SimulatedAws {
 public:
  // The scenario starts at the world's present.
  SimulatedAws(std::unique_ptr<World> world, ApiSettings settings);
  SimulatedAws(const SimulatedAws&) = delete;
  SimulatedAws& operator=(const SimulatedAws&) = delete;

  // `now` is virtual and never goes back. GET /_slipway/calls (with ?records),
  // GET /_slipway/messages (what was published to SNS), GET /_slipway/traffic (what clients of the
  // services got), GET /_slipway/expectations and POST /_slipway/reset are answered too.
  Delivery handle(const HttpRequest& request, TimePoint now);

  World& world() { return *world_; }
  const Identity& identity() const { return identity_; }
  CallLog& calls() { return calls_; }
  const CallLog& calls() const { return calls_; }
  // What the scenario expects and has not come, as sentences.
  std::vector<std::string> unmet_expectations();

 private:
  struct Exchange;

  static std::string_view recognize(Exchange& exchange, std::string_view path);
  static void read_input(Exchange& exchange, std::string_view endpoint);
  std::optional<ServiceError> authenticate(Exchange& exchange);
  std::optional<ServiceError> admit(const Exchange& exchange);
  std::optional<ServiceError> authorize(const Exchange& exchange);
  std::optional<ServiceError> before_effect(Exchange& exchange);
  Answer<HttpResponse> effect(Exchange& exchange);
  Delivery answer_call(Exchange& exchange);
  Delivery finish(Exchange& exchange, HttpResponse response);
  HttpResponse error_response(Exchange& exchange, ServiceError error);
  HttpResponse administration(const HttpRequest& request, std::string_view path,
                              std::string_view query);
  // Whether a principal may make a call that CloudFormation makes for it.
  std::optional<ServiceError> judge(const std::string& principal_arn, std::string_view service,
                                    std::string_view operation, const Json& input);
  bool is_deploying(std::string_view cluster_and_service);
  DefinitionInUse definition_in_use(const Json& input);

  std::unique_ptr<World> world_;
  ApiSettings settings_;
  Random random_;
  Identity identity_;
  IdentityEndpoints endpoints_;
  Throttle throttle_;
  Faults faults_;
  CallLog calls_;
  aws::SigningKeys keys_;
};

}  // namespace slipway::sim
