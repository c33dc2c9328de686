// Releasing under the semaphore's lock.
#include "runtime/semaphore.h"

namespace oriel::runtime {

std::optional<std::int32_t> Semaphore::release(std::int32_t count) {
  WakeList wakes;
  LockHold hold(lock());
  if (count <= 0 || count > maximum_ - count_) return std::nullopt;
  const std::int32_t before = count_;
  count_ += count;
  serve(wakes);
  return before;
}

}  // namespace oriel::runtime
