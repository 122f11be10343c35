#include "base/proxy.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <utility>

namespace slipway {
namespace {

// 4 or 16 bytes; empty for anything but an address. An IPv4 address in IPv6 clothes is IPv4.
std::vector<std::uint8_t> parse_address(std::string_view text) {
  const std::string terminated(text);
  std::vector<std::uint8_t> bytes(4);
  if (::inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(16);
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return {};
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(std::begin(kMapped), std::end(kMapped), bytes.begin()))
    bytes.erase(bytes.begin(), bytes.begin() + 12);
  return bytes;
}

bool share_prefix(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b,
                  unsigned bits) {
  if (a.size() != b.size()) return false;
  const std::size_t whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
    return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

template <class Number>
std::optional<Number> parse_number(std::string_view text, Number limit) {
  Number number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number > limit)
    return std::nullopt;
  return number;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  return parse_number<std::uint16_t>(text, 65535);
}

struct HostPort {
  std::string_view host;
  std::optional<std::string_view> port;
};

// "host", "host:port", "[::1]", "[::1]:port", "::1".
HostPort split_port(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return {text, {}};
    const std::string_view rest = text.substr(close + 1);
    if (rest.starts_with(':')) return {text.substr(1, close - 1), rest.substr(1)};
    return {text.substr(1, close - 1), {}};
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_this_machine(const UrlOrigin& origin) {
  if (origin.host == "localhost" || origin.host.ends_with(".localhost")) return true;
  const std::vector<std::uint8_t> address = parse_address(origin.host);
  if (address.size() == 4) return address[0] == 127;
  return address.size() == 16 && address.back() == 1 &&
         std::all_of(address.begin(), address.end() - 1, [](std::uint8_t b) { return b == 0; });
}

}  // namespace

Result<UrlOrigin> parse_origin(std::string_view url) {
  const auto invalid = [&](std::string_view why) {
    return Error{ErrorKind::kInvalid, "http.url", fmt::format("\"{}\" {}", url, why)};
  };
  UrlOrigin origin;
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return invalid("is not an absolute URL");
  origin.scheme = to_lower(url.substr(0, scheme_end));
  if (origin.scheme != "http" && origin.scheme != "https")
    return invalid("is neither an http nor an https URL");
  std::string_view authority = url.substr(scheme_end + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos)
    return invalid("carries a user name, which no AWS endpoint takes");
  const HostPort parts = split_port(authority);
  origin.host = to_lower(parts.host);
  if (origin.host.empty()) return invalid("names no host");
  const bool plain = std::all_of(origin.host.begin(), origin.host.end(), [](char c) {
    return c > ' ' && c < 0x7f &&
           std::string_view("\"<>\\^`{|}[]%").find(c) == std::string_view::npos;
  });
  if (!plain) return invalid("has characters in its host that no host name has");
  origin.port = origin.scheme == "https" ? 443 : 80;
  if (parts.port) {
    const std::optional<std::uint16_t> port = parse_port(*parts.port);
    if (!port || *port == 0) return invalid("has a port that is not one");
    origin.port = *port;
  }
  return origin;
}

std::string to_string(const UrlOrigin& origin) {
  const bool brackets = origin.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", origin.host, brackets ? "]" : "",
                     origin.port);
}

std::string to_string(const Proxy& proxy) {
  std::string shown = proxy.url;
  const std::size_t scheme = shown.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = shown.find_last_of('@');
  if (at != std::string::npos && at >= begin) shown.erase(begin, at + 1 - begin);
  return fmt::format("the proxy {} ({})", shown, proxy.variable);
}

ProxyRules ProxyRules::from(const Environment& environment) {
  // nullopt: not given; an empty URL: direct on purpose.
  const auto given = [&](std::string_view upper) -> std::optional<Proxy> {
    for (const std::string& name : {to_lower(upper), std::string(upper)}) {
      if (name == "HTTP_PROXY" && environment.get("REQUEST_METHOD")) continue;
      if (std::optional<std::string> url = environment.get(name))
        return Proxy{std::string(trim(*url)), name};
    }
    return std::nullopt;
  };
  const std::optional<Proxy> for_all = given("ALL_PROXY");
  const auto choose = [&](std::string_view upper) {
    std::optional<Proxy> chosen = given(upper);
    if (!chosen) chosen = for_all;
    if (chosen && chosen->url.empty()) chosen.reset();
    return chosen;
  };
  ProxyRules rules;
  rules.for_http_ = choose("HTTP_PROXY");
  rules.for_https_ = choose("HTTPS_PROXY");
  if (const std::optional<Proxy> exceptions = given("NO_PROXY")) {
    std::string list = exceptions->url;
    std::replace_if(
        list.begin(), list.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, ',');
    for (const std::string_view entry : split(list, ','))
      if (std::optional<Exception> parsed = parse_exception(entry))
        rules.exceptions_.push_back(std::move(*parsed));
  }
  return rules;
}

std::optional<ProxyRules::Exception> ProxyRules::parse_exception(std::string_view entry) {
  Exception exception;
  if (entry == "*") {
    exception.everything = true;
    return exception;
  }
  if (const std::size_t slash = entry.find('/'); slash != std::string_view::npos) {
    exception.bytes = parse_address(split_port(entry.substr(0, slash)).host);
    const auto bits = parse_number<unsigned>(entry.substr(slash + 1),
                                             static_cast<unsigned>(exception.bytes.size()) * 8);
    if (exception.bytes.empty() || !bits) return std::nullopt;
    exception.prefix_bits = *bits;
    return exception;
  }
  const HostPort parts = split_port(entry);
  if (parts.port) {
    exception.port = parse_port(*parts.port);
    if (!exception.port) return std::nullopt;
  }
  exception.bytes = parse_address(parts.host);
  exception.prefix_bits = static_cast<unsigned>(exception.bytes.size()) * 8;
  if (!exception.bytes.empty()) return exception;
  std::string_view name = parts.host;
  if (name.starts_with("*.")) name.remove_prefix(1);
  if (name.starts_with('.')) name.remove_prefix(1);
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return std::nullopt;
  exception.name = to_lower(name);
  return exception;
}

bool ProxyRules::is_exception(const UrlOrigin& origin) const {
  std::string_view host = origin.host;
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::vector<std::uint8_t> address = parse_address(host);
  return std::any_of(exceptions_.begin(), exceptions_.end(), [&](const Exception& exception) {
    if (exception.everything) return true;
    if (exception.port && *exception.port != origin.port) return false;
    if (!exception.bytes.empty())
      return share_prefix(exception.bytes, address, exception.prefix_bits);
    return address.empty() && host.ends_with(exception.name) &&
           (host.size() == exception.name.size() ||
            host[host.size() - exception.name.size() - 1] == '.');
  });
}

std::optional<Proxy> ProxyRules::proxy_for(const UrlOrigin& origin) const {
  const std::optional<Proxy>& proxy = origin.scheme == "https" ? for_https_ : for_http_;
  if (!proxy || is_this_machine(origin) || is_exception(origin)) return std::nullopt;
  return proxy;
}

}  // namespace slipway
