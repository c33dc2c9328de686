// One call of a WSK function: checks its IRP and its socket, takes the turn, and completes the IRP.
//
//   Call call("WskBind", socket, irp, kinds);
//   return call.run([&](Core& core) -> Outcome { ... });
//
// REQ WSK-2: a given IRP is always completed, whatever the call returns. It is completed in the
// caller's thread when the call ended at once and the caller is at PASSIVE_LEVEL; else on the
// host's own, so that routines neither nest nor meet a lock that the caller holds.
#pragma once

#include <utility>

#include "wsk/irp_map.h"
#include "wsk/pending_irp.h"
#include "wsk/socket.h"
#include "wsk/socket_head.h"

namespace oriel::wsk {

inline constexpr unsigned kAllSockets = 31;
inline constexpr unsigned kConnections = bit_of(Category::kConnection) | bit_of(Category::kStream);
inline constexpr unsigned kListeners = bit_of(Category::kListen) | bit_of(Category::kStream);
inline constexpr unsigned kBound = kConnections | kListeners | bit_of(Category::kDatagram);

/// Completes `irp` (if there is one) as described above. What the function returns: STATUS_PENDING
/// while the routine is due, for then the IRP is not the caller's yet.
NTSTATUS complete_call(const runtime::Ref<Socket>& socket, PIRP irp, const Outcome& outcome);

enum class IrpRule : std::uint8_t { kRequired, kOptional };

class Call {
 public:
  /// `categories`: bits of the sockets that the function is for.
  Call(const char* name, PWSK_SOCKET shown, PIRP irp, unsigned categories,
       IrpRule rule = IrpRule::kRequired);

  const runtime::Ref<Socket>& socket() const { return socket_; }
  /// Requires: an IRP was given.
  IRP& irp() const { return *irp_; }
  bool has_irp() const { return irp_ != nullptr; }
  /// Something was wrong: `run` completes it, and nothing else is to be done.
  bool is_refused() const { return refusal_ != STATUS_SUCCESS; }

  /// The status that the function returns. `act` is not called when something was wrong.
  template <class Act>
  NTSTATUS run(Act&& act) {
    if (refusal_ != STATUS_SUCCESS) return refuse();
    Outcome outcome;
    {
      stack::HostImpl::Turn turn(socket_->host());
      outcome = socket_->is_closed() ? Outcome{STATUS_FILE_CLOSED, 0} : act(turn.core());
    }
    return end(outcome);
  }
  NTSTATUS end(const Outcome& outcome) {
    if (outcome.status == STATUS_PENDING || outcome.status == STATUS_EVENT_PENDING) {
      return outcome.status;
    }
    return complete_call(socket_, irp_, outcome);
  }

 private:
  NTSTATUS refuse();

  PIRP irp_;  // begun, or nullptr
  runtime::Ref<Socket> socket_;
  NTSTATUS refusal_ = STATUS_SUCCESS;
};

}  // namespace oriel::wsk
