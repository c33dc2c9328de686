// The file of ORIEL_CONFIG: TOML, the same words as the variables.
#include <algorithm>

#include "oriel/settings_store.h"
#include "settings/locked_file.h"
#include "settings/toml_entries.h"
#include "stack/process_config.h"

namespace oriel {

Result<void> check_environment(const Environment& environment) {
  const auto config = stack::read_process_config(environment);
  if (!config) return Failure(config.error());
  const auto store = SettingsStore::open(environment);
  if (!store) return Failure(store.error());
  return {};
}

namespace stack {
namespace {

constexpr std::string_view kSettingsTable = "settings";

using settings::TomlEntry;

bool is_key(std::string_view key) {
  const auto keys = config_keys();
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::string all_keys() {
  std::string all;
  for (const std::string_view key : config_keys())
    all += (all.empty() ? "" : ", ") + std::string(key);
  return all;
}

Failure at_key(const std::string& name, std::string_view key, const std::string& sentence) {
  return fail(ErrorCode::kInvalidArgument, name + ": " + std::string(key) + ": " + sentence);
}

}  // namespace

Result<Environment> read_config_text(std::string_view text, const std::string& name) {
  const auto entries = settings::read_toml(text, name);
  if (!entries) return Failure(entries.error());
  Environment words;
  for (const TomlEntry& entry : *entries) {
    const std::string& key = entry.path.front();
    if (key == kSettingsTable) {
      return at_key(name, key,
                    "the stack's settings live in a file of their own: write them with oriel "
                    "settings set, or into the file that oriel settings list names");
    }
    const bool is_table = entry.path.size() > 1 || entry.kind == TomlEntry::Kind::kEmptyTable;
    if (is_table || !is_key(key)) {
      return at_key(name, key, "there is no such key: write one of " + all_keys());
    }
    if (entry.kind != TomlEntry::Kind::kText && entry.kind != TomlEntry::Kind::kTexts) {
      return at_key(name, key, "write a text in quotes, or a list of them in brackets");
    }
    words.emplace(key, entry.text);
  }
  return words;
}

Result<ProcessConfig> read_process_config(const Environment& environment) {
  const auto variable = environment.find("ORIEL_CONFIG");
  if (variable == environment.end() || variable->second.empty()) {
    return parse_process_config(environment, {}, {});
  }
  const std::string& name = variable->second;
  const auto file = settings::read_file(name);
  if (!file) return fail(file.error().code, "ORIEL_CONFIG: " + file.error().message());
  if (!file->is_there) {
    return fail(ErrorCode::kNotFound, "ORIEL_CONFIG: there is no file '" + name + "'");
  }
  const auto words = read_config_text(file->text, name);
  if (!words) return Failure(words.error());
  return parse_process_config(environment, *words, name);
}

}  // namespace stack
}  // namespace oriel
