# oriel_precompile(TARGET KIND): the standard headers that nearly every unit reads, compiled once for each set of flags.
#
# They hold headers of packages and none of ours, so they stay good while people work and ccache hands them to every
# build. They may hide a forgotten #include; a build with -DORIEL_PCH=OFF shows it.
option(ORIEL_PCH "Precompile the standard headers" ON)

# oriel_pch_kind(KIND TYPE HEADERS header... LINK target... [DEFINE word...]): TYPE is LIBRARY or PROGRAM, which compile
# with -fPIC and -fPIE. A compiler takes a precompiled header only under the flags that it was made with, so units with
# other flags need a kind of their own. The target oriel_pch_KIND is one empty unit that nobody links.
function(oriel_pch_kind kind type)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK;DEFINE" ${ARGN})
  set(unit ${PROJECT_BINARY_DIR}/pch/${kind}.cc)
  file(CONFIGURE OUTPUT ${unit} CONTENT "int main() { return 0; }\n")
  if(type STREQUAL "PROGRAM")
    add_executable(oriel_pch_${kind} EXCLUDE_FROM_ALL ${unit})
  else()
    add_library(oriel_pch_${kind} OBJECT EXCLUDE_FROM_ALL ${unit})
  endif()
  target_link_libraries(oriel_pch_${kind} PRIVATE ${ARG_LINK})
  target_compile_definitions(oriel_pch_${kind} PRIVATE ${ARG_DEFINE})
  target_compile_options(oriel_pch_${kind} PRIVATE ${ORIEL_PCH_FLAGS})
  list(TRANSFORM ARG_HEADERS REPLACE "(.+)" "$<$<COMPILE_LANGUAGE:CXX>:<\\1$<ANGLE-R>>")
  target_precompile_headers(oriel_pch_${kind} PRIVATE ${ARG_HEADERS})
endfunction()

function(oriel_precompile target kind)
  if(ORIEL_PCH)
    target_precompile_headers(${target} REUSE_FROM oriel_pch_${kind})
    target_compile_options(${target} PRIVATE ${ORIEL_PCH_FLAGS})
  endif()
endfunction()

# What ccache needs to know a unit by: g++ preprocesses with the header in place, clang leaves out when it was made.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(ORIEL_PCH_FLAGS $<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
else()
  set(ORIEL_PCH_FLAGS "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()

set(layer_headers algorithm array atomic boost/unordered/unordered_flat_map.hpp boost/unordered/unordered_flat_set.hpp
  cassert chrono cstdint cstring deque functional map memory mutex optional span string string_view thread tl/expected.hpp
  vector)
if(ORIEL_PCH)
  oriel_pch_kind(layer LIBRARY HEADERS ${layer_headers} LINK oriel_options tl::expected)
  oriel_pch_kind(windows_layer LIBRARY HEADERS ${layer_headers} LINK oriel_options tl::expected oriel_windows_options
    DEFINE WIN32_NO_STATUS)
endif()
if(ORIEL_PCH AND ORIEL_TESTS)
  set(test_headers ${layer_headers} gmock/gmock.h gtest/gtest.h)
  oriel_pch_kind(test PROGRAM HEADERS ${test_headers} LINK oriel_unit_test tl::expected)
  oriel_pch_kind(windows_test PROGRAM HEADERS ${test_headers}
    LINK oriel_unit_test tl::expected oriel_windows_options DEFINE WIN32_NO_STATUS)
endif()
