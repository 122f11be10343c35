// The door to OpenSSL's cryptography: what signing requests and proving possession of a key need.
#pragma once

#include "base/result.h"
#include "base/text.h"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace slipway::aws {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::span<const unsigned char> key, std::string_view text);
// For the names of cache files; nothing is protected by it.
std::string sha1_hex(std::string_view bytes);

std::string hex(std::span<const unsigned char> bytes);
// The alphabet of URLs, without padding, as JSON Web Tokens want it.
std::string base64_url(std::string_view bytes);

// The private half of a key pair on the curve P-256.
class EcKey {
 public:
  // PEM, of either kind. kInvalid "crypto.key" when it is something else.
  static Result<EcKey> from_pem(const Secret& pem);

  // The public point, 32 bytes each.
  const std::string& x() const { return x_; }
  const std::string& y() const { return y_; }

  // ES256: 64 bytes, r and s.
  std::string sign(std::string_view message) const;

 private:
  EcKey() = default;

  std::shared_ptr<void> key_;  // an EVP_PKEY
  std::string x_;
  std::string y_;
};

}  // namespace slipway::aws
