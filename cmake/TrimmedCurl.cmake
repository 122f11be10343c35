# Debian's shared libcurl brings thirty more libraries into the process, for protocols that are never
# spoken here: 4 ms and 5 MB at every start (docs/adr/0002-trimmed-libcurl.md). Its archive brings
# none, if something stands in for those libraries' functions. So: libcurl.a, the libraries that
# HTTP needs, and stand-ins that stop the program, since nothing may ever call them
# (base/curl_loop.cc allows no protocol, authentication or encoding that would).
#
# slipway_trimmed_curl(<variable>) sets <variable> to a target to link with: slipway_curl, or
# PkgConfig::libcurl where there is no archive or it needs something else.
include_guard()
option(SLIPWAY_TRIMMED_CURL "Link libcurl's archive without the libraries of unused protocols" ON)

function(slipway_trimmed_curl result)
  set(${result} PkgConfig::libcurl PARENT_SCOPE)
  if(NOT SLIPWAY_TRIMMED_CURL)
    return()
  endif()
  find_library(SLIPWAY_CURL_ARCHIVE libcurl.a)
  if(SLIPWAY_STATIC)
    find_library(SLIPWAY_NGHTTP2_ARCHIVE libnghttp2.a)
    find_library(SLIPWAY_IDN2_ARCHIVE libidn2.a)
    find_library(SLIPWAY_UNISTRING_ARCHIVE libunistring.a)
  endif()
  find_library(SLIPWAY_NGHTTP2 NAMES nghttp2 libnghttp2.so.14)
  find_library(SLIPWAY_IDN2 NAMES idn2 libidn2.so.0)
  set(nghttp2 ${SLIPWAY_NGHTTP2})
  if(SLIPWAY_NGHTTP2_ARCHIVE)
    set(nghttp2 ${SLIPWAY_NGHTTP2_ARCHIVE})
  endif()
  set(idn2 ${SLIPWAY_IDN2})
  if(SLIPWAY_IDN2_ARCHIVE AND SLIPWAY_UNISTRING_ARCHIVE)
    set(idn2 ${SLIPWAY_IDN2_ARCHIVE} ${SLIPWAY_UNISTRING_ARCHIVE})
  endif()
  if(NOT SLIPWAY_CURL_ARCHIVE OR NOT nghttp2 OR NOT idn2 OR NOT CMAKE_NM)
    message(STATUS "libcurl: shared, with all its libraries")
    return()
  endif()

  # LDAP, RTMP, SSH, Kerberos, the list of public suffixes (cookies), and content encodings.
  set(families "^(ldap_|ber_|RTMP_|libssh2_|gss_|GSS_|psl_|Brotli|ZSTD_|inflate|zlib)")
  execute_process(COMMAND ${CMAKE_NM} --undefined-only --format=just-symbols ${SLIPWAY_CURL_ARCHIVE}
                  OUTPUT_VARIABLE names ERROR_QUIET)
  string(REPLACE "\n" ";" names "${names}")
  list(FILTER names INCLUDE REGEX ${families})
  list(REMOVE_DUPLICATES names)
  set(text "// Written by cmake/TrimmedCurl.cmake.\n#include <cstdio>\n#include <cstdlib>\n\n")
  foreach(name ${names})
    if(name MATCHES "^libssh2_(init|exit)$")  # called by curl_global_init
      string(APPEND text "extern \"C\" int ${name}(int) { return 0; }\n")
    else()
      string(APPEND text "extern \"C\" void ${name}() {\n"
             "  std::fputs(\"slipway: internal error: curl called ${name}\\n\", stderr);\n"
             "  std::abort();\n}\n")
    endif()
  endforeach()
  set(source ${CMAKE_BINARY_DIR}/curl_stand_ins.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "${text}" @ONLY)

  set(libraries ${SLIPWAY_CURL_ARCHIVE} ${nghttp2} ${idn2} Threads::Threads)
  if(NOT DEFINED SLIPWAY_TRIMMED_CURL_LINKS)
    file(WRITE ${CMAKE_BINARY_DIR}/curl_links.cc
         "#include <curl/curl.h>\nint main() { return curl_global_init(CURL_GLOBAL_NOTHING); }\n")
    try_compile(links ${CMAKE_BINARY_DIR}/curl_links
      SOURCES ${CMAKE_BINARY_DIR}/curl_links.cc ${source}
      CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${libcurl_INCLUDE_DIRS}"
      LINK_LIBRARIES ${libraries} OpenSSL::SSL OpenSSL::Crypto)
    set(SLIPWAY_TRIMMED_CURL_LINKS ${links} CACHE INTERNAL "libcurl's archive links with stand-ins")
  endif()
  if(NOT SLIPWAY_TRIMMED_CURL_LINKS)
    message(STATUS "libcurl: shared, with all its libraries (the archive needs more)")
    return()
  endif()

  message(STATUS "libcurl: ${SLIPWAY_CURL_ARCHIVE}, without the libraries of unused protocols")
  add_library(slipway_curl_stand_ins STATIC ${source})
  # After the archive that needs them, as linkers other than mold read archives once.
  list(INSERT libraries 1 slipway_curl_stand_ins)
  add_library(slipway_curl INTERFACE)
  target_include_directories(slipway_curl INTERFACE ${libcurl_INCLUDE_DIRS})
  target_link_libraries(slipway_curl INTERFACE ${libraries} slipway_openssl)
  set(${result} slipway_curl PARENT_SCOPE)
endfunction()
