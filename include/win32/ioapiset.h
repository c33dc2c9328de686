// Overlapped requests and completion ports.
// Prototypes: Microsoft Learn, ioapiset.h and winbase.h.
#ifndef _IO_APISET_H_
#define _IO_APISET_H_

#include <minwinbase.h>

#define FILE_SKIP_COMPLETION_PORT_ON_SUCCESS 0x1
#define FILE_SKIP_SET_EVENT_ON_HANDLE 0x2

ORIEL_WIN_BEGIN

HANDLE WINAPI CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD concurrency)
    ORIEL_WIN(CreateIoCompletionPort);
BOOL WINAPI GetQueuedCompletionStatus(HANDLE port, LPDWORD bytes, PULONG_PTR key,
                                      LPOVERLAPPED* overlapped, DWORD ms)
    ORIEL_WIN(GetQueuedCompletionStatus);
BOOL WINAPI GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG count,
                                        PULONG removed, DWORD ms, BOOL alertable)
    ORIEL_WIN(GetQueuedCompletionStatusEx);
BOOL WINAPI PostQueuedCompletionStatus(HANDLE port, DWORD bytes, ULONG_PTR key, LPOVERLAPPED)
    ORIEL_WIN(PostQueuedCompletionStatus);
BOOL WINAPI GetOverlappedResult(HANDLE, LPOVERLAPPED, LPDWORD bytes, BOOL wait)
    ORIEL_WIN(GetOverlappedResult);
BOOL WINAPI GetOverlappedResultEx(HANDLE, LPOVERLAPPED, LPDWORD bytes, DWORD ms, BOOL alertable)
    ORIEL_WIN(GetOverlappedResultEx);
BOOL WINAPI CancelIo(HANDLE) ORIEL_WIN(CancelIo);
BOOL WINAPI CancelIoEx(HANDLE, LPOVERLAPPED) ORIEL_WIN(CancelIoEx);
BOOL WINAPI CancelSynchronousIo(HANDLE thread) ORIEL_WIN(CancelSynchronousIo);
BOOL WINAPI SetFileCompletionNotificationModes(HANDLE, UCHAR flags)
    ORIEL_WIN(SetFileCompletionNotificationModes);
BOOL WINAPI BindIoCompletionCallback(HANDLE, LPOVERLAPPED_COMPLETION_ROUTINE, ULONG flags)
    ORIEL_WIN(BindIoCompletionCallback);

ORIEL_WIN_END

#endif
