// A fast connection that the listening program has not decided on: both its ends.
//
//   within the host        HeldConnect <--> HeldPipe         permit: a pair of pipes
//   from another process   that one's offer, HeldPipe        permit: a pipe, and the answer
//
// Nothing of the rings is made before. If one end goes, the other hears of it; another process that
// has given up is found out when its offer is answered.
#pragma once

#include <memory>

#include "loopback/pipe.h"
#include "loopback/ring_message.h"
#include "socket/held_request.h"
#include "stack/connect_spec.h"
#include "stack/guarded_timer.h"

namespace oriel::stack {

class Core;
class HeldPipe;

/// The connecting end; its connect goes on meanwhile, for as long as a SYN would be repeated.
class HeldConnect final : public socket::Placeholder, public GuardedTimer {
 public:
  HeldConnect(Core& core, runtime::TimerWheel& timers, const Endpoint& from, const ConnectSpec& s,
              Instant now)
      : Placeholder(from, s.remote, now),
        GuardedTimer(timers, TimerOf::kHeldConnect),
        spec(s),
        core_(core) {}

  void abort(Instant now, ErrorCode reason) override;
  void detach(Instant now) override;
  std::uint32_t ideal_send_backlog() const override { return loopback::Pipe::kIdealSendBacklog; }
  void fill_info(Instant now, TcpInfo& info) const override {
    Placeholder::fill_info(now, info);
    info.path = ConnectionPath::kFast;
    info.path_reason = PathReason::kFast;
  }

  const ConnectSpec spec;
  HeldPipe* held = nullptr;  ///< the other end, while it waits

 private:
  Core& core_;
};

class HeldPipe final : public socket::HeldRequest {
 public:
  HeldPipe(Core& core, const Endpoint& listening, const Endpoint& connecting, Instant now)
      : HeldRequest(listening, connecting, now), core_(core) {}

  socket::Transport* permit() override;
  /// The other end's connect is refused.
  void abort(Instant now, ErrorCode reason) override;
  void detach(Instant now) override;

  HeldConnect* connector = nullptr;           ///< within this host; or
  std::shared_ptr<loopback::FarSide> across;  ///< the process
  loopback::RingMessage offer;                ///< that offers this

 private:
  Core& core_;
};

}  // namespace oriel::stack
