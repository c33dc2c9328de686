// What does one packet cost at each link, in nanoseconds: TUN plain and with super-segments, packet
// socket?
//
// Runs in a network namespace of its own (needs root; without, only the packet socket). "out" on a
// TUN includes the kernel's way up to the routing decision that drops the packet; "in" is reading
// what the kernel has queued. Prints packet bytes, the median of 21 runs of a thousand packets with
// least and most, and what that median would be in Gbit/s.
#include <arpa/inet.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "oriel/link.h"

namespace {

using namespace oriel;
constexpr int kRepetitions = 21;
constexpr int kPackets = 1000;

/// Counts packets and lets each overwrite the one before.
class Overwriting final : public RxBurst {
 public:
  ByteSpan buffer() override { return bytes_; }
  void commit(std::size_t, const Offload&) override { ++count; }
  int count = 0;

 private:
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(70000);
};

double now_ns() {
  return static_cast<double>(std::chrono::steady_clock::now().time_since_epoch().count());
}

/// `run` gives the ns per packet of one repetition.
void report(const char* name, std::size_t bytes, const std::function<double()>& run) {
  std::vector<double> ns;
  for (int i = 0; i < kRepetitions; ++i) ns.push_back(run());
  std::sort(ns.begin(), ns.end());
  const double median = ns[ns.size() / 2];
  std::printf("%-28s %6zu B  %8.0f ns  (%.0f to %.0f)  %6.2f Gbit/s\n", name, bytes, median,
              ns.front(), ns.back(), static_cast<double>(bytes) * 8 / median);
}

/// IPv4 to an address that is not the kernel's: it is dropped at the routing decision.
std::vector<std::uint8_t> ipv4_packet(std::size_t bytes) {
  std::vector<std::uint8_t> p(bytes);
  const std::uint8_t header[] = {0x45, 0, 0,  0, 0, 0, 0x40, 0,  64, 6,
                                 0,    0, 10, 9, 0, 2, 10,   99, 0,  1};
  std::copy(std::begin(header), std::end(header), p.begin());
  p[2] = static_cast<std::uint8_t>(bytes >> 8);
  p[3] = static_cast<std::uint8_t>(bytes);
  std::uint32_t sum = 0;
  for (int i = 0; i < 20; i += 2) sum += static_cast<std::uint32_t>(p[i] << 8 | p[i + 1]);
  sum = (sum & 0xffff) + (sum >> 16);
  p[10] = static_cast<std::uint8_t>(~sum >> 8);
  p[11] = static_cast<std::uint8_t>(~sum);
  p[32] = 0x50;
  return p;
}

double transmit_ns(Device& device, std::size_t bytes, const Offload& offload) {
  const auto packet = ipv4_packet(bytes);
  const ByteView pieces[] = {ByteView(packet).first(40), ByteView(packet).subspan(40)};
  const PacketOut out{pieces, offload};
  const double start = now_ns();
  for (int i = 0; i < kPackets; ++i) device.transmit({&out, 1});
  return (now_ns() - start) / kPackets;
}

double receive_ns(Device& device, int udp, std::size_t bytes) {
  constexpr int kQueued = 400;  // below the interface's queue of 500
  const std::vector<char> payload(bytes - 28);
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(9);
  ::inet_pton(AF_INET, "10.9.0.2", &there.sin_addr);
  for (int i = 0; i < kQueued; ++i) {
    ::sendto(udp, payload.data(), payload.size(), MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&there), sizeof there);
  }
  Overwriting burst;
  const double start = now_ns();
  device.receive(burst);
  return (now_ns() - start) / std::max(burst.count, 1);
}

void bench_tun(bool is_offloaded, std::size_t mtu) {
  auto device = open_tun({"bench0", false, is_offloaded, mtu});
  if (!device) {
    std::printf("tun: %s\n", device.error().text.c_str());
    return;
  }
  if (std::system("ip address add 10.9.0.1/24 dev bench0") != 0) return;
  const int udp = ::socket(AF_INET, SOCK_DGRAM, 0);
  const int buffer_bytes = 1 << 28;
  ::setsockopt(udp, SOL_SOCKET, SO_SNDBUFFORCE, &buffer_bytes, sizeof buffer_bytes);
  const char* kind = is_offloaded ? "tun vnet" : "tun plain";
  Offload offload;
  report((std::string(kind) + " out").c_str(), mtu,
         [&] { return transmit_ns(**device, mtu, offload); });
  report((std::string(kind) + " in").c_str(), mtu, [&] { return receive_ns(**device, udp, mtu); });
  if (is_offloaded) {
    offload.checksum = Offload::Checksum::kPartial;
    offload.checksum_start = 20;
    offload.checksum_offset = 16;
    offload.gso_size = 1460;
    offload.header_bytes = 40;
    report("tun vnet out, super", 65160, [&] { return transmit_ns(**device, 65160, offload); });
  }
  ::close(udp);
}

void bench_unix(std::size_t bytes, std::size_t burst_packets) {
  const std::string path = "/tmp/oriel-link-bench-" + std::to_string(::getpid());
  auto listener = open_unix_link({path, true, 65535});
  auto connector = open_unix_link({path, false, 65535});
  if (!listener || !connector) return;
  Overwriting drain;
  (*listener)->receive(drain);
  const auto packet = ipv4_packet(bytes);
  const ByteView pieces[] = {ByteView(packet).first(40), ByteView(packet).subspan(40)};
  const std::vector<PacketOut> burst(burst_packets, PacketOut{pieces, {}});
  double in_ns = 0;
  int in_count = 0;
  const std::string name = "unix, bursts of " + std::to_string(burst_packets);
  report((name + ", out").c_str(), bytes, [&] {
    double out_ns = 0;
    int sent = 0;
    while (sent < kPackets) {
      const double start = now_ns();
      sent += static_cast<int>((*connector)->transmit(burst));
      const double middle = now_ns();
      drain.count = 0;
      (*listener)->receive(drain);
      out_ns += middle - start;
      in_ns += now_ns() - middle;
      in_count += drain.count;
    }
    return out_ns / sent;
  });
  report((name + ", in").c_str(), bytes, [&] { return in_ns / in_count; });
}

}  // namespace

int main() {
  if (::unshare(CLONE_NEWNET) == 0) {
    bench_tun(false, 1500);
    bench_tun(false, 65000);
    bench_tun(true, 1500);
    bench_tun(true, 65000);
  } else {
    std::printf("tun: skipped, a network namespace needs root\n");
  }
  for (std::size_t bytes : {std::size_t{1500}, std::size_t{65535}}) {
    for (std::size_t packets : {std::size_t{1}, std::size_t{32}}) bench_unix(bytes, packets);
  }
}
