// A fast connection that was offered to another process, with what it needs to go the ordinary way.
#pragma once

#include "loopback/offered_pipe.h"
#include "stack/connect_spec.h"
#include "stack/guarded_timer.h"

namespace oriel::stack {

class Offer final : public loopback::OfferedPipe, public GuardedTimer {
 public:
  Offer(runtime::TimerWheel& timers, const Endpoint& from, const ConnectSpec& s,
        const loopback::EndStore::Slot& own, std::shared_ptr<loopback::FarSide> to, Instant now)
      : OfferedPipe(from, s.remote, own, std::move(to), now),
        GuardedTimer(timers, TimerOf::kOffer),
        spec(s) {}

  /// Given up: an end that is made for the offer finds that.
  void abort(Instant now, ErrorCode reason) override;

  const ConnectSpec spec;
};

}  // namespace oriel::stack
