// WSAPoll: the events of each kind of socket, places without one, and its errors.
#include <winsock2.h>

#include <atomic>
#include <thread>
#include <vector>

#include "loopback_sockets.h"
#include "started.h"
#include "support/win_case.h"

namespace {

using namespace loopback;  // NOLINT(google-build-using-namespace)

constexpr SHORT kAll = POLLRDNORM | POLLRDBAND | POLLWRNORM;
constexpr SOCKET kNoSocket = 0x7ffffff0;

/// revents, or -1 when the call does not return 1.
int poll_one(SOCKET s, SHORT events, int timeout_ms) {
  WSAPOLLFD fd{s, events, SHORT{0x7ead}};
  const int n = WSAPoll(&fd, 1, timeout_ms);
  if (n == 0) return 0;
  return n == 1 ? fd.revents : -1;
}

WIN_CASE(Poll, ErrorsOfArguments) {
  REQ("WS-2");
  const Started started;
  CHECK_EQ(WSAPoll(nullptr, 0, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAPoll(nullptr, 1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  const Socket s = listening();
  for (const SHORT meaningless : {SHORT{POLLERR}, SHORT{POLLHUP}, SHORT{POLLNVAL}, SHORT{8},
                                  SHORT{POLLWRBAND}, SHORT{POLLPRI}, SHORT{0x800}}) {
    WSASetLastError(0);
    CHECK_EQ(poll_one(s, meaningless, 0), -1);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  }
}

WIN_CASE(Poll, PlacesWithoutASocket) {
  const Started started;
  const Socket s = listening();
  WSAPOLLFD fds[] = {{INVALID_SOCKET, POLLERR, 1}, {s, POLLIN, 1}, {kNoSocket, POLLIN, 1}};
  CHECK_EQ(WSAPoll(fds, 3, 0), 0);
  CHECK_EQ(fds[0].revents, POLLNVAL);
  CHECK_EQ(fds[1].revents, 0);
  CHECK_EQ(fds[2].revents, POLLNVAL);
  fds[2].events = POLLERR;
  CHECK_EQ(WSAPoll(fds, 3, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  WSAPOLLFD none[] = {{INVALID_SOCKET, POLLIN, 1}, {kNoSocket, POLLIN, 1}};
  CHECK_EQ(WSAPoll(none, 2, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
  CHECK_EQ(none[1].revents, POLLNVAL);
}

WIN_CASE(Poll, EventsOfAConnection) {
  REQ("WS-4");
  const Started started;
  const Socket listener = listening();
  CHECK_EQ(poll_one(listener, kAll, 0), 0);
  Socket client = socket(AF_INET, SOCK_STREAM, 0);
  connect_to(client, name_of(listener));
  CHECK_EQ(poll_one(listener, POLLIN, -1), POLLRDNORM);
  Socket server = accept(listener, nullptr, nullptr);
  CHECK_EQ(poll_one(server, kAll, 0), POLLWRNORM);
  send_text(client, "data");
  CHECK_EQ(poll_one(server, POLLIN, -1), POLLRDNORM);
  CHECK_EQ(poll_one(server, kAll, 0), POLLRDNORM | POLLWRNORM);
  char in[8];
  recv(server, in, sizeof in, 0);
  send_text(client, "A", MSG_OOB);
  CHECK_EQ(poll_one(server, POLLIN, -1), POLLRDBAND);
  recv(server, in, 1, MSG_OOB);
  CHECK_EQ(poll_one(server, kAll, 0), POLLWRNORM);
  shutdown(client, SD_SEND);
  CHECK_EQ(poll_one(client, kAll, 0), POLLWRNORM);
  CHECK_EQ(poll_one(server, 0, -1), POLLHUP);
  CHECK_EQ(poll_one(server, kAll, 0), POLLWRNORM | POLLHUP);
}

WIN_CASE(Poll, FailedConnectsAndResets) {
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  set_non_blocking(s);
  connect_to(s, closed_port());
  CHECK_EQ(poll_one(s, POLLOUT, -1), POLLHUP | POLLERR | POLLWRNORM);
  Pair pair = connected();
  close_with_reset(pair.client);
  CHECK_EQ(poll_one(pair.server, POLLIN, -1), POLLHUP | POLLERR);
}

WIN_CASE(Poll, Datagrams) {
  const Started started;
  const Socket unbound = socket(AF_INET, SOCK_DGRAM, 0);
  CHECK_EQ(poll_one(unbound, kAll, 0), POLLWRNORM);
  const Socket to = bound(SOCK_DGRAM);
  const sockaddr_in at = name_of(to);
  sendto(unbound, "x", 1, 0, reinterpret_cast<const sockaddr*>(&at), sizeof at);
  CHECK_EQ(poll_one(to, POLLIN, -1), POLLRDNORM);
}

WIN_CASE(Poll, TenThousandSockets) {
  const Started started;
  constexpr ULONG kMany = 10'000;
  std::vector<Socket> sockets;
  std::vector<WSAPOLLFD> fds;
  const Socket last = bound(SOCK_DGRAM);
  for (ULONG i = 1; i < kMany; ++i) {
    sockets.emplace_back(socket(AF_INET, SOCK_STREAM, 0));
    fds.push_back({sockets.back(), POLLIN, 0});
  }
  fds.push_back({last, POLLIN, 0});
  CHECK_EQ(WSAPoll(fds.data(), kMany, 1), 0);
  std::thread sender([&] {
    const Socket from = socket(AF_INET, SOCK_DGRAM, 0);
    const sockaddr_in to = name_of(last);
    sendto(from, "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  });
  CHECK_EQ(WSAPoll(fds.data(), kMany, -1), 1);
  CHECK_EQ(fds.back().revents, POLLRDNORM);
  CHECK_EQ(fds.front().revents, 0);
  sender.join();
}

WIN_CASE(Poll, ASocketThatIsClosedMeanwhile) {
  const Started started;
  const Pair pair = connected();
  WSAPOLLFD fd{pair.client, POLLIN, 0};
  std::atomic<bool> is_over{false};
  std::thread poller([&] {
    const int n = WSAPoll(&fd, 1, -1);
    CHECK(n == 1 || n == SOCKET_ERROR);  // it may have been closed before the call
    CHECK_EQ(fd.revents, POLLNVAL);
    is_over = true;
  });
  std::this_thread::yield();
  closesocket(pair.client);
  poller.join();
  CHECK(is_over);
}

}  // namespace
