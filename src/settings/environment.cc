// The process's variables, copied once into values.
#include "oriel/environment.h"

#include <unistd.h>

#include <string_view>

namespace oriel {

Environment process_environment() {
  Environment all;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry(*at);
    const std::size_t equals = entry.find('=');
    if (equals == entry.npos) continue;
    const std::string_view name = entry.substr(0, equals);
    if (!name.starts_with("ORIEL_") && name != "HOME" && name != "XDG_CONFIG_HOME") continue;
    all.emplace(name, entry.substr(equals + 1));
  }
  return all;
}

}  // namespace oriel
