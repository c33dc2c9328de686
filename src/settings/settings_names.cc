// Keys and values of the registry and words of `netsh`, to and from the rows that have them.
#include "oriel/settings_names.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "settings/layers.h"
#include "settings/schema.h"
#include "settings/value.h"

namespace oriel {
namespace {

using settings::Kind;
using settings::NetshContext;
using settings::Row;
using settings::Saying;
using settings::Value;

constexpr std::string_view kRoot =
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters";
/// Parts of a key as they compare: lower case, without blanks.
constexpr std::array<std::string_view, 6> kRootParts = {
    "hkey_local_machine", "system", "currentcontrolset", "services", "tcpip", "parameters"};
constexpr std::string_view kRootShort = "hklm";
constexpr Value kMs = 1'000'000;

std::string comparable(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    if (c != ' ') lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return lower;
}

bool is_same(std::string_view a, std::string_view b) {
  return comparable(a) == comparable(b);
}

std::vector<std::string_view> split_key(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('\\'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

const Row* row_of_registry(std::string_view name) {
  for (const Row& row : settings::schema()) {
    if (!row.registry.value.empty() && is_same(row.registry.value, name)) return &row;
  }
  return nullptr;
}

Failure no_key(std::string_view text, const std::string& why) {
  return fail(ErrorCode::kInvalidArgument,
              "'" + std::string(text) + "' is no key with settings: " + why);
}

bool is_root(const std::vector<std::string_view>& parts) {
  for (std::size_t i = 0; i < kRootParts.size(); ++i) {
    if (i >= parts.size()) return false;
    const std::string part = comparable(parts[i]);
    if (part != kRootParts[i] && !(i == 0 && part == kRootShort)) return false;
  }
  return true;
}

/// Both ends of what a DWORD of the row may be.
settings::Range dword_range(const Row& row) {
  const settings::Range range = settings::range_of(row);
  const Value unit = row.registry.unit;
  return {(range.low + unit - 1) / unit, range.high / unit};
}

std::string dword_unit(const Row& row) {
  if (row.kind != Kind::kDuration) return row.unit.empty() ? "" : " " + std::string(row.unit);
  return row.registry.unit == kMs ? " milliseconds" : " seconds";
}

std::string setting_name(const Row& row, const std::string& interface) {
  return settings::SettingName{&row, interface}.to_string();
}

// --- netsh

NetshContext context_of(NetshShow show) {
  return show == NetshShow::kTcpGlobal ? NetshContext::kTcpGlobal : NetshContext::kWinsock;
}

/// {false, true} as the context writes them.
std::array<std::string_view, 2> truths_of(const Row& row) {
  if (row.netsh.context == NetshContext::kWinsock) return {"off", "on"};
  return {"disabled", "enabled"};
}

std::string netsh_text(const Row& row, Value value) {
  switch (row.kind) {
    case Kind::kBool:
      return std::string(truths_of(row)[value != 0 ? 1 : 0]);
    case Kind::kDuration:
      return std::to_string(value / kMs);
    case Kind::kNumber:
    case Kind::kWord:
      break;
  }
  return settings::print_value(row, value);
}

std::string netsh_allowed(const Row& row) {
  switch (row.kind) {
    case Kind::kBool:
      return "write " + std::string(truths_of(row)[1]) + " or " + std::string(truths_of(row)[0]);
    case Kind::kDuration:
      return "write " + std::to_string(row.range.low / kMs) + " to " +
             std::to_string(row.range.high / kMs) + " milliseconds";
    case Kind::kNumber:
    case Kind::kWord:
      break;
  }
  return settings::allowed(row);
}

std::optional<Value> netsh_value(const Row& row, std::string_view text) {
  const std::string word = comparable(text);
  switch (row.kind) {
    case Kind::kBool:
      for (Value v : {0, 1}) {
        if (word == truths_of(row)[static_cast<std::size_t>(v)]) return v;
      }
      return std::nullopt;
    case Kind::kDuration: {
      const auto ms = settings::parse_whole(word);
      const bool is_good = ms && *ms <= row.range.high / kMs && *ms * kMs >= row.range.low;
      return is_good ? std::optional(*ms * kMs) : std::nullopt;
    }
    case Kind::kNumber:
    case Kind::kWord:
      break;
  }
  const auto value = settings::parse_value(row, word);
  return value ? std::optional(*value) : std::nullopt;
}

/// Its whole word, or a beginning that no other has.
Result<const Row*> row_of_netsh(NetshShow show, std::string_view word) {
  const std::string wanted = comparable(word);
  std::vector<const Row*> near;
  std::string all;
  for (const Row& row : settings::schema()) {
    if (row.netsh.context != context_of(show)) continue;
    if (row.netsh.word == wanted) return &row;
    if (!wanted.empty() && row.netsh.word.starts_with(wanted)) near.push_back(&row);
    all += (all.empty() ? "" : ", ") + std::string(row.netsh.word);
  }
  if (near.size() == 1) return near.front();
  return fail(ErrorCode::kInvalidArgument,
              "there is no parameter '" + std::string(word) + "': write one of " + all);
}

}  // namespace

// REQ SET-2
Result<RegistryKey> RegistryKey::parse(std::string_view text) {
  const std::vector<std::string_view> parts = split_key(text);
  const std::string root(kRoot);
  if (!is_root(parts)) {
    const bool is_eaten = parts.size() <= 1;
    return no_key(text, "write " + root + (is_eaten ? ", in single quotes for the shell" : ""));
  }
  const std::vector<std::string_view> below(parts.begin() + kRootParts.size(), parts.end());
  if (below.empty()) return RegistryKey{};
  if (below.size() == 1 && row_of_registry(below[0]) != nullptr) {
    const std::string value(row_of_registry(below[0])->registry.value);
    return no_key(text, value + " is a value of the key before it: write /v " + value);
  }
  const bool is_interfaces = is_same(below[0], "interfaces") || is_same(below[0], "interface");
  if (!is_interfaces || below.size() != 2) {
    return no_key(text, "below " + root +
                            " write Interfaces\\NAME, where NAME is an address of the stack, as "
                            "in 10.0.0.2, or the name of a link");
  }
  std::string_view name = below[1];
  if (name.size() > 2 && name.front() == '{' && name.back() == '}') {
    name = name.substr(1, name.size() - 2);
  }
  return RegistryKey{std::string(name)};
}

std::string RegistryKey::to_string() const {
  return std::string(kRoot) + (interface.empty() ? "" : "\\Interfaces\\" + interface);
}

std::vector<RegistryValue> registry_values(const SettingsStore& store, const RegistryKey& key) {
  std::vector<RegistryValue> values;
  for (const Row& row : settings::schema()) {
    if (row.registry.value.empty()) continue;
    const Saying* said = settings::find_saying(store.layers().store, row, key.interface);
    if (said == nullptr) continue;
    values.push_back({std::string(row.registry.value),
                      static_cast<std::uint32_t>(said->value / row.registry.unit)});
  }
  return values;
}

std::vector<RegistryKey> registry_keys_below(const SettingsStore& store, const RegistryKey& key) {
  std::vector<RegistryKey> keys;
  if (!key.interface.empty()) return keys;
  for (const Saying& s : store.layers().store) {
    const bool is_listed = std::any_of(keys.begin(), keys.end(), [&](const RegistryKey& k) {
      return k.interface == s.name.interface;
    });
    if (!s.name.interface.empty() && !is_listed) keys.push_back({s.name.interface});
  }
  return keys;
}

Result<std::string> setting_of_registry(const RegistryKey& key, std::string_view name) {
  const Row* row = row_of_registry(name);
  if (row != nullptr && (key.interface.empty() || row->is_per_interface())) {
    return setting_name(*row, key.interface);
  }
  std::string all;
  for (const Row& r : settings::schema()) {
    if (r.registry.value.empty() || (!key.interface.empty() && !r.is_per_interface())) continue;
    all += (all.empty() ? "" : ", ") + std::string(r.registry.value);
  }
  return fail(ErrorCode::kInvalidArgument, "there is no value '" + std::string(name) + "' in " +
                                               key.to_string() + ": write one of " + all);
}

Result<void> registry_set(SettingsStore& store, const RegistryKey& key, std::string_view name,
                          std::uint32_t data) {
  const auto setting = setting_of_registry(key, name);
  if (!setting) return Failure(setting.error());
  const Row& row = *row_of_registry(name);
  const settings::Range range = dword_range(row);
  if (!settings::is_in(range, data)) {
    return fail(ErrorCode::kInvalidArgument,
                std::string(row.registry.value) + ": '" + std::to_string(data) +
                    "' is outside what is allowed: write " + std::to_string(range.low) + " to " +
                    std::to_string(range.high) + dword_unit(row));
  }
  return store.set(*setting, settings::print_value(row, data * row.registry.unit));
}

std::vector<NetshParameter> netsh_parameters(const SettingsStore& store, NetshShow show) {
  std::vector<NetshParameter> all;
  for (const Row& row : settings::schema()) {
    if (row.netsh.context != context_of(show)) continue;
    const auto value = settings::ask(store.layers(), row).value;
    all.push_back({std::string(row.netsh.word), std::string(row.netsh.label),
                   value ? netsh_text(row, *value) : "default",
                   store.answer(row.name).value_or(SettingAnswer{})});
  }
  return all;
}

// REQ SET-2, ISB-9
Result<std::vector<std::string>> netsh_set(SettingsStore& store, NetshShow show,
                                           const std::vector<NetshChange>& changes) {
  std::vector<SettingChange> all;
  std::vector<std::string> names;
  for (const NetshChange& change : changes) {
    const auto row = row_of_netsh(show, change.word);
    if (!row) return Failure(row.error());
    names.emplace_back((*row)->name);
    SettingChange& made = all.emplace_back();
    made.name = (*row)->name;
    if (is_same(change.value, "default")) continue;
    const auto value = netsh_value(**row, change.value);
    if (!value) {
      return fail(ErrorCode::kInvalidArgument,
                  std::string((*row)->netsh.word) + ": '" + change.value +
                      "' is wrong: " + netsh_allowed(**row) + ", or default");
    }
    made.value = settings::print_value(**row, *value);
  }
  if (const auto ok = store.change(all); !ok) return Failure(ok.error());
  return names;
}

}  // namespace oriel
