// Options and control codes of a socket.
//
// SO_OPENTYPE is the one option that belongs to the calling thread: it is taken on any value of
// `s`, INVALID_SOCKET too.
#include <mswsock.h>
#include <winsock2.h>

#include <cstring>

#include "winsock/protocol_info.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"
#include "winsock/thread_state.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

namespace {

constexpr int kOpenTypeBytes = sizeof(DWORD);

bool is_open_type(int level, int option) {
  return level == SOL_SOCKET && option == SO_OPENTYPE;
}

int set_open_type(const char* value, int bytes) {
  if (is_bad_pointer(value) || bytes < kOpenTypeBytes) return fail_with(WSAEFAULT);
  std::memcpy(&thread_state().open_type, value, sizeof(DWORD));
  return 0;
}

int get_open_type(char* value, int* bytes) {
  if (is_bad_pointer(value) || is_bad_pointer(bytes) || *bytes < kOpenTypeBytes)
    return fail_with(WSAEFAULT);
  std::memcpy(value, &thread_state().open_type, sizeof(DWORD));
  *bytes = kOpenTypeBytes;
  return 0;
}

}  // namespace

int WSAAPI setsockopt(SOCKET s, int level, int optname, const char* optval, int optlen) {
  if (is_refused()) return SOCKET_ERROR;
  if (is_open_type(level, optname)) return set_open_type(optval, optlen);
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPSetSockOpt(s, level, optname, optval, optlen, &error);
  });
}

int WSAAPI getsockopt(SOCKET s, int level, int optname, char* optval, int* optlen) {
  if (is_refused()) return SOCKET_ERROR;
  if (is_open_type(level, optname)) return get_open_type(optval, optlen);
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPGetSockOpt(s, level, optname, optval, optlen, &error);
  });
}

// REQ WS-1
int WSAAPI WSAIoctl(SOCKET s, DWORD dwIoControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
                    LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned,
                    LPWSAOVERLAPPED lpOverlapped,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPIoctl(s, dwIoControlCode, lpvInBuffer, cbInBuffer, lpvOutBuffer, cbOutBuffer,
                            lpcbBytesReturned, lpOverlapped, lpCompletionRoutine,
                            thread_for(lpCompletionRoutine), &error);
  });
}

int WSAAPI ioctlsocket(SOCKET s, LONG cmd, u_long* argp) {
  if (is_refused()) return SOCKET_ERROR;
  DWORD returned = 0;
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPIoctl(s, static_cast<DWORD>(cmd), argp, argp == nullptr ? 0 : sizeof *argp,
                            argp, argp == nullptr ? 0 : sizeof *argp, &returned, nullptr, nullptr,
                            nullptr, &error);
  });
}

int WSAAPI WSADuplicateSocketW(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOW lpProtocolInfo) {
  return over_table(s, [&](const WSPPROC_TABLE& table, INT& error) {
    if (!is_bad_pointer(lpProtocolInfo)) {
      return table.lpWSPDuplicateSocket(s, dwProcessId, lpProtocolInfo, &error);
    }
    error = WSAEFAULT;
    return int{SOCKET_ERROR};
  });
}

int WSAAPI WSADuplicateSocketA(SOCKET s, DWORD dwProcessId, LPWSAPROTOCOL_INFOA lpProtocolInfo) {
  if (is_bad_pointer(lpProtocolInfo)) return WSADuplicateSocketW(s, dwProcessId, nullptr);
  WSAPROTOCOL_INFOW info{};
  if (WSADuplicateSocketW(s, dwProcessId, &info) == SOCKET_ERROR) return SOCKET_ERROR;
  *lpProtocolInfo = to_ansi(info);
  return 0;
}

BOOL WSAAPI WSAGetQOSByName(SOCKET s, LPWSABUF lpQOSName, LPQOS lpQOS) {
  return over_table(s, BOOL{FALSE}, [&](const WSPPROC_TABLE& table, INT& error) {
    return table.lpWSPGetQOSByName(s, lpQOSName, lpQOS, &error);
  });
}
