// The real clock: the one place where Oriel learns what time it is.
//
// Hosts on real time measure every Instant from here. CLOCK_MONOTONIC through the vDSO: about 20
// ns, no system call, never steps back.
#pragma once

#include "oriel/time.h"

namespace oriel::runtime {

/// Now, on the kernel's monotonic clock. Thread: any.
Instant real_now();

/// What to add to `real_now()` to get nanoseconds since 1970 (capture time stamps). Changes when
/// the wall clock is set: take it once per capture. Thread: any.
Duration wall_clock_offset();

}  // namespace oriel::runtime
