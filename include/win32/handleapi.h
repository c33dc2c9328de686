// Handles: closing, copying, and the last error of a thread.
// Prototypes: Microsoft Learn, handleapi.h and errhandlingapi.h.
#ifndef _APISETHANDLE_
#define _APISETHANDLE_

#include <minwinbase.h>

#define DUPLICATE_CLOSE_SOURCE 0x1
#define DUPLICATE_SAME_ACCESS 0x2
#define HANDLE_FLAG_INHERIT 0x1
#define HANDLE_FLAG_PROTECT_FROM_CLOSE 0x2
#define SEM_FAILCRITICALERRORS 0x0001
#define SEM_NOGPFAULTERRORBOX 0x0002

ORIEL_WIN_BEGIN

BOOL WINAPI CloseHandle(HANDLE) ORIEL_WIN(CloseHandle);
BOOL WINAPI DuplicateHandle(HANDLE source_process, HANDLE source, HANDLE target_process,
                            LPHANDLE target, DWORD access, BOOL inherit, DWORD options)
    ORIEL_WIN(DuplicateHandle);
BOOL WINAPI GetHandleInformation(HANDLE, LPDWORD flags) ORIEL_WIN(GetHandleInformation);
BOOL WINAPI SetHandleInformation(HANDLE, DWORD mask, DWORD flags) ORIEL_WIN(SetHandleInformation);

DWORD WINAPI GetLastError(VOID) ORIEL_WIN(GetLastError);
VOID WINAPI SetLastError(DWORD) ORIEL_WIN(SetLastError);
UINT WINAPI SetErrorMode(UINT mode) ORIEL_WIN(SetErrorMode);

ORIEL_WIN_END

#endif
