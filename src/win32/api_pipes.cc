// Pipes and serial ports: declared for libraries that carry them beside their sockets, refused
// here.
#include <commapi.h>
#include <namedpipeapi.h>

#include "win32/last_error.h"

using oriel::win32::fail_with;

BOOL CreatePipe(PHANDLE, PHANDLE, LPSECURITY_ATTRIBUTES, DWORD) {
  return fail_with(ERROR_NOT_SUPPORTED, FALSE);
}

HANDLE CreateNamedPipeA(LPCSTR, DWORD, DWORD, DWORD, DWORD, DWORD, DWORD, LPSECURITY_ATTRIBUTES) {
  return fail_with(ERROR_NOT_SUPPORTED, INVALID_HANDLE_VALUE);
}

HANDLE CreateNamedPipeW(LPCWSTR, DWORD, DWORD, DWORD, DWORD, DWORD, DWORD, LPSECURITY_ATTRIBUTES) {
  return fail_with(ERROR_NOT_SUPPORTED, INVALID_HANDLE_VALUE);
}

BOOL ConnectNamedPipe(HANDLE, LPOVERLAPPED) {
  return fail_with(ERROR_NOT_SUPPORTED, FALSE);
}

BOOL DisconnectNamedPipe(HANDLE) {
  return fail_with(ERROR_NOT_SUPPORTED, FALSE);
}

BOOL GetCommState(HANDLE, LPDCB) {
  return fail_with(ERROR_NOT_SUPPORTED, FALSE);
}

BOOL SetCommState(HANDLE, LPDCB) {
  return fail_with(ERROR_NOT_SUPPORTED, FALSE);
}

BOOL GetCommTimeouts(HANDLE, LPCOMMTIMEOUTS) {
  return fail_with(ERROR_NOT_SUPPORTED, FALSE);
}

BOOL SetCommTimeouts(HANDLE, LPCOMMTIMEOUTS) {
  return fail_with(ERROR_NOT_SUPPORTED, FALSE);
}
