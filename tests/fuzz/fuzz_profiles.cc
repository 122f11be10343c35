// ~/.aws/config and ~/.aws/credentials, as other tools leave them.
#include "aws/config_file.h"
#include "base/diagnostic.h"

#include "check.h"

#include <cstddef>
#include <cstdint>

namespace {

using namespace slipway;

void check(const std::vector<aws::ConfigEntry>& entries) {
  for (const aws::ConfigEntry& entry : entries) {
    fuzz::must(!entry.key.empty(), "an entry has a key");
    fuzz::must(entry.span.source != nullptr && entry.span.line > 0, "an entry is somewhere");
    static_cast<void>(aws::place_of(entry.span));
    check(entry.block);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text = fuzz::text_of(bytes, size);
  for (const auto kind : {aws::ConfigFileKind::kConfig, aws::ConfigFileKind::kCredentials}) {
    Diagnostics diagnostics;
    for (const auto& section : aws::parse_config_file("~/.aws/config", text, kind, diagnostics)) {
      check(section.entries);
      aws::Profile profile{.name = section.name, .in_config = &section};
      profile.check_keys(diagnostics);
      static_cast<void>(profile.value("role_arn"));
    }
    for (const Diagnostic& diagnostic : diagnostics.all())
      fuzz::must(!to_string(diagnostic, true).empty(), "every problem can be shown");
  }
  return 0;
}
