// The one place where a program's thread blocks in a wait of ours.
//
// It sleeps on the word, on the real clock. A thread whose waits a host's work ends may do that
// work meanwhile (park_driver.h); locks never do. A process on virtual time would step its clock
// here, once every thread is parked. Locks of some dozen instructions (lock.h) do not pass here.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "oriel/time.h"
#include "runtime/futex.h"

namespace oriel::runtime {

/// Blocks while `word` holds `expected`, at most until `deadline` (real clock). Returns false when
/// the deadline passed; true otherwise, also for no reason: callers loop.
bool park(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
          Instant deadline = Instant::never());

/// Wakes at most `count` of those parked on `word`. Uses the address only, so the word may be gone.
/// Requires: where more than one parks on it, a `count` of more than 1 or a lock's kind of waiting.
void unpark(const std::atomic<std::uint32_t>* word, int count = 1);

/// The same at several words, at most kParkWordsMax (futex.h). Within an AlertableScope it returns
/// false also when the thread has calls to run. Requires: can_wait_for_any().
bool park_at_any(std::span<const FutexWord> words, Instant deadline);
/// One is kept for the thread's calls.
inline constexpr std::size_t kParkWordsMax = kFutexWordsMax - 1;

/// For a scope, calls that are queued to the calling thread end its park_at_any. Who opened the
/// scope runs them.
class AlertableScope {
 public:
  AlertableScope();
  ~AlertableScope();
  AlertableScope(const AlertableScope&) = delete;
  AlertableScope& operator=(const AlertableScope&) = delete;
};

/// Hears that a thread stops and goes on running (a completion port counts running threads).
class ParkListener {
 public:
  virtual void on_park() = 0;
  virtual void on_unpark() = 0;

 protected:
  ~ParkListener() = default;
};

/// Of the calling thread; nullptr: none. The listener outlives its place here.
void set_park_listener(ParkListener* listener);

/// For a scope the calling thread is stopped, for who listens. park and its kin say so themselves;
/// who sleeps on descriptors does it by this.
class ParkedScope {
 public:
  ParkedScope();
  ~ParkedScope();
  ParkedScope(const ParkedScope&) = delete;
  ParkedScope& operator=(const ParkedScope&) = delete;

 private:
  ParkListener* const listener_;
};

}  // namespace oriel::runtime
