// A program whose stack comes from its environment, for tests of how a process meets its peers and
// how it ends. It sees only the public API.
//
//   process_program VERB ...        the verbs are in the table at the end
//
// Verbs that serve say "ready" on standard error. An end is the last word: return (main returns
// with the connection as it is), close (the program closes it first), _exit, kill (SIGKILL to
// itself).
#include <oriel/host.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using namespace oriel;
using Words = std::vector<std::string>;

int fail_with(const char* what, const Error& error) {
  std::fprintf(stderr, "%s: %s\n", what, error.message().c_str());
  return 1;
}

void end_by(const std::string& end, TcpSocket& socket) {
  if (end == "close") socket.close();
  if (end == "_exit") ::_exit(0);
  if (end == "kill") ::raise(SIGKILL);
}

/// ADDRESS:PORT BYTES END
int send(Host& host, const Words& w) {
  auto socket = host.open_tcp();
  if (!socket) return fail_with("open", socket.error());
  if (const auto r = socket->connect(Endpoint::parse(w.at(0)).value()); !r) {
    return fail_with("connect", r.error());
  }
  const std::vector<std::uint8_t> bytes(std::stoul(w.at(1)), 'x');
  if (const auto r = socket->send(bytes); !r) return fail_with("send", r.error());
  std::uint8_t go = 0;  // the peer says when to end
  if (w.at(2) != "close") static_cast<void>(socket->receive({&go, 1}));
  end_by(w.at(2), *socket);
  std::exit(0);  // sockets that are open stay open: no destructor of main's runs
}

/// PORT: one connection after the other, each byte back, for IPv4 and IPv6
int echo(Host& host, const Words& w) {
  const auto port = static_cast<std::uint16_t>(std::stoul(w.at(0)));
  auto listener = host.listen_tcp({IpAddress::v6_any(), port});
  if (!listener) return fail_with("listen", listener.error());
  std::fprintf(stderr, "ready\n");
  for (;;) {
    auto socket = listener->accept();
    if (!socket) return fail_with("accept", socket.error());
    std::uint8_t buffer[4096];
    for (;;) {
      const auto n = socket->receive(buffer);
      if (!n || *n == 0 || !socket->send({buffer, *n})) break;
    }
    socket->close();
  }
}

/// PORT: datagrams back
int udp_echo(Host& host, const Words& w) {
  const auto port = static_cast<std::uint16_t>(std::stoul(w.at(0)));
  auto socket = host.open_udp({IpAddress::v4_any(), port});
  if (!socket) return fail_with("open", socket.error());
  std::fprintf(stderr, "ready\n");
  for (;;) {
    std::uint8_t buffer[2048];
    const auto d = socket->receive_from(buffer);
    if (!d) return fail_with("receive", d.error());
    static_cast<void>(socket->send_to(d->source, {buffer, d->bytes}));
  }
}

struct Verb {
  const char* name;
  std::size_t words;
  int (*run)(Host& host, const Words& words);
};
constexpr Verb kVerbs[] = {{"send", 3, send}, {"echo", 1, echo}, {"udp_echo", 1, udp_echo}};

}  // namespace

int main(int argc, char** argv) {
  const Words words(argv + 1, argv + argc);
  for (const Verb& verb : kVerbs) {
    if (words.size() != verb.words + 1 || words[0] != verb.name) continue;
    auto host = Host::of_process();
    if (!host) return fail_with("host", host.error());
    return verb.run(*host, Words(words.begin() + 1, words.end()));
  }
  std::fprintf(stderr, "usage: process_program VERB ...\n");
  return 2;
}
