// The seam: bytes out, bytes in. Production speaks HTTP through libcurl (base/curl_loop.h); the
// simulator implements the same function, so that a rehearsal exercises signing, retries and
// decoding too.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

// Header names keep the case they were given; lookups ignore case. Order is kept.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The value of the first header of that name, or an empty view.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method = "POST";
  std::string url;  // absolute: "http://127.0.0.1:5599/path?query", already encoded for the wire
  HttpHeaders headers;
  std::string body;

  Duration connect_timeout = std::chrono::milliseconds(3100);
  // To the last byte of the answer; the wait for a free connection does not count.
  Duration total_timeout = std::chrono::seconds(60);
  bool use_proxy = true;  // false for metadata and container-credential addresses
  // For a changing call without an idempotency token. A reused connection may turn out to be dead,
  // and curl would then send the request again without a word; with this it goes out at most once.
  // Whether it took effect ("http.reset") is for the caller to find out.
  bool send_once = false;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // An HTTP status is an answer, not an error. Errors: kUnavailable with code "http.connect",
  // "http.resolve", "http.tls", "http.proxy", "http.reset", "http.truncated", "http.too-large" or
  // "http.malformed"; kTimeout with code "http.connect-timeout" or "http.read-timeout", or
  // "deadline" (the scope's); kCancelled; kInvalid with "http.url" or "http.header".
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace slipway
