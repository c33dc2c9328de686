// The system's clock, counters and version.
// Prototypes and layouts: Microsoft Learn, sysinfoapi.h, profileapi.h and winbase.h.
#ifndef _SYSINFOAPI_H_
#define _SYSINFOAPI_H_

#include <minwinbase.h>

#define PROCESSOR_ARCHITECTURE_INTEL 0
#define PROCESSOR_ARCHITECTURE_AMD64 9
#define PROCESSOR_ARCHITECTURE_ARM64 12

typedef struct _SYSTEM_INFO {
  __extension__ union {
    DWORD dwOemId;
    __extension__ struct {
      WORD wProcessorArchitecture;
      WORD wReserved;
    };
  };
  DWORD dwPageSize;
  LPVOID lpMinimumApplicationAddress;
  LPVOID lpMaximumApplicationAddress;
  DWORD_PTR dwActiveProcessorMask;
  DWORD dwNumberOfProcessors;
  DWORD dwProcessorType;
  DWORD dwAllocationGranularity;
  WORD wProcessorLevel;
  WORD wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;

typedef struct _MEMORYSTATUSEX {
  DWORD dwLength;
  DWORD dwMemoryLoad;
  DWORDLONG ullTotalPhys, ullAvailPhys, ullTotalPageFile, ullAvailPageFile, ullTotalVirtual,
      ullAvailVirtual, ullAvailExtendedVirtual;
} MEMORYSTATUSEX, *LPMEMORYSTATUSEX;

ORIEL_WIN_BEGIN

VOID WINAPI GetSystemInfo(LPSYSTEM_INFO) ORIEL_WIN(GetSystemInfo);
VOID WINAPI GetNativeSystemInfo(LPSYSTEM_INFO) ORIEL_WIN(GetNativeSystemInfo);
BOOL WINAPI GlobalMemoryStatusEx(LPMEMORYSTATUSEX) ORIEL_WIN(GlobalMemoryStatusEx);
DWORD WINAPI GetTickCount(VOID) ORIEL_WIN(GetTickCount);
ULONGLONG WINAPI GetTickCount64(VOID) ORIEL_WIN(GetTickCount64);
VOID WINAPI GetSystemTime(LPSYSTEMTIME) ORIEL_WIN(GetSystemTime);
VOID WINAPI GetLocalTime(LPSYSTEMTIME) ORIEL_WIN(GetLocalTime);
VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME) ORIEL_WIN(GetSystemTimeAsFileTime);
VOID WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME) ORIEL_WIN(GetSystemTimePreciseAsFileTime);
BOOL WINAPI FileTimeToSystemTime(const FILETIME*, LPSYSTEMTIME) ORIEL_WIN(FileTimeToSystemTime);
BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME*, LPFILETIME) ORIEL_WIN(SystemTimeToFileTime);
BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER*) ORIEL_WIN(QueryPerformanceCounter);
BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER*) ORIEL_WIN(QueryPerformanceFrequency);

DWORD WINAPI GetVersion(VOID) ORIEL_WIN(GetVersion);
BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA) ORIEL_WIN(GetVersionExA);
BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW) ORIEL_WIN(GetVersionExW);
ULONGLONG WINAPI VerSetConditionMask(ULONGLONG mask, DWORD type, BYTE condition)
    ORIEL_WIN(VerSetConditionMask);
BOOL WINAPI VerifyVersionInfoA(LPOSVERSIONINFOEXA, DWORD types, DWORDLONG mask)
    ORIEL_WIN(VerifyVersionInfoA);
BOOL WINAPI VerifyVersionInfoW(LPOSVERSIONINFOEXW, DWORD types, DWORDLONG mask)
    ORIEL_WIN(VerifyVersionInfoW);
BOOL WINAPI GetComputerNameA(LPSTR name, LPDWORD size) ORIEL_WIN(GetComputerNameA);
BOOL WINAPI GetComputerNameW(LPWSTR name, LPDWORD size) ORIEL_WIN(GetComputerNameW);

ORIEL_WIN_END

#define GetVersionEx ORIEL_WIN_AW(GetVersionEx)
#define VerifyVersionInfo ORIEL_WIN_AW(VerifyVersionInfo)
#define GetComputerName ORIEL_WIN_AW(GetComputerName)
#define VER_SET_CONDITION(mask, type, condition) \
  ((mask) = VerSetConditionMask((mask), (type), (condition)))

#endif
