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

}  // namespace
}  // namespace slipway
