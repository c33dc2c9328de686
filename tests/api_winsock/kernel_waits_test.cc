// Waiting as a program waits: objects, APCs, timers, threads and their ends.
#include <process.h>
#include <threadpoollegacyapiset.h>
#include <windows.h>

#include <vector>

#include "support/win_case.h"

namespace {

/// Closes with the scope.
struct Handle {
  Handle(HANDLE h) : handle(h) {}
  ~Handle() {
    if (handle != nullptr) CloseHandle(handle);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator HANDLE() const { return handle; }
  HANDLE handle;
};

HANDLE new_event(bool is_manual, bool is_set) {
  return CreateEventA(nullptr, is_manual, is_set, nullptr);
}

void CALLBACK count_up(ULONG_PTR counter) {
  ++*reinterpret_cast<int*>(counter);
}

WIN_CASE(Waits, AnyOfSixtyFourAndNoMore) {
  std::vector<HANDLE> events;
  for (int i = 0; i < MAXIMUM_WAIT_OBJECTS; ++i) events.push_back(new_event(false, false));
  SetEvent(events[63]);
  CHECK_EQ(WaitForMultipleObjects(64, events.data(), FALSE, INFINITE), WAIT_OBJECT_0 + 63);
  CHECK_EQ(WaitForMultipleObjects(64, events.data(), FALSE, 0), WAIT_TIMEOUT);
  for (HANDLE event : events) SetEvent(event);
  CHECK_EQ(WaitForMultipleObjects(64, events.data(), TRUE, INFINITE), WAIT_OBJECT_0);
  CHECK_EQ(WaitForMultipleObjects(64, events.data(), FALSE, 0), WAIT_TIMEOUT);
  CHECK_EQ(WaitForMultipleObjects(65, events.data(), FALSE, 0), WAIT_FAILED);
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
  CHECK_EQ(WaitForMultipleObjects(0, events.data(), FALSE, 0), WAIT_FAILED);
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
  for (HANDLE event : events) CHECK(CloseHandle(event));
}

WIN_CASE(Waits, BadHandlesAreRefused) {
  const HANDLE event = new_event(true, true);
  CloseHandle(event);
  CHECK(!CloseHandle(event));
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  SetLastError(0);
  CHECK_EQ(WaitForSingleObject(event, 0), WAIT_FAILED);
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  CHECK(!SetEvent(nullptr));
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  const Handle mutex = CreateMutexA(nullptr, FALSE, nullptr);
  CHECK(!SetEvent(mutex));
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  const HANDLE twice[] = {mutex, mutex};
  CHECK_EQ(WaitForMultipleObjects(2, twice, TRUE, 0), WAIT_FAILED);
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

WIN_CASE(Waits, ApcsRunOnlyWhenAlertable) {
  int count = 0;
  const auto parameter = reinterpret_cast<ULONG_PTR>(&count);
  CHECK_EQ(QueueUserAPC(count_up, GetCurrentThread(), parameter), 1u);
  CHECK_EQ(QueueUserAPC(count_up, GetCurrentThread(), parameter), 1u);
  Sleep(0);
  CHECK_EQ(count, 0);
  const Handle event = new_event(false, false);
  CHECK_EQ(WaitForSingleObjectEx(event, INFINITE, TRUE), WAIT_IO_COMPLETION);
  CHECK_EQ(count, 2);
  CHECK_EQ(SleepEx(0, TRUE), 0u);
  QueueUserAPC(count_up, GetCurrentThread(), parameter);
  CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
  CHECK_EQ(count, 3);
}

DWORD WINAPI takes_the_mutex(LPVOID mutex) {
  return WaitForSingleObject(mutex, INFINITE) + 40;
}

WIN_CASE(Waits, AThreadsEndAbandonsItsMutexAndRefusesApcs) {
  const Handle mutex = CreateMutexA(nullptr, FALSE, nullptr);
  DWORD id = 0;
  const Handle thread = CreateThread(nullptr, 0, takes_the_mutex, mutex, 0, &id);
  REQUIRE_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
  DWORD code = 0;
  CHECK(GetExitCodeThread(thread, &code));
  CHECK_EQ(code, 40u);
  CHECK_EQ(GetThreadId(thread), id);
  CHECK_EQ(QueueUserAPC(count_up, thread, 0), 0u);
  CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
  CHECK_EQ(WaitForSingleObject(mutex, INFINITE), WAIT_ABANDONED);
  CHECK(ReleaseMutex(mutex));
  CHECK(!ReleaseMutex(mutex));
  CHECK_EQ(GetLastError(), ERROR_NOT_OWNER);
}

DWORD WINAPI waits_alertably(LPVOID begun) {
  SetEvent(begun);
  return SleepEx(INFINITE, TRUE);
}

WIN_CASE(Waits, AnotherThreadsApcEndsItsSleep) {
  const Handle begun = new_event(false, false);
  const Handle thread = CreateThread(nullptr, 0, waits_alertably, begun, CREATE_SUSPENDED, nullptr);
  CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
  DWORD code = 0;
  GetExitCodeThread(thread, &code);
  CHECK_EQ(code, STILL_ACTIVE);
  CHECK_EQ(ResumeThread(thread), 1u);
  WaitForSingleObject(begun, INFINITE);
  int count = 0;
  CHECK_EQ(QueueUserAPC(count_up, thread, reinterpret_cast<ULONG_PTR>(&count)), 1u);
  WaitForSingleObject(thread, INFINITE);
  GetExitCodeThread(thread, &code);
  CHECK_EQ(code, WAIT_IO_COMPLETION);
  CHECK_EQ(count, 1);
}

struct TimerCall {
  int count = 0;
  ULONGLONG time = 0;
};

VOID APIENTRY note_timer(LPVOID argument, DWORD low, DWORD high) {
  auto* call = static_cast<TimerCall*>(argument);
  ++call->count;
  call->time = ULONGLONG{high} << 32 | low;
}

WIN_CASE(Waits, TimerSignalsAndCallsInTheAlertableWait) {
  const Handle timer = CreateWaitableTimerA(nullptr, TRUE, nullptr);
  LARGE_INTEGER due;
  due.QuadPart = -10'000;  // 1 ms
  TimerCall call;
  FILETIME before;
  GetSystemTimeAsFileTime(&before);
  REQUIRE(SetWaitableTimer(timer, &due, 0, note_timer, &call, FALSE));
  CHECK_EQ(WaitForSingleObject(timer, INFINITE), WAIT_OBJECT_0);
  CHECK_EQ(call.count, 0);
  CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
  CHECK_EQ(call.count, 1);
  CHECK_GE(call.time, (ULONGLONG{before.dwHighDateTime} << 32 | before.dwLowDateTime));
  CHECK(!SetWaitableTimer(timer, nullptr, 0, nullptr, nullptr, FALSE));
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
  CHECK(CancelWaitableTimer(timer));
}

WIN_CASE(Waits, SemaphoreTellsItsCountAndLimit) {
  const Handle semaphore = CreateSemaphoreA(nullptr, 0, 2, nullptr);
  LONG before = -1;
  CHECK(ReleaseSemaphore(semaphore, 2, &before));
  CHECK_EQ(before, 0);
  CHECK(!ReleaseSemaphore(semaphore, 1, nullptr));
  CHECK_EQ(GetLastError(), ERROR_TOO_MANY_POSTS);
  CHECK_EQ(CreateSemaphoreA(nullptr, 3, 2, nullptr), nullptr);
  CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

WIN_CASE(Waits, NamesAreSharedUntilTheLastHandle) {
  const HANDLE first = CreateEventA(nullptr, TRUE, FALSE, "Local\\oriel waits");
  CHECK_EQ(GetLastError(), 0u);
  const HANDLE second = CreateEventW(nullptr, TRUE, FALSE, L"oriel waits");
  CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
  SetEvent(first);
  CHECK_EQ(WaitForSingleObject(second, 0), WAIT_OBJECT_0);
  CHECK_EQ(OpenMutexA(0, FALSE, "oriel waits"), nullptr);
  CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
  CloseHandle(first);
  CloseHandle(second);
  CHECK_EQ(OpenEventA(0, FALSE, "oriel waits"), nullptr);
  CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
}

WIN_CASE(Waits, DuplicateKeepsTheObject) {
  const HANDLE event = new_event(true, false);
  HANDLE copy = nullptr;
  REQUIRE(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
  CHECK(!SetEvent(event));
  CHECK(SetEvent(copy));
  CHECK(SetHandleInformation(copy, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE));
  CHECK(!CloseHandle(copy));
  CHECK(SetHandleInformation(copy, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
  CHECK(CloseHandle(copy));
}

struct Shared {
  CRITICAL_SECTION section;
  SRWLOCK lock = SRWLOCK_INIT;
  CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
  INIT_ONCE once = INIT_ONCE_STATIC_INIT;
  int count = 0;
  int other = 0;
  int made = 0;
};

BOOL CALLBACK make_once(PINIT_ONCE, PVOID shared, PVOID* context) {
  ++static_cast<Shared*>(shared)->made;
  *context = shared;
  return TRUE;
}

DWORD WINAPI works_with_locks(LPVOID argument) {
  auto* shared = static_cast<Shared*>(argument);
  LPVOID context = nullptr;
  InitOnceExecuteOnce(&shared->once, make_once, shared, &context);
  if (context != shared) return 1;
  for (int i = 0; i < 2000; ++i) {
    EnterCriticalSection(&shared->section);
    EnterCriticalSection(&shared->section);
    ++shared->count;
    LeaveCriticalSection(&shared->section);
    LeaveCriticalSection(&shared->section);
    AcquireSRWLockShared(&shared->lock);
    const int seen = shared->other;
    ReleaseSRWLockShared(&shared->lock);
    AcquireSRWLockExclusive(&shared->lock);
    shared->other += seen >= 0 ? 1 : 0;
    WakeAllConditionVariable(&shared->changed);
    ReleaseSRWLockExclusive(&shared->lock);
  }
  return 0;
}

WIN_CASE(Locks, CountExactlyInACrowd) {
  Shared shared;
  InitializeCriticalSection(&shared.section);
  HANDLE threads[3];
  for (HANDLE& thread : threads) {
    thread = CreateThread(nullptr, 0, works_with_locks, &shared, 0, nullptr);
  }
  AcquireSRWLockExclusive(&shared.lock);
  while (shared.other < 6000) {
    SleepConditionVariableSRW(&shared.changed, &shared.lock, INFINITE, 0);
  }
  ReleaseSRWLockExclusive(&shared.lock);
  CHECK_EQ(WaitForMultipleObjects(3, threads, TRUE, INFINITE), WAIT_OBJECT_0);
  for (HANDLE thread : threads) {
    DWORD code = 1;
    GetExitCodeThread(thread, &code);
    CHECK_EQ(code, 0u);
    CloseHandle(thread);
  }
  CHECK_EQ(shared.count, 6000);
  CHECK_EQ(shared.made, 1);
  EnterCriticalSection(&shared.section);
  CHECK(!SleepConditionVariableCS(&shared.changed, &shared.section, 1));
  CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
  LeaveCriticalSection(&shared.section);
  DeleteCriticalSection(&shared.section);
}

struct Callback {
  HANDLE called = nullptr;
  int signals = 0;
  int timeouts = 0;
};

VOID CALLBACK note_callback(PVOID context, BOOLEAN is_timeout) {
  auto* callback = static_cast<Callback*>(context);
  ++(is_timeout ? callback->timeouts : callback->signals);
  SetEvent(callback->called);
}

WIN_CASE(Waits, RegisteredWaitCallsBackUntilUnregistered) {
  const Handle event = new_event(false, false);
  const Handle called = new_event(false, false);
  Callback callback{called};
  HANDLE wait = nullptr;
  REQUIRE(RegisterWaitForSingleObject(&wait, event, note_callback, &callback, INFINITE, 0));
  for (int i = 0; i < 3; ++i) {
    SetEvent(event);
    WaitForSingleObject(called, INFINITE);
  }
  CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
  CHECK_EQ(callback.signals, 3);
  CHECK(!UnregisterWait(wait));
  REQUIRE(
      RegisterWaitForSingleObject(&wait, event, note_callback, &callback, 1, WT_EXECUTEONLYONCE));
  WaitForSingleObject(called, INFINITE);
  CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
  CHECK_EQ(callback.timeouts, 1);
}

void __cdecl ends_early(void* event) {
  SetEvent(event);
  _endthread();
}

unsigned __stdcall returns_nine(void*) {
  _endthreadex(9);
}

WIN_CASE(Waits, RuntimeThreads) {
  const Handle event = new_event(false, false);
  CHECK_NE(_beginthread(ends_early, 0, event), static_cast<uintptr_t>(-1));
  CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
  unsigned id = 0;
  const Handle thread =
      reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, returns_nine, nullptr, 0, &id));
  CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
  DWORD code = 0;
  GetExitCodeThread(thread, &code);
  CHECK_EQ(code, 9u);
  CHECK_EQ(GetThreadId(thread), id);
}

}  // namespace
