// WSAEVENT is an event of kernel32, and these are its functions under other names; the error codes
// are the same numbers.
#include <windows.h>
#include <winsock2.h>

#include "winsock/sockaddr.h"
#include "winsock/startup.h"

using namespace oriel::winsock;  // NOLINT(google-build-using-namespace)

// Manual reset, not signalled (documented).
WSAEVENT WSAAPI WSACreateEvent() {
  return CreateEventW(nullptr, TRUE, FALSE, nullptr);
}

BOOL WSAAPI WSACloseEvent(WSAEVENT hEvent) {
  return CloseHandle(hEvent);
}

BOOL WSAAPI WSASetEvent(WSAEVENT hEvent) {
  return SetEvent(hEvent);
}

BOOL WSAAPI WSAResetEvent(WSAEVENT hEvent) {
  return ResetEvent(hEvent);
}

DWORD WSAAPI WSAWaitForMultipleEvents(DWORD cEvents, const WSAEVENT* lphEvents, BOOL fWaitAll,
                                      DWORD dwTimeout, BOOL fAlertable) {
  if (is_bad_pointer(lphEvents)) {
    fail_with(cEvents == 0 ? WSA_INVALID_PARAMETER : WSAEFAULT);
    return WSA_WAIT_FAILED;
  }
  return WaitForMultipleObjectsEx(cEvents, lphEvents, fWaitAll, dwTimeout, fAlertable);
}
