// Events, mutexes, semaphores, waitable timers, locks, condition variables, and waiting for them.
// Prototypes: Microsoft Learn, synchapi.h and winbase.h.
#ifndef _SYNCHAPI_H_
#define _SYNCHAPI_H_

#include <minwinbase.h>

typedef RTL_SRWLOCK SRWLOCK, *PSRWLOCK;
typedef RTL_CONDITION_VARIABLE CONDITION_VARIABLE, *PCONDITION_VARIABLE;
typedef RTL_RUN_ONCE INIT_ONCE, *PINIT_ONCE, *LPINIT_ONCE;
typedef RTL_BARRIER SYNCHRONIZATION_BARRIER, *PSYNCHRONIZATION_BARRIER, *LPSYNCHRONIZATION_BARRIER;
typedef BOOL(WINAPI* PINIT_ONCE_FN)(PINIT_ONCE once, PVOID parameter, PVOID* context);
typedef VOID(APIENTRY* PTIMERAPCROUTINE)(LPVOID argument, DWORD time_low, DWORD time_high);
#define SRWLOCK_INIT RTL_SRWLOCK_INIT
#define CONDITION_VARIABLE_INIT RTL_CONDITION_VARIABLE_INIT
#define CONDITION_VARIABLE_LOCKMODE_SHARED RTL_CONDITION_VARIABLE_LOCKMODE_SHARED
#define INIT_ONCE_STATIC_INIT RTL_RUN_ONCE_INIT
#define INIT_ONCE_CHECK_ONLY RTL_RUN_ONCE_CHECK_ONLY
#define INIT_ONCE_ASYNC RTL_RUN_ONCE_ASYNC
#define INIT_ONCE_INIT_FAILED RTL_RUN_ONCE_INIT_FAILED
#define CREATE_EVENT_MANUAL_RESET 0x1
#define CREATE_EVENT_INITIAL_SET 0x2
#define CREATE_MUTEX_INITIAL_OWNER 0x1
#define CREATE_WAITABLE_TIMER_MANUAL_RESET 0x1
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 0x2

ORIEL_WIN_BEGIN

HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES, BOOL manual_reset, BOOL initial, LPCSTR name)
    ORIEL_WIN(CreateEventA);
HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES, BOOL manual_reset, BOOL initial, LPCWSTR name)
    ORIEL_WIN(CreateEventW);
HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES, LPCSTR name, DWORD flags, DWORD access)
    ORIEL_WIN(CreateEventExA);
HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES, LPCWSTR name, DWORD flags, DWORD access)
    ORIEL_WIN(CreateEventExW);
HANDLE WINAPI OpenEventA(DWORD access, BOOL inherit, LPCSTR name) ORIEL_WIN(OpenEventA);
HANDLE WINAPI OpenEventW(DWORD access, BOOL inherit, LPCWSTR name) ORIEL_WIN(OpenEventW);
BOOL WINAPI SetEvent(HANDLE) ORIEL_WIN(SetEvent);
BOOL WINAPI ResetEvent(HANDLE) ORIEL_WIN(ResetEvent);
BOOL WINAPI PulseEvent(HANDLE) ORIEL_WIN(PulseEvent);

HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES, BOOL owned, LPCSTR name) ORIEL_WIN(CreateMutexA);
HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES, BOOL owned, LPCWSTR name) ORIEL_WIN(CreateMutexW);
HANDLE WINAPI CreateMutexExA(LPSECURITY_ATTRIBUTES, LPCSTR name, DWORD flags, DWORD access)
    ORIEL_WIN(CreateMutexExA);
HANDLE WINAPI CreateMutexExW(LPSECURITY_ATTRIBUTES, LPCWSTR name, DWORD flags, DWORD access)
    ORIEL_WIN(CreateMutexExW);
HANDLE WINAPI OpenMutexA(DWORD access, BOOL inherit, LPCSTR name) ORIEL_WIN(OpenMutexA);
HANDLE WINAPI OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name) ORIEL_WIN(OpenMutexW);
BOOL WINAPI ReleaseMutex(HANDLE) ORIEL_WIN(ReleaseMutex);

HANDLE WINAPI CreateSemaphoreA(LPSECURITY_ATTRIBUTES, LONG initial, LONG maximum, LPCSTR name)
    ORIEL_WIN(CreateSemaphoreA);
HANDLE WINAPI CreateSemaphoreW(LPSECURITY_ATTRIBUTES, LONG initial, LONG maximum, LPCWSTR name)
    ORIEL_WIN(CreateSemaphoreW);
HANDLE WINAPI CreateSemaphoreExA(LPSECURITY_ATTRIBUTES, LONG initial, LONG maximum, LPCSTR name,
                                 DWORD flags, DWORD access) ORIEL_WIN(CreateSemaphoreExA);
HANDLE WINAPI CreateSemaphoreExW(LPSECURITY_ATTRIBUTES, LONG initial, LONG maximum, LPCWSTR name,
                                 DWORD flags, DWORD access) ORIEL_WIN(CreateSemaphoreExW);
BOOL WINAPI ReleaseSemaphore(HANDLE, LONG count, LPLONG previous) ORIEL_WIN(ReleaseSemaphore);

HANDLE WINAPI CreateWaitableTimerA(LPSECURITY_ATTRIBUTES, BOOL manual_reset, LPCSTR name)
    ORIEL_WIN(CreateWaitableTimerA);
HANDLE WINAPI CreateWaitableTimerW(LPSECURITY_ATTRIBUTES, BOOL manual_reset, LPCWSTR name)
    ORIEL_WIN(CreateWaitableTimerW);
HANDLE WINAPI CreateWaitableTimerExA(LPSECURITY_ATTRIBUTES, LPCSTR name, DWORD flags, DWORD access)
    ORIEL_WIN(CreateWaitableTimerExA);
HANDLE WINAPI CreateWaitableTimerExW(LPSECURITY_ATTRIBUTES, LPCWSTR name, DWORD flags, DWORD access)
    ORIEL_WIN(CreateWaitableTimerExW);
BOOL WINAPI SetWaitableTimer(HANDLE, const LARGE_INTEGER* due, LONG period_ms, PTIMERAPCROUTINE,
                             LPVOID argument, BOOL resume) ORIEL_WIN(SetWaitableTimer);
BOOL WINAPI CancelWaitableTimer(HANDLE) ORIEL_WIN(CancelWaitableTimer);

DWORD WINAPI WaitForSingleObject(HANDLE, DWORD ms) ORIEL_WIN(WaitForSingleObject);
DWORD WINAPI WaitForSingleObjectEx(HANDLE, DWORD ms, BOOL alertable)
    ORIEL_WIN(WaitForSingleObjectEx);
DWORD WINAPI WaitForMultipleObjects(DWORD count, const HANDLE*, BOOL all, DWORD ms)
    ORIEL_WIN(WaitForMultipleObjects);
DWORD WINAPI WaitForMultipleObjectsEx(DWORD count, const HANDLE*, BOOL all, DWORD ms,
                                      BOOL alertable) ORIEL_WIN(WaitForMultipleObjectsEx);
DWORD WINAPI SignalObjectAndWait(HANDLE signal, HANDLE wait, DWORD ms, BOOL alertable)
    ORIEL_WIN(SignalObjectAndWait);
VOID WINAPI Sleep(DWORD ms) ORIEL_WIN(Sleep);
DWORD WINAPI SleepEx(DWORD ms, BOOL alertable) ORIEL_WIN(SleepEx);

VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION) ORIEL_WIN(InitializeCriticalSection);
BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION, DWORD spins)
    ORIEL_WIN(InitializeCriticalSectionAndSpinCount);
BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION, DWORD spins, DWORD flags)
    ORIEL_WIN(InitializeCriticalSectionEx);
VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION) ORIEL_WIN(EnterCriticalSection);
BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION) ORIEL_WIN(TryEnterCriticalSection);
VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION) ORIEL_WIN(LeaveCriticalSection);
VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION) ORIEL_WIN(DeleteCriticalSection);
DWORD WINAPI SetCriticalSectionSpinCount(LPCRITICAL_SECTION, DWORD spins)
    ORIEL_WIN(SetCriticalSectionSpinCount);

VOID WINAPI InitializeSRWLock(PSRWLOCK) ORIEL_WIN(InitializeSRWLock);
VOID WINAPI AcquireSRWLockExclusive(PSRWLOCK) ORIEL_WIN(AcquireSRWLockExclusive);
VOID WINAPI AcquireSRWLockShared(PSRWLOCK) ORIEL_WIN(AcquireSRWLockShared);
BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK) ORIEL_WIN(TryAcquireSRWLockExclusive);
BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK) ORIEL_WIN(TryAcquireSRWLockShared);
VOID WINAPI ReleaseSRWLockExclusive(PSRWLOCK) ORIEL_WIN(ReleaseSRWLockExclusive);
VOID WINAPI ReleaseSRWLockShared(PSRWLOCK) ORIEL_WIN(ReleaseSRWLockShared);

VOID WINAPI InitializeConditionVariable(PCONDITION_VARIABLE) ORIEL_WIN(InitializeConditionVariable);
BOOL WINAPI SleepConditionVariableCS(PCONDITION_VARIABLE, PCRITICAL_SECTION, DWORD ms)
    ORIEL_WIN(SleepConditionVariableCS);
BOOL WINAPI SleepConditionVariableSRW(PCONDITION_VARIABLE, PSRWLOCK, DWORD ms, ULONG flags)
    ORIEL_WIN(SleepConditionVariableSRW);
VOID WINAPI WakeConditionVariable(PCONDITION_VARIABLE) ORIEL_WIN(WakeConditionVariable);
VOID WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE) ORIEL_WIN(WakeAllConditionVariable);

VOID WINAPI InitOnceInitialize(PINIT_ONCE) ORIEL_WIN(InitOnceInitialize);
BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE, PINIT_ONCE_FN, PVOID parameter, LPVOID* context)
    ORIEL_WIN(InitOnceExecuteOnce);
BOOL WINAPI InitOnceBeginInitialize(LPINIT_ONCE, DWORD flags, BOOL* pending, LPVOID* context)
    ORIEL_WIN(InitOnceBeginInitialize);
BOOL WINAPI InitOnceComplete(LPINIT_ONCE, DWORD flags, LPVOID context) ORIEL_WIN(InitOnceComplete);

ORIEL_WIN_END

#define CreateEvent ORIEL_WIN_AW(CreateEvent)
#define CreateEventEx ORIEL_WIN_AW(CreateEventEx)
#define OpenEvent ORIEL_WIN_AW(OpenEvent)
#define CreateMutex ORIEL_WIN_AW(CreateMutex)
#define CreateMutexEx ORIEL_WIN_AW(CreateMutexEx)
#define OpenMutex ORIEL_WIN_AW(OpenMutex)
#define CreateSemaphore ORIEL_WIN_AW(CreateSemaphore)
#define CreateSemaphoreEx ORIEL_WIN_AW(CreateSemaphoreEx)
#define CreateWaitableTimer ORIEL_WIN_AW(CreateWaitableTimer)
#define CreateWaitableTimerEx ORIEL_WIN_AW(CreateWaitableTimerEx)

#endif
