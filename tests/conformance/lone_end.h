// One connection whose peer is the test: segments are made by hand, time is imaginary, what leaves
// is kept.
//
// Our ISS is 1,000, the peer's 5,000. Without options in the peer's SYN nothing is scaled, so a
// window field is a number of bytes.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "support/req.h"
#include "tcp/connection.h"

namespace oriel::tcp {
namespace flag = wire::tcp_flag;

inline constexpr SeqNum kOurIss(1000);
inline constexpr SeqNum kPeerIss(5000);

inline ByteView view_of(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

class LoneEnd {
 public:
  struct Sent {
    Instant at;
    SegmentOut header;
    std::string text;
    bool has(std::uint8_t flags) const { return (header.flags & flags) == flags; }
  };

  explicit LoneEnd(const TcpConfig& c = {}, const TcpSocketOptions& o = {},
                   std::uint16_t path_mss = 1460)
      : config_(c), options_(o) {
    Connection::Setup setup;
    setup.config = &config_;
    setup.options = &options_;
    setup.pool = &pool_;
    setup.iss = kOurIss;
    setup.path_mss = path_mss;
    connection_ = std::make_unique<Connection>(setup);
  }

  Connection* operator->() { return connection_.get(); }
  Instant now() const { return now_; }
  std::uint16_t events = 0;  ///< all since the start, or since the test cleared them
  std::vector<Sent> sent;    ///< since the last `clear`
  void clear() { sent.clear(); }

  SegmentIn segment(std::uint8_t flags, SeqNum seq, SeqNum ack, const std::string& text = {},
                    std::uint16_t window = 65535) {
    SegmentIn s;
    s.seq = seq;
    s.ack = ack;
    s.flags = flags;
    s.window = window;
    if (!text.empty()) {
      s.payload = pool_.make(text.size());
      std::memcpy(s.payload.mutable_data(), text.data(), text.size());
    }
    return s;
  }
  void arrives(SegmentIn s) {
    connection_->on_segment(now_, s);
    connection_->on_burst_end(now_);
    pump();
  }
  void arrives(std::uint8_t flags, SeqNum seq, SeqNum ack, const std::string& text = {},
               std::uint16_t window = 65535) {
    arrives(segment(flags, seq, ack, text, window));
  }
  void open_active() {
    connection_->open_active(now_);
    pump();
  }
  void open_passive(std::uint16_t mss = 0) {
    SegmentIn syn = segment(flag::kSyn, kPeerIss, SeqNum(0));
    syn.options.mss = mss;
    connection_->open_passive(now_, syn);
    pump();
  }
  /// Through the three-way handshake, opened by us; what was sent is forgotten.
  void establish(std::uint16_t window = 65535, std::uint16_t mss = 1460) {
    open_active();
    SegmentIn answer = segment(flag::kSyn | flag::kAck, kPeerIss, kOurIss + 1, {}, window);
    answer.options.mss = mss;
    arrives(std::move(answer));
    ASSERT_EQ(connection_->state(), TcpState::kEstablished);
    clear();
  }
  void send(const std::string& text) {
    ASSERT_EQ(connection_->on_send(now_, view_of(text)), text.size());
    pump();
  }
  std::string read(std::size_t bytes_max = 65536) {
    std::string s(bytes_max, '\0');
    s.resize(connection_->on_consume(now_, {reinterpret_cast<std::uint8_t*>(s.data()), s.size()}));
    pump();
    return s;
  }
  void close() {
    connection_->on_close(now_);
    pump();
  }
  /// Lets time pass; timers fire when they are due.
  void wait(Duration d) {
    const Instant end = now_ + d;
    while (connection_->next_deadline() <= end) {
      now_ = std::max(now_, connection_->next_deadline());
      connection_->on_timeout(now_);
      pump();
    }
    now_ = end;
  }
  void pump() {
    SegmentOut out;
    while (connection_->poll_transmit(now_, connection_->smss(), out)) {
      std::string text;
      for (std::size_t i = 0; i < out.piece_count; ++i) {
        text.append(reinterpret_cast<const char*>(out.pieces[i].data()), out.pieces[i].size());
      }
      sent.push_back({now_, out, std::move(text)});
    }
    events |= connection_->take_events();
  }
  std::size_t text_segments() const {
    std::size_t n = 0;
    for (const Sent& s : sent) n += s.text.empty() ? 0 : 1;
    return n;
  }

 private:
  BufferPool pool_;
  TcpConfig config_;
  TcpSocketOptions options_;
  Instant now_{1'000'000'000};
  std::unique_ptr<Connection> connection_;
};

}  // namespace oriel::tcp
