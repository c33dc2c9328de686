// On which CPU is this thread just now, and did another one take it away? Hints: either may change
// at any time.
#pragma once

#include <cstdint>

namespace oriel::runtime {

/// Thread: any. About a nanosecond.
std::uint32_t current_cpu();

/// Whether the calling thread had to make room for another one since it asked last. An interrupt,
/// or a hypervisor that runs something else, does not count. Thread: any. A system call.
bool was_preempted();

}  // namespace oriel::runtime
