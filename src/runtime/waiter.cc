// The transitions of one wait.
#include "runtime/waiter.h"

#include "runtime/futex.h"
#include "runtime/park_driver.h"
#include "runtime/thread_record.h"

namespace oriel::runtime {

// Before the transition, which publishes it.
void Waiter::note_who_ends_it() {
  is_ended_by_host_.store(HostWork::is_at_work(), std::memory_order_relaxed);
}

bool Waiter::claim(std::uint32_t what, WakeList& wakes) {
  note_who_ends_it();
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  do {
    if (seen >= kCancelled) return false;
  } while (!state_.compare_exchange_weak(seen, kClaimed | what, std::memory_order_acq_rel,
                                         std::memory_order_relaxed));
  if (seen == kAsleep) wakes.add(&state_);
  return true;
}

void Waiter::hint(WakeList& wakes) {
  note_who_ends_it();
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  do {
    if (seen >= kHinted) return;
  } while (!state_.compare_exchange_weak(seen, kHinted, std::memory_order_acq_rel,
                                         std::memory_order_relaxed));
  if (seen == kAsleep) wakes.add(&state_);
}

std::optional<std::uint32_t> Waiter::claimed() const {
  const std::uint32_t state = state_.load(std::memory_order_acquire);
  if ((state & kClaimed) == 0) return std::nullopt;
  return state & ~kClaimed;
}

void Waiter::sleep(Instant deadline, int spins) {
  const bool may_drive = thread_.may_drive();
  if (may_drive) spins = 0;  // nobody else is at work on what ends this wait
  for (int i = 0; i < spins && state_.load(std::memory_order_relaxed) == kWaiting; ++i) {
    spin_pause();
  }
  std::uint32_t seen = kWaiting;
  if (state_.compare_exchange_strong(seen, kAsleep, std::memory_order_acq_rel)) {
    if (may_drive) {
      park_or_drive(state_, kAsleep, deadline);
    } else {
      park(state_, kAsleep, deadline);
    }
    seen = kAsleep;
    if (state_.compare_exchange_strong(seen, kWaiting, std::memory_order_acq_rel)) return;
  }
  thread_.note_wait_ended(is_ended_by_host_.load(std::memory_order_relaxed));
  if (seen == kHinted) state_.compare_exchange_strong(seen, kWaiting, std::memory_order_acq_rel);
}

bool Waiter::cancel() {
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  do {
    if ((seen & kClaimed) != 0) return false;
  } while (!state_.compare_exchange_weak(seen, kCancelled, std::memory_order_acq_rel,
                                         std::memory_order_acquire));
  return true;
}

}  // namespace oriel::runtime
