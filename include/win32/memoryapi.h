// The heap, pages and local memory.
// Prototypes: Microsoft Learn, heapapi.h, memoryapi.h and winbase.h.
#ifndef _MEMORYAPI_H_
#define _MEMORYAPI_H_

#include <minwinbase.h>

#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR (LMEM_FIXED | LMEM_ZEROINIT)
#define GMEM_FIXED 0x0000
#define GMEM_MOVEABLE 0x0002
#define GMEM_ZEROINIT 0x0040
#define GPTR (GMEM_FIXED | GMEM_ZEROINIT)

ORIEL_WIN_BEGIN

HANDLE WINAPI GetProcessHeap(VOID) ORIEL_WIN(GetProcessHeap);
HANDLE WINAPI HeapCreate(DWORD options, SIZE_T initial, SIZE_T maximum) ORIEL_WIN(HeapCreate);
BOOL WINAPI HeapDestroy(HANDLE) ORIEL_WIN(HeapDestroy);
LPVOID WINAPI HeapAlloc(HANDLE, DWORD flags, SIZE_T size) ORIEL_WIN(HeapAlloc);
LPVOID WINAPI HeapReAlloc(HANDLE, DWORD flags, LPVOID, SIZE_T size) ORIEL_WIN(HeapReAlloc);
BOOL WINAPI HeapFree(HANDLE, DWORD flags, LPVOID) ORIEL_WIN(HeapFree);
SIZE_T WINAPI HeapSize(HANDLE, DWORD flags, LPCVOID) ORIEL_WIN(HeapSize);
BOOL WINAPI HeapValidate(HANDLE, DWORD flags, LPCVOID) ORIEL_WIN(HeapValidate);
BOOL WINAPI HeapSetInformation(HANDLE, int what, PVOID value, SIZE_T size)
    ORIEL_WIN(HeapSetInformation);

HLOCAL WINAPI LocalAlloc(UINT flags, SIZE_T size) ORIEL_WIN(LocalAlloc);
HLOCAL WINAPI LocalReAlloc(HLOCAL, SIZE_T size, UINT flags) ORIEL_WIN(LocalReAlloc);
HLOCAL WINAPI LocalFree(HLOCAL) ORIEL_WIN(LocalFree);
SIZE_T WINAPI LocalSize(HLOCAL) ORIEL_WIN(LocalSize);
HGLOBAL WINAPI GlobalAlloc(UINT flags, SIZE_T size) ORIEL_WIN(GlobalAlloc);
HGLOBAL WINAPI GlobalFree(HGLOBAL) ORIEL_WIN(GlobalFree);

LPVOID WINAPI VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protect)
    ORIEL_WIN(VirtualAlloc);
BOOL WINAPI VirtualFree(LPVOID address, SIZE_T size, DWORD type) ORIEL_WIN(VirtualFree);
BOOL WINAPI VirtualProtect(LPVOID address, SIZE_T size, DWORD protect, PDWORD old)
    ORIEL_WIN(VirtualProtect);
BOOL WINAPI VirtualLock(LPVOID address, SIZE_T size) ORIEL_WIN(VirtualLock);
BOOL WINAPI VirtualUnlock(LPVOID address, SIZE_T size) ORIEL_WIN(VirtualUnlock);

ORIEL_WIN_END

#endif
