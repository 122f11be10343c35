# Compilers, warnings and third-party packages. Everything comes from Debian 12.
include_guard()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O2")  # assertions stay on: stopping is safer than the next call
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers and ccache agree only with these.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

# The program is started for every deployment of every pipeline. With the archives of what it uses
# it starts in half the time and with two thirds of the memory (docs/adr/0002-trimmed-libcurl.md).
option(SLIPWAY_STATIC "Link the archives of libraries, where there are any" ON)
if(SLIPWAY_SANITIZE)
  set(SLIPWAY_STATIC OFF)
endif()

# The program is moved to another place at every start, and 20,000 addresses in it with it. As pairs
# of numbers they are 0.4 MB that every start reads; packed, 4 kB. mold packs them in a way that
# glibc 2.36 does not take, so the program itself is linked by binutils' linker.
include(CheckLinkerFlag)
function(slipway_pack_relocations target)
  check_linker_flag(CXX "-fuse-ld=bfd;-Wl,-z,pack-relative-relocs" SLIPWAY_PACKS_RELOCATIONS)
  if(SLIPWAY_PACKS_RELOCATIONS)
    # Among the libraries, because the last -fuse-ld counts.
    target_link_libraries(${target} PRIVATE -fuse-ld=bfd -Wl,-z,pack-relative-relocs)
  endif()
endfunction()

# Makes the imported target of a shared library mean its archive.
function(slipway_prefer_archive target archive)
  find_library(SLIPWAY_ARCHIVE_${archive} ${archive})
  if(SLIPWAY_STATIC AND SLIPWAY_ARCHIVE_${archive})
    set_property(TARGET ${target} PROPERTY INTERFACE_LINK_LIBRARIES ${SLIPWAY_ARCHIVE_${archive}})
  endif()
endfunction()

find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.74 REQUIRED COMPONENTS json context)
find_package(fmt REQUIRED)
# The archive, where there is one: a shared library is loaded at every start.
find_library(SLIPWAY_RE2 NAMES libre2.a re2 REQUIRED)
find_path(SLIPWAY_RE2_HEADERS re2/re2.h REQUIRED)
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
slipway_prefer_archive(PkgConfig::yaml libyaml.a)
slipway_prefer_archive(PkgConfig::pugixml libpugixml.a)
slipway_prefer_archive(PkgConfig::utf8proc libutf8proc.a)

# OpenSSL: of the program its archives, of tests and of programs that take our library the shared one
# (docs/adr/0002-trimmed-libcurl.md). Which of them is said by who links.
option(SLIPWAY_OWN_OPENSSL "Link the program with OpenSSL's archives" ON)
find_library(SLIPWAY_ARCHIVE_ssl libssl.a)
find_library(SLIPWAY_ARCHIVE_crypto libcrypto.a)
set(of_the_program $<BOOL:$<TARGET_PROPERTY:SLIPWAY_HAS_OWN_OPENSSL>>)
add_library(slipway_openssl INTERFACE)
target_link_libraries(slipway_openssl INTERFACE
  $<IF:${of_the_program},${SLIPWAY_ARCHIVE_ssl},OpenSSL::SSL>
  $<IF:${of_the_program},${SLIPWAY_ARCHIVE_crypto},OpenSSL::Crypto>)
function(slipway_own_openssl target)
  # A shared libcurl brings the shared OpenSSL along.
  if(SLIPWAY_STATIC AND SLIPWAY_OWN_OPENSSL AND TARGET slipway_curl AND SLIPWAY_ARCHIVE_ssl AND
     SLIPWAY_ARCHIVE_crypto)
    set_target_properties(${target} PROPERTIES SLIPWAY_HAS_OWN_OPENSSL ON)
  endif()
endfunction()

if(fmt_VERSION VERSION_LESS 10)
  add_library(slipway_fmt STATIC ${CMAKE_CURRENT_LIST_DIR}/fmt_library.cc)
  target_include_directories(slipway_fmt SYSTEM PUBLIC
    $<TARGET_PROPERTY:fmt::fmt-header-only,INTERFACE_INCLUDE_DIRECTORIES>)
else()
  add_library(slipway_fmt ALIAS fmt::fmt)
endif()

add_library(slipway_settings INTERFACE)
target_compile_features(slipway_settings INTERFACE cxx_std_20)
target_include_directories(slipway_settings INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_libraries(slipway_settings INTERFACE slipway_fmt)
target_compile_options(slipway_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Werror
  -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(slipway_settings INTERFACE -fpch-preprocess
    # Collecting garbage took a tenth of the time of each file: not below half a gigabyte.
    --param=ggc-min-heapsize=524288
    # g++ 12 raises these falsely inside std::variant and std::string at -O2.
    -Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer -Wno-array-bounds
    -Wno-stringop-overflow -Wno-stringop-overread -Wno-free-nonheap-object
    # Designated initializers leave the rest to the defaults on purpose.
    -Wno-missing-field-initializers)
else()
  target_compile_options(slipway_settings INTERFACE -Wno-missing-field-initializers
    -Wno-missing-designated-field-initializers
    # libstdc++ 12 calls a function it deprecates from std::stable_sort.
    -Wno-deprecated-declarations
    "SHELL:-Xclang -fno-pch-timestamp")
endif()
if(SLIPWAY_SANITIZE)
  target_compile_options(slipway_settings INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_link_options(slipway_settings INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(slipway_settings INTERFACE SLIPWAY_SANITIZED=1)
endif()
if(SLIPWAY_FUZZ)
  # Coverage for the fuzzer in all of our code; its main only where tests/fuzz links it.
  target_compile_options(slipway_settings INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(slipway_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SLIPWAY_COVERAGE)
  target_compile_options(slipway_settings INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(slipway_settings INTERFACE -fprofile-instr-generate)
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(slipway_settings INTERFACE -fuse-ld=mold)
endif()
