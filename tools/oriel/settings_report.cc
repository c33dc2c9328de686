#include "settings_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "verbs.h"

namespace oriel::cli {
namespace {

const SettingInfo* info_of(std::string_view name) {
  const auto& all = SettingsStore::schema();
  const std::string_view bare = name.substr(0, name.find('@'));
  const auto found =
      std::find_if(all.begin(), all.end(), [bare](const SettingInfo& i) { return i.name == bare; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::string value_text(const std::optional<std::string>& value) {
  return value.value_or("-");
}

std::string override_text(const SettingAnswer& answer) {
  if (answer.layer <= SettingsLayer::kStore) return "";
  const SettingSaying& by = answer.sayings[static_cast<std::size_t>(answer.layer)];
  return fmt::format("{} says {}, which goes before the store", by.place, value_text(by.value));
}

std::string why_text(std::string_view name, const SettingAnswer& answer) {
  std::string text = fmt::format("{} = {}\n", name, value_text(answer.value));
  for (const SettingSaying& s : answer.sayings) {
    const bool has_decided = s.layer == answer.layer && s.value.has_value();
    const std::string line = fmt::format("{} {:<9} {:<17} {}", has_decided ? '>' : ' ',
                                         to_string(s.layer), value_text(s.value), s.place);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  const SettingInfo* info = info_of(name);
  if (info != nullptr && !info->socket_calls.empty()) {
    text += fmt::format("  {:<9} asks for itself by {}\n", "socket", info->socket_calls);
  }
  if (!answer.value) text += "nobody says anything: the stack works it out\n";
  if (!answer.note.empty()) text += answer.note + "\n";
  if (!answer.beside.empty()) text += answer.beside + "\n";
  if (info != nullptr) text += "a change reaches " + info->effect + "\n";
  return text;
}

int end_unset(const std::string& verb, const SettingsStore& store, std::string_view name,
              const Result<void>& done) {
  if (!done) return complain(verb, done.error().message(), kExitUsage);
  const SettingAnswer answer = store.answer(name).value_or(SettingAnswer{});
  const std::string before = override_text(answer);
  if (!before.empty()) complain(verb, fmt::format("{}: {}", name, before), kExitDone);
  if (!answer.beside.empty()) complain(verb, answer.beside, kExitDone);
  return kExitDone;
}

int end_change(const std::string& verb, const SettingsStore& store, std::string_view name,
               const Result<void>& done) {
  const int code = end_unset(verb, store, name, done);
  if (code != kExitDone) return code;
  const std::string note = store.answer(name).value_or(SettingAnswer{}).note;
  if (!note.empty()) complain(verb, fmt::format("{}: {}", name, note), kExitDone);
  return kExitDone;
}

}  // namespace oriel::cli
