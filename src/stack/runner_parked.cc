// Threads that are parked elsewhere and work for the host meanwhile: how one begins, sleeps, is
// called off and leaves.
//
// Its wait may end by its own work (a packet at a completion port, say), which needs no wake, or by
// any other thread, which finds the word by unpark. A called-off thread may still sleep on the
// devices while its successor drives; so it has a list of its own, and no other follows it before
// it has left.
#include <algorithm>

#include "runtime/clock.h"
#include "stack/runner.h"

namespace oriel::stack {

using runtime::real_now;

bool Runner::drive_for(const runtime::ParkWait& wait) {
  if (is_loop_thread() || is_driven_.load(std::memory_order_relaxed)) return false;
  baton_.acquire();
  core_.set_now(real_now());
  const bool is_free =
      driver_ == nullptr && !is_parked_inside_ && waiters_.empty() && !is_stopping_;
  if (!is_free || !parked_gauge_.may_drive()) {
    baton_.release();
    return false;
  }
  const Instant attended_until = std::max(last_look_, driver_left_at_);
  const Duration gap = is_attended() ? Duration(0) : core_.now() - attended_until;
  Blocked me(*this, &wait);
  is_parked_inside_ = true;
  set_driver(&me);
  {
    const runtime::DrivenWord driven(wait);
    const runtime::HostWork at_work;
    const bool has_looked = is_look_fresh();
    bool is_fresh = has_looked;
    bool has_more = work_after(is_fresh);
    if (!has_looked && parked_gauge_.on_begin(gap, found_)) hand_to_loop();
    while (driver_ == &me && !wait.is_over() && core_.now() < wait.deadline) {
      if (has_more) {
        yield_baton();
      } else {
        is_fresh = sleep_as_driver(me, wait.deadline);
      }
      if (driver_ != &me || wait.is_over()) break;
      has_more = work_after(is_fresh);
    }
  }
  if (driver_ == &me) leave_driving();
  is_parked_inside_ = false;
  leave();
  return true;
}

// Requires: the baton. After this there may be no driver, but no parked one.
void Runner::call_off_parked() {
  if (driver_ == nullptr || driver_->parked == nullptr) return;
  if (driver_->is_asleep_on_devices) wake_of(*driver_).notify();
  set_driver(nullptr);
}

// The loop need not wait for the next driver.
void Runner::hand_to_loop() {
  call_off_parked();
  driver_left_at_ = Instant{0};
  if (loop_state_ != Loop::kStandby && loop_state_ != Loop::kDeep) return;
  loop_state_ = Loop::kWorking;
  loop_wake_.notify();
}

// Somebody sleeps on the devices, or will before anybody else can ask.
bool Runner::is_attended() const {
  return loop_state_ == Loop::kPolling || loop_state_ == Loop::kWorking;
}

}  // namespace oriel::stack
