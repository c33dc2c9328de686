// Who is woken by what, with objects that go as soon as their waiter goes.
#include "wdm/dispatcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "support/req.h"

namespace oriel::wdm {
namespace {

LARGE_INTEGER units(LONGLONG n) {
  LARGE_INTEGER time;
  time.QuadPart = n;
  return time;
}

NTSTATUS look(PVOID object) {
  LARGE_INTEGER none = units(0);
  return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, &none);
}

NTSTATUS wait(PVOID object) {
  return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr);
}

TEST(KernelEvent, ANotificationStaysSet) {
  REQ("WSK-2");
  KEVENT event;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  EXPECT_EQ(look(&event), STATUS_TIMEOUT);
  EXPECT_EQ(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
  EXPECT_EQ(KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 1) << "it says what it was";
  EXPECT_EQ(look(&event), STATUS_SUCCESS);
  EXPECT_EQ(look(&event), STATUS_SUCCESS);
  EXPECT_EQ(KeReadStateEvent(&event), 1);
  EXPECT_EQ(KeResetEvent(&event), 1);
  EXPECT_EQ(look(&event), STATUS_TIMEOUT);
}

TEST(KernelEvent, ASynchronizationEventIsTakenByOne) {
  KEVENT event;
  KeInitializeEvent(&event, SynchronizationEvent, TRUE);
  EXPECT_EQ(look(&event), STATUS_SUCCESS);
  EXPECT_EQ(look(&event), STATUS_TIMEOUT);
  KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
  KeClearEvent(&event);
  EXPECT_EQ(look(&event), STATUS_TIMEOUT);
}

TEST(KernelEvent, TimesRelativeAndAbsoluteRunOut) {
  KEVENT event;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  LARGE_INTEGER soon = units(-1);
  EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &soon), STATUS_TIMEOUT);
  LARGE_INTEGER past = units(1);  // 1601
  EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &past), STATUS_TIMEOUT);
}

TEST(KernelSemaphore, CountsDownAndRefusesBeyondItsLimit) {
  KSEMAPHORE semaphore;
  KeInitializeSemaphore(&semaphore, 1, 2);
  EXPECT_EQ(look(&semaphore), STATUS_SUCCESS);
  EXPECT_EQ(look(&semaphore), STATUS_TIMEOUT);
  EXPECT_EQ(KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 2, FALSE), 0);
  LONG before = -1;
  EXPECT_FALSE(add_to_state(semaphore.Header, 1, semaphore.Limit, before));
  EXPECT_EQ(before, 2);
  EXPECT_EQ(KeReadStateSemaphore(&semaphore), 2);
}

TEST(KernelWait, AnyTakesTheLowestAndAllTakesAllOrNone) {
  KEVENT a;
  KEVENT b;
  KeInitializeEvent(&a, SynchronizationEvent, FALSE);
  KeInitializeEvent(&b, SynchronizationEvent, TRUE);
  PVOID both[] = {&a, &b};
  LARGE_INTEGER none = units(0);
  const auto look_at = [&](WAIT_TYPE type) {
    return KeWaitForMultipleObjects(2, both, type, Executive, KernelMode, FALSE, &none, nullptr);
  };
  EXPECT_EQ(look_at(WaitAll), STATUS_TIMEOUT);
  EXPECT_EQ(KeReadStateEvent(&b), 1) << "all or none";
  EXPECT_EQ(look_at(WaitAny), STATUS_WAIT_1);
  KeSetEvent(&a, 0, FALSE);
  KeSetEvent(&b, 0, FALSE);
  EXPECT_EQ(look_at(WaitAll), STATUS_SUCCESS);
  EXPECT_EQ(look_at(WaitAny), STATUS_TIMEOUT);
  EXPECT_EQ(
      KeWaitForMultipleObjects(0, both, WaitAny, Executive, KernelMode, FALSE, &none, nullptr),
      STATUS_INVALID_PARAMETER_1);
}

TEST(KernelWait, ASleeperIsWokenBySetAndAllWaitsForTheLast) {
  KEVENT first;
  KEVENT second;
  KeInitializeEvent(&first, NotificationEvent, FALSE);
  KeInitializeEvent(&second, SynchronizationEvent, FALSE);
  std::atomic<bool> is_done{false};
  std::thread waiter([&] {
    PVOID both[] = {&first, &second};
    EXPECT_EQ(
        KeWaitForMultipleObjects(2, both, WaitAll, Executive, KernelMode, FALSE, nullptr, nullptr),
        STATUS_SUCCESS);
    is_done = true;
  });
  KeSetEvent(&first, 0, FALSE);
  EXPECT_FALSE(is_done);
  KeSetEvent(&second, 0, FALSE);
  waiter.join();
  EXPECT_EQ(KeReadStateEvent(&second), 0);
}

// The event lies on the stack of the one who waits, as in every synchronous call of a driver: who
// sets it may not touch it once the waiter can see it.
TEST(KernelWait, AnEventOnTheWaitersStackMayGoAtOnce) {
  REQ("WSK-2");
  constexpr int kRounds = 4000;
  std::atomic<PKEVENT> given{nullptr};
  std::thread setter([&] {
    for (int i = 0; i < kRounds; ++i) {
      PKEVENT event = nullptr;
      while ((event = given.exchange(nullptr)) == nullptr) std::this_thread::yield();
      KeSetEvent(event, IO_NO_INCREMENT, FALSE);
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    auto event = std::make_unique<KEVENT>();  // freed, so that a sanitizer sees a late touch
    KeInitializeEvent(event.get(), i % 2 == 0 ? NotificationEvent : SynchronizationEvent, FALSE);
    given = event.get();
    EXPECT_EQ(wait(event.get()), STATUS_SUCCESS);
  }
  setter.join();
}

TEST(KernelWait, ASemaphoreLetsEachOfManyThroughOnce) {
  constexpr int kThreads = 8;
  constexpr int kEach = 500;
  KSEMAPHORE semaphore;
  KeInitializeSemaphore(&semaphore, 0, kThreads * kEach);
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_EQ(wait(&semaphore), STATUS_SUCCESS);
        ++passed;
      }
    });
  }
  for (int i = 0; i < kEach; ++i) KeReleaseSemaphore(&semaphore, 0, kThreads, FALSE);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(passed, kThreads * kEach);
  EXPECT_EQ(KeReadStateSemaphore(&semaphore), 0);
}

}  // namespace
}  // namespace oriel::wdm
