// The one place where a program's thread blocks in a wait of ours.
//
// Today it sleeps on the word, on the real clock. Two things are meant to come in here and nowhere
// else: a thread that would block may drive a host's devices instead (stack/runner.h does so for
// its own callers), and a process on virtual time steps its clock once every thread is parked.
// Locks of some dozen instructions (lock.h) do not pass here.
#pragma once

#include <atomic>
#include <cstdint>

#include "oriel/time.h"
#include "runtime/futex.h"

namespace oriel::runtime {

/// Blocks while `word` holds `expected`, at most until `deadline` (real clock). Returns false when
/// the deadline passed; true otherwise, also for no reason: callers loop.
bool park(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
          Instant deadline = Instant::never());

/// Wakes at most `count` of those parked on `word`. Uses the address only, so the word may be gone.
void unpark(const std::atomic<std::uint32_t>* word, int count = 1);

/// The same at two words, one of them shared with another process (futex.h). Requires:
/// can_wait_for_either().
bool park_at_either(const FutexWord& shared, const FutexWord& own, Instant deadline);

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

}  // namespace oriel::runtime
