// The public face: layers read from files and variables, questions answered in words, edits of the
// store's file.
#include "oriel/settings_store.h"

#include <algorithm>

#include "settings/layers.h"
#include "settings/line_edit.h"
#include "settings/locked_file.h"
#include "settings/places.h"
#include "settings/schema.h"
#include "settings/value.h"

namespace oriel {
namespace {

using settings::Layers;
using settings::Row;
using settings::Saying;
using settings::SettingName;
using settings::Value;

constexpr Value kUnscaledWindowBytesMax = 65'535;
constexpr Value kWindowScalingBit = 1;

std::string effect_text(settings::Effect effect) {
  switch (effect) {
    case settings::Effect::kNewConnections:
      return "new connections";
    case settings::Effect::kNewListeners:
      return "new listeners";
    case settings::Effect::kAtOnce:
      return "running programs at once";
    case settings::Effect::kNextStart:
      return "programs that start later";
  }
  return "";
}

std::string profile_word(OsProfile profile) {
  return settings::print_value(settings::profile_row(), static_cast<Value>(profile));
}

std::string known_to(const Row& row) {
  const auto& [first, last] = row.profiles;
  if (first != OsProfile::k2000) return profile_word(first) + " and later";
  if (last != OsProfile::k11) return profile_word(last) + " and earlier";
  return "";
}

/// "3s up to 8": each change of the profile's number, the newest profile's left out.
std::string older_numbers(const Row& row) {
  std::string all;
  for (int p = 0; p < static_cast<int>(OsProfile::k11); ++p) {
    const auto here = settings::profile_value(row, static_cast<OsProfile>(p));
    const auto next = settings::profile_value(row, static_cast<OsProfile>(p + 1));
    if (!here || here == next) continue;
    all += (all.empty() ? "" : ", ") + settings::print_value(row, *here) + " up to " +
           profile_word(static_cast<OsProfile>(p));
  }
  return all;
}

SettingInfo info_of(const Row& row) {
  constexpr std::string_view kWrite = "write ";
  SettingInfo info;
  info.name = row.name;
  info.about = row.about;
  info.allowed = settings::allowed(row).substr(kWrite.size());
  const settings::Answer newest = settings::ask({}, row);
  if (newest.value) info.built_in = settings::print_value(row, *newest.value);
  info.profiles = older_numbers(row);
  info.known_to = known_to(row);
  info.effect = effect_text(row.effect);
  info.socket_calls = row.socket_calls;
  info.registry = row.registry.value;
  info.netsh = row.netsh.word;
  info.is_per_interface = row.is_per_interface();
  return info;
}

/// `variable`: what named the file, so that it must be there; empty: it need not.
Result<std::vector<Saying>> read_file_sayings(const std::string& path,
                                              const std::string& variable) {
  if (path.empty()) return std::vector<Saying>{};
  const auto file = settings::read_file(path);
  if (!file) return Failure(file.error());
  if (!file->is_there && !variable.empty()) {
    return fail(ErrorCode::kNotFound, variable + ": there is no file '" + path + "'");
  }
  return settings::read_sayings(file->text, path);
}

const Row& window_row() {
  static const Row* const row = settings::find_row("tcp.window_bytes");
  return *row;
}

const Row& options_row() {
  static const Row* const row = settings::find_row("tcp.rfc1323_options");
  return *row;
}

bool has_scaling(const Layers& layers) {
  return (settings::ask(layers, options_row()).value.value_or(0) & kWindowScalingBit) != 0;
}

// REQ CM-11: without WSopt a window ends where its field does.
Result<void> check_beside_others(const Layers& layers, const SettingName& name, Value value) {
  const Row& window = window_row();
  const Row& options = options_row();
  if (name.row != &window || value <= kUnscaledWindowBytesMax || has_scaling(layers)) return {};
  return fail(ErrorCode::kInvalidArgument,
              "'" + std::to_string(value) + "' needs window scaling: write 1 to 65535, or set " +
                  std::string(options.name) + " (" + std::string(options.registry.value) +
                  ") to 1 or 3 first, which allows " + std::to_string(window.range.high));
}

// A larger window that the files say all the same, or that was there when scaling was turned off.
std::string beside_others(const Layers& layers, const Row& row, std::string_view interface) {
  if ((&row != &window_row() && &row != &options_row()) || has_scaling(layers)) return "";
  std::vector<std::string> where{std::string(interface)};
  if (&row == &options_row()) {
    where = settings::interfaces_of(layers);
    where.insert(where.begin(), "");
  }
  for (const std::string& one : where) {
    const Value window = settings::ask(layers, window_row(), one).value.value_or(0);
    if (window <= kUnscaledWindowBytesMax) continue;
    return std::string(window_row().name) + (one.empty() ? "" : "@") + one + " of " +
           std::to_string(window) + " counts as 65535 without window scaling, which " +
           std::string(options_row().name) + " (" + std::string(options_row().registry.value) +
           ") 1 or 3 turns on";
  }
  return "";
}

struct Edit {
  std::vector<std::string> path;
  std::optional<std::string> value;  ///< as TOML
};

Result<Edit> edit_of(const Layers& layers, const SettingChange& change) {
  const auto name = settings::parse_name(change.name);
  if (!name) return Failure(name.error());
  Edit edit;
  edit.path = settings::path_of(*name);
  if (!change.value) return edit;
  const auto value = settings::parse_value(*name->row, *change.value);
  const auto ok = value ? check_beside_others(layers, *name, *value) : Failure(value.error());
  if (!ok) return fail(ok.error().code, name->to_string() + ": " + ok.error().message());
  edit.value = settings::toml_value(*name->row, *value);
  return edit;
}

Result<std::string> edited(std::string_view before, const std::string& file,
                           const std::vector<Edit>& edits) {
  // A file that is wrong elsewhere is for a person to mend: an edit would seem to have worked.
  const auto sayings = settings::read_sayings(before, file);
  if (!sayings) return Failure(sayings.error());
  Result<std::string> text = std::string(before);
  for (const Edit& e : edits) {
    text = e.value ? settings::with_value(*text, file, e.path, *e.value)
                   : settings::without_value(*text, file, e.path);
    if (!text) break;
  }
  return text;
}

}  // namespace

std::string_view to_string(SettingsLayer layer) {
  switch (layer) {
    case SettingsLayer::kBuiltIn:
      return "built-in";
    case SettingsLayer::kProfile:
      return "profile";
    case SettingsLayer::kStore:
      return "store";
    case SettingsLayer::kRun:
      return "run";
    case SettingsLayer::kPolicy:
      return "policy";
  }
  return "";
}

const std::vector<SettingInfo>& SettingsStore::schema() {
  static const std::vector<SettingInfo> all = [] {
    std::vector<SettingInfo> infos;
    for (const Row& row : settings::schema()) infos.push_back(info_of(row));
    return infos;
  }();
  return all;
}

SettingsStore::SettingsStore(const Environment& environment)
    : environment_(environment),
      store_path_(settings::store_path(environment)),
      policy_path_(settings::policy_path(environment)) {}

Result<SettingsStore> SettingsStore::open(const Environment& environment) {
  SettingsStore store(environment);
  if (const auto ok = store.read(); !ok) return Failure(ok.error());
  return store;
}

Result<void> SettingsStore::read() {
  auto from_store = read_file_sayings(store_path_, {});  // the first `set` makes it
  if (!from_store) return Failure(from_store.error());
  auto from_run =
      settings::read_words(variable(environment_, settings::kRunVariable), settings::kRunVariable);
  if (!from_run) return Failure(from_run.error());
  const bool is_named = !variable(environment_, settings::kPolicyVariable).empty();
  auto from_policy =
      read_file_sayings(policy_path_, is_named ? settings::kPolicyVariable : std::string());
  if (!from_policy) return Failure(from_policy.error());
  layers_ = std::make_shared<const Layers>(
      Layers{std::move(*from_store), std::move(*from_run), std::move(*from_policy)});
  return {};
}

Result<SettingAnswer> SettingsStore::answer(std::string_view text) const {
  const auto name = settings::parse_name(text);
  if (!name) return Failure(name.error());
  const Row& row = *name->row;
  const settings::Answer found = settings::ask(*layers_, row, name->interface);
  const auto print = [&row](const std::optional<Value>& value) {
    return value ? std::optional(settings::print_value(row, *value)) : std::nullopt;
  };
  SettingAnswer answer;
  answer.value = print(found.value);
  answer.layer = found.layer;
  for (const settings::LayerSaying& s : found.sayings) {
    answer.sayings.push_back({s.layer, print(s.value), std::string(s.place)});
  }
  const OsProfile profile = settings::profile_of(*layers_);
  if (!settings::has_effect(row, profile)) {
    answer.note =
        "no effect with profile " + profile_word(profile) + ": it is for " + known_to(row);
  }
  answer.beside = beside_others(*layers_, row, name->interface);
  return answer;
}

std::vector<std::string> SettingsStore::interfaces() const {
  return settings::interfaces_of(*layers_);
}

HostSettings SettingsStore::host_settings() const {
  return settings::host_settings(*layers_);
}

Result<void> SettingsStore::change(const std::vector<SettingChange>& changes) {
  if (store_path_.empty()) {
    return fail(ErrorCode::kNotFound,
                "there is no place for settings: set ORIEL_SETTINGS to a file, or HOME");
  }
  std::vector<Edit> edits;
  for (const SettingChange& c : changes) {
    auto edit = edit_of(*layers_, c);
    if (!edit) return Failure(edit.error());
    edits.push_back(std::move(*edit));
  }
  const auto ok = settings::edit_file(
      store_path_, [&](std::string_view text) { return edited(text, store_path_, edits); });
  return ok ? read() : ok;
}

}  // namespace oriel
