// Is the silent peer still there? Keep-alive probes (RFC 1122 4.2.3.6, RFC 9293 3.8.4).
//
// A probe is an empty segment at SND.NXT - 1. Off unless the application asks. Anything valid from
// the peer starts the silence anew; only unanswered probes count, a probe refused by a full device
// does not.
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::tcp {

struct KeepaliveLimits {
  Duration idle = std::chrono::hours(2);        ///< silence before the first probe
  Duration interval = std::chrono::seconds(1);  ///< between unanswered probes
  std::uint32_t probes_max = 10;                ///< unanswered probes before giving up
};

class Keepalive {
 public:
  enum class Verdict : std::uint8_t { kNone, kProbe, kGiveUp };

  void enable(Instant now, const KeepaliveLimits& limits) { on_heard(now, limits); }
  void disable() {
    deadline_ = Instant::never();
    probes_ = 0;
  }
  /// A segment came from the peer. Cheap: may be called for each one.
  void on_heard(Instant now, const KeepaliveLimits& limits) {
    deadline_ = now + limits.idle;
    probes_ = 0;
  }
  /// Requires: now >= deadline(). kProbe: send one; the next deadline is set. kNone: data is in
  /// flight, whose own time-out watches the peer.
  Verdict on_timeout(Instant now, bool has_data_in_flight, const KeepaliveLimits& limits);

  Instant deadline() const { return deadline_; }
  bool is_enabled() const { return !deadline_.is_never(); }
  std::uint32_t probes_unanswered() const { return probes_; }

 private:
  Instant deadline_ = Instant::never();
  std::uint32_t probes_ = 0;
};

}  // namespace oriel::tcp
