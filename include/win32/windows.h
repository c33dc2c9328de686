// The subset of windows.h that network programs need: kernel32's objects, threads, waits, memory,
// text and files, timeGetTime, and Winsock unless the program is lean (WIN32_LEAN_AND_MEAN).
//
// It is not an emulation of Windows: no windows, no registry, no processes of others.
#ifndef _WINDOWS_
#define _WINDOWS_
#define _INC_WINDOWS

#include <oriel_win_crt.h>
#include <oriel_win_exceptions.h>
#include <oriel_win_interlocked.h>
#include <oriel_win_linkage.h>
#include <oriel_win_minmax.h>
#include <winbase.h>

#ifndef WIN32_LEAN_AND_MEAN
#include <timeapi.h>
#if !defined(_WINSOCKAPI_) && !defined(_WINSOCK2API_)
#include <winsock2.h>
#endif
#endif

#endif
