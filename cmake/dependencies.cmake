# Debian packages only; packages.txt lists them, docs/adr says why each was chosen.
find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.74 REQUIRED)
# libslirp's pkg-config file asks for glib's headers, which nothing here needs.
find_path(SLIRP_INCLUDE_DIR slirp/libslirp.h REQUIRED)
find_library(SLIRP_LIBRARY slirp REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
if(ORIEL_TESTS)
  find_package(GTest REQUIRED)
endif()
