// The places a credential chain asks that are not signed AWS services: the instance metadata
// service (version 2), the container credentials endpoint, and the SSO portal with its OIDC tokens.
#pragma once

#include "base/runtime.h"
#include "base/transport.h"
#include "sim/identity.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace slipway::sim {

class IdentityEndpoints {
 public:
  explicit IdentityEndpoints(Identity& identity) : identity_(identity) {}

  // "imds:Token", "imds:Credentials", "container:Credentials", "sso:GetRoleCredentials",
  // "sso-oidc:CreateToken", ...: the name faults and the call log use. Empty: not one of these.
  static std::string_view operation_of(std::string_view method, std::string_view path);

  // `path` and `query` are those of the URL, still percent-encoded.
  HttpResponse answer(const HttpRequest& request, std::string_view path, std::string_view query,
                      TimePoint now);

 private:
  HttpResponse imds_token(const HttpRequest& request, TimePoint now);
  HttpResponse imds(const HttpRequest& request, std::string_view path, TimePoint now);
  HttpResponse container(const HttpRequest& request, TimePoint now);
  HttpResponse sso_role_credentials(const HttpRequest& request, std::string_view query,
                                    TimePoint now);
  HttpResponse sso_token(const HttpRequest& request, TimePoint now);

  Identity& identity_;
  std::map<std::string, TimePoint, std::less<>> imds_tokens_;        // with their ends
  std::map<std::string, TimePoint, std::less<>> sso_access_tokens_;  // refreshed ones
};

// The value of `name` in a query string or form body, decoded; nullopt when it is not there.
std::optional<std::string> form_value(std::string_view form, std::string_view name);

}  // namespace slipway::sim
