#include "aws/crypto.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace slipway::aws {
namespace {

constexpr int kCoordinateBytes = 32;

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const {
    destroy(object);
  }
};
using Bio = std::unique_ptr<BIO, Destroy<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Destroy<BN_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Destroy<EVP_MD_CTX_free>>;
using DerSignature = std::unique_ptr<ECDSA_SIG, Destroy<ECDSA_SIG_free>>;

[[noreturn]] void crypto_is_broken() {
  std::fputs("slipway: internal error: OpenSSL cannot compute a digest or signature\n", stderr);
  std::abort();
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view text_of(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

const EVP_MD* fetch_sha256() {
  // What OpenSSL holds ends with the process. It would take it apart piece by piece.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  return EVP_MD_fetch(nullptr, "SHA256", nullptr);
}

// Every request has several digests. OpenSSL looks for who computes them, and makes a place for
// it, once: each time anew would cost more than the digests.
Sha256 digest_of(std::string_view first, std::string_view second = {}) {
  static const EVP_MD* const method = fetch_sha256();
  static EVP_MD_CTX* const context = EVP_MD_CTX_new();
  Sha256 digest;
  if (method == nullptr || context == nullptr ||
      EVP_DigestInit_ex2(context, method, nullptr) != 1 ||
      EVP_DigestUpdate(context, first.data(), first.size()) != 1 ||
      EVP_DigestUpdate(context, second.data(), second.size()) != 1 ||
      EVP_DigestFinal_ex(context, digest.data(), nullptr) != 1)
    crypto_is_broken();
  return digest;
}

std::string padded(const BIGNUM* number) {
  std::string bytes(kCoordinateBytes, '\0');
  if (BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), kCoordinateBytes) !=
      kCoordinateBytes)
    crypto_is_broken();
  return bytes;
}

std::string coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) crypto_is_broken();
  return padded(Number(number).get());
}

}  // namespace

Sha256 sha256(std::string_view bytes) { return digest_of(bytes); }

// https://www.rfc-editor.org/rfc/rfc2104#section-2
Sha256 hmac_sha256(std::span<const unsigned char> key, std::string_view text) {
  constexpr std::size_t kBlockBytes = 64;
  std::string padded_key(text_of(key));
  if (key.size() > kBlockBytes) padded_key = text_of(sha256(text_of(key)));
  padded_key.resize(kBlockBytes, '\0');
  std::string inner = padded_key;
  std::string outer = padded_key;
  for (char& c : inner) c ^= 0x36;
  for (char& c : outer) c ^= 0x5c;
  const Sha256 digest = digest_of(outer, text_of(digest_of(inner, text)));
  for (std::string* secret : {&padded_key, &inner, &outer})
    OPENSSL_cleanse(secret->data(), secret->size());
  return digest;
}

std::string sha1_hex(std::string_view bytes) {
  std::array<unsigned char, 20> digest;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1)
    crypto_is_broken();
  return hex(digest);
}

std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string base64_url(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned int waiting = 0;
  int bits = 0;
  for (const char c : bytes) {
    waiting = waiting << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text += kDigits[waiting >> (bits - 6) & 63];
    waiting &= (1u << bits) - 1;
  }
  if (bits > 0) text += kDigits[waiting << (6 - bits) & 63];
  return text;
}

Result<EcKey> EcKey::from_pem(const Secret& pem) {
  const Bio bio(BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())));
  // A password would be asked for on the terminal; this answers that there is none.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr);
  ERR_clear_error();
  std::shared_ptr<void> owned(key, [](void* each) { EVP_PKEY_free(static_cast<EVP_PKEY*>(each)); });

  std::array<char, 64> group{};
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                     nullptr) != 1 ||
      std::string_view(group.data()) != "prime256v1") {
    ERR_clear_error();
    return Error{ErrorKind::kInvalid, "crypto.key", "the key is no private key on the curve P-256"};
  }
  EcKey result;
  result.key_ = std::move(owned);
  result.x_ = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X);
  result.y_ = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y);
  return result;
}

std::string EcKey::sign(std::string_view message) const {
  auto* const key = static_cast<EVP_PKEY*>(key_.get());
  const Context context(EVP_MD_CTX_new());
  std::size_t size = 0;
  std::string der;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes_of(message), message.size()) != 1)
    crypto_is_broken();
  der.resize(size);
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                     bytes_of(message), message.size()) != 1)
    crypto_is_broken();
  const unsigned char* at = bytes_of(der);
  const DerSignature pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  if (pair == nullptr) crypto_is_broken();
  return padded(ECDSA_SIG_get0_r(pair.get())) + padded(ECDSA_SIG_get0_s(pair.get()));
}

}  // namespace slipway::aws
