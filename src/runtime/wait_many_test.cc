// Events, semaphores, mutexes and timers: who gets what, alone and in crowds.
#include "runtime/wait_many.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/mutex.h"
#include "runtime/semaphore.h"
#include "runtime/thread.h"
#include "runtime/waitable_timer.h"

namespace oriel::runtime {
namespace {

using End = WaitResult::End;
constexpr Instant kNow{0};

End wait_now(Waitable& object) {
  return wait_one(object, kNow).end;
}

TEST(WaitMany, AutoResetEventIsTakenOnceManualStays) {
  Event automatic(false, true);
  EXPECT_EQ(wait_now(automatic), End::kObject);
  EXPECT_EQ(wait_now(automatic), End::kTimeout);
  Event manual(true, false);
  EXPECT_EQ(wait_now(manual), End::kTimeout);
  EXPECT_FALSE(manual.set());
  EXPECT_TRUE(manual.set());
  EXPECT_EQ(wait_now(manual), End::kObject);
  EXPECT_EQ(wait_now(manual), End::kObject);
  EXPECT_TRUE(manual.reset());
  EXPECT_EQ(wait_now(manual), End::kTimeout);
}

TEST(WaitMany, LowestIndexFirstAndAllOrNothing) {
  Event a(false, true);
  Event b(false, true);
  Event c(false, false);
  Waitable* const three[] = {&c, &b, &a};
  const WaitResult any = wait_many(three, false, kNow);
  EXPECT_EQ(any.end, End::kObject);
  EXPECT_EQ(any.index, 1u);
  EXPECT_EQ(wait_many(three, true, kNow).end, End::kTimeout);
  EXPECT_TRUE(a.is_set()) << "a failed wait for all takes nothing";
  b.set();
  c.set();
  EXPECT_EQ(wait_many(three, true, kNow).end, End::kObject);
  EXPECT_FALSE(a.is_set() || b.is_set() || c.is_set());
  Waitable* const twice[] = {&a, &a};
  EXPECT_EQ(wait_many(twice, true, kNow).end, End::kInvalid);
  const std::vector<Waitable*> many(kWaitObjectsMax + 1, &a);
  EXPECT_EQ(wait_many(many, false, kNow).end, End::kInvalid);
}

TEST(WaitMany, SemaphoreKeepsItsMaximum) {
  Semaphore semaphore(1, 3);
  EXPECT_FALSE(semaphore.release(3).has_value());
  EXPECT_FALSE(semaphore.release(0).has_value());
  EXPECT_EQ(semaphore.release(2), 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(wait_now(semaphore), End::kObject);
  EXPECT_EQ(wait_now(semaphore), End::kTimeout);
}

TEST(WaitMany, SixtyFourObjectsWakeByTheLast) {
  std::vector<std::unique_ptr<Event>> events;
  std::vector<Waitable*> objects;
  for (std::size_t i = 0; i < kWaitObjectsMax; ++i) {
    events.push_back(std::make_unique<Event>(false, false));
    objects.push_back(events.back().get());
  }
  std::thread setter([&] { events.back()->set(); });
  const WaitResult result = wait_many(objects, false, Instant::never());
  setter.join();
  EXPECT_EQ(result.end, End::kObject);
  EXPECT_EQ(result.index, 63u);
  std::thread all_setter([&] {
    for (auto& event : events) event->set();
  });
  EXPECT_EQ(wait_many(objects, true, Instant::never()).end, End::kObject);
  all_setter.join();
  for (auto& event : events) EXPECT_FALSE(event->is_set());
}

TEST(WaitMany, PulseReleasesOnlyWhoWaits) {
  Event event(true, false);
  event.pulse();
  EXPECT_EQ(wait_now(event), End::kTimeout);
}

TEST(Mutex, CountsItsOwnerAndRefusesOthers) {
  Mutex mutex(true);
  EXPECT_EQ(wait_now(mutex), End::kObject);
  std::thread other([&] {
    EXPECT_EQ(wait_now(mutex), End::kTimeout);
    EXPECT_FALSE(mutex.release());
  });
  other.join();
  EXPECT_TRUE(mutex.release());
  EXPECT_TRUE(mutex.release());
  EXPECT_FALSE(mutex.release());
}

TEST(Mutex, OwnersEndAbandonsIt) {
  Mutex mutex(false);
  Event has_it(false, false);
  Event may_end(false, false);
  std::thread owner([&] {
    wait_one(mutex, Instant::never());
    has_it.set();
    wait_one(may_end, Instant::never());
  });
  wait_one(has_it, Instant::never());
  may_end.set();
  EXPECT_EQ(wait_one(mutex, Instant::never()).end, End::kAbandoned);
  EXPECT_EQ(wait_now(mutex), End::kObject) << "told once";
  owner.join();
  EXPECT_TRUE(mutex.release());
  EXPECT_TRUE(mutex.release());
}

TEST(WaitableTimer, IsSetWhenDueAndAgainEachPeriod) {
  WaitableTimer timer(false);
  const Instant begin = real_now();
  timer.arm(begin + Duration(2'000'000), Duration(1'000'000));
  EXPECT_EQ(wait_one(timer, Instant::never()).end, End::kObject);
  EXPECT_GE(real_now(), begin + Duration(2'000'000));
  EXPECT_EQ(wait_one(timer, Instant::never()).end, End::kObject);
  timer.cancel();
  timer.arm(real_now() + std::chrono::hours(1), Duration::zero());
  EXPECT_EQ(wait_now(timer), End::kTimeout);
}

TEST(WaitableTimer, ArmingEndsAnOlderWaitInTime) {
  WaitableTimer timer(true);
  timer.arm(real_now() + std::chrono::hours(1), Duration::zero());
  std::thread armer([&] { timer.arm(real_now(), Duration::zero()); });
  EXPECT_EQ(wait_one(timer, Instant::never()).end, End::kObject);
  armer.join();
  EXPECT_EQ(wait_now(timer), End::kObject) << "manual: stays set";
}

TEST(WaitMany, EachSetOfAnAutoResetEventReleasesExactlyOne) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 2000;
  Event event(false, false);
  Semaphore done(0, kThreads * kRounds);
  std::atomic<int> taken{0};
  std::vector<std::thread> takers;
  for (int t = 0; t < kThreads; ++t) {
    takers.emplace_back([&] {
      while (wait_one(event, Instant::never()).end == End::kObject) {
        if (taken.fetch_add(1) >= kRounds) break;
        done.release(1);
      }
    });
  }
  for (int i = 0; i < kRounds; ++i) {
    event.set();
    ASSERT_EQ(wait_one(done, Instant::never()).end, End::kObject);
  }
  EXPECT_EQ(taken.load(), kRounds);
  for (int t = 0; t < kThreads; ++t) {
    while (event.is_set()) std::this_thread::yield();
    event.set();
  }
  for (auto& taker : takers) taker.join();
}

TEST(WaitMany, StormOfAnyAllAndDeadlinesLosesNothing) {
  constexpr int kObjects = 6;
  constexpr int kTokens = 4000;
  std::vector<std::unique_ptr<Semaphore>> tokens;
  for (int i = 0; i < kObjects; ++i) tokens.push_back(std::make_unique<Semaphore>(0, kTokens));
  Event stop(true, false);
  std::array<std::atomic<int>, kObjects> taken{};
  auto take_any = [&](int shift) {
    std::vector<Waitable*> order;
    for (int i = 0; i < kObjects; ++i) order.push_back(tokens[(i + shift) % kObjects].get());
    order.push_back(&stop);
    for (int round = 0;; ++round) {
      const Instant deadline = round % 3 == 0 ? real_now() + Duration(20'000) : Instant::never();
      const WaitResult got = wait_many(order, false, deadline);
      if (got.end == End::kTimeout) continue;
      if (got.index == kObjects) return;
      taken[(got.index + shift) % kObjects].fetch_add(1);
    }
  };
  auto take_pair = [&](int a, int b) {
    Waitable* const pair[] = {tokens[a].get(), tokens[b].get()};
    while (!stop.is_set()) {
      if (wait_many(pair, true, real_now() + Duration(50'000)).end != End::kObject) continue;
      taken[a].fetch_add(1);
      taken[b].fetch_add(1);
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(take_any, 0);
  threads.emplace_back(take_any, 3);
  threads.emplace_back(take_pair, 1, 4);
  threads.emplace_back(take_pair, 4, 1);
  for (int i = 0; i < kTokens; ++i) {
    for (auto& semaphore : tokens) semaphore->release(1);
  }
  for (int i = 0; i < kObjects; ++i) {
    while (taken[i].load() < kTokens) std::this_thread::yield();
  }
  stop.set();
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < kObjects; ++i) EXPECT_EQ(taken[i].load(), kTokens);
}

TEST(Mutex, ExcludesInACrowd) {
  Mutex mutex(false);
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        wait_one(mutex, Instant::never());
        ++count;
        mutex.release();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 8000);
}

}  // namespace
}  // namespace oriel::runtime
