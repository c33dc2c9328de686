// A call of a client that is not registered, or has captured nothing, touches nothing.
#include "wsk/client_call.h"

#include "wdm/checks.h"

namespace oriel::wsk {

ClientCall::ClientCall(const char* name, PWSK_CLIENT client, PIRP irp, IrpRule rule) {
  if (irp != nullptr || rule == IrpRule::kRequired) {
    refusal_ = irp_map::check(irp);
    if (refusal_ != STATUS_SUCCESS) {
      wdm::check(false, name, "it was given no IRP whose end anybody would hear of");
      return;
    }
    irp_map::begin(*irp);
    irp_ = irp;
  }
  client_ = find_client(client);
  is_counted_ = client_ && client_->begin_call();
  if (is_counted_) return;
  refusal_ = client_ ? STATUS_DEVICE_NOT_READY : STATUS_INVALID_PARAMETER;
  wdm::check(false, name, "not a client that has captured the provider");
}

NTSTATUS ClientCall::end(const Outcome& outcome) {
  if (irp_ == nullptr || outcome.status == STATUS_PENDING) return outcome.status;
  // Above PASSIVE_LEVEL the routine runs on the host's thread, where the client's own socket leads.
  const bool may_wait = is_counted_ && KeGetCurrentIrql() > PASSIVE_LEVEL;
  return complete_call(may_wait ? client_->own_socket() : runtime::Ref<Socket>{}, irp_, outcome);
}

}  // namespace oriel::wsk
