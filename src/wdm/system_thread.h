// A thread as kernel code holds it: a handle from PsCreateSystemThread, or a PETHREAD that counts.
//
//   PETHREAD, PKTHREAD --> | DISPATCHER_HEADER, set at its end | owner | = SystemThread::body
//
// Every thread that asks for itself has one; those that the driver started carry its routine.
#pragma once

#include <wdm.h>

#include "runtime/ref.h"
#include "win32/object.h"

namespace oriel::wdm {
class SystemThread;
}

struct _KTHREAD {
  DISPATCHER_HEADER Header;
  oriel::wdm::SystemThread* owner;
};

namespace oriel::wdm {

class SystemThread final : public win32::Object {
 public:
  /// `start` is nullptr for a thread that was there before.
  SystemThread(PKSTART_ROUTINE start, PVOID context);
  static constexpr bool is_kind(win32::ObjectKind kind) {
    return kind == win32::ObjectKind::kKernelThread;
  }

  /// The calling thread's; made if need be.
  static SystemThread& current();
  /// What a PETHREAD or PKTHREAD points to.
  static SystemThread& of(PVOID thread) { return *static_cast<PKTHREAD>(thread)->owner; }
  bool is_started() const { return start_ != nullptr; }

  PKTHREAD body() { return &body_; }
  /// Runs it in the calling thread, which is its own. Returns its status.
  NTSTATUS run();
  /// It ends: whoever waits for it goes on. Thread: itself.
  void finish();

 private:
  _KTHREAD body_;
  const PKSTART_ROUTINE start_;
  const PVOID context_;
};

}  // namespace oriel::wdm
