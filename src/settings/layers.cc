#include "settings/layers.h"

#include <algorithm>

#include "settings/schema.h"

namespace oriel::settings {
namespace {

LayerSaying say(SettingsLayer layer, const std::vector<Saying>& sayings, const Row& row,
                std::string_view interface) {
  const Saying* saying = find_saying(sayings, row, interface);
  if (saying == nullptr && !interface.empty()) saying = find_saying(sayings, row, {});
  if (saying == nullptr) return {layer, std::nullopt, {}};
  return {layer, saying->value, saying->place};
}

}  // namespace

// REQ SET-1
Answer ask(const Layers& layers, const Row& row, std::string_view interface) {
  const std::optional<Value> of_profile =
      row.of_profile != nullptr ? profile_value(row, profile_of(layers)) : std::nullopt;
  Answer answer;
  answer.sayings = {{SettingsLayer::kBuiltIn, row.read(HostSettings{}), {}},
                    {SettingsLayer::kProfile, of_profile, {}},
                    say(SettingsLayer::kStore, layers.store, row, interface),
                    say(SettingsLayer::kRun, layers.run, row, interface),
                    say(SettingsLayer::kPolicy, layers.policy, row, interface)};
  for (const LayerSaying& s : answer.sayings) {
    if (!s.value) continue;
    answer.value = s.value;
    answer.layer = s.layer;
  }
  return answer;
}

OsProfile profile_of(const Layers& layers) {
  return static_cast<OsProfile>(ask(layers, profile_row()).value.value_or(0));
}

std::vector<std::string> interfaces_of(const Layers& layers) {
  std::vector<std::string> names;
  for (const auto* sayings : {&layers.store, &layers.run, &layers.policy}) {
    for (const Saying& s : *sayings) {
      const std::string& name = s.name.interface;
      if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
  }
  return names;
}

// A value that only the built-in layer or the profile gives is left to its default: `profile` is
// among the settings, and whoever reads them knows its numbers.
HostSettings host_settings(const Layers& layers) {
  HostSettings host;
  for (const Row& row : schema()) {
    const Answer answer = ask(layers, row);
    if (answer.value && answer.layer > SettingsLayer::kProfile) row.write(host, *answer.value);
  }
  for (const std::string& name : interfaces_of(layers)) {
    InterfaceSettings& interface = host.interfaces.emplace_back();
    interface.name = name;
    for (const Row& row : schema()) {
      if (!row.is_per_interface()) continue;
      const Answer answer = ask(layers, row, name);
      if (answer.value) row.write_interface(interface, *answer.value);
    }
  }
  return host;
}

}  // namespace oriel::settings
