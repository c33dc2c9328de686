// WSAConnectByName and WSAConnectByList: the addresses one after the other until one answers.
//
// With a time limit the socket is non-blocking between the attempts and blocking afterwards: the
// calls ask for a blocking socket (documented). IPv6 sockets get IPv4 addresses in mapped form;
// programs clear IPV6_V6ONLY for that.
#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "runtime/clock.h"
#include "win32/utf8.h"
#include "winsock/address_query.h"
#include "winsock/address_text.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"

using namespace oriel;           // NOLINT(google-build-using-namespace)
using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t kAddressesMax = 256;  // tried in one call

struct Outputs {
  LPDWORD local_size;
  LPSOCKADDR local;
  LPDWORD remote_size;
  LPSOCKADDR remote;
};

BOOL refuse(INT error) {
  fail_with(error);
  return FALSE;
}

Instant limit_of(const timeval* timeout) {
  if (timeout == nullptr) return Instant::never();
  return runtime::real_now() + std::chrono::seconds(timeout->tv_sec) +
         std::chrono::microseconds(timeout->tv_usec);
}

void set_blocking(SOCKET s, bool is_blocking) {
  u_long is_nonblocking = is_blocking ? 0 : 1;
  ioctlsocket(s, FIONBIO, &is_nonblocking);
}

// Waits for a connect under way: 0, or why it failed.
INT wait_connected(SOCKET s, Instant limit) {
  const auto left = std::max(limit - runtime::real_now(), Duration::zero());
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(left).count();
  const timeval wait = {static_cast<decltype(timeval::tv_sec)>(us / 1'000'000),
                        static_cast<decltype(timeval::tv_usec)>(us % 1'000'000)};
  fd_set writable = {1, {s}};
  fd_set failed = {1, {s}};
  const int n = select(0, nullptr, &writable, &failed, &wait);
  if (n == 0) return WSAETIMEDOUT;
  if (n == SOCKET_ERROR) return WSAGetLastError();
  if (writable.fd_count != 0) return 0;
  INT error = 0;
  int bytes = sizeof error;
  getsockopt(s, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &bytes);
  return error != 0 ? error : WSAECONNREFUSED;
}

INT connect_one(SOCKET s, const SOCKADDR_INET& to, Instant limit) {
  const int bytes = static_cast<int>(socket_address_bytes(to.si_family));
  if (connect(s, reinterpret_cast<const sockaddr*>(&to), bytes) == 0) return 0;
  const INT error = WSAGetLastError();
  return error == WSAEWOULDBLOCK && !limit.is_never() ? wait_connected(s, limit) : error;
}

INT connect_any(SOCKET s, const std::vector<SOCKADDR_INET>& addresses, const timeval* timeout) {
  const Instant limit = limit_of(timeout);
  if (!limit.is_never()) set_blocking(s, false);
  INT error = WSAEHOSTUNREACH;
  for (const SOCKADDR_INET& to : addresses) {
    error = connect_one(s, to, limit);
    if (error == 0 || error == WSAETIMEDOUT || error == WSAENOTSOCK || error == WSAEISCONN) break;
  }
  if (!limit.is_never()) set_blocking(s, true);
  return error;
}

// An address that the caller did not ask for is left out.
void tell(SOCKET s, int WSAAPI (*name_of)(SOCKET, sockaddr*, int*), LPDWORD size, LPSOCKADDR out) {
  if (size == nullptr || out == nullptr) return;
  int bytes = static_cast<int>(*size);
  if (name_of(s, out, &bytes) == 0) *size = static_cast<DWORD>(bytes);
}

bool is_sound(const DWORD* size, const sockaddr* out) {
  return out == nullptr || (!is_bad_pointer(out) && !is_bad_pointer(size));
}

bool are_sound(const Outputs& outputs, const timeval* timeout) {
  return is_sound(outputs.local_size, outputs.local) &&
         is_sound(outputs.remote_size, outputs.remote) &&
         (timeout == nullptr || !is_bad_pointer(timeout));
}

BOOL finish(SOCKET s, INT error, const Outputs& outputs) {
  if (error != 0) return refuse(error);
  tell(s, getsockname, outputs.local_size, outputs.local);
  tell(s, getpeername, outputs.remote_size, outputs.remote);
  return TRUE;
}

// The family and type of `s`; false with the last error.
bool describe(SOCKET s, WSAPROTOCOL_INFOW& info) {
  int bytes = sizeof info;
  return getsockopt(s, SOL_SOCKET, SO_PROTOCOL_INFOW, reinterpret_cast<char*>(&info), &bytes) == 0;
}

BOOL connect_by_name(SOCKET s, const char* node, const char* service, const Outputs& outputs,
                     const timeval* timeout, LPWSAOVERLAPPED reserved) {
  if (is_refused()) return FALSE;
  if (node == nullptr || service == nullptr || reserved != nullptr) return refuse(WSAEINVAL);
  if (is_bad_pointer(node) || is_bad_pointer(service)) return refuse(WSAEFAULT);
  if (!are_sound(outputs, timeout)) return refuse(WSAEFAULT);
  WSAPROTOCOL_INFOW info{};
  if (!describe(s, info)) return FALSE;
  AddressQuery query{node, service};
  query.family = info.iAddressFamily;
  query.type = info.iSocketType;
  if (query.family == AF_INET6) query.flags = AI_V4MAPPED | AI_ALL;
  AddressAnswer answer;
  if (const INT error = answer_query(query, answer)) return refuse(error);
  std::vector<SOCKADDR_INET> addresses;
  for (const AddressAnswer::Row& row : answer.rows) addresses.push_back(row.address);
  return finish(s, connect_any(s, addresses, timeout), outputs);
}

}  // namespace

BOOL PASCAL WSAConnectByNameA(SOCKET s, LPCSTR node, LPCSTR service, LPDWORD local_size,
                              LPSOCKADDR local, LPDWORD remote_size, LPSOCKADDR remote,
                              const struct timeval* timeout, LPWSAOVERLAPPED reserved) {
  return connect_by_name(s, node, service, {local_size, local, remote_size, remote}, timeout,
                         reserved);
}

BOOL PASCAL WSAConnectByNameW(SOCKET s, LPWSTR node, LPWSTR service, LPDWORD local_size,
                              LPSOCKADDR local, LPDWORD remote_size, LPSOCKADDR remote,
                              const struct timeval* timeout, LPWSAOVERLAPPED reserved) {
  const auto text_of = [](const WCHAR* wide) {
    return is_bad_pointer(wide) ? std::string() : oriel::win32::narrow(wide);
  };
  const std::string node_text = text_of(node);
  const std::string service_text = text_of(service);
  const auto pointer_of = [](const WCHAR* wide, const std::string& text) {
    return is_bad_pointer(wide) ? reinterpret_cast<const char*>(wide) : text.c_str();
  };
  return connect_by_name(s, pointer_of(node, node_text), pointer_of(service, service_text),
                         {local_size, local, remote_size, remote}, timeout, reserved);
}

BOOL PASCAL WSAConnectByList(SOCKET s, LPSOCKET_ADDRESS_LIST list, LPDWORD local_size,
                             LPSOCKADDR local, LPDWORD remote_size, LPSOCKADDR remote,
                             const struct timeval* timeout, LPWSAOVERLAPPED reserved) {
  const Outputs outputs = {local_size, local, remote_size, remote};
  if (is_refused()) return FALSE;
  if (list == nullptr || reserved != nullptr) return refuse(WSAEINVAL);
  if (is_bad_pointer(list) || !are_sound(outputs, timeout)) return refuse(WSAEFAULT);
  if (list->iAddressCount <= 0) return refuse(WSAEINVAL);
  const auto count = std::min(static_cast<std::size_t>(list->iAddressCount), kAddressesMax);
  std::vector<SOCKADDR_INET> addresses;
  for (const SOCKET_ADDRESS* at = list->Address; at != list->Address + count; ++at) {
    if (is_bad_pointer(at->lpSockaddr)) return refuse(WSAEFAULT);
    const std::size_t bytes = socket_address_bytes(at->lpSockaddr->sa_family);
    if (bytes == 0) return refuse(WSAEAFNOSUPPORT);
    if (static_cast<std::size_t>(at->iSockaddrLength) < bytes) return refuse(WSAEFAULT);
    SOCKADDR_INET to{};
    std::memcpy(&to, at->lpSockaddr, bytes);
    addresses.push_back(to);
  }
  return finish(s, connect_any(s, addresses, timeout), outputs);
}
