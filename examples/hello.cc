// The smallest client: attach a host to a TUN device, connect, say hello, print what comes back.
// Run: hello LINK ADDRESS/BITS SERVER:PORT, such as `hello tun:oriel0 10.0.0.2/24 10.0.0.1:7`.
#include <oriel/host.h>

#include <cstdio>

namespace {

oriel::Result<void> talk(const char* link, const char* address, const char* server) {
  auto host = oriel::Host::create();
  if (!host) return tl::unexpected(host.error());
  auto device = oriel::open_link(link);
  if (!device) return tl::unexpected(device.error());
  auto local = oriel::Prefix::parse(address);
  if (!local) return tl::unexpected(local.error());
  oriel::LinkOptions options;
  options.addresses = {*local};
  auto attached = host->add_link(std::move(*device), options);
  if (!attached) return tl::unexpected(attached.error());

  auto remote = oriel::Endpoint::parse(server);
  if (!remote) return tl::unexpected(remote.error());
  auto socket = host->open_tcp();
  if (!socket) return tl::unexpected(socket.error());
  if (auto done = socket->connect(*remote, std::chrono::seconds(5)); !done) return done;
  const std::uint8_t hello[] = {'h', 'e', 'l', 'l', 'o', '\n'};
  if (auto sent = socket->send(hello); !sent) return tl::unexpected(sent.error());
  std::uint8_t answer[512];
  auto bytes = socket->receive(answer);
  if (!bytes) return tl::unexpected(bytes.error());
  std::fwrite(answer, 1, *bytes, stdout);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("usage: hello LINK ADDRESS/BITS SERVER:PORT\n", stderr), 2;
  auto done = talk(argv[1], argv[2], argv[3]);
  if (!done) std::fprintf(stderr, "hello: %s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
