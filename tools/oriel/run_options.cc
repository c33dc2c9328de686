// The options and their variables.
#include "run_options.h"

#include <cstdlib>
#include <utility>

namespace oriel::cli {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& w : words) joined += (joined.empty() ? "" : ",") + w;
  return joined;
}

/// Words of this run's own settings; those of the variable stay in force where these say nothing.
std::string run_settings(const RunOptions& w) {
  std::vector<std::string> words;
  if (const char* before = std::getenv("ORIEL_SET")) words.emplace_back(before);
  if (!w.profile.empty()) words.push_back("oriel.profile=" + w.profile);
  words.insert(words.end(), w.set.begin(), w.set.end());
  return join(words);
}

}  // namespace

void export_options(const RunOptions& w) {
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

void add_run_options(CLI::App& verb, RunOptions& w) {
  verb.add_option("--link", w.link,
                  "user (the default, no rights needed), tun:NAME, tap:NAME or unix:PATH");
  verb.add_option("--address", w.address,
                  "the stack's own addresses with their networks, as in 10.0.0.2/24,fd00::2/64; "
                  "a user link has its own: 10.0.2.15/24,fec0::15/64");
  verb.add_option("--gateway", w.gateway, "way to other networks, as in 10.0.0.1,fd00::1");
  verb.add_option("--dns", w.dns, "name servers, as in 10.0.0.1");
  verb.add_option("--publish", w.publish,
                  "HOSTPORT:PORT or udp/HOSTPORT:PORT: a port of the machine that leads to one of "
                  "the program, on a user link; may be repeated")
      ->take_all()
      ->allow_extra_args(false);  // else it would take the -- behind it too
  verb.add_option("--link-rate", w.link_rate,
                  "speed that the link is said to have, as in 10mbit: profiles before Vista derive "
                  "their receive window from it");
  verb.add_option("--pcap", w.pcap,
                  "capture everything on the link and the loopback into this file");
  verb.add_option("--host", w.host,
                  "programs with the same word share a loopback (default); none: this one keeps "
                  "its own");
  verb.add_option("--config", w.config, "TOML file with the same words: link = \"user\"");
  verb.add_option("--end-wait", w.end_wait,
                  "how long the end waits for closed connections to deliver, as in 5s");
  verb.add_option("--set", w.set,
                  "NAME=VALUE: a setting of this run, as in tcp.autotuning_level=disabled; may be "
                  "repeated; oriel settings list shows all")
      ->take_all()
      ->allow_extra_args(false);  // else it would take the -- behind it too
  verb.add_option("--profile", w.profile,
                  "whose Windows' behaviour, as in xp or 7: short for --set oriel.profile=xp");
}

}  // namespace oriel::cli
