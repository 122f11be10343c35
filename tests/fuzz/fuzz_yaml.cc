#include "check_reader.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway;
  fuzz::read(std::string(reinterpret_cast<const char*>(bytes), size), TextFormat::kYaml);
  return 0;
}
