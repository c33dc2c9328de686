// The names that settings have on Windows: the registry's, and those of `netsh`.
//
// Keys, values and parameters are found in either case. They read and change the store's file of
// oriel/settings_store.h and nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/settings_store.h"

namespace oriel {

/// A key below which settings lie: Tcpip\Parameters, or Interfaces\NAME below that.
struct RegistryKey {
  /// Reads HKLM or HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters, also
  /// `Current Control Set`, with or without \Interfaces\NAME or \Interface\NAME; NAME may stand in
  /// braces. Errors: kInvalidArgument, with what is allowed.
  static ORIEL_API Result<RegistryKey> parse(std::string_view text);

  ORIEL_API std::string to_string() const;

  std::string interface;  ///< address of the stack or name of a link; empty: for all
};

/// One REG_DWORD.
struct RegistryValue {
  std::string name;
  std::uint32_t data = 0;
};

/// What the store holds below `key`, as the schema orders it.
ORIEL_API std::vector<RegistryValue> registry_values(const SettingsStore& store,
                                                     const RegistryKey& key);
/// Keys below `key` in which the store holds something.
ORIEL_API std::vector<RegistryKey> registry_keys_below(const SettingsStore& store,
                                                       const RegistryKey& key);
/// The setting of a value: "tcp.window_bytes@10.0.0.2". Errors: kInvalidArgument with those that
/// there are.
ORIEL_API Result<std::string> setting_of_registry(const RegistryKey& key, std::string_view name);
/// Errors: as for SettingsStore::set.
ORIEL_API Result<void> registry_set(SettingsStore& store, const RegistryKey& key,
                                    std::string_view name, std::uint32_t data);

/// Which answer of `netsh ... show` a parameter is part of.
enum class NetshShow : std::uint8_t { kTcpGlobal, kWinsock };

/// One line of that answer.
struct NetshParameter {
  std::string word;   ///< in `set`
  std::string label;  ///< in `show`
  std::string value;  ///< as `netsh` writes it: disabled, normal, 3000
  SettingAnswer answer;
};

/// All of them, as the schema orders them.
ORIEL_API std::vector<NetshParameter> netsh_parameters(const SettingsStore& store, NetshShow show);
/// A parameter to be. `value` "default": as if it had never been set.
struct NetshChange {
  std::string word;  ///< whole, or a beginning that no other parameter has
  std::string value;
};

/// Makes all of them or none; gives back the settings that they are. Errors: as for
/// SettingsStore::change.
ORIEL_API Result<std::vector<std::string>> netsh_set(SettingsStore& store, NetshShow show,
                                                     const std::vector<NetshChange>& changes);

}  // namespace oriel
