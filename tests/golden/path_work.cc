// Fixed work on virtual time for the instruction gate: `path_work CELL MILLISECONDS` prints how
// many segments moved.
//
// Bulk flows through a simulated path; the cells differ in how much is in flight and in how many
// flows there are. A segment may not become dearer with either (TARGETS C).
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "oriel/sim.h"

namespace {

using namespace oriel;

struct Cell {
  Duration delay;
  std::uint64_t rate_bits_per_second;
  std::size_t flows;
};
const std::map<std::string, Cell> kCells = {
    {"path_segment", {std::chrono::milliseconds(5), 50'000'000, 1}},  // 42 segments in flight
    {"path_segment_large_window", {std::chrono::milliseconds(100), 50'000'000, 1}},  // 830
    {"path_segment_many_flows", {std::chrono::milliseconds(5), 50'000'000, 32}}};

// One flow: the sender always has more, the receiver always reads.
struct Flow {
  TcpSocket sender;
  TcpSocket receiver;
  std::vector<std::uint8_t> sent = std::vector<std::uint8_t>(64 * 1024, 0x5a);
  std::vector<std::uint8_t> received = std::vector<std::uint8_t>(64 * 1024);

  void send() {
    sender.async_send(sent, [this](IoResult r) {
      if (r.error == ErrorCode::kOk) send();
    });
  }
  void receive() {
    receiver.async_receive(received, [this](IoResult r) {
      if (r.error == ErrorCode::kOk && r.bytes != 0) receive();
    });
  }
};

void accept_into(TcpListener& listener, std::vector<Flow>& flows, std::size_t at) {
  if (at == flows.size()) return;
  listener.async_accept([&listener, &flows, at](Result<TcpSocket> accepted) {
    if (!accepted) return;
    flows[at].receiver = *accepted;
    flows[at].receive();
    accept_into(listener, flows, at + 1);
  });
}

std::uint64_t run(const Cell& cell, Duration length) {
  std::vector<Flow> flows(
      cell.flows);  // outlives the world, whose hosts still hold requests into it
  sim::World world(1);
  Host& a = world.add_host("a");
  Host& b = world.add_host("b");
  LinkOptions at_a, at_b;
  at_a.addresses = {{IpAddress::v4(10, 0, 0, 1), 24}};
  at_b.addresses = {{IpAddress::v4(10, 0, 0, 2), 24}};
  sim::PathOptions path;
  path.delay = cell.delay;
  path.rate_bits_per_second = cell.rate_bits_per_second;
  path.queue_bytes = 4'000'000;
  world.connect({&a, at_a}, {&b, at_b}, path, path);
  auto listener = b.listen_tcp({IpAddress::v4_any(), 80});
  if (!listener) return 0;
  accept_into(*listener, flows, 0);
  for (Flow& flow : flows) {
    flow.sender = *a.open_tcp();
    flow.sender.async_connect({IpAddress::v4(10, 0, 0, 2), 80}, [&flow](IoResult r) {
      if (r.error == ErrorCode::kOk) flow.send();
    });
  }
  world.run_until(world.now() + length);
  std::uint64_t segments = 0;
  for (const Flow& flow : flows) segments += flow.sender.info().segments_out;
  return segments;
}

}  // namespace

int main(int argc, char** argv) {
  const auto cell = argc == 3 ? kCells.find(argv[1]) : kCells.end();
  if (cell == kCells.end()) return std::fputs("usage: path_work CELL MILLISECONDS\n", stderr), 2;
  const std::uint64_t segments = run(cell->second, std::chrono::milliseconds(std::atoi(argv[2])));
  std::printf("%llu\n", static_cast<unsigned long long>(segments));
  return segments == 0 ? 1 : 0;
}
