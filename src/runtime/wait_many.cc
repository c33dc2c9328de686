// One wait for several objects, from the first look to the return.
#include "runtime/wait_many.h"

#include <algorithm>
#include <array>

#include "runtime/clock.h"
#include "runtime/thread_record.h"

namespace oriel::runtime {
namespace {

using End = WaitResult::End;

constexpr int kSpins = 100;  // what is already on its way costs no sleep

WaitResult result_of(std::uint32_t claimed) {
  const bool is_abandoned = (claimed & kClaimAbandoned) != 0;
  return {is_abandoned ? End::kAbandoned : End::kObject, claimed & ~kClaimAbandoned};
}

bool has_passed(Instant deadline) {
  return !deadline.is_never() && (deadline.ns <= 0 || real_now() >= deadline);
}

}  // namespace

class WaitMany {
 public:
  WaitMany(std::span<Waitable* const> objects, ThreadRecord& thread, bool is_all, bool is_alertable)
      : objects_(objects),
        thread_(thread),
        waiter_(thread),
        is_all_(is_all),
        is_alertable_(is_alertable) {}

  /// "All" needs the order of addresses. False: an object occurs twice.
  bool sort() {
    std::copy(objects_.begin(), objects_.end(), sorted_.begin());
    const auto last = sorted_.begin() + static_cast<std::ptrdiff_t>(objects_.size());
    std::sort(sorted_.begin(), last);
    return std::adjacent_find(sorted_.begin(), last) == last;
  }

  static bool take_any(std::span<Waitable* const> objects, ThreadRecord& thread,
                       WaitResult& result) {
    for (std::uint32_t i = 0; i < objects.size(); ++i) {
      Waitable& object = *objects[i];
      LockHold hold(object.lock_);
      if (!object.is_signalled(thread)) continue;
      result = {object.is_abandoned() ? End::kAbandoned : End::kObject, i};
      object.consume(thread);
      return true;
    }
    return false;
  }

  bool take_all(WaitResult& result) {
    const auto objects = std::span(sorted_).first(objects_.size());
    for (Waitable* object : objects) object->lock_.acquire();
    const bool is_complete = std::all_of(objects.begin(), objects.end(), [&](Waitable* object) {
      return object->is_signalled(thread_);
    });
    if (is_complete) {
      result = {End::kObject, 0};
      for (Waitable* object : objects) {
        if (object->is_abandoned()) result.end = End::kAbandoned;
        object->consume(thread_);
      }
    }
    for (Waitable* object : objects) object->lock_.release();
    return is_complete;
  }

  WaitResult block(Instant deadline) {
    WaitResult result;
    enqueue();
    if (is_alertable_) thread_.set_alertable(&waiter_);
    result = sleep_and_look(deadline);
    if (is_alertable_) thread_.set_alertable(nullptr);
    dequeue();
    if (result.end == End::kCalls) thread_.run_calls();
    return result;
  }

 private:
  // An object that became signalled meanwhile is found by the look that comes first in the loop.
  void enqueue() {
    for (std::uint32_t i = 0; i < objects_.size(); ++i) {
      WaitNode& node = nodes_[i];
      node.waiter = &waiter_;
      node.index = i;
      node.is_for_all = is_all_;
      LockHold hold(objects_[i]->lock_);
      objects_[i]->waiters_.push_back(node);
    }
  }

  // Also the claimed object's lock: who claimed may still be at work under it.
  void dequeue() {
    for (std::uint32_t i = 0; i < objects_.size(); ++i) {
      LockHold hold(objects_[i]->lock_);
      nodes_[i].unlink();
    }
  }

  WaitResult sleep_and_look(Instant deadline) {
    WaitResult result;
    for (;;) {
      if (is_all_ ? take_all(result) : claim_any()) break;
      if (is_alertable_ && thread_.has_calls(real_now()) && waiter_.cancel()) {
        return {End::kCalls, 0};
      }
      if (has_passed(deadline) && waiter_.cancel()) return {End::kTimeout, 0};
      if (!waiter_.claimed()) waiter_.sleep(next_look(deadline), kSpins);
    }
    const auto claimed = waiter_.claimed();
    return claimed ? result_of(*claimed) : result;
  }

  /// Takes what is signalled in this waiter's own name, unless somebody claimed it already.
  bool claim_any() {
    WakeList wakes;  // nobody but this thread sleeps on the word
    for (std::uint32_t i = 0; i < objects_.size(); ++i) {
      if (waiter_.claimed()) return true;
      Waitable& object = *objects_[i];
      LockHold hold(object.lock_);
      if (!object.is_signalled(thread_)) continue;
      const std::uint32_t what = i | (object.is_abandoned() ? kClaimAbandoned : 0);
      if (waiter_.claim(what, wakes)) object.consume(thread_);
      return true;
    }
    return waiter_.claimed().has_value();
  }

  Instant next_look(Instant deadline) {
    for (Waitable* object : objects_) {
      LockHold hold(object->lock_);
      deadline = earlier(deadline, object->next_due());
    }
    return is_alertable_ ? earlier(deadline, thread_.next_timer_due()) : deadline;
  }

  std::span<Waitable* const> objects_;
  ThreadRecord& thread_;
  Waiter waiter_;
  const bool is_all_;
  const bool is_alertable_;
  std::array<Waitable*, kWaitObjectsMax> sorted_;
  std::array<WaitNode, kWaitObjectsMax> nodes_;
};

WaitResult wait_many(std::span<Waitable* const> objects, bool is_all, Instant deadline,
                     bool is_alertable) {
  if (objects.size() > kWaitObjectsMax) return {End::kInvalid, 0};
  ThreadRecord& thread = ThreadRecord::current();
  is_all = is_all && objects.size() > 1;
  WaitResult result;
  if (!is_all && WaitMany::take_any(objects, thread, result)) return result;
  if (!is_all && is_alertable && thread.run_calls()) return {End::kCalls, 0};
  if (!is_all && has_passed(deadline)) return {End::kTimeout, 0};
  WaitMany wait(objects, thread, is_all, is_alertable);
  if (is_all && !wait.sort()) return {End::kInvalid, 0};
  if (is_all && wait.take_all(result)) return result;
  return wait.block(deadline);
}

WaitResult wait_one(Waitable& object, Instant deadline, bool is_alertable) {
  Waitable* const objects[] = {&object};
  return wait_many(objects, false, deadline, is_alertable);
}

}  // namespace oriel::runtime
