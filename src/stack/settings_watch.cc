#include "stack/settings_watch.h"

#include <cstdio>

#include "oriel/settings_store.h"
#include "settings/places.h"

namespace oriel::stack {

SettingsWatch::SettingsWatch(const Environment& environment)
    : environment_(environment),
      files_({settings::store_path(environment), settings::policy_path(environment)}) {}

std::optional<HostSettings> SettingsWatch::take() {
  if (!files_.drain()) return std::nullopt;
  const auto store = SettingsStore::open(environment_);
  if (store) {
    complaint_.clear();
    return store->host_settings();
  }
  if (complaint_ == store.error().message()) return std::nullopt;
  complaint_ = store.error().message();
  std::fprintf(stderr, "oriel: %s; the settings before stay in force\n", complaint_.c_str());
  return std::nullopt;
}

}  // namespace oriel::stack
