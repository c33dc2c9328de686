// WSPDuplicateSocket: a second descriptor of the same socket, in this process.
//
// The info carries the first descriptor's value; WSPSocket opens the second from it, so nothing is
// held for a program that never does. The socket closes with its last descriptor. There is no way
// to another process: its stack is another.
#include <windows.h>

#include "winsock/base_provider.h"
#include "winsock/protocol_info.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {

int WSPAPI spi_duplicate_socket(SOCKET s, DWORD process, LPWSAPROTOCOL_INFOW info, LPINT error) {
  const auto socket = find_socket(s);
  if (!socket) return end_call(no_socket_error(), error);
  if (is_bad_pointer(info)) return end_call(WSAEFAULT, error);
  if (process != GetCurrentProcessId()) return end_call(WSAEINVAL, error);
  for (const WSAPROTOCOL_INFOW& known : base_protocols()) {
    const Socket::Kind& kind = socket->kind();
    if (!is_family(known, kind.family) || !is_type(known, kind.type)) continue;
    *info = known;
    info->dwProviderReserved = static_cast<DWORD>(s);
    return 0;
  }
  return end_call(WSAEINVAL, error);
}

SOCKET open_duplicate(const WSAPROTOCOL_INFOW& info, LPINT error) {
  const SOCKET first{info.dwProviderReserved};
  HANDLE second = nullptr;
  if (find_socket(first)) second = win32::handles().duplicate(reinterpret_cast<HANDLE>(first));
  if (second != nullptr) return reinterpret_cast<SOCKET>(second);
  end_call(WSAEINVAL, error);
  return INVALID_SOCKET;
}

}  // namespace oriel::winsock
