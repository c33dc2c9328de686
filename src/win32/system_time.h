// Windows' system time: 100 ns units since the beginning of 1601, UTC.
#pragma once

#include <cstdint>

#include "oriel/time.h"

namespace oriel::win32 {

std::uint64_t file_time_of(Instant instant);
Instant instant_of_file_time(std::uint64_t file_time);

}  // namespace oriel::win32
