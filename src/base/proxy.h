// Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY as the other
// tools of a pipeline read them. Read here and not by libcurl, which knows neither `*.x` nor
// `host:port` nor an address in brackets in NO_PROXY, and does not look at HTTP_PROXY.
#pragma once

#include "base/result.h"
#include "base/runtime.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// The part of a URL that says whom to talk to.
struct UrlOrigin {
  std::string scheme;  // "http" or "https"
  std::string host;    // in lower case; an IPv6 address without brackets
  std::uint16_t port = 0;

  bool operator==(const UrlOrigin&) const = default;
};
// kInvalid "http.url" for anything but an absolute http or https URL with a host of plain ASCII.
Result<UrlOrigin> parse_origin(std::string_view url);
std::string to_string(const UrlOrigin& origin);  // "host:port", "[::1]:443"

struct Proxy {
  std::string url;       // as given, with the user and password it may carry
  std::string variable;  // where it came from: "HTTPS_PROXY"
};
// For messages: no user, no password.
std::string to_string(const Proxy& proxy);

class ProxyRules {
 public:
  ProxyRules() = default;  // everything goes direct

  // The lower-case name of a variable wins over the upper-case one, and a variable that is set but
  // empty means "direct". HTTP_PROXY does not count when REQUEST_METHOD is set: in a CGI program
  // it would be a header of the request.
  static ProxyRules from(const Environment& environment);

  // nullopt: direct. The machine itself (localhost, 127.0.0.0/8, ::1) is always direct.
  // Entries of NO_PROXY are split by commas or blanks: `*`; a name, with or without `.` or `*.`
  // before it, for that host and all below; an IP address; a CIDR block; each with or without a
  // port.
  std::optional<Proxy> proxy_for(const UrlOrigin& origin) const;

 private:
  struct Exception {
    std::string name;                 // a domain, or empty
    std::vector<std::uint8_t> bytes;  // an address of 4 or 16 bytes, or empty
    unsigned prefix_bits = 0;
    std::optional<std::uint16_t> port;
    bool everything = false;
  };
  static std::optional<Exception> parse_exception(std::string_view entry);
  bool is_exception(const UrlOrigin& origin) const;

  std::optional<Proxy> for_http_, for_https_;
  std::vector<Exception> exceptions_;
};

}  // namespace slipway
