// WPUCompleteOverlappedRequest: a layered provider without IFS handles ends a request of its own.
#include <ntstatus.h>
#include <windows.h>
#include <ws2spi.h>

#include "win32/handle_table.h"
#include "win32/io_completion.h"
#include "winsock/layered_socket.h"

namespace {

// A WSA or Win32 error as a status word: FACILITY_NTWIN32 carries any of them
// (WSAGetOverlappedResult is the layer's).
NTSTATUS status_for(DWORD error) {
  constexpr std::uint32_t kWin32Facility = 0xc0070000;
  if (error == 0) return STATUS_SUCCESS;
  if (error == WSA_OPERATION_ABORTED) return STATUS_CANCELLED;
  return static_cast<NTSTATUS>(kWin32Facility | (error & 0xffff));
}

}  // namespace

int WSPAPI WPUCompleteOverlappedRequest(SOCKET s, LPWSAOVERLAPPED overlapped, DWORD error,
                                        DWORD bytes, LPINT lpErrno) {
  using namespace oriel;  // NOLINT(google-build-using-namespace)
  const auto socket = win32::handles().find_as<winsock::LayeredSocket>(reinterpret_cast<HANDLE>(s));
  if (socket && overlapped != nullptr) {
    win32::complete_overlapped(*socket, *overlapped, status_for(error), bytes, false);
    return 0;
  }
  if (lpErrno != nullptr) *lpErrno = socket ? WSAEFAULT : WSAEINVAL;
  return SOCKET_ERROR;
}
