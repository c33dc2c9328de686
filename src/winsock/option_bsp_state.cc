// SO_BSP_STATE: a socket's names, type and protocol in one CSADDR_INFO, with the addresses behind
// it in the program's own buffer.
//
//   | CSADDR_INFO | local sockaddr | remote sockaddr |
#include <ws2tcpip.h>

#include <cstring>

#include "winsock/option_table.h"
#include "winsock/spi_call.h"

namespace oriel::winsock {
namespace {

// Writes the address at `at`; nothing and a null pointer when there is none.
void place(const std::optional<Endpoint>& name, int family, char* at, SOCKET_ADDRESS& out) {
  out = {};
  if (!name) return;
  INT bytes = sockaddr_bytes(family);
  out.lpSockaddr = reinterpret_cast<LPSOCKADDR>(at);
  write_sockaddr(*name, family, out.lpSockaddr, &bytes);
  out.iSockaddrLength = bytes;
}

}  // namespace

int get_bsp_state(Socket& socket, char* value, INT* bytes) {
  if (is_bad_pointer(value) || is_bad_pointer(bytes)) return WSAEFAULT;
  const int family = socket.kind().family;
  const auto address_bytes = static_cast<std::size_t>(sockaddr_bytes(family));
  const std::size_t whole = sizeof(CSADDR_INFO) + 2 * address_bytes;
  if (*bytes < 0 || static_cast<std::size_t>(*bytes) < whole) return WSAEFAULT;
  std::optional<Endpoint> local, remote;
  {
    Turn turn(socket.host());
    if (socket.is_closed()) return WSAENOTSOCK;
    local = socket.local(turn.core());
    remote = socket.peer();
  }
  CSADDR_INFO info{};
  char* const names = value + sizeof info;
  place(local, family, names, info.LocalAddr);
  place(remote, family, names + address_bytes, info.RemoteAddr);
  info.iSocketType = socket.kind().type;
  info.iProtocol = socket.kind().protocol;
  std::memcpy(value, &info, sizeof info);
  *bytes = static_cast<INT>(whole);
  return 0;
}

}  // namespace oriel::winsock
