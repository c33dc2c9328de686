// An echo server and its client on the native API: two hosts in one program, a packet socket
// between them.
#include <oriel/host.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using oriel::Endpoint, oriel::Host, oriel::Prefix, oriel::TcpSocket;

// Ends the program with a sentence when something did not work.
template <class T>
T must(oriel::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "echo_native: %s\n", result.error().message().c_str());
  std::exit(1);
}

Host make_host(const std::string& path, bool is_listener, const char* address) {
  Host host = must(Host::create());
  oriel::LinkOptions options;
  options.addresses = {must(Prefix::parse(address))};
  must(host.add_link(must(oriel::open_link("unix:" + path, is_listener)), options));
  return host;
}

int main() {
  char directory[] = "/tmp/oriel_echo_XXXXXX";
  const std::string path = std::string(mkdtemp(directory)) + "/link";
  Host a = make_host(path, true, "10.0.0.1/24");
  Host b = make_host(path, false, "10.0.0.2/24");
  oriel::TcpListener listener = must(a.listen_tcp(must(Endpoint::parse("10.0.0.1:7"))));
  std::thread server([&] {
    TcpSocket socket = must(listener.accept());
    std::uint8_t buffer[4096];
    while (const std::size_t n = must(socket.receive(buffer))) must(socket.send({buffer, n}));
  });
  TcpSocket socket = must(b.open_tcp());
  if (!socket.connect(must(Endpoint::parse("10.0.0.1:7")))) return 1;
  std::uint8_t text[] = "hello over Oriel";
  must(socket.send(text));
  const std::size_t n = must(socket.receive(text));
  std::printf("%zu bytes came back: %s\n", n, reinterpret_cast<const char*>(text));
  socket.close();
  server.join();
  std::remove(path.c_str());
  std::remove(directory);
}
