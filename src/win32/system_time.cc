// 1601 and 1970 are 11,644,473,600 s apart.
#include "win32/system_time.h"

#include "runtime/clock.h"

namespace oriel::win32 {
namespace {

constexpr std::int64_t kUnitsTo1970 = 11'644'473'600 * 10'000'000;

}  // namespace

std::uint64_t file_time_of(Instant instant) {
  const Instant since_1970 = instant + runtime::wall_clock_offset();
  return static_cast<std::uint64_t>(since_1970.ns / 100 + kUnitsTo1970);
}

Instant instant_of_file_time(std::uint64_t file_time) {
  const auto units = static_cast<std::int64_t>(file_time) - kUnitsTo1970;
  if (units <= 0) return Instant{0};  // before 1970, and so before every clock began
  constexpr std::int64_t kUnitsMax = Instant::never().ns / 100;
  if (units > kUnitsMax) return Instant::never();
  return Instant{units * 100} - runtime::wall_clock_offset();
}

}  // namespace oriel::win32
