#include "base/digest.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

// https://www.rfc-editor.org/rfc/rfc1321, the test suite.
TEST(Digest, Md5OfTheRfc) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

}  // namespace
}  // namespace slipway
