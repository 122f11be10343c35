# Writes OUTPUT (a .cc) with what git knows of the source; only when it changed, so that a build
# without a new commit compiles nothing.
find_package(Git QUIET)
set(revision "unknown")
set(time "unknown")
set(tag "")
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} rev-parse --short=12 HEAD
    OUTPUT_VARIABLE revision_found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0)
    set(revision ${revision_found})
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} show -s --format=%cI HEAD
      OUTPUT_VARIABLE time OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} describe --tags --exact-match
      OUTPUT_VARIABLE tag OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT
"// Written by cmake/WriteVersion.cmake.
#include \"cli/version.h\"

namespace slipway::cli {
const char* const kSourceRevision = \"${revision}\";
const char* const kSourceTime = \"${time}\";
const char* const kVersionTag = \"${tag}\";
}  // namespace slipway::cli
" @ONLY)
