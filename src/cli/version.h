// Which program this is.
#pragma once

#include <string>

namespace slipway::cli {

extern const char* const kSourceRevision;  // 12 hex digits of the commit, or "unknown"
extern const char* const kSourceTime;      // ISO 8601, or "unknown"
extern const char* const kVersionTag;      // the tag at that commit, or ""

// "0.1.0", from CMakeLists.txt.
std::string version_number();
// Four lines: name, version tag (or "(development)"), source revision, source time.
std::string version_text(const std::string& name);
// Only the version tag, or "(development)".
std::string version_tag();

}  // namespace slipway::cli
