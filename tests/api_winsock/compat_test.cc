// SIO_SET_COMPATIBILITY_MODE as a program calls it: every way to complete, every error, and what a
// connection shows of it.
#include <mstcpip.h>
#include <mswsock.h>
#include <winsock2.h>
#include <ws2spi.h>

#include <string>
#include <thread>

#include "loopback_pair.h"
#include "started.h"
#include "support/win_case.h"

namespace {

constexpr DWORD kUntouched = 0xdeadbeef;
constexpr ULONG_PTR kPending = 0x103;  // STATUS_PENDING

int set_mode(SOCKET s, WSA_COMPATIBILITY_BEHAVIOR_ID behaviour, ULONG target) {
  WSA_COMPATIBILITY_MODE mode = {behaviour, target};
  DWORD bytes = kUntouched;
  const int result = WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof mode, nullptr, 0, &bytes,
                              nullptr, nullptr);
  CHECK_EQ(bytes, 0u);
  return result;
}

WIN_CASE(CompatibilityMode, IsSetByWsaIoctl) {
  REQ("CM-1");
  const Started started;
  for (const int family : {AF_INET, AF_INET6}) {
    const SOCKET s = socket(family, SOCK_STREAM, 0);
    for (const auto behaviour :
         {WsaBehaviorAll, WsaBehaviorReceiveBuffering, WsaBehaviorAutoTuning}) {
      for (const ULONG target : {ULONG{NTDDI_LONGHORN}, ULONG{NTDDI_WS03}, ULONG{NTDDI_WINXP},
                                 ULONG{NTDDI_WIN2K}, ULONG{NTDDI_WIN7}}) {
        CHECK_EQ(set_mode(s, behaviour, target), 0);
      }
    }
    closesocket(s);
  }
}

// As a browser did for years.
WIN_CASE(CompatibilityMode, LeavesAStrayOutputBufferAlone) {
  REQ("CM-1");
  const Started started;
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  set_non_blocking(s);
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorAutoTuning, NTDDI_LONGHORN};
  char stray[4] = {1, 2, 3, 4};
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof mode, stray, sizeof stray, &bytes,
                    nullptr, nullptr),
           0);
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(std::string(stray, 4), std::string("\1\2\3\4"));
  closesocket(s);
}

WIN_CASE(CompatibilityMode, RefusesWhatIsNoMode) {
  REQ("CM-1");
  REQ("WS-2");
  const Started started;
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  const SOCKET datagrams = socket(AF_INET, SOCK_DGRAM, 0);
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorAll, NTDDI_LONGHORN};
  WSA_COMPATIBILITY_MODE unknown = mode;
  const DWORD three = 3;
  memcpy(&unknown, &three, sizeof three);
  DWORD bytes = 0;
  const auto error_of = [&](SOCKET on, void* in, DWORD in_bytes, DWORD* told) {
    bytes = kUntouched;
    const int result =
        WSAIoctl(on, SIO_SET_COMPATIBILITY_MODE, in, in_bytes, nullptr, 0, told, nullptr, nullptr);
    return result == 0 ? 0 : WSAGetLastError();
  };
  CHECK_EQ(error_of(s, &mode, 7, &bytes), WSAEINVAL);
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(error_of(s, nullptr, 0, &bytes), WSAEINVAL);
  CHECK_EQ(error_of(s, &unknown, sizeof unknown, &bytes), WSAEINVAL);
  CHECK_EQ(error_of(s, nullptr, sizeof mode, &bytes), WSAEFAULT);
  CHECK_EQ(error_of(s, &mode, sizeof mode, nullptr), WSAEFAULT);
  CHECK_EQ(error_of(datagrams, &mode, sizeof mode, &bytes), WSAEOPNOTSUPP);
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(error_of(INVALID_SOCKET, &mode, sizeof mode, &bytes), WSAENOTSOCK);
  CHECK_EQ(error_of(s, &mode, 100, &bytes), 0);  // what is behind the structure is not looked at
  closesocket(datagrams);
  closesocket(s);
  CHECK_EQ(error_of(s, &mode, sizeof mode, &bytes), WSAENOTSOCK);
}

// It completes at once, and the event, packet or routine is still delivered.
WIN_CASE(CompatibilityMode, OverlappedWithAnEvent) {
  REQ("CM-2");
  const Started started;
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorAll, NTDDI_LONGHORN};
  WSAOVERLAPPED overlapped{};
  overlapped.hEvent = WSACreateEvent();
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof mode, nullptr, 0, &bytes,
                    &overlapped, nullptr),
           0);
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(WSAWaitForMultipleEvents(1, &overlapped.hEvent, TRUE, 0, FALSE),
           DWORD{WSA_WAIT_EVENT_0});
  DWORD done = kUntouched;
  DWORD flags = 0;
  CHECK(WSAGetOverlappedResult(s, &overlapped, &done, FALSE, &flags));
  CHECK_EQ(done, 0u);
  // What fails at once tells nobody.
  WSAResetEvent(overlapped.hEvent);
  CHECK_EQ(
      WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, 4, nullptr, 0, &bytes, &overlapped, nullptr),
      SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  CHECK_EQ(overlapped.Internal, kPending);
  CHECK_EQ(WSAWaitForMultipleEvents(1, &overlapped.hEvent, TRUE, 0, FALSE),
           DWORD{WSA_WAIT_TIMEOUT});
  WSACloseEvent(overlapped.hEvent);
  closesocket(s);
}

WIN_CASE(CompatibilityMode, OverlappedWithACompletionPort) {
  REQ("CM-2");
  const Started started;
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  const HANDLE port = CreateIoCompletionPort(reinterpret_cast<HANDLE>(s), nullptr, 7, 0);
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorAutoTuning, NTDDI_WINXP};
  WSAOVERLAPPED overlapped{};
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof mode, nullptr, 0, &bytes,
                    &overlapped, nullptr),
           0);
  ULONG_PTR key = 0;
  OVERLAPPED* ended = nullptr;
  DWORD size = kUntouched;
  CHECK(GetQueuedCompletionStatus(port, &size, &key, &ended, 1000));
  CHECK(ended == &overlapped);
  CHECK_EQ(key, ULONG_PTR{7});
  CHECK_EQ(size, 0u);
  closesocket(s);
  CloseHandle(port);
}

struct Heard {
  int calls = 0;
  DWORD error = kUntouched;
  DWORD bytes = kUntouched;
} heard;
void CALLBACK on_end(DWORD error, DWORD bytes, LPWSAOVERLAPPED, DWORD) {
  heard = {heard.calls + 1, error, bytes};
}

WIN_CASE(CompatibilityMode, OverlappedWithARoutine) {
  REQ("CM-2");
  const Started started;
  heard = {};
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorReceiveBuffering, NTDDI_LONGHORN};
  WSAOVERLAPPED overlapped{};
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof mode, nullptr, 0, &bytes,
                    &overlapped, on_end),
           0);
  CHECK_EQ(heard.calls, 0);
  CHECK_EQ(SleepEx(0, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(heard.calls, 1);
  CHECK_EQ(heard.error, 0u);
  CHECK_EQ(heard.bytes, 0u);
  // A routine without an OVERLAPPED is a plain call.
  CHECK_EQ(WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof mode, nullptr, 0, &bytes, nullptr,
                    on_end),
           0);
  SleepEx(0, TRUE);
  CHECK_EQ(heard.calls, 1);
  closesocket(s);
}

WIN_CASE(CompatibilityMode, WithoutTheOverlappedAttributeItIsAPlainCall) {
  REQ("CM-2");
  const Started started;
  const SOCKET s = WSASocketW(AF_INET, SOCK_STREAM, 0, nullptr, 0, 0);
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorAll, NTDDI_LONGHORN};
  WSAOVERLAPPED overlapped{};
  overlapped.Internal = 12345;
  DWORD bytes = kUntouched;
  CHECK_EQ(WSAIoctl(s, SIO_SET_COMPATIBILITY_MODE, &mode, sizeof mode, nullptr, 0, &bytes,
                    &overlapped, nullptr),
           0);
  CHECK_EQ(bytes, 0u);
  CHECK_EQ(overlapped.Internal, ULONG_PTR{12345});
  closesocket(s);
}

TCP_INFO_v0 info_of(SOCKET s) {
  TCP_INFO_v0 info{};
  DWORD version = 0;
  DWORD bytes = 0;
  CHECK_EQ(WSAIoctl(s, SIO_TCP_INFO, &version, sizeof version, &info, sizeof info, &bytes, nullptr,
                    nullptr),
           0);
  return info;
}

struct ModePair {
  SOCKET client = INVALID_SOCKET;
  SOCKET server = INVALID_SOCKET;
  ModePair(WSA_COMPATIBILITY_BEHAVIOR_ID behaviour, ULONG target, int rcv_buffer_bytes = 0) {
    const SOCKET listener = listening_socket();
    const sockaddr_in to = name_of(listener);
    client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    CHECK_EQ(set_mode(client, behaviour, target), 0);
    if (rcv_buffer_bytes != 0) {
      CHECK_EQ(
          setsockopt(client, SOL_SOCKET, SO_RCVBUF,
                     reinterpret_cast<const char*>(&rcv_buffer_bytes), sizeof rcv_buffer_bytes),
          0);
    }
    CHECK_EQ(connect(client, as_name(to), sizeof to), 0);
    server = accept(listener, nullptr, nullptr);
    CHECK(server != INVALID_SOCKET);
    closesocket(listener);
  }
  ~ModePair() {
    closesocket(client);
    closesocket(server);
  }
  ModePair(const ModePair&) = delete;
  ModePair& operator=(const ModePair&) = delete;
};

// The largest window that the client offered while it read as fast as it could.
ULONG window_after(const ModePair& pair, std::size_t bytes) {
  std::thread sender([&] {
    const std::string text(1 << 20, 'x');
    for (std::size_t sent = 0; sent < bytes; sent += text.size()) {
      send(pair.server, text.data(), static_cast<int>(text.size()), 0);
    }
    shutdown(pair.server, SD_SEND);
  });
  std::string in(1 << 20, '\0');
  ULONG most = 0;
  while (recv(pair.client, in.data(), static_cast<int>(in.size()), 0) > 0) {
    most = (std::max)(most, info_of(pair.client).RcvWnd);
  }
  sender.join();
  return most;
}

WIN_CASE(CompatibilityMode, AutoTuningBoundsTheWindow) {
  REQ("CM-4");
  REQ("CM-5");
  const Started started;
  {
    const ModePair vista(WsaBehaviorAutoTuning, NTDDI_LONGHORN);
    CHECK_EQ(info_of(vista.client).RcvWnd, 65'536u);
    CHECK(window_after(vista, 8u << 20) <= 262'140u);
  }
  for (const int rcv_buffer_bytes : {0, 1'000'000}) {
    const ModePair xp(WsaBehaviorAutoTuning, NTDDI_WINXP, rcv_buffer_bytes);
    CHECK_EQ(info_of(xp.client).RcvBuf, 65'535u);
    CHECK(window_after(xp, 8u << 20) <= 65'535u);
  }
}

int rcv_buffer(SOCKET s) {
  int value = 0;
  int bytes = sizeof value;
  CHECK_EQ(getsockopt(s, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<char*>(&value), &bytes), 0);
  return value;
}
int set_rcv_buffer(SOCKET s, int bytes) {
  const int result =
      setsockopt(s, SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&bytes), sizeof bytes);
  return result == 0 ? 0 : WSAGetLastError();
}

WIN_CASE(CompatibilityMode, ReceiveBufferShrinksOnlyWhereItWasAskedFor) {
  REQ("CM-3");
  REQ("CM-9");
  const Started started;
  const LoopbackPair plain;
  CHECK_EQ(rcv_buffer(plain.client), 65'536);
  CHECK_EQ(set_rcv_buffer(plain.client, 30'000), WSAEINVAL);
  CHECK_EQ(set_rcv_buffer(plain.client, 100'000), 0);
  CHECK_EQ(set_rcv_buffer(plain.client, 99'999), WSAEINVAL);
  CHECK_EQ(rcv_buffer(plain.client), 100'000);
  const ModePair vista(WsaBehaviorReceiveBuffering, NTDDI_LONGHORN);
  CHECK_EQ(set_rcv_buffer(vista.client, 30'000), 0);
  CHECK_EQ(rcv_buffer(vista.client), 30'000);
  CHECK_EQ(info_of(vista.client).RcvBuf, 30'000u);
  CHECK_EQ(set_rcv_buffer(vista.server, 30'000), WSAEINVAL);
  const ModePair xp(WsaBehaviorReceiveBuffering, NTDDI_WINXP);
  CHECK_EQ(set_rcv_buffer(xp.client, 30'000), WSAEINVAL);
  CHECK_EQ(info_of(xp.client).RcvWnd, 65'536u);  // only the other half of the mode touches scaling
}

// AcceptEx: the listener's mode holds before SO_UPDATE_ACCEPT_CONTEXT too.
WIN_CASE(CompatibilityMode, SocketsOfAcceptExInherit) {
  REQ("CM-7");
  const Started started;
  const SOCKET listener = listening_socket();
  CHECK_EQ(set_mode(listener, WsaBehaviorAll, NTDDI_WINXP), 0);
  CHECK_EQ(set_mode(listener, WsaBehaviorReceiveBuffering, NTDDI_LONGHORN), 0);
  const SOCKET accepted = socket(AF_INET, SOCK_STREAM, 0);
  char names[2 * (sizeof(sockaddr_in) + 16)];
  OVERLAPPED overlapped{};
  overlapped.hEvent = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  DWORD bytes = 0;
  AcceptEx(listener, accepted, names, 0, sizeof(sockaddr_in) + 16, sizeof(sockaddr_in) + 16, &bytes,
           &overlapped);
  const SOCKET client = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in to = name_of(listener);
  CHECK_EQ(connect(client, as_name(to), sizeof to), 0);
  CHECK_EQ(WaitForSingleObject(overlapped.hEvent, 5000), DWORD{WAIT_OBJECT_0});
  CHECK_EQ(info_of(accepted).RcvBuf, 65'535u);
  CHECK_EQ(set_rcv_buffer(accepted, 30'000), 0);
  CloseHandle(overlapped.hEvent);
  for (const SOCKET s : {listener, accepted, client}) closesocket(s);
}

}  // namespace
