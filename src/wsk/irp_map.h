// The only place that touches the fields of an IRP: what the provider takes from one, leaves in
// it, and how it is cancelled and completed.
//
//   check -> begin -> complete                                    it ended within the call
//                 \-> mark_pending -> arm_cancel -> disarm_cancel -> complete
//
// Between arm_cancel and disarm_cancel IoCancelIrp may run the provider's routine at any moment in
// any thread. disarm_cancel says whether that can still happen; when the routine has begun it is
// the one that goes on (pending_irp.h).
#pragma once

#include <wdm.h>

namespace oriel::wsk {

class PendingIrp;

namespace irp_map {

/// STATUS_SUCCESS, or why the provider cannot take it: NULL, no stack location left, or nobody
/// would hear of its end (an IRP of the caller's own without a routine that always runs):
/// STATUS_INVALID_PARAMETER, which is also left in the IRP.
NTSTATUS check(PIRP irp);

/// The provider's stack location is the current one. Requires: check.
void begin(IRP& irp);
/// The call returns STATUS_PENDING. Requires: begun.
void mark_pending(IRP& irp);

/// From now on IoCancelIrp cancels `operation`. False: it was cancelled before, nothing was armed.
bool arm_cancel(IRP& irp, PendingIrp& operation);
/// True: the routine has not begun and will not. Thread: the host's owner.
bool disarm_cancel(IRP& irp);

/// Completes it: the caller's routine runs here, at DISPATCH_LEVEL. Requires: no turn is held; the
/// IRP is the caller's again afterwards. Thread: any.
void complete(IRP& irp, NTSTATUS status, ULONG_PTR information);

}  // namespace irp_map
}  // namespace oriel::wsk
