// I/O request packets: made, reused, completed, cancelled. REQ WSK-2
//
// A routine lies in the stack location below the driver that set it. Completion goes up from the
// location of the driver that completes; STATUS_MORE_PROCESSING_REQUIRED gives the packet back to
// the routine's driver, and nothing here touches it afterwards.
#include <wdm.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/lock.h"
#include "wdm/irql.h"

using namespace oriel;
using namespace oriel::wdm;

namespace {

runtime::Lock cancel_lock;

bool is_at_creator(const IRP& irp) {
  return irp.CurrentLocation == irp.StackCount + 1;
}

// Whether the routine in `location` wants to hear of this end.
bool is_wanted(const IO_STACK_LOCATION& location, const IRP& irp) {
  if (location.CompletionRoutine == nullptr) return false;
  const bool is_success = NT_SUCCESS(irp.IoStatus.Status);
  if ((location.Control & (is_success ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR)) != 0) {
    return true;
  }
  const bool is_cancelled = __atomic_load_n(&irp.Cancel, __ATOMIC_RELAXED);
  return is_cancelled && (location.Control & SL_INVOKE_ON_CANCEL) != 0;
}

void tell_creator(IRP& irp) {
  if (irp.UserIosb != nullptr) *irp.UserIosb = irp.IoStatus;
  if (irp.UserEvent != nullptr) KeSetEvent(irp.UserEvent, IO_NO_INCREMENT, FALSE);
}

}  // namespace

PIRP NTAPI IoAllocateIrp(CCHAR stack_size, BOOLEAN) {
  check(stack_size > 0, "IoAllocateIrp", "no stack location: the driver below needs one");
  if (stack_size < 0) return nullptr;
  const USHORT size = IoSizeOfIrp(stack_size);
  auto* irp = static_cast<PIRP>(std::malloc(size));  // aligned for 16 bytes
  if (irp != nullptr) IoInitializeIrp(irp, size, stack_size);
  return irp;
}

VOID NTAPI IoInitializeIrp(PIRP irp, USHORT size, CCHAR stack_size) {
  std::memset(static_cast<void*>(irp), 0, size);
  irp->Type = IO_TYPE_IRP;
  irp->Size = size;
  irp->StackCount = stack_size;
  irp->CurrentLocation = static_cast<CHAR>(stack_size + 1);
  auto* locations = reinterpret_cast<PIO_STACK_LOCATION>(irp + 1);
  irp->Tail.Overlay.CurrentStackLocation = locations + stack_size;
  InitializeListHead(&irp->ThreadListEntry);
}

VOID NTAPI IoReuseIrp(PIRP irp, NTSTATUS status) {
  check(is_at_creator(*irp), "IoReuseIrp", "the packet still belongs to a driver below");
  const UCHAR allocation = irp->AllocationFlags;
  IoInitializeIrp(irp, irp->Size, irp->StackCount);
  irp->AllocationFlags = allocation;
  irp->IoStatus.Status = status;
}

VOID NTAPI IoFreeIrp(PIRP irp) {
  check(irp->Type == IO_TYPE_IRP, "IoFreeIrp", "this is no packet, or it was freed before");
  check(is_at_creator(*irp), "IoFreeIrp", "the packet still belongs to a driver below");
  irp->Type = 0;
  std::free(irp);
}

VOID NTAPI IofCompleteRequest(PIRP irp, CCHAR) {
  if (is_at_creator(*irp)) {
    return check(false, "IoCompleteRequest", "the packet is complete already");
  }
  const PDRIVER_CANCEL armed = __atomic_load_n(&irp->CancelRoutine, __ATOMIC_ACQUIRE);
  check(armed == nullptr, "IoCompleteRequest", "its cancel routine is still set");
  check(irp->IoStatus.Status != STATUS_PENDING, "IoCompleteRequest", "its status is still pending");
  do {
    IO_STACK_LOCATION& done = *IoGetCurrentIrpStackLocation(irp);
    IoSkipCurrentIrpStackLocation(irp);
    irp->PendingReturned = (done.Control & SL_PENDING_RETURNED) != 0;
    const bool is_last = is_at_creator(*irp);
    if (is_wanted(done, *irp)) {
      PDEVICE_OBJECT device = is_last ? nullptr : IoGetCurrentIrpStackLocation(irp)->DeviceObject;
      const IO_STACK_LOCATION what = std::exchange(done, IO_STACK_LOCATION{});
      const NTSTATUS answer = what.CompletionRoutine(device, irp, what.Context);
      if (answer == STATUS_MORE_PROCESSING_REQUIRED) return;
    } else if (irp->PendingReturned && !is_last) {
      IoMarkIrpPending(irp);
    }
  } while (!is_at_creator(*irp));
  tell_creator(*irp);
}

NTSTATUS NTAPI IofCallDriver(PDEVICE_OBJECT device, PIRP irp) {
  check(irp->CurrentLocation > 1, "IoCallDriver", "the packet has no stack location left");
  if (irp->CurrentLocation <= 1) return STATUS_INVALID_PARAMETER;
  IoSetNextIrpStackLocation(irp);
  PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp);
  location->DeviceObject = device;
  const bool is_known = location->MajorFunction <= IRP_MJ_MAXIMUM_FUNCTION;
  const auto dispatch =
      is_known ? device->DriverObject->MajorFunction[location->MajorFunction] : nullptr;
  if (dispatch != nullptr) return dispatch(device, irp);
  irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
  IofCompleteRequest(irp, IO_NO_INCREMENT);
  return STATUS_INVALID_DEVICE_REQUEST;
}

NTSTATUS NTAPI IoSetCompletionRoutineEx(PDEVICE_OBJECT, PIRP irp, PIO_COMPLETION_ROUTINE routine,
                                        PVOID context, BOOLEAN on_success, BOOLEAN on_error,
                                        BOOLEAN on_cancel) {
  IoSetCompletionRoutine(irp, routine, context, on_success, on_error, on_cancel);
  return STATUS_SUCCESS;
}

VOID NTAPI IoAcquireCancelSpinLock(PKIRQL before) {
  *before = KfRaiseIrql(DISPATCH_LEVEL);
  cancel_lock.acquire();
}

VOID NTAPI IoReleaseCancelSpinLock(KIRQL before) {
  cancel_lock.release();
  KeLowerIrql(before);
}

// The routine lets the cancel lock go; until it does, IoSetCancelRoutine alone decides who has it.
BOOLEAN NTAPI IoCancelIrp(PIRP irp) {
  KIRQL before = PASSIVE_LEVEL;
  IoAcquireCancelSpinLock(&before);
  __atomic_store_n(&irp->Cancel, TRUE, __ATOMIC_SEQ_CST);
  const PDRIVER_CANCEL routine = IoSetCancelRoutine(irp, nullptr);
  if (routine == nullptr) {
    IoReleaseCancelSpinLock(before);
    return FALSE;
  }
  irp->CancelIrql = before;
  const bool is_below = !is_at_creator(*irp);
  routine(is_below ? IoGetCurrentIrpStackLocation(irp)->DeviceObject : nullptr, irp);
  return TRUE;
}
