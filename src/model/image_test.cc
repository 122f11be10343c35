#include "model/image.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

constexpr const char* kDigest =
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

// Acceptance item 14 of the application rollout: every row of the image table.
TEST(ImageReference, TakesANewTagAsTheTableOfTheSpecificationSays) {
  struct Case {
    std::string image, tag;
    std::optional<std::string> wanted;  // none: unchanged
  };
  for (const auto& [image, tag, wanted] : std::vector<Case>{
           {"repo/app:1", "2", "repo/app:2"},
           {"repo/app:2", "2", std::nullopt},
           {"nginx", "2", "nginx:2"},
           {"nginx", "latest", std::nullopt},
           {"nginx:latest", "latest", std::nullopt},
           {"reg:5000/app", "2", "reg:5000/app:2"},
           {"reg1.io/app:1", "2", "reg1.io/app:2"},
           {"app1:1", "2", "app1:2"},
           {std::string("my/app@") + kDigest, "2", "my/app:2"},
           {std::string("my/app:1@") + kDigest, "2", "my/app:2"},
           {std::string("my/app:2@") + kDigest, "2", "my/app:2"},
           {"repo/app:1", kDigest, std::string("repo/app@") + kDigest},
           {std::string("repo/app@") + kDigest, kDigest, std::nullopt},
           {"http://reg.io/app:1", "2", "http://reg.io/app:2"},
           {"localhost/app", "2", "localhost/app:2"},
           {"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1", "v2",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v2"},
       }) {
    SCOPED_TRACE(image + " with tag " + tag);
    const Result<ImageReference> parsed = parse_image(image);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(to_string(*parsed), image);
    const std::optional<ImageReference> changed = with_tag(*parsed, tag);
    ASSERT_EQ(changed.has_value(), wanted.has_value());
    if (changed) {
      EXPECT_EQ(to_string(*changed), *wanted);
    }
  }
}

TEST(ImageReference, IsTakenApart) {
  const ImageReference image = parse_image(std::string("reg:5000/team/app:1.2@") + kDigest).value();
  EXPECT_EQ(image.registry, "reg:5000");
  EXPECT_EQ(image.path, "team/app");
  EXPECT_EQ(image.tag, "1.2");
  EXPECT_EQ(image.digest, kDigest);
  EXPECT_EQ(image.version(), kDigest);
  EXPECT_EQ(image.repository(), "reg:5000/team/app");
}

TEST(ImageReference, IsRefusedWithTheReason) {
  struct Case {
    std::string image, why;
  };
  for (const auto& [image, why] : std::vector<Case>{
           {"", "it is empty"},
           {"repo/app:", "its tag is not one a registry accepts"},
           {"repo/app:a b", "its tag is not one a registry accepts"},
           {"repo//app:1", "its repository name is not made of letters, digits, '.', '_' and '-'"},
           {"/app:1", "its repository name is not made of letters, digits, '.', '_' and '-'"},
           {"app@sha256", "what follows '@' is not a digest such as sha256:..."},
           {"domain.com:abc/app:1", "its registry is not a host name with an optional port"},
           {"${IMAGE}", "its repository name is not made of letters, digits, '.', '_' and '-'"},
       }) {
    SCOPED_TRACE(image);
    const Result<ImageReference> parsed = parse_image(image);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, "image.unparsable");
    EXPECT_EQ(parsed.error().message, "cannot read the image \"" + image + "\": " + why);
  }
}

// Section 3.1 of the specification of ecs-deploy: every row of its table.
TEST(TypedImage, IsNormalisedOrRefusedAsTheTableOfTheSpecificationSays) {
  struct Case {
    std::string image;
    std::optional<std::string> wanted;  // none: refused
  };
  const std::string ecr = "121212345678.dkr.ecr.us-east-1.amazonaws.com/acct/repo";
  const std::string digest = "@sha256:1234567890abcdef";
  std::vector<Case> cases = {
      {"mariadb", "mariadb:latest"},
      {"mariadb:1.2.3", "mariadb:1.2.3"},
      {"something:tag_123", "something:tag_123"},
      {"", std::nullopt},
      {"/something", std::nullopt},
      {"domain.com:abc/repo/image", std::nullopt},
      {"_something:tag123", std::nullopt},
      {"localhost:5000/img", "localhost:5000/img:latest"},
      {"localhost/img", "localhost/img:latest"},
      {"img:", "img:latest"},
      {"repo/img:", "repo/img:latest"},
      {"r.io:/img:1", "r.io/img:1"},
      {"repo/", std::nullopt},
      {"repo/img/", std::nullopt},
      {"repo//img", std::nullopt},
      {"repo/img//", std::nullopt},
      {"a:b:c", std::nullopt},
      {"a::", std::nullopt},
      {"http://r.io/img:1", std::nullopt},
      {"https://r.io/img:1", std::nullopt},
      {"repo/img:tag+1", std::nullopt},
      {"repo/img:tag]", std::nullopt},
      {"repo/img:tag^", std::nullopt},
      {"img@sha512:1234567890abcdef", std::nullopt},
      {"img@sha256:", std::nullopt},
      {"img@", std::nullopt},
      {"img:/x", std::nullopt},
      {"mariadb:10.5-focal", "mariadb:10.5-focal"},
      {"my_image:1", "my_image:1"},
      {"my.image:1", "my.image:1"},
      {"my_org/img:1", "my_org/img:1"},
      {"repo/img:1.0" + digest, "repo/img:1.0" + digest},
      {"Repo/Img:V1", "Repo/Img:V1"},
      {"r/app:`id`", std::nullopt},
      {"r/app:$(id)", std::nullopt},
  };
  for (const std::string& name :
       {std::string("repo/image"), std::string("repo/multi/level/image"),
        std::string("docker.domain.com/repo/image"),
        std::string("docker.domain.com/repo/multi/level/image"),
        std::string("docker.domain.com:8080/repo/image"),
        std::string("docker.domain.com:8080/repo/multi/level/image"), ecr}) {
    cases.push_back({name, name + ":latest"});
    cases.push_back({name + ":v1.2.3", name + ":v1.2.3"});
    cases.push_back({name + digest, name + digest});
  }
  cases.push_back({"mariadb" + digest, "mariadb" + digest});
  for (const auto& [image, wanted] : cases) {
    SCOPED_TRACE(image);
    const Result<ImageReference> parsed = parse_image(image, kTypedImage);
    ASSERT_EQ(parsed.has_value(), wanted.has_value());
    if (parsed) {
      EXPECT_EQ(to_string(with_default_tag(*parsed)), *wanted);
    }
  }
}

// Section 3.3: what `-i redis:9` changes.
TEST(SameRepository, ComparesRegistryPortAndPathAfterDockerHubsShortForms) {
  struct Case {
    std::string image, other;
    bool wanted;
  };
  for (const auto& [image, other, wanted] : std::vector<Case>{
           {"redis:9", "redis:5", true},
           {"redis:9", "redis", true},
           {"redis:9", std::string("redis@") + kDigest, true},
           {"redis:9", "docker.io/library/redis:5", true},
           {"redis:9", "docker.io/redis", true},
           {"redis:9", "index.docker.io/library/redis", true},
           {"redis:9", "library/redis", true},
           {"redis:9", "bitnami/redis:6", false},
           {"redis:9", "my-redis:4", false},
           {"redis:9", "reg:5000/redis:1", false},
           {"redis:9", "redis-x:1", false},
           {"redis:9", "Redis:5", false},
           {"repo/app:9", std::string("repo/app:1@") + kDigest, true},
           {"repo/app:9", "docker.io/repo/app", true},
           {"repo/app:9", "docker.io/library/repo/app", false},
           {"reg:5000/app", "reg:5001/app", false},
           {"reg.io/app", "http://reg.io/app", true},
       }) {
    SCOPED_TRACE(image + " and " + other);
    EXPECT_EQ(same_repository(parse_image(image).value(), parse_image(other).value()), wanted);
  }
}

}  // namespace
}  // namespace slipway
