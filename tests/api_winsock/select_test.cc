// select: what is ready and what is not, sets of any size, and its errors.
#include <winsock2.h>

#include <thread>
#include <vector>

#include "loopback_sockets.h"
#include "started.h"
#include "support/win_case.h"

namespace {

using namespace loopback;  // NOLINT(google-build-using-namespace)

constexpr timeval kNow{0, 0};

bool is_ready(SOCKET s, fd_set* sets[3], int which, const timeval* timeout) {
  fd_set set;
  FD_ZERO(&set);
  FD_SET(s, &set);
  for (int i = 0; i < 3; ++i) sets[i] = i == which ? &set : nullptr;
  return select(0, sets[0], sets[1], sets[2], timeout) == 1 && FD_ISSET(s, &set);
}
bool is_readable(SOCKET s, const timeval* timeout = &kNow) {
  fd_set* sets[3];
  return is_ready(s, sets, 0, timeout);
}
bool is_writable(SOCKET s, const timeval* timeout = &kNow) {
  fd_set* sets[3];
  return is_ready(s, sets, 1, timeout);
}
bool has_exception(SOCKET s, const timeval* timeout = &kNow) {
  fd_set* sets[3];
  return is_ready(s, sets, 2, timeout);
}

WIN_CASE(Select, ErrorsOfArguments) {
  REQ("WS-2");
  const Started started;
  fd_set set;
  FD_ZERO(&set);
  CHECK_EQ(select(0, nullptr, nullptr, nullptr, &kNow), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(select(0, &set, &set, &set, &kNow), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  const Socket s = bound(SOCK_DGRAM);
  FD_SET(s, &set);
  FD_SET(SOCKET{0x7ffffff0}, &set);
  CHECK_EQ(select(0, &set, nullptr, nullptr, &kNow), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
  CHECK_EQ(set.fd_count, 2u);
  FD_CLR(SOCKET{0x7ffffff0}, &set);
  const timeval negative{0, -1};
  CHECK_EQ(select(0, &set, nullptr, nullptr, &negative), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
}

WIN_CASE(Select, TellsEachKindOfReadiness) {
  REQ("WS-4");
  const Started started;
  const Socket listener = listening();
  CHECK(!is_readable(listener));
  Socket client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(!is_writable(client));
  set_non_blocking(client);
  CHECK_EQ(connect_to(client, name_of(listener)), SOCKET_ERROR);
  CHECK(is_writable(client, nullptr));
  CHECK(is_readable(listener, nullptr));
  Socket server = accept(listener, nullptr, nullptr);
  CHECK(!is_readable(server));
  CHECK(is_writable(server));
  CHECK(!has_exception(server));
  send_text(client, "x");
  CHECK(is_readable(server, nullptr));
  char c;
  recv(server, &c, 1, 0);
  CHECK(!is_readable(server));
  send_text(client, "!", MSG_OOB);
  CHECK(has_exception(server, nullptr));
  CHECK(!is_readable(server));
  recv(server, &c, 1, MSG_OOB);
  CHECK(!has_exception(server));
  client.close();
  CHECK(is_readable(server, nullptr));
  CHECK_EQ(recv(server, &c, 1, 0), 0);
}

WIN_CASE(Select, FailedConnectsAreExceptions) {
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  set_non_blocking(s);
  connect_to(s, closed_port());
  fd_set writable, exceptional;
  FD_ZERO(&writable);
  FD_SET(s, &writable);
  exceptional = writable;
  CHECK_EQ(select(0, nullptr, &writable, &exceptional, nullptr), 1);
  CHECK_EQ(writable.fd_count, 0u);
  CHECK_EQ(exceptional.fd_count, 1u);
  int error = 0;
  int bytes = sizeof error;
  getsockopt(s, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &bytes);
  CHECK_EQ(error, WSAECONNREFUSED);
}

WIN_CASE(Select, ResetConnectionsAreReadableAndTellTheError) {
  const Started started;
  Pair pair = connected();
  close_with_reset(pair.client);
  CHECK(is_readable(pair.server, nullptr));
  char c;
  CHECK_EQ(recv(pair.server, &c, 1, 0), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAECONNRESET);
}

WIN_CASE(Select, TimeoutEmptiesTheSets) {
  const Started started;
  const Pair pair = connected();
  fd_set set, other;
  FD_ZERO(&set);
  FD_SET(pair.client, &set);
  other = set;
  const timeval soon{0, 2000};
  CHECK_EQ(select(0, &set, nullptr, &other, &soon), 0);
  CHECK_EQ(set.fd_count, 0u);
  CHECK_EQ(other.fd_count, 0u);
}

// A set as programs make it that want more than FD_SETSIZE: the same head, a longer array.
WIN_CASE(Select, TakesSetsOf1024) {
  const Started started;
  constexpr u_int kMany = 1024;
  std::vector<Socket> sockets;
  for (u_int i = 0; i < kMany; ++i) sockets.push_back(bound(SOCK_DGRAM));
  struct Large {
    u_int fd_count;
    SOCKET fd_array[kMany];
  } set{};
  for (const SOCKET s : sockets) set.fd_array[set.fd_count++] = s;
  auto* const as_set = reinterpret_cast<fd_set*>(&set);
  std::thread sender([&] {
    const sockaddr_in to = name_of(sockets[1000]);
    sendto(sockets[0], "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  });
  CHECK_EQ(select(0, as_set, nullptr, nullptr, nullptr), 1);
  sender.join();
  CHECK_EQ(set.fd_count, 1u);
  CHECK_EQ(set.fd_array[0], SOCKET{sockets[1000]});
  CHECK(FD_ISSET(sockets[1000], as_set));
}

WIN_CASE(Select, WaitsUntilASendMayGoOn) {
  const Started started;
  const Pair pair = connected();
  set_non_blocking(pair.client);
  std::vector<char> bytes(1 << 20);
  std::size_t sent = 0;
  for (int n; (n = send(pair.client, bytes.data(), 1 << 20, 0)) > 0;) sent += std::size_t(n);
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  CHECK(!is_writable(pair.client));
  std::thread reader([&] {
    std::vector<char> in(1 << 16);
    for (std::size_t got = 0; got < sent;) {
      const int n = recv(pair.server, in.data(), 1 << 16, 0);
      if (n <= 0) break;
      got += std::size_t(n);
    }
  });
  CHECK(is_writable(pair.client, nullptr));
  reader.join();
}

WIN_CASE(Select, ASocketThatIsClosedEndsTheWait) {
  const Started started;
  Pair pair = connected();
  std::thread closer([&] {
    fd_set set;
    const SOCKET s = pair.client;
    FD_ZERO(&set);
    FD_SET(s, &set);
    CHECK_EQ(select(0, &set, nullptr, nullptr, nullptr), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
  });
  std::this_thread::yield();
  closesocket(pair.client);
  closer.join();
}

}  // namespace
