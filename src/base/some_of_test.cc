#include "base/some_of.h"

#include <gtest/gtest.h>

#include <vector>

namespace slipway {
namespace {

TEST(SomeOf, TellsAllOfAFewAndHowManyThereAreOfMany) {
  const std::vector<std::string> names = {"a", "b", "c"};
  EXPECT_EQ(some_of({}, 2), "");
  EXPECT_EQ(some_of(names, 3, "name"), "a, b, c");
  EXPECT_EQ(some_of(names, 2, "name"), "a, b, ... 3 names in all");
  EXPECT_EQ(some_of(names, 2), "a, b, ... 3 in all");
}

}  // namespace
}  // namespace slipway
