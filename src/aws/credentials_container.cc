// The endpoint that ECS, EKS Pod Identity and others put beside a container.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
#include "aws/credentials_source.h"
#include "aws/exchange.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace slipway::aws {
namespace {

constexpr std::string_view kEcsHost = "http://169.254.170.2";
constexpr Duration kTimeout = std::chrono::seconds(2);

// Credentials travel back over this connection: without TLS only to ourselves and to the
// addresses that AWS's agents have.
bool is_trusted_without_tls(std::string_view host) {
  constexpr std::string_view kTrusted[] = {"localhost", "[::1]", "169.254.170.2", "169.254.170.23",
                                           "[fd00:ec2::23]"};
  if (std::ranges::find(kTrusted, to_lower(host)) != std::end(kTrusted)) return true;
  const auto parts = split(host, '.');
  return parts.size() == 4 && parts[0] == "127" && std::ranges::all_of(parts, [](auto part) {
           return !part.empty() && part.size() <= 3 &&
                  std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
         });
}

// "host" of "http://host:80/path"; empty when there is something odd about it.
std::string_view host_in(std::string_view after_scheme) {
  const std::string_view authority = after_scheme.substr(0, after_scheme.find_first_of("/?#"));
  if (authority.find('@') != std::string_view::npos) return {};
  if (authority.starts_with('['))
    return authority.substr(0, std::min(authority.find(']'), authority.size() - 1) + 1);
  return authority.substr(0, authority.find(':'));
}

Result<std::string> full_url(const std::string& url) {
  auto refused = [](std::string message) {
    return Error{ErrorKind::kDenied, "credentials.container",
                 fmt::format("AWS_CONTAINER_CREDENTIALS_FULL_URI: {}", message)};
  };
  if (std::ranges::any_of(url, [](unsigned char c) { return c <= ' '; }))
    return refused("there are blanks in the URL");
  if (url.starts_with("https://")) {
    if (host_in(url.substr(8)).empty()) return refused("there is no host in the URL");
    return url;
  }
  if (!url.starts_with("http://")) return refused("expected an http:// or https:// URL");
  const std::string_view host = host_in(std::string_view(url).substr(7));
  if (host.empty()) return refused("there is no host in the URL");
  if (is_trusted_without_tls(host)) return url;
  return refused(
      fmt::format("{} is not trusted without TLS; allowed are https, this host itself "
                  "(127.0.0.0/8, [::1], localhost), 169.254.170.2, 169.254.170.23 and "
                  "[fd00:ec2::23]",
                  quote(host)));
}

// The value of the Authorization header, empty for none. Read anew each time: EKS replaces it.
Result<Secret> authorization(const Environment& environment) {
  std::string text, source = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
  if (auto file = environment.get_non_empty("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    TRY(text, read_file(*file, 64u << 10).context("reading the container authorization token"));
    source = *file;
  } else {
    text = environment.get(source).value_or("");
  }
  if (text.find_first_of("\r\n") != std::string::npos)
    return Error{ErrorKind::kDenied, "credentials.container",
                 fmt::format("the authorization token in {} has a line break in it and cannot be "
                             "sent",
                             source)};
  return Secret(std::move(text));
}

Result<Credentials> ask(const CredentialWorld& world, const std::string& url) {
  HttpRequest request{.method = "GET",
                      .url = url,
                      .headers = {{"Accept", "application/json"}},
                      .connect_timeout = kTimeout,
                      .total_timeout = kTimeout,
                      .use_proxy = false};
  TRY(Secret token, authorization(world.runtime.environment));
  if (!token.empty()) request.headers.emplace_back("Authorization", token.reveal());
  TRY(Json answer, exchange_json(world.runtime, request, "the container credentials endpoint",
                                 {.after_any_refusal = true}));
  return read_credentials(answer, {}, "the container credentials endpoint");
}

}  // namespace

Result<Finding> find_container(const CredentialWorld& world, const Profile&) {
  const Environment& environment = world.runtime.environment;
  std::string url;
  if (auto relative = environment.get_non_empty("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    // Anything but a path could move the host.
    if (!relative->starts_with('/') ||
        std::ranges::any_of(*relative, [](unsigned char c) { return c <= ' '; }))
      return Error{ErrorKind::kDenied, "credentials.container",
                   "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: expected a path that begins with /"};
    url = std::string(kEcsHost) + *relative;
  } else if (auto full = environment.get_non_empty("AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    TRY(url, full_url(*full));
  } else {
    return Finding{.said =
                       "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and "
                       "AWS_CONTAINER_CREDENTIALS_FULL_URI are not set"};
  }
  return Finding{.fetch = [&world, url] { return ask(world, url); }};
}

}  // namespace slipway::aws
