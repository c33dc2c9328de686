// What kernel threads wait for and lock: IRQL, spin locks, events, semaphores, fast mutexes,
// threads, delays, the time. Part of wdm.h. Sizes are Win64's; what lies in a dispatcher object
// belongs to the library.
//
// The IRQL is simulated, a word of each thread. A wait at DISPATCH_LEVEL ends the process with a
// sentence where checks are on (docs/guide/wsk.md).
#ifndef ORIEL_WIN_KERNEL_WAITS_H
#define ORIEL_WIN_KERNEL_WAITS_H

#include <ntdef.h>
#include <ntstatus.h>
#include <oriel_win_kernel_lists.h>

#define PASSIVE_LEVEL 0
#define LOW_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define HIGH_LEVEL 15

typedef enum _MODE { KernelMode, UserMode, MaximumMode } MODE;
typedef enum _KWAIT_REASON {
  Executive,
  FreePage,
  PageIn,
  PoolAllocation,
  DelayExecution,
  Suspended,
  UserRequest,
  MaximumWaitReason = 38
} KWAIT_REASON;
typedef enum _WAIT_TYPE { WaitAll, WaitAny } WAIT_TYPE;
typedef enum _EVENT_TYPE { NotificationEvent, SynchronizationEvent } EVENT_TYPE;
typedef LONG KPRIORITY;
#define IO_NO_INCREMENT 0
#define IO_NETWORK_INCREMENT 2
#define EVENT_INCREMENT 1
#define LOW_PRIORITY 0
#define LOW_REALTIME_PRIORITY 16
#define HIGH_PRIORITY 31

typedef struct _DISPATCHER_HEADER {
  UCHAR Type;
  UCHAR Signalling;
  UCHAR Size;
  UCHAR Reserved1;
  LONG SignalState;
  LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;
typedef struct _KEVENT {
  DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;
typedef struct _KSEMAPHORE {
  DISPATCHER_HEADER Header;
  LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;
typedef struct _FAST_MUTEX {
  LONG Count;
  PVOID Owner;
  ULONG Contention;
  KEVENT Event;
  ULONG OldIrql;
} FAST_MUTEX, *PFAST_MUTEX;
typedef struct _KLOCK_QUEUE_HANDLE {
  PVOID LockQueue[2];
  KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;
typedef struct _KWAIT_BLOCK {
  LIST_ENTRY WaitListEntry;
  PVOID Reserved[4];
} KWAIT_BLOCK, *PKWAIT_BLOCK;
typedef struct _KTHREAD *PKTHREAD, *PRKTHREAD;
typedef struct _ETHREAD* PETHREAD;
typedef struct _EPROCESS *PEPROCESS, *PKPROCESS;
typedef struct _OBJECT_TYPE* POBJECT_TYPE;
typedef struct _OBJECT_HANDLE_INFORMATION {
  ULONG HandleAttributes;
  ACCESS_MASK GrantedAccess;
} OBJECT_HANDLE_INFORMATION, *POBJECT_HANDLE_INFORMATION;
typedef VOID NTAPI KSTART_ROUTINE(PVOID context);
typedef KSTART_ROUTINE* PKSTART_ROUTINE;

#ifndef THREAD_ALL_ACCESS
#define THREAD_ALL_ACCESS 0x1FFFFF
#endif
#define NtCurrentProcess() ((HANDLE)(LONG_PTR)-1)
#define ZwCurrentProcess() NtCurrentProcess()

ORIEL_WIN_BEGIN
KIRQL NTAPI KeGetCurrentIrql(VOID) ORIEL_WIN(KeGetCurrentIrql);
KIRQL NTAPI KfRaiseIrql(KIRQL irql) ORIEL_WIN(KfRaiseIrql);
VOID NTAPI KeLowerIrql(KIRQL irql) ORIEL_WIN(KeLowerIrql);

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK lock) ORIEL_WIN(KeInitializeSpinLock);
KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK lock) ORIEL_WIN(KeAcquireSpinLockRaiseToDpc);
VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK lock, KIRQL before) ORIEL_WIN(KeReleaseSpinLock);
VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock) ORIEL_WIN(KeAcquireSpinLockAtDpcLevel);
VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK lock) ORIEL_WIN(KeReleaseSpinLockFromDpcLevel);
BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock)
    ORIEL_WIN(KeTryToAcquireSpinLockAtDpcLevel);
VOID NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK lock, PKLOCK_QUEUE_HANDLE handle)
    ORIEL_WIN(KeAcquireInStackQueuedSpinLock);
VOID NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE handle)
    ORIEL_WIN(KeReleaseInStackQueuedSpinLock);

// The state before is given back, as a LONG.
VOID NTAPI KeInitializeEvent(PRKEVENT event, EVENT_TYPE type, BOOLEAN is_set)
    ORIEL_WIN(KeInitializeEvent);
LONG NTAPI KeSetEvent(PRKEVENT event, KPRIORITY increment, BOOLEAN wait) ORIEL_WIN(KeSetEvent);
LONG NTAPI KeResetEvent(PRKEVENT event) ORIEL_WIN(KeResetEvent);
VOID NTAPI KeClearEvent(PRKEVENT event) ORIEL_WIN(KeClearEvent);
LONG NTAPI KeReadStateEvent(PRKEVENT event) ORIEL_WIN(KeReadStateEvent);
VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE semaphore, LONG count, LONG limit)
    ORIEL_WIN(KeInitializeSemaphore);
LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE semaphore, KPRIORITY increment, LONG adjustment,
                              BOOLEAN wait) ORIEL_WIN(KeReleaseSemaphore);
LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE semaphore) ORIEL_WIN(KeReadStateSemaphore);
VOID NTAPI ExInitializeFastMutex(PFAST_MUTEX mutex) ORIEL_WIN(ExInitializeFastMutex);
VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX mutex) ORIEL_WIN(ExAcquireFastMutex);
BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX mutex) ORIEL_WIN(ExTryToAcquireFastMutex);
VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX mutex) ORIEL_WIN(ExReleaseFastMutex);

// Timeouts are in 100 ns: negative from now, positive since 1601, NULL never.
NTSTATUS NTAPI KeWaitForSingleObject(PVOID object, KWAIT_REASON reason, KPROCESSOR_MODE mode,
                                     BOOLEAN is_alertable, PLARGE_INTEGER timeout)
    ORIEL_WIN(KeWaitForSingleObject);
NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG count, PVOID objects[], WAIT_TYPE type,
                                        KWAIT_REASON reason, KPROCESSOR_MODE mode,
                                        BOOLEAN is_alertable, PLARGE_INTEGER timeout,
                                        PKWAIT_BLOCK blocks) ORIEL_WIN(KeWaitForMultipleObjects);
NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE mode, BOOLEAN is_alertable,
                                      PLARGE_INTEGER interval) ORIEL_WIN(KeDelayExecutionThread);

NTSTATUS NTAPI PsCreateSystemThread(PHANDLE thread, ULONG access, POBJECT_ATTRIBUTES attributes,
                                    HANDLE process, PCLIENT_ID id, PKSTART_ROUTINE start,
                                    PVOID context) ORIEL_WIN(PsCreateSystemThread);
NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS status) ORIEL_WIN(PsTerminateSystemThread);
PETHREAD NTAPI PsGetCurrentThread(VOID) ORIEL_WIN(PsGetCurrentThread);
HANDLE NTAPI PsGetCurrentThreadId(VOID) ORIEL_WIN(PsGetCurrentThreadId);
PEPROCESS NTAPI PsGetCurrentProcess(VOID) ORIEL_WIN(PsGetCurrentProcess);
HANDLE NTAPI PsGetCurrentProcessId(VOID) ORIEL_WIN(PsGetCurrentProcessId);
KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD thread, KPRIORITY priority)
    ORIEL_WIN(KeSetPriorityThread);

// `object` is the address of any pointer, as PETHREAD*: C has no cast for it that Windows wants.
NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type,
                                         KPROCESSOR_MODE mode, PVOID object,
                                         POBJECT_HANDLE_INFORMATION information)
    ORIEL_WIN(ObReferenceObjectByHandle);
LONG_PTR NTAPI ObfReferenceObject(PVOID object) ORIEL_WIN(ObfReferenceObject);
LONG_PTR NTAPI ObfDereferenceObject(PVOID object) ORIEL_WIN(ObfDereferenceObject);
NTSTATUS NTAPI ZwClose(HANDLE handle) ORIEL_WIN(ZwClose);
extern POBJECT_TYPE* PsThreadType ORIEL_WIN(PsThreadType);

VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER time) ORIEL_WIN(KeQuerySystemTime);
ULONGLONG NTAPI KeQueryInterruptTime(VOID) ORIEL_WIN(KeQueryInterruptTime);
ULONG NTAPI KeQueryTimeIncrement(VOID) ORIEL_WIN(KeQueryTimeIncrement);
VOID NTAPI KeQueryTickCount(PLARGE_INTEGER ticks) ORIEL_WIN(KeQueryTickCount);
LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER frequency)
    ORIEL_WIN(KeQueryPerformanceCounter);
ORIEL_WIN_END

#define KeRaiseIrql(irql, before) (*(before) = KfRaiseIrql(irql))
#define KeRaiseIrqlToDpcLevel() KfRaiseIrql(DISPATCH_LEVEL)
#define KeAcquireSpinLock(lock, before) (*(before) = KeAcquireSpinLockRaiseToDpc(lock))
#define KeWaitForMutexObject KeWaitForSingleObject
#define KeGetCurrentThread() ((PKTHREAD)PsGetCurrentThread())
#define ObReferenceObject ObfReferenceObject
#define ObDereferenceObject ObfDereferenceObject
#define ExInitializeFastMutexUnsafe ExInitializeFastMutex
#define KeMemoryBarrier() __sync_synchronize()

#endif
