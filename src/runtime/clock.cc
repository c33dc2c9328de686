// CLOCK_MONOTONIC and its distance from CLOCK_REALTIME.
#include "runtime/clock.h"

#include <ctime>

namespace oriel::runtime {
namespace {

std::int64_t read_clock(clockid_t id) {
  timespec t{};
  ::clock_gettime(id, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

}  // namespace

Instant real_now() {
  return Instant{read_clock(CLOCK_MONOTONIC)};
}

Duration wall_clock_offset() {
  return Duration(read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC));
}

}  // namespace oriel::runtime
