#include "base/chunks.h"

#include <gmock/gmock.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Chunks, AreFullButForTheLast) {
  const std::vector<int> five = {1, 2, 3, 4, 5};
  EXPECT_THAT(chunks_of(five, 2),
              ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(5)));
  EXPECT_THAT(chunks_of(five, 5), ElementsAre(ElementsAre(1, 2, 3, 4, 5)));
  EXPECT_THAT(chunks_of(std::vector<int>{}, 2), IsEmpty());
}

}  // namespace
}  // namespace slipway
