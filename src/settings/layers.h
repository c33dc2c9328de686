// Who decides: built-in < OS profile < store < run < policy; the socket, above all, answers for
// itself.
//
//   built-in   the defaults of HostSettings       run     the words of one process (ORIEL_SET)
//   profile    what oriel.profile's Windows has   policy  a file that an administrator puts there
//   store      the file that people change
//
// A layer is asked for the interface's own value first, then for everybody's; only if it says
// neither is the layer below asked. So a policy for everybody goes before a store's value for one.
#pragma once

#include <string_view>
#include <vector>

#include "oriel/settings_store.h"
#include "settings/sayings.h"

namespace oriel::settings {

struct Layers {
  std::vector<Saying> store;
  std::vector<Saying> run;
  std::vector<Saying> policy;
};

/// What one layer says; nullopt: nothing.
struct LayerSaying {
  SettingsLayer layer = SettingsLayer::kBuiltIn;
  std::optional<Value> value;
  std::string_view place;  ///< lives as long as the layers
};

/// REQ SET-1: the value, who answered, and what every layer says, weakest first.
struct Answer {
  std::optional<Value> value;  ///< nullopt: nobody says anything, and the stack works it out
  SettingsLayer layer = SettingsLayer::kBuiltIn;
  std::vector<LayerSaying> sayings;
};

/// `interface` empty: the value for all that have none of their own.
Answer ask(const Layers& layers, const Row& row, std::string_view interface = {});

OsProfile profile_of(const Layers& layers);

/// Interfaces that some layer names, each once.
std::vector<std::string> interfaces_of(const Layers& layers);

/// The settings that a host starts from.
HostSettings host_settings(const Layers& layers);

}  // namespace oriel::settings
