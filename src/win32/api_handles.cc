// Closing and copying handles, and the last error.
#include <handleapi.h>
#include <processthreadsapi.h>

#include "win32/arguments.h"
#include "win32/handle_table.h"
#include "win32/last_error.h"
#include "win32/sync_objects.h"

using namespace oriel;
using namespace oriel::win32;

BOOL CloseHandle(HANDLE handle) {
  // The pseudo handles, of which -1 is INVALID_HANDLE_VALUE too.
  if (handle == GetCurrentProcess() || handle == GetCurrentThread()) return TRUE;
  if (handles().close(handle) == HandleTable::Closed::kClosed) return TRUE;
  return fail_with(ERROR_INVALID_HANDLE, FALSE);
}

BOOL DuplicateHandle(HANDLE source_process, HANDLE source, HANDLE target_process, LPHANDLE target,
                     DWORD, BOOL, DWORD options) {
  if (!object_of<ProcessObject>(source_process)) return FALSE;
  const Ref<Object> object = object_of(source);
  if (!object) return FALSE;
  if (target != nullptr) {
    if (!object_of<ProcessObject>(target_process)) return FALSE;
    *target = handle_to(object);
    if (*target == nullptr) return FALSE;
  }
  if ((options & DUPLICATE_CLOSE_SOURCE) != 0) CloseHandle(source);
  return TRUE;
}

BOOL GetHandleInformation(HANDLE handle, LPDWORD flags) {
  if (flags == nullptr) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  return handles().flags(handle, *flags) ? TRUE : fail_with(ERROR_INVALID_HANDLE, FALSE);
}

BOOL SetHandleInformation(HANDLE handle, DWORD mask, DWORD flags) {
  const DWORD known = HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE;
  if ((mask & ~known) != 0) return fail_with(ERROR_INVALID_PARAMETER, FALSE);
  return handles().set_flags(handle, mask, flags) ? TRUE : fail_with(ERROR_INVALID_HANDLE, FALSE);
}

DWORD GetLastError(VOID) {
  return last_error();
}

VOID SetLastError(DWORD error) {
  set_last_error(error);
}

UINT SetErrorMode(UINT mode) {
  static std::atomic<UINT> current{0};
  return current.exchange(mode);
}
