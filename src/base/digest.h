// Digests that name things. Nothing is protected by them; what is, is signed in aws/crypto.h.
#pragma once

#include <string>
#include <string_view>

namespace slipway {

std::string md5_hex(std::string_view bytes);  // lower case

}  // namespace slipway
