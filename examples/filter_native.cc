// Rules and an inspector on the native API: one host talks to itself over loopback while every
// "tea" that it sends becomes "coffee", and port 9 is out of reach.
#include <oriel/host.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

using oriel::Endpoint, oriel::Host, oriel::TcpSocket;

// Ends the program with a sentence when something did not work.
template <class T>
T must(oriel::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "filter_native: %s\n", result.error().message().c_str());
  std::exit(1);
}

// Sees the bytes of one connection, both ways. Words cut in two by a chunk's end stay as they are;
// an inspector that minds keeps the tail and answers kReplace without it until more has come.
class Waiter final : public oriel::StreamInspector {
 public:
  oriel::StreamVerdict inspect(const oriel::StreamChunk& chunk,
                               std::vector<std::uint8_t>& replacement) override {
    std::string text(chunk.bytes.begin(), chunk.bytes.end());
    const std::size_t at = text.find("tea");
    if (chunk.direction == oriel::FilterDirection::kInbound || at == text.npos) {
      return oriel::StreamVerdict::kPass;
    }
    text.replace(at, 3, "coffee");
    replacement.assign(text.begin(), text.end());
    return oriel::StreamVerdict::kReplace;
  }
};

class Waiters final : public oriel::StreamInspectorSource {
 public:
  std::unique_ptr<oriel::StreamInspector> inspector_for(
      const oriel::FilterEvent& connection) override {
    std::printf("a connection to %s\n", connection.remote.to_string().c_str());
    return std::make_unique<Waiter>();
  }
};

int main() {
  Host host = must(Host::create());
  oriel::FilterRule change;
  change.name = "no tea";
  change.layer = oriel::FilterLayer::kStream;
  change.action = oriel::FilterAction::kCallout;
  change.direction = oriel::FilterDirection::kOutbound;  // of connections that this host opens
  change.inspectors = std::make_shared<Waiters>();
  must(host.add_filter(change));
  oriel::FilterRule block;
  block.name = "no discard";
  block.layer = oriel::FilterLayer::kConnect;
  block.remote_ports = {{9, 9}};
  must(host.add_filter(block));

  const Endpoint cafe = must(Endpoint::parse("127.0.0.1:80"));
  oriel::TcpListener listener = must(host.listen_tcp(cafe));
  std::thread server([&] {
    TcpSocket socket = must(listener.accept());
    std::uint8_t buffer[100];
    const std::size_t n = must(socket.receive(buffer));
    std::printf("the server hears: %.*s\n", static_cast<int>(n),
                reinterpret_cast<const char*>(buffer));
  });
  TcpSocket socket = must(host.open_tcp());
  if (!socket.connect(cafe)) return 1;
  const std::string order = "one tea, please";
  must(socket.send({reinterpret_cast<const std::uint8_t*>(order.data()), order.size()}));
  server.join();

  TcpSocket other = must(host.open_tcp());
  const auto refused = other.connect(must(Endpoint::parse("127.0.0.1:9")));
  std::printf("port 9: %s\n", refused ? "connected" : refused.error().message().c_str());
}
