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

TEST(Cpu, AThreadThatSharesItsCpuIsPreemptedAndAloneItIsNot) {
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
    const long before = preemptions();
    while (preemptions() == before && real_now() < until) {
    }
    EXPECT_NE(preemptions(), before);
    is_over = true;
    other.join();
    bool has_been_quiet = false;  // a preemption just between two calls is rare
    for (int i = 0; i < 1000 && !has_been_quiet; ++i)
      has_been_quiet = preemptions() == preemptions();
    EXPECT_TRUE(has_been_quiet);
  }).join();
}

}  // namespace
}  // namespace oriel::runtime
