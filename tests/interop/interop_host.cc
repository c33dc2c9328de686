// The test program `interop_host VERB LINK ADDRESS/BITS[,ADDRESS/BITS...] ...`: a host with one
// link, then one verb.
//
// LINK as `oriel` takes it, and "plain:NAME" for a TUN device without offload. Exit 0: all was as
// it must be; 1: it was not; 2: the command line or the device is at fault.
#include "interop_host.h"

#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace oriel::interop {

void say_ready() {
  std::fputs("ready\n", stderr);
}

int fail_with(const std::string& what, const Error& error) {
  std::fprintf(stderr, "interop_host: %s: %s\n", what.c_str(), error.message().c_str());
  return 1;
}

namespace {

Result<std::unique_ptr<Device>> open_device(const std::string& link) {
  const std::string plain = "plain:";
  if (!link.starts_with(plain)) return open_link(link);
  TunOptions options;
  options.name = link.substr(plain.size());
  options.is_offloaded = false;
  return open_tun(options);
}

// The kernel takes up to a second after a program attached before it sends into a TUN device, and
// drops what it has to say until then: a lost answer would look like a fault of ours.
void wait_until_up(const std::string& link) {
  const std::string name = link.substr(link.find(':') + 1);
  for (int i = 0; i < 300 && !link.starts_with("unix:"); ++i) {
    std::ifstream file("/sys/class/net/" + name + "/operstate");
    std::string state;
    if (file >> state && state == "up") return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Result<Host> open_host(const std::string& link, const std::string& addresses) {
  LinkOptions options;
  std::istringstream list(addresses);
  for (std::string word; std::getline(list, word, ',');) {
    auto prefix = Prefix::parse(word);
    if (!prefix) return tl::unexpected(prefix.error());
    options.addresses.push_back(*prefix);
  }
  auto device = open_device(link);
  if (!device) return tl::unexpected(device.error());
  auto host = Host::create();
  if (!host) return host;
  auto added = host->add_link(std::move(*device), options);
  if (!added) return tl::unexpected(added.error());
  wait_until_up(link);
  return host;
}

struct Verb {
  int (*run)(Host&, const Words&);
  std::size_t words;
};
const std::map<std::string, Verb> kVerbs = {{"send", {send_file, 2}},
                                            {"receive", {receive_file, 2}},
                                            {"short_client", {short_client, 2}},
                                            {"short_server", {short_server, 2}},
                                            {"udp_echo", {udp_echo, 1}},
                                            {"udp_ask", {udp_ask, 3}},
                                            {"window", {window, 2}},
                                            {"ping", {ping, 3}},
                                            {"idle", {idle, 0}}};

int run(int argc, char** argv) {
  const Words words(argv + 1, argv + argc);
  const auto verb = words.empty() ? kVerbs.end() : kVerbs.find(words[0]);
  if (verb == kVerbs.end() || words.size() != 3 + verb->second.words) {
    std::fputs("usage: interop_host VERB LINK ADDRESSES ..., interop_host.h says which verbs\n",
               stderr);
    return 2;
  }
  auto host = open_host(words[1], words[2]);
  if (!host) return fail_with(words[1], host.error()), 2;
  return verb->second.run(*host, Words(words.begin() + 3, words.end()));
}

}  // namespace
}  // namespace oriel::interop

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  return oriel::interop::run(argc, argv);
}
