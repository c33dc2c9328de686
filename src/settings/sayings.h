// What one source says: a file, or the words of one run.
//
//   [tcp]                              every entry is checked against the schema; the first that is
//   autotuning_level = "disabled"      wrong is the error of the whole source, with its line
//   [interface."10.0.0.2".tcp]
//   window_bytes = 17520
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "oriel/error.h"
#include "settings/setting_name.h"

namespace oriel::settings {

/// The table whose tables are interfaces.
inline constexpr std::string_view kInterfaceTable = "interface";

struct Saying {
  SettingName name;
  Value value = 0;
  std::string place;  ///< "FILE, line 3" or a variable's name
};

/// A settings file's text; `file` is for places and errors.
Result<std::vector<Saying>> read_sayings(std::string_view text, const std::string& file);

/// "NAME=VALUE,NAME@INTERFACE=VALUE"; `variable` is for places and errors.
Result<std::vector<Saying>> read_words(std::string_view words, const std::string& variable);

/// Keys of the file, from the outermost table, at which `name` stands.
std::vector<std::string> path_of(const SettingName& name);

/// nullptr: `sayings` has nothing about it.
const Saying* find_saying(const std::vector<Saying>& sayings, const Row& row,
                          std::string_view interface);

}  // namespace oriel::settings
