// How a thread looks for something to happen before it sleeps: again and again, or, where the other
// end needs this CPU to make it happen, by giving it that.
//
// Nothing here decides whether a look pays (spin_policy.h) or touches the connection.
#pragma once

#include <optional>
#include <utility>

#include "loopback/spin_policy.h"
#include "runtime/clock.h"
#include "runtime/cpu.h"
#include "runtime/futex.h"
#include "runtime/thread.h"

namespace oriel::loopback {

/// Looks without a pause between them, before the clock is read for the first time: an answer that
/// is on its way comes within these, and a pause lasts as long as half of its way.
inline constexpr int kEagerLooks = 256;

/// A look that finds something within this makes no system call.
inline constexpr Duration kLooksWithoutCalls = std::chrono::microseconds(5);

struct Looked {
  bool has_found = false;
  bool is_contended = false;  ///< the thread lost its CPU to another one meanwhile
};

/// Until `has_moved()` says so, at most until `until`.
template <class HasMoved>
Looked look_until(Instant began, Instant until, const HasMoved& has_moved) {
  Looked looked;
  std::optional<long> preemptions_before;
  for (Instant now = began; now < until;) {
    for (int i = 0; i < SpinPolicy::kLooksPerClock; ++i) {
      if (has_moved()) {
        looked.has_found = true;
        return looked;
      }
      runtime::spin_pause();
    }
    const Instant then = std::exchange(now, runtime::real_now());
    if (!preemptions_before) {
      if (now - began > kLooksWithoutCalls) preemptions_before = runtime::preemptions();
    } else if (now - then > SpinPolicy::kLostCpu) {
      // An interrupt takes as long; whoever took that for a full core slept for nothing afterwards.
      looked.is_contended = runtime::preemptions() != *preemptions_before;
    }
  }
  return looked;
}

/// Whether `has_moved()` says so, now or after the CPU was given away once or a few times.
template <class HasMoved>
bool yield_until(SpinPolicy& spin, const HasMoved& has_moved) {
  if (has_moved()) return true;
  for (int i = 0; i < SpinPolicy::kYields && spin.may_yield(); ++i) {
    const Instant then = runtime::real_now();
    runtime::yield_thread();
    spin.on_yield(runtime::real_now() - then);
    if (has_moved()) return true;
  }
  return false;
}

}  // namespace oriel::loopback
