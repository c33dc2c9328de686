// Two connections joined by an imaginary cable on imaginary time: for tests and benchmarks of
// src/tcp.
//
// Every segment that leaves one end is copied and arrives at the other `delay` later, unless
// `filter` says otherwise. Nothing here is random; what a test wants lost or late, its filter says.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "tcp/connection.h"

namespace oriel::tcp {

class ConnectionPair {
 public:
  struct End {
    TcpConfig config;
    TcpSocketOptions options;
    std::uint32_t payload_bytes_max = 1460;  // more: super-segments
  };
  struct Flight {
    Instant arrives;
    SegmentIn segment;
  };
  /// Sees what `from` (0 or 1) sends and when it would arrive; may change both. False: lost.
  using Filter = std::function<bool(int from, SegmentOut& segment, Instant& arrives)>;

  ConnectionPair(const End& a, const End& b, Duration delay, SeqNum iss_a = SeqNum(1000),
                 SeqNum iss_b = SeqNum(0xfffffff0u))
      : ends_{a, b}, delay_(delay) {
    now_ = Instant{1'000'000'000};
    for (int i = 0; i < 2; ++i) {
      Connection::Setup setup;
      setup.config = &ends_[i].config;
      setup.options = &ends_[i].options;
      setup.pool = &pool_;
      setup.iss = i == 0 ? iss_a : iss_b;
      connections_[i] = std::make_unique<Connection>(setup);
    }
  }

  Connection& operator[](int i) { return *connections_[i]; }
  Instant now() const { return now_; }
  BufferPool& pool() { return pool_; }
  Filter filter;
  std::vector<SegmentOut> log[2];  ///< headers of what each end sent, when `is_logging`
  bool is_logging = false;
  std::uint16_t events[2] = {0, 0};  ///< all events seen

  /// Handshake: 0 opens actively, 1 passively on the SYN.
  void connect() {
    connections_[0]->open_active(now_);
    pump();
  }
  void open_both() {
    connections_[0]->open_active(now_);
    connections_[1]->open_active(now_);
    pump();
  }

  /// Lets everything that may leave now leave.
  void pump() {
    for (int i = 0; i < 2; ++i) {
      SegmentOut out;
      while (connections_[i]->poll_transmit(now_, ends_[i].payload_bytes_max, out)) {
        if (is_logging) log[i].push_back(out);
        Instant arrives = now_ + delay_;
        if (filter && !filter(i, out, arrives)) continue;
        send(i, out, arrives);
      }
      events[i] |= connections_[i]->take_events();
    }
  }

  /// One step of time: to the next arrival or deadline, but not beyond `end`. False: nothing left.
  bool step(Instant end) {
    pump();
    Instant next = earlier(connections_[0]->next_deadline(), connections_[1]->next_deadline());
    for (const auto& queue : queues_) {
      for (const Flight& f : queue) next = earlier(next, f.arrives);
    }
    if (next.is_never() || next > end) {
      now_ = end;
      return false;
    }
    now_ = next > now_ ? next : now_;
    for (int i = 0; i < 2; ++i) arrive(i);
    for (auto& c : connections_) {
      if (now_ >= c->next_deadline()) c->on_timeout(now_);
    }
    pump();
    return true;
  }
  void run_for(Duration d) {
    const Instant end = now_ + d;
    while (step(end)) {
    }
  }

 private:
  void send(int from, const SegmentOut& out, Instant arrives) {
    Flight f;
    f.arrives = arrives;
    f.segment.seq = out.seq;
    f.segment.ack = out.ack;
    f.segment.flags = out.flags;
    f.segment.window = out.window;
    f.segment.urgent = out.urgent;
    f.segment.mss = out.mss;
    f.segment.options = out.options;
    if (out.payload_bytes != 0) {
      Slice payload = pool_.make(out.payload_bytes);
      std::size_t at = 0;
      for (std::size_t i = 0; i < out.piece_count; ++i) {
        std::memcpy(payload.mutable_data() + at, out.pieces[i].data(), out.pieces[i].size());
        at += out.pieces[i].size();
      }
      f.segment.payload = std::move(payload);
    }
    auto& queue = queues_[from];
    auto place = queue.end();
    while (place != queue.begin() && std::prev(place)->arrives > arrives) --place;
    queue.insert(place, std::move(f));
  }

  void arrive(int from) {
    auto& queue = queues_[from];
    Connection& to = *connections_[1 - from];
    bool is_any = false;
    while (!queue.empty() && queue.front().arrives <= now_) {
      SegmentIn segment = std::move(queue.front().segment);
      queue.pop_front();
      is_any = true;
      if (to.state() == TcpState::kClosed && to.error() == ErrorCode::kOk &&
          segment.has(wire::tcp_flag::kSyn) && !segment.has(wire::tcp_flag::kAck)) {
        to.open_passive(now_, segment);
      } else {
        to.on_segment(now_, segment);
      }
    }
    if (is_any) to.on_burst_end(now_);
  }

  BufferPool pool_;
  End ends_[2];
  Duration delay_;
  Instant now_;
  std::unique_ptr<Connection> connections_[2];
  std::deque<Flight> queues_[2];
};

}  // namespace oriel::tcp
