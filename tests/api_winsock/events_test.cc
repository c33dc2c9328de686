// WSAEVENT: kernel32's events under Winsock's names.
#include <winsock2.h>

#include "support/win_case.h"

namespace {

WIN_CASE(WsaEvents, AreManualResetAndStartUnset) {
  const WSAEVENT event = WSACreateEvent();
  REQUIRE(event != WSA_INVALID_EVENT);
  CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), DWORD{WSA_WAIT_TIMEOUT});
  CHECK(WSASetEvent(event));
  CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), DWORD{WSA_WAIT_EVENT_0});
  CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, FALSE), DWORD{WSA_WAIT_EVENT_0});
  CHECK(WSAResetEvent(event));
  CHECK_EQ(WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE), DWORD{WSA_WAIT_TIMEOUT});
  CHECK(WSACloseEvent(event));
}

WIN_CASE(WsaEvents, BadHandlesAndCounts) {
  const WSAEVENT event = WSACreateEvent();
  CHECK(!WSACloseEvent(WSA_INVALID_EVENT));
  CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
  CHECK_EQ(WSAWaitForMultipleEvents(0, &event, FALSE, 0, FALSE), DWORD{WSA_WAIT_FAILED});
  CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
  CHECK_EQ(WSAWaitForMultipleEvents(WSA_MAXIMUM_WAIT_EVENTS + 1, &event, FALSE, 0, FALSE),
           DWORD{WSA_WAIT_FAILED});
  CHECK_EQ(WSAGetLastError(), WSA_INVALID_PARAMETER);
  const WSAEVENT none = nullptr;
  CHECK_EQ(WSAWaitForMultipleEvents(1, &none, FALSE, 0, FALSE), DWORD{WSA_WAIT_FAILED});
  CHECK_EQ(WSAGetLastError(), WSA_INVALID_HANDLE);
  WSACloseEvent(event);
}

}  // namespace
