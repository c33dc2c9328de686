// Parking is a futex and one listener a thread. Who drives instead of sleeping is park_driver.cc's.
#include "runtime/park.h"

#include <algorithm>
#include <array>

#include "runtime/clock.h"
#include "runtime/futex.h"
#include "runtime/park_driver.h"
#include "runtime/thread_record.h"

namespace oriel::runtime {
namespace {

thread_local ParkListener* listener_of_this_thread = nullptr;
thread_local bool is_thread_alertable = false;

/// One more word to sleep at: it changes when the thread has a call to run.
struct CallSignal final : CallHearer {
  std::atomic<std::uint32_t> word{0};
  void on_queued_call(WakeList& wakes) override {
    word.store(1, std::memory_order_release);
    wakes.add(&word);
  }
};

bool park_alertably(std::span<const FutexWord> words, Instant deadline) {
  ThreadRecord& thread = ThreadRecord::current();
  CallSignal signal;
  thread.set_alertable(&signal);
  std::array<FutexWord, kFutexWordsMax> all;
  const std::size_t count = std::min(words.size(), kParkWordsMax);
  std::copy_n(words.begin(), count, all.begin());
  all[count] = {&signal.word, 0};
  const Instant until = earlier(deadline, thread.next_timer_due());
  const bool is_in_time = futex_wait_any({all.data(), count + 1}, until);
  thread.set_alertable(nullptr);
  return is_in_time && !thread.has_calls(real_now());
}

}  // namespace

ParkedScope::ParkedScope() : listener_(listener_of_this_thread) {
  if (listener_ != nullptr) listener_->on_park();
}

ParkedScope::~ParkedScope() {
  if (listener_ != nullptr) listener_->on_unpark();
}

AlertableScope::AlertableScope() {
  is_thread_alertable = true;
}

AlertableScope::~AlertableScope() {
  is_thread_alertable = false;
}

bool park(const std::atomic<std::uint32_t>& word, std::uint32_t expected, Instant deadline) {
  const ParkedScope parked;
  return futex_wait(word, expected, deadline);
}

bool park_at_any(std::span<const FutexWord> words, Instant deadline) {
  const ParkedScope parked;
  if (is_thread_alertable) return park_alertably(words, deadline);
  return futex_wait_any(words, deadline);
}

void unpark(const std::atomic<std::uint32_t>* word, int count) {
  if (wake_driver_at(word) && count == 1) return;
  futex_wake(word, count);
}

void set_park_listener(ParkListener* listener) {
  listener_of_this_thread = listener;
}

}  // namespace oriel::runtime
