// Every argument wrong, one at a time, on sockets that are otherwise fit for the call: the
// documented error, and the socket goes on.
#include "api_winsock/bad_input.h"

#include <mstcpip.h>
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "api_winsock/loopback_pair.h"
#include "api_winsock/started.h"
#include "support/win_case.h"

namespace {

WIN_CASE(BadInput, PointersOfNames) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET fresh = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET listener = listening_socket();
  const SOCKET datagrams = bound_socket(SOCK_DGRAM);
  set_non_blocking(listener);
  sockaddr_in name{};
  auto* out = reinterpret_cast<sockaddr*>(&name);
  char byte = 'x';
  for (const ULONG_PTR at : kBadAddresses) {
    int length = sizeof name;
    SAYS(bind(fresh, bad<sockaddr>(at), sizeof name), WSAEFAULT);
    SAYS(connect(fresh, bad<sockaddr>(at), sizeof name), WSAEFAULT);
    SAYS(WSAConnect(datagrams, bad<sockaddr>(at), sizeof name, nullptr, nullptr, nullptr, nullptr),
         WSAEFAULT);
    SAYS(getsockname(pair.client, bad<sockaddr>(at), &length), WSAEFAULT);
    SAYS(getsockname(pair.client, out, bad<int>(at)), WSAEFAULT);
    SAYS(getpeername(pair.client, bad<sockaddr>(at), &length), WSAEFAULT);
    SAYS(getpeername(pair.client, out, bad<int>(at)), WSAEFAULT);
    NO_SOCKET(accept(listener, out, bad<int>(at)), WSAEFAULT);
    if (at == 0) continue;  // no name is asked for, or the connected one meant
    NO_SOCKET(accept(listener, bad<sockaddr>(at), &length), WSAEFAULT);
    SAYS(sendto(datagrams, &byte, 1, 0, bad<sockaddr>(at), sizeof name), WSAEFAULT);
    SAYS(recvfrom(datagrams, &byte, 1, 0, bad<sockaddr>(at), &length), WSAEFAULT);
    SAYS(recvfrom(datagrams, &byte, 1, 0, out, bad<int>(at)), WSAEFAULT);
  }
  for (const SOCKET s : {fresh, listener, datagrams}) CHECK_EQ(closesocket(s), 0);
}

WIN_CASE(BadInput, PointersOfBuffers) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET s = pair.client;
  set_non_blocking(s);
  char byte = 'x';
  for (const ULONG_PTR at : kBadAddresses) {
    DWORD n = 0;
    DWORD flags = 0;
    WSABUF good = {1, &byte};
    WSABUF wrong = {1, bad<char>(at)};
    WSABUF second_wrong[] = {good, wrong};
    WSAOVERLAPPED fit{};
    SAYS(send(s, bad<char>(at), 1, 0), WSAEFAULT);
    SAYS(recv(s, bad<char>(at), 1, 0), WSAEFAULT);
    SAYS(WSASend(s, bad<WSABUF>(at), 1, &n, 0, nullptr, nullptr), WSAEFAULT);
    SAYS(WSASend(s, &wrong, 1, &n, 0, nullptr, nullptr), WSAEFAULT);
    SAYS(WSASend(s, second_wrong, 2, &n, 0, nullptr, nullptr), WSAEFAULT);
    SAYS(WSASend(s, &good, 1, bad<DWORD>(at), 0, nullptr, nullptr), WSAEFAULT);
    SAYS(WSARecv(s, bad<WSABUF>(at), 1, &n, &flags, nullptr, nullptr), WSAEFAULT);
    SAYS(WSARecv(s, &wrong, 1, &n, &flags, nullptr, nullptr), WSAEFAULT);
    SAYS(WSARecv(s, second_wrong, 2, &n, &flags, nullptr, nullptr), WSAEFAULT);
    SAYS(WSARecv(s, &good, 1, bad<DWORD>(at), &flags, nullptr, nullptr), WSAEFAULT);
    SAYS(WSARecv(s, &good, 1, &n, bad<DWORD>(at), nullptr, nullptr), WSAEFAULT);
    if (at == 0) continue;  // a call without an OVERLAPPED
    SAYS(WSASend(s, &good, 1, &n, 0, bad<WSAOVERLAPPED>(at), nullptr), WSAEFAULT);
    SAYS(WSARecv(s, &good, 1, &n, &flags, bad<WSAOVERLAPPED>(at), nullptr), WSAEFAULT);
    SAYS(WSAIoctl(s, static_cast<DWORD>(FIONREAD), nullptr, 0, &n, sizeof n, &n,
                  bad<WSAOVERLAPPED>(at), nullptr),
         WSAEFAULT);
    const auto routine = reinterpret_cast<LPWSAOVERLAPPED_COMPLETION_ROUTINE>(at);
    SAYS(WSASend(s, &good, 1, &n, 0, &fit, routine), WSAEFAULT);
    SAYS(WSARecv(s, &good, 1, &n, &flags, &fit, routine), WSAEFAULT);
    SAYS(WSAIoctl(s, static_cast<DWORD>(FIONREAD), nullptr, 0, &n, sizeof n, &n, &fit, routine),
         WSAEFAULT);
  }
  // Nothing has gone, and the socket is as it was.
  CHECK_EQ(send(s, &byte, 1, 0), 1);
  CHECK_EQ(recv(pair.server, &byte, 1, 0), 1);
}

WIN_CASE(BadInput, PointersOfOptionsAndCodes) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET s = pair.client;
  WSAOVERLAPPED done{};
  for (const ULONG_PTR at : kBadAddresses) {
    DWORD n = 0;
    DWORD flags = 0;
    int value = 0;
    int bytes = sizeof value;
    auto* text = reinterpret_cast<char*>(&value);
    SAYS(getsockopt(s, SOL_SOCKET, SO_TYPE, bad<char>(at), &bytes), WSAEFAULT);
    SAYS(getsockopt(s, SOL_SOCKET, SO_TYPE, text, bad<int>(at)), WSAEFAULT);
    SAYS(setsockopt(s, SOL_SOCKET, SO_RCVBUF, bad<char>(at), sizeof value), WSAEFAULT);
    SAYS(getsockopt(s, SOL_SOCKET, SO_OPENTYPE, bad<char>(at), &bytes), WSAEFAULT);
    SAYS(setsockopt(s, SOL_SOCKET, SO_OPENTYPE, bad<char>(at), sizeof value), WSAEFAULT);
    SAYS(ioctlsocket(s, static_cast<LONG>(FIONREAD), bad<u_long>(at)), WSAEFAULT);
    SAYS(ioctlsocket(s, static_cast<LONG>(FIONBIO), bad<u_long>(at)), WSAEFAULT);
    SAYS(WSAIoctl(s, SIO_KEEPALIVE_VALS, bad<void>(at), 12, nullptr, 0, &n, nullptr, nullptr),
         WSAEFAULT);
    SAYS(WSAIoctl(s, static_cast<DWORD>(FIONREAD), nullptr, 0, bad<void>(at), 4, &n, nullptr,
                  nullptr),
         WSAEFAULT);
    SAYS(WSAIoctl(s, static_cast<DWORD>(FIONREAD), nullptr, 0, &n, 4, bad<DWORD>(at), nullptr,
                  nullptr),
         WSAEFAULT);
    FAILS(!WSAGetOverlappedResult(s, bad<WSAOVERLAPPED>(at), &n, FALSE, &flags), WSAEFAULT);
    FAILS(!WSAGetOverlappedResult(s, &done, bad<DWORD>(at), FALSE, &flags), WSAEFAULT);
    FAILS(!WSAGetOverlappedResult(s, &done, &n, FALSE, bad<DWORD>(at)), WSAEFAULT);
    SAYS(WSADuplicateSocketW(s, GetCurrentProcessId(), bad<WSAPROTOCOL_INFOW>(at)), WSAEFAULT);
    SAYS(WSADuplicateSocketA(s, GetCurrentProcessId(), bad<WSAPROTOCOL_INFOA>(at)), WSAEFAULT);
    SAYS(WSAHtonl(s, 1, bad<u_long>(at)), WSAEFAULT);
    SAYS(WSAPoll(bad<WSAPOLLFD>(at), 1, 0), WSAEFAULT);
    CHECK_EQ(WSAStartup(MAKEWORD(2, 2), bad<WSADATA>(at)), WSAEFAULT);
    CHECK_EQ(FD_ISSET(s, bad<fd_set>(at)), 0);
    if (at == 0) continue;  // no set, no limit
    fd_set one = {1, {s}};
    SAYS(select(0, bad<fd_set>(at), nullptr, nullptr, nullptr), WSAEFAULT);
    SAYS(select(0, &one, bad<fd_set>(at), nullptr, nullptr), WSAEFAULT);
    SAYS(select(0, &one, nullptr, bad<fd_set>(at), nullptr), WSAEFAULT);
    SAYS(select(0, &one, nullptr, nullptr, bad<timeval>(at)), WSAEFAULT);
  }
}

WIN_CASE(BadInput, PointersOfTexts) {
  REQ("WS-2");
  const Started started;
  in_addr v4{};
  sockaddr_in name{};
  char text[64];
  for (const ULONG_PTR at : kBadAddresses) {
    INT length = sizeof name;
    SAYS(inet_pton(AF_INET, bad<char>(at), &v4), WSAEFAULT);
    SAYS(inet_pton(AF_INET, "1.2.3.4", bad<void>(at)), WSAEFAULT);
    FAILS(inet_ntop(AF_INET, bad<void>(at), text, sizeof text) == nullptr, ERROR_INVALID_PARAMETER);
    FAILS(inet_ntop(AF_INET, &v4, bad<char>(at), sizeof text) == nullptr, ERROR_INVALID_PARAMETER);
    FAILS(inet_addr(bad<char>(at)) == INADDR_NONE, WSAEFAULT);
    SAYS(gethostname(bad<char>(at), 64), WSAEFAULT);
    DWORD size = sizeof text;
    SAYS(WSAAddressToStringA(bad<sockaddr>(at), sizeof name, nullptr, text, &size), WSAEFAULT);
    name.sin_family = AF_INET;
    SAYS(WSAAddressToStringA(reinterpret_cast<sockaddr*>(&name), sizeof name, nullptr, text,
                             bad<DWORD>(at)),
         WSAEFAULT);
    SAYS(WSAStringToAddressA(text, AF_INET, nullptr, bad<sockaddr>(at), &length), WSAEFAULT);
    CHECK_EQ(getaddrinfo("127.0.0.1", nullptr, nullptr, bad<PADDRINFOA>(at)), WSAEFAULT);
    CHECK_EQ(getnameinfo(bad<sockaddr>(at), sizeof name, text, sizeof text, nullptr, 0, 0),
             WSAEFAULT);
  }
}

WIN_CASE(BadInput, Lengths) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET s = pair.client;
  set_non_blocking(s);
  const SOCKET fresh = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET six = socket(AF_INET6, SOCK_STREAM, 0);
  const SOCKET datagrams = bound_socket(SOCK_DGRAM);
  set_non_blocking(datagrams);
  sockaddr_in name = loopback_name(htons(9));
  auto* out = reinterpret_cast<sockaddr*>(&name);
  char byte = 'x';
  for (const int length : {-0x7fffffff - 1, -1, 0, 1, 2, int{sizeof name} - 1}) {
    SAYS(bind(fresh, out, length), WSAEFAULT);
    SAYS(connect(fresh, out, length), WSAEFAULT);
    SAYS(sendto(datagrams, &byte, 1, 0, out, length), WSAEFAULT);
    int n = length;
    SAYS(getsockname(s, out, &n), WSAEFAULT);
    n = length;
    SAYS(getpeername(s, out, &n), WSAEFAULT);
    n = length;
    SAYS(recvfrom(datagrams, &byte, 1, 0, out, &n), WSAEFAULT);
    CHECK_EQ(n, length);
  }
  sockaddr_in6 wide{};
  wide.sin6_family = AF_INET6;
  SAYS(bind(six, reinterpret_cast<sockaddr*>(&wide), sizeof name), WSAEFAULT);
  int value = 1;
  auto* text = reinterpret_cast<char*>(&value);
  for (const int length : {-0x7fffffff - 1, -1, 0, 3}) {
    int n = length;
    SAYS(getsockopt(s, SOL_SOCKET, SO_RCVBUF, text, &n), WSAEFAULT);
    SAYS(setsockopt(s, SOL_SOCKET, SO_RCVBUF, text, length), WSAEFAULT);
    SAYS(setsockopt(s, SOL_SOCKET, SO_LINGER, text, length), WSAEFAULT);
  }
  for (const int length : {-1, -0x7fffffff - 1}) {
    SAYS(send(s, &byte, length, 0), WSAEFAULT);
    SAYS(recv(s, &byte, length, 0), WSAEFAULT);
  }
  DWORD n = 0;
  DWORD flags = 0;
  WSABUF buffer = {1, &byte};
  for (const DWORD count : {DWORD{0}, DWORD{65537}, ~DWORD{0}}) {
    SAYS(WSASend(s, &buffer, count, &n, 0, nullptr, nullptr), WSAEINVAL);
    SAYS(WSARecv(s, &buffer, count, &n, &flags, nullptr, nullptr), WSAEINVAL);
  }
  for (const DWORD bytes : {DWORD{0}, DWORD{3}}) {
    SAYS(WSAIoctl(s, static_cast<DWORD>(FIONREAD), nullptr, 0, &n, bytes, &n, nullptr, nullptr),
         WSAEFAULT);
    SAYS(WSAIoctl(s, static_cast<DWORD>(FIONBIO), &n, bytes, nullptr, 0, &n, nullptr, nullptr),
         WSAEFAULT);
  }
  for (const SOCKET other : {fresh, six, datagrams}) CHECK_EQ(closesocket(other), 0);
}

WIN_CASE(BadInput, FlagsLevelsAndNames) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET s = pair.client;
  set_non_blocking(s);
  char byte = 'x';
  int value = 1;
  int bytes = sizeof value;
  auto* text = reinterpret_cast<char*>(&value);
  for (const int flags : {0x10000, 0x40000000, -0x7fffffff - 1, MSG_WAITALL, MSG_PEEK}) {
    SAYS(send(s, &byte, 1, flags), WSAEOPNOTSUPP);
  }
  for (const int flags : {0x10000, 0x40000000, MSG_DONTROUTE, MSG_WAITALL}) {
    SAYS(recv(s, &byte, 1, flags), WSAEOPNOTSUPP);
  }
  for (const int how : {-1, 3, 0x7fffffff}) SAYS(shutdown(s, how), WSAEINVAL);
  for (const int level : {1, 5, -1, 0x12345}) {
    SAYS(getsockopt(s, level, 1, text, &bytes), WSAEINVAL);
    SAYS(setsockopt(s, level, 1, text, bytes), WSAEINVAL);
  }
  for (const int level : {SOL_SOCKET, int{IPPROTO_TCP}, int{IPPROTO_IP}, int{IPPROTO_IPV6}}) {
    SAYS(getsockopt(s, level, 0x7abc, text, &bytes), WSAENOPROTOOPT);
    SAYS(setsockopt(s, level, 0x7abc, text, bytes), WSAENOPROTOOPT);
  }
  NO_SOCKET(socket(99, SOCK_STREAM, 0), WSAEAFNOSUPPORT);
  NO_SOCKET(socket(AF_INET, 99, 0), WSAESOCKTNOSUPPORT);
  NO_SOCKET(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), WSAEPROTONOSUPPORT);
  NO_SOCKET(socket(0, 0, 0), WSAEINVAL);
  NO_SOCKET(WSASocketW(AF_INET, SOCK_STREAM, 0, nullptr, 0, 0x80000000), WSAEINVAL);
  SAYS(WSAIoctl(s, 0x12345678, nullptr, 0, nullptr, 0, reinterpret_cast<DWORD*>(&value), nullptr,
                nullptr),
       WSAEOPNOTSUPP);
}

WIN_CASE(BadInput, WrongStateAndKind) {
  REQ("WS-2");
  const Started started;
  const LoopbackPair pair;
  const SOCKET fresh = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  const SOCKET listener = listening_socket();
  const sockaddr_in any = loopback_name();
  const sockaddr_in nine = loopback_name(htons(9));
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  char byte = 'x';
  sockaddr_in name{};
  int length = sizeof name;
  auto* out = reinterpret_cast<sockaddr*>(&name);
  SAYS(listen(fresh, 1), WSAEINVAL);
  SAYS(listen(datagrams, 1), WSAEOPNOTSUPP);
  SAYS(listen(pair.client, 1), WSAEISCONN);
  NO_SOCKET(accept(fresh, nullptr, nullptr), WSAEINVAL);
  NO_SOCKET(accept(pair.client, nullptr, nullptr), WSAEINVAL);
  NO_SOCKET(accept(datagrams, nullptr, nullptr), WSAEOPNOTSUPP);
  SAYS(connect(listener, as_name(nine), sizeof nine), WSAEINVAL);
  SAYS(connect(pair.client, as_name(nine), sizeof nine), WSAEISCONN);
  SAYS(connect(fresh, as_name(any), sizeof any), WSAEADDRNOTAVAIL);
  SAYS(connect(fresh, reinterpret_cast<sockaddr*>(&six), sizeof six), WSAEAFNOSUPPORT);
  SAYS(bind(fresh, reinterpret_cast<sockaddr*>(&six), sizeof six), WSAEAFNOSUPPORT);
  SAYS(bind(listener, as_name(any), sizeof any), WSAEINVAL);
  SAYS(bind(pair.client, as_name(any), sizeof any), WSAEINVAL);
  SAYS(send(fresh, &byte, 1, 0), WSAENOTCONN);
  SAYS(send(listener, &byte, 1, 0), WSAENOTCONN);
  SAYS(send(datagrams, &byte, 1, 0), WSAENOTCONN);
  SAYS(recv(fresh, &byte, 1, 0), WSAENOTCONN);
  SAYS(recv(datagrams, &byte, 1, 0), WSAEINVAL);
  SAYS(send(datagrams, &byte, 1, MSG_OOB), WSAEOPNOTSUPP);
  for (const SOCKET s : {fresh, listener, datagrams}) {
    SAYS(shutdown(s, SD_BOTH), WSAENOTCONN);
    SAYS(getpeername(s, out, &length), WSAENOTCONN);
  }
  SAYS(getsockname(fresh, out, &length), WSAEINVAL);
  CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
  SAYS(send(pair.client, &byte, 1, 0), WSAESHUTDOWN);
  NO_SOCKET(
      WSAJoinLeaf(fresh, as_name(nine), sizeof nine, nullptr, nullptr, nullptr, nullptr, JL_BOTH),
      WSAEOPNOTSUPP);
  for (const SOCKET s : {fresh, datagrams, listener}) CHECK_EQ(closesocket(s), 0);
}

}  // namespace
