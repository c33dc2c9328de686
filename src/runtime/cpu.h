// On which CPU is this thread just now, and how often did others take it away? Hints: either may
// change at any time.
#pragma once

#include <cstdint>

namespace oriel::runtime {

/// Thread: any. About a nanosecond.
std::uint32_t current_cpu();

/// How often the calling thread has made room for another one without sleeping: it had to, or gave
/// its CPU away (sched_yield). An interrupt, or a hypervisor that runs something else, does not
/// count. Thread: any. A system call.
long preemptions();

}  // namespace oriel::runtime
