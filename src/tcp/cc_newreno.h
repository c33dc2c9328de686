// NewReno's window: slow start, congestion avoidance by byte counting, halving (RFC 5681 3.1, 3.2;
// the window part of RFC 6582). What is retransmitted, and cwnd within recovery (PRR), is
// loss_recovery's. The surprise: growth needs a sender that used its window (RFC 7661), else cwnd
// says nothing.
#pragma once

#include <cstdint>

#include "oriel/time.h"
#include "tcp/cc_types.h"
#include "tcp/hystart.h"

namespace oriel::tcp {

class CcNewReno {
 public:
  CcNewReno(const CcLimits& limits, std::uint32_t smss);

  void on_ack(const CcAck& ack);
  void on_loss_episode(Instant now, std::uint32_t flight_size);
  void on_recovery_end(Instant now);
  void on_rto(Instant now, std::uint32_t flight_size, bool is_first);
  void on_spurious(Instant now);
  void on_idle_restart(Instant now);
  void on_mss_change(std::uint32_t smss);

  std::uint32_t cwnd() const { return cwnd_; }
  std::uint32_t ssthresh() const { return ssthresh_; }

 private:
  std::uint32_t cwnd_;
  std::uint32_t ssthresh_ = UINT32_MAX;
  std::uint32_t smss_;
  std::uint32_t acked_in_round_ = 0;  // towards the next segment of growth
  std::uint32_t undo_cwnd_ = 0;       // 0: nothing to undo
  std::uint32_t undo_ssthresh_ = 0;
  std::uint32_t cwnd_bytes_max_;
  std::uint32_t initial_window_segments_;
  std::uint16_t slow_start_burst_segments_;
  bool is_idle_restart_;
  bool is_hystart_;  // still in the initial slow start
  HyStart hystart_;
};

}  // namespace oriel::tcp
