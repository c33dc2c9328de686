// The variables of a process that the library looks at, as values.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "oriel/export.h"

namespace oriel {

/// Names and values, as in "ORIEL_LINK" and "tun:oriel0". Beside names that start with ORIEL_, HOME
/// and XDG_CONFIG_HOME are looked at: they say where the settings lie.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The calling process's own. Thread: none may change it meanwhile.
ORIEL_API Environment process_environment();

/// The word of a variable; empty if it is not set.
inline std::string variable(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

}  // namespace oriel
