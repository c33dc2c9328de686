// WSAStartup, WSACleanup, the last error, and what is left of Winsock 1.1's blocking hooks.
#include <winsock2.h>

#include <algorithm>
#include <string_view>

#include "win32/last_error.h"
#include "winsock/sockaddr.h"
#include "winsock/startup.h"
#include "winsock/startup_count.h"

namespace oriel::winsock {
namespace {

constexpr WORD kHighestOfApi = MAKEWORD(2, 2);
// Winsock 1.1 programs size their tables by these; 2.x ignores them.
constexpr unsigned short kSocketsFor11 = 32767;
constexpr unsigned short kDatagramBytesFor11 = 65467;

// The highest version that we have and that is no higher than asked; 0: there is none.
// Ours: 1.0 1.1 2.0 2.1 2.2.
WORD negotiate_api(WORD asked) {
  const unsigned major = LOBYTE(asked);
  const unsigned minor = HIBYTE(asked);
  if (major == 0) return 0;
  if (major == 1) return MAKEWORD(1, std::min(minor, 1u));
  return major == 2 ? MAKEWORD(2, std::min(minor, 2u)) : kHighestOfApi;
}

void fill(WSADATA& data, WORD version) {
  constexpr std::string_view kDescription = "WinSock 2.0";
  constexpr std::string_view kStatus = "Running";
  data = {};
  data.wVersion = version;
  data.wHighVersion = kHighestOfApi;
  kDescription.copy(data.szDescription, WSADESCRIPTION_LEN);
  kStatus.copy(data.szSystemStatus, WSASYS_STATUS_LEN);
  if (LOBYTE(version) == 1) {
    data.iMaxSockets = kSocketsFor11;
    data.iMaxUdpDg = kDatagramBytesFor11;
  }
}

}  // namespace
}  // namespace oriel::winsock

using namespace oriel;           // NOLINT(google-build-using-namespace)
using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

// Errors are returned; the last error stays, because before a WSAStartup there is no such thing
// (documented).
int WSAAPI WSAStartup(WORD wVersionRequested, LPWSADATA lpWSAData) {
  const WORD version = negotiate_api(wVersionRequested);
  if (!is_bad_pointer(lpWSAData)) fill(*lpWSAData, version == 0 ? kHighestOfApi : version);
  if (version == 0) return WSAVERNOTSUPPORTED;
  if (is_bad_pointer(lpWSAData)) return WSAEFAULT;
  return StartupCount::instance().start();
}

int WSAAPI WSACleanup() {
  const INT error = StartupCount::instance().end();
  return error == 0 ? 0 : fail_with(error);
}

int WSAAPI WSAGetLastError() {
  return static_cast<int>(win32::last_error());
}

void WSAAPI WSASetLastError(int iError) {
  win32::set_last_error(static_cast<DWORD>(iError));
}

BOOL WSAAPI WSAIsBlocking() {
  return FALSE;  // no blocking call runs a message loop
}

int WSAAPI WSACancelBlockingCall() {
  if (is_refused()) return SOCKET_ERROR;
  return fail_with(WSAEOPNOTSUPP);  // Winsock 2 has no blocking hook to be cancelled from
}
