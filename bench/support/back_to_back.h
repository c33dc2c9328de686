// Two connections back to back in one thread, no device, no IP, no checksum: what the core
// benchmark and the instruction gate both run.
//
// Segments go from one connection's poll_transmit straight into the other's on_segment. Bytes are
// copied in by on_send and out by on_consume, as a program would have it; between them payload is
// handed over in place, as it is between a device's buffers and the stack.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "tcp/connection.h"

namespace oriel::bench {

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
      // Text that lies in several blocks arrives as several segments, as from several receive
      // buffers.
      for (std::size_t i = 0; i < out.piece_count; ++i) {
        in.payload = Slice::borrow(out.pieces[i]);
        in.flags = i + 1 == out.piece_count ? out.flags : wire::tcp_flag::kAck;
        const SeqNum next = in.seq + static_cast<std::uint32_t>(out.pieces[i].size());
        to.on_segment(now, in);
        in.seq = next;
      }
      if (out.piece_count == 0) to.on_segment(now, in);
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

}  // namespace oriel::bench
