// A SYN that nobody has answered, because its listener asks the program first.
//
// The newest SYN of the attempt is the one that is answered. The peer repeats it while it waits;
// one that has been silent for kHeldSilenceMax, or resets, is dropped.
#pragma once

#include <utility>

#include "socket/held_request.h"
#include "stack/guarded_timer.h"
#include "tcp/segment.h"

namespace oriel::stack {

class Core;

/// The two ends of a connection: ours, the peer's.
using Ends = std::pair<Endpoint, Endpoint>;

/// More than any pause between two SYNs of one attempt: where six are repeated from 1 s on, 32 s,
/// and then 64 s to the end.
inline constexpr Duration kHeldSilenceMax = std::chrono::seconds(75);

class HeldSyn final : public socket::HeldRequest, public GuardedTimer {
 public:
  HeldSyn(Core& core, runtime::TimerWheel& timers, const Ends& ends, Instant now)
      : HeldRequest(ends.first, ends.second, now),
        GuardedTimer(timers, TimerOf::kHeldSyn),
        core_(core) {}

  socket::Transport* permit() override;
  /// RST: the peer's connect is refused.
  void abort(Instant now, ErrorCode reason) override;
  void detach(Instant now) override;

  tcp::SegmentIn syn;  ///< without its text, which the peer sends again
  std::uint32_t interface_index = 0;

 private:
  Core& core_;
};

}  // namespace oriel::stack
