// Looking at the clock instead of being told by it.
#include "runtime/waitable_timer.h"

#include "runtime/clock.h"

namespace oriel::runtime {

WaitableTimer::~WaitableTimer() {
  cancel();
}

void WaitableTimer::arm(Instant due, Duration period, const TimerRoutine& routine) {
  WakeList wakes;
  LockHold hold(lock());
  forget_routine();
  is_set_ = false;
  due_ = due;
  period_ = period;
  if (routine.run != nullptr) {
    caller_ = Ref<ThreadRecord>(&ThreadRecord::current());
    caller_->add_timer(routine_, due, period, routine);
  }
  hint_all(wakes);  // they sleep until another deadline
}

void WaitableTimer::cancel() {
  LockHold hold(lock());
  forget_routine();
  due_ = Instant::never();
}

void WaitableTimer::forget_routine() {
  if (!caller_) return;
  caller_->remove_timer(routine_);
  caller_ = nullptr;
}

bool WaitableTimer::is_signalled(const ThreadRecord&) const {
  if (due_.is_never()) return is_set_;
  const Instant now = real_now();
  if (now < due_) return is_set_;
  is_set_ = true;
  due_ =
      period_ > Duration::zero() ? due_ + period_ * ((now - due_) / period_ + 1) : Instant::never();
  return true;
}

void WaitableTimer::consume(ThreadRecord&) {
  is_set_ = is_manual_;
}

}  // namespace oriel::runtime
