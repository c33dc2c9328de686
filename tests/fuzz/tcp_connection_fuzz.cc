// Can any order of segments, calls and times break a connection? Bytes become a play of both.
//
// Sequence numbers are drawn near those that the connection last sent or acknowledged, because far
// ones are all refused at the same place. Beside crashes it looks for a transmitter that never
// stops, time that runs backwards in deadlines, and memory beyond what the configuration allows.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "tcp/connection.h"

namespace {

using oriel::Instant;
using oriel::SeqNum;

constexpr std::size_t kOperationsMax = 400;
constexpr int kSegmentsPerPullMax = 4096;
constexpr std::uint64_t kReassemblyBytesMax = 1u << 20;
constexpr std::size_t kMemoryBytesMax = 16u << 20;
constexpr std::uint32_t kPayloadBytesMax = 3000;

/// The input, read piece by piece; zeros after its end.
class Script {
 public:
  explicit Script(oriel::ByteView bytes) : bytes_(bytes) {}
  bool is_over() const { return at_ >= bytes_.size(); }
  std::uint8_t u8() { return is_over() ? std::uint8_t{0} : bytes_[at_++]; }
  std::uint16_t u16() { return static_cast<std::uint16_t>(u8() << 8 | u8()); }

 private:
  oriel::ByteView bytes_;
  std::size_t at_ = 0;
};

void require(bool is_true) {
  if (!is_true) __builtin_trap();
}

class Play {
 public:
  explicit Play(oriel::ByteView bytes) : script_(bytes), payload_(kPayloadBytesMax, 0x5a) {
    const std::uint8_t mode = script_.u8();
    config_.is_timestamps = (mode & 2) != 0;
    config_.is_sack = (mode & 4) == 0;
    config_.is_window_scaling = (mode & 8) == 0;
    config_.reassembly_bytes_max = kReassemblyBytesMax;
    config_.snd_buffer_bytes_max = kReassemblyBytesMax;
    oriel::tcp::Connection::Setup setup;
    setup.config = &config_;
    setup.pool = &pool_;
    setup.iss = SeqNum(0xffffff00u);
    connection_ = std::make_unique<oriel::tcp::Connection>(setup);
    begin((mode & 1) != 0);
  }

  void run() {
    for (std::size_t i = 0; i < kOperationsMax && !script_.is_over(); ++i) {
      step();
      pull();
    }
  }

 private:
  void begin(bool is_active) {
    if (is_active) {
      connection_->open_active(now_);
    } else {
      oriel::tcp::SegmentIn syn = segment();
      syn.flags = oriel::wire::tcp_flag::kSyn;
      connection_->open_passive(now_, syn);
      peer_next_ = syn.seq + 1u;
    }
    pull();
  }

  oriel::tcp::SegmentIn segment() {
    oriel::tcp::SegmentIn in;
    const std::uint8_t shape = script_.u8();
    in.flags = script_.u8();
    in.seq = peer_next_ + static_cast<std::uint32_t>(static_cast<std::int16_t>(script_.u16()));
    in.ack = our_next_ + static_cast<std::uint32_t>(static_cast<std::int16_t>(script_.u16()));
    if ((shape & 1) != 0) in.seq = peer_next_;
    if ((shape & 2) != 0) in.ack = our_next_;
    in.window = script_.u16();
    in.urgent = (shape & 4) != 0 ? script_.u8() : std::uint16_t{0};
    if ((shape & 8) != 0) fill_options(in.options);
    if ((shape & 16) != 0) {
      const std::size_t bytes = script_.u16() % kPayloadBytesMax;
      in.payload = pool_.make(bytes);
      std::copy_n(payload_.begin(), bytes, in.payload.mutable_data());
      in.mss = (shape & 32) != 0 ? std::uint16_t{536} : std::uint16_t{0};
    }
    return in;
  }

  void fill_options(oriel::wire::TcpOptions& options) {
    const std::uint8_t which = script_.u8();
    if ((which & 1) != 0) options.mss = script_.u16();
    if ((which & 2) != 0) options.window_scale = static_cast<std::int8_t>(script_.u8() & 0x7f);
    options.is_sack_permitted = (which & 4) != 0;
    options.has_timestamps = (which & 8) != 0;
    options.timestamps = {script_.u16(), script_.u16()};
    options.sack_count = static_cast<std::uint8_t>((which >> 4) % 5);
    for (std::size_t i = 0; i < options.sack_count; ++i) {
      const SeqNum left = our_next_ - std::uint32_t{script_.u16()};
      options.sack[i] = {left, left + std::uint32_t{script_.u16()}};
    }
  }

  void step() {
    switch (script_.u8() % 10) {
      case 0:
        now_ = now_ + std::chrono::milliseconds(script_.u16());
        break;
      case 1:
        fire_deadline();
        break;
      case 2:
        (void)connection_->on_send(now_, {payload_.data(), script_.u16() % payload_.size()});
        break;
      case 3:
        (void)connection_->on_consume(now_, {sink_, script_.u8()});
        break;
      case 4:
        if (script_.u8() < 32) connection_->on_close(now_);
        break;
      case 5:
        if (script_.u8() < 8) connection_->on_abort(now_, oriel::ErrorCode::kConnectionAborted);
        break;
      case 6:
        connection_->on_path_mss(
            now_, static_cast<std::uint16_t>(std::max<int>(script_.u16() % 9000, 88)));
        break;
      default:
        oriel::tcp::SegmentIn in = segment();
        if (connection_->is_closed()) return;
        connection_->on_segment(now_, in);
        if (script_.u8() % 2 == 0) connection_->on_burst_end(now_);
    }
  }

  void fire_deadline() {
    const Instant next = connection_->next_deadline();
    if (next.is_never()) return;
    now_ = std::max(now_, next);
    connection_->on_timeout(now_);
  }

  void pull() {
    connection_->on_burst_end(now_);
    oriel::tcp::SegmentOut out;
    int pulled = 0;
    while (connection_->poll_transmit(now_, 1460, out)) {
      require(++pulled < kSegmentsPerPullMax);
      require(out.payload_bytes <= kReassemblyBytesMax);
      our_next_ = out.seq + out.payload_bytes;
      if ((out.flags & oriel::wire::tcp_flag::kAck) != 0) peer_next_ = out.ack;
      if ((out.flags & oriel::wire::tcp_flag::kSyn) != 0) our_next_ = our_next_ + 1u;
    }
    (void)connection_->take_events();
    require(connection_->memory_bytes() < kMemoryBytesMax);
  }

  Script script_;
  std::vector<std::uint8_t> payload_;
  std::uint8_t sink_[256] = {};
  oriel::BufferPool pool_;
  oriel::tcp::TcpConfig config_;
  std::unique_ptr<oriel::tcp::Connection> connection_;
  Instant now_{1'000'000'000};
  SeqNum peer_next_ = SeqNum(0xfffffe00u);
  SeqNum our_next_ = SeqNum(0xffffff00u);
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  Play({data, bytes}).run();
  return 0;
}
