#include "settings/sayings.h"

#include <algorithm>
#include <span>

#include "settings/schema.h"
#include "settings/toml_entries.h"
#include "settings/value.h"

namespace oriel::settings {
namespace {

using EntryKind = TomlEntry::Kind;

constexpr std::size_t kInterfacePathMin = 4;  // interface, its name, a table, a key
constexpr std::string_view kInterfaceSentence =
    "this is no setting: write [interface.\"10.0.0.2\".tcp] and below it window_bytes = 17520";

EntryKind entry_kind(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return EntryKind::kBool;
    case Kind::kNumber:
      return EntryKind::kWhole;
    case Kind::kDuration:
    case Kind::kWord:
      return EntryKind::kText;
  }
  return EntryKind::kOther;
}

bool is_table(std::string_view name) {
  const auto rows = schema();
  return std::any_of(rows.begin(), rows.end(), [name](const Row& row) {
    return row.name.substr(0, row.name.find('.')) == name;
  });
}

/// [tcp], [interface."10.0.0.2"] or [interface."10.0.0.2".tcp] with nothing below: what is left
/// when the last setting of a table was unset.
bool is_empty_table(const TomlEntry& entry) {
  if (entry.kind != EntryKind::kEmptyTable) return false;
  std::span<const std::string> path = entry.path;
  if (path.front() == kInterfaceTable) path = path.subspan(std::min<std::size_t>(path.size(), 2));
  return path.empty() || (path.size() == 1 && is_table(path.front()));
}

Result<Saying> saying_of(const TomlEntry& entry, const std::string& file) {
  const auto at_entry = [&](const Error& error) {
    return fail(error.code, place_of(entry, file) + ": " + error.message());
  };
  std::vector<std::string> path = entry.path;
  std::string interface;
  const bool is_of_interface = path.front() == kInterfaceTable;
  if (is_of_interface) {
    if (path.size() < kInterfacePathMin) {
      return at_entry({ErrorCode::kInvalidArgument, std::string(kInterfaceSentence)});
    }
    interface = path[1];
    path.erase(path.begin(), path.begin() + 2);
  }
  const auto name = parse_name(dotted(path));
  if (!name) return at_entry(name.error());
  const Row& row = *name->row;
  if (is_of_interface) {
    const auto ok = check_interface(row, interface);
    if (!ok) return at_entry(ok.error());
  }
  if (entry.kind != entry_kind(row.kind)) {
    const bool is_text = entry_kind(row.kind) == EntryKind::kText;
    return at_entry({ErrorCode::kInvalidArgument,
                     allowed(row) + (is_text ? ", as a text in quotes" : ", without quotes")});
  }
  const auto value = parse_value(row, entry.text);
  if (!value) return at_entry(value.error());
  return Saying{
      {&row, std::move(interface)}, *value, file + ", line " + std::to_string(entry.line)};
}

}  // namespace

Result<std::vector<Saying>> read_sayings(std::string_view text, const std::string& file) {
  const auto entries = read_toml(text, file);
  if (!entries) return Failure(entries.error());
  std::vector<Saying> sayings;
  for (const TomlEntry& entry : *entries) {
    if (is_empty_table(entry)) continue;
    const auto saying = saying_of(entry, file);
    if (!saying) return Failure(saying.error());
    sayings.push_back(*saying);
  }
  return sayings;
}

Result<std::vector<Saying>> read_words(std::string_view words, const std::string& variable) {
  std::vector<Saying> sayings;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(','));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    if (word.empty()) continue;
    const std::size_t equals = word.find('=');
    if (equals == word.npos) {
      return fail(ErrorCode::kInvalidArgument,
                  variable + ": '" + std::string(word) +
                      "' sets nothing: write NAME=VALUE, as in tcp.autotuning_level=disabled");
    }
    const auto name = parse_name(word.substr(0, equals));
    if (!name) return fail(name.error().code, variable + ": " + name.error().message());
    const auto value = parse_value(*name->row, word.substr(equals + 1));
    if (!value) {
      return fail(value.error().code,
                  variable + ": " + name->to_string() + ": " + value.error().message());
    }
    std::erase_if(sayings, [&](const Saying& s) {  // the last word about a setting counts
      return s.name.row == name->row && s.name.interface == name->interface;
    });
    sayings.push_back({*name, *value, variable});
  }
  return sayings;
}

std::vector<std::string> path_of(const SettingName& name) {
  std::vector<std::string> path;
  if (!name.interface.empty()) path = {std::string(kInterfaceTable), name.interface};
  const std::size_t dot = name.row->name.find('.');
  path.emplace_back(name.row->name.substr(0, dot));
  path.emplace_back(name.row->name.substr(dot + 1));
  return path;
}

const Saying* find_saying(const std::vector<Saying>& sayings, const Row& row,
                          std::string_view interface) {
  for (const Saying& s : sayings) {
    if (s.name.row == &row && s.name.interface == interface) return &s;
  }
  return nullptr;
}

}  // namespace oriel::settings
