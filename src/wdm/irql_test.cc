// What may be called where. The death tests read the sentence.
#include "wdm/irql.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::wdm {
namespace {

constexpr ULONG kTag = 0x74736574;

class Misuse : public ::testing::Test {
 protected:
  void SetUp() override {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    if (!are_checks_on()) GTEST_SKIP() << "checks are off";
  }
};

TEST(Irql, RisesAndFalls) {
  REQ("WSK-2");
  EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
  KIRQL before = 0xff;
  KeRaiseIrql(DISPATCH_LEVEL, &before);
  EXPECT_EQ(before, PASSIVE_LEVEL);
  EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
  KeLowerIrql(before);
  {
    AtDispatch scope;
    EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
    AtDispatch inner;
    EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
  }
  EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

TEST(Irql, ASpinLockHoldsItAtDispatchLevel) {
  KSPIN_LOCK lock;
  KeInitializeSpinLock(&lock);
  KIRQL before = 0xff;
  KeAcquireSpinLock(&lock, &before);
  EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
  EXPECT_FALSE(KeTryToAcquireSpinLockAtDpcLevel(&lock));
  KeReleaseSpinLock(&lock, before);
  EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);

  KLOCK_QUEUE_HANDLE handle;
  KeAcquireInStackQueuedSpinLock(&lock, &handle);
  EXPECT_EQ(KeGetCurrentIrql(), DISPATCH_LEVEL);
  KeReleaseInStackQueuedSpinLock(&handle);
  EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

TEST(Irql, AFastMutexHoldsItAtApcLevel) {
  FAST_MUTEX mutex;
  ExInitializeFastMutex(&mutex);
  ExAcquireFastMutex(&mutex);
  EXPECT_EQ(KeGetCurrentIrql(), APC_LEVEL);
  EXPECT_FALSE(ExTryToAcquireFastMutex(&mutex));
  ExReleaseFastMutex(&mutex);
  EXPECT_TRUE(ExTryToAcquireFastMutex(&mutex));
  ExReleaseFastMutex(&mutex);
  EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

TEST_F(Misuse, BlockingAtDispatchLevelIsSaidInOneSentence) {
  REQ("WSK-2");
  EXPECT_DEATH(
      {
        KEVENT event;
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        AtDispatch scope;
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr);
      },
      "oriel: KeWaitForSingleObject: called at DISPATCH_LEVEL, where it may not block");
}

TEST_F(Misuse, ALookAtDispatchLevelIsAllowed) {
  KEVENT event;
  KeInitializeEvent(&event, NotificationEvent, FALSE);
  LARGE_INTEGER none;
  none.QuadPart = 0;
  AtDispatch scope;
  EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &none), STATUS_TIMEOUT);
}

TEST_F(Misuse, PagedCodeAndPagedPoolAtDispatchLevel) {
  EXPECT_DEATH(
      {
        AtDispatch scope;
        PAGED_CODE();
      },
      "called at DISPATCH_LEVEL");
  EXPECT_DEATH(
      {
        AtDispatch scope;
        ExAllocatePoolWithTag(PagedPool, 8, kTag);
      },
      "ExAllocatePoolWithTag: called at DISPATCH_LEVEL");
}

TEST_F(Misuse, LoweringUpwardsAndRaisingDownwards) {
  EXPECT_DEATH(KeLowerIrql(DISPATCH_LEVEL), "KeLowerIrql: the new IRQL is higher");
  EXPECT_DEATH(
      {
        AtDispatch scope;
        KfRaiseIrql(PASSIVE_LEVEL);
      },
      "KeRaiseIrql: the new IRQL is lower");
}

TEST_F(Misuse, ASpinLockTakenTwiceByOneThread) {
  EXPECT_DEATH(
      {
        KSPIN_LOCK lock = 0;
        KIRQL before;
        KeAcquireSpinLock(&lock, &before);
        KeAcquireSpinLock(&lock, &before);
      },
      "this thread holds the spin lock already");
}

}  // namespace
}  // namespace oriel::wdm
