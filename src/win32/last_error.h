// The last error of the calling thread: one word, read by GetLastError and WSAGetLastError.
#pragma once

#include <winerror.h>

namespace oriel::win32 {

DWORD last_error();
void set_last_error(DWORD error);

/// Sets the error and returns `result`, for calls that end so.
template <class T>
T fail_with(DWORD error, T result) {
  set_last_error(error);
  return result;
}

}  // namespace oriel::win32
