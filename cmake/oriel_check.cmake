# Tests: what their units are compiled with, and which of them the sanitizers' lanes build and run.
include(GoogleTest)

# Everything that the sanitizers watch; the other programs of the tree are built and tried without them.
add_custom_target(checks)

# Layers in which no two threads ever meet: the thread sanitizer has nothing to see in their tests.
set(ORIEL_THREADLESS_LAYERS base wire tcp udp ip filter trace socket settings sim)

# Unit tests: the layers' flags, but not optimised. Compiling a test took twice as long with -O1, under the address and
# undefined sanitizers five times; the layers that it runs are optimised all the same.
add_library(oriel_unit_test INTERFACE)
target_compile_options(oriel_unit_test INTERFACE -O0)
if(ORIEL_TESTS)
  target_link_libraries(oriel_unit_test INTERFACE oriel_options GTest::gtest GTest::gmock GTest::gtest_main)
endif()

# oriel_check(PROGRAM LABEL [property value...]): each test of a GoogleTest program becomes LABEL.SUITE.TEST of ctest.
function(oriel_check program label)
  add_dependencies(checks ${program})
  gtest_discover_tests(${program} TEST_PREFIX ${label}. DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${label} ${ARGN})
endfunction()
