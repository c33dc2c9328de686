// What the verbs about settings say in the same way: tables, who decided, and how a change went.
#pragma once

#include <string>
#include <string_view>

#include "oriel/settings_store.h"

namespace oriel::cli {

/// The value, or "-" where nobody says anything.
std::string value_text(const std::optional<std::string>& value);

/// "policy.toml, line 2 says disabled, which goes before the store"; empty: the store decides.
std::string override_text(const SettingAnswer& answer);

/// The layers in their order, the one that decided marked.
std::string why_text(std::string_view name, const SettingAnswer& answer);

/// Ends a verb that changed `name`: complains about an error, tells if the change has no effect.
int end_change(const std::string& verb, const SettingsStore& store, std::string_view name,
               const Result<void>& done);
/// As end_change after taking `name` out: whether the store's word would have counted is no matter.
int end_unset(const std::string& verb, const SettingsStore& store, std::string_view name,
              const Result<void>& done);

}  // namespace oriel::cli
