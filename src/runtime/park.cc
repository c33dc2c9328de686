// Parking is a futex and one listener a thread.
#include "runtime/park.h"

#include "runtime/futex.h"

namespace oriel::runtime {
namespace {

thread_local ParkListener* listener_of_this_thread = nullptr;

}  // namespace

bool park(const std::atomic<std::uint32_t>& word, std::uint32_t expected, Instant deadline) {
  ParkListener* listener = listener_of_this_thread;
  if (listener != nullptr) listener->on_park();
  const bool is_in_time = futex_wait(word, expected, deadline);
  if (listener != nullptr) listener->on_unpark();
  return is_in_time;
}

bool park_at_either(const FutexWord& shared, const FutexWord& own, Instant deadline) {
  ParkListener* listener = listener_of_this_thread;
  if (listener != nullptr) listener->on_park();
  const bool is_in_time = futex_wait_either(shared, own, deadline);
  if (listener != nullptr) listener->on_unpark();
  return is_in_time;
}

void unpark(const std::atomic<std::uint32_t>* word, int count) {
  futex_wake(word, count);
}

void set_park_listener(ParkListener* listener) {
  listener_of_this_thread = listener;
}

}  // namespace oriel::runtime
