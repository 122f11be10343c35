#include "aws/sigv4.h"

#include "base/json.h"
#include "base/runtime.h"

#include <gtest/gtest.h>

#include <string>

namespace slipway::aws {
namespace {

using namespace std::chrono_literals;

std::string from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) out += static_cast<char>(bits >> (count -= 8) & 0xff);
  }
  return out;
}

// One row of tests/vectors/sigv4/cases.json (see tests/vectors/README.md).
struct Vector {
  const Json& json;

  std::string text(std::string_view member) const {
    return std::string(string_or_empty(json, member));
  }

  HttpRequest request() const {
    HttpRequest request{.method = text("method"), .url = text("url")};
    for (const Json& pair : *find_array(json, "headers"))
      request.headers.emplace_back(pair.at(0).get_string(), pair.at(1).get_string());
    request.body = text("body");
    if (find(json, "body_base64") != nullptr) request.body = from_base64(text("body_base64"));
    if (const JsonArray* repeat = find_array(json, "body_repeat")) {
      for (int i = 0; i < repeat->at(1).get_int64(); ++i)
        request.body += repeat->at(0).get_string();
    }
    return request;
  }

  Credentials credentials() const {
    return {.access_key_id = text("access_key"),
            .secret_access_key = Secret(text("secret_key")),
            .session_token = Secret(text("session_token"))};
  }
  SigningScope scope() const { return {text("region"), text("service")}; }
  TimePoint time() const { return parse_iso8601(text("timestamp")).value(); }
};

class RecordedSignatures : public testing::Test {
 protected:
  void SetUp() override {
    const Result<std::string> file =
        read_file(std::string(SLIPWAY_SOURCE_DIR) + "/tests/vectors/sigv4/cases.json");
    ASSERT_TRUE(file) << to_string(file.error());
    document_ = parse_json(*file).value();
    cases_ = find_array(document_, "cases");
    ASSERT_NE(cases_, nullptr);
    ASSERT_GE(cases_->size(), 60u);
  }

  Json document_;
  const JsonArray* cases_ = nullptr;
  SigningKeys keys_;
};

TEST_F(RecordedSignatures, EveryStageIsBotocores) {
  for (const Json& json : *cases_) {
    const Vector vector{json};
    SCOPED_TRACE(vector.text("name"));
    HttpRequest request = vector.request();
    const Signature signature =
        sign(request, vector.credentials(), vector.scope(), vector.time(), keys_);
    EXPECT_EQ(signature.canonical_request, vector.text("canonical_request"));
    EXPECT_EQ(signature.string_to_sign, vector.text("string_to_sign"));
    EXPECT_EQ(signature.signature, vector.text("signature"));
    EXPECT_EQ(signature.authorization, vector.text("authorization"));
    EXPECT_EQ(find_header(request.headers, "authorization"), signature.authorization);
  }
}

TEST_F(RecordedSignatures, AUrlBuiltFromPlainTextIsSentAsItWasSigned) {
  int built = 0;
  for (const Json& json : *cases_) {
    if (find(json, "path") == nullptr) continue;
    const Vector vector{json};
    SCOPED_TRACE(vector.text("name"));
    ++built;
    const std::string wanted = vector.text("url");
    HttpRequest request = vector.request();
    const std::size_t host = wanted.find("://") + 3;
    request.url = wanted.substr(0, wanted.find('/', host)) + uri_encode_path(vector.text("path"));
    std::string query;
    for (const Json& pair : *find_array(json, "query")) {
      query += query.empty() ? "?" : "&";
      query += uri_encode(pair.at(0).get_string());
      query += "=" + uri_encode(pair.at(1).get_string());
    }
    request.url += query;
    const Signature signature =
        sign(request, vector.credentials(), vector.scope(), vector.time(), keys_);
    EXPECT_EQ(request.url, wanted);
    EXPECT_EQ(signature.signature, vector.text("signature"));
  }
  EXPECT_GE(built, 60);
}

// The simulator sees a request of any client and has only the list of signed headers to go by.
TEST_F(RecordedSignatures, AreFoundAgainFromTheRequestOnTheWire) {
  for (const Json& json : *cases_) {
    const Vector vector{json};
    SCOPED_TRACE(vector.text("name"));
    HttpRequest request = vector.request();
    if (find_header(request.headers, "host").empty())
      request.headers.emplace_back("Host", host_of(request.url));
    request.headers.emplace_back("X-Amz-Date", to_compact_iso8601(vector.time()));
    if (!vector.text("session_token").empty())
      request.headers.emplace_back("X-Amz-Security-Token", vector.text("session_token"));
    request.headers.emplace_back("X-Forwarded-For", "192.0.2.1");

    const auto authorization = parse_authorization(vector.text("authorization"));
    ASSERT_TRUE(authorization);
    EXPECT_EQ(authorization->access_key_id, vector.text("access_key"));
    EXPECT_EQ(authorization->region, vector.text("region"));
    EXPECT_EQ(authorization->service, vector.text("service"));
    EXPECT_EQ(expected_signature(request, *authorization, Secret(vector.text("secret_key")), keys_)
                  .signature,
              authorization->signature);
    EXPECT_NE(
        expected_signature(request, *authorization, Secret("another secret"), keys_).signature,
        authorization->signature);
  }
}

Credentials example_credentials() {
  return {.access_key_id = "AKIDEXAMPLE", .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG")};
}

TEST(Signing, AgainReplacesWhatTheFirstSigningAdded) {
  SigningKeys keys;
  HttpRequest request{.url = "https://ecs.eu-west-1.amazonaws.com/", .body = "{}"};
  Credentials first = example_credentials();
  first.session_token = Secret("old");
  const TimePoint time = parse_iso8601("2026-01-01T00:00:00Z").value();
  sign(request, first, {"eu-west-1", "ecs"}, time, keys);
  sign(request, example_credentials(), {"eu-west-1", "ecs"}, time + 60s, keys);

  HttpRequest fresh{.url = "https://ecs.eu-west-1.amazonaws.com/", .body = "{}"};
  sign(fresh, example_credentials(), {"eu-west-1", "ecs"}, time + 60s, keys);
  EXPECT_EQ(request.headers, fresh.headers);
  EXPECT_EQ(find_header(request.headers, "x-amz-date"), "20260101T000100Z");
}

TEST(Signing, DerivesAKeyForEachDayRegionServiceAndSecret) {
  SigningKeys keys;
  const Secret secret("s");
  const SigningKeys::Key key = keys.get(secret, "20260101", "eu-west-1", "ecs");
  EXPECT_EQ(keys.get(secret, "20260101", "eu-west-1", "ecs"), key);
  EXPECT_NE(keys.get(secret, "20260102", "eu-west-1", "ecs"), key);
  EXPECT_NE(keys.get(secret, "20260101", "eu-west-2", "ecs"), key);
  EXPECT_NE(keys.get(secret, "20260101", "eu-west-1", "sts"), key);
  EXPECT_NE(keys.get(Secret("t"), "20260101", "eu-west-1", "ecs"), key);
  for (int day = 0; day < 40; ++day)  // more than are kept
    keys.get(secret, std::to_string(day), "eu-west-1", "ecs");
  EXPECT_EQ(keys.get(secret, "20260101", "eu-west-1", "ecs"), key);
}

TEST(AuthorizationHeader, OfAnotherKindIsNotTaken) {
  for (const std::string_view header :
       {"", "Bearer abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b",
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/r/s/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=AKID/20260101/r/s/aws4, SignedHeaders=host, Signature=a",
        "AWS4-HMAC-SHA256 Credential=20260101/r/s/aws4_request, SignedHeaders=host, Signature=a"}) {
    SCOPED_TRACE(header);
    EXPECT_FALSE(parse_authorization(header));
  }
}

TEST(AuthorizationHeader, IsReadWithOrWithoutSpaces) {
  const auto read = parse_authorization(
      "AWS4-HMAC-SHA256 Credential=AK/ID/20260101/eu-west-1/ecs/aws4_request,"
      "SignedHeaders=host;X-Amz-Date,Signature=abc");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->access_key_id, "AK/ID");
  EXPECT_EQ(read->date, "20260101");
  EXPECT_EQ(read->signed_headers, (std::vector<std::string>{"host", "x-amz-date"}));
  EXPECT_EQ(read->signature, "abc");
}

TEST(UriText, DecodesWhatItEncodes) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(uri_decode(uri_encode(all)), all);
  EXPECT_EQ(uri_decode("a+b"), "a+b");
  EXPECT_EQ(uri_decode("%4"), std::nullopt);
  EXPECT_EQ(uri_decode("%"), std::nullopt);
  EXPECT_EQ(uri_decode("%zz"), std::nullopt);
}

}  // namespace
}  // namespace slipway::aws
