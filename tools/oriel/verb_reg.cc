// `oriel reg`: values of the registry that are settings of this stack, in that command's form.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "oriel/settings_names.h"
#include "settings_report.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

constexpr const char* kReg = "reg";

struct RegWords {
  std::string key;
  std::string value;
  std::string type;
  std::string data;
  bool is_forced = false;
  bool is_all = false;
};

int complain_of(const Error& error) {
  return complain(kReg, error.message(), kExitUsage);
}

/// What all three do first.
int with_key(const RegWords& w,
             const std::function<int(SettingsStore&, const RegistryKey&)>& work) {
  const auto key = RegistryKey::parse(w.key);
  if (!key) return complain_of(key.error());
  auto store = SettingsStore::open();
  if (!store) return complain_of(store.error());
  return work(*store, *key);
}

Result<std::uint32_t> parse_dword(std::string_view text) {
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = is_hex ? text.substr(2) : text;
  std::uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto r = std::from_chars(digits.data(), end, value, is_hex ? 16 : 10);
  if (r.ec == std::errc() && r.ptr == end && !digits.empty()) return value;
  return fail(ErrorCode::kInvalidArgument,
              "/d '" + std::string(text) +
                  "' is no REG_DWORD: write 0 to 4294967295, or 0x0 to 0xffffffff");
}

/// In the store, by any spelling of its name.
const RegistryValue* find_value(const std::vector<RegistryValue>& values, std::string_view name) {
  const auto is_it = [name](const RegistryValue& v) {
    return v.name.size() == name.size() &&
           std::equal(name.begin(), name.end(), v.name.begin(), [](char a, char b) {
             return std::tolower(static_cast<unsigned char>(a)) ==
                    std::tolower(static_cast<unsigned char>(b));
           });
  };
  const auto found = std::find_if(values.begin(), values.end(), is_it);
  return found == values.end() ? nullptr : &*found;
}

void print_value(const RegistryValue& v) {
  fmt::print("    {}    REG_DWORD    {:#x}\n", v.name, v.data);
}

int not_there(const RegistryKey& key, const std::string& value) {
  return complain(kReg, "the store has no value '" + value + "' in " + key.to_string(),
                  kExitFailed);
}

int query(const SettingsStore& store, const RegistryKey& key, const RegWords& w) {
  const auto values = registry_values(store, key);
  if (!w.value.empty()) {
    const auto setting = setting_of_registry(key, w.value);
    if (!setting) return complain_of(setting.error());
    const RegistryValue* value = find_value(values, w.value);
    if (value == nullptr) return not_there(key, w.value);
    fmt::print("{}\n", key.to_string());
    print_value(*value);
    const std::string before = override_text(store.answer(*setting).value_or(SettingAnswer{}));
    if (!before.empty()) complain(kReg, before, kExitDone);
    return kExitDone;
  }
  if (values.empty() && !key.interface.empty()) {
    return complain(kReg, "the store has no key " + key.to_string(), kExitFailed);
  }
  fmt::print("{}\n", key.to_string());
  for (const RegistryValue& v : values) print_value(v);
  for (const RegistryKey& k : registry_keys_below(store, key)) fmt::print("{}\n", k.to_string());
  return kExitDone;
}

int add_value(SettingsStore& store, const RegistryKey& key, const RegWords& w) {
  const auto setting = setting_of_registry(key, w.value);
  if (!setting) return complain_of(setting.error());
  const auto data = parse_dword(w.data);
  if (!data) return complain_of(data.error());
  if (find_value(registry_values(store, key), w.value) != nullptr && !w.is_forced) {
    return complain(kReg, w.value + " is there already: write /f to overwrite it", kExitFailed);
  }
  const int code = end_change(kReg, store, *setting, registry_set(store, key, w.value, *data));
  if (code == kExitDone) fmt::print("Done.\n");
  return code;
}

int delete_value(SettingsStore& store, const RegistryKey& key, const RegWords& w) {
  if (w.value.empty() == !w.is_all) {
    return complain(kReg, "write /v NAME, or /va for every value of the key", kExitUsage);
  }
  if (!w.is_forced) {
    return complain(kReg, "write /f: nothing asks whether you are sure", kExitUsage);
  }
  std::vector<RegistryValue> values = registry_values(store, key);
  if (!w.is_all) {
    const auto setting = setting_of_registry(key, w.value);
    if (!setting) return complain_of(setting.error());
    const RegistryValue* value = find_value(values, w.value);
    if (value == nullptr) return not_there(key, w.value);
    values = std::vector<RegistryValue>{*value};
  }
  for (const RegistryValue& v : values) {
    const std::string setting = setting_of_registry(key, v.name).value();
    const int code = end_unset(kReg, store, setting, store.unset(setting));
    if (code != kExitDone) return code;
  }
  fmt::print("Done.\n");
  return kExitDone;
}

}  // namespace

void add_reg(CLI::App& app, Run& run) {
  CLI::App* verb = app.add_subcommand(
      kReg, "Shows and changes settings under their names in Windows' registry.");
  verb->require_subcommand(1);
  auto w = std::make_shared<RegWords>();
  using Work = int (*)(SettingsStore&, const RegistryKey&, const RegWords&);
  const auto add = [&](const char* name, const char* help, Work work) {
    CLI::App* one = verb->add_subcommand(name, help);
    one->allow_windows_style_options();
    one->ignore_case();
    one->add_option("KEY", w->key,
                    "'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters', in quotes; "
                    "below it \\Interfaces\\NAME")
        ->required();
    one->callback([w, work, &run] {
      run = [w, work] {
        return with_key(*w, [&](SettingsStore& s, const RegistryKey& k) { return work(s, k, *w); });
      };
    });
    return one;
  };
  CLI::App* one = add("query", "what the store holds below a key",
                      [](auto& s, auto& k, auto& words) { return query(s, k, words); });
  one->add_option("-v", w->value, "/v NAME: this value only")->ignore_case();
  one = add("add", "writes a value", add_value);
  one->add_option("-v", w->value, "/v NAME")->ignore_case()->required();
  one->add_option("-t", w->type, "/t REG_DWORD, which all of them are")
      ->ignore_case()
      ->check(CLI::IsMember({"REG_DWORD"}, CLI::ignore_case));
  one->add_option("-d", w->data, "/d DATA: decimal, or hexadecimal behind 0x")
      ->ignore_case()
      ->required();
  one->add_flag("-f", w->is_forced, "/f: overwrite")->ignore_case();
  one = add("delete", "takes a value out", delete_value);
  one->add_option("-v", w->value, "/v NAME")->ignore_case();
  one->add_flag("--va", w->is_all, "/va: every value of the key")->ignore_case();
  one->add_flag("-f", w->is_forced, "/f: without asking")->ignore_case();
  verb->footer(
      "Examples (the shell takes unquoted backslashes away):\n"
      "  oriel reg query 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters'\n"
      "  oriel reg add 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters' /v "
      "Tcp1323Opts "
      "/t REG_DWORD /d 1 /f\n"
      "  oriel reg add "
      "'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\10.0.0.2' /v "
      "TCPWindowSize /d 0x4470 /f\n"
      "  oriel reg delete 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters' /v "
      "Tcp1323Opts /f");
}

}  // namespace oriel::cli
