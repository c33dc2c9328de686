// One call through the provider's own table: checks its IRP and its client, and counts as a call
// that WskDeregister waits for.
#pragma once

#include "wsk/call.h"
#include "wsk/client.h"

namespace oriel::wsk {

class ClientCall {
 public:
  ClientCall(const char* name, PWSK_CLIENT client, PIRP irp, IrpRule rule);
  ~ClientCall() {
    if (is_counted_) client_->end_call();
  }
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  const runtime::Ref<Client>& client() const { return client_; }
  PIRP irp() const { return irp_; }
  /// STATUS_SUCCESS, or what the call is refused with.
  NTSTATUS refusal() const { return refusal_; }
  /// Completes the IRP, if there is one and the outcome is not STATUS_PENDING.
  NTSTATUS end(const Outcome& outcome);

 private:
  PIRP irp_ = nullptr;  // begun
  runtime::Ref<Client> client_;
  bool is_counted_ = false;
  NTSTATUS refusal_ = STATUS_SUCCESS;
};

}  // namespace oriel::wsk
