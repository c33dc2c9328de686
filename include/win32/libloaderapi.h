// Modules: ws2_32, mswsock, kernel32 and iphlpapi are this library under other names.
// Prototypes: Microsoft Learn, libloaderapi.h.
#ifndef _APISETLIBLOADER_
#define _APISETLIBLOADER_

#include <minwinbase.h>

#define LOAD_LIBRARY_SEARCH_SYSTEM32 0x00000800
#define LOAD_WITH_ALTERED_SEARCH_PATH 0x00000008
#define GET_MODULE_HANDLE_EX_FLAG_PIN 0x1
#define GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT 0x2
#define GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS 0x4

ORIEL_WIN_BEGIN

HMODULE WINAPI LoadLibraryA(LPCSTR name) ORIEL_WIN(LoadLibraryA);
HMODULE WINAPI LoadLibraryW(LPCWSTR name) ORIEL_WIN(LoadLibraryW);
HMODULE WINAPI LoadLibraryExA(LPCSTR name, HANDLE file, DWORD flags) ORIEL_WIN(LoadLibraryExA);
HMODULE WINAPI LoadLibraryExW(LPCWSTR name, HANDLE file, DWORD flags) ORIEL_WIN(LoadLibraryExW);
BOOL WINAPI FreeLibrary(HMODULE) ORIEL_WIN(FreeLibrary);
HMODULE WINAPI GetModuleHandleA(LPCSTR name) ORIEL_WIN(GetModuleHandleA);
HMODULE WINAPI GetModuleHandleW(LPCWSTR name) ORIEL_WIN(GetModuleHandleW);
BOOL WINAPI GetModuleHandleExA(DWORD flags, LPCSTR name, HMODULE*) ORIEL_WIN(GetModuleHandleExA);
BOOL WINAPI GetModuleHandleExW(DWORD flags, LPCWSTR name, HMODULE*) ORIEL_WIN(GetModuleHandleExW);
DWORD WINAPI GetModuleFileNameA(HMODULE, LPSTR name, DWORD size) ORIEL_WIN(GetModuleFileNameA);
DWORD WINAPI GetModuleFileNameW(HMODULE, LPWSTR name, DWORD size) ORIEL_WIN(GetModuleFileNameW);
FARPROC WINAPI GetProcAddress(HMODULE, LPCSTR name) ORIEL_WIN(GetProcAddress);
BOOL WINAPI DisableThreadLibraryCalls(HMODULE) ORIEL_WIN(DisableThreadLibraryCalls);

ORIEL_WIN_END

#define LoadLibrary ORIEL_WIN_AW(LoadLibrary)
#define LoadLibraryEx ORIEL_WIN_AW(LoadLibraryEx)
#define GetModuleHandle ORIEL_WIN_AW(GetModuleHandle)
#define GetModuleHandleEx ORIEL_WIN_AW(GetModuleHandleEx)
#define GetModuleFileName ORIEL_WIN_AW(GetModuleFileName)

#endif
