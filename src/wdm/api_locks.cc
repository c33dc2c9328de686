// Spin locks and fast mutexes.
//
//   KSPIN_LOCK  | runtime::Lock (32 bits) | holder's thread, where checks are on |      0: free
//
// A spin lock's holder is soon done, so a waiter looks for a moment and then sleeps in the kernel,
// which the holder does not notice. A fast mutex may be held for long: its Count is a word to park
// on.
#include <wdm.h>

#include "runtime/lock.h"
#include "runtime/thread_record.h"
#include "wdm/irql.h"
#include "win32/word_lock.h"

using namespace oriel;
using namespace oriel::wdm;

namespace {

static_assert(sizeof(runtime::Lock) == 4);

runtime::Lock& lock_in(PKSPIN_LOCK place) {
  return *reinterpret_cast<runtime::Lock*>(place);
}

win32::Word& holder_in(PKSPIN_LOCK place) {
  return win32::word_at(reinterpret_cast<char*>(place) + 4);
}

void acquire(PKSPIN_LOCK place, const char* call) {
  if (!are_checks_on()) return lock_in(place).acquire();
  const std::uint32_t self = runtime::ThreadRecord::current().id();
  if (holder_in(place).load(std::memory_order_relaxed) == self) {
    stop(call, "this thread holds the spin lock already");
  }
  lock_in(place).acquire();
  holder_in(place).store(self, std::memory_order_relaxed);
}

void release(PKSPIN_LOCK place, const char* call) {
  if (are_checks_on()) {
    const std::uint32_t self = runtime::ThreadRecord::current().id();
    if (holder_in(place).exchange(0, std::memory_order_relaxed) != self) {
      stop(call, "this thread does not hold the spin lock");
    }
  }
  lock_in(place).release();
}

}  // namespace

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK lock) {
  *lock = 0;
}

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK lock) {
  const KIRQL before = KfRaiseIrql(DISPATCH_LEVEL);
  acquire(lock, "KeAcquireSpinLock");
  return before;
}

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK lock, KIRQL before) {
  release(lock, "KeReleaseSpinLock");
  KeLowerIrql(before);
}

VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock) {
  check(irql() >= DISPATCH_LEVEL, "KeAcquireSpinLockAtDpcLevel", "called below DISPATCH_LEVEL");
  acquire(lock, "KeAcquireSpinLockAtDpcLevel");
}

VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK lock) {
  release(lock, "KeReleaseSpinLockFromDpcLevel");
}

BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock) {
  if (!lock_in(lock).try_acquire()) return FALSE;
  if (are_checks_on()) {
    holder_in(lock).store(runtime::ThreadRecord::current().id(), std::memory_order_relaxed);
  }
  return TRUE;
}

VOID NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK lock, PKLOCK_QUEUE_HANDLE handle) {
  handle->LockQueue[0] = lock;
  handle->OldIrql = KeAcquireSpinLockRaiseToDpc(lock);
}

VOID NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE handle) {
  KeReleaseSpinLock(static_cast<PKSPIN_LOCK>(handle->LockQueue[0]), handle->OldIrql);
}

VOID NTAPI ExInitializeFastMutex(PFAST_MUTEX mutex) {
  *mutex = FAST_MUTEX{};
}

VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX mutex) {
  check_irql("ExAcquireFastMutex", APC_LEVEL);
  const KIRQL before = KfRaiseIrql(APC_LEVEL);
  win32::SharedWordLock(&mutex->Count).exclusive();
  mutex->OldIrql = before;
}

BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX mutex) {
  check_irql("ExTryToAcquireFastMutex", APC_LEVEL);
  if (!win32::SharedWordLock(&mutex->Count).try_exclusive()) return FALSE;
  mutex->OldIrql = KfRaiseIrql(APC_LEVEL);
  return TRUE;
}

VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX mutex) {
  const KIRQL before = static_cast<KIRQL>(mutex->OldIrql);
  win32::SharedWordLock(&mutex->Count).release_exclusive();
  KeLowerIrql(before);
}
