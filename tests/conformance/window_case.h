// A lone end whose receive window is watched: what its SYN says, what its first segment says, and
// how far the window grows for a reader that keeps up with a sender that fills whatever it is
// offered.
#pragma once

#include <algorithm>

#include "lone_end.h"
#include "tcp/compat_policy.h"

namespace oriel::tcp {

inline constexpr Duration kWindowRtt = std::chrono::milliseconds(100);

inline TcpSocketOptions socket_mode(ReceiveMode mode, std::uint32_t rcv_buffer_bytes = 0) {
  TcpSocketOptions o;
  o.receive_mode = mode;
  o.rcv_buffer_bytes = rcv_buffer_bytes;
  return o;
}

/// What the peer's SYN or SYN-ACK carries.
struct WindowPeer {
  std::int8_t window_scale = 7;  ///< -1: no WSopt
  bool has_timestamps = false;
  std::uint16_t mss = 1460;
};

class WindowCase {
 public:
  explicit WindowCase(const HostSettings& settings = {}, const TcpSocketOptions& socket = {},
                      const LinkFacts& link = {})
      : end(tcp_config_for(settings, link), socket) {}

  using Peer = WindowPeer;

  /// Ours is the SYN; 100 ms later the peer answers, and our ACK is the first segment without SYN.
  void connect(const Peer& peer = {}) {
    end.open_active();
    ASSERT_EQ(end.sent.size(), 1u);
    syn = end.sent[0].header;
    end.wait(kWindowRtt);
    SegmentIn answer = end.segment(flag::kSyn | flag::kAck, kPeerIss, kOurIss + 1);
    fill(answer, peer);
    end.arrives(std::move(answer));
    ASSERT_EQ(end->state(), TcpState::kEstablished);
    ASSERT_GE(end.sent.size(), 2u);
    begin();
  }
  /// The peer's is the SYN. Our first segment without SYN carries a byte of ours.
  void accept(const Peer& peer = {}) {
    SegmentIn heard = end.segment(flag::kSyn, kPeerIss, SeqNum(0));
    fill(heard, peer);
    end->open_passive(end.now(), heard);
    end.pump();
    ASSERT_EQ(end.sent.size(), 1u);
    syn = end.sent[0].header;
    end.wait(kWindowRtt);
    end.arrives(timed(end.segment(flag::kAck, next_, kOurIss + 1)));
    ASSERT_EQ(end->state(), TcpState::kEstablished);
    end.send("y");
    ASSERT_EQ(end.sent.size(), 2u);
    begin();
    ours_ += 1;
    end.arrives(timed(end.segment(flag::kAck, next_, ours_)));
  }

  /// The true window that the last segment told.
  std::uint32_t window() {
    look();
    return static_cast<std::uint32_t>(edge_ - ack_);
  }
  std::int8_t scale() const { return scale_; }
  std::uint16_t last_field() {
    look();
    return field_;
  }
  /// Some field fell short of what had been promised, by less than its unit.
  bool has_rounded_down() {
    look();
    return has_rounded_down_;
  }
  SeqNum edge() {
    look();
    return edge_;
  }

  /// The peer sends all that it may, the program reads what comes as it comes, `rounds` times.
  void fill_and_read(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      receive(window(), true);
      end.wait(kWindowRtt);
      look();
    }
  }
  /// So many bytes arrive, in segments of at most 60,000; nobody reads them, or each before it is
  /// acknowledged.
  void receive(std::uint32_t bytes, bool is_read = false) {
    while (bytes != 0) {
      const std::uint32_t n = std::min(bytes, 60'000u);
      SegmentIn s = timed(end.segment(flag::kAck, next_, ours_, std::string(n, 'x')));
      end->on_segment(end.now(), s);
      end->on_burst_end(end.now());
      next_ += n;
      bytes -= n;
      is_read ? read_all() : end.pump();
      look();
    }
  }
  void read_all() {
    while (!end.read(1u << 20).empty()) look();
  }

  LoneEnd end;
  SegmentOut syn;
  SegmentOut first;  ///< our first segment without SYN

 private:
  void fill(SegmentIn& s, const Peer& peer) {
    s.options.window_scale = peer.window_scale;
    s.options.mss = peer.mss;
    s.options.has_timestamps = peer.has_timestamps;
    s.options.timestamps.value = 1;
    is_timed_ = peer.has_timestamps;
  }
  SegmentIn timed(SegmentIn s) {
    s.options.has_timestamps = is_timed_;
    s.options.timestamps.value = 1;
    return s;
  }
  void begin() {
    first = end.sent[1].header;
    TcpInfo info;
    end->fill_info(end.now(), info);
    scale_ = info.rcv_wind_shift;
    seen_ = 1;
    promised_ = kPeerIss + 1 + syn.window;
    look();
  }
  // No segment told a right edge left of what was promised, but for less than its unit.
  void look() {
    const std::uint8_t shift = scale_ < 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(scale_);
    for (; seen_ < end.sent.size(); ++seen_) {
      const SegmentOut& s = end.sent[seen_].header;
      edge_ = s.ack + window_bytes(s.window, shift);
      EXPECT_TRUE(seq_lt(promised_, edge_ + (1u << shift))) << "the right edge moved left";
      has_rounded_down_ |= seq_lt(edge_, promised_);
      promised_ = seq_max(promised_, edge_);
      ack_ = s.ack;
      field_ = s.window;
    }
  }

  SeqNum next_ = kPeerIss + 1;
  SeqNum ours_ = kOurIss + 1;
  SeqNum promised_;
  SeqNum edge_;
  SeqNum ack_;
  std::uint16_t field_ = 0;
  std::int8_t scale_ = -1;
  bool is_timed_ = false;
  bool has_rounded_down_ = false;
  std::size_t seen_ = 0;
};

}  // namespace oriel::tcp
