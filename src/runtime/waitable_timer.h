// A timer that threads wait for: once or periodic, manual (synchronization) or auto-reset.
//
// No thread watches it. Whoever waits for it looks when it is due; a routine to be called is due in
// the thread that armed it, which finds it in its next alertable wait. Lock order: timer, thread.
#pragma once

#include "runtime/ref.h"
#include "runtime/thread_record.h"
#include "runtime/waitable.h"

namespace oriel::runtime {

class WaitableTimer final : public Waitable {
 public:
  explicit WaitableTimer(bool is_manual) : is_manual_(is_manual) {}
  ~WaitableTimer() override;

  /// Becomes unset, is set at `due` (real clock) and then every `period` (zero: once). With a
  /// routine, calls it as often in the calling thread's alertable waits. Thread: any.
  void arm(Instant due, Duration period, const TimerRoutine& routine = {});
  /// Stops it; whether it is set stays as it is.
  void cancel();

 private:
  bool is_signalled(const ThreadRecord&) const override;
  void consume(ThreadRecord&) override;
  Instant next_due() const override { return due_; }
  void forget_routine();

  const bool is_manual_;
  mutable bool is_set_ = false;  ///< brought up to date by is_signalled
  mutable Instant due_ = Instant::never();
  Duration period_{};
  Ref<ThreadRecord> caller_;  ///< in whose alertable waits the routine runs
  ThreadTimer routine_;
};

}  // namespace oriel::runtime
