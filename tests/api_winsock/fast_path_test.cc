// SIO_LOOPBACK_FAST_PATH: how it is asked for, when it is taken, and that options mean there what
// they are documented to mean. What a connection does is in fast_path_stream_test.cc, on both
// paths.
#include <mswsock.h>

#include <cstdlib>
#include <thread>

#include "api_winsock/fast_path_pair.h"
#include "api_winsock/started.h"

namespace {

using namespace fast_path;  // NOLINT(google-build-using-namespace)

WIN_CASE(FastPath, IsAskedForWithAnyByteThatIsNotZero) {
  REQ("LFP-2");
  const Started started;
  struct Row {
    DWORD bytes;
    std::uint8_t value[8];
    bool is_on;
  };
  const Row rows[] = {
      {1, {1}, true},           {1, {0}, false},
      {4, {1, 0, 0, 0}, true},  {4, {0, 0, 0, 0x80}, true},
      {4, {0, 0, 0, 0}, false}, {8, {0, 0, 0, 0, 1}, true},
      {1, {0, 1}, false},
  };
  for (const Row& row : rows) {
    const Socket listener = listening(AF_INET, true);
    const Socket client = socket(AF_INET, SOCK_STREAM, 0);
    Row copy = row;
    DWORD bytes = 99;
    CHECK_EQ(WSAIoctl(client, SIO_LOOPBACK_FAST_PATH, copy.value, row.bytes, nullptr, 0, &bytes,
                      nullptr, nullptr),
             0);
    CHECK_EQ(bytes, 0u);
    const Name to = endpoint_of(listener);
    CHECK_EQ(connect(client, to.get(), to.bytes), 0);
    CHECK_EQ(is_fast(client), row.is_on);
  }
}

WIN_CASE(FastPath, ErrorsAreTheOnesThatProgramsExpect) {
  REQ("LFP-2");
  const Started started;
  const Socket stream = socket(AF_INET6, SOCK_STREAM, 0);
  const Socket datagram = socket(AF_INET, SOCK_DGRAM, 0);
  int on = 1;
  DWORD bytes = 99;
  CHECK_EQ(
      WSAIoctl(stream, SIO_LOOPBACK_FAST_PATH, nullptr, 0, nullptr, 0, &bytes, nullptr, nullptr),
      SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAIoctl(stream, SIO_LOOPBACK_FAST_PATH, &on, 0, nullptr, 0, &bytes, nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(
      WSAIoctl(stream, SIO_LOOPBACK_FAST_PATH, nullptr, 4, nullptr, 0, &bytes, nullptr, nullptr),
      SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(WSAIoctl(datagram, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &bytes, nullptr,
                    nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
}

WIN_CASE(FastPath, OverlappedFormCompletesAtOnce) {
  REQ("LFP-2");
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(SOCKET{s}), nullptr, 7, 0);
  REQUIRE(port != nullptr);
  OVERLAPPED overlapped{};
  int on = 1;
  DWORD bytes = 99;
  CHECK_EQ(
      WSAIoctl(s, SIO_LOOPBACK_FAST_PATH, &on, sizeof on, nullptr, 0, &bytes, &overlapped, nullptr),
      0);
  ULONG_PTR key = 0;
  OVERLAPPED* done = nullptr;
  CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 1000));
  CHECK(done == &overlapped);
  CHECK_EQ(key, 7u);
  CHECK_EQ(bytes, 0u);
  CloseHandle(port);
}

WIN_CASE(FastPath, IsTakenOnlyWhenBothEndsAsked) {
  REQ("LFP-3");
  REQ("LFP-4");
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const bool is_client_asking : {false, true}) {
      for (const bool is_server_asking : {false, true}) {
        const Pair pair(family, is_client_asking, is_server_asking);
        CHECK_EQ(is_fast(pair.client), is_client_asking && is_server_asking);
        CHECK_EQ(is_fast(pair.server), is_client_asking && is_server_asking);
        CHECK_EQ(loopback::send_text(pair.client, "hello"), 5);
        char text[8];
        CHECK_EQ(recv(pair.server, text, sizeof text, 0), 5);
      }
    }
  }
}

WIN_CASE(FastPath, CountsWhenAConnectionArrives) {
  REQ("LFP-4");
  REQ("LFP-5");
  const Started started;
  Socket listener = listening(AF_INET, false);
  const Name to = endpoint_of(listener);
  const auto connected = [&] {
    Socket s = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(ask(s), 0);
    CHECK_EQ(connect(s, to.get(), to.bytes), 0);
    return s;
  };
  const Socket before = connected();
  CHECK_EQ(ask(listener), 0);  // after listen
  const Socket after = connected();
  CHECK_EQ(ask(listener, 0), 0);
  const Socket taken_back = connected();
  CHECK(!is_fast(before));
  CHECK(is_fast(after));
  CHECK(!is_fast(taken_back));
  // Accepted later, on the path that was chosen then; asking again changes nothing.
  for (const bool expected : {false, true, false}) {
    const Socket accepted = accept(listener, nullptr, nullptr);
    CHECK_EQ(is_fast(accepted), expected);
    CHECK_EQ(ask(accepted, expected ? 0 : 1), 0);
    CHECK_EQ(is_fast(accepted), expected);
  }
}

WIN_CASE(FastPath, FalseTakesItBackBeforeConnecting) {
  REQ("LFP-2");
  const Started started;
  const Socket listener = listening(AF_INET, true);
  const Socket client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(ask(client), 0);
  CHECK_EQ(ask(client, 0), 0);
  const Name to = endpoint_of(listener);
  CHECK_EQ(connect(client, to.get(), to.bytes), 0);
  CHECK(!is_fast(client));
}

WIN_CASE(FastPath, NobodyListeningIsARefusal) {
  REQ("LFP-4");
  const Started started;
  const Socket client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(ask(client), 0);
  CHECK_EQ(loopback::connect_to(client, loopback::closed_port()), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAECONNREFUSED);
}

WIN_CASE(FastPath, ElsewhereThanLoopbackItHasNoEffect) {
  REQ("LFP-6");
  const Started started;
  const Socket client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(ask(client), 0);
  loopback::set_non_blocking(client);
  sockaddr_in to = loopback::any_port();
  to.sin_addr.s_addr = htonl(0xc6336401);  // 198.51.100.1
  to.sin_port = htons(9);
  CHECK_EQ(loopback::connect_to(client, to), SOCKET_ERROR);
  const int e = WSAGetLastError();
  CHECK(e == WSAEWOULDBLOCK || e == WSAENETUNREACH);
}

WIN_CASE(FastPath, NamesAreThoseOfAConnection) {
  REQ("LFP-3");
  const Started started;
  for (const Way& way : kWays) {
    const Pair pair(way);
    const Name mine = endpoint_of(pair.client);
    Name theirs;
    theirs.bytes = sizeof theirs.at;
    CHECK_EQ(getpeername(pair.server, reinterpret_cast<sockaddr*>(&theirs.at), &theirs.bytes), 0);
    CHECK_EQ(mine.bytes, theirs.bytes);
    CHECK_EQ(memcmp(&mine.at, &theirs.at, static_cast<std::size_t>(mine.bytes)), 0);
  }
}

WIN_CASE(FastPath, ConnectExAndAcceptExTakeItToo) {
  REQ("LFP-4");
  const Started started;
  const Socket listener = listening(AF_INET, true);
  const Socket server = socket(AF_INET, SOCK_STREAM, 0);
  const Socket client = loopback::bound(SOCK_STREAM);
  CHECK_EQ(ask(client), 0);
  LPFN_CONNECTEX connect_ex = nullptr;
  GUID id = WSAID_CONNECTEX;
  DWORD bytes = 0;
  CHECK_EQ(WSAIoctl(client, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &connect_ex,
                    sizeof connect_ex, &bytes, nullptr, nullptr),
           0);
  OVERLAPPED accepting{};
  OVERLAPPED connecting{};
  accepting.hEvent = WSACreateEvent();
  connecting.hEvent = WSACreateEvent();
  char block[64 + 2 * (sizeof(sockaddr_in) + 16)];
  CHECK(!AcceptEx(listener, server, block, 5, sizeof(sockaddr_in) + 16, sizeof(sockaddr_in) + 16,
                  &bytes, &accepting));
  CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
  char text[] = "first";
  const Name to = endpoint_of(listener);
  const BOOL is_done = connect_ex(client, to.get(), to.bytes, text, 5, &bytes, &connecting);
  if (!is_done) CHECK_EQ(WSAGetLastError(), ERROR_IO_PENDING);
  DWORD flags = 0;
  CHECK(WSAGetOverlappedResult(client, &connecting, &bytes, TRUE, &flags));
  CHECK_EQ(bytes, 5u);
  CHECK(WSAGetOverlappedResult(listener, &accepting, &bytes, TRUE, &flags));
  CHECK_EQ(bytes, 5u);
  CHECK_EQ(memcmp(block, "first", 5), 0);
  CHECK(is_fast(server));
  WSACloseEvent(accepting.hEvent);
  WSACloseEvent(connecting.hEvent);
}

WIN_CASE(FastPath, OptionsAreAcceptedAndRemembered) {
  REQ("LFP-10");
  const Started started;
  struct Row {
    int family;
    int level;
    int name;
    DWORD value;
  };
  const Row rows[] = {
      {AF_INET, IPPROTO_IP, IP_TTL, 17},
      {AF_INET, IPPROTO_IP, IP_UNICAST_IF, 0},
      {AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 18},
      {AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_IF, 0},
      {AF_INET, SOL_SOCKET, SO_RCVBUF, 90000},
      {AF_INET, SOL_SOCKET, SO_SNDBUF, 5000},
      {AF_INET, IPPROTO_TCP, TCP_NODELAY, 1},
      {AF_INET6, IPPROTO_TCP, TCP_NODELAY, 1},
      {AF_INET, SOL_SOCKET, SO_KEEPALIVE, 1},
  };
  for (const Row& row : rows) {
    const Pair pair(row.family, true, true);
    CHECK(is_fast(pair.client));
    CHECK_EQ(setsockopt(pair.client, row.level, row.name, reinterpret_cast<const char*>(&row.value),
                        sizeof row.value),
             0);
    DWORD value = 0;
    int bytes = sizeof value;
    CHECK_EQ(getsockopt(pair.client, row.level, row.name, reinterpret_cast<char*>(&value), &bytes),
             0);
    CHECK_EQ(value, row.value);
    CHECK_EQ(loopback::send_text(pair.client, "ok"), 2);
    char text[2];
    CHECK_EQ(recv(pair.server, text, 2, MSG_WAITALL), 2);
  }
}

/// The process's stack refuses what the fast path does not support, while this lives.
class Strict {
 public:
  Strict() { setenv("ORIEL_SET", "loopback.strict_options=true", 1); }
  ~Strict() { unsetenv("ORIEL_SET"); }
  Strict(const Strict&) = delete;
  Strict& operator=(const Strict&) = delete;
};

struct Option {
  int family;
  int level;
  int name;
  DWORD value;
};
int set_to(SOCKET s, const Option& o) {
  return setsockopt(s, o.level, o.name, reinterpret_cast<const char*>(&o.value), sizeof o.value);
}
DWORD value_of(SOCKET s, const Option& o) {
  DWORD value = 0xbad;
  int bytes = sizeof value;
  CHECK_EQ(getsockopt(s, o.level, o.name, reinterpret_cast<char*>(&value), &bytes), 0);
  return value;
}

WIN_CASE(FastPath, StrictlyTheSupportedOptionsWork) {
  REQ("LFP-10");
  const Strict strict;
  const Started started;
  const Option always[] = {{AF_INET, IPPROTO_IP, IP_TTL, 17},
                           {AF_INET, IPPROTO_IP, IP_UNICAST_IF, 0},
                           {AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 18},
                           {AF_INET6, IPPROTO_IPV6, IPV6_UNICAST_IF, 0},
                           {AF_INET, SOL_SOCKET, SO_PORT_SCALABILITY, 1},
                           {AF_INET, SOL_SOCKET, SO_RCVBUF, 90000},
                           {AF_INET, IPPROTO_TCP, TCP_BSDURGENT, 0},
                           {AF_INET, SOL_SOCKET, SO_SNDBUF, 5000},
                           {AF_INET, SOL_SOCKET, SO_OOBINLINE, 1},
                           {AF_INET, SOL_SOCKET, SO_KEEPALIVE, 1}};
  for (const Option& o : always) {
    const Pair pair(o.family, true, true);
    CHECK(is_fast(pair.client));
    for (const SOCKET s : {SOCKET{pair.client}, SOCKET{pair.server}}) {
      CHECK_EQ(set_to(s, o), 0);
      CHECK_EQ(value_of(s, o), o.value);
    }
    CHECK_EQ(loopback::send_text(pair.client, "ok"), 2);
    char text[2];
    CHECK_EQ(recv(pair.server, text, 2, MSG_WAITALL), 2);
  }
  const Option unbound[] = {{AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY, 0},
                            {AF_INET, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1},
                            {AF_INET, SOL_SOCKET, SO_REUSEADDR, 1},
                            {AF_INET, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1}};
  for (const Option& o : unbound) {
    const Socket s = socket(o.family, SOCK_STREAM, 0);
    CHECK_EQ(ask(s), 0);
    CHECK_EQ(set_to(s, o), 0);
    CHECK_EQ(value_of(s, o), o.value);
  }
}

WIN_CASE(FastPath, StrictlyAnyOtherOptionOfTcpOrIpIsRefused) {
  REQ("LFP-10");
  const Strict strict;
  const Started started;
  const Option others[] = {{AF_INET, IPPROTO_TCP, TCP_NODELAY, 1},
                           {AF_INET6, IPPROTO_TCP, TCP_NODELAY, 1},
                           {AF_INET, IPPROTO_TCP, TCP_KEEPIDLE, 60},
                           {AF_INET, IPPROTO_TCP, TCP_MAXRT, 60},
                           {AF_INET, IPPROTO_IP, IP_TOS, 8},
                           {AF_INET, IPPROTO_IP, IP_DONTFRAGMENT, 1},
                           {AF_INET6, IPPROTO_IPV6, IPV6_PROTECTION_LEVEL, 10},
                           {AF_INET6, IPPROTO_IPV6, IPV6_DONTFRAG, 1}};
  for (const Option& o : others) {
    const Pair pair(o.family, true, true);
    CHECK(is_fast(pair.client));
    const Socket asking = socket(o.family, SOCK_STREAM, 0);
    CHECK_EQ(ask(asking), 0);
    for (const SOCKET s : {SOCKET{pair.client}, SOCKET{pair.server}, SOCKET{asking}}) {
      const DWORD before = value_of(s, o);
      WSASetLastError(0);
      CHECK_EQ(set_to(s, o), SOCKET_ERROR);
      CHECK_EQ(WSAGetLastError(), WSAENOPROTOOPT);
      CHECK_EQ(value_of(s, o), before);
    }
    CHECK_EQ(ask(asking, 0), 0);  // taken back: an ordinary socket
    CHECK_EQ(set_to(asking, o), 0);
    const Pair fallen(o.family, true, false);  // asked, and did not get it
    CHECK(!is_fast(fallen.client));
    CHECK_EQ(set_to(fallen.client, o), 0);
  }
  // Real programs set it first and then ask: neither may fail.
  const Socket early = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(set_to(early, others[0]), 0);
  CHECK_EQ(ask(early), 0);
}

WIN_CASE(FastPath, ReceiveBufferBoundsWhatIsTaken) {
  REQ("LFP-8");
  REQ("LFP-10");
  const Started started;
  const Socket listener = listening(AF_INET, true);
  const int small = 4096;
  CHECK_EQ(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&small),
                      sizeof small),
           0);
  const Socket client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK_EQ(ask(client), 0);
  const Name to = endpoint_of(listener);
  CHECK_EQ(connect(client, to.get(), to.bytes), 0);
  const Socket server = accept(listener, nullptr, nullptr);
  loopback::set_non_blocking(client);
  static char bytes[100'000];
  int taken = 0;
  for (int n; (n = send(client, bytes, sizeof bytes, 0)) > 0;) taken += n;
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  CHECK_EQ(taken, small);
}

}  // namespace
