// Who runs where, and who had to make room.
#include "runtime/cpu.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <thread>

#include "runtime/clock.h"

namespace oriel::runtime {
namespace {

void stay_on(std::uint32_t cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
}

TEST(Cpu, AThreadThatSharesItsCpuIsPreemptedAndAskingTakesThatBack) {
  std::thread([] {
    const std::uint32_t cpu = current_cpu();
    stay_on(cpu);
    EXPECT_EQ(current_cpu(), cpu);
    std::atomic<bool> is_over{false};
    std::thread other([&] {  // inherits the CPU
      while (!is_over) {
      }
    });
    const Instant until = real_now() + std::chrono::seconds(30);
    (void)was_preempted();
    bool was = false;
    while (!was && real_now() < until) was = was_preempted();
    is_over = true;
    other.join();
    EXPECT_TRUE(was);
    bool is_still = true;  // a preemption just between two calls is rare
    for (int i = 0; i < 1000 && is_still; ++i) is_still = was_preempted();
    EXPECT_FALSE(is_still);
  }).join();
}

}  // namespace
}  // namespace oriel::runtime
