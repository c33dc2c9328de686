// Calls of several kinds on one connection: those that go straight to the rings of a fast one, and
// those that take a turn of the host between them. Each case runs on both paths.
#include <cstring>
#include <string>
#include <thread>

#include "api_winsock/fast_path_pair.h"
#include "api_winsock/started.h"

namespace {

using namespace fast_path;  // NOLINT(google-build-using-namespace)

char byte_at(std::size_t i) {
  return static_cast<char>(i * 31 + i / 251);
}

/// Plain calls, so often that a later one would go straight to the rings.
void ping_pong(SOCKET a, SOCKET b) {
  char c = 'p';
  for (int i = 0; i < 5; ++i) {
    CHECK_EQ(send(a, &c, 1, 0), 1);
    CHECK_EQ(recv(b, &c, 1, 0), 1);
    CHECK_EQ(send(b, &c, 1, 0), 1);
    CHECK_EQ(recv(a, &c, 1, 0), 1);
  }
}

int receive_after_select(SOCKET s, char* bytes, int n) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(s, &set);
  CHECK_EQ(select(0, &set, nullptr, nullptr, nullptr), 1);
  return recv(s, bytes, n, 0);
}

int receive_overlapped(SOCKET s, char* bytes, int n) {
  WSABUF buffer{static_cast<ULONG>(n), bytes};
  WSAOVERLAPPED call{};
  call.hEvent = WSACreateEvent();
  DWORD flags = 0;
  DWORD got = 0;
  const int e = WSARecv(s, &buffer, 1, nullptr, &flags, &call, nullptr);
  CHECK(e == 0 || WSAGetLastError() == WSA_IO_PENDING);
  const BOOL is_well = WSAGetOverlappedResult(s, &call, &got, TRUE, &flags);
  WSACloseEvent(call.hEvent);
  return is_well ? static_cast<int>(got) : SOCKET_ERROR;
}

WIN_CASE(LoopbackCalls, OfSeveralKindsKeepTheStreamWhole) {
  REQ("LFP-7");
  const Started started;
  constexpr std::size_t kBytes = 200'000;
  for (const Way& way : kWays) {
    Pair pair(way);
    std::thread sender([&] {
      std::string part;
      for (std::size_t at = 0; at < kBytes; at += part.size()) {
        part.resize(std::min<std::size_t>(1 + at % 700, kBytes - at));
        for (std::size_t i = 0; i < part.size(); ++i) part[i] = byte_at(at + i);
        CHECK_EQ(send(pair.client, part.data(), static_cast<int>(part.size()), 0),
                 static_cast<int>(part.size()));
      }
    });
    char bytes[600];
    std::size_t got = 0;
    for (int i = 0; got < kBytes; ++i) {
      int n = 0;
      if (i % 16 == 14) {
        n = receive_after_select(pair.server, bytes, sizeof bytes);
      } else if (i % 16 == 15) {
        n = receive_overlapped(pair.server, bytes, sizeof bytes);
      } else {
        n = recv(pair.server, bytes, sizeof bytes, i % 16 == 7 ? MSG_PEEK : 0);
        if (i % 16 == 7) continue;
      }
      CHECK(n > 0);
      for (int k = 0; k < n; ++k) CHECK_EQ(bytes[k], byte_at(got + static_cast<std::size_t>(k)));
      got += static_cast<std::size_t>(n);
    }
    sender.join();
    CHECK_EQ(got, kBytes);
  }
}

WIN_CASE(LoopbackCalls, ASelectionHearsOfWhatIsLeftAndNotOfWhatWasRead) {
  REQ("LFP-7");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    ping_pong(pair.client, pair.server);
    const WSAEVENT event = WSACreateEvent();
    CHECK_EQ(WSAEventSelect(pair.server, event, FD_READ), 0);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, 0, FALSE), WSA_WAIT_TIMEOUT);
    char c = 'x';
    CHECK_EQ(send(pair.client, &c, 1, 0), 1);
    CHECK_EQ(WSAWaitForMultipleEvents(1, &event, TRUE, WSA_INFINITE, FALSE), WSA_WAIT_EVENT_0);
    CHECK_EQ(recv(pair.server, &c, 1, 0), 1);
    CHECK_EQ(recv(pair.server, &c, 1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
    WSACloseEvent(event);
  }
}

WIN_CASE(LoopbackCalls, EndsAreHeardAfterPlainCalls) {
  REQ("LFP-11");
  const Started started;
  for (const Way& way : kWays) {
    Pair pair(way);
    ping_pong(pair.client, pair.server);
    char c = 'x';
    CHECK_EQ(send(pair.client, &c, 1, 0), 1);
    CHECK_EQ(shutdown(pair.client, SD_SEND), 0);
    CHECK_EQ(send(pair.client, &c, 1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAESHUTDOWN);
    CHECK_EQ(recv(pair.server, &c, 1, 0), 1);
    CHECK_EQ(recv(pair.server, &c, 1, 0), 0);
    const SOCKET closed = pair.server;
    CHECK_EQ(pair.server.close(), 0);
    CHECK_EQ(recv(closed, &c, 1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(send(closed, &c, 1, 0), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
    CHECK_EQ(recv(pair.client, &c, 1, 0), 0);
  }
}

WIN_CASE(LoopbackCalls, APollThatFoundNothingFindsWhatComes) {
  REQ("LFP-7");
  const Started started;
  for (const Way& way : kWays) {
    Pair pairs[] = {Pair(way), Pair(way), Pair(way), Pair(way), Pair(way)};
    WSAPOLLFD fds[5];
    for (int i = 0; i < 5; ++i) fds[i] = {pairs[i].server, POLLRDNORM, 0};
    for (int round = 0; round < 20; ++round) {
      const int chosen = round % 5;
      for (int i = 0; i < 3; ++i) CHECK_EQ(WSAPoll(fds, 5, 0), 0);
      char c = 'x';
      CHECK_EQ(send(pairs[chosen].client, &c, 1, 0), 1);
      int found = 0;
      while ((found = WSAPoll(fds, 5, 0)) == 0) {
      }
      CHECK_EQ(found, 1);
      CHECK_EQ(fds[chosen].revents, POLLRDNORM);
      CHECK_EQ(recv(pairs[chosen].server, &c, 1, 0), 1);
    }
    CHECK_EQ(WSAPoll(fds, 5, 0), 0);
    CHECK_EQ(shutdown(pairs[2].client, SD_SEND), 0);
    while (WSAPoll(fds, 5, 0) == 0) {
    }
    CHECK(fds[2].revents != 0);
  }
}

}  // namespace
