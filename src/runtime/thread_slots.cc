// A slot's number of uses tells values of its last owner from those of the present one.
#include "runtime/thread_slots.h"

#include <array>
#include <atomic>
#include <memory>
#include <new>

namespace oriel::runtime {
namespace {

struct Value {
  void* value = nullptr;
  std::uint32_t use = 0;
};
using Values = std::array<Value, kThreadSlotsMax>;

// Odd: allocated. Each allocation and each free adds one.
std::array<std::atomic<std::uint32_t>, kThreadSlotsMax> uses;
thread_local std::unique_ptr<Values> values_of_this_thread;

}  // namespace

bool is_thread_slot(std::uint32_t slot) {
  return slot < kThreadSlotsMax && uses[slot].load(std::memory_order_acquire) % 2 == 1;
}

std::uint32_t allocate_thread_slot() {
  for (std::uint32_t slot = 0; slot < kThreadSlotsMax; ++slot) {
    std::uint32_t use = uses[slot].load(std::memory_order_relaxed);
    if (use % 2 == 0 && uses[slot].compare_exchange_strong(use, use + 1)) return slot;
  }
  return kNoThreadSlot;
}

bool free_thread_slot(std::uint32_t slot) {
  if (slot >= kThreadSlotsMax) return false;
  std::uint32_t use = uses[slot].load(std::memory_order_relaxed);
  return use % 2 == 1 && uses[slot].compare_exchange_strong(use, use + 1);
}

void* thread_slot(std::uint32_t slot) {
  if (values_of_this_thread == nullptr) return nullptr;
  const Value& value = (*values_of_this_thread)[slot];
  return value.use == uses[slot].load(std::memory_order_relaxed) ? value.value : nullptr;
}

bool set_thread_slot(std::uint32_t slot, void* value) {
  if (values_of_this_thread == nullptr) {
    values_of_this_thread.reset(new (std::nothrow) Values);
    if (values_of_this_thread == nullptr) return false;
  }
  (*values_of_this_thread)[slot] = {value, uses[slot].load(std::memory_order_relaxed)};
  return true;
}

}  // namespace oriel::runtime
