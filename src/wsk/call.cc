// What a call is refused for, before anybody looks at its arguments: its IRP, a socket that is none
// or was closed, a socket of another kind.
#include "wsk/call.h"

#include "wdm/checks.h"

namespace oriel::wsk {

NTSTATUS complete_call(const runtime::Ref<Socket>& socket, PIRP irp, const Outcome& outcome) {
  if (irp == nullptr) return outcome.status;
  const bool must_wait =
      socket && (KeGetCurrentIrql() > PASSIVE_LEVEL || socket->has_deliveries_due());
  if (must_wait) {
    irp_map::mark_pending(*irp);
    PendingIrp::defer(std::make_unique<EndedIrp>(socket, *irp), outcome);
    return STATUS_PENDING;
  }
  irp_map::complete(*irp, outcome.status, outcome.information);
  return outcome.status;
}

Call::Call(const char* name, PWSK_SOCKET shown, PIRP irp, unsigned categories, IrpRule rule)
    : irp_(nullptr) {
  if (irp != nullptr || rule == IrpRule::kRequired) {
    refusal_ = irp_map::check(irp);
    if (refusal_ != STATUS_SUCCESS) {
      wdm::check(false, name, "it was given no IRP whose end anybody would hear of");
      return;
    }
    irp_map::begin(*irp);
    irp_ = irp;
  }
  if (shown == nullptr) {
    refusal_ = STATUS_INVALID_PARAMETER;
    return;
  }
  socket_ = find_socket(shown);
  if (!socket_) {
    refusal_ = STATUS_FILE_CLOSED;
    wdm::check(false, name, "the socket was closed before");
    return;
  }
  if ((bit_of(socket_->category()) & categories) == 0) {
    refusal_ = STATUS_INVALID_DEVICE_REQUEST;
    wdm::check(false, name, "not a function of this kind of socket");
  }
}

NTSTATUS Call::refuse() {
  return complete_call(socket_, irp_, {refusal_, 0});
}

}  // namespace oriel::wsk
