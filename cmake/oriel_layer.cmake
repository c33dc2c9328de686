# oriel_layer(NAME [WINDOWS] [DEPENDS layer...] [LIBRARIES target...]): one folder as an object library plus one
# unit-test program from the *_test.cc beside the code. WINDOWS: it sees include/win32; status codes from ntstatus.h.

# Warnings and sanitizers, for everything that is compiled here.
add_library(oriel_flags INTERFACE)
target_compile_options(oriel_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
  -Werror $<$<NOT:$<CONFIG:Release>>:-fno-omit-frame-pointer>)
if(ORIEL_SANITIZE)
  target_compile_options(oriel_flags INTERFACE -fsanitize=${ORIEL_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(oriel_flags INTERFACE -fsanitize=${ORIEL_SANITIZE})
endif()
if(ORIEL_FUZZ)  # the fuzzers find new paths only where the layers below them are watched as well
  target_compile_options(oriel_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# The same for code of levels 0 to 6, which sees src/. Tools, examples and tests of the public API use
# oriel_program (below) and see include/ only.
add_library(oriel_options INTERFACE)
target_link_libraries(oriel_options INTERFACE oriel_flags)
target_include_directories(oriel_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
  ${PROJECT_SOURCE_DIR}/tests)

set_property(GLOBAL PROPERTY ORIEL_LAYERS "")

# oriel_unity(TARGET [BATCH files]): compiles so many files (eight) as one unit: most of a unit's time goes to headers
# that its neighbours read as well (measured: docs/measurements.md, "Building"). Names of unnamed namespaces have to
# differ within a folder. Who edits one file over and over may want -DORIEL_UNITY=OFF.
option(ORIEL_UNITY "Compile the files of a folder in batches" ON)
function(oriel_unity target)
  cmake_parse_arguments(ARG "" "BATCH" "" ${ARGN})
  if(NOT DEFINED ARG_BATCH)
    set(ARG_BATCH 8)
  endif()
  if(ORIEL_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${ARG_BATCH})
    # g++ takes a file of a batch for a header, whose types should not use unnamed namespaces.
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# oriel_link_layers(TARGET layer...): links the objects of these layers, and of all that those need.
function(oriel_link_layers target)
  set(todo ${ARGN})
  set(seen "")
  while(todo)
    list(POP_FRONT todo next)
    if(NOT next IN_LIST seen)
      list(APPEND seen ${next})
      get_target_property(deps oriel_${next} ORIEL_DEPENDS)
      list(APPEND todo ${deps})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:oriel_${next}>)
      target_link_libraries(${target} PRIVATE $<TARGET_PROPERTY:oriel_${next},LINK_LIBRARIES>)
    endif()
  endwhile()
endfunction()

function(oriel_layer name)
  cmake_parse_arguments(ARG "WINDOWS" "" "DEPENDS;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  if(NOT sources)  # a folder that waits for its first file still configures
    file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty_layer.cc "// no source yet\n")
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty_layer.cc)
  endif()
  add_library(oriel_${name} OBJECT ${sources})
  set_target_properties(oriel_${name} PROPERTIES LINKER_LANGUAGE CXX ORIEL_DEPENDS "${ARG_DEPENDS}")
  target_link_libraries(oriel_${name} PUBLIC oriel_options tl::expected ${ARG_LIBRARIES})
  set(kind_prefix "")
  if(ARG_WINDOWS)
    set(kind_prefix windows_)
    target_link_libraries(oriel_${name} PUBLIC oriel_windows_options)
    target_compile_definitions(oriel_${name} PUBLIC WIN32_NO_STATUS)
  endif()
  # The layers that a packet passes are compiled as one unit each in the release build: calls between their files
  # are inlined (measured: a seventh fewer instructions a segment in src/tcp, and -O3 a fourteenth less again).
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND name MATCHES "^(wire|tcp|ip)$")
    set_target_properties(oriel_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
    target_compile_options(oriel_${name} PRIVATE -O3)  # other flags than its precompiled header's
  else()
    oriel_unity(oriel_${name})
    oriel_precompile(oriel_${name} ${kind_prefix}layer)
  endif()
  set_property(GLOBAL APPEND PROPERTY ORIEL_LAYERS ${name})
  if(ORIEL_TESTS AND tests AND NOT (ORIEL_SANITIZE STREQUAL "thread" AND name IN_LIST ORIEL_THREADLESS_LAYERS))
    add_executable(${name}_test ${tests})
    oriel_link_layers(${name}_test ${name})
    target_link_libraries(${name}_test PRIVATE oriel_unit_test)
    if(ARG_WINDOWS)
      target_link_libraries(${name}_test PRIVATE oriel_windows_options)
      target_compile_definitions(${name}_test PRIVATE WIN32_NO_STATUS)
    endif()
    oriel_unity(${name}_test)
    oriel_precompile(${name}_test ${kind_prefix}test)
    oriel_check(${name}_test unit)
  endif()
endfunction()

# oriel_program(NAME SOURCES file... [LIBRARIES target...]): a program of level 7. It sees include/ only and links
# the static library, so that it runs from anywhere.
function(oriel_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE oriel_flags oriel_static ${ARG_LIBRARIES})
endfunction()
