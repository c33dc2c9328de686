// The schema: every setting of the stack, one row each.
#pragma once

#include <span>
#include <string_view>

#include "settings/row.h"

namespace oriel::settings {

/// In the order in which people are shown them.
std::span<const Row> schema();

/// nullptr: there is no such setting.
const Row* find_row(std::string_view name);

/// The row of oriel.profile, on which the values of others depend.
const Row& profile_row();

/// What `profile` has where nobody says anything; nullopt: nothing of its own.
std::optional<Value> profile_value(const Row& row, OsProfile profile);

/// Whether `profile` knows the setting.
bool has_effect(const Row& row, OsProfile profile);

}  // namespace oriel::settings
