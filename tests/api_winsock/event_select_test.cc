// WSAEventSelect: what is recorded when, what re-enables it, and what it does to the socket.
#include <winsock2.h>

#include <vector>

#include "loopback_sockets.h"
#include "started.h"
#include "support/win_case.h"

namespace {

using namespace loopback;  // NOLINT(google-build-using-namespace)

constexpr LONG kAll = FD_READ | FD_WRITE | FD_OOB | FD_ACCEPT | FD_CONNECT | FD_CLOSE;

/// An event object and the socket that sets it.
struct Selection {
  Selection(SOCKET s, LONG events) : socket(s), event(WSACreateEvent()) { select(events); }
  ~Selection() { WSACloseEvent(event); }
  Selection(const Selection&) = delete;
  Selection& operator=(const Selection&) = delete;

  int select(LONG events) { return WSAEventSelect(socket, event, events); }
  bool is_set() { return WSAWaitForMultipleEvents(1, &event, FALSE, 0, FALSE) == WSA_WAIT_EVENT_0; }
  /// What is recorded now; it is forgotten.
  LONG take() {
    WSANETWORKEVENTS recorded{};
    if (WSAEnumNetworkEvents(socket, event, &recorded) != 0) return -1;
    for (int i = 0; i < FD_MAX_EVENTS; ++i) errors[i] = recorded.iErrorCode[i];
    return recorded.lNetworkEvents;
  }
  /// Waits until all of `wanted` were recorded; what was recorded until then.
  LONG wait(LONG wanted) {
    LONG seen = 0;
    while ((seen & wanted) != wanted) {
      if (WSAWaitForMultipleEvents(1, &event, FALSE, 10'000, FALSE) != WSA_WAIT_EVENT_0) return -1;
      seen |= take();
    }
    return seen;
  }

  SOCKET socket;
  WSAEVENT event;
  int errors[FD_MAX_EVENTS] = {};
};

WIN_CASE(EventSelect, ErrorsOfArguments) {
  REQ("WS-2");
  const Started started;
  const WSAEVENT event = WSACreateEvent();
  WSANETWORKEVENTS recorded;
  CHECK_EQ(WSAEventSelect(SOCKET{0x7ffffff0}, event, FD_READ), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
  CHECK_EQ(WSAEnumNetworkEvents(SOCKET{0x7ffffff0}, event, &recorded), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(WSAEventSelect(s, nullptr, FD_READ), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAEventSelect(s, event, 1 << 20), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAEnumNetworkEvents(s, event, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(WSAAsyncSelect(s, nullptr, 0, FD_READ), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
  WSACloseEvent(event);
}

WIN_CASE(EventSelect, MakesTheSocketNonBlockingUntilNothingIsSelected) {
  const Started started;
  const Socket s = bound(SOCK_DGRAM);
  Selection selection(s, FD_READ);
  char c;
  CHECK_EQ(recv(s, &c, 1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  CHECK_EQ(set_non_blocking(s, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(set_non_blocking(s, 1), 0);
  CHECK_EQ(selection.select(0), 0);
  CHECK_EQ(set_non_blocking(s, 0), 0);
}

WIN_CASE(EventSelect, AConnectionFromBothSides) {
  REQ("WS-4");
  const Started started;
  const Socket listener = listening();
  Selection accepts(listener, kAll);
  CHECK(!accepts.is_set());
  Socket client = socket(AF_INET, SOCK_STREAM, 0);
  Selection connects(client, kAll);
  CHECK_EQ(connect_to(client, name_of(listener)), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  CHECK_EQ(connects.wait(FD_CONNECT | FD_WRITE), FD_CONNECT | FD_WRITE);
  CHECK_EQ(connects.errors[FD_CONNECT_BIT], 0);
  CHECK_EQ(accepts.wait(FD_ACCEPT), FD_ACCEPT);
  CHECK_EQ(accepts.take(), 0);
  const Socket server = accept(listener, nullptr, nullptr);
  CHECK(accepts.is_set());  // the accepted socket sets the same event
  WSANETWORKEVENTS recorded;
  CHECK_EQ(WSAEnumNetworkEvents(server, accepts.event, &recorded), 0);
  CHECK_EQ(recorded.lNetworkEvents, FD_WRITE);
  CHECK_EQ(accepts.take(), 0);
  send_text(server, "x");
  CHECK_EQ(connects.wait(FD_READ), FD_READ);
  connects.select(0);
  connects.select(kAll);
  CHECK_EQ(connects.take(), 0);  // told already
}

WIN_CASE(EventSelect, AcceptIsRecordedAgainWhileConnectionsWait) {
  const Started started;
  const Socket listener = listening();
  Selection accepts(listener, FD_ACCEPT);
  const Socket a = socket(AF_INET, SOCK_STREAM, 0);
  const Socket b = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(connect_to(a, name_of(listener)), 0);
  CHECK_EQ(connect_to(b, name_of(listener)), 0);
  CHECK_EQ(accepts.wait(FD_ACCEPT), FD_ACCEPT);
  const Socket first = accept(listener, nullptr, nullptr);
  CHECK_EQ(accepts.wait(FD_ACCEPT), FD_ACCEPT);
  const Socket second = accept(listener, nullptr, nullptr);
  CHECK(second != INVALID_SOCKET);
  CHECK_EQ(accepts.take(), 0);
}

WIN_CASE(EventSelect, FailedConnectsTellTheError) {
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  Selection connects(s, kAll);
  connect_to(s, closed_port());
  CHECK_EQ(connects.wait(FD_CONNECT), FD_CONNECT);
  CHECK_EQ(connects.errors[FD_CONNECT_BIT], WSAECONNREFUSED);
}

WIN_CASE(EventSelect, ReadIsRecordedAgainWhileBytesAreLeftAndCloseComesLast) {
  const Started started;
  Pair pair = connected();
  Selection events(pair.server, FD_READ | FD_CLOSE);
  CHECK(!events.is_set());
  send_text(pair.client, "data");
  CHECK_EQ(events.wait(FD_READ), FD_READ);
  CHECK(!events.is_set());
  char in[8];
  CHECK_EQ(recv(pair.server, in, 2, 0), 2);
  CHECK_EQ(events.take(), FD_READ);
  pair.client.close();
  CHECK_EQ(recv(pair.server, in, 2, 0), 2);
  CHECK_EQ(events.wait(FD_CLOSE), FD_CLOSE);
  CHECK_EQ(events.errors[FD_CLOSE_BIT], 0);
  CHECK_EQ(recv(pair.server, in, 2, 0), 0);
  CHECK_EQ(events.take(), 0);
}

WIN_CASE(EventSelect, WriteIsRecordedAfterARefusedSendOnly) {
  const Started started;
  const Pair pair = connected();
  Selection events(pair.client, FD_WRITE);
  CHECK_EQ(events.take(), FD_WRITE);
  send_text(pair.client, "x");
  CHECK_EQ(events.take(), 0);
  std::vector<char> bytes(1 << 20);
  std::size_t sent = 1;
  for (int n; (n = send(pair.client, bytes.data(), 1 << 20, 0)) > 0;) sent += std::size_t(n);
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  CHECK_EQ(events.take(), 0);
  for (std::size_t got = 0; got < sent;) {
    const int n = recv(pair.server, bytes.data(), 1 << 20, 0);
    REQUIRE(n > 0);
    got += std::size_t(n);
  }
  CHECK_EQ(events.wait(FD_WRITE), FD_WRITE);
  CHECK_EQ(events.take(), 0);
}

WIN_CASE(EventSelect, UrgentBytesAndResets) {
  const Started started;
  Pair pair = connected();
  Selection events(pair.server, FD_OOB | FD_READ | FD_CLOSE);
  send_text(pair.client, "!", MSG_OOB);
  CHECK_EQ(events.wait(FD_OOB), FD_OOB);
  char c;
  CHECK_EQ(recv(pair.server, &c, 1, MSG_OOB), 1);
  CHECK_EQ(events.take(), 0);
  close_with_reset(pair.client);
  CHECK_EQ(events.wait(FD_CLOSE), FD_CLOSE);
  CHECK_EQ(events.errors[FD_CLOSE_BIT], WSAECONNRESET);
}

WIN_CASE(EventSelect, Datagrams) {
  const Started started;
  const Socket to = bound(SOCK_DGRAM);
  Selection events(to, FD_READ | FD_WRITE);
  CHECK_EQ(events.take(), FD_WRITE);
  const Socket from = socket(AF_INET, SOCK_DGRAM, 0);
  const sockaddr_in at = name_of(to);
  for (int i = 0; i < 2; ++i) {
    sendto(from, "x", 1, 0, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  }
  CHECK_EQ(events.wait(FD_READ), FD_READ);
  char c;
  CHECK_EQ(recv(to, &c, 1, 0), 1);
  CHECK_EQ(events.wait(FD_READ), FD_READ);
  CHECK_EQ(recv(to, &c, 1, 0), 1);
  CHECK_EQ(events.take(), 0);
}

}  // namespace
