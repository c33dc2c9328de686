// Can segments and calls in any order hurt a connection? Bytes decide a script of both.
//
// Beside not crashing: what leaves is always within what the peer offered, the right window edge
// never moves left, and the connection can always be ended. No device, no clock: time is part of
// the script.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "fuzz_check.h"
#include "tcp/connection.h"

namespace {

using namespace oriel;
using namespace oriel::tcp;

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}
  bool is_done() const { return at_ >= size_; }
  std::uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  std::uint32_t word() {
    std::uint32_t v = 0;
    for (int i = 0; i < 4; ++i) v = v << 8 | byte();
    return v;
  }
  ByteView bytes(std::size_t n) {
    n = std::min(n, size_ - std::min(at_, size_));
    const ByteView v(data_ + at_, n);
    at_ += n;
    return v;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

// Numbers near the interesting places are drawn far more often than far ones.
SeqNum near(Script& script, SeqNum base) {
  const std::uint8_t kind = script.byte();
  if (kind < 64) return base;
  if (kind < 128) return base + script.byte();
  if (kind < 192) return base - script.byte();
  if (kind < 240) return base + (script.word() & 0xffff);
  return SeqNum(script.word());
}

struct Watched {
  SeqNum nxt{1000};  // highest sequence number seen leaving
  SeqNum ack;        // last ACK field seen leaving
  SeqNum edge;       // right edge promised
  bool has_edge = false;
  std::uint8_t shift = 0;
};

void drain(Connection& c, Instant now, std::uint32_t payload_max, Watched& w) {
  SegmentOut out;
  int n = 0;
  while (c.poll_transmit(now, payload_max, out)) {
    FUZZ_CHECK(++n < 100'000);
    const bool is_syn = (out.flags & wire::tcp_flag::kSyn) != 0;
    const bool is_reset = (out.flags & wire::tcp_flag::kRst) != 0;
    std::uint32_t bytes = 0;
    for (std::size_t i = 0; i < out.piece_count; ++i) {
      bytes += static_cast<std::uint32_t>(out.pieces[i].size());
    }
    FUZZ_CHECK(bytes == out.payload_bytes);
    FUZZ_CHECK(out.payload_bytes <= std::max<std::uint32_t>(payload_max, 65535));
    if (is_reset) continue;
    if ((out.flags & wire::tcp_flag::kAck) != 0) {
      TcpInfo info;
      c.fill_info(now, info);
      const int shift = is_syn ? 0 : std::max<int>(info.rcv_wind_shift, 0);
      const SeqNum edge = out.ack + (std::uint32_t{out.window} << shift);
      // A field may fall short of what was promised by less than its unit (RFC 7323 2.4).
      if (w.has_edge) FUZZ_CHECK(seq_lt(w.edge, edge + (1u << shift)));
      w.edge = w.has_edge ? seq_max(w.edge, edge) : edge;
      w.has_edge = true;
      w.ack = out.ack;
    }
    w.nxt = seq_max(w.nxt, out.seq + out.payload_bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<std::uint8_t, 65536> kText{};
  static std::array<std::uint8_t, 65536> sink;
  Script script(data, size);
  BufferPool pool;
  {
    TcpConfig config;
    const std::uint8_t mode = script.byte();
    config.is_timestamps = (mode & 1) != 0;
    config.is_sack = (mode & 2) == 0;
    config.is_window_scaling = (mode & 4) == 0;
    Connection::Setup setup;
    setup.config = &config;
    setup.pool = &pool;
    setup.iss = SeqNum(1000);
    TcpSocketOptions options;
    if ((mode & 8) != 0) options.rcv_buffer_bytes = 4096;
    options.is_nodelay = (mode & 16) != 0;
    setup.options = &options;
    const std::uint32_t payload_max = (mode & 32) != 0 ? 60000 : 1460;
    Connection c(setup);
    Watched w;
    Instant now{1'000'000'000};
    SeqNum peer(0xffffff00u);
    if ((mode & 64) != 0) {
      SegmentIn syn;
      syn.flags = wire::tcp_flag::kSyn;
      syn.seq = peer - 1;
      syn.window = 65535;
      syn.options.mss = 1460;
      syn.options.window_scale = 8;
      syn.options.is_sack_permitted = true;
      syn.options.has_timestamps = true;
      c.open_passive(now, syn);
    } else {
      c.open_active(now);
    }
    drain(c, now, payload_max, w);
    for (int steps = 0; !script.is_done() && steps < 4000; ++steps) {
      switch (script.byte() % 12) {
        default: {  // a segment, most of the time
          SegmentIn in;
          in.flags = script.byte();
          if (in.flags < 160) in.flags = wire::tcp_flag::kAck;
          in.seq = near(script, w.has_edge && w.ack != SeqNum() ? w.ack : peer);
          in.ack = near(script, w.nxt);
          in.window = static_cast<std::uint16_t>(script.word());
          in.urgent = script.byte();
          const std::uint8_t bits = script.byte();
          if ((bits & 1) != 0) {
            in.options.has_timestamps = true;
            in.options.timestamps = {script.word(), script.word()};
          }
          in.options.sack_count = static_cast<std::uint8_t>((bits >> 1) % 5);
          for (std::size_t i = 0; i < in.options.sack_count; ++i) {
            const SeqNum begin = near(script, w.nxt);
            in.options.sack[i] = {begin, near(script, begin + 1460)};
          }
          if ((bits & 16) != 0) in.options.mss = static_cast<std::uint16_t>(script.word());
          if ((bits & 32) != 0)
            in.options.window_scale = static_cast<std::int8_t>(script.byte() & 127);
          if ((bits & 64) != 0) in.options.is_sack_permitted = true;
          if ((bits & 128) != 0) in.payload = pool.copy_of(script.bytes(script.byte() * 8u));
          c.on_segment(now, in);
          break;
        }
        case 0:
          c.on_send(now, {kText.data(), script.word() & 0xffff});
          break;
        case 1:
          c.on_consume(now, {sink.data(), script.word() & 0xffff});
          break;
        case 2:
          now = now + std::chrono::microseconds(script.word() & 0xffffff);
          break;
        case 3:
          if (!c.next_deadline().is_never()) now.ns = std::max(now.ns, c.next_deadline().ns);
          break;
        case 4: {
          const std::uint8_t what = script.byte();
          if (what < 20) c.on_close(now);
          if (what == 20) c.on_orphaned(now);
          if (what == 21) c.on_abort(now, ErrorCode::kConnectionAborted);
          if (what > 21 && what < 40) c.on_send_urgent(now, 7);
          if (what >= 40 && what < 60) c.on_send_borrowed(now, {kText.data(), what * 100u});
          break;
        }
        case 5: {
          PathError error;
          error.kind = static_cast<PathError::Kind>(script.byte() % 3);
          error.path_mss =
              static_cast<std::uint16_t>(std::max<std::uint32_t>(script.byte() * 6u, 48));
          error.quoted_seq = near(script, w.nxt);
          c.on_path_error(now, error);
          break;
        }
      }
      if (now >= c.next_deadline()) c.on_timeout(now);
      c.on_burst_end(now);
      drain(c, now, payload_max, w);
      c.take_events();
    }
    // Whatever happened, it can be ended, and then nothing is pending.
    c.on_abort(now, ErrorCode::kConnectionAborted);
    drain(c, now, payload_max, w);
    FUZZ_CHECK(c.is_closed());
    FUZZ_CHECK(c.next_deadline().is_never());
  }
  return 0;
}
