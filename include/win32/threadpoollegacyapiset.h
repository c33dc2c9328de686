// Waits that a pool thread makes for the program. Prototypes: Microsoft Learn,
// threadpoollegacyapiset.h and winbase.h.
#ifndef _THREADPOOLLEGACYAPISET_H_
#define _THREADPOOLLEGACYAPISET_H_

#include <minwinbase.h>

#define WT_EXECUTEDEFAULT 0x00000000
#define WT_EXECUTEINIOTHREAD 0x00000001
#define WT_EXECUTEINWAITTHREAD 0x00000004
#define WT_EXECUTEONLYONCE 0x00000008
#define WT_EXECUTELONGFUNCTION 0x00000010
typedef VOID(NTAPI* WAITORTIMERCALLBACK)(PVOID context, BOOLEAN timed_out);

ORIEL_WIN_BEGIN

BOOL WINAPI RegisterWaitForSingleObject(PHANDLE wait, HANDLE object, WAITORTIMERCALLBACK callback,
                                        PVOID context, ULONG ms, ULONG flags)
    ORIEL_WIN(RegisterWaitForSingleObject);
BOOL WINAPI UnregisterWait(HANDLE wait) ORIEL_WIN(UnregisterWait);
BOOL WINAPI UnregisterWaitEx(HANDLE wait, HANDLE completion) ORIEL_WIN(UnregisterWaitEx);

ORIEL_WIN_END

#endif
