# The installed package: the program, one public header, and one archive that holds our folders and
# the archives they need, so that a program of somebody else's links with find_package(slipway) and
# the few shared libraries that are left.
include_guard()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Walks what `item` links with. Archives go to SLIPWAY_ARCHIVES, other libraries to SLIPWAY_SHARED.
function(slipway_walk item)
  string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" item "${item}")
  get_property(seen GLOBAL PROPERTY SLIPWAY_WALKED)
  if(item STREQUAL "" OR item MATCHES "\\$<" OR item IN_LIST seen)
    return()
  endif()
  set_property(GLOBAL APPEND PROPERTY SLIPWAY_WALKED "${item}")
  if(NOT TARGET ${item})
    if(item MATCHES "\\.a$")
      set_property(GLOBAL APPEND PROPERTY SLIPWAY_ARCHIVES "${item}")
    elseif(NOT item MATCHES "^-")
      set_property(GLOBAL APPEND PROPERTY SLIPWAY_SHARED "${item}")
    endif()
    return()
  endif()
  get_target_property(type ${item} TYPE)
  get_target_property(is_imported ${item} IMPORTED)
  set(location "")
  if(is_imported)
    get_target_property(location ${item} LOCATION)
  endif()
  if(type STREQUAL "STATIC_LIBRARY" OR (type STREQUAL "UNKNOWN_LIBRARY" AND location MATCHES "\\.a$"))
    set_property(GLOBAL APPEND PROPERTY SLIPWAY_ARCHIVES "$<TARGET_FILE:${item}>")
  elseif(type MATCHES "SHARED_LIBRARY|UNKNOWN_LIBRARY")
    set_property(GLOBAL APPEND PROPERTY SLIPWAY_SHARED "${location}")
  elseif(item STREQUAL "Threads::Threads")
    set_property(GLOBAL APPEND PROPERTY SLIPWAY_SHARED "Threads::Threads")
  endif()
  get_target_property(next ${item} INTERFACE_LINK_LIBRARIES)
  if(next)
    foreach(library ${next})
      slipway_walk(${library})
    endforeach()
  endif()
endfunction()

slipway_walk(slipway_cli)
slipway_walk(OpenSSL::SSL)  # whoever links with us has that library once
slipway_walk(OpenSSL::Crypto)
get_property(archives GLOBAL PROPERTY SLIPWAY_ARCHIVES)
get_property(shared GLOBAL PROPERTY SLIPWAY_SHARED)
list(FILTER archives EXCLUDE REGEX "slipway_(small_)?pch")

set(merged ${CMAKE_BINARY_DIR}/libslipway.a)
add_custom_command(OUTPUT ${merged}
  COMMAND ${CMAKE_COMMAND} "-DARCHIVES=$<JOIN:${archives},|>" -DOUTPUT=${merged} -DAR=${CMAKE_AR}
          -DRANLIB=${CMAKE_RANLIB} -P ${CMAKE_SOURCE_DIR}/cmake/MergeArchives.cmake
  DEPENDS ${archives} ${CMAKE_SOURCE_DIR}/cmake/MergeArchives.cmake VERBATIM)
add_custom_target(slipway_package ALL DEPENDS ${merged} slipway)

# Where a library lies is this machine's affair: its name is enough for the linker, where there is
# a name that the linker would look for.
set(SLIPWAY_LINKS "")
foreach(library ${shared})
  get_filename_component(file "${library}" NAME)
  if(file MATCHES "^lib(.*)\\.so$")
    list(APPEND SLIPWAY_LINKS "${CMAKE_MATCH_1}")
  else()
    list(APPEND SLIPWAY_LINKS "${library}")
  endif()
endforeach()
list(REMOVE_DUPLICATES SLIPWAY_LINKS)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/slipway)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/slipwayConfig.cmake.in
  ${CMAKE_BINARY_DIR}/slipwayConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/slipwayConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(TARGETS slipway RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${merged} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${CMAKE_SOURCE_DIR}/include/slipway/ecs_task.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/slipway)
install(FILES ${CMAKE_BINARY_DIR}/slipwayConfig.cmake ${CMAKE_BINARY_DIR}/slipwayConfigVersion.cmake
        DESTINATION ${package_dir})

if(SLIPWAY_TESTS AND NOT SLIPWAY_SANITIZE AND NOT SLIPWAY_COVERAGE)
  add_test(NAME Package.IsWhatTheExampleIsBuiltWith
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DBUILD=${CMAKE_BINARY_DIR}
            -DCXX=${CMAKE_CXX_COMPILER} -P ${CMAKE_SOURCE_DIR}/tests/package/check.cmake)
  set_tests_properties(Package.IsWhatTheExampleIsBuiltWith PROPERTIES TIMEOUT 120)
endif()
