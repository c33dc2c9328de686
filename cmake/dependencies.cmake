# Debian packages only; packages.txt lists them, docs/adr says why each was chosen.
find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED)
if(ORIEL_TESTS)
  find_package(GTest REQUIRED)
endif()
