// A thread's queue of calls, its timers and its end.
#include "runtime/thread_record.h"

#include <unistd.h>

#include <cstdlib>
#include <new>

#include "runtime/clock.h"
#include "runtime/mutex.h"

namespace oriel::runtime {
namespace {

std::atomic<ThreadEndHook> end_hooks[kThreadEndHooksMax];
std::atomic<DroppedCallHook> drop_hooks[kThreadEndHooksMax];

template <class Hook>
void add_hook(std::atomic<Hook> (&places)[kThreadEndHooksMax], Hook hook) {
  for (auto& place : places) {
    Hook none = nullptr;
    if (place.compare_exchange_strong(none, hook) || none == hook) return;
  }
  std::abort();
}

/// The calling thread's record; its destruction is the end of the thread as others see it.
struct Holder {
  Ref<ThreadRecord> record;
  ~Holder() {
    if (record) record->finish();
  }
};
thread_local Holder holder_of_this_thread;
thread_local ThreadRecord* record_of_this_thread = nullptr;

}  // namespace

void add_thread_end_hook(ThreadEndHook hook) {
  add_hook(end_hooks, hook);
}

void add_dropped_call_hook(DroppedCallHook hook) {
  add_hook(drop_hooks, hook);
}

ThreadRecord::ThreadRecord() = default;
ThreadRecord::~ThreadRecord() = default;

ThreadRecord& ThreadRecord::current() {
  if (record_of_this_thread == nullptr) make_ref<ThreadRecord>()->begin();
  return *record_of_this_thread;
}

void ThreadRecord::begin() {
  id_.store(static_cast<std::uint32_t>(::gettid()), std::memory_order_relaxed);
  record_of_this_thread = this;
  holder_of_this_thread.record = Ref<ThreadRecord>(this);
}

void ThreadRecord::finish() {
  for (auto& place : end_hooks) {
    if (ThreadEndHook hook = place.load()) hook(*this);
  }
  Mutex::abandon_all_of(*this);
  std::deque<QueuedCall> dropped;
  {
    LockHold hold(lock_);
    is_ending_ = true;
    dropped.swap(calls_);
    timers_.clear();
  }
  for (const QueuedCall& call : dropped) {
    for (auto& place : drop_hooks) {
      if (DroppedCallHook hook = place.load()) hook(call);
    }
  }
  end_.set();
}

bool ThreadRecord::queue_call(const QueuedCall& call) {
  WakeList wakes;
  LockHold hold(lock_);
  if (is_ending_) return false;
  try {
    calls_.push_back(call);
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (alertable_ != nullptr) alertable_->on_queued_call(wakes);
  return true;
}

void ThreadRecord::set_alertable(CallHearer* hearer) {
  WakeList wakes;
  LockHold hold(lock_);
  alertable_ = hearer;
  if (hearer != nullptr && !calls_.empty()) hearer->on_queued_call(wakes);
}

bool ThreadRecord::has_calls(Instant now) {
  LockHold hold(lock_);
  if (!calls_.empty()) return true;
  for (const ThreadTimer& timer : timers_) {
    if (timer.due <= now) return true;
  }
  return false;
}

Instant ThreadRecord::next_timer_due() {
  LockHold hold(lock_);
  Instant due = Instant::never();
  for (const ThreadTimer& timer : timers_) due = earlier(due, timer.due);
  return due;
}

bool ThreadRecord::run_calls() {
  bool has_run = false;
  while (run_one_timer() || run_one_call()) has_run = true;
  return has_run;
}

bool ThreadRecord::run_one_call() {
  QueuedCall call;
  {
    LockHold hold(lock_);
    if (calls_.empty()) return false;
    call = calls_.front();
    calls_.pop_front();
  }
  call.run(call.context);
  return true;
}

bool ThreadRecord::run_one_timer() {
  TimerRoutine routine;
  Instant due;
  {
    LockHold hold(lock_);
    if (timers_.empty()) return false;
    ThreadTimer* first = nullptr;
    for (ThreadTimer& timer : timers_) {
      if (first == nullptr || timer.due < first->due) first = &timer;
    }
    const Instant now = real_now();
    if (now < first->due) return false;
    routine = first->routine;
    due = first->due;
    if (first->period > Duration::zero()) {
      // Missed periods count as one call.
      first->due = due + first->period * ((now - due) / first->period + 1);
    } else {
      IntrusiveList<ThreadTimer>::remove(*first);
    }
  }
  routine.run(routine.routine, routine.argument, due);
  return true;
}

void ThreadRecord::add_timer(ThreadTimer& timer, Instant due, Duration period,
                             const TimerRoutine& routine) {
  WakeList wakes;
  LockHold hold(lock_);
  if (is_ending_) return;
  timer.due = due;
  timer.period = period;
  timer.routine = routine;
  timers_.push_back(timer);
  if (alertable_ != nullptr) alertable_->on_queued_call(wakes);
}

void ThreadRecord::remove_timer(ThreadTimer& timer) {
  LockHold hold(lock_);
  timer.unlink();
}

}  // namespace oriel::runtime
