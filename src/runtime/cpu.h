// On which CPU is this thread just now? A hint: it may be moved at any time.
#pragma once

#include <cstdint>

namespace oriel::runtime {

/// Thread: any. About a nanosecond.
std::uint32_t current_cpu();

}  // namespace oriel::runtime
