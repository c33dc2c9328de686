// IRP fields: CurrentLocation, the next stack location's routine, DriverContext[0] (the operation),
// IoStatus.
#include "wsk/irp_map.h"

#include <atomic>

#include "wdm/irql.h"
#include "wsk/pending_irp.h"

namespace oriel::wsk::irp_map {
namespace {

constexpr UCHAR kAlways = SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR | SL_INVOKE_ON_CANCEL;

// Above an IRP of the caller's own there is nobody else who could hear of its end.
bool is_heard_of(PIRP irp) {
  if (irp->CurrentLocation <= irp->StackCount) return true;  // it came from a driver above
  const IO_STACK_LOCATION* next = IoGetNextIrpStackLocation(irp);
  return next->CompletionRoutine != nullptr && (next->Control & kAlways) == kAlways;
}

void NTAPI cancel_routine(PDEVICE_OBJECT /*device*/, PIRP irp) {
  auto* operation = static_cast<PendingIrp*>(irp->Tail.Overlay.DriverContext[0]);
  IoReleaseCancelSpinLock(irp->CancelIrql);
  operation->on_cancel();
}

}  // namespace

NTSTATUS check(PIRP irp) {
  if (irp == nullptr) return STATUS_INVALID_PARAMETER;
  if (irp->CurrentLocation > 1 && is_heard_of(irp)) return STATUS_SUCCESS;
  irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
  irp->IoStatus.Information = 0;
  return STATUS_INVALID_PARAMETER;
}

void begin(IRP& irp) {
  IoSetNextIrpStackLocation(&irp);
}

void mark_pending(IRP& irp) {
  IoMarkIrpPending(&irp);
}

bool arm_cancel(IRP& irp, PendingIrp& operation) {
  irp.Tail.Overlay.DriverContext[0] = &operation;
  IoSetCancelRoutine(&irp, cancel_routine);
  if (std::atomic_ref(irp.Cancel).load(std::memory_order_seq_cst) == FALSE) return true;
  // IoCancelIrp came before the routine was there. If it has found it meanwhile, that cancels.
  return IoSetCancelRoutine(&irp, nullptr) == nullptr;
}

bool disarm_cancel(IRP& irp) {
  return IoSetCancelRoutine(&irp, nullptr) != nullptr;
}

void complete(IRP& irp, NTSTATUS status, ULONG_PTR information) {
  const wdm::AtDispatch level;
  irp.IoStatus.Status = status;
  irp.IoStatus.Information = information;
  IoCompleteRequest(&irp, IO_NO_INCREMENT);
}

}  // namespace oriel::wsk::irp_map
