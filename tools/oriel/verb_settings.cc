// `oriel settings`: every setting, who decides it, and changes of the store's file.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "settings_report.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

constexpr const char* kSettingsVerb = "settings";

struct SettingsWords {
  std::string name;
  std::string value;
  bool is_why = false;
};

int with_store(const std::function<int(SettingsStore&)>& work) {
  auto store = SettingsStore::open();
  if (!store) return complain(kSettingsVerb, store.error().message(), kExitUsage);
  return work(*store);
}

std::string file_text(const std::string& path) {
  if (path.empty()) return "none: set ORIEL_SETTINGS or HOME";
  std::error_code error;
  return path + (std::filesystem::exists(path, error) ? "" : " (not there)");
}

void print_row(const SettingsStore& store, const std::string& name) {
  const auto answer = store.answer(name);
  if (!answer) return;
  const std::string decided =
      answer->value ? std::string(to_string(answer->layer)) : "nobody: the stack works it out";
  fmt::print("{:<28} {:<17} {}{}{}\n", name, value_text(answer->value), decided,
             answer->note.empty() ? "" : "; ", answer->note);
}

int list(const SettingsStore& store, bool is_why) {
  std::vector<std::string> names;
  for (const SettingInfo& info : SettingsStore::schema()) {
    names.push_back(info.name);
    if (!info.is_per_interface) continue;
    for (const std::string& i : store.interfaces()) names.push_back(info.name + "@" + i);
  }
  if (!is_why) fmt::print("{:<28} {:<17} {}\n", "NAME", "VALUE", "DECIDED BY");
  for (const std::string& name : names) {
    if (is_why) {
      fmt::print("{}\n", why_text(name, store.answer(name).value_or(SettingAnswer{})));
    } else {
      print_row(store, name);
    }
  }
  fmt::print("{}store:  {}\npolicy: {}\n", is_why ? "" : "\n", file_text(store.store_path()),
             file_text(store.policy_path()));
  return kExitDone;
}

int get(const SettingsStore& store, const SettingsWords& w) {
  const auto answer = store.answer(w.name);
  if (!answer) return complain(kSettingsVerb, answer.error().message(), kExitUsage);
  fmt::print("{}", w.is_why ? why_text(w.name, *answer) : value_text(answer->value) + "\n");
  return kExitDone;
}

/// The table of docs/guide/settings.md.
int print_schema() {
  fmt::print("| setting | what | values | without it | older profiles | registry | netsh |\n");
  fmt::print("|---|---|---|---|---|---|---|\n");
  for (const SettingInfo& i : SettingsStore::schema()) {
    const auto code = [](const std::string& s) { return s.empty() ? s : "`" + s + "`"; };
    std::string about = i.about;
    if (i.is_per_interface) about += "; also for one interface";
    if (i.effect != "new connections") about += "; a change reaches " + i.effect;
    std::string older = i.profiles;
    if (!i.known_to.empty()) older += (older.empty() ? "" : "; ") + ("for " + i.known_to);
    fmt::print("| `{}` | {} | {} | {} | {} | {} | {} |\n", i.name, about, i.allowed,
               i.built_in ? code(*i.built_in) : "worked out", older, code(i.registry),
               code(i.netsh));
  }
  return kExitDone;
}

}  // namespace

void add_settings(CLI::App& app, Run& run) {
  CLI::App* verb =
      app.add_subcommand(kSettingsVerb, "Shows and changes what the stack's programs start from.");
  auto w = std::make_shared<SettingsWords>();
  verb->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, std::function<int()> work) {
    CLI::App* one = verb->add_subcommand(name, help);
    one->callback([work = std::move(work), &run] { run = work; });
    return one;
  };
  const char* const why = "say what each layer says and which decided";
  add("list", "every setting, its value, and which layer decided", [w] {
    return with_store([w](SettingsStore& s) { return list(s, w->is_why); });
  })->add_flag("--why", w->is_why, why);
  CLI::App* one = add("get", "one setting's value",
                      [w] { return with_store([w](SettingsStore& s) { return get(s, *w); }); });
  one->add_option("NAME", w->name, "as in tcp.sack, or tcp.window_bytes@10.0.0.2")->required();
  one->add_flag("--why", w->is_why, why);
  one = add("set", "writes a setting into the store's file", [w] {
    return with_store([w](SettingsStore& s) {
      return end_change(kSettingsVerb, s, w->name, s.set(w->name, w->value));
    });
  });
  one->add_option("NAME", w->name, "as in tcp.sack, or tcp.window_bytes@10.0.0.2")->required();
  one->add_option("VALUE", w->value, "as oriel settings schema says")->required();
  one = add("unset", "takes a setting out of the store's file", [w] {
    return with_store(
        [w](SettingsStore& s) { return end_unset(kSettingsVerb, s, w->name, s.unset(w->name)); });
  });
  one->add_option("NAME", w->name, "as in tcp.sack")->required();
  add("schema", "what each setting may be, as a table", print_schema);
  verb->footer(
      "Examples:\n"
      "  oriel settings list\n"
      "  oriel settings get tcp.autotuning_level --why     every layer, strongest last\n"
      "  oriel settings set tcp.autotuning_level disabled  running programs' new connections "
      "follow\n"
      "  oriel settings set tcp.window_bytes@10.0.0.2 17520\n"
      "  oriel settings unset tcp.autotuning_level\n"
      "Layers, each before those to its left: built-in, profile, store, run, policy, socket.\n"
      "The store is a file to edit by hand too; list says where it lies.");
}

}  // namespace oriel::cli
