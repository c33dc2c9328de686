// Stream sockets through the WSPxxx functions, over loopback in real time: what blocks, what does
// not, and each error.
#include <mswsock.h>

#include <atomic>
#include <thread>

#include "winsock/spi_case_test.h"

namespace oriel::winsock {
namespace {

using SpiStream = SpiCase;

TEST_F(SpiStream, BlockingEcho) {
  SOCKET client, server;
  make_pair(client, server);
  EXPECT_EQ(send(client, "hello"), 5);
  EXPECT_EQ(receive(server), "hello");
  EXPECT_EQ(send(server, "world"), 5);
  EXPECT_EQ(receive(client), "world");
  EXPECT_EQ(close(client), 0);
  EXPECT_EQ(receive(server), "") << "the end of the stream";
  EXPECT_EQ(close(server), 0);
  EXPECT_EQ(receive(server), "!10038");
}

TEST_F(SpiStream, SeveralBuffersBothWays) {
  SOCKET client, server;
  make_pair(client, server);
  char a[] = "ab", b[] = "cde";
  WSABUF out[] = {{2, a}, {0, nullptr}, {3, b}};
  DWORD n = 0, flags = 0;
  ASSERT_EQ(spi_send(client, out, 3, &n, 0, nullptr, nullptr, nullptr, &error), 0);
  EXPECT_EQ(n, 5u);
  char x[3] = {}, y[3] = {};
  WSABUF in[] = {{3, x}, {3, y}};
  ASSERT_EQ(spi_recv(server, in, 2, &n, &flags, nullptr, nullptr, nullptr, &error), 0);
  EXPECT_EQ(n, 5u);
  EXPECT_EQ(std::string(x, 3) + std::string(y, 2), "abcde");
}

TEST_F(SpiStream, PeekWaitAllAndUrgent) {
  SOCKET client, server;
  make_pair(client, server);
  send(client, "abc");
  EXPECT_EQ(receive(server, 2, MSG_PEEK), "ab");
  EXPECT_EQ(receive(server, 3, MSG_WAITALL), "abc");
  EXPECT_EQ(receive(server, 3, MSG_WAITALL | MSG_PEEK), "!10045");
  std::thread later([&] {
    send(client, "12");
    send(client, "34");
  });
  EXPECT_EQ(receive(server, 4, MSG_WAITALL), "1234");
  later.join();
  EXPECT_EQ(send(client, "x!", MSG_OOB), 2);
  EXPECT_EQ(receive(server, 8, MSG_OOB), "!") << "blocks until it is here";
  EXPECT_EQ(receive(server), "x");
  set_non_blocking(server);
  EXPECT_EQ(receive(server, 8, MSG_OOB), "!10035");
  EXPECT_EQ(receive(server, 8, MSG_WAITALL), "!10045");
  EXPECT_EQ(receive(server, 8, 0x4000), "!10045");
}

TEST_F(SpiStream, NonBlockingConnectGoesThroughItsErrors) {
  const SOCKET listener = make_listener();
  const SOCKET s = make();
  set_non_blocking(s);
  EXPECT_EQ(connect(s, port_of(listener)), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEWOULDBLOCK);
  const SOCKET server = accept(listener);
  ASSERT_NE(server, INVALID_SOCKET);
  // The accepted side is up, so is this one.
  EXPECT_EQ(connect(s, port_of(listener)), SOCKET_ERROR);
  EXPECT_TRUE(error == WSAEISCONN || error == WSAEALREADY) << error;
  EXPECT_EQ(receive(s), "!10035");
  EXPECT_EQ(option(s, SOL_SOCKET, SO_ERROR), 0u);
  send(server, "x");
  while (receive(s) == "!10035") std::this_thread::yield();
  EXPECT_EQ(connect(s, port_of(listener)), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEISCONN);
}

TEST_F(SpiStream, RefusedConnectsSaySoAndMayBeTriedAgain) {
  const SOCKET listener = make_listener();
  const std::uint16_t port = port_of(listener);
  close(listener);
  const SOCKET s = make();
  EXPECT_EQ(connect(s, port), SOCKET_ERROR);
  EXPECT_EQ(error, WSAECONNREFUSED);
  EXPECT_EQ(connect(s, 0), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEADDRNOTAVAIL);
  const SOCKET again = make();
  ASSERT_EQ(bind(again, port), 0);
  ASSERT_EQ(spi_listen(again, 5, &error), 0);
  EXPECT_EQ(connect(s, port), 0) << error;
  const SOCKET n = make();
  set_non_blocking(n);
  close(again);
  EXPECT_EQ(connect(n, port), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEWOULDBLOCK);
  DWORD e = 0;
  while ((e = option(n, SOL_SOCKET, SO_ERROR)) == 0) std::this_thread::yield();
  EXPECT_EQ(e, DWORD{WSAECONNREFUSED});
  EXPECT_EQ(option(n, SOL_SOCKET, SO_ERROR), 0u) << "told once";
}

TEST_F(SpiStream, ErrorsOfStatesAndArguments) {
  const SOCKET s = make();
  DWORD n = 0;
  char c;
  WSABUF b{1, &c};
  EXPECT_EQ(send(s, "x"), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOTCONN);
  EXPECT_EQ(receive(s), "!10057");
  EXPECT_EQ(spi_shutdown(s, SD_BOTH, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOTCONN);
  EXPECT_EQ(spi_shutdown(s, 3, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEINVAL);
  EXPECT_EQ(accept(s), INVALID_SOCKET);
  EXPECT_EQ(error, WSAEINVAL);
  EXPECT_EQ(spi_listen(s, 5, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEINVAL) << "not bound";
  sockaddr_in name{};
  INT bytes = sizeof name;
  auto* where = reinterpret_cast<sockaddr*>(&name);
  EXPECT_EQ(spi_get_sock_name(s, where, &bytes, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEINVAL);
  EXPECT_EQ(spi_get_peer_name(s, where, &bytes, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOTCONN);
  EXPECT_EQ(spi_bind(s, nullptr, bytes, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEFAULT);
  EXPECT_EQ(bind(s), 0);
  EXPECT_EQ(bind(s), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEINVAL);
  const sockaddr_in foreign = at(0, "10.9.9.9");
  const SOCKET other = make();
  EXPECT_EQ(spi_bind(other, reinterpret_cast<const sockaddr*>(&foreign), sizeof foreign, &error),
            SOCKET_ERROR);
  EXPECT_EQ(error, WSAEADDRNOTAVAIL);
  EXPECT_EQ(bind(other, port_of(s)), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEADDRINUSE);
  EXPECT_EQ(spi_send(s, nullptr, 1, &n, 0, nullptr, nullptr, nullptr, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEFAULT);
  EXPECT_EQ(spi_send(s, &b, 1, nullptr, 0, nullptr, nullptr, nullptr, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEFAULT);
  EXPECT_EQ(spi_send(s, &b, 1, &n, 0x4000, nullptr, nullptr, nullptr, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEOPNOTSUPP);
  for (const auto& [family, type, protocol, wanted] :
       {std::tuple{99, SOCK_STREAM, 0, WSAEAFNOSUPPORT},
        {AF_INET, 9, 0, WSAESOCKTNOSUPPORT},
        {AF_INET, SOCK_STREAM, 99, WSAEPROTONOSUPPORT},
        {AF_INET, SOCK_STREAM, int{IPPROTO_UDP}, WSAEPROTOTYPE}}) {
    EXPECT_EQ(spi_socket(family, type, protocol, nullptr, 0, 0, &error), INVALID_SOCKET);
    EXPECT_EQ(error, wanted);
  }
  EXPECT_EQ(close(12345), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOTSOCK);
}

TEST_F(SpiStream, ShutdownClosesOneDirection) {
  SOCKET client, server;
  make_pair(client, server);
  ASSERT_EQ(spi_shutdown(client, SD_SEND, &error), 0);
  EXPECT_EQ(send(client, "x"), SOCKET_ERROR);
  EXPECT_EQ(error, WSAESHUTDOWN);
  EXPECT_EQ(receive(server), "");
  EXPECT_EQ(send(server, "still"), 5);
  EXPECT_EQ(receive(client), "still");
  ASSERT_EQ(spi_shutdown(client, SD_RECEIVE, &error), 0);
  EXPECT_EQ(receive(client), "!10058");
}

TEST_F(SpiStream, ALingerTimeOfZeroResets) {
  SOCKET client, server;
  make_pair(client, server);
  const linger now{1, 0};
  ASSERT_EQ(spi_set_sock_opt(client, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now),
                             sizeof now, &error),
            0);
  close(client);
  EXPECT_EQ(receive(server), "!10054");
  EXPECT_EQ(send(server, "x"), SOCKET_ERROR);
  EXPECT_EQ(error, WSAECONNRESET);
}

TEST_F(SpiStream, CloseInterruptsWhoeverIsBlocked) {
  SOCKET client, server;
  make_pair(client, server);
  const SOCKET listener = make_listener();
  std::string outcome;
  std::thread reader([&] {
    std::string text(8, 0);
    WSABUF b{8, text.data()};
    DWORD n = 0, flags = 0;
    INT e = 0;
    spi_recv(client, &b, 1, &n, &flags, nullptr, nullptr, nullptr, &e);
    outcome = std::to_string(e);
  });
  INT accept_error = 0;
  std::thread acceptor([&] { spi_accept(listener, nullptr, nullptr, nullptr, 0, &accept_error); });
  // Not before both wait: then nothing is connected, or both ended by themselves.
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  close(client);
  close(listener);
  reader.join();
  acceptor.join();
  EXPECT_TRUE(outcome == "10004" || outcome == "10038") << outcome;
  EXPECT_TRUE(accept_error == WSAEINTR || accept_error == WSAENOTSOCK) << accept_error;
}

TEST_F(SpiStream, TimeoutsEndBlockedCalls) {
  SOCKET client, server;
  make_pair(client, server);
  ASSERT_EQ(set_option(client, SOL_SOCKET, SO_RCVTIMEO, 20), 0);
  EXPECT_EQ(receive(client), "!10060");
  ASSERT_EQ(set_option(client, SOL_SOCKET, SO_SNDTIMEO, 20), 0);
  const std::string much(300'000, 'x');
  int r = 0;
  for (int i = 0; i < 1000 && (r = send(client, much)) > 0; ++i) {
  }
  EXPECT_EQ(r, SOCKET_ERROR);
  EXPECT_EQ(error, WSAETIMEDOUT);
}

TEST_F(SpiStream, ANonBlockingSendIsTakenWholeOrRefused) {
  SOCKET client, server;
  make_pair(client, server);
  set_non_blocking(client);
  ASSERT_EQ(set_option(client, SOL_SOCKET, SO_SNDBUF, 1000), 0);
  const std::string piece(100'000, 'x');
  std::size_t total = 0;
  int r = 0;
  for (int i = 0; i < 10'000 && (r = send(client, piece)) > 0; ++i) {
    EXPECT_EQ(r, 100'000);
    total += static_cast<std::size_t>(r);
  }
  EXPECT_EQ(error, WSAEWOULDBLOCK);
  EXPECT_GE(total, 200'000u) << "two of any size";
  std::size_t got = 0;
  while (got < total) got += receive(server, 65536).size();
  EXPECT_EQ(got, total);
}

int CALLBACK decide(LPWSABUF caller, LPWSABUF, LPQOS, LPQOS, LPWSABUF callee, LPWSABUF, GROUP*,
                    DWORD_PTR data) {
  EXPECT_EQ(caller->len, sizeof(sockaddr_in));
  EXPECT_EQ(callee->len, sizeof(sockaddr_in));
  return static_cast<int>(data);
}

TEST_F(SpiStream, ListeningSaysWhatItCannot) {
  const SOCKET datagrams = make(SOCK_DGRAM);
  ASSERT_EQ(bind(datagrams), 0);
  EXPECT_EQ(spi_listen(datagrams, 5, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEOPNOTSUPP);
  EXPECT_EQ(accept(datagrams), INVALID_SOCKET);
  EXPECT_EQ(error, WSAEOPNOTSUPP);
  SOCKET client, server;
  make_pair(client, server);
  EXPECT_EQ(spi_listen(client, 5, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEISCONN);
  const SOCKET listener = make_listener();
  EXPECT_EQ(receive(listener), "!10057");
  EXPECT_EQ(connect(listener, 9), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEINVAL);
  EXPECT_EQ(spi_listen(listener, SOMAXCONN, &error), 0) << "another backlog";
  set_non_blocking(listener);
  EXPECT_EQ(accept(listener), INVALID_SOCKET);
  EXPECT_EQ(error, WSAEWOULDBLOCK);
  sockaddr_in name{};
  INT bytes = 15;
  EXPECT_EQ(spi_accept(listener, reinterpret_cast<sockaddr*>(&name), &bytes, nullptr, 0, &error),
            INVALID_SOCKET);
  EXPECT_EQ(error, WSAEFAULT);
}

TEST_F(SpiStream, ATimedLingerWaitsForTheAcknowledgement) {
  SOCKET client, server;
  make_pair(client, server);
  const linger soon{1, 5};
  ASSERT_EQ(spi_set_sock_opt(client, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&soon),
                             sizeof soon, &error),
            0);
  EXPECT_EQ(send(client, std::string(10'000, 'x')), 10'000);
  EXPECT_EQ(close(client), 0);
  std::size_t got = 0;
  for (std::string part = receive(server); !part.empty(); part = receive(server)) {
    ASSERT_NE(part[0], '!') << part;
    got += part.size();
  }
  EXPECT_EQ(got, 10'000u);
}

// Also where the program has said before that it sends no more.
TEST_F(SpiStream, ATimedLingerWaitsAfterAShutdownToo) {
  constexpr std::size_t kBytes = 400'000, kPart = 1000;
  SOCKET client, server;
  make_pair(client, server);
  set_option(client, SOL_SOCKET, SO_SNDBUF, 2 * kBytes);
  set_option(server, SOL_SOCKET, SO_RCVBUF, 8192);
  const linger soon{1, 60};
  ASSERT_EQ(spi_set_sock_opt(client, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&soon),
                             sizeof soon, &error),
            0);
  ASSERT_EQ(send(client, std::string(kBytes, 'x')), static_cast<int>(kBytes));
  ASSERT_EQ(spi_shutdown(client, SD_SEND, &error), 0);
  std::atomic<std::size_t> got{0};
  std::size_t arrived_at_close = 0;
  std::thread closes([&] {
    INT e = 0;
    EXPECT_EQ(spi_close_socket(client, &e), 0);
    DWORD unread = 0, bytes = 0;
    EXPECT_EQ(spi_ioctl(server, static_cast<DWORD>(FIONREAD), nullptr, 0, &unread, sizeof unread,
                        &bytes, nullptr, nullptr, nullptr, &e),
              0);
    arrived_at_close = got + unread;
  });
  for (std::string part = receive(server, kPart); !part.empty(); part = receive(server, kPart)) {
    ASSERT_NE(part[0], '!') << part;
    got += part.size();
  }
  closes.join();
  EXPECT_EQ(got, kBytes);
  // All had reached the receiver when it returned; one part may have been on its way into `got`.
  EXPECT_GE(arrived_at_close + kPart, kBytes);
}

TEST_F(SpiStream, TheConditionDecides) {
  const SOCKET listener = make_listener();
  const SOCKET client = make();
  ASSERT_EQ(connect(client, port_of(listener)), 0);
  EXPECT_EQ(spi_accept(listener, nullptr, nullptr, decide, CF_DEFER, &error), INVALID_SOCKET);
  EXPECT_EQ(error, WSATRY_AGAIN);
  sockaddr_in name{};
  INT bytes = sizeof name;
  const SOCKET server =
      spi_accept(listener, reinterpret_cast<sockaddr*>(&name), &bytes, decide, CF_ACCEPT, &error);
  ASSERT_NE(server, INVALID_SOCKET) << error;
  EXPECT_EQ(port_of(name), port_of(client));
  const SOCKET second = make();
  ASSERT_EQ(connect(second, port_of(listener)), 0);
  EXPECT_EQ(spi_accept(listener, nullptr, nullptr, decide, CF_REJECT, &error), INVALID_SOCKET);
  EXPECT_EQ(error, WSAECONNREFUSED);
  EXPECT_EQ(receive(second), "!10054");
}

TEST_F(SpiStream, OptionsReadBackAndAreInherited) {
  const SOCKET listener = make_listener();
  EXPECT_EQ(option(listener, SOL_SOCKET, SO_SNDBUF), 65536u);
  for (const auto& [level, name, value] : {std::tuple{SOL_SOCKET, SO_SNDBUF, DWORD{0}},
                                           {SOL_SOCKET, SO_RCVBUF, DWORD{12345}},
                                           {SOL_SOCKET, SO_KEEPALIVE, DWORD{1}},
                                           {int{IPPROTO_TCP}, TCP_NODELAY, DWORD{1}},
                                           {SOL_SOCKET, SO_OOBINLINE, DWORD{1}},
                                           {SOL_SOCKET, SO_RCVTIMEO, DWORD{77}}}) {
    EXPECT_EQ(set_option(listener, level, name, value), 0) << name;
    EXPECT_EQ(option(listener, level, name), value) << name;
  }
  EXPECT_EQ(option(listener, SOL_SOCKET, SO_ACCEPTCONN), 1u);
  EXPECT_EQ(option(listener, SOL_SOCKET, SO_TYPE), DWORD{SOCK_STREAM});
  const SOCKET client = make();
  ASSERT_EQ(connect(client, port_of(listener)), 0);
  const SOCKET server = accept(listener);
  EXPECT_EQ(option(server, SOL_SOCKET, SO_SNDBUF), 0u);
  EXPECT_EQ(option(server, SOL_SOCKET, SO_RCVBUF), 12345u);
  EXPECT_EQ(option(server, IPPROTO_TCP, TCP_NODELAY), 1u);
  EXPECT_EQ(send(server, "borrowed"), 8) << "ends when it is acknowledged";
  EXPECT_EQ(receive(client), "borrowed");
  EXPECT_EQ(set_option(client, SOL_SOCKET, SO_BROADCAST, 1), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOPROTOOPT);
  EXPECT_EQ(set_option(client, SOL_SOCKET, 0x7777, 1), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOPROTOOPT);
  EXPECT_EQ(set_option(client, 4242, 1, 1), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEINVAL);
  EXPECT_EQ(set_option(client, SOL_SOCKET, SO_ERROR, 1), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOPROTOOPT);
  char byte = 1;
  EXPECT_EQ(spi_set_sock_opt(client, SOL_SOCKET, SO_SNDBUF, &byte, 1, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEFAULT);
  EXPECT_EQ(spi_set_sock_opt(client, SOL_SOCKET, SO_KEEPALIVE, &byte, 1, &error), 0);
  ASSERT_EQ(set_option(client, SOL_SOCKET, SO_REUSEADDR, 1), 0);
  EXPECT_EQ(set_option(client, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEINVAL);
}

TEST_F(SpiStream, PortsAreSharedAsTheOptionsSay) {
  const SOCKET first = make(), second = make(), third = make();
  set_option(first, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
  ASSERT_EQ(bind(first), 0);
  set_option(second, SOL_SOCKET, SO_REUSEADDR, 1);
  EXPECT_EQ(bind(second, port_of(first)), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEACCES);
  close(first);
  const SOCKET other = make();
  set_option(other, SOL_SOCKET, SO_REUSEADDR, 1);
  ASSERT_EQ(bind(second), 0);
  EXPECT_EQ(bind(other, port_of(second)), 0);
  EXPECT_EQ(bind(third, port_of(second)), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEADDRINUSE);
}

TEST_F(SpiStream, ReadableBytesAndIoctlErrors) {
  SOCKET client, server;
  make_pair(client, server);
  send(client, "abc");
  EXPECT_EQ(receive(server, 1), "a");
  DWORD bytes = 0, returned = 9;
  EXPECT_EQ(ioctl(server, static_cast<DWORD>(FIONREAD), bytes), 0);
  EXPECT_EQ(bytes, 2u);
  EXPECT_EQ(ioctl(server, 0x12345678, bytes), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEOPNOTSUPP);
  EXPECT_EQ(spi_ioctl(server, 0x12345678, nullptr, 0, nullptr, 0, &returned, nullptr, nullptr,
                      nullptr, &error),
            SOCKET_ERROR);
  EXPECT_EQ(returned, 0u);
  EXPECT_EQ(spi_ioctl(server, static_cast<DWORD>(FIONBIO), &bytes, 4, nullptr, 0, nullptr, nullptr,
                      nullptr, nullptr, &error),
            SOCKET_ERROR);
  EXPECT_EQ(error, WSAEFAULT);
  EXPECT_EQ(spi_ioctl(server, static_cast<DWORD>(FIONBIO), nullptr, 0, nullptr, 0, &returned,
                      nullptr, nullptr, nullptr, &error),
            SOCKET_ERROR);
  EXPECT_EQ(error, WSAEFAULT);
}

}  // namespace
}  // namespace oriel::winsock
