// Clocks, counters, and what machine and version this is: Windows 10, as version 10.0 says.
#include <sys/utsname.h>
#include <sysinfoapi.h>
#include <timeapi.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>

#include "runtime/clock.h"
#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/system_time.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

constexpr DWORD kMajor = 10;
constexpr DWORD kMinor = 0;
constexpr DWORD kBuild = 19045;  // the last Windows 10
constexpr std::int64_t kCounterHz = 10'000'000;

FILETIME as_file_time(std::uint64_t units) {
  return {static_cast<DWORD>(units), static_cast<DWORD>(units >> 32)};
}

std::uint64_t units_of(const FILETIME& time) {
  return std::uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime;
}

constexpr std::uint64_t kUnitsPerMs = 10'000;
constexpr std::uint64_t kMsPerDay = 86'400'000;

SYSTEMTIME system_time(std::uint64_t units) {
  const std::uint64_t ms = units / kUnitsPerMs;
  const auto day =
      std::chrono::sys_days(std::chrono::year(1601) / 1 / 1) + std::chrono::days(ms / kMsPerDay);
  const std::chrono::year_month_day date(day);
  const std::uint64_t rest = ms % kMsPerDay;
  SYSTEMTIME time{};
  time.wYear = static_cast<WORD>(static_cast<int>(date.year()));
  time.wMonth = static_cast<WORD>(static_cast<unsigned>(date.month()));
  time.wDay = static_cast<WORD>(static_cast<unsigned>(date.day()));
  time.wDayOfWeek = static_cast<WORD>(std::chrono::weekday(day).c_encoding());
  time.wHour = static_cast<WORD>(rest / 3'600'000);
  time.wMinute = static_cast<WORD>(rest / 60'000 % 60);
  time.wSecond = static_cast<WORD>(rest / 1000 % 60);
  time.wMilliseconds = static_cast<WORD>(rest % 1000);
  return time;
}

std::uint64_t now_in_units() {
  return file_time_of(runtime::real_now());
}

/// One part of the version against what is asked, by the condition of its three bits.
bool satisfies(DWORD have, DWORD asked, int condition) {
  switch (condition) {
    case VER_EQUAL:
      return have == asked;
    case VER_GREATER:
      return have > asked;
    case VER_GREATER_EQUAL:
      return have >= asked;
    case VER_LESS:
      return have < asked;
    case VER_LESS_EQUAL:
      return have <= asked;
    default:
      return false;
  }
}

int condition_of(DWORDLONG mask, DWORD type) {
  int place = 0;
  while ((type >>= 1) != 0) ++place;
  return static_cast<int>(mask >> (place * 3) & 7);
}

struct Part {
  DWORD type, have, asked;
};

// Major, minor and service pack are one number whose order is lexical, under the condition of the
// highest part that is asked for.
bool satisfies_version(const Part (&parts)[4], DWORD types, DWORDLONG mask) {
  int condition = 0;
  for (const Part& part : parts) {
    if ((types & part.type) == 0) continue;
    if (condition == 0) condition = condition_of(mask, part.type);
    if (part.have != part.asked)
      return condition != VER_EQUAL && satisfies(part.have, part.asked, condition);
  }
  return condition == 0 || condition == VER_EQUAL || condition == VER_GREATER_EQUAL ||
         condition == VER_LESS_EQUAL;
}

template <class Info>
BOOL verify(const Info* info, DWORD types, DWORDLONG mask) {
  if (info == nullptr || types == 0) return fail_with(ERROR_BAD_ARGUMENTS, FALSE);
  const Part parts[4] = {{VER_MAJORVERSION, kMajor, info->dwMajorVersion},
                         {VER_MINORVERSION, kMinor, info->dwMinorVersion},
                         {VER_SERVICEPACKMAJOR, 0, info->wServicePackMajor},
                         {VER_SERVICEPACKMINOR, 0, info->wServicePackMinor}};
  const Part others[] = {{VER_BUILDNUMBER, kBuild, info->dwBuildNumber},
                         {VER_PLATFORMID, VER_PLATFORM_WIN32_NT, info->dwPlatformId},
                         {VER_PRODUCT_TYPE, VER_NT_WORKSTATION, info->wProductType}};
  bool is_satisfied = satisfies_version(parts, types, mask);
  for (const Part& part : others) {
    if ((types & part.type) == 0) continue;
    is_satisfied = is_satisfied && satisfies(part.have, part.asked, condition_of(mask, part.type));
  }
  return is_satisfied ? TRUE : fail_with(ERROR_OLD_WIN_VERSION, FALSE);
}

template <class Info, class InfoEx>
BOOL give_version(Info* info) {
  if (info == nullptr ||
      (info->dwOSVersionInfoSize != sizeof(Info) && info->dwOSVersionInfoSize != sizeof(InfoEx))) {
    return fail_with(ERROR_INSUFFICIENT_BUFFER, FALSE);
  }
  info->dwMajorVersion = kMajor;
  info->dwMinorVersion = kMinor;
  info->dwBuildNumber = kBuild;
  info->dwPlatformId = VER_PLATFORM_WIN32_NT;
  info->szCSDVersion[0] = 0;
  if (info->dwOSVersionInfoSize == sizeof(InfoEx)) {
    auto* more = reinterpret_cast<InfoEx*>(info);
    more->wServicePackMajor = more->wServicePackMinor = 0;
    more->wSuiteMask = 0x100;  // VER_SUITE_SINGLEUSERTS
    more->wProductType = VER_NT_WORKSTATION;
    more->wReserved = 0;
  }
  return TRUE;
}

std::string machine_name() {
  utsname machine{};
  ::uname(&machine);
  const std::string name = machine.nodename;
  return name.substr(0, name.find('.'));
}

template <class Character>
BOOL give_name(const std::basic_string<Character>& name, Character* to, LPDWORD size) {
  if (size == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const DWORD length = give_text(name, to, *size);
  const bool fits = length == name.size() && to != nullptr;
  *size = length;
  return fits ? TRUE : fail_with(ERROR_BUFFER_OVERFLOW, FALSE);
}

}  // namespace

VOID GetSystemInfo(LPSYSTEM_INFO info) {
  *info = {};
#if defined(__aarch64__)
  info->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_ARM64;
#else
  info->wProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
  info->dwProcessorType = 8664;
#endif
  const long processors = std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L);
  info->dwPageSize = static_cast<DWORD>(::sysconf(_SC_PAGESIZE));
  info->lpMinimumApplicationAddress = reinterpret_cast<LPVOID>(0x10000);
  info->lpMaximumApplicationAddress = reinterpret_cast<LPVOID>(0x7FFFFFFEFFFF);
  info->dwNumberOfProcessors = static_cast<DWORD>(processors);
  info->dwActiveProcessorMask = processors >= 64 ? ~DWORD_PTR{0} : (DWORD_PTR{1} << processors) - 1;
  info->dwAllocationGranularity = 65536;
}

VOID GetNativeSystemInfo(LPSYSTEM_INFO info) {
  GetSystemInfo(info);
}

BOOL GlobalMemoryStatusEx(LPMEMORYSTATUSEX status) {
  if (status == nullptr || status->dwLength != sizeof *status) {
    return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  }
  const auto page = static_cast<DWORDLONG>(::sysconf(_SC_PAGESIZE));
  status->ullTotalPhys = page * static_cast<DWORDLONG>(::sysconf(_SC_PHYS_PAGES));
  status->ullAvailPhys = page * static_cast<DWORDLONG>(::sysconf(_SC_AVPHYS_PAGES));
  status->ullTotalPageFile = status->ullTotalPhys;
  status->ullAvailPageFile = status->ullAvailPhys;
  status->ullTotalVirtual = status->ullAvailVirtual = DWORDLONG{1} << 47;
  status->ullAvailExtendedVirtual = 0;
  status->dwMemoryLoad = static_cast<DWORD>(100 - status->ullAvailPhys * 100 /
                                                      std::max<DWORDLONG>(status->ullTotalPhys, 1));
  return TRUE;
}

ULONGLONG GetTickCount64(VOID) {
  return static_cast<ULONGLONG>(runtime::real_now().ns / 1'000'000);
}

DWORD GetTickCount(VOID) {
  return static_cast<DWORD>(GetTickCount64());
}

DWORD timeGetTime(VOID) {
  return GetTickCount();
}

MMRESULT timeBeginPeriod(UINT) {
  return TIMERR_NOERROR;
}

MMRESULT timeEndPeriod(UINT) {
  return TIMERR_NOERROR;
}

VOID GetSystemTime(LPSYSTEMTIME time) {
  *time = system_time(now_in_units());
}

// The machine's zone is taken to be UTC, as on servers.
VOID GetLocalTime(LPSYSTEMTIME time) {
  GetSystemTime(time);
}

VOID GetSystemTimeAsFileTime(LPFILETIME time) {
  *time = as_file_time(now_in_units());
}

VOID GetSystemTimePreciseAsFileTime(LPFILETIME time) {
  GetSystemTimeAsFileTime(time);
}

BOOL FileTimeToSystemTime(const FILETIME* from, LPSYSTEMTIME to) {
  if (from == nullptr || to == nullptr || units_of(*from) >> 63 != 0) {
    return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  }
  *to = system_time(units_of(*from));
  return TRUE;
}

BOOL SystemTimeToFileTime(const SYSTEMTIME* from, LPFILETIME to) {
  using namespace std::chrono;
  if (from == nullptr || to == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const year_month_day date(year(from->wYear), month(from->wMonth), day(from->wDay));
  if (!date.ok() || from->wYear < 1601 || from->wHour > 23 || from->wMinute > 59 ||
      from->wSecond > 59 || from->wMilliseconds > 999) {
    return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  }
  const auto days_since = sys_days(date) - sys_days(year(1601) / 1 / 1);
  const std::uint64_t ms = static_cast<std::uint64_t>(days_since.count()) * kMsPerDay +
                           from->wHour * 3'600'000u + from->wMinute * 60'000u +
                           from->wSecond * 1000u + from->wMilliseconds;
  *to = as_file_time(ms * kUnitsPerMs);
  return TRUE;
}

BOOL QueryPerformanceCounter(LARGE_INTEGER* count) {
  if (count == nullptr) return fail_with(ERROR_NOACCESS, FALSE);
  count->QuadPart = runtime::real_now().ns / (1'000'000'000 / kCounterHz);
  return TRUE;
}

BOOL QueryPerformanceFrequency(LARGE_INTEGER* frequency) {
  if (frequency == nullptr) return fail_with(ERROR_NOACCESS, FALSE);
  frequency->QuadPart = kCounterHz;
  return TRUE;
}

DWORD GetVersion(VOID) {
  return kBuild << 16 | kMinor << 8 | kMajor;
}

BOOL GetVersionExA(LPOSVERSIONINFOA info) {
  return give_version<OSVERSIONINFOA, OSVERSIONINFOEXA>(info);
}

BOOL GetVersionExW(LPOSVERSIONINFOW info) {
  return give_version<OSVERSIONINFOW, OSVERSIONINFOEXW>(info);
}

ULONGLONG VerSetConditionMask(ULONGLONG mask, DWORD type, BYTE condition) {
  for (int place = 0; place < 8; ++place) {
    if ((type >> place & 1) != 0) mask |= static_cast<ULONGLONG>(condition & 7) << (place * 3);
  }
  return mask;
}

BOOL VerifyVersionInfoA(LPOSVERSIONINFOEXA info, DWORD types, DWORDLONG mask) {
  return verify(info, types, mask);
}

BOOL VerifyVersionInfoW(LPOSVERSIONINFOEXW info, DWORD types, DWORDLONG mask) {
  return verify(info, types, mask);
}

BOOL GetComputerNameA(LPSTR name, LPDWORD size) {
  return give_name(machine_name(), name, size);
}

BOOL GetComputerNameW(LPWSTR name, LPDWORD size) {
  return give_name(widen(machine_name()), name, size);
}
