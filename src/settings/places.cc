#include "settings/places.h"

namespace oriel::settings {

std::string store_path(const Environment& environment) {
  const std::string own = variable(environment, kStoreVariable);
  if (!own.empty()) return own;
  const std::string config = variable(environment, "XDG_CONFIG_HOME");
  if (config.starts_with('/')) return config + "/oriel/settings.toml";  // others are to be ignored
  const std::string home = variable(environment, "HOME");
  return home.empty() ? home : home + "/.config/oriel/settings.toml";
}

std::string policy_path(const Environment& environment) {
  const std::string own = variable(environment, kPolicyVariable);
  return own.empty() ? "/etc/oriel/policy.toml" : own;
}

}  // namespace oriel::settings
