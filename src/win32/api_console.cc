// The standard handles, writing to the terminal, and its interrupt.
#include <consoleapi.h>
#include <fileapi.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "runtime/interrupt.h"
#include "runtime/lock.h"
#include "win32/arguments.h"
#include "win32/disk_file.h"
#include "win32/last_error.h"
#include "win32/utf8.h"

using namespace oriel;
using namespace oriel::win32;

namespace {

constexpr DWORD kModeAtFirst = 0x3;  // processed output, wrap at the end of a line

struct Interrupts {
  runtime::Lock lock;
  std::vector<PHANDLER_ROUTINE> handlers;  ///< the last to be added is asked first
  bool are_ignored = false;
};

Interrupts& interrupts() {
  static Interrupts& all = *new Interrupts;
  return all;
}

/// Asks the handlers in turn; true: one has dealt with it, or nobody wants to hear of it.
bool ask_handlers(DWORD event) {
  std::vector<PHANDLER_ROUTINE> handlers;
  {
    runtime::LockHold hold(interrupts().lock);
    if (interrupts().are_ignored && event == CTRL_C_EVENT) return true;
    handlers = interrupts().handlers;
  }
  return std::any_of(handlers.rbegin(), handlers.rend(),
                     [event](PHANDLER_ROUTINE handler) { return handler(event) != FALSE; });
}

void on_signal(int number) {
  constexpr int kInterrupt = 2;
  const bool is_done = ask_handlers(number == kInterrupt ? CTRL_C_EVENT : CTRL_CLOSE_EVENT);
  if (!is_done) runtime::end_by_signal(number);
}

BOOL write_text(HANDLE handle, const std::string& text) {
  DWORD written = 0;
  return WriteFile(handle, text.data(), static_cast<DWORD>(text.size()), &written, nullptr);
}

}  // namespace

HANDLE GetStdHandle(DWORD which) {
  static const HANDLE standard[3] = {handle_to(make_ref<DiskFile>(0, false, false)),
                                     handle_to(make_ref<DiskFile>(1, false, false)),
                                     handle_to(make_ref<DiskFile>(2, false, false))};
  const DWORD index = STD_INPUT_HANDLE - which;
  return index < 3 ? standard[index] : fail_with(ERROR_INVALID_HANDLE, INVALID_HANDLE_VALUE);
}

BOOL WriteConsoleA(HANDLE handle, const VOID* text, DWORD size, LPDWORD written, LPVOID) {
  if (!write_text(handle, std::string(static_cast<const char*>(text), size))) return FALSE;
  if (written != nullptr) *written = size;
  return TRUE;
}

BOOL WriteConsoleW(HANDLE handle, const VOID* text, DWORD size, LPDWORD written, LPVOID) {
  std::string narrow_text;
  for (DWORD i = 0; i < size; ++i) {
    append_utf8(narrow_text, static_cast<char32_t>(static_cast<const wchar_t*>(text)[i]));
  }
  if (!write_text(handle, narrow_text)) return FALSE;
  if (written != nullptr) *written = size;
  return TRUE;
}

BOOL GetConsoleMode(HANDLE handle, LPDWORD mode) {
  const auto file = object_of<FileObject>(handle);
  if (!file) return FALSE;
  const bool is_terminal =
      file->kind() == ObjectKind::kFile && ::isatty(static_cast<DiskFile&>(*file).fd()) == 1;
  if (!is_terminal) return fail_with(ERROR_INVALID_HANDLE, FALSE);
  if (mode != nullptr) *mode = kModeAtFirst;
  return TRUE;
}

BOOL SetConsoleMode(HANDLE handle, DWORD) {
  return GetConsoleMode(handle, nullptr);
}

BOOL SetConsoleCtrlHandler(PHANDLER_ROUTINE handler, BOOL add) {
  Interrupts& all = interrupts();
  if (add && !runtime::handle_interrupts(on_signal))
    return fail_with(ERROR_NOT_ENOUGH_MEMORY, FALSE);
  runtime::LockHold hold(all.lock);
  if (handler == nullptr) {
    all.are_ignored = add != FALSE;
    return TRUE;
  }
  if (add) {
    all.handlers.push_back(handler);
    return TRUE;
  }
  const auto found = std::find(all.handlers.rbegin(), all.handlers.rend(), handler);
  if (found == all.handlers.rend()) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  all.handlers.erase(std::next(found).base());
  return TRUE;
}

BOOL GenerateConsoleCtrlEvent(DWORD event, DWORD group) {
  if (event > CTRL_BREAK_EVENT || group != 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  if (!ask_handlers(event)) runtime::end_by_signal(2);
  return TRUE;
}

BOOL SetConsoleTitleA(LPCSTR) {
  return TRUE;
}

BOOL SetConsoleTitleW(LPCWSTR) {
  return TRUE;
}
