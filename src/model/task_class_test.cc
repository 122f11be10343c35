#include "model/task_class.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(ImageTag, StandsWhereThePlaceholderStood) {
  struct Case {
    std::string image, wanted;
  };
  for (const auto& [image, wanted] : {
           Case{"app:{image_tag}", "app:42"},
           Case{"app:{image_tag}-{image_tag}", "app:42-42"},
           Case{"app:1", "app:1"},
           Case{"", ""},
           Case{"{{x}}", "{x}"},
           Case{"{{{image_tag}}}", "{42}"},
           Case{"{{image_tag}}", "{image_tag}"},
       }) {
    SCOPED_TRACE(image);
    const Result<std::string> result = with_image_tag(image, "42");
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(*result, wanted);
  }
}

TEST(ImageTag, IsTheOnlyPlaceholder) {
  struct Case {
    std::string image, wanted;
  };
  for (const auto& [image, wanted] : {
           Case{"{registry}/app:{image_tag}",
                "unknown placeholder {registry} in \"{registry}/app:{image_tag}\""},
           Case{"app:{}", "unknown placeholder {} in \"app:{}\""},
           Case{"app:{image_tag:>9}",
                "unknown placeholder {image_tag:>9} in "
                "\"app:{image_tag:>9}\""},
           Case{"app:{image_tag", "a \"{\" without its \"}\"; write {{ for the character"},
           Case{"app:image_tag}", "a \"}\" without its \"{\"; write }} for the character"},
       }) {
    SCOPED_TRACE(image);
    const Result<std::string> result = with_image_tag(image, "42");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, wanted);
    EXPECT_EQ(result.error().code, "image.placeholder");
  }
}

}  // namespace
}  // namespace slipway
