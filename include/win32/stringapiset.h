// Text: conversions, lengths, messages of error codes.
// Prototypes: Microsoft Learn, stringapiset.h and winbase.h.
#ifndef _APISETSTRING_
#define _APISETSTRING_

#include <minwinbase.h>
#include <stdarg.h>

#define CP_ACP 0
#define CP_OEMCP 1
#define CP_UTF8 65001
#define MB_PRECOMPOSED 0x00000001
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_NO_BEST_FIT_CHARS 0x00000400
#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200
#define FORMAT_MESSAGE_FROM_STRING 0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000FF

ORIEL_WIN_BEGIN

int WINAPI MultiByteToWideChar(UINT page, DWORD flags, LPCCH text, int bytes, LPWSTR wide, int size)
    ORIEL_WIN(MultiByteToWideChar);
int WINAPI WideCharToMultiByte(UINT page, DWORD flags, LPCWCH wide, int count, LPSTR text, int size,
                               LPCCH fallback, LPBOOL used_fallback) ORIEL_WIN(WideCharToMultiByte);
DWORD WINAPI FormatMessageA(DWORD flags, LPCVOID source, DWORD message, DWORD language,
                            LPSTR buffer, DWORD size, va_list*) ORIEL_WIN(FormatMessageA);
DWORD WINAPI FormatMessageW(DWORD flags, LPCVOID source, DWORD message, DWORD language,
                            LPWSTR buffer, DWORD size, va_list*) ORIEL_WIN(FormatMessageW);
int WINAPI lstrlenA(LPCSTR) ORIEL_WIN(lstrlenA);
int WINAPI lstrlenW(LPCWSTR) ORIEL_WIN(lstrlenW);
int WINAPI lstrcmpA(LPCSTR, LPCSTR) ORIEL_WIN(lstrcmpA);
int WINAPI lstrcmpW(LPCWSTR, LPCWSTR) ORIEL_WIN(lstrcmpW);
int WINAPI lstrcmpiA(LPCSTR, LPCSTR) ORIEL_WIN(lstrcmpiA);
int WINAPI lstrcmpiW(LPCWSTR, LPCWSTR) ORIEL_WIN(lstrcmpiW);
LPSTR WINAPI lstrcpyA(LPSTR to, LPCSTR) ORIEL_WIN(lstrcpyA);
LPWSTR WINAPI lstrcpyW(LPWSTR to, LPCWSTR) ORIEL_WIN(lstrcpyW);
LPSTR WINAPI lstrcpynA(LPSTR to, LPCSTR, int size) ORIEL_WIN(lstrcpynA);
LPWSTR WINAPI lstrcpynW(LPWSTR to, LPCWSTR, int size) ORIEL_WIN(lstrcpynW);
LPSTR WINAPI lstrcatA(LPSTR to, LPCSTR) ORIEL_WIN(lstrcatA);
LPWSTR WINAPI lstrcatW(LPWSTR to, LPCWSTR) ORIEL_WIN(lstrcatW);
VOID WINAPI OutputDebugStringA(LPCSTR) ORIEL_WIN(OutputDebugStringA);
VOID WINAPI OutputDebugStringW(LPCWSTR) ORIEL_WIN(OutputDebugStringW);
BOOL WINAPI IsDebuggerPresent(VOID) ORIEL_WIN(IsDebuggerPresent);
VOID WINAPI DebugBreak(VOID) ORIEL_WIN(DebugBreak);

ORIEL_WIN_END

#define FormatMessage ORIEL_WIN_AW(FormatMessage)
#define lstrlen ORIEL_WIN_AW(lstrlen)
#define lstrcmp ORIEL_WIN_AW(lstrcmp)
#define lstrcmpi ORIEL_WIN_AW(lstrcmpi)
#define lstrcpy ORIEL_WIN_AW(lstrcpy)
#define lstrcpyn ORIEL_WIN_AW(lstrcpyn)
#define lstrcat ORIEL_WIN_AW(lstrcat)
#define OutputDebugString ORIEL_WIN_AW(OutputDebugString)

#endif
