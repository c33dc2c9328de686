// `oriel netsh`: the parts of Windows' command that are about this stack's TCP, in its words.
//
// Its grammar is words, not options, each of which may be cut short as long as it stays the only
// one that fits: `int tcp sh gl`.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "oriel/settings_names.h"
#include "settings_report.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

constexpr const char* kNetsh = "netsh";

using Words = std::vector<std::string>;

struct Command {
  std::vector<std::string_view> words;
  NetshShow show;
  bool is_set;
};

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {{"interface", "tcp", "show", "global"}, NetshShow::kTcpGlobal, false},
      {{"interface", "tcp", "set", "global"}, NetshShow::kTcpGlobal, true},
      {{"winsock", "show", "autotuning"}, NetshShow::kWinsock, false},
      {{"winsock", "set", "autotuning"}, NetshShow::kWinsock, true}};
  return all;
}

bool is_beginning(std::string_view word, std::string_view of) {
  return !word.empty() && word.size() <= of.size() &&
         std::equal(word.begin(), word.end(), of.begin(), [](char a, char b) {
           return std::tolower(static_cast<unsigned char>(a)) == b;
         });
}

bool is_command(const Words& words, const Command& command) {
  return words.size() >= command.words.size() &&
         std::equal(command.words.begin(), command.words.end(), words.begin(),
                    [](std::string_view of, const std::string& w) { return is_beginning(w, of); });
}

std::string all_commands() {
  std::string all;
  for (const Command& c : commands()) {
    all += all.empty() ? "" : "; ";
    for (const std::string_view w : c.words)
      all += std::string(w) + (w == c.words.back() ? "" : " ");
  }
  return all;
}

int show_global(const SettingsStore& store) {
  fmt::print("TCP Global Parameters\n----------------------------------------------\n");
  std::string remarks;
  for (const NetshParameter& p : netsh_parameters(store, NetshShow::kTcpGlobal)) {
    const std::string before = override_text(p.answer);
    fmt::print("{:<36}: {}{}\n", p.label, p.value, before.empty() ? "" : " *");
    if (!before.empty()) remarks += fmt::format("* {}: {}\n", p.word, before);
    if (!p.answer.note.empty()) remarks += fmt::format("{}: {}\n", p.word, p.answer.note);
  }
  fmt::print("{}{}", remarks.empty() ? "" : "\n", remarks);
  return kExitDone;
}

int show_winsock(const SettingsStore& store) {
  for (const NetshParameter& p : netsh_parameters(store, NetshShow::kWinsock)) {
    fmt::print("{}: {}\n", p.label, p.value);
    const std::string before = override_text(p.answer);
    if (!before.empty()) fmt::print("* {}\n", before);
    if (!p.answer.note.empty()) fmt::print("{}\n", p.answer.note);
  }
  return kExitDone;
}

/// `set global` takes NAME=VALUE words; `set autotuning` one word, or NAME=VALUE too.
Result<std::vector<NetshChange>> changes_of(const Command& command, const Words& rest) {
  std::vector<NetshChange> changes;
  for (const std::string& word : rest) {
    const std::size_t equals = word.find('=');
    if (equals != word.npos) {
      changes.push_back({word.substr(0, equals), word.substr(equals + 1)});
    } else if (command.show == NetshShow::kWinsock && rest.size() == 1) {
      changes.push_back({"autotuning", word});
    } else {
      return fail(ErrorCode::kInvalidArgument,
                  "'" + word + "' sets nothing: write NAME=VALUE, as in autotuninglevel=normal");
    }
  }
  if (!changes.empty()) return changes;
  return fail(ErrorCode::kInvalidArgument,
              command.show == NetshShow::kWinsock
                  ? "write on or off behind it"
                  : "write NAME=VALUE behind it, as in autotuninglevel=normal");
}

int set(SettingsStore& store, const Command& command, const Words& rest) {
  const auto changes = changes_of(command, rest);
  if (!changes) return complain(kNetsh, changes.error().message(), kExitUsage);
  const auto names = netsh_set(store, command.show, *changes);
  if (!names) return complain(kNetsh, names.error().message(), kExitUsage);
  for (const std::string& name : *names) end_change(kNetsh, store, name, {});
  fmt::print("Ok.\n");
  return kExitDone;
}

int run_netsh(const Words& words) {
  Words rest = words;
  const Command* found = nullptr;
  for (const Command& c : commands()) {
    if (!is_command(words, c)) continue;
    if (found != nullptr) {
      return complain(kNetsh, "'s' may be show or set: write one letter more", kExitUsage);
    }
    found = &c;
  }
  if (found == nullptr) {
    return complain(kNetsh, "there is no such command: write one of " + all_commands(), kExitUsage);
  }
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(found->words.size()));
  if (!found->is_set && !rest.empty()) {
    return complain(kNetsh, "'" + rest.front() + "' means nothing behind show", kExitUsage);
  }
  auto store = SettingsStore::open();
  if (!store) return complain(kNetsh, store.error().message(), kExitUsage);
  if (found->is_set) return set(*store, *found, rest);
  return found->show == NetshShow::kTcpGlobal ? show_global(*store) : show_winsock(*store);
}

}  // namespace

void add_netsh(CLI::App& app, Run& run) {
  CLI::App* verb = app.add_subcommand(
      kNetsh, "Shows and changes TCP's settings as the Windows command of this name does.");
  auto words = std::make_shared<Words>();
  verb->add_option("WORDS", *words, "the command, each word whole or cut short");
  verb->footer(
      "Examples:\n"
      "  oriel netsh interface tcp show global\n"
      "  oriel netsh interface tcp set global autotuninglevel=highlyrestricted\n"
      "  oriel netsh int tcp set global timestamps=enabled initialrto=2000\n"
      "  oriel netsh int tcp set global autotuninglevel=default     as if it had never been set\n"
      "  oriel netsh winsock show autotuning\n"
      "  oriel netsh winsock set autotuning off\n"
      "Changes go into the store's file (oriel settings list says where) and reach the new "
      "connections of running programs.");
  verb->callback([words, &run] { run = [words] { return run_netsh(*words); }; });
}

}  // namespace oriel::cli
