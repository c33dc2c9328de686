// CUBIC (RFC 9438): after a loss the window returns to where it was lost along a cubic in real
// time.
//
//   cwnd   W_max ......_____........ plateau: look around here carefully
//                  __/     \__       K: seconds from the cut to the plateau
//   0.7 W_max   __/           beyond: find new bandwidth fast
//
// Also here: fast convergence (4.7), the Reno-friendly region (4.3), growth only while limited by
// cwnd (4.2: time without that does not count), undo of a cut that was spurious (4.9), HyStart++ in
// the first slow start. Windows are kept in bytes, the curve in segments as in the RFC.
#pragma once

#include <cstdint>
#include <variant>

#include "oriel/time.h"
#include "tcp/cc_types.h"
#include "tcp/hystart.h"

namespace oriel::tcp {

class CcCubic {
 public:
  static constexpr double kC = 0.4;     ///< segments per second cubed (RFC 9438 5.1)
  static constexpr double kBeta = 0.7;  ///< RFC 9438 4.6
  /// Reno's growth with beta 0.7 instead of 0.5 (RFC 9438 4.3).
  static constexpr double kAlpha = 3.0 * (1.0 - kBeta) / (1.0 + kBeta);

  CcCubic(const CcLimits& limits, std::uint32_t smss);

  void on_ack(const CcAck& ack);
  void on_loss_episode(Instant now, std::uint32_t flight_size);
  void on_recovery_end(Instant now);
  void on_rto(Instant now, std::uint32_t flight_size, bool is_first);
  void on_spurious(Instant now);
  void on_idle_restart(Instant now);
  void on_mss_change(std::uint32_t smss);

  std::uint32_t cwnd() const { return cwnd_; }
  std::uint32_t ssthresh() const { return ssthresh_; }
  /// Where the curve aims, segments; 0: no loss yet.
  double w_max() const { return static_cast<double>(w_max_); }

 private:
  // What a cut overwrites; restored by on_spurious.
  struct Curve {
    Instant epoch_start = Instant::never();  // never: not in congestion avoidance
    float k = 0;                             // seconds
    float w_origin = 0;                      // segments: the plateau of this epoch
    float w_est = 0;                         // segments: where Reno would be
  };

  // The initial slow start needs HyStart, everything after it the curves; never both.
  struct Curves {
    Curve now;
    Curve undo;
  };

  void grow_initially(const CcAck& ack, HyStart& hystart);
  Curve& curve() { return curves().now; }
  Curves& curves();
  void cut(std::uint32_t flight_size);
  void start_epoch(Instant now);
  void avoid_congestion(const CcAck& ack, std::uint32_t acked_bytes);
  void set_cwnd(double segments);
  void pause(Instant now);
  double segments() const { return (cwnd_ + static_cast<double>(fraction_)) / smss_; }

  std::variant<HyStart, Curves> phase_;
  Instant limited_at_;  // last ACK that found the window in use
  std::uint32_t cwnd_;
  std::uint32_t ssthresh_ = UINT32_MAX;
  std::uint32_t undo_cwnd_ = 0;  // 0: nothing to undo
  std::uint32_t undo_ssthresh_ = 0;
  std::uint32_t cwnd_bytes_max_;
  float w_max_ = 0;  // segments
  float undo_w_max_ = 0;
  float w_prior_ = 0;   // cwnd before the last cut, segments
  float fraction_ = 0;  // of a byte of cwnd not given yet
  std::uint16_t smss_;
  std::uint16_t initial_window_segments_;
  std::uint16_t slow_start_burst_segments_;
  bool is_idle_restart_;
  bool is_hystart_;
  bool is_paused_ = false;
};

}  // namespace oriel::tcp
