// How fast is the sans-IO TCP itself? Two connections back to back in one thread;
// support/back_to_back.h says how.
//
// TARGETS.md C names the goals. Beside the speed: what 100,000 idle connections of one process
// cost.
#include <malloc.h>

#include <string>
#include <vector>

#include "oriel/host.h"
#include "support/back_to_back.h"
#include "support/report.h"

namespace {

using namespace oriel;
using namespace oriel::bench;

double allocated_mb() {
  const struct mallinfo2 m = mallinfo2();
  return static_cast<double>(m.uordblks + m.hblkhd) / 1e6;
}

// Two manual hosts in one thread; everything between them arrives at once.
class HostPair {
 public:
  HostPair() {
    HostOptions options;
    options.is_manual = true;
    for (int i = 0; i < 2; ++i) {
      hosts_.push_back(Host::create(options).value());
      DeviceInfo device;
      device.name = "cable";
      LinkOptions link;
      link.addresses = {{IpAddress::v4(10, 0, 0, static_cast<std::uint8_t>(i + 1)), 24}};
      links_.push_back(hosts_.back().add_packet_link(device, link).value());
    }
  }
  Host& client() { return hosts_[0]; }
  Host& server() { return hosts_[1]; }
  void settle() {
    now_ = now_ + std::chrono::microseconds(10);
    for (bool is_quiet = false; !is_quiet;) {
      is_quiet = true;
      for (std::size_t i = 0; i < 2; ++i) {
        hosts_[i].advance(now_);
        while (const auto packet = hosts_[i].take(links_[i])) {
          hosts_[1 - i].inject(links_[1 - i], packet->bytes, packet->offload);
          is_quiet = false;
        }
      }
    }
  }

 private:
  Instant now_{1'000'000'000};
  std::vector<Host> hosts_;
  std::vector<LinkId> links_;
};

// MB for `count` idle connections; both ends are ours, so half as many pairs.
double idle_connections_mb(std::size_t count) {
  constexpr std::size_t kPerPort = 10'000;  // ephemeral ports for one destination are 16,384
  HostPair pair;
  std::vector<TcpSocket> sockets;
  const double before = allocated_mb();
  sockets.reserve(count);
  for (std::uint16_t port = 1000; sockets.size() < count; ++port) {
    const Endpoint where{IpAddress::v4(10, 0, 0, 2), port};
    TcpListener listener = pair.server().listen_tcp(where).value();
    for (std::size_t i = 0; i < kPerPort && sockets.size() < count; ++i) {
      TcpSocket socket = pair.client().open_tcp().value();
      socket.async_connect(where, [](IoResult) {});
      pair.settle();
      sockets.push_back(std::move(socket));
      sockets.push_back(listener.try_accept().value());
    }
  }
  return allocated_mb() - before;
}

}  // namespace

int main(int argc, char** argv) {
  std::string json;
  int repetitions = 7;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--json" && i + 1 < argc) json = argv[++i];
    if (argument == "--quick") repetitions = 1;
  }
  bench::pin_to_last_core();
  bench::Report report("core");
  report.add("segments_mss_1460", "Msegments/s", repetitions, [] {
    BackToBack pair(1460);
    pair.open();
    std::uint64_t segments = 0;
    const double s = bench::seconds_of([&] { segments = pair.move(4ull << 30); });
    return static_cast<double>(segments) / s / 1e6;
  });
  report.add("super_segments_64k", "Gbit/s", repetitions, [] {
    BackToBack pair(64240);  // 44 x 1460
    pair.open();
    const std::uint64_t bytes = 16ull << 30;
    const double s = bench::seconds_of([&] { pair.move(bytes); });
    return static_cast<double>(bytes) * 8 / s / 1e9;
  });
  report.add("setup_teardown", "Mconnections/s", repetitions, [] {
    BackToBack pair(1460);
    const int n = 300'000;
    const double s = bench::seconds_of([&] {
      for (int i = 0; i < n; ++i) {
        pair.open();
        pair.a->on_close(pair.now);
        pair.settle();
        pair.b->on_close(pair.now);
        pair.settle();
        pair.now.ns += 1000;
      }
    });
    return n / s / 1e6;
  });
  report.add("idle_100000_connections", "MB", 1, [] { return idle_connections_mb(100'000); });
  std::printf("sizeof(tcp::Connection) = %zu\n", sizeof(Connection));
  if (!json.empty() && !report.write_json(json)) {
    std::fprintf(stderr, "bench core: cannot write %s\n", json.c_str());
    return 2;
  }
  return 0;
}
