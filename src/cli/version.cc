#include "cli/version.h"

namespace slipway::cli {

std::string version_number() { return SLIPWAY_VERSION; }

std::string version_tag() {
  const std::string tag = kVersionTag;
  return tag.empty() ? "(development)" : tag;
}

std::string version_text(const std::string& name) {
  return "name:     " + name + "\nversion:  " + version_tag() + "\nrevision: " + kSourceRevision +
         "\ntime:     " + kSourceTime + "\n";
}

}  // namespace slipway::cli
