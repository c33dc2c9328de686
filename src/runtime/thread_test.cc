// Threads, their ends, and calls queued to them.
#include "runtime/thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "runtime/clock.h"
#include "runtime/wait_many.h"
#include "runtime/waitable_timer.h"

namespace oriel::runtime {
namespace {

using End = WaitResult::End;

QueuedCall adds_to(std::vector<int>& list) {
  return {[](std::uintptr_t context) {
            auto& l = *reinterpret_cast<std::vector<int>*>(context);
            l.push_back(static_cast<int>(l.size()));
          },
          reinterpret_cast<std::uintptr_t>(&list)};
}

TEST(Thread, EndsWithItsCodeAndRefusesCallsThen) {
  int written = 0;
  const StartedThread thread = start_thread({[](void* argument) {
                                               *static_cast<int*>(argument) = 5;
                                               return 7u;
                                             },
                                             &written, 0, false});
  ASSERT_TRUE(thread.record);
  EXPECT_EQ(wait_one(thread.record->end(), Instant::never()).end, End::kObject);
  EXPECT_EQ(thread.record->exit_code(), 7u);
  EXPECT_EQ(written, 5);
  EXPECT_NE(thread.record->id(), 0u);
  EXPECT_FALSE(thread.record->queue_call({[](std::uintptr_t) {}, 0}));
}

TEST(Thread, ExitUnwindsAndSetsTheCode) {
  static std::atomic<bool> is_unwound;
  is_unwound = false;
  struct Unwinding {
    ~Unwinding() { is_unwound = true; }
  };
  const StartedThread thread = start_thread({[](void*) -> std::uint32_t {
                                               Unwinding here;
                                               exit_thread(9);
                                             },
                                             nullptr, 64 * 1024, false});
  wait_one(thread.record->end(), Instant::never());
  EXPECT_EQ(thread.record->exit_code(), 9u);
  EXPECT_TRUE(is_unwound);
}

TEST(Thread, SuspendedOneRunsAfterItsGateOpens) {
  std::atomic<int> ran{0};
  const StartedThread thread = start_thread({[](void* argument) {
                                               static_cast<std::atomic<int>*>(argument)->store(1);
                                               return 0u;
                                             },
                                             &ran, 0, true});
  EXPECT_EQ(ran.load(), 0);
  EXPECT_TRUE(thread.gate->open());
  EXPECT_FALSE(thread.gate->open());
  wait_one(thread.record->end(), Instant::never());
  EXPECT_EQ(ran.load(), 1);
}

TEST(QueuedCalls, RunInOrderOnlyInAlertableWaits) {
  std::vector<int> ran;
  ThreadRecord& self = ThreadRecord::current();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(self.queue_call(adds_to(ran)));
  EXPECT_FALSE(sleep_thread(Instant{0}, false));
  EXPECT_TRUE(ran.empty());
  EXPECT_TRUE(sleep_thread(Instant::never(), true));
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2}));
  EXPECT_FALSE(sleep_thread(Instant{0}, true));
}

TEST(QueuedCalls, WhatIsSignalledComesFirst) {
  std::vector<int> ran;
  Event event(false, true);
  ThreadRecord::current().queue_call(adds_to(ran));
  EXPECT_EQ(wait_one(event, Instant::never(), true).end, End::kObject);
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(wait_one(event, Instant::never(), true).end, End::kCalls);
  EXPECT_EQ(ran.size(), 1u);
}

TEST(QueuedCalls, EndAWaitInAnotherThreadEachTime) {
  std::atomic<int> ran{0};
  constexpr int kRounds = 2000;
  ThreadRecord& self = ThreadRecord::current();
  std::thread caller([&] {
    for (int i = 0; i < kRounds; ++i) {
      self.queue_call({[](std::uintptr_t c) { ++*reinterpret_cast<std::atomic<int>*>(c); },
                       reinterpret_cast<std::uintptr_t>(&ran)});
    }
  });
  Event never_set(false, false);
  while (ran < kRounds) {
    ASSERT_EQ(wait_one(never_set, Instant::never(), true).end, End::kCalls);
  }
  caller.join();
}

TEST(TimerRoutine, RunsInTheArmingThreadsAlertableWait) {
  WaitableTimer timer(true);
  int ran = 0;
  const TimerRoutine routine{[](void*, void* argument, Instant) { ++*static_cast<int*>(argument); },
                             nullptr, &ran};
  timer.arm(real_now() + Duration(1'000'000), Duration::zero(), routine);
  EXPECT_EQ(wait_one(timer, Instant::never()).end, End::kObject);
  EXPECT_EQ(ran, 0) << "not alertable";
  EXPECT_TRUE(sleep_thread(Instant::never(), true));
  EXPECT_EQ(ran, 1);
  timer.arm(real_now(), Duration::zero(), routine);
  timer.cancel();
  EXPECT_FALSE(sleep_thread(Instant{0}, true));
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace oriel::runtime
