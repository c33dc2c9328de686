// One owner at a time, nobody starves, nobody sleeps for ever.
#include "runtime/baton.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace oriel::runtime {
namespace {

TEST(Baton, TryAcquireFailsWhileHeldAndSucceedsAfterRelease) {
  Baton baton;
  ASSERT_TRUE(baton.try_acquire());
  bool got = true;
  std::thread([&] { got = baton.try_acquire(); }).join();
  EXPECT_FALSE(got);
  baton.release();
  std::thread([&] {
    got = baton.try_acquire();
    if (got) baton.release();
  }).join();
  EXPECT_TRUE(got);
}

TEST(Baton, ManyThreadsCountWithoutLosingOne) {
  constexpr int kThreads = 6;
  constexpr int kRounds = 5000;
  Baton baton;
  int count = 0;  // not atomic: the baton orders it
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kRounds; ++i) {
        BatonHold hold(baton);
        ++count;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, kThreads * kRounds);
  EXPECT_FALSE(baton.has_waiters());
}

TEST(Baton, WaitersGetItFromALoopThatReacquiresAtOnce) {
  constexpr int kTurns = 200;
  Baton baton;
  std::atomic<bool> is_over{false};
  std::atomic<int> loops{0};
  std::thread loop([&] {
    while (!is_over.load(std::memory_order_relaxed)) {
      baton.acquire();
      loops.fetch_add(1, std::memory_order_relaxed);
      baton.release();
    }
  });
  std::vector<std::thread> callers;
  std::atomic<int> turns{0};
  for (int t = 0; t < 3; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < kTurns; ++i) {
        BatonHold hold(baton);
        turns.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (auto& caller : callers) caller.join();  // ends only if nobody starves
  is_over = true;
  loop.join();
  EXPECT_EQ(turns.load(), 3 * kTurns);
  EXPECT_GT(loops.load(), 0);
}

TEST(Baton, HolderSeesThatSomebodyWaits) {
  Baton baton;
  baton.acquire();
  std::thread caller([&] { BatonHold hold(baton); });
  while (!baton.has_waiters()) std::this_thread::yield();
  baton.release();
  caller.join();
  EXPECT_TRUE(baton.try_acquire());
  baton.release();
}

#ifndef NDEBUG
TEST(BatonDeathTest, AcquiringTwiceAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Baton baton;
        baton.acquire();
        baton.acquire();
      },
      "acquired by its owner");
}
#endif

}  // namespace
}  // namespace oriel::runtime
