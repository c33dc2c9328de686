// Callbacks run for what is ready, removal holds within a round, wake ends a wait, signals can be
// read.
#include "runtime/event_loop.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "runtime/clock.h"
#include "runtime/entropy.h"
#include "runtime/signals.h"

namespace oriel::runtime {
namespace {

TEST(EventLoop, WakeFromAnotherThreadEndsTheWait) {
  EventLoop loop;
  std::thread waker([&] { loop.wake(); });
  EXPECT_EQ(loop.run_once(Instant::never()), 0u);
  waker.join();
}

TEST(EventLoop, ReturnsAtTheDeadlineAndNotBefore) {
  EventLoop loop;
  const Instant deadline = real_now() + Duration(2'000'777);
  EXPECT_EQ(loop.run_once(deadline), 0u);
  EXPECT_GE(real_now(), deadline);
}

TEST(EventLoop, CallsBackForReadableUntilItIsDrained) {
  EventLoop loop;
  WakeFd source;
  int calls = 0;
  ASSERT_TRUE(loop.add(source.fd(), FdInterest::kRead, [&](FdReady ready) {
    EXPECT_TRUE(ready.is_readable);
    ++calls;
    if (calls == 2) source.drain();
  }));
  EXPECT_EQ(loop.run_once(Instant{0}), 0u);
  source.notify();
  EXPECT_EQ(loop.run_once(Instant::never()), 1u);
  EXPECT_EQ(loop.run_once(Instant::never()), 1u);
  EXPECT_EQ(loop.run_once(Instant{0}), 0u);
  EXPECT_EQ(calls, 2);
}

TEST(EventLoop, RemovedDescriptorIsNotCalledEvenWhenReadyInTheSameRound) {
  EventLoop loop;
  WakeFd a, b;
  int calls = 0;
  const auto remove_both = [&](FdReady) {
    ++calls;
    loop.remove(a.fd());
    loop.remove(b.fd());
  };
  ASSERT_TRUE(loop.add(a.fd(), FdInterest::kRead, remove_both));
  ASSERT_TRUE(loop.add(b.fd(), FdInterest::kRead, remove_both));
  a.notify();
  b.notify();
  EXPECT_EQ(loop.run_once(Instant{0}), 1u);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(loop.run_once(Instant{0}), 0u);
}

TEST(EventLoop, SlotOfARemovedDescriptorIsUsedAgain) {
  EventLoop loop;
  WakeFd a, b;
  int calls_b = 0;
  ASSERT_TRUE(loop.add(a.fd(), FdInterest::kRead, [&](FdReady) {
    loop.remove(a.fd());
    EXPECT_TRUE(loop.add(b.fd(), FdInterest::kRead, [&](FdReady) { ++calls_b; }));
  }));
  a.notify();
  b.notify();
  EXPECT_EQ(loop.run_once(Instant{0}), 1u);
  EXPECT_EQ(calls_b, 0);
  EXPECT_EQ(loop.run_once(Instant{0}), 1u);
  EXPECT_EQ(calls_b, 1);
}

TEST(EventLoop, ChangeOfInterestTakesEffect) {
  EventLoop loop;
  WakeFd source;  // an eventfd is writable from the start
  bool was_writable = false;
  ASSERT_TRUE(loop.add(source.fd(), FdInterest::kRead,
                       [&](FdReady ready) { was_writable = ready.is_writable; }));
  EXPECT_EQ(loop.run_once(Instant{0}), 0u);
  ASSERT_TRUE(loop.change(source.fd(), FdInterest::kReadWrite));
  EXPECT_EQ(loop.run_once(Instant{0}), 1u);
  EXPECT_TRUE(was_writable);
}

TEST(EventLoop, RefusesTheSameDescriptorTwiceAndWhatCannotBeWatched) {
  EventLoop loop;
  WakeFd source;
  EXPECT_TRUE(loop.add(source.fd(), FdInterest::kRead, [](FdReady) {}));
  EXPECT_FALSE(loop.add(source.fd(), FdInterest::kRead, [](FdReady) {}));
  EXPECT_FALSE(loop.add(-1, FdInterest::kRead, [](FdReady) {}));
  EXPECT_FALSE(loop.change(source.fd() + 1000, FdInterest::kRead));
}

TEST(Signals, BlockedSignalIsReadOnce) {
  Signals signals({SIGUSR1, SIGTERM});
  EXPECT_EQ(signals.take(), 0);
  ::kill(::getpid(), SIGUSR1);
  FdWait waits[] = {{signals.fd(), FdInterest::kRead}};
  EXPECT_EQ(fd_wait(waits, real_now() + Duration(5'000'000'000)), 1);
  EXPECT_EQ(signals.take(), SIGUSR1);
  EXPECT_EQ(signals.take(), 0);
}

TEST(Clock, NeverStepsBackAndTheWallOffsetIsAfter2020) {
  const Instant a = real_now();
  const Instant b = real_now();
  EXPECT_GE(b, a);
  EXPECT_GT((b + wall_clock_offset()).ns, std::int64_t{1'577'836'800} * 1'000'000'000);
}

TEST(Entropy, TwoDrawsDiffer) {
  EXPECT_NE(real_entropy(), real_entropy());
}

}  // namespace
}  // namespace oriel::runtime
