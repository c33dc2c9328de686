// Sockets and their connections: one call of the provider's table each.
//
// What this file adds: which provider a new socket gets, SO_OPENTYPE (which belongs to the thread
// and to no socket), and that a closed socket's value is unbound before somebody else can be given
// it.
#include <winsock2.h>

#include "winsock/catalogue.h"
#include "winsock/open_socket.h"
#include "winsock/socket_bindings.h"
#include "winsock/startup.h"
#include "winsock/thread_state.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

SOCKET WSAAPI socket(int af, int type, int protocol) {
  const DWORD flags = thread_state().open_type == 0 ? WSA_FLAG_OVERLAPPED : 0;
  return open_socket(af, type, protocol, nullptr, 0, flags);
}

SOCKET WSAAPI WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW lpProtocolInfo,
                         GROUP g, DWORD dwFlags) {
  return open_socket(af, type, protocol, lpProtocolInfo, g, dwFlags);
}

SOCKET WSAAPI WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA lpProtocolInfo,
                         GROUP g, DWORD dwFlags) {
  if (lpProtocolInfo == nullptr) return open_socket(af, type, protocol, nullptr, g, dwFlags);
  const WSAPROTOCOL_INFOW info = to_wide(*lpProtocolInfo);
  return open_socket(af, type, protocol, &info, g, dwFlags);
}

int WSAAPI closesocket(SOCKET s) {
  if (is_refused()) return SOCKET_ERROR;
  const WSPPROC_TABLE* const bound = SocketBindings::instance().take(s);
  const WSPPROC_TABLE& table = bound != nullptr ? *bound : Catalogue::instance().base_table();
  INT error = 0;
  if (table.lpWSPCloseSocket(s, &error) != SOCKET_ERROR) return 0;
  // Still open (WSAEWOULDBLOCK while it lingers); what was no socket stays unbound.
  if (bound != nullptr && error != WSAENOTSOCK) SocketBindings::instance().bind(s, *bound);
  return fail_with(error);
}

int WSAAPI bind(SOCKET s, const struct sockaddr* name, int namelen) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPBind(s, name, namelen, &error);
  });
}

int WSAAPI listen(SOCKET s, int backlog) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPListen(s, backlog, &error);
  });
}

SOCKET WSAAPI WSAAccept(SOCKET s, struct sockaddr* addr, LPINT addrlen,
                        LPCONDITIONPROC lpfnCondition, DWORD_PTR dwCallbackData) {
  return over_table(s, SOCKET{INVALID_SOCKET}, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPAccept(s, addr, addrlen, lpfnCondition, dwCallbackData, &error);
  });
}

SOCKET WSAAPI accept(SOCKET s, struct sockaddr* addr, int* addrlen) {
  return WSAAccept(s, addr, addrlen, nullptr, 0);
}

int WSAAPI WSAConnect(SOCKET s, const struct sockaddr* name, int namelen, LPWSABUF lpCallerData,
                      LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPConnect(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS, &error);
  });
}

int WSAAPI connect(SOCKET s, const struct sockaddr* name, int namelen) {
  return WSAConnect(s, name, namelen, nullptr, nullptr, nullptr, nullptr);
}

SOCKET WSAAPI WSAJoinLeaf(SOCKET s, const struct sockaddr* name, int namelen, LPWSABUF lpCallerData,
                          LPWSABUF lpCalleeData, LPQOS lpSQOS, LPQOS lpGQOS, DWORD dwFlags) {
  return over_table(s, SOCKET{INVALID_SOCKET}, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPJoinLeaf(s, name, namelen, lpCallerData, lpCalleeData, lpSQOS, lpGQOS,
                               dwFlags, &error);
  });
}

int WSAAPI shutdown(SOCKET s, int how) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPShutdown(s, how, &error);
  });
}

int WSAAPI WSASendDisconnect(SOCKET s, LPWSABUF lpOutboundDisconnectData) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPSendDisconnect(s, lpOutboundDisconnectData, &error);
  });
}

int WSAAPI WSARecvDisconnect(SOCKET s, LPWSABUF lpInboundDisconnectData) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPRecvDisconnect(s, lpInboundDisconnectData, &error);
  });
}

int WSAAPI getpeername(SOCKET s, struct sockaddr* name, int* namelen) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPGetPeerName(s, name, namelen, &error);
  });
}

int WSAAPI getsockname(SOCKET s, struct sockaddr* name, int* namelen) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPGetSockName(s, name, namelen, &error);
  });
}
