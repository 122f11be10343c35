// Scenario files, with the worlds they describe.
#include "base/diagnostic.h"
#include "sim/scenario.h"

#include "check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway;
  const Diagnostics diagnostics = sim::check_scenario(
      std::make_shared<SourceText>(SourceText{"scenario.yml", fuzz::text_of(bytes, size)}));
  for (const Diagnostic& diagnostic : diagnostics.all())
    fuzz::must(!to_string(diagnostic, true).empty(), "every problem can be shown");
  return 0;
}
