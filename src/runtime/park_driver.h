// What a thread may do instead of sleeping: work for the process's host until its wait is over.
//
//   park_or_drive --nobody works for the host--> drive_for: sleeps on devices and `wake`, works
//                 --somebody does, or no host--> sleeps on the word
//
// A wait that drives is ended like any other: its word changes and unpark is called, which finds
// the word among those driven and makes the driver's descriptor readable instead of waking a
// futex. What the driving thread changes by its own work needs no wake at all. Whether a thread is
// to drive is learned: it does once a host's work has ended one of its waits (HostWork), so
// programs whose waits have nothing to do with a host never come here.
#pragma once

#include <atomic>
#include <cstdint>

#include "oriel/time.h"
#include "runtime/wait.h"

namespace oriel::runtime {

/// A thread's wait at a word, while it drives.
struct ParkWait {
  const std::atomic<std::uint32_t>& word;
  std::uint32_t expected;
  Instant deadline;
  WakeFd& wake;  ///< readable once somebody has unparked the word

  bool is_over() const { return word.load(std::memory_order_acquire) != expected; }
};

/// Who can let a thread work for a host.
class ParkDriver {
 public:
  /// Works until the wait is over, its deadline has come or another thread shall drive; false: not
  /// now, and nothing was done. Holds a DrivenWord before it sleeps. Thread: any, several at once.
  virtual bool drive_for(const ParkWait& wait) = 0;

 protected:
  ~ParkDriver() = default;
};

/// The process has one. False: it has another. Thread: any.
bool set_park_driver(ParkDriver& driver);
/// Returns when no thread is in it any more. Requires: it lets go of those that drive; the caller
/// is none of them. Thread: any.
void remove_park_driver(ParkDriver& driver);
/// In a child of fork, whose threads that drove stayed with its parent.
void forget_park_driver();

/// As park, but may drive. Returns false when the deadline passed.
bool park_or_drive(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                   Instant deadline = Instant::never());

/// For a scope unpark finds `wait`. One at a time in the process: the driver's.
class DrivenWord {
 public:
  explicit DrivenWord(const ParkWait& wait);
  ~DrivenWord();
  DrivenWord(const DrivenWord&) = delete;
  DrivenWord& operator=(const DrivenWord&) = delete;
};

/// unpark's part. True: the thread that drives, if it waits at `word`, knows.
bool wake_driver_at(const std::atomic<std::uint32_t>* word);

/// For a scope the calling thread does a host's work: waits that it ends could have done it.
class HostWork {
 public:
  HostWork() : was_(is_at_work_) { is_at_work_ = true; }
  ~HostWork() { is_at_work_ = was_; }
  HostWork(const HostWork&) = delete;
  HostWork& operator=(const HostWork&) = delete;

  static bool is_at_work() { return is_at_work_; }

 private:
  static inline thread_local bool is_at_work_ = false;
  const bool was_;
};

}  // namespace oriel::runtime
