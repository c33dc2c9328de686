// RFC 9438 section by section; see the header for the picture.
#include "tcp/cc_cubic.h"

#include <algorithm>
#include <cmath>

namespace oriel::tcp {
namespace {

double to_seconds(Duration d) {
  return static_cast<double>(d.count()) * 1e-9;
}

}  // namespace

CcCubic::CcCubic(const CcLimits& limits, std::uint32_t smss)
    : cwnd_(limits.initial_window_segments * smss),
      cwnd_bytes_max_(limits.cwnd_bytes_max),
      smss_(static_cast<std::uint16_t>(smss)),
      initial_window_segments_(static_cast<std::uint16_t>(limits.initial_window_segments)),
      slow_start_burst_segments_(static_cast<std::uint16_t>(limits.slow_start_burst_segments)),
      is_idle_restart_(limits.is_idle_restart),
      is_hystart_(limits.is_hystart) {
  if (!is_hystart_) phase_.emplace<Curves>();
}

CcCubic::Curves& CcCubic::curves() {
  if (auto* held = std::get_if<Curves>(&phase_)) return *held;
  return phase_.emplace<Curves>();
}

void CcCubic::on_ack(const CcAck& ack) {
  if (ack.is_in_recovery || ack.acked_bytes == 0) return;
  if (!ack.is_cwnd_limited) return pause(ack.now);
  if (is_paused_) {
    // RFC 9438 4.2: time in which the sender did not use its cwnd is not time on the curve.
    if (auto* held = std::get_if<Curves>(&phase_)) {
      held->now.epoch_start = held->now.epoch_start + (ack.now - limited_at_);
    }
    is_paused_ = false;
  }
  limited_at_ = ack.now;

  std::uint32_t acked = ack.acked_bytes;
  if (cwnd_ < ssthresh_) {
    if (auto* hystart = std::get_if<HyStart>(&phase_)) return grow_initially(ack, *hystart);
    const std::uint32_t room = ssthresh_ - cwnd_;
    const std::uint32_t burst = std::uint32_t{slow_start_burst_segments_} * smss_;
    const std::uint32_t grown = std::min({acked, burst, room});
    cwnd_ = std::min(cwnd_ + grown, cwnd_bytes_max_);
    if (grown < room) return;
    acked -= grown;
    if (acked == 0) return;
  }
  avoid_congestion(ack, acked);
}

void CcCubic::grow_initially(const CcAck& ack, HyStart& hystart) {
  cwnd_ += hystart.grow(ack, cwnd_, smss_, slow_start_burst_segments_);
  cwnd_ = std::min(cwnd_, cwnd_bytes_max_);
  if (!hystart.has_exited()) return;
  ssthresh_ = cwnd_;
  phase_.emplace<Curves>();
}

void CcCubic::pause(Instant now) {
  if (limited_at_ == Instant{}) limited_at_ = now;
  is_paused_ = true;
}

// RFC 9438 4.2: where the plateau is and when it will be reached. Without a loss before (HyStart++
// ended slow start, or an RTO's slow start reached ssthresh) the plateau is here: K = 0
// (4.8, 4.10).
void CcCubic::start_epoch(Instant now) {
  const double w = segments();
  Curve& c = curve();
  c.epoch_start = now;
  c.w_est = static_cast<float>(w);
  if (w_max_ > 0 && static_cast<double>(w_max_) > w) {
    c.w_origin = w_max_;
    c.k = static_cast<float>(std::cbrt((static_cast<double>(w_max_) - w) / kC));
  } else {
    c.w_origin = static_cast<float>(w);
    c.k = 0;
  }
}

void CcCubic::avoid_congestion(const CcAck& ack, std::uint32_t acked_bytes) {
  if (curve().epoch_start.is_never()) start_epoch(ack.now);
  Curve& c = curve();
  const double acked = static_cast<double>(acked_bytes) / smss_;
  const double w = segments();
  const auto curve_at = [&c](double t) {
    const double d = t - static_cast<double>(c.k);
    return kC * d * d * d + static_cast<double>(c.w_origin);
  };
  const double t = to_seconds(ack.now - c.epoch_start);

  // 4.3: Reno's window in this epoch; it grows like Reno once it has passed where the loss was.
  const bool is_past_loss = w_prior_ > 0 && c.w_est >= w_prior_;
  c.w_est += static_cast<float>((is_past_loss ? 1.0 : kAlpha) * acked / w);
  const double w_est = static_cast<double>(c.w_est);
  if (curve_at(t) < w_est) return set_cwnd(std::max(w, w_est));

  // 4.4, 4.5: towards where the curve will be one RTT from now, at most half as much again per RTT.
  const double target = std::clamp(curve_at(t + to_seconds(ack.srtt)), w, 1.5 * w);
  set_cwnd(w + (target - w) * std::min(acked / w, 1.0));
}

void CcCubic::set_cwnd(double segments) {
  const double bytes = std::min(segments * smss_, static_cast<double>(cwnd_bytes_max_));
  cwnd_ = static_cast<std::uint32_t>(bytes);
  fraction_ = static_cast<float>(bytes - cwnd_);
}

void CcCubic::cut(std::uint32_t flight_size) {
  Curves& c = curves();
  c.undo = c.now;
  undo_cwnd_ = cwnd_;
  undo_ssthresh_ = ssthresh_;
  undo_w_max_ = w_max_;
  // 4.7: below the last plateau other flows are taking over; release more.
  const double w = segments();
  const bool is_losing_ground = w < static_cast<double>(w_max_);
  w_max_ = static_cast<float>(is_losing_ground ? w * (1.0 + kBeta) / 2.0 : w);
  w_prior_ = static_cast<float>(w);
  // 4.6. More may be outstanding than cwnd (limited transmit); it earns nothing.
  const double base = std::min(flight_size, cwnd_);
  ssthresh_ = std::max(static_cast<std::uint32_t>(base * kBeta), 2u * smss_);
  c.now.epoch_start = Instant::never();
  fraction_ = 0;
}

void CcCubic::on_loss_episode(Instant, std::uint32_t flight_size) {
  cut(flight_size);
  cwnd_ = ssthresh_;
}

void CcCubic::on_recovery_end(Instant) {
  if (ssthresh_ != UINT32_MAX) cwnd_ = std::min(ssthresh_, cwnd_bytes_max_);
}

// 4.8: like Reno, but with beta 0.7; the epoch after it begins where slow start ends, with K = 0.
void CcCubic::on_rto(Instant, std::uint32_t flight_size, bool is_first) {
  if (is_first) cut(flight_size);
  curve().epoch_start = Instant::never();
  w_max_ = 0;
  cwnd_ = smss_;
  fraction_ = 0;
}

// 4.9.2: back to the curve as it was, as if nothing had happened.
void CcCubic::on_spurious(Instant) {
  if (undo_cwnd_ == 0) return;
  if (undo_ssthresh_ == UINT32_MAX && is_hystart_) {
    phase_.emplace<HyStart>();  // the initial slow start goes on
  } else {
    curves().now = curves().undo;
  }
  cwnd_ = std::max(cwnd_, undo_cwnd_);
  ssthresh_ = undo_ssthresh_;
  w_max_ = undo_w_max_;
  undo_cwnd_ = 0;
}

void CcCubic::on_idle_restart(Instant now) {
  pause(now);
  if (!is_idle_restart_) return;
  cwnd_ = std::min(cwnd_, std::uint32_t{initial_window_segments_} * smss_);
  fraction_ = 0;
  if (auto* held = std::get_if<Curves>(&phase_)) held->now.epoch_start = Instant::never();
}

// A path MTU change: as many segments as before, of the new size when it is smaller.
void CcCubic::on_mss_change(std::uint32_t smss) {
  if (smss == 0 || smss > UINT16_MAX || smss == smss_) return;
  if (smss < smss_) {
    cwnd_ = std::max(static_cast<std::uint32_t>(std::uint64_t{cwnd_} * smss / smss_), smss);
  } else {
    const float ratio = static_cast<float>(smss_) / static_cast<float>(smss);
    w_max_ *= ratio;
    w_prior_ *= ratio;
  }
  smss_ = static_cast<std::uint16_t>(smss);
  if (auto* held = std::get_if<Curves>(&phase_)) held->now.epoch_start = Instant::never();
}

}  // namespace oriel::tcp
