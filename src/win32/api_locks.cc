// Critical sections, slim locks, condition variables and one-time initialisation.
//
// They live in the program's structures and need no handle. CRITICAL_SECTION: LockCount -1 is free,
// 0 held, 1 held with somebody waiting; OwningThread is the owner's number.
#include <processthreadsapi.h>
#include <synchapi.h>

#include "runtime/futex.h"
#include "runtime/thread_record.h"
#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/word_lock.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

constexpr std::uint32_t kFree = ~std::uint32_t{0};
constexpr std::uint32_t kHeld = 0;
constexpr std::uint32_t kWanted = 1;
constexpr ULONG_PTR kSpinsAtFirst = 100;

HANDLE this_thread() {
  return reinterpret_cast<HANDLE>(std::uintptr_t{runtime::ThreadRecord::current().id()});
}

bool is_mine(CRITICAL_SECTION& section) {
  return std::atomic_ref(section.OwningThread).load(std::memory_order_relaxed) == this_thread();
}

bool try_take(CRITICAL_SECTION& section) {
  std::uint32_t free = kFree;
  return word_at(&section.LockCount)
      .compare_exchange_strong(free, kHeld, std::memory_order_acquire);
}

void note_owner(CRITICAL_SECTION& section) {
  std::atomic_ref(section.OwningThread).store(this_thread(), std::memory_order_relaxed);
  section.RecursionCount = 1;
}

enum : std::uintptr_t { kOnceRunning = 1, kOnceDone = 2, kOnceAsync = 3, kOnceMask = 3 };

std::atomic_ref<PVOID> once_word(INIT_ONCE& once) {
  return std::atomic_ref(once.Ptr);
}

PVOID once_value(std::uintptr_t value) {
  return reinterpret_cast<PVOID>(value);
}

/// True: the initialisation is the caller's. False: it is done.
bool begin_once(INIT_ONCE& once) {
  for (;;) {
    PVOID seen = nullptr;
    if (once_word(once).compare_exchange_strong(seen, once_value(kOnceRunning))) return true;
    const auto state = reinterpret_cast<std::uintptr_t>(seen);
    if ((state & kOnceMask) == kOnceDone) return false;
    runtime::park(word_at(&once), static_cast<std::uint32_t>(state));
  }
}

void end_once(INIT_ONCE& once, std::uintptr_t value) {
  once_word(once).store(once_value(value));
  runtime::unpark(&word_at(&once), 0x7fffffff);
}

void give_context(INIT_ONCE& once, LPVOID* context) {
  if (context == nullptr) return;
  const auto value = reinterpret_cast<std::uintptr_t>(once_word(once).load());
  *context = once_value(value & ~std::uintptr_t{kOnceMask});
}

}  // namespace

VOID InitializeCriticalSection(LPCRITICAL_SECTION section) {
  InitializeCriticalSectionEx(section, 0, 0);
}

BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section, DWORD spins) {
  return InitializeCriticalSectionEx(section, spins, 0);
}

BOOL InitializeCriticalSectionEx(LPCRITICAL_SECTION section, DWORD spins, DWORD) {
  *section = {nullptr, -1, 0, nullptr, nullptr, spins == 0 ? kSpinsAtFirst : spins};
  return TRUE;
}

BOOL TryEnterCriticalSection(LPCRITICAL_SECTION section) {
  if (try_take(*section)) {
    note_owner(*section);
    return TRUE;
  }
  if (!is_mine(*section)) return FALSE;
  ++section->RecursionCount;
  return TRUE;
}

VOID EnterCriticalSection(LPCRITICAL_SECTION section) {
  if (TryEnterCriticalSection(section)) return;
  Word& word = word_at(&section->LockCount);
  for (ULONG_PTR i = 0; i < section->SpinCount; ++i) {
    runtime::spin_pause();
    if (word.load(std::memory_order_relaxed) == kFree && try_take(*section)) {
      return note_owner(*section);
    }
  }
  while (word.exchange(kWanted, std::memory_order_acquire) != kFree) runtime::park(word, kWanted);
  note_owner(*section);
}

VOID LeaveCriticalSection(LPCRITICAL_SECTION section) {
  if (--section->RecursionCount > 0) return;
  std::atomic_ref(section->OwningThread).store(nullptr, std::memory_order_relaxed);
  Word& word = word_at(&section->LockCount);
  if (word.exchange(kFree, std::memory_order_release) == kWanted) runtime::unpark(&word);
}

VOID DeleteCriticalSection(LPCRITICAL_SECTION section) {
  *section = {nullptr, -1, 0, nullptr, nullptr, 0};
}

DWORD SetCriticalSectionSpinCount(LPCRITICAL_SECTION section, DWORD spins) {
  const auto before = static_cast<DWORD>(section->SpinCount);
  section->SpinCount = spins;
  return before;
}

VOID InitializeSRWLock(PSRWLOCK lock) {
  lock->Ptr = nullptr;
}

VOID AcquireSRWLockExclusive(PSRWLOCK lock) {
  SharedWordLock(lock).exclusive();
}

VOID AcquireSRWLockShared(PSRWLOCK lock) {
  SharedWordLock(lock).shared();
}

BOOLEAN TryAcquireSRWLockExclusive(PSRWLOCK lock) {
  return SharedWordLock(lock).try_exclusive();
}

BOOLEAN TryAcquireSRWLockShared(PSRWLOCK lock) {
  return SharedWordLock(lock).try_shared();
}

VOID ReleaseSRWLockExclusive(PSRWLOCK lock) {
  SharedWordLock(lock).release_exclusive();
}

VOID ReleaseSRWLockShared(PSRWLOCK lock) {
  SharedWordLock(lock).release_shared();
}

VOID InitializeConditionVariable(PCONDITION_VARIABLE condition) {
  condition->Ptr = nullptr;
}

BOOL SleepConditionVariableCS(PCONDITION_VARIABLE condition, PCRITICAL_SECTION section, DWORD ms) {
  const bool is_woken = WordCondition(condition).wait(
      deadline_of(ms), [&] { LeaveCriticalSection(section); },
      [&] { EnterCriticalSection(section); });
  return is_woken ? TRUE : fail_with(ERROR_TIMEOUT, FALSE);
}

BOOL SleepConditionVariableSRW(PCONDITION_VARIABLE condition, PSRWLOCK lock, DWORD ms,
                               ULONG flags) {
  const bool is_shared = (flags & CONDITION_VARIABLE_LOCKMODE_SHARED) != 0;
  SharedWordLock held(lock);
  const bool is_woken = WordCondition(condition).wait(
      deadline_of(ms), [&] { is_shared ? held.release_shared() : held.release_exclusive(); },
      [&] { is_shared ? held.shared() : held.exclusive(); });
  return is_woken ? TRUE : fail_with(ERROR_TIMEOUT, FALSE);
}

VOID WakeConditionVariable(PCONDITION_VARIABLE condition) {
  WordCondition(condition).wake(1);
}

VOID WakeAllConditionVariable(PCONDITION_VARIABLE condition) {
  WordCondition(condition).wake(0x7fffffff);
}

VOID InitOnceInitialize(PINIT_ONCE once) {
  once->Ptr = nullptr;
}

BOOL InitOnceExecuteOnce(PINIT_ONCE once, PINIT_ONCE_FN run, PVOID parameter, LPVOID* context) {
  if (begin_once(*once)) {
    PVOID value = nullptr;
    if (!run(once, parameter, &value)) {
      end_once(*once, 0);
      return FALSE;
    }
    end_once(*once, reinterpret_cast<std::uintptr_t>(value) | kOnceDone);
  }
  give_context(*once, context);
  return TRUE;
}

BOOL InitOnceBeginInitialize(LPINIT_ONCE once, DWORD flags, BOOL* pending, LPVOID* context) {
  const auto state = reinterpret_cast<std::uintptr_t>(once_word(*once).load()) & kOnceMask;
  *pending = FALSE;
  if (state == kOnceDone) {
    give_context(*once, context);
    return TRUE;
  }
  if ((flags & INIT_ONCE_CHECK_ONLY) != 0) return fail_with(ERROR_GEN_FAILURE, FALSE);
  if ((flags & INIT_ONCE_ASYNC) != 0) {
    PVOID seen = nullptr;
    once_word(*once).compare_exchange_strong(seen, once_value(kOnceAsync));
    *pending = TRUE;  // several may try; the first to complete wins
    return TRUE;
  }
  *pending = begin_once(*once) ? TRUE : FALSE;
  if (!*pending) give_context(*once, context);
  return TRUE;
}

BOOL InitOnceComplete(LPINIT_ONCE once, DWORD flags, LPVOID context) {
  const auto value = reinterpret_cast<std::uintptr_t>(context);
  if ((flags & INIT_ONCE_INIT_FAILED) != 0) {
    end_once(*once, 0);
    return TRUE;
  }
  if ((value & kOnceMask) != 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  PVOID expected = once_value((flags & INIT_ONCE_ASYNC) != 0 ? kOnceAsync : kOnceRunning);
  if (!once_word(*once).compare_exchange_strong(expected, once_value(value | kOnceDone))) {
    return fail_with(ERROR_GEN_FAILURE, FALSE);
  }
  runtime::unpark(&word_at(&once->Ptr), 0x7fffffff);
  return TRUE;
}
