// What the programs of `./dev bench wsk` share: a check that ends them, and an IRP as drivers use
// it.
#pragma once

#include <ntddk.h>

#include <cstdio>
#include <cstdlib>

namespace oriel::bench {

inline void must(bool is_well, const char* what) {
  if (is_well) return;
  std::fprintf(stderr, "bench wsk: %s failed\n", what);
  std::exit(1);
}

/// Used again and again. Its routine sets an event if the call returned before, and only then it is
/// waited for.
class Irp {
 public:
  Irp() : irp_(IoAllocateIrp(1, FALSE)) { KeInitializeEvent(&event_, SynchronizationEvent, FALSE); }
  ~Irp() { IoFreeIrp(irp_); }
  template <class Function>
  ULONG_PTR run(Function&& function) {
    IoReuseIrp(irp_, STATUS_SUCCESS);
    IoSetCompletionRoutine(irp_, on_complete, &event_, TRUE, TRUE, TRUE);
    if (function(irp_) == STATUS_PENDING) {
      KeWaitForSingleObject(&event_, Executive, KernelMode, FALSE, nullptr);
    }
    must(NT_SUCCESS(irp_->IoStatus.Status), "an IRP");
    return irp_->IoStatus.Information;
  }

 private:
  static NTSTATUS NTAPI on_complete(PDEVICE_OBJECT, PIRP irp, PVOID event) {
    if (irp->PendingReturned) KeSetEvent(static_cast<PKEVENT>(event), IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
  }
  PIRP irp_;
  KEVENT event_;
};

}  // namespace oriel::bench
