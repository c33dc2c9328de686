// The settings of this user and machine: which there are, who decides each, and changing them.
//
// A setting is named as in "tcp.autotuning_level", for one interface as in
// "tcp.window_bytes@10.0.0.2". Its value comes from layers, each going before those above it here:
//
//   built-in   the library's own default
//   profile    what the Windows of oriel.profile has
//   store      the file of ORIEL_SETTINGS, else oriel/settings.toml in XDG_CONFIG_HOME or ~/.config
//   run        the words of ORIEL_SET: NAME=VALUE,NAME=VALUE
//   policy     the file of ORIEL_POLICY, else /etc/oriel/policy.toml
//
// A socket that asks for something itself goes before all of them; it is not asked here. Files that
// are not there say nothing; a file that is wrong is an error, with its line and what is allowed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "oriel/environment.h"
#include "oriel/error.h"
#include "oriel/export.h"
#include "oriel/settings.h"

namespace oriel {

namespace settings {
struct Layers;
}

/// Who may decide, weakest first.
enum class SettingsLayer : std::uint8_t { kBuiltIn, kProfile, kStore, kRun, kPolicy };

/// "built-in", "profile", "store", "run", "policy".
ORIEL_API std::string_view to_string(SettingsLayer layer);

/// What the schema says about one setting.
struct SettingInfo {
  std::string name;
  std::string about;
  std::string allowed;                  ///< "true or false", "1 to 255", "one of cubic, newreno"
  std::optional<std::string> built_in;  ///< with the newest profile; none: the stack works it out
  std::string profiles;                 ///< of older ones, as in "3s up to 8"; empty: no difference
  std::string known_to;                 ///< profiles that know it, as in "7 and later"; empty: all
  std::string effect;                   ///< what of a running stack follows a change
  std::string socket_calls;             ///< with which a socket answers for itself
  std::string registry;                 ///< value's name in the registry; empty: none
  std::string netsh;                    ///< parameter as `netsh` writes it; empty: none
  bool is_per_interface = false;
};

/// What one layer says about a setting; no value: nothing.
struct SettingSaying {
  SettingsLayer layer = SettingsLayer::kBuiltIn;
  std::optional<std::string> value;
  std::string place;  ///< "FILE, line 3", or the variable
};

/// A setting's value, the layer that decided, and what each layer says, weakest first.
struct SettingAnswer {
  std::optional<std::string> value;  ///< none: nobody says anything, and the stack works it out
  SettingsLayer layer = SettingsLayer::kBuiltIn;
  std::vector<SettingSaying> sayings;
  std::string note;    ///< why the value has no effect with this profile; empty: it has
  std::string beside;  ///< what it and another setting make of each other; empty: nothing
};

/// A setting to be; no value: the store is to say nothing about it.
struct SettingChange {
  std::string name;
  std::optional<std::string> value;
};

/// The layers as they were when they were read. Thread: one.
class ORIEL_API SettingsStore {
 public:
  static const std::vector<SettingInfo>& schema();

  /// Reads the files. Errors: a sentence that names the file or the variable, the line, and what is
  /// allowed there.
  static Result<SettingsStore> open(const Environment& environment = process_environment());

  /// Errors: kInvalidArgument for a name that is none.
  Result<SettingAnswer> answer(std::string_view name) const;
  /// Interfaces that some layer names.
  std::vector<std::string> interfaces() const;
  /// What a host starts from.
  HostSettings host_settings() const;

  /// Writes them into the store's file, all or none; everything else in it stays as it is. What a
  /// policy says still goes before it. Errors: kInvalidArgument with what is allowed,
  /// kPermissionDenied, kNotFound; then nothing has changed.
  Result<void> change(const std::vector<SettingChange>& changes);
  Result<void> set(std::string_view name, std::string_view value) {
    return change({{std::string(name), std::string(value)}});
  }
  Result<void> unset(std::string_view name) { return change({{std::string(name), {}}}); }

  /// Empty: there is neither ORIEL_SETTINGS nor a home directory.
  const std::string& store_path() const { return store_path_; }
  const std::string& policy_path() const { return policy_path_; }

  /// For the names that settings have elsewhere (oriel/settings_names.h).
  const settings::Layers& layers() const { return *layers_; }

 private:
  explicit SettingsStore(const Environment& environment);
  Result<void> read();

  Environment environment_;
  std::string store_path_;
  std::string policy_path_;
  std::shared_ptr<const settings::Layers> layers_;
};

}  // namespace oriel
