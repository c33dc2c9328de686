#include "tcp/keepalive.h"

namespace oriel::tcp {

Keepalive::Verdict Keepalive::on_timeout(Instant now, bool has_data_in_flight,
                                         const KeepaliveLimits& limits) {
  if (has_data_in_flight) {
    on_heard(now, limits);
    return Verdict::kNone;
  }
  if (probes_ >= limits.probes_max) {
    disable();
    return Verdict::kGiveUp;
  }
  ++probes_;
  deadline_ = now + limits.interval;
  return Verdict::kProbe;
}

}  // namespace oriel::tcp
