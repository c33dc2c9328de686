#include "stack/settings_watch.h"

#include <cstdio>

#include "oriel/settings_store.h"
#include "settings/places.h"

namespace oriel::stack {

SettingsWatch::SettingsWatch(const Environment& environment)
    : environment_(environment),
      files_({settings::store_path(environment), settings::policy_path(environment),
              filters_path(environment)}),
      rules_(environment) {}

SettingsWatch::Changes SettingsWatch::take() {
  Changes changes;
  if (!files_.drain()) return changes;
  if (const auto store = SettingsStore::open(environment_)) {
    changes.settings = store->host_settings();
    settings_complaint_.clear();
  } else {
    complain(settings_complaint_, store.error(), "settings");
  }
  if (const auto is_new = rules_.read()) {
    changes.are_rules_new = *is_new;
    rules_complaint_.clear();
  } else {
    complain(rules_complaint_, is_new.error(), "rules");
  }
  return changes;
}

void SettingsWatch::complain(std::string& last, const Error& error, const char* what) {
  if (last == error.message()) return;
  last = error.message();
  std::fprintf(stderr, "oriel: %s; the %s before stay in force\n", last.c_str(), what);
}

}  // namespace oriel::stack
