// Production's end of the two seams: real time, and HTTP through libcurl's multi interface, both
// driven by one poll on the one thread. A fiber that sends is parked until its answer is complete.
//
// Nothing of libcurl or OpenSSL is touched before the first request, and the bundle of certificate
// authorities is not read before the first TLS connection: `slipway version` pays for neither.
#pragma once

#include "base/fiber.h"
#include "base/proxy.h"
#include "base/runtime.h"
#include "base/signals.h"
#include "base/transport.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace slipway {

// The wall clock, read once and carried on by the clock that counts since boot (suspended time
// included): setting the machine's clock moves no deadline.
class CurlLoop final : public Driver {
 public:
  // Signals are delivered between two fibers, and end a wait. A program that sends needs one: it
  // keeps SIGPIPE away, which libcurl leaves to us.
  explicit CurlLoop(Signals* signals = nullptr);
  ~CurlLoop() override;
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  TimePoint now() const override;
  void wait(std::optional<TimePoint> until) override;
  bool has_outside() const override;

 private:
  friend class CurlTransport;
  struct State;
  std::unique_ptr<State> state_;
};

struct NetworkSettings {
  ProxyRules proxies;
  // A file of certificate authorities in PEM form, or a directory of them; empty: the system's.
  std::string ca_bundle;
  std::string ca_bundle_origin;  // for messages: "AWS_CA_BUNDLE"
  std::size_t connections_per_endpoint = 8;
  std::size_t max_answer_bytes = 64u << 20;

  // AWS_CA_BUNDLE, then the profile's ca_bundle, then SSL_CERT_FILE; the proxy variables.
  static NetworkSettings from(const Environment& environment,
                              const std::string& profile_ca_bundle = {});
};

// Connections are kept and reused, HTTP/2 is taken where a TLS endpoint offers it, redirects are
// answers. At most `connections_per_endpoint` requests are on their way to one scheme, host and
// port; the others wait their turn, and that does not count against their time-outs.
class CurlTransport final : public Transport {
 public:
  CurlTransport(CurlLoop& loop, Fibers& fibers, NetworkSettings settings);
  ~CurlTransport() override;
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  Result<HttpResponse> send(const HttpRequest& request) override;

  // Since the beginning; for the summary of a run.
  std::size_t connections_opened() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace slipway
