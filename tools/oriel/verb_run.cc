// `oriel run`: options into the environment, then the program in this process's place.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "oriel/process.h"
#include "program_file.h"
#include "verbs.h"

namespace oriel::cli {
namespace {

struct RunWords {
  std::string link;
  std::string address;
  std::string gateway;
  std::string dns;
  std::vector<std::string> publish;
  std::string link_rate;
  std::string pcap;
  std::string host;
  std::string config;
  std::string end_wait;
  std::vector<std::string> set;  ///< NAME=VALUE
  std::string profile;
  std::vector<std::string> program;  ///< and its arguments
};

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& w : words) joined += (joined.empty() ? "" : ",") + w;
  return joined;
}

/// Words of this run's own settings; those of the variable stay in force where these say nothing.
std::string run_settings(const RunWords& w) {
  std::vector<std::string> words;
  if (const char* before = std::getenv("ORIEL_SET")) words.emplace_back(before);
  if (!w.profile.empty()) words.push_back("oriel.profile=" + w.profile);
  words.insert(words.end(), w.set.begin(), w.set.end());
  return join(words);
}

// An option that was not written leaves the variable as it is.
void export_words(const RunWords& w) {
  const std::pair<const char*, std::string> all[] = {{"ORIEL_LINK", w.link},
                                                     {"ORIEL_ADDRESS", w.address},
                                                     {"ORIEL_GATEWAY", w.gateway},
                                                     {"ORIEL_DNS", w.dns},
                                                     {"ORIEL_PUBLISH", join(w.publish)},
                                                     {"ORIEL_LINK_RATE", w.link_rate},
                                                     {"ORIEL_PCAP", w.pcap},
                                                     {"ORIEL_HOST", w.host},
                                                     {"ORIEL_CONFIG", w.config},
                                                     {"ORIEL_END_WAIT", w.end_wait},
                                                     {"ORIEL_SET", run_settings(w)}};
  for (const auto& [name, word] : all) {
    if (!word.empty()) ::setenv(name, word.c_str(), 1);
  }
}

int run_program(const RunWords& w) {
  const std::vector<std::string>& program = w.program;
  if (program.empty()) {
    return complain("run", "no program: write oriel run [OPTIONS] -- PROGRAM ARGUMENTS",
                    kExitUsage);
  }
  const std::string& name = program.front();
  const std::string path = find_program(name);
  switch (inspect_program(path)) {
    case ProgramKind::kMissing:
      return complain(
          "run", "there is no program '" + name + "': write its path, or a name that PATH leads to",
          kExitUsage);
    case ProgramKind::kUnrunnable:
      return complain("run", "'" + name + "' may not be run: it is no file, or lacks the x right",
                      kExitUsage);
    case ProgramKind::kUnlinked:
      complain("run",
               "warning: '" + name +
                   "' does not look linked with Oriel, so it will use the machine's own network",
               kExitDone);
      break;
    case ProgramKind::kScript:
    case ProgramKind::kLinked:
      break;
  }
  export_words(w);
  if (const auto ok = check_environment(process_environment()); !ok) {
    return complain("run", ok.error().message(), kExitUsage);
  }
  std::vector<char*> arguments;
  for (const std::string& word : program) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(path.c_str(), arguments.data());
  return complain("run", "starting '" + name + "' failed: " + std::strerror(errno), kExitUsage);
}

}  // namespace

void add_run(CLI::App& app, Run& run) {
  CLI::App* verb =
      app.add_subcommand("run", "Runs a program that is linked with Oriel on a stack of its own.");
  auto w = std::make_shared<RunWords>();
  verb->add_option("--link", w->link,
                   "user (the default, no rights needed), tun:NAME, tap:NAME or unix:PATH");
  verb->add_option("--address", w->address,
                   "the stack's own addresses with their networks, as in 10.0.0.2/24,fd00::2/64; "
                   "a user link has its own: 10.0.2.15/24,fec0::15/64");
  verb->add_option("--gateway", w->gateway, "way to other networks, as in 10.0.0.1,fd00::1");
  verb->add_option("--dns", w->dns, "name servers, as in 10.0.0.1");
  verb->add_option("--publish", w->publish,
                   "HOSTPORT:PORT or udp/HOSTPORT:PORT: a port of the machine that leads to one of "
                   "the program, on a user link; may be repeated")
      ->take_all()
      ->allow_extra_args(false);  // else it would take the -- behind it too
  verb->add_option(
      "--link-rate", w->link_rate,
      "speed that the link is said to have, as in 10mbit: profiles before Vista derive "
      "their receive window from it");
  verb->add_option("--pcap", w->pcap,
                   "capture everything on the link and the loopback into this file");
  verb->add_option("--host", w->host,
                   "programs with the same word share a loopback (default); none: this one keeps "
                   "its own");
  verb->add_option("--config", w->config, "TOML file with the same words: link = \"user\"");
  verb->add_option("--end-wait", w->end_wait,
                   "how long the end waits for closed connections to deliver, as in 5s");
  verb->add_option("--set", w->set,
                   "NAME=VALUE: a setting of this run, as in tcp.autotuning_level=disabled; may be "
                   "repeated; oriel settings list shows all")
      ->take_all()
      ->allow_extra_args(false);  // else it would take the -- behind it too
  verb->add_option("--profile", w->profile,
                   "whose Windows' behaviour, as in xp or 7: short for --set oriel.profile=xp");
  verb->add_option("PROGRAM", w->program, "the program and its arguments, behind --");
  verb->footer(
      "Each option sets a variable (--link ORIEL_LINK, --end-wait ORIEL_END_WAIT) and goes before "
      "it;\nvariables go before the file.\n"
      "Examples:\n"
      "  oriel run -- ./client example.org 80          out to anywhere that the machine may go\n"
      "  oriel run --publish 8080:80 -- ./server       in, at the machine's port 8080\n"
      "  oriel run --link unix:/tmp/w --address 10.0.0.1/24 -- ./server &\n"
      "  oriel run --link unix:/tmp/w --address 10.0.0.2/24 -- ./client 10.0.0.1\n"
      "                                                two programs and a wire between them\n"
      "  oriel run --link tun:oriel0 --address 10.0.0.2/24 --pcap run.pcap -- ./client 10.0.0.1\n"
      "On a user link 10.0.2.2 is the machine itself, its 127.0.0.1 (and fec0::2 its ::1).");
  verb->callback([w, &run] { run = [w] { return run_program(*w); }; });
}

}  // namespace oriel::cli
