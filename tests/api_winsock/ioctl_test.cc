// Control codes: what each answers, its sizes, and how calls complete.
#include <mstcpip.h>
#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <string>
#include <thread>

#include "loopback_sockets.h"
#include "started.h"
#include "support/win_case.h"

namespace {

using namespace loopback;  // NOLINT(google-build-using-namespace)

constexpr DWORD kUntouched = 0xdeadbeef;
constexpr DWORD kUnknown = 0xdead;

WIN_CASE(Ioctl, UnknownCodes) {
  REQ("WS-1");
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, kUnknown, nullptr, 0, nullptr, 0, &bytes, nullptr, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEOPNOTSUPP);
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(WSAIoctl(s, kUnknown, nullptr, 0, nullptr, 0, nullptr, nullptr, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(SOCKET{s}), nullptr, 7, 0);
  OVERLAPPED overlapped{};
  bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, kUnknown, nullptr, 0, nullptr, 0, &bytes, &overlapped, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  CHECK_EQ(bytes, kUntouched);
  ULONG_PTR key = 0;
  OVERLAPPED* ended = nullptr;
  DWORD size = 0;
  CHECK(!GetQueuedCompletionStatus(port, &size, &key, &ended, 1000));
  CHECK_EQ(GetLastError(), DWORD{ERROR_NOT_SUPPORTED});
  CHECK(ended == &overlapped);
  CHECK_EQ(static_cast<DWORD>(overlapped.Internal), 0xC00000BBu);
  CHECK_EQ(WSAIoctl(s, kUnknown, nullptr, 0, nullptr, 0, nullptr, &overlapped, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CloseHandle(port);
}

WIN_CASE(Ioctl, KeepaliveValues) {
  REQ("WS-1");
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  tcp_keepalive values{1, 10'000, 2'000};
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, SIO_KEEPALIVE_VALS, &values, 0, nullptr, 0, &bytes, nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(
      WSAIoctl(s, SIO_KEEPALIVE_VALS, nullptr, sizeof values, nullptr, 0, &bytes, nullptr, nullptr),
      SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(SOCKET{s}), nullptr, 7, 0);
  OVERLAPPED overlapped{};
  CHECK_EQ(WSAIoctl(s, SIO_KEEPALIVE_VALS, &values, sizeof values, nullptr, 0, &bytes, &overlapped,
                    nullptr),
           0);
  ULONG_PTR key = 0;
  OVERLAPPED* ended = nullptr;
  DWORD size = kUntouched;
  CHECK(GetQueuedCompletionStatus(port, &size, &key, &ended, 1000));
  CHECK(ended == &overlapped);
  CHECK_EQ(size, 0u);
  CHECK_EQ(WSAIoctl(s, SIO_KEEPALIVE_VALS, &values, 4, nullptr, 0, &bytes, &overlapped, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  CHECK_EQ(static_cast<DWORD>(overlapped.Internal), 0x103u);  // STATUS_PENDING
  CHECK(!GetQueuedCompletionStatus(port, &size, &key, &ended, 0));
  CHECK(ended == nullptr);
  DWORD idle = 0;
  int idle_bytes = sizeof idle;
  getsockopt(s, IPPROTO_TCP, TCP_KEEPIDLE, reinterpret_cast<char*>(&idle), &idle_bytes);
  CHECK_EQ(idle, 10u);
  CloseHandle(port);
}

int tcp_info(SOCKET s, DWORD version, TCP_INFO_v2& info, DWORD size, DWORD& bytes) {
  return WSAIoctl(s, SIO_TCP_INFO, &version, sizeof version, &info, size, &bytes, nullptr, nullptr);
}

WIN_CASE(Ioctl, TcpInfoOfAConnection) {
  REQ("WS-4");
  const Started started;
  const Pair pair = connected();
  const std::string text(100'000, 'x');
  std::thread sender([&] { send(pair.client, text.data(), static_cast<int>(text.size()), 0); });
  std::string in(text.size(), '\0');
  CHECK_EQ(recv(pair.server, in.data(), static_cast<int>(in.size()), MSG_WAITALL),
           static_cast<int>(text.size()));
  sender.join();
  TCP_INFO_v2 info{};
  DWORD bytes = 0;
  constexpr DWORD kSizes[] = {88, 136, 152};
  for (DWORD version = 0; version < 3; ++version) {
    CHECK_EQ(tcp_info(pair.client, version, info, kSizes[version], bytes), 0);
    CHECK_EQ(bytes, kSizes[version]);
    CHECK_EQ(tcp_info(pair.client, version, info, kSizes[version] - 1, bytes), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAEINVAL);
    CHECK_EQ(bytes, 0u);
  }
  CHECK_EQ(int{info.State}, int{TCPSTATE_ESTABLISHED});
  CHECK_GE(info.BytesOut, text.size());
  CHECK_GT(info.Mss, 500u);
  CHECK_GT(info.Cwnd, 0u);
  CHECK_EQ(tcp_info(pair.server, 0, info, sizeof info, bytes), 0);
  CHECK_EQ(info.BytesIn, text.size());
  CHECK_EQ(tcp_info(pair.client, 3, info, sizeof info, bytes), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(
      WSAIoctl(pair.client, SIO_TCP_INFO, nullptr, 0, &info, sizeof info, &bytes, nullptr, nullptr),
      SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEMSGSIZE);
}

WIN_CASE(Ioctl, InitialRtoAndHandles) {
  REQ("WS-4");
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  TCP_INITIAL_RTO_PARAMETERS rto{TCP_INITIAL_RTO_UNSPECIFIED_RTT,
                                 TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS};
  DWORD bytes = 0;
  CHECK_EQ(WSAIoctl(s, SIO_TCP_INITIAL_RTO, &rto, sizeof rto, nullptr, 0, &bytes, nullptr, nullptr),
           0);
  CHECK_EQ(WSAIoctl(s, SIO_TCP_INITIAL_RTO, &rto, 3, nullptr, 0, &bytes, nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
  SOCKET base = 0;
  for (const DWORD code : {DWORD{SIO_BASE_HANDLE}, DWORD{SIO_BSP_HANDLE_POLL}}) {
    CHECK_EQ(WSAIoctl(s, code, nullptr, 0, &base, sizeof base, &bytes, nullptr, nullptr), 0);
    CHECK_EQ(base, SOCKET{s});
    CHECK_EQ(bytes, DWORD{sizeof base});
  }
  CHECK_EQ(WSAIoctl(s, SIO_FLUSH, nullptr, 0, nullptr, 0, &bytes, nullptr, nullptr), 0);
}

// A notification that pends: this host's addresses do not change.
WIN_CASE(Ioctl, AddressListChangePendsUntilTheSocketCloses) {
  REQ("WS-1");
  const Started started;
  Socket s = socket(AF_INET, SOCK_STREAM, 0);
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(SOCKET{s}), nullptr, 7, 0);
  DWORD bytes = kUntouched;
  set_non_blocking(s);
  CHECK_EQ(WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0, &bytes, nullptr, nullptr),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEWOULDBLOCK);
  OVERLAPPED first{}, second{};
  bytes = kUntouched;
  for (OVERLAPPED* overlapped : {&first, &second}) {
    CHECK_EQ(
        WSAIoctl(s, SIO_ADDRESS_LIST_CHANGE, nullptr, 0, nullptr, 0, &bytes, overlapped, nullptr),
        SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  }
  CHECK_EQ(bytes, kUntouched);
  ULONG_PTR key = 0;
  OVERLAPPED* ended = nullptr;
  DWORD size = 0;
  CHECK(CancelIoEx(reinterpret_cast<HANDLE>(SOCKET{s}), &first));
  CHECK(!GetQueuedCompletionStatus(port, &size, &key, &ended, 1000));
  CHECK_EQ(GetLastError(), DWORD{ERROR_OPERATION_ABORTED});
  CHECK(ended == &first);
  s.close();
  CHECK(!GetQueuedCompletionStatus(port, &size, &key, &ended, 1000));
  CHECK_EQ(GetLastError(), DWORD{ERROR_OPERATION_ABORTED});
  CHECK(ended == &second);
  CloseHandle(port);
}

void CALLBACK note_end(DWORD error, DWORD size, LPWSAOVERLAPPED overlapped, DWORD) {
  CHECK_EQ(size, 0u);
  *static_cast<DWORD*>(overlapped->hEvent) = error;
}

WIN_CASE(Ioctl, UnknownCodesEndByRoutineToo) {
  REQ("WS-1");
  const Started started;
  const Socket s = socket(AF_INET, SOCK_STREAM, 0);
  DWORD error = 0, bytes = 0;
  OVERLAPPED overlapped{};
  overlapped.hEvent = &error;  // with a routine it is the program's own
  CHECK_EQ(WSAIoctl(s, kUnknown, nullptr, 0, nullptr, 0, &bytes, &overlapped, note_end),
           SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSA_IO_PENDING);
  CHECK_EQ(SleepEx(1000, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(error, DWORD{WSAEOPNOTSUPP});
}

WIN_CASE(Ioctl, BytesToRead) {
  const Started started;
  const Pair pair = connected();
  send_text(pair.client, "abc");
  WSAPOLLFD fd{pair.server, POLLIN, 0};
  CHECK_EQ(WSAPoll(&fd, 1, -1), 1);
  u_long n = 0;
  CHECK_EQ(ioctlsocket(pair.server, FIONREAD, &n), 0);
  CHECK_EQ(n, 3u);
  u_long is_at_mark = 7;
  CHECK_EQ(ioctlsocket(pair.server, SIOCATMARK, &is_at_mark), 0);
  CHECK_EQ(is_at_mark, 1u);
  u_long* const no_number = nullptr;
  CHECK_EQ(ioctlsocket(pair.server, FIONREAD, no_number), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

}  // namespace
