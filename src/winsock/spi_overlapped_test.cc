// Overlapped calls: what is told at once and what later; events, ports, completion routines;
// cancelling and closing. Everything waits for a completion, nothing for a time.
#include <mstcpip.h>

#include <atomic>
#include <string>
#include <vector>

#include "runtime/completion_port.h"
#include "runtime/thread_record.h"
#include "win32/io_completion.h"
#include "win32/sync_objects.h"
#include "winsock/spi_case_test.h"

namespace oriel::winsock {
namespace {

int routine_calls = 0;
DWORD routine_error = 0, routine_bytes = 0;
void CALLBACK on_routine(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD) {
  ++routine_calls;
  routine_error = error;
  routine_bytes = bytes;
}

class SpiOverlapped : public SpiCase {
 protected:
  SpiOverlapped() { routine_calls = 0; }

  /// A receive of up to 16 bytes into `text`.
  int begin_receive(SOCKET s, WSAOVERLAPPED& o,
                    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = nullptr) {
    WSABUF b{sizeof text, text};
    DWORD flags = 0;
    WSATHREADID thread{};
    return spi_recv(s, &b, 1, &bytes, &flags, &o, routine, &thread, &error);
  }
  /// Waits for the end: bytes, or minus the error.
  int result(SOCKET s, WSAOVERLAPPED& o, BOOL is_waiting = TRUE) {
    DWORD n = 0, flags = 0;
    if (spi_get_overlapped_result(s, &o, &n, is_waiting, &flags, &error) != FALSE) {
      return static_cast<int>(n);
    }
    return -error;
  }
  win32::FileObject& file(SOCKET s) {
    kept = find_socket(s);
    return *kept;
  }

  char text[16] = {};
  DWORD bytes = 0;
  win32::Ref<Socket> kept;
};

TEST_F(SpiOverlapped, AReceiveWaitsForItsBytes) {
  SOCKET client, server;
  make_pair(client, server);
  WSAOVERLAPPED o{};
  bytes = 77;
  EXPECT_EQ(begin_receive(server, o), SOCKET_ERROR);
  EXPECT_EQ(error, WSA_IO_PENDING);
  EXPECT_EQ(bytes, 77u) << "not written after pending";
  EXPECT_EQ(result(server, o, FALSE), -WSA_IO_INCOMPLETE);
  send(client, "hello");
  EXPECT_EQ(result(server, o), 5);
  EXPECT_EQ(std::string(text, 5), "hello");
  send(client, "x");
  while (receive(server, 1, MSG_PEEK) != "x") {
  }
  EXPECT_EQ(begin_receive(server, o), 0) << "at once";
  EXPECT_EQ(bytes, 1u);
  EXPECT_EQ(result(server, o, FALSE), 1);
}

TEST_F(SpiOverlapped, TheEventIsSetAndThePortIsTold) {
  SOCKET client, server;
  make_pair(client, server);
  const auto event = win32::make_ref<win32::EventObject>(true, false);
  WSAOVERLAPPED o{};
  o.hEvent = win32::handles().insert(event);
  auto port = runtime::make_ref<runtime::CompletionPort>(1u);
  ASSERT_TRUE(file(server).associate(port, 42));
  EXPECT_EQ(begin_receive(server, o), SOCKET_ERROR);
  send(client, "ab");
  runtime::CompletionPacket packet;
  ASSERT_EQ(port->get({&packet, 1}, Instant::never()).count, 1u);
  EXPECT_EQ(packet.key, 42u);
  EXPECT_EQ(packet.bytes, 2u);
  EXPECT_EQ(o.InternalHigh, 2u);
}

TEST_F(SpiOverlapped, ARoutineRunsWhenItsThreadLetsIt) {
  SOCKET client, server;
  make_pair(client, server);
  WSAOVERLAPPED o{};
  o.hEvent = reinterpret_cast<HANDLE>(0x1234);  // the program's own
  EXPECT_EQ(begin_receive(server, o, on_routine), SOCKET_ERROR);
  EXPECT_EQ(error, WSA_IO_PENDING);
  send(client, "abc");
  while (win32::is_pending(o)) {
  }
  EXPECT_EQ(routine_calls, 0);
  while (run_apcs() == 0) {
  }
  EXPECT_EQ(routine_calls, 1);
  EXPECT_EQ(routine_error, 0u);
  EXPECT_EQ(routine_bytes, 3u);
  send(client, "d");
  while (receive(server, 1, MSG_PEEK) != "d") {
  }
  EXPECT_EQ(begin_receive(server, o, on_routine), 0) << "at once, and the routine still runs";
  EXPECT_EQ(run_apcs(), 1u);
  EXPECT_EQ(routine_calls, 2);
}

TEST_F(SpiOverlapped, CancelEndsTheChosenOnes) {
  SOCKET client, server;
  make_pair(client, server);
  WSAOVERLAPPED first{}, second{};
  begin_receive(server, first);
  begin_receive(server, second);
  EXPECT_FALSE(file(server).cancel_io(nullptr, 0xfffffff0u)) << "another thread's";
  EXPECT_TRUE(file(server).cancel_io(&second, 0));
  EXPECT_EQ(result(server, second, FALSE), -WSA_OPERATION_ABORTED);
  EXPECT_EQ(result(server, first, FALSE), -WSA_IO_INCOMPLETE);
  EXPECT_TRUE(file(server).cancel_io(nullptr, runtime::ThreadRecord::current().id()));
  EXPECT_EQ(result(server, first, FALSE), -WSA_OPERATION_ABORTED);
  EXPECT_FALSE(file(server).cancel_io(nullptr, 0));
}

TEST_F(SpiOverlapped, CloseAbortsWhatIsPending) {
  SOCKET client, server;
  make_pair(client, server);
  WSAOVERLAPPED o{};
  begin_receive(server, o);
  close(server);
  EXPECT_EQ(win32::status_of(o), NTSTATUS{STATUS_CANCELLED});
  EXPECT_EQ(result(server, o), -WSAENOTSOCK);
  EXPECT_EQ(receive(client), "") << "closed in order";
}

TEST_F(SpiOverlapped, AResetTellsThePending) {
  SOCKET client, server;
  make_pair(client, server);
  WSAOVERLAPPED o{};
  begin_receive(server, o);
  const linger now{1, 0};
  spi_set_sock_opt(client, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&now), sizeof now,
                   &error);
  close(client);
  EXPECT_EQ(result(server, o), -WSAECONNRESET);
}

TEST_F(SpiOverlapped, SendsPendOverTheQuotaAndEndInOrder) {
  SOCKET client, server;
  make_pair(client, server);
  set_option(client, SOL_SOCKET, SO_SNDBUF, 0);
  const std::string a(40'000, 'a'), b(40'000, 'b');
  WSAOVERLAPPED o[2] = {};
  for (int i = 0; i < 2; ++i) {
    const std::string& s = i == 0 ? a : b;
    WSABUF w{static_cast<ULONG>(s.size()), const_cast<char*>(s.data())};
    EXPECT_EQ(spi_send(client, &w, 1, &bytes, 0, &o[i], nullptr, nullptr, &error), SOCKET_ERROR);
    EXPECT_EQ(error, WSA_IO_PENDING) << "ends when it is acknowledged";
  }
  std::size_t got = 0;
  while (got < 80'000) got += receive(server, 65536).size();
  EXPECT_EQ(result(client, o[0]), 40'000);
  EXPECT_EQ(result(client, o[1]), 40'000);
}

// REQ WS-4: what waits to be taken is discarded, what was taken arrives.
TEST_F(SpiOverlapped, FlushEndsTheSendsThatWait) {
  SOCKET client, server;
  make_pair(client, server);
  set_option(server, SOL_SOCKET, SO_RCVBUF, 4096);
  set_option(client, SOL_SOCKET, SO_SNDBUF, 4096);
  constexpr int kSends = 40;
  const std::string part(10'000, 'p');
  std::vector<WSAOVERLAPPED> o(kSends);
  for (WSAOVERLAPPED& each : o) {
    WSABUF w{static_cast<ULONG>(part.size()), const_cast<char*>(part.data())};
    spi_send(client, &w, 1, &bytes, 0, &each, nullptr, nullptr, &error);
  }
  ASSERT_TRUE(win32::is_pending(o.back()));
  EXPECT_EQ(spi_ioctl(client, SIO_FLUSH, nullptr, 0, nullptr, 0, &bytes, nullptr, nullptr, nullptr,
                      &error),
            0);
  EXPECT_EQ(win32::status_of(o.back()), NTSTATUS{STATUS_CANCELLED});
  ASSERT_EQ(spi_shutdown(client, SD_SEND, &error), 0);
  std::size_t got = 0;
  for (std::string some = receive(server, 65536); !some.empty(); some = receive(server, 65536)) {
    ASSERT_NE(some[0], '!') << some;
    got += some.size();
  }
  std::size_t taken = 0;
  for (WSAOVERLAPPED& each : o) {
    const int r = result(client, each);
    if (r > 0) {
      taken += static_cast<std::size_t>(r);
    } else {
      EXPECT_EQ(r, -WSA_OPERATION_ABORTED);
    }
  }
  EXPECT_EQ(got, taken) << "no send is lost, and none is sent in part";
  EXPECT_LT(got, kSends * part.size());
}

TEST_F(SpiOverlapped, WithoutTheAttributeCallsAreSynchronous) {
  const SOCKET listener = make_listener();
  const SOCKET client = make(SOCK_STREAM, 0);
  ASSERT_EQ(connect(client, port_of(listener)), 0);
  const SOCKET server = accept(listener);
  send(server, "sync");
  WSAOVERLAPPED o{};
  EXPECT_EQ(begin_receive(client, o), 0);
  EXPECT_EQ(bytes, 4u);
  EXPECT_EQ(o.InternalHigh, 0u) << "ignored";
}

// The cases of Wine's public conformance tests, which pass on Windows.
TEST_F(SpiOverlapped, ControlCodesEndAsOnWindows) {
  SOCKET client, server;
  make_pair(client, server);
  WSAOVERLAPPED o{};
  DWORD returned = 0xdeadbeef;
  const auto call = [&](DWORD code, void* in, DWORD in_bytes,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine) {
    WSATHREADID thread{};
    return spi_ioctl(client, code, in, in_bytes, nullptr, 0, &returned, &o, routine, &thread,
                     &error);
  };
  EXPECT_EQ(call(0xdeadbeef, nullptr, 0, nullptr), SOCKET_ERROR);
  EXPECT_EQ(error, WSA_IO_PENDING);
  EXPECT_EQ(returned, 0xdeadbeefu);
  EXPECT_EQ(win32::status_of(o), NTSTATUS{STATUS_NOT_SUPPORTED});
  EXPECT_EQ(call(0xdeadbeef, nullptr, 0, on_routine), SOCKET_ERROR);
  EXPECT_EQ(error, WSA_IO_PENDING);
  EXPECT_EQ(run_apcs(), 1u);
  EXPECT_EQ(routine_error, DWORD{WSAEOPNOTSUPP});
  tcp_keepalive values{1, 1000, 100};
  EXPECT_EQ(call(SIO_KEEPALIVE_VALS, &values, sizeof values, nullptr), 0);
  EXPECT_EQ(returned, 0u);
  EXPECT_EQ(call(SIO_KEEPALIVE_VALS, &values, sizeof values - 1, nullptr), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEFAULT);
  EXPECT_EQ(win32::status_of(o), NTSTATUS{STATUS_PENDING}) << "left as it was when it began";
}

TEST_F(SpiOverlapped, TheLastCleanupClosesEverything) {
  SOCKET client, server;
  make_pair(client, server);
  WSAOVERLAPPED o{};
  begin_receive(server, o);
  ASSERT_EQ(spi_cleanup(&error), 0);
  was_started = false;
  EXPECT_EQ(win32::status_of(o), NTSTATUS{STATUS_CANCELLED});
  EXPECT_EQ(spi_cleanup(&error), SOCKET_ERROR);
  EXPECT_EQ(error, WSANOTINITIALISED);
  close(client);
  close(server);
}

// --- datagrams

TEST_F(SpiOverlapped, DatagramsEchoAndAreCut) {
  const SOCKET a = make(SOCK_DGRAM), b = make(SOCK_DGRAM);
  ASSERT_EQ(bind(a), 0);
  EXPECT_EQ(receive(b), "!10022") << "not bound";
  EXPECT_EQ(send(b, "x"), SOCKET_ERROR);
  EXPECT_EQ(error, WSAENOTCONN) << "to nobody";
  char hello[] = "hello";
  WSABUF w{5, hello};
  const sockaddr_in to = at(port_of(a));
  ASSERT_EQ(spi_send_to(b, &w, 1, &bytes, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to,
                        nullptr, nullptr, nullptr, &error),
            0);
  ASSERT_EQ(spi_send_to(b, &w, 1, &bytes, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to,
                        nullptr, nullptr, nullptr, &error),
            0);
  sockaddr_in from{};
  INT from_bytes = sizeof from;
  DWORD flags = 0;
  WSABUF in{sizeof text, text};
  ASSERT_EQ(spi_recv_from(a, &in, 1, &bytes, &flags, reinterpret_cast<sockaddr*>(&from),
                          &from_bytes, nullptr, nullptr, nullptr, &error),
            0);
  EXPECT_EQ(bytes, 5u);
  EXPECT_EQ(port_of(from), port_of(b));
  in.len = 2;
  EXPECT_EQ(spi_recv(a, &in, 1, &bytes, &flags, nullptr, nullptr, nullptr, &error), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEMSGSIZE);
  EXPECT_EQ(bytes, 2u);
  EXPECT_EQ(flags, DWORD{MSG_PARTIAL});
  flags = 0;
  WSAOVERLAPPED o{};
  EXPECT_EQ(spi_recv_from(a, &in, 1, &bytes, &flags, reinterpret_cast<sockaddr*>(&from),
                          &from_bytes, &o, nullptr, nullptr, &error),
            SOCKET_ERROR);
  EXPECT_EQ(error, WSA_IO_PENDING);
  from.sin_port = 0;
  ASSERT_EQ(connect(b, port_of(a)), 0);
  EXPECT_EQ(send(b, "late"), 4);
  EXPECT_EQ(result(a, o), -WSAEMSGSIZE);
  EXPECT_EQ(port_of(from), port_of(b));
  set_non_blocking(a);
  EXPECT_EQ(receive(a), "!10035");
  EXPECT_EQ(receive(a, 8, MSG_OOB), "!10045");
  const std::string large(65508, 'x');
  EXPECT_EQ(send(b, large), SOCKET_ERROR);
  EXPECT_EQ(error, WSAEMSGSIZE);
}

TEST_F(SpiOverlapped, AClosedPortIsToldToTheNextReceive) {
  const SOCKET a = make(SOCK_DGRAM), gone = make(SOCK_DGRAM);
  ASSERT_EQ(bind(gone), 0);
  const std::uint16_t port = port_of(gone);
  close(gone);
  ASSERT_EQ(bind(a), 0);
  char x[] = "x";
  WSABUF w{1, x};
  const sockaddr_in to = at(port);
  ASSERT_EQ(spi_send_to(a, &w, 1, &bytes, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to,
                        nullptr, nullptr, nullptr, &error),
            0);
  EXPECT_EQ(receive(a), "!10054");
  set_option(a, SOL_SOCKET, SO_RCVTIMEO, 20);
  EXPECT_EQ(receive(a), "!10060");
}

TEST_F(SpiOverlapped, BroadcastsNeedTheOption) {
  const SOCKET s = make(SOCK_DGRAM);
  const sockaddr_in to = at(9, "255.255.255.255");
  char x[] = "x";
  WSABUF w{1, x};
  EXPECT_EQ(spi_send_to(s, &w, 1, &bytes, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to,
                        nullptr, nullptr, nullptr, &error),
            SOCKET_ERROR);
  // A host with loopback alone has no way to a broadcast address: the order of errors is the
  // path's.
  EXPECT_TRUE(error == WSAEACCES || error == WSAENETUNREACH) << error;
}

}  // namespace
}  // namespace oriel::winsock
