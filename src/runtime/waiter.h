// One thread's wait in progress, as those see it who may end it.
//
//   kWaiting <-> kAsleep --hint--> kHinted --the waiter looks again--> kWaiting
//       any of these --claim--> claimed(what)       --cancel, by the waiter--> kCancelled
//
// It lives on the waiter's stack. Whoever claims it holds a lock that the waiter takes before it
// returns, or touches it no more but for the address of its word. Exactly one claim or cancel
// succeeds.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "oriel/time.h"
#include "runtime/park.h"

namespace oriel::runtime {

class ThreadRecord;

/// Wakes that are owed, given once the locks are released. Destroy it after the LockHold.
class WakeList {
 public:
  WakeList() = default;
  ~WakeList() { flush(); }
  WakeList(const WakeList&) = delete;
  WakeList& operator=(const WakeList&) = delete;

  void add(const std::atomic<std::uint32_t>* word) {
    if (count_ == kMax) flush();
    words_[count_++] = word;
  }

 private:
  static constexpr int kMax = 16;
  void flush() {
    for (int i = 0; i < count_; ++i) unpark(words_[i], 1);
    count_ = 0;
  }
  int count_ = 0;
  const std::atomic<std::uint32_t>* words_[kMax];
};

/// Hears that a thread has a call to run (ThreadRecord).
class CallHearer {
 public:
  /// Under the record's lock: it notes that and adds who must wake. Thread: any.
  virtual void on_queued_call(WakeList& wakes) = 0;

 protected:
  ~CallHearer() = default;
};

class Waiter final : public CallHearer {
 public:
  explicit Waiter(ThreadRecord& thread) : thread_(thread) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  ThreadRecord& thread() const { return thread_; }

  /// Ends the wait with `what` (below 2^31). False: it has ended otherwise. Thread: any.
  bool claim(std::uint32_t what, WakeList& wakes);
  /// Asks the waiter to look again. Thread: any that knows it is alive.
  void hint(WakeList& wakes);
  void on_queued_call(WakeList& wakes) override { hint(wakes); }

  /// The rest is the waiter's. What it was claimed with, if it was.
  std::optional<std::uint32_t> claimed() const;
  /// Returns when claimed, hinted (the hint is taken) or at `deadline`; also for no reason. The
  /// thread may work for a host meanwhile (park_driver.h).
  void sleep(Instant deadline, int spins);
  /// No claim succeeds any more. False: one did before.
  bool cancel();

 private:
  static constexpr std::uint32_t kWaiting = 0;
  static constexpr std::uint32_t kAsleep = 1;
  static constexpr std::uint32_t kHinted = 2;
  static constexpr std::uint32_t kCancelled = 3;
  static constexpr std::uint32_t kClaimed = 1u << 31;

  void note_who_ends_it();

  ThreadRecord& thread_;
  std::atomic<bool> is_ended_by_host_{false};
  std::atomic<std::uint32_t> state_{kWaiting};
};

}  // namespace oriel::runtime
