// Setting and resetting under the event's lock.
#include "runtime/event.h"

#include <utility>

namespace oriel::runtime {

bool Event::set() {
  WakeList wakes;
  LockHold hold(lock());
  const bool was_set = std::exchange(is_set_, true);
  if (!was_set) serve(wakes);
  return was_set;
}

bool Event::reset() {
  LockHold hold(lock());
  return std::exchange(is_set_, false);
}

bool Event::pulse() {
  WakeList wakes;
  LockHold hold(lock());
  const bool was_set = std::exchange(is_set_, true);
  serve(wakes);
  is_set_ = false;
  return was_set;
}

}  // namespace oriel::runtime
