// The peer's window is closed and nothing is in flight: when to knock (RFC 9293 3.8.6.1, RFC
// 1122 4.2.2.17).
//
// The first probe goes after one RTO, then twice as long each time up to a minute, for as long as
// the peer answers: a closed window is no reason to give up. Unanswered probes are counted for R2.
// Sender's silly window override uses the same clock (RFC 9293 3.8.6.2.1, 0.1 to 1 s).
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

struct PersistLimits {
  Duration interval_min =
      std::chrono::milliseconds(300);  ///< never knock faster than the smallest RTO
  Duration interval_max = std::chrono::seconds(60);
};

class Persist {
 public:
  /// Data waits, the window lets none out, nothing is in flight. No effect while armed.
  void arm(Instant now, Duration rto, const PersistLimits& limits);
  /// The window opened, or data went into flight.
  void disarm();
  /// Requires: now >= deadline(). The caller sends a probe of one byte (or an empty one below
  /// SND.UNA); the next deadline is set.
  void on_timeout(Instant now, Duration rto, const PersistLimits& limits);
  /// An ACK came, window still closed: the peer lives.
  void on_answer() { unanswered_ = 0; }

  Instant deadline() const { return deadline_; }
  bool is_armed() const { return !deadline_.is_never(); }
  std::uint32_t probes_unanswered() const { return unanswered_; }

 private:
  Duration interval(Duration rto, const PersistLimits& limits) const;

  Instant deadline_ = Instant::never();
  std::uint32_t unanswered_ = 0;
  std::uint8_t backoff_ = 0;
};

}  // namespace oriel::tcp
