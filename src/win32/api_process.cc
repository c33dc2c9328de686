// This process: who it is, how it ends, what it was given.
#include <consoleapi.h>
#include <processthreadsapi.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "runtime/clock.h"
#include "win32/arguments.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"
#include "win32/system_time.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

FILETIME units_of(const timeval& time) {
  const auto units = static_cast<std::uint64_t>(time.tv_sec) * 10'000'000 +
                     static_cast<std::uint64_t>(time.tv_usec) * 10;
  return {static_cast<DWORD>(units), static_cast<DWORD>(units >> 32)};
}

BOOL give_times(int who, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel, LPFILETIME user) {
  if (creation == nullptr || exit == nullptr || kernel == nullptr || user == nullptr) {
    return fail_with(ERROR_NOACCESS, FALSE);
  }
  rusage usage{};
  ::getrusage(who, &usage);
  static const std::uint64_t since = file_time_of(runtime::real_now());
  *creation = {static_cast<DWORD>(since), static_cast<DWORD>(since >> 32)};
  *exit = {0, 0};
  *kernel = units_of(usage.ru_stime);
  *user = units_of(usage.ru_utime);
  return TRUE;
}

/// The arguments as one line, each with blanks in quotes.
const std::string& command_line() {
  static const std::string& line = *new std::string([] {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    const std::string raw{std::istreambuf_iterator<char>(file), {}};
    std::string text;
    for (std::size_t at = 0; at < raw.size();) {
      const std::string word = raw.c_str() + at;
      at += word.size() + 1;
      const bool is_quoted = word.empty() || word.find_first_of(" \t") != std::string::npos;
      if (!text.empty()) text += ' ';
      text += is_quoted ? '"' + word + '"' : word;
    }
    return text;
  }());
  return line;
}

}  // namespace

HANDLE GetCurrentProcess(VOID) {
  return reinterpret_cast<HANDLE>(std::intptr_t{-1});
}

DWORD GetCurrentProcessId(VOID) {
  return static_cast<DWORD>(::getpid());
}

HANDLE OpenProcess(DWORD, BOOL, DWORD id) {
  if (id != GetCurrentProcessId()) return fail_with<HANDLE>(ERROR_INVALID_PARAMETER, nullptr);
  return handle_to(object_of(GetCurrentProcess()));
}

VOID ExitProcess(UINT code) {
  std::exit(static_cast<int>(code));
}

BOOL TerminateProcess(HANDLE handle, UINT code) {
  if (!object_of<ProcessObject>(handle)) return FALSE;
  std::_Exit(static_cast<int>(code));
}

BOOL GetExitCodeProcess(HANDLE handle, LPDWORD code) {
  if (!object_of<ProcessObject>(handle)) return FALSE;
  if (code == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  *code = STILL_ACTIVE;
  return TRUE;
}

BOOL SetPriorityClass(HANDLE handle, DWORD) {
  return object_of<ProcessObject>(handle) ? TRUE : FALSE;
}

BOOL GetProcessTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                     LPFILETIME user) {
  if (!object_of<ProcessObject>(handle)) return FALSE;
  return give_times(RUSAGE_SELF, creation, exit, kernel, user);
}

// Only the calling thread's can be told.
BOOL GetThreadTimes(HANDLE handle, LPFILETIME creation, LPFILETIME exit, LPFILETIME kernel,
                    LPFILETIME user) {
  const auto thread = object_of<ThreadObject>(handle);
  if (!thread) return FALSE;
  if (thread->record->id() != GetCurrentThreadId()) {
    return fail_with(ERROR_CALL_NOT_IMPLEMENTED, FALSE);
  }
  constexpr int kThisThread = 1;  // RUSAGE_THREAD
  return give_times(kThisThread, creation, exit, kernel, user);
}

LPSTR GetCommandLineA(VOID) {
  static std::string line = command_line();
  return line.data();
}

LPWSTR GetCommandLineW(VOID) {
  static std::wstring line = widen(command_line());
  return line.data();
}

DWORD GetEnvironmentVariableA(LPCSTR name, LPSTR value, DWORD size) {
  const char* found = name == nullptr ? nullptr : std::getenv(name);
  if (found == nullptr) return fail_with(DWORD{203} /* ERROR_ENVVAR_NOT_FOUND */, DWORD{0});
  set_last_error(ERROR_SUCCESS);
  return give_text<char>(found, value, size);
}

DWORD GetEnvironmentVariableW(LPCWSTR name, LPWSTR value, DWORD size) {
  const char* found = name == nullptr ? nullptr : std::getenv(narrow(name).c_str());
  if (found == nullptr) return fail_with(DWORD{203} /* ERROR_ENVVAR_NOT_FOUND */, DWORD{0});
  set_last_error(ERROR_SUCCESS);
  return give_text<wchar_t>(widen(found), value, size);
}

BOOL SetEnvironmentVariableA(LPCSTR name, LPCSTR value) {
  if (name == nullptr || *name == 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  const int error = value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  return error == 0 ? TRUE : fail_with(ERROR_INVALID_PARAMETER, FALSE);
}

BOOL SetEnvironmentVariableW(LPCWSTR name, LPCWSTR value) {
  if (name == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  return SetEnvironmentVariableA(narrow(name).c_str(),
                                 value == nullptr ? nullptr : narrow(value).c_str());
}
