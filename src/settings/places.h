// Where the files of settings lie, from the environment alone.
#pragma once

#include <string>

#include "oriel/environment.h"

namespace oriel::settings {

inline constexpr const char* kStoreVariable = "ORIEL_SETTINGS";
inline constexpr const char* kRunVariable = "ORIEL_SET";
inline constexpr const char* kPolicyVariable = "ORIEL_POLICY";

/// Empty: nothing says where.
std::string store_path(const Environment& environment);
std::string policy_path(const Environment& environment);

}  // namespace oriel::settings
