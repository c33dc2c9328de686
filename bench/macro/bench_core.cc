// How fast is the sans-IO TCP itself: two connections back to back in one thread, no device, no IP,
// no checksum.
//
// Segments go from one connection's poll_transmit straight into the other's on_segment. Bytes are
// copied in by on_send and out by on_consume, as a program would have it; between them payload is
// handed over in place, as it is between a device's buffers and the stack. TARGETS.md C names the
// goals.
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "support/report.h"
#include "tcp/connection.h"

namespace {

using namespace oriel;
using namespace oriel::tcp;

struct BackToBack {
  explicit BackToBack(std::uint32_t payload_bytes_max)
      : payload_max(payload_bytes_max), write_bytes(payload_bytes_max == 1460 ? 23360 : 64240) {}

  void open() {
    Connection::Setup setup;
    setup.config = &config;
    setup.pool = &pool;
    setup.iss = SeqNum(++isn * 64000u);
    a = std::make_unique<Connection>(setup);
    setup.iss = SeqNum(isn * 77000u);
    b = std::make_unique<Connection>(setup);
    a->open_active(now);
    SegmentOut out;
    while (a->poll_transmit(now, payload_max, out)) {
      SegmentIn in = received(out);
      b->open_passive(now, in);
    }
    settle();
  }

  static SegmentIn received(const SegmentOut& out) {
    SegmentIn in;
    in.seq = out.seq;
    in.ack = out.ack;
    in.flags = out.flags;
    in.window = out.window;
    in.urgent = out.urgent;
    in.mss = out.mss;
    in.options = out.options;
    return in;
  }

  // Everything `from` has to say; the reader drains the payload before the writer may reuse it.
  std::uint64_t deliver(Connection& from, Connection& to) {
    std::uint64_t segments = 0;
    SegmentOut out;
    while (from.poll_transmit(now, payload_max, out)) {
      SegmentIn in = received(out);
      if (out.payload_bytes != 0) {
        if (out.piece_count == 1) {
          in.payload = Slice::borrow(out.pieces[0]);
        } else {
          in.payload = pool.make(out.payload_bytes);
          std::size_t at = 0;
          for (std::size_t i = 0; i < out.piece_count; ++i) {
            std::memcpy(in.payload.mutable_data() + at, out.pieces[i].data(), out.pieces[i].size());
            at += out.pieces[i].size();
          }
        }
      }
      to.on_segment(now, in);
      ++segments;
    }
    to.on_burst_end(now);
    return segments;
  }

  void settle() {
    while (deliver(*a, *b) + deliver(*b, *a) != 0) {
    }
  }

  std::uint64_t move(std::uint64_t bytes) {
    static std::vector<std::uint8_t> source(64240, 0x5a);
    static std::vector<std::uint8_t> sink(1 << 16);
    std::uint64_t received_bytes = 0;
    std::uint64_t segments = 0;
    while (received_bytes < bytes) {
      a->on_send(now, {source.data(), write_bytes});
      segments += deliver(*a, *b);
      while (const std::size_t n = b->on_consume(now, sink)) received_bytes += n;
      deliver(*b, *a);
      now.ns += 1000;
      if (now >= a->next_deadline()) a->on_timeout(now);
      if (now >= b->next_deadline()) b->on_timeout(now);
    }
    return segments;
  }

  TcpConfig config;
  BufferPool pool;
  Instant now{1'000'000'000};
  std::uint32_t payload_max;
  std::uint32_t write_bytes;  // 16 segments, or one super-segment
  std::uint32_t isn = 0;
  std::unique_ptr<Connection> a;
  std::unique_ptr<Connection> b;
};

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
  std::printf("sizeof(tcp::Connection) = %zu\n", sizeof(Connection));
  if (!json.empty() && !report.write_json(json)) {
    std::fprintf(stderr, "bench core: cannot write %s\n", json.c_str());
    return 2;
  }
  return 0;
}
