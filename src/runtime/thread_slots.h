// Slots that every thread has its own value in, given out and taken back while the program runs.
#pragma once

#include <cstdint>

namespace oriel::runtime {

inline constexpr std::uint32_t kThreadSlotsMax = 1088;
inline constexpr std::uint32_t kNoThreadSlot = ~std::uint32_t{0};

/// A new slot, null in every thread; kNoThreadSlot: none is left. Thread: any.
std::uint32_t allocate_thread_slot();
/// False: it is not allocated.
bool free_thread_slot(std::uint32_t slot);

/// The calling thread's value; null also where it never set one. Requires: slot < kThreadSlotsMax.
void* thread_slot(std::uint32_t slot);
/// False: no memory.
bool set_thread_slot(std::uint32_t slot, void* value);
bool is_thread_slot(std::uint32_t slot);

}  // namespace oriel::runtime
