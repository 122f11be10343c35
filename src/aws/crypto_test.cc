#include "aws/crypto.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace slipway::aws {
namespace {

// A key that protects nothing; split so that nobody takes it for a lost one.
std::string pem(std::string_view type, std::string_view body) {
  const std::string label = std::string(type) + "PRIVATE" + " KEY-----\n";
  return "-----BEGIN " + label + std::string(body) + "-----END " + label;
}
const std::string kSec1 = pem("EC ",
                              "MHcCAQEEIA5Kz1EQAEGIvXnazQrIcLFj1n4rmEfBh3WIEKtL+to9oAoGCCqGSM49\n"
                              "AwEHoUQDQgAECz4F78F9OaOHGM4hAJhgaNxE+jEiDoUPqWV/ur9ZVhOfjUOvlvVG\n"
                              "VfWFKLQ9DikerkMedwUdM21tmnL0VVlHDA==\n");
const std::string kPkcs8 = pem("",
                               "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDkrPURAAQYi9edrN\n"
                               "CshwsWPWfiuYR8GHdYgQq0v62j2hRANCAAQLPgXvwX05o4cYziEAmGBo3ET6MSIO\n"
                               "hQ+pZX+6v1lWE5+NQ6+W9UZV9YUotD0OKR6uQx53BR0zbW2acvRVWUcM\n");
const std::string kOtherCurve =
    pem("EC ",
        "MIGkAgEBBDDIPg1s8IdOhklpjNDbpyFFYUZ0LbKL7U5lz7chq9tQHTdgAwB7gjqn\n"
        "Z5VMf5Rv6q2gBwYFK4EEACKhZANiAAQzJar1uMZNKwM5DqVCirbf6SYHkhqhOgpO\n"
        "jnkquOhgsrXDhjttUYhXTfD+8qUy5h8zqtFvNyeueAEysjT8HxK02/aetalggsfO\n"
        "Sa7TQOtIVa3q1M1IQgp98ntn0Pyklvc=\n");
// As `openssl ec -text` prints them.
constexpr std::string_view kX = "0b3e05efc17d39a38718ce2100986068dc44fa31220e850fa9657fbabf595613";
constexpr std::string_view kY = "9f8d43af96f54655f58528b43d0e291eae431e77051d336d6d9a72f45559470c";

std::string to_hex(std::string_view bytes) {
  return hex({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
}

// Whether OpenSSL accepts r and s for the message under the key with those coordinates.
bool is_genuine(const std::string& signature, std::string_view message) {
  // SubjectPublicKeyInfo of a P-256 point, up to the point.
  const std::string prefix =
      "3059301306072a8648ce3d020106082a8648ce3d03010703420004" + std::string(kX) + std::string(kY);
  std::string der;
  for (std::size_t i = 0; i < prefix.size(); i += 2)
    der += static_cast<char>(std::stoi(prefix.substr(i, 2), nullptr, 16));
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  ECDSA_SIG* pair = ECDSA_SIG_new();
  ECDSA_SIG_set0(pair, BN_bin2bn(bytes, 32, nullptr), BN_bin2bn(bytes + 32, 32, nullptr));
  unsigned char* encoded = nullptr;
  const int size = i2d_ECDSA_SIG(pair, &encoded);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key);
  const bool result =
      EVP_DigestVerify(context, encoded, static_cast<std::size_t>(size),
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  EVP_MD_CTX_free(context);
  OPENSSL_free(encoded);
  ECDSA_SIG_free(pair);
  EVP_PKEY_free(key);
  return result;
}

TEST(Crypto, KnowsTheDigestsOfTheStandards) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  // RFC 4231, test case 2.
  const std::string key = "Jefe";
  EXPECT_EQ(hex(hmac_sha256({reinterpret_cast<const unsigned char*>(key.data()), key.size()},
                            "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, EncodesForUrls) {
  struct Case {
    std::string_view bytes, wanted;
  };
  for (const auto& [bytes, wanted] :
       {Case{"", ""}, Case{"f", "Zg"}, Case{"fo", "Zm8"}, Case{"foo", "Zm9v"},
        Case{"foob", "Zm9vYg"}, Case{"fooba", "Zm9vYmE"}, Case{"foobar", "Zm9vYmFy"},
        Case{"\xfb\xef\xff", "--__"}, Case{"\xff\xff\xff\xff", "_____w"}}) {
    SCOPED_TRACE(wanted);
    EXPECT_EQ(base64_url(bytes), wanted);
  }
}

TEST(Crypto, ReadsBothKindsOfPem) {
  for (const std::string& text : {kSec1, kPkcs8}) {
    auto key = EcKey::from_pem(Secret(text));
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->x()), kX);
    EXPECT_EQ(to_hex(key->y()), kY);
  }
}

TEST(Crypto, SignsSoThatTheOtherHalfAgrees) {
  auto key = EcKey::from_pem(Secret(kSec1));
  ASSERT_TRUE(key);
  // Leading zeros of r and s come up once in 256 times each.
  for (int i = 0; i < 300; ++i) {
    const std::string message = "message " + std::to_string(i);
    const std::string signature = key->sign(message);
    ASSERT_EQ(signature.size(), 64u);
    ASSERT_TRUE(is_genuine(signature, message));
    ASSERT_FALSE(is_genuine(signature, message + "!"));
  }
}

TEST(Crypto, RefusesWhatIsNoSuchKey) {
  for (const std::string& text :
       {std::string(), std::string("hush"), kOtherCurve, kSec1.substr(0, 100)}) {
    auto key = EcKey::from_pem(Secret(text));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, "crypto.key");
    EXPECT_EQ(key.error().message, "the key is no private key on the curve P-256");
  }
}

// https://www.rfc-editor.org/rfc/rfc4231#section-4, cases 1, 2, 3 and 6
TEST(Hmac, GivesWhatItsStandardGives) {
  struct Case {
    std::string key, text, wanted;
  };
  for (const auto& [key, text, wanted] :
       {Case{std::string(20, '\x0b'), "Hi There",
             "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        Case{"Jefe", "what do ya want for nothing?",
             "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        Case{std::string(20, '\xaa'), std::string(50, '\xdd'),
             "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        Case{std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
             "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"}}) {
    SCOPED_TRACE(text);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(key.data());
    EXPECT_EQ(hex(hmac_sha256({bytes, key.size()}, text)), wanted);
  }
}

}  // namespace
}  // namespace slipway::aws
