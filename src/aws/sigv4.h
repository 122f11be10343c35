// Signature Version 4: the proof that whoever sent a request knows the secret key. A pure function
// of request, credentials, scope and time, with every stage visible, because a wrong signature can
// only be understood by comparing stages. sigv4_test.cc replays botocore's signer over
// tests/vectors/sigv4.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include "aws/credentials.h"
#include "base/text.h"
#include "base/time.h"
#include "base/transport.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway::aws {

struct SigningScope {
  std::string region;
  std::string service;  // the signing name: "ecs"
};

// Every stage of one signature.
struct Signature {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;      // 64 hex digits
  std::string authorization;  // value of the Authorization header
};

// Keys derived from a secret for one day, region and service, kept so that a run derives each once.
class SigningKeys {
 public:
  using Key = std::array<unsigned char, 32>;
  const Key& get(const Secret& secret_access_key, std::string_view date, std::string_view region,
                 std::string_view service);

 private:
  struct Entry {
    Secret secret;
    std::string scope;
    Key key;
  };
  std::vector<Entry> entries_;
};

// Makes `request` ready for the wire: adds Host (unless there), X-Amz-Date, X-Amz-Security-Token
// and Authorization, and replaces the query of its url by the canonical one, so that what is sent
// is what was signed. Headers that intermediaries change (User-Agent, Connection, ...) are left
// unsigned, and so is whatever the caller adds afterwards. Signing again replaces what an earlier
// signing added.
Signature sign(HttpRequest& request, const Credentials& credentials, const SigningScope& scope,
               TimePoint time, SigningKeys& keys);

// ---- The other side: what the simulator checks. ----

// The parts of an Authorization header. nullopt when it is not a SigV4 one.
struct Authorization {
  std::string access_key_id;
  std::string date;  // "20260101"
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;  // lower case
  std::string signature;
};
std::optional<Authorization> parse_authorization(std::string_view header);

// The signature `request` should carry: rebuilt from the headers its SignedHeaders list names, and
// no others. Comparing it with `authorization.signature` says whether the sender knew the secret.
Signature expected_signature(const HttpRequest& request, const Authorization& authorization,
                             const Secret& secret_access_key, SigningKeys& keys);

// ---- Pieces that others need too. ----

// Everything but A-Z a-z 0-9 - . _ ~ becomes %XX.
std::string uri_encode(std::string_view text);
// The same, but "/" stays: a path whose segments are plain text.
std::string uri_encode_path(std::string_view path);
// nullopt when a % is not followed by two hex digits. '+' stays '+'.
std::optional<std::string> uri_decode(std::string_view text);
// "b=2&a=1" -> "a=1&b=2": each name and value decoded, encoded strictly, sorted.
std::string canonical_query(std::string_view query);
// "host" or "host:port" of a url, the default port left out.
std::string host_of(std::string_view url);

std::string sha256_hex(std::string_view bytes);

}  // namespace slipway::aws
