// What outlives a thread, and what others may ask of it: its number, its end, its queued calls.
//
// Every thread that waits has one, made at its first wait or by start_thread; it lives as long as
// the thread or anybody's Ref. Calls queued to a thread ("APCs") run in its alertable waits, in the
// order in which they were queued, and routines of its timers when they are due. Nothing is queued
// to a thread that has ended. The record's lock is the innermost.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>

#include "base/intrusive_list.h"
#include "oriel/time.h"
#include "runtime/event.h"
#include "runtime/lock.h"
#include "runtime/ref.h"

namespace oriel::runtime {

/// A call for another thread to make.
struct QueuedCall {
  void (*run)(std::uintptr_t context) = nullptr;
  std::uintptr_t context = 0;
};

/// What a timer calls; `run` knows how to call `routine`.
struct TimerRoutine {
  void (*run)(void* routine, void* argument, Instant due) = nullptr;
  void* routine = nullptr;
  void* argument = nullptr;
};

/// A timer's place in its thread's record; all of it under the record's lock.
struct ThreadTimer : ListHook<> {
  Instant due;
  Duration period{};
  TimerRoutine routine;
};

class ThreadRecord final : public RefCounted {
 public:
  ThreadRecord();
  ~ThreadRecord() override;

  /// The calling thread's.
  static ThreadRecord& current();

  /// The kernel's number of the thread; 0 before it runs.
  std::uint32_t id() const { return id_.load(std::memory_order_relaxed); }
  /// Signalled once the thread has ended.
  Waitable& end() { return end_; }
  bool has_ended() { return end_.is_set(); }
  std::uint32_t exit_code() const { return exit_code_.load(std::memory_order_relaxed); }
  void set_exit_code(std::uint32_t code) { exit_code_.store(code, std::memory_order_relaxed); }

  /// Kept for who asks; nobody obeys it.
  int priority() const { return priority_.load(std::memory_order_relaxed); }
  void set_priority(int priority) { priority_.store(priority, std::memory_order_relaxed); }

  /// False: the thread has ended, or there is no memory. Never blocks. Thread: any.
  bool queue_call(const QueuedCall& call);

  // --- of the thread itself
  /// Runs what is queued and due until nothing is. Returns whether there was anything.
  bool run_calls();
  /// While set, `hearer` hears of each call that is queued, and at once if one waits already.
  /// nullptr: nobody; then none hears any more.
  void set_alertable(CallHearer* hearer);
  bool has_calls(Instant now);
  Instant next_timer_due();
  /// It has issued requests that may have to be cancelled at its end.
  void note_request() { has_issued_requests_ = true; }
  bool has_issued_requests() const { return has_issued_requests_; }
  /// Work for a host has ended waits of this thread lately: it may as well do that work while it
  /// waits. Some waits that others end do not change that.
  bool may_drive() const { return drive_credit_ != 0; }
  void note_wait_ended(bool is_by_host) {
    if (is_by_host) {
      drive_credit_ = kDriveCredit;
    } else if (drive_credit_ != 0) {
      --drive_credit_;
    }
  }

  // --- of this folder
  void begin();   ///< the calling thread is this record's
  void finish();  ///< it ends: hooks, abandoned mutexes, refused calls, end()
  void add_timer(ThreadTimer& timer, Instant due, Duration period, const TimerRoutine& routine);
  void remove_timer(ThreadTimer& timer);
  void note_mutexes_owned(int change) { mutexes_owned_.fetch_add(change); }
  bool owns_mutexes() const { return mutexes_owned_.load() != 0; }

 private:
  static constexpr int kDriveCredit = 4;

  bool run_one_call();
  bool run_one_timer();

  Lock lock_;
  bool is_ending_ = false;
  bool has_issued_requests_ = false;  ///< the thread's own
  int drive_credit_ = 0;              ///< the thread's own
  std::deque<QueuedCall> calls_;
  IntrusiveList<ThreadTimer> timers_;
  CallHearer* alertable_ = nullptr;
  std::atomic<std::uint32_t> id_{0};
  std::atomic<std::uint32_t> exit_code_{0};
  std::atomic<int> mutexes_owned_{0};
  std::atomic<int> priority_{0};
  Event end_{true, false};
};

/// Called in every thread that has a record when it ends, before its end is signalled. Bound:
/// kThreadEndHooksMax in all; further ones abort. Thread: any.
inline constexpr int kThreadEndHooksMax = 8;
using ThreadEndHook = void (*)(ThreadRecord& thread);
void add_thread_end_hook(ThreadEndHook hook);

/// Called with each call that was queued to a thread and did not run before its end: whoever owns
/// what `context` names frees it. Bound and Thread: as add_thread_end_hook.
using DroppedCallHook = void (*)(const QueuedCall& call);
void add_dropped_call_hook(DroppedCallHook hook);

}  // namespace oriel::runtime
