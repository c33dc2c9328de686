// Threads, their local storage, their APCs, and who we are.
// Prototypes: Microsoft Learn, processthreadsapi.h.
#ifndef _PROCESSTHREADSAPI_H_
#define _PROCESSTHREADSAPI_H_

#include <minwinbase.h>

#define TLS_OUT_OF_INDEXES ((DWORD)0xFFFFFFFF)
#define TLS_MINIMUM_AVAILABLE 64
#define CREATE_SUSPENDED 0x00000004
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000
#define THREAD_PRIORITY_LOWEST (-2)
#define THREAD_PRIORITY_BELOW_NORMAL (-1)
#define THREAD_PRIORITY_NORMAL 0
#define THREAD_PRIORITY_ABOVE_NORMAL 1
#define THREAD_PRIORITY_HIGHEST 2
#define THREAD_PRIORITY_ERROR_RETURN 0x7fffffff
#define THREAD_PRIORITY_TIME_CRITICAL 15
#define THREAD_PRIORITY_IDLE (-15)
#define NORMAL_PRIORITY_CLASS 0x00000020
#define IDLE_PRIORITY_CLASS 0x00000040
#define HIGH_PRIORITY_CLASS 0x00000080
#define REALTIME_PRIORITY_CLASS 0x00000100

ORIEL_WIN_BEGIN

HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES, SIZE_T stack, LPTHREAD_START_ROUTINE,
                           LPVOID parameter, DWORD flags, LPDWORD id) ORIEL_WIN(CreateThread);
VOID WINAPI ExitThread(DWORD code) ORIEL_WIN_NORETURN(ExitThread);
BOOL WINAPI TerminateThread(HANDLE, DWORD code) ORIEL_WIN(TerminateThread);
BOOL WINAPI GetExitCodeThread(HANDLE, LPDWORD code) ORIEL_WIN(GetExitCodeThread);
DWORD WINAPI ResumeThread(HANDLE) ORIEL_WIN(ResumeThread);
DWORD WINAPI SuspendThread(HANDLE) ORIEL_WIN(SuspendThread);
HANDLE WINAPI OpenThread(DWORD access, BOOL inherit, DWORD id) ORIEL_WIN(OpenThread);
HANDLE WINAPI GetCurrentThread(VOID) ORIEL_WIN(GetCurrentThread);
DWORD WINAPI GetCurrentThreadId(VOID) ORIEL_WIN(GetCurrentThreadId);
DWORD WINAPI GetThreadId(HANDLE) ORIEL_WIN(GetThreadId);
BOOL WINAPI SetThreadPriority(HANDLE, int priority) ORIEL_WIN(SetThreadPriority);
int WINAPI GetThreadPriority(HANDLE) ORIEL_WIN(GetThreadPriority);
DWORD_PTR WINAPI SetThreadAffinityMask(HANDLE, DWORD_PTR mask) ORIEL_WIN(SetThreadAffinityMask);
HRESULT WINAPI SetThreadDescription(HANDLE, PCWSTR text) ORIEL_WIN(SetThreadDescription);
BOOL WINAPI SwitchToThread(VOID) ORIEL_WIN(SwitchToThread);
DWORD WINAPI QueueUserAPC(PAPCFUNC, HANDLE thread, ULONG_PTR parameter) ORIEL_WIN(QueueUserAPC);

DWORD WINAPI TlsAlloc(VOID) ORIEL_WIN(TlsAlloc);
BOOL WINAPI TlsFree(DWORD index) ORIEL_WIN(TlsFree);
LPVOID WINAPI TlsGetValue(DWORD index) ORIEL_WIN(TlsGetValue);
BOOL WINAPI TlsSetValue(DWORD index, LPVOID value) ORIEL_WIN(TlsSetValue);

HANDLE WINAPI GetCurrentProcess(VOID) ORIEL_WIN(GetCurrentProcess);
DWORD WINAPI GetCurrentProcessId(VOID) ORIEL_WIN(GetCurrentProcessId);
HANDLE WINAPI OpenProcess(DWORD access, BOOL inherit, DWORD id) ORIEL_WIN(OpenProcess);
VOID WINAPI ExitProcess(UINT code) ORIEL_WIN_NORETURN(ExitProcess);
BOOL WINAPI TerminateProcess(HANDLE, UINT code) ORIEL_WIN(TerminateProcess);
BOOL WINAPI GetExitCodeProcess(HANDLE, LPDWORD code) ORIEL_WIN(GetExitCodeProcess);
BOOL WINAPI SetPriorityClass(HANDLE, DWORD priority_class) ORIEL_WIN(SetPriorityClass);
BOOL WINAPI GetProcessTimes(HANDLE, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                            LPFILETIME user) ORIEL_WIN(GetProcessTimes);
BOOL WINAPI GetThreadTimes(HANDLE, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                           LPFILETIME user) ORIEL_WIN(GetThreadTimes);

ORIEL_WIN_END

#endif
