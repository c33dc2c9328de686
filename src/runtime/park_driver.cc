// The process's driver, how many threads are in it, and the one word at which a thread drives.
//
// No lost wake: the driver publishes its word and then looks at it; who ends the wait changes the
// word and then asks here. Both touch `driven` by read-modify-write, so one of them sees the other.
#include "runtime/park_driver.h"

#include "runtime/clock.h"
#include "runtime/futex.h"
#include "runtime/park.h"
#include "runtime/thread.h"

namespace oriel::runtime {
namespace {

std::atomic<ParkDriver*> the_driver{nullptr};
std::atomic<std::uint32_t> threads_inside{0};
std::atomic<std::uintptr_t> driven{0};
thread_local const std::atomic<std::uint32_t>* driven_by_this_thread = nullptr;

// Never closed: a late unpark may still write to it.
WakeFd& driver_wake() {
  static WakeFd* const wake = new WakeFd;
  return *wake;
}

std::uintptr_t value_of(const std::atomic<std::uint32_t>* word) {
  return reinterpret_cast<std::uintptr_t>(word);
}

/// Keeps the driver, if there is one, until the end of a scope.
class DriverUse {
 public:
  DriverUse() {
    if (the_driver.load(std::memory_order_relaxed) == nullptr) return;
    threads_inside.fetch_add(1, std::memory_order_seq_cst);
    is_inside_ = true;
    driver_ = the_driver.load(std::memory_order_seq_cst);
  }
  ~DriverUse() {
    if (is_inside_) threads_inside.fetch_sub(1, std::memory_order_release);
  }
  DriverUse(const DriverUse&) = delete;
  DriverUse& operator=(const DriverUse&) = delete;

  ParkDriver* get() const { return driver_; }

 private:
  bool is_inside_ = false;
  ParkDriver* driver_ = nullptr;
};

}  // namespace

bool set_park_driver(ParkDriver& driver) {
  driver_wake();
  ParkDriver* none = nullptr;
  return the_driver.compare_exchange_strong(none, &driver, std::memory_order_seq_cst);
}

void remove_park_driver(ParkDriver& driver) {
  ParkDriver* expected = &driver;
  if (!the_driver.compare_exchange_strong(expected, nullptr, std::memory_order_seq_cst)) return;
  while (threads_inside.load(std::memory_order_seq_cst) != 0) yield_thread();
}

void forget_park_driver() {
  the_driver = nullptr;
  threads_inside = 0;
  driven = 0;
}

bool park_or_drive(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                   Instant deadline) {
  const ParkedScope parked;
  {
    const DriverUse use;
    if (use.get() != nullptr && use.get()->drive_for({word, expected, deadline, driver_wake()})) {
      return word.load(std::memory_order_acquire) != expected || real_now() < deadline;
    }
  }
  return futex_wait(word, expected, deadline);
}

DrivenWord::DrivenWord(const ParkWait& wait) {
  driven_by_this_thread = &wait.word;
  driven.exchange(value_of(&wait.word), std::memory_order_acq_rel);
}

DrivenWord::~DrivenWord() {
  driven.exchange(0, std::memory_order_acq_rel);
  driven_by_this_thread = nullptr;
}

bool wake_driver_at(const std::atomic<std::uint32_t>* word) {
  if (driven_by_this_thread == word) return true;  // it looks when it has done its work
  if (driven.fetch_add(0, std::memory_order_acq_rel) != value_of(word)) return false;
  driver_wake().notify();
  return true;
}

}  // namespace oriel::runtime
