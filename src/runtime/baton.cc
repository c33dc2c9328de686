// The slow paths of the baton: spinning, sleeping, overtaking and hand-off.
//
// No lost wake-up: a waiter counts itself in state_ before it looks again, and sleeps on a wakes_
// that it read before looking; every release that sees a waiter changes wakes_ after it has let go.
// A grant carries the wakes_ at which it was made, so that the releasing thread, when it comes back
// at once, cannot take it: only waiters that read wakes_ before may, and a waiter reads it before
// counting itself.
#include "runtime/baton.h"

#include <cstdio>
#include <cstdlib>

#include "runtime/futex.h"

namespace oriel::runtime {
namespace {

constexpr int kBatonSpins =
    200;                       ///< about 5 us: what a sleep and a wake would cost (our measurement)
constexpr int kLossesMax = 2;  ///< wake-ups in vain before a waiter asks for hand-off

}  // namespace

bool Baton::spin_for_it() {
  for (int i = 0; i < kBatonSpins; ++i) {
    spin_pause();
    if (state_.load(std::memory_order_relaxed) == 0 && try_acquire()) return true;
    if (has_waiters()) return false;  // behind sleepers a spinner would only take their turn
  }
  return false;
}

/// Takes a granted or a free baton on behalf of a counted waiter.
bool Baton::take_as_waiter(std::uint32_t entered) {
  std::uint32_t grant = granted_.load(std::memory_order_acquire);
  if (grant != 0 && static_cast<std::int32_t>(grant - entered) > 0 &&
      granted_.compare_exchange_strong(grant, 0, std::memory_order_acquire)) {
    return true;  // whoever granted has already taken one waiter off the count
  }
  std::uint32_t state = state_.load(std::memory_order_relaxed);
  while ((state & kHeld) == 0) {
    std::uint32_t taken = (state - kWaiter) | kHeld;
    if (taken < kWaiter) taken &= ~kHandOff;
    if (state_.compare_exchange_weak(state, taken, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void Baton::acquire_slow() {
  if (spin_for_it()) return;
  const std::uint32_t entered = wakes_.load(std::memory_order_acquire);
  state_.fetch_add(kWaiter, std::memory_order_acq_rel);
  for (int losses = 0;; ++losses) {
    const std::uint32_t wakes = wakes_.load(std::memory_order_acquire);
    if (take_as_waiter(entered)) break;
    if (losses >= kLossesMax) {
      // Only while it is held: a free baton has no release to come that would see the wish.
      std::uint32_t state = state_.load(std::memory_order_relaxed);
      if ((state & kHeld) == 0 ||
          !state_.compare_exchange_strong(state, state | kHandOff, std::memory_order_relaxed)) {
        continue;
      }
    }
    futex_wait(wakes_, wakes);
  }
  count_turn();
  note_owner();
}

void Baton::release_slow() {
  std::uint32_t state = state_.load(std::memory_order_relaxed);
  for (;;) {
    const bool is_waited_for = state >= kWaiter;
    const bool is_hand_off = is_waited_for && (state & kHandOff) != 0;
    std::uint32_t next = is_waited_for ? state & ~kHeld : 0;
    if (is_hand_off) next = ((state - kWaiter) & ~kHandOff) | kHeld;
    if (!state_.compare_exchange_weak(state, next, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
      continue;
    }
    if (!is_waited_for) return;
    if (is_hand_off) return hand_off();
    wakes_.fetch_add(2, std::memory_order_release);
    futex_wake(&wakes_, 1);
    return;
  }
}

/// The baton stays held, for whichever waiter from before takes the grant. All are woken: the first
/// sleeper may be one that came too late for it.
void Baton::hand_off() {
  const std::uint32_t grant = wakes_.fetch_add(2, std::memory_order_acq_rel) + 2;
  granted_.store(grant, std::memory_order_release);
  wakes_.fetch_add(
      2, std::memory_order_release);  // who read the first change may have missed the grant
  futex_wake(&wakes_, 0x7fffffff);
}

#ifndef NDEBUG
namespace {

/// An address that differs between living threads.
const void* this_thread_mark() {
  thread_local char mark;
  return &mark;
}

[[noreturn]] void broken(const char* what) {
  std::fprintf(stderr, "oriel: baton %s\n", what);
  std::abort();
}

}  // namespace

void Baton::check_not_owner() const {
  if (owner_.load(std::memory_order_relaxed) == this_thread_mark()) broken("acquired by its owner");
}
void Baton::note_owner() {
  owner_.store(this_thread_mark(), std::memory_order_relaxed);
}
void Baton::forget_owner() {
  if (owner_.load(std::memory_order_relaxed) != this_thread_mark()) {
    broken("released by a thread that does not own it");
  }
  owner_.store(nullptr, std::memory_order_relaxed);
}
#endif

}  // namespace oriel::runtime
