// `oriel filter`: the user's rules, which every process with a stack reads when it starts.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "oriel/filter_file.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

struct AddWords {
  std::string name;
  std::string action;
  std::map<std::string, std::string> words;  ///< by key
};

// Where the file lies, or a complaint.
std::string path_or_complain() {
  const std::string path = filters_path(process_environment());
  if (path.empty()) {
    complain("filter", "nothing says where the rules lie: set ORIEL_FILTERS or HOME", kExitUsage);
  }
  return path;
}

int finish(const Result<void>& outcome) {
  return outcome ? kExitDone : complain("filter", outcome.error().message(), kExitUsage);
}

int add(const AddWords& w) {
  const std::string path = path_or_complain();
  if (path.empty()) return kExitUsage;
  FilterWords words;
  words["action"] = w.action;
  for (const auto& [key, word] : w.words) {
    if (!word.empty()) words[key] = word;
  }
  return finish(add_to_filter_file(path, w.name, words));
}

int list() {
  const std::string path = path_or_complain();
  if (path.empty()) return kExitUsage;
  const auto all = read_filter_file(path);
  if (!all) return complain("filter", all.error().message(), kExitUsage);
  for (const auto& [name, words] : *all) {
    fmt::print("{}", name);
    for (const std::string_view key : filter_keys()) {
      const auto found = words.find(key);
      if (found != words.end()) fmt::print("  {}={}", key, found->second);
    }
    fmt::print("\n");
  }
  return kExitDone;
}

int remove(const std::string& name) {
  const std::string path = path_or_complain();
  return path.empty() ? kExitUsage : finish(delete_from_filter_file(path, name));
}

void add_adding(CLI::App& verb, Run& run) {
  CLI::App* one = verb.add_subcommand("add", "Adds a rule.");
  auto w = std::make_shared<AddWords>();
  one->add_option("NAME", w->name, "letters, digits, - and _")->required();
  one->add_option("ACTION", w->action, "block or permit")->required();
  const std::pair<const char*, const char*> options[] = {
      {"layer", "connect, accept, inbound-transport, outbound-transport or stream"},
      {"protocol", "tcp, udp, icmp, icmpv6 or a number; several with commas"},
      {"local", "addresses, networks or ranges of this end, as in 10.0.0.0/8,fd00::1"},
      {"local_port", "ports or ranges, as in 80,8000-8080"},
      {"remote", "addresses, networks or ranges of the other end"},
      {"remote_port", "ports or ranges of the other end"},
      {"direction", "in or out"},
      {"loopback", "yes: only to this machine's own addresses; no: only to others"},
      {"weight", "heavier rules are asked earlier"},
      {"final", "yes: nobody is asked after this permit"}};
  for (const auto& [key, help] : options) {
    std::string name = "--" + std::string(key);
    std::replace(name.begin(), name.end(), '_', '-');
    one->add_option(name, w->words[key], help);
  }
  one->get_option("--layer")->required();
  one->callback([w, &run] { run = [w] { return add(*w); }; });
}

}  // namespace

void add_filter(CLI::App& app, Run& run) {
  CLI::App* verb = app.add_subcommand(
      "filter", "Rules that block or permit what your programs on Oriel connect to and accept.");
  verb->require_subcommand(1);
  add_adding(*verb, run);
  CLI::App* listing = verb->add_subcommand("list", "Shows the rules, one a line.");
  listing->callback([&run] { run = list; });
  CLI::App* deleting = verb->add_subcommand("delete", "Deletes a rule.");
  auto name = std::make_shared<std::string>();
  deleting->add_option("NAME", *name, "a rule's name")->required();
  deleting->callback([name, &run] { run = [name] { return remove(*name); }; });
  verb->footer(
      "The rules lie in ORIEL_FILTERS, else in $XDG_CONFIG_HOME/oriel/filters.toml or\n"
      "~/.config/oriel/filters.toml; a program reads them when its stack starts.\n"
      "Examples:\n"
      "  oriel filter add no-telnet block --layer connect --protocol tcp --remote-port 23\n"
      "  oriel filter add only-us block --layer accept --remote 0.0.0.0-9.255.255.255,"
      "11.0.0.0-255.255.255.255\n"
      "  oriel filter list\n"
      "  oriel filter delete no-telnet");
}

}  // namespace oriel::cli
