// RFC 5681 arithmetic in bytes.
#include "tcp/cc_newreno.h"

#include <algorithm>

namespace oriel::tcp {

CcNewReno::CcNewReno(const CcLimits& limits, std::uint32_t smss)
    : cwnd_(limits.initial_window_segments * smss),
      smss_(smss),
      cwnd_bytes_max_(limits.cwnd_bytes_max),
      initial_window_segments_(limits.initial_window_segments),
      slow_start_burst_segments_(static_cast<std::uint16_t>(limits.slow_start_burst_segments)),
      is_idle_restart_(limits.is_idle_restart),
      is_hystart_(limits.is_hystart) {}

void CcNewReno::on_ack(const CcAck& ack) {
  if (ack.is_in_recovery || !ack.is_cwnd_limited || ack.acked_bytes == 0) return;
  std::uint32_t acked = ack.acked_bytes;
  if (cwnd_ < ssthresh_) {
    if (is_hystart_) {
      cwnd_ += hystart_.grow(ack, cwnd_, smss_, slow_start_burst_segments_);
      cwnd_ = std::min(cwnd_, cwnd_bytes_max_);
      if (hystart_.has_exited()) {
        ssthresh_ = cwnd_;
        is_hystart_ = false;
      }
      return;
    }
    const std::uint32_t room = ssthresh_ - cwnd_;
    const std::uint32_t grown = std::min({acked, slow_start_burst_segments_ * smss_, room});
    cwnd_ = std::min(cwnd_ + grown, cwnd_bytes_max_);
    if (grown < room) return;
    acked -= grown;
  }
  // RFC 5681 3.1: one SMSS for each cwnd of bytes acknowledged.
  acked_in_round_ += acked;
  if (acked_in_round_ < cwnd_) return;
  acked_in_round_ -= cwnd_;
  acked_in_round_ = std::min(acked_in_round_, cwnd_);
  cwnd_ = std::min(cwnd_ + smss_, cwnd_bytes_max_);
}

void CcNewReno::on_loss_episode(Instant, std::uint32_t flight_size) {
  undo_cwnd_ = cwnd_;
  undo_ssthresh_ = ssthresh_;
  is_hystart_ = false;
  // More may be outstanding than cwnd (limited transmit, a window that shrank); it earns nothing.
  ssthresh_ = std::max(std::min(flight_size, cwnd_) / 2, 2 * smss_);
  cwnd_ = ssthresh_;
  acked_in_round_ = 0;
}

void CcNewReno::on_recovery_end(Instant) {
  cwnd_ = std::min(ssthresh_, cwnd_bytes_max_);
}

void CcNewReno::on_rto(Instant, std::uint32_t flight_size, bool is_first) {
  if (is_first) {
    undo_cwnd_ = cwnd_;
    undo_ssthresh_ = ssthresh_;
    ssthresh_ = std::max(std::min(flight_size, cwnd_) / 2, 2 * smss_);
  }
  is_hystart_ = false;
  cwnd_ = smss_;
  acked_in_round_ = 0;
}

void CcNewReno::on_spurious(Instant) {
  if (undo_cwnd_ == 0) return;
  cwnd_ = std::max(cwnd_, undo_cwnd_);
  ssthresh_ = undo_ssthresh_;
  undo_cwnd_ = 0;
}

void CcNewReno::on_idle_restart(Instant) {
  if (is_idle_restart_) cwnd_ = std::min(cwnd_, initial_window_segments_ * smss_);
}

// A path MTU change: the same number of segments in flight, of the new size (RFC 8201 5.4 asks that
// no more segments go out; bytes shrink with them, and never below one segment).
void CcNewReno::on_mss_change(std::uint32_t smss) {
  if (smss == 0 || smss == smss_) return;
  if (smss < smss_) {
    cwnd_ = std::max(static_cast<std::uint32_t>(std::uint64_t{cwnd_} * smss / smss_), smss);
  }
  smss_ = smss;
}

}  // namespace oriel::tcp
