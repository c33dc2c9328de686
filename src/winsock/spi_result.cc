// WSPGetOverlappedResult: what became of an overlapped call, read from its OVERLAPPED.
//
// It waits for the call's event where there is one (an auto-reset event is used up, as on Windows),
// whatever socket was named; else for the socket's completions.
#include "win32/io_completion.h"
#include "winsock/base_provider.h"
#include "winsock/sockaddr.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {

BOOL WSPAPI spi_get_overlapped_result(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD bytes,
                                      BOOL is_waiting, LPDWORD flags, LPINT error) {
  const auto fail = [&](int e) {
    end_call(e, error);
    return FALSE;
  };
  const auto socket = find_socket(s);
  if (!socket) return fail(no_socket_error());
  if (is_bad_pointer(overlapped) || is_bad_pointer(bytes) || is_bad_pointer(flags)) {
    return fail(WSAEFAULT);
  }
  if (win32::is_pending(*overlapped)) {
    if (is_waiting == FALSE) return fail(WSA_IO_INCOMPLETE);
    const auto event = reinterpret_cast<std::uintptr_t>(overlapped->hEvent) & ~std::uintptr_t{1};
    if (event == 0) {
      socket->wait_for_completion(*overlapped, Instant::never());
    } else if (WaitForSingleObject(reinterpret_cast<HANDLE>(event), INFINITE) == WAIT_FAILED) {
      return fail(WSA_INVALID_HANDLE);
    }
    if (win32::is_pending(*overlapped)) return fail(WSA_IO_INCOMPLETE);  // the event was set before
  }
  const NTSTATUS status = win32::status_of(*overlapped);
  *bytes = static_cast<DWORD>(overlapped->InternalHigh);
  *flags = status == STATUS_BUFFER_OVERFLOW ? MSG_PARTIAL : 0;
  const int e = wsa_error_of(status);
  return e == 0 ? TRUE : fail(e);
}

}  // namespace oriel::winsock
