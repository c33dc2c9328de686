// Deadlines in Windows' units, from 1601 to the end of time.
#include "win32/system_time.h"

#include <gtest/gtest.h>

#include <chrono>

#include "runtime/clock.h"

namespace oriel::win32 {
namespace {

TEST(SystemTime, AnInstantComesBackTo100Nanoseconds) {
  const Instant now = runtime::real_now();
  const Duration lost = now - instant_of_file_time(file_time_of(now));
  EXPECT_LT(std::chrono::abs(lost), std::chrono::milliseconds(1))
      << "but for a step of the wall clock";
}

TEST(SystemTime, TimesBefore1970ArePastAndThoseBeyondAllClocksNever) {
  EXPECT_EQ(instant_of_file_time(1), Instant{0}) << "1601";
  EXPECT_TRUE(instant_of_file_time(~std::uint64_t{0} >> 1).is_never());
}

}  // namespace
}  // namespace oriel::win32
