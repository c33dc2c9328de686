// A bulk sender, a bottleneck with a drop-tail queue and a receiver, packet by packet on virtual
// time: just enough network to ask of a congestion controller how well it fills a path and what it
// loses. Tests only.
//
//   sender --(free)--> [ queue | rate ] --delay--> receiver --delay--> sender
//
// The path keeps order, so a transmission is lost when one sent three places later has arrived.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "tcp/congestion_control.h"

namespace oriel::tcp::testing {

struct PathOptions {
  double rate_bits_per_second = 1e9;
  Duration rtt = std::chrono::milliseconds(100);
  std::int64_t queue_bytes = 6'000'000;
  Duration length = std::chrono::seconds(12);  // from the SYN; data starts one RTT later
  std::uint32_t segments_per_ack = 2;
  Duration ack_hold = std::chrono::milliseconds(40);  // delayed ACK; small for merging by bursts
  std::uint32_t drop_every = 0;  // 0: no random loss; else every nth transmission
};

struct PathResult {
  double share = 0;  // of the payload the link could carry from the SYN on
  std::uint32_t drops = 0;
  std::uint32_t retransmits = 0;
  std::uint32_t loss_episodes = 0;
  std::uint32_t timeouts = 0;
  std::uint32_t cwnd_at_exit = 0;  // when slow start first ended
  double seconds_to_exit = 0;
  double rounds_to_90 = 0;         // round trips from the first data to 90% of the link
  bool has_outgrown_acks = false;  // cwnd ever grew by more than an ACK acknowledged
};

class PathModel {
 public:
  static constexpr std::uint32_t kMss = 1460;
  static constexpr std::uint32_t kWireBytes = 1500;

  PathModel(CongestionControl& cc, const PathOptions& options) : cc_(cc), options_(options) {
    tx_ns_ = static_cast<std::int64_t>(kWireBytes * 8e9 / options.rate_bits_per_second);
  }

  PathResult run() {
    now_ = Instant{options_.rtt.count()};
    fill();
    const Instant end{options_.length.count()};
    while (now_ < end) {
      if (acks_.empty()) {
        time_out();
        continue;
      }
      const Ack ack = acks_.front();
      acks_.pop_front();
      now_ = ack.at;
      if (now_ >= end) break;
      on_ack(ack);
      fill();
    }
    result_.share = static_cast<double>(delivered_in_time_) * static_cast<double>(tx_ns_) /
                    static_cast<double>(options_.length.count());
    result_.rounds_to_90 = first_90_ns_ == 0
                               ? 1e9
                               : static_cast<double>(first_90_ns_ - options_.rtt.count()) /
                                     static_cast<double>(options_.rtt.count());
    return result_;
  }

 private:
  struct Packet {
    Instant sent_at;
    std::uint64_t order = 0;
    bool is_delivered = false;
    bool is_lost = false;
    bool is_retransmitted = false;
  };
  struct Ack {
    Instant at;
    std::vector<std::uint32_t> arrived;  // packets it reports, each with its order
    std::vector<std::uint64_t> orders;
    std::vector<Instant> sent;
  };
  struct Flying {
    std::uint32_t index;
    std::uint64_t order;
  };

  void transmit(std::uint32_t index) {
    Packet& p = packets_[index];
    p.sent_at = now_;
    p.order = ++order_;
    p.is_lost = false;
    flying_.push_back({index, p.order});
    ++pipe_;
    const std::int64_t backlog_ns = std::max<std::int64_t>(free_at_ns_ - now_.ns, 0);
    const double backlog_bytes =
        static_cast<double>(backlog_ns) / static_cast<double>(tx_ns_) * kWireBytes;
    const bool is_random = options_.drop_every != 0 && order_ % options_.drop_every == 0;
    if (is_random ||
        backlog_bytes + kWireBytes > static_cast<double>(options_.queue_bytes) + 1500) {
      ++result_.drops;
      return;
    }
    free_at_ns_ = std::max(free_at_ns_, now_.ns) + tx_ns_;
    arrive(index, p, Instant{free_at_ns_ + options_.rtt.count() / 2});
  }

  // The receiver, ahead of time: the path keeps order, so arrivals are known in order.
  void arrive(std::uint32_t index, const Packet& p, Instant at) {
    if (at.ns < options_.length.count()) {
      ++delivered_in_time_;
      note_rate(at);
    }
    if (!waiting_.arrived.empty() && at.ns - waiting_since_.ns > options_.ack_hold.count()) {
      flush(waiting_since_ + options_.ack_hold);
    }
    if (waiting_.arrived.empty()) waiting_since_ = at;
    waiting_.arrived.push_back(index);
    waiting_.orders.push_back(p.order);
    waiting_.sent.push_back(p.sent_at);
    if (received_.size() <= index) received_.resize(index + 1024);
    received_[index] = true;
    const bool is_in_order = index == next_expected_;
    while (next_expected_ < received_.size() && received_[next_expected_]) ++next_expected_;
    const bool has_hole = next_expected_ <= index;
    if (!is_in_order || has_hole || waiting_.arrived.size() >= options_.segments_per_ack) flush(at);
  }
  void flush(Instant at) {
    waiting_.at = Instant{at.ns + options_.rtt.count() / 2};
    acks_.push_back(std::move(waiting_));
    waiting_ = {};
  }

  void note_rate(Instant at) {
    arrivals_.push_back(at.ns);
    while (arrivals_.front() < at.ns - options_.rtt.count()) arrivals_.pop_front();
    const double rate = static_cast<double>(arrivals_.size()) * static_cast<double>(tx_ns_) /
                        static_cast<double>(options_.rtt.count());
    if (first_90_ns_ == 0 && rate >= 0.9) first_90_ns_ = at.ns;
  }

  void on_ack(const Ack& ack) {
    const std::uint32_t flight = snd_nxt_ - snd_una_;
    std::uint32_t delivered = 0;
    CcAck in;
    for (std::size_t i = 0; i < ack.arrived.size(); ++i) {
      Packet& p = packets_[ack.arrived[i]];
      highest_order_ = std::max(highest_order_, ack.orders[i]);
      if (p.is_delivered) continue;
      p.is_delivered = true;
      ++delivered;
      if (!p.is_lost) --pipe_;
      if (!p.is_retransmitted) {
        in.has_rtt = true;
        in.rtt = now_ - ack.sent[i];
      }
    }
    while (snd_una_ < snd_nxt_ && packets_[snd_una_].is_delivered) ++snd_una_;
    if (in.has_rtt) {
      rtt_min_ = rtt_min_.count() == 0 ? in.rtt : std::min(rtt_min_, in.rtt);
      srtt_ = srtt_.count() == 0 ? in.rtt : (srtt_ * 7 + in.rtt) / 8;
    }
    detect_losses(flight);
    if (is_in_recovery_ && snd_una_ >= recovery_point_) {
      is_in_recovery_ = false;
      cc_.on_recovery_end(now_);
    }
    in.now = now_;
    in.acked_bytes = delivered * kMss;
    in.flight_size = flight * kMss;
    in.snd_una = SeqNum(snd_una_ * kMss);
    in.snd_nxt = SeqNum(snd_nxt_ * kMss);
    in.is_cwnd_limited = true;
    in.is_in_recovery = is_in_recovery_;
    in.srtt = srtt_;
    in.rtt_min = rtt_min_;
    const bool was_slow_start = cc_.is_in_slow_start();
    const std::uint32_t cwnd_before = cc_.cwnd();
    cc_.on_ack(in);
    if (cc_.cwnd() > cwnd_before + in.acked_bytes) result_.has_outgrown_acks = true;
    watch(was_slow_start);
  }

  void watch(bool was_slow_start) {
    if (was_slow_start && !cc_.is_in_slow_start() && result_.cwnd_at_exit == 0) {
      result_.cwnd_at_exit = cc_.cwnd();
      result_.seconds_to_exit = static_cast<double>(now_.ns) * 1e-9;
    }
  }

  void detect_losses(std::uint32_t flight) {
    bool has_new = false;
    while (!flying_.empty() && flying_.front().order + 3 <= highest_order_) {
      const Flying f = flying_.front();
      flying_.pop_front();
      Packet& p = packets_[f.index];
      if (p.is_delivered || p.order != f.order) continue;
      p.is_lost = true;
      --pipe_;
      lost_.push_back(f.index);
      has_new = true;
    }
    if (!has_new || is_in_recovery_) return;
    is_in_recovery_ = true;
    recovery_point_ = snd_nxt_;
    ++result_.loss_episodes;
    if (cc_.is_in_slow_start() && result_.cwnd_at_exit == 0) {
      result_.cwnd_at_exit = cc_.cwnd();
      result_.seconds_to_exit = static_cast<double>(now_.ns) * 1e-9;
    }
    cc_.on_loss_episode(now_, flight * kMss);
  }

  void fill() {
    // Recovery lets out what was delivered, in proportion (PRR's effect, not its letter).
    while ((pipe_ + 1) * kMss <= cc_.cwnd()) {
      if (!lost_.empty()) {
        const std::uint32_t index = lost_.front();
        lost_.pop_front();
        if (packets_[index].is_delivered) continue;
        packets_[index].is_retransmitted = true;
        ++result_.retransmits;
        transmit(index);
        continue;
      }
      packets_.emplace_back();
      transmit(snd_nxt_++);
    }
  }

  void time_out() {
    if (!waiting_.arrived.empty()) {  // the delayed ACK
      return flush(waiting_since_ + options_.ack_hold);
    }
    now_ = now_ + std::max<Duration>(srtt_ * 2, std::chrono::milliseconds(300));
    ++result_.timeouts;
    cc_.on_rto(now_, (snd_nxt_ - snd_una_) * kMss, true);
    flying_.clear();
    lost_.clear();
    pipe_ = 0;
    for (std::uint32_t i = snd_una_; i < snd_nxt_; ++i) {
      if (!packets_[i].is_delivered) {
        packets_[i].is_lost = true;
        lost_.push_back(i);
      }
    }
    is_in_recovery_ = false;
    fill();
  }

  CongestionControl& cc_;
  PathOptions options_;
  PathResult result_;
  std::int64_t tx_ns_ = 0;
  std::int64_t free_at_ns_ = 0;
  Instant now_;
  std::deque<Packet> packets_;
  std::deque<Ack> acks_;
  std::deque<Flying> flying_;
  std::deque<std::uint32_t> lost_;
  std::deque<std::int64_t> arrivals_;
  std::vector<bool> received_;
  Ack waiting_;
  Instant waiting_since_;
  std::uint32_t snd_una_ = 0, snd_nxt_ = 0, next_expected_ = 0, recovery_point_ = 0;
  std::uint64_t order_ = 0, highest_order_ = 0, delivered_in_time_ = 0;
  std::uint32_t pipe_ = 0;
  std::int64_t first_90_ns_ = 0;
  Duration srtt_{0}, rtt_min_{0};
  bool is_in_recovery_ = false;
};

}  // namespace oriel::tcp::testing
