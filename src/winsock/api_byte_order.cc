// Numbers between this machine's order and the network's.
#include <winsock2.h>

#include "winsock/sockaddr.h"
#include "winsock/startup.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

u_long swapped(u_long value) {
  return __builtin_bswap32(value);
}
u_short swapped(u_short value) {
  return __builtin_bswap16(value);
}

// WSAHtonl and its relatives: order by the socket's protocol, which is big endian for all that we
// have.
template <class T>
int convert(SOCKET s, T value, T* out) {
  if (is_refused()) return SOCKET_ERROR;
  if (is_bad_pointer(out)) return fail_with(WSAEFAULT);
  int type = 0;
  int bytes = sizeof type;
  if (getsockopt(s, SOL_SOCKET, SO_TYPE, reinterpret_cast<char*>(&type), &bytes) == SOCKET_ERROR) {
    return SOCKET_ERROR;  // WSAENOTSOCK
  }
  *out = swapped(value);
  return 0;
}

}  // namespace

u_long WSAAPI htonl(u_long hostlong) {
  return swapped(hostlong);
}
u_long WSAAPI ntohl(u_long netlong) {
  return swapped(netlong);
}
u_short WSAAPI htons(u_short hostshort) {
  return swapped(hostshort);
}
u_short WSAAPI ntohs(u_short netshort) {
  return swapped(netshort);
}

int WSAAPI WSAHtonl(SOCKET s, u_long hostlong, u_long* lpnetlong) {
  return convert(s, hostlong, lpnetlong);
}
int WSAAPI WSANtohl(SOCKET s, u_long netlong, u_long* lphostlong) {
  return convert(s, netlong, lphostlong);
}
int WSAAPI WSAHtons(SOCKET s, u_short hostshort, u_short* lpnetshort) {
  return convert(s, hostshort, lpnetshort);
}
int WSAAPI WSANtohs(SOCKET s, u_short netshort, u_short* lphostshort) {
  return convert(s, netshort, lphostshort);
}
