// The multimedia clock: milliseconds, and a request for finer timers that is granted always.
// Prototypes: Microsoft Learn, timeapi.h.
#ifndef _APISETTIME_
#define _APISETTIME_

#include <minwindef.h>

#define TIMERR_NOERROR 0
typedef UINT MMRESULT;

ORIEL_WIN_BEGIN

DWORD WINAPI timeGetTime(VOID) ORIEL_WIN(timeGetTime);
MMRESULT WINAPI timeBeginPeriod(UINT ms) ORIEL_WIN(timeBeginPeriod);
MMRESULT WINAPI timeEndPeriod(UINT ms) ORIEL_WIN(timeEndPeriod);

ORIEL_WIN_END

#endif
