// A layered provider as its writers write them: it sits above the base provider, counts bytes and
// changes one error.
//
// It takes the base provider's handles (IFS), which is why it calls WPUModifyIFSHandle and stays in
// the way of every call.
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include <atomic>
#include <vector>

#include "started.h"
#include "support/win_case.h"

namespace {

GUID kLayer = {0x22222222, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
constexpr DWORD kBaseTcp = 1001;

struct Layer {
  WSPPROC_TABLE base{};
  WSPUPCALLTABLE upcalls{};
  DWORD entry = 0;  // the chain's
  std::atomic<int> startups{0}, cleanups{0};
  std::atomic<DWORD> sent{0}, received{0};
  DWORD_PTR closed_context = 0;
};
Layer layer;

SOCKET through(SOCKET s, LPINT error) {
  return s == INVALID_SOCKET ? s : layer.upcalls.lpWPUModifyIFSHandle(layer.entry, s, error);
}

SOCKET WSPAPI open_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW, GROUP group,
                          DWORD flags, LPINT error) {
  return through(layer.base.lpWSPSocket(family, type, protocol, nullptr, group, flags, error),
                 error);
}

SOCKET WSPAPI accept_socket(SOCKET s, struct sockaddr* address, LPINT length,
                            LPCONDITIONPROC condition, DWORD_PTR data, LPINT error) {
  return through(layer.base.lpWSPAccept(s, address, length, condition, data, error), error);
}

int WSPAPI connect_socket(SOCKET s, const struct sockaddr* to, int length, LPWSABUF caller,
                          LPWSABUF callee, LPQOS qos, LPQOS group_qos, LPINT error) {
  const int result = layer.base.lpWSPConnect(s, to, length, caller, callee, qos, group_qos, error);
  if (result == SOCKET_ERROR && *error == WSAECONNREFUSED) *error = WSAEHOSTUNREACH;
  return result;
}

int WSPAPI send_counted(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                        LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                        LPWSATHREADID thread, LPINT error) {
  const int result =
      layer.base.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
  if (result == 0) layer.sent += *sent;
  return result;
}

int WSPAPI receive_counted(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error) {
  const int result =
      layer.base.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
  if (result == 0) layer.received += *received;
  return result;
}

int WSPAPI close_socket(SOCKET s, LPINT error) {
  if (layer.upcalls.lpWPUQuerySocketHandleContext(s, &layer.closed_context, error) == 0) {
    return layer.upcalls.lpWPUCloseSocketHandle(s, error);
  }
  *error = 0;
  return layer.base.lpWSPCloseSocket(s, error);
}

int WSPAPI clean_up(LPINT error) {
  ++layer.cleanups;
  return layer.base.lpWSPCleanup(error);
}

std::vector<WSAPROTOCOL_INFOW> all_entries() {
  DWORD size = 0;
  INT error = 0;
  WSCEnumProtocols(nullptr, nullptr, &size, &error);
  std::vector<WSAPROTOCOL_INFOW> infos(size / sizeof(WSAPROTOCOL_INFOW));
  WSCEnumProtocols(nullptr, infos.data(), &size, &error);
  return infos;
}

// Installs the layer above TCP over IPv4 and puts its chain in front; false when a call fails.
bool install() {
  INT error = 0;
  WSAPROTOCOL_INFOW infos[2] = {all_entries()[0], all_entries()[0]};
  infos[0].ProtocolChain.ChainLen = LAYERED_PROTOCOL;
  infos[0].dwProviderFlags |= PFL_HIDDEN;
  infos[1].ProtocolChain = {2, {0, kBaseTcp}};
  if (WSCInstallProvider(&kLayer, L"self:counting_layer_startup", infos, 2, &error) != 0) {
    return false;
  }
  std::vector<DWORD> order;
  for (const WSAPROTOCOL_INFOW& info : all_entries()) {
    if (info.ProtocolChain.ChainLen == 2) {
      layer.entry = info.dwCatalogEntryId;
      order.insert(order.begin(), info.dwCatalogEntryId);
    } else {
      order.push_back(info.dwCatalogEntryId);
    }
  }
  return WSCWriteProviderOrder(order.data(), static_cast<DWORD>(order.size())) == 0;
}

class Installed {
 public:
  Installed() : is_done_(install()) {}
  ~Installed() {
    INT error = 0;
    WSCDeinstallProvider(&kLayer, &error);
  }
  bool is_done() const { return is_done_; }

 private:
  const bool is_done_;
};

sockaddr_in loopback(u_short port) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = port;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return to;
}

template <class Address>
const sockaddr* any(const Address& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// A listening socket on loopback; its port in network order.
SOCKET listen_anywhere(u_short& port) {
  const SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in local = loopback(0);
  int length = sizeof local;
  if (bind(s, any(local), sizeof local) != 0 || listen(s, 5) != 0) return INVALID_SOCKET;
  getsockname(s, reinterpret_cast<sockaddr*>(&local), &length);
  port = local.sin_port;
  return s;
}

}  // namespace

// As a program on Windows loads what lies below: mswsock.dll exports WSPStartup.
extern "C" __attribute__((visibility("default"))) int WSPAPI
counting_layer_startup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW, WSPUPCALLTABLE upcalls,
                       LPWSPPROC_TABLE table) {
  const HMODULE module = LoadLibraryA("mswsock.dll");
  const auto startup =
      reinterpret_cast<LPWSPSTARTUP>(reinterpret_cast<void*>(GetProcAddress(module, "WSPStartup")));
  if (startup == nullptr) return WSAEPROVIDERFAILEDINIT;
  WSAPROTOCOL_INFOW base = all_entries()[0];
  const int error = startup(version, data, &base, upcalls, &layer.base);
  if (error != 0) return error;
  ++layer.startups;
  layer.upcalls = upcalls;
  *table = layer.base;
  table->lpWSPSocket = open_socket;
  table->lpWSPAccept = accept_socket;
  table->lpWSPConnect = connect_socket;
  table->lpWSPSend = send_counted;
  table->lpWSPRecv = receive_counted;
  table->lpWSPCloseSocket = close_socket;
  table->lpWSPCleanup = clean_up;
  return 0;
}

namespace {

WIN_CASE(LayeredProvider, CountsBytesOverTheBaseProvider) {
  REQ("WS-3");
  const Installed installed;
  REQUIRE(installed.is_done());
  layer.sent = layer.received = 0;
  layer.startups = layer.cleanups = 0;
  {
    const Started started;
    REQUIRE_EQ(started.error(), 0);
    u_short port = 0;
    const SOCKET listener = listen_anywhere(port);
    REQUIRE_NE(listener, INVALID_SOCKET);
    const SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const sockaddr_in to = loopback(port);
    REQUIRE_EQ(connect(client, any(to), sizeof to), 0);
    const SOCKET server = accept(listener, nullptr, nullptr);
    REQUIRE_NE(server, INVALID_SOCKET);
    CHECK_EQ(send(client, "hello", 5, 0), 5);
    char bytes[16];
    CHECK_EQ(recv(server, bytes, sizeof bytes, 0), 5);
    CHECK_EQ(layer.sent.load(), 5u);
    CHECK_EQ(layer.received.load(), 5u);
    CHECK_EQ(layer.startups.load(), 1);
    CHECK_EQ(closesocket(client), 0);
    CHECK_EQ(closesocket(server), 0);
    CHECK_EQ(closesocket(listener), 0);
    CHECK_EQ(closesocket(listener), SOCKET_ERROR);
    CHECK_EQ(WSAGetLastError(), WSAENOTSOCK);
  }
  CHECK_EQ(layer.cleanups.load(), 1);
}

WIN_CASE(LayeredProvider, ChangesAnError) {
  const Installed installed;
  REQUIRE(installed.is_done());
  const Started started;
  u_short port = 0;
  const SOCKET listener = listen_anywhere(port);
  CHECK_EQ(closesocket(listener), 0);
  const SOCKET client = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  const sockaddr_in to = loopback(port);
  CHECK_EQ(connect(client, any(to), sizeof to), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEHOSTUNREACH);
  CHECK_EQ(closesocket(client), 0);
}

WIN_CASE(LayeredProvider, MakesHandlesOfItsOwn) {
  const Installed installed;
  REQUIRE(installed.is_done());
  const Started started;
  const SOCKET opened = socket(AF_INET, SOCK_STREAM, 0);  // starts the layer
  REQUIRE_NE(opened, INVALID_SOCKET);
  INT error = 0;
  const SOCKET own = layer.upcalls.lpWPUCreateSocketHandle(layer.entry, 4711, &error);
  REQUIRE_NE(own, INVALID_SOCKET);
  OVERLAPPED overlapped{};
  CHECK_EQ(WPUCompleteOverlappedRequest(own, &overlapped, 0, 12, &error), 0);
  CHECK_EQ(overlapped.InternalHigh, 12u);
  CHECK_EQ(WPUCompleteOverlappedRequest(opened, &overlapped, 0, 12, &error), SOCKET_ERROR);
  layer.closed_context = 0;
  CHECK_EQ(closesocket(own), 0);
  CHECK_EQ(layer.closed_context, DWORD_PTR{4711});
  CHECK_EQ(closesocket(own), SOCKET_ERROR);
  CHECK_EQ(closesocket(opened), 0);
}

WIN_CASE(LayeredProvider, UpcallsAnswer) {
  const Installed installed;
  REQUIRE(installed.is_done());
  const Started started;
  const SOCKET opened = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE_NE(opened, INVALID_SOCKET);
  INT error = 0;
  const WSAEVENT event = layer.upcalls.lpWPUCreateEvent(&error);
  CHECK(layer.upcalls.lpWPUSetEvent(event, &error));
  CHECK(layer.upcalls.lpWPUResetEvent(event, &error));
  CHECK(layer.upcalls.lpWPUCloseEvent(event, &error));
  CHECK(!layer.upcalls.lpWPUCloseEvent(event, &error));
  CHECK_EQ(error, WSA_INVALID_HANDLE);
  WSATHREADID thread{};
  REQUIRE_EQ(layer.upcalls.lpWPUOpenCurrentThread(&thread, &error), 0);
  static DWORD_PTR ran = 0;
  const auto note = [](DWORD_PTR context) { ran = context; };
  CHECK_EQ(layer.upcalls.lpWPUQueueApc(&thread, note, 99, &error), 0);
  CHECK_EQ(ran, DWORD_PTR{0});
  CHECK_EQ(SleepEx(0, TRUE), DWORD{WAIT_IO_COMPLETION});
  CHECK_EQ(ran, DWORD_PTR{99});
  CHECK_EQ(layer.upcalls.lpWPUQueueApc(nullptr, note, 0, &error), SOCKET_ERROR);
  CHECK_EQ(error, WSAEFAULT);
  CHECK_EQ(layer.upcalls.lpWPUCloseThread(&thread, &error), 0);
  CHECK_EQ(layer.upcalls.lpWPUModifyIFSHandle(4711, opened, &error), INVALID_SOCKET);
  CHECK_EQ(error, WSAEINVAL);
  CHECK(!layer.upcalls.lpWPUPostMessage(nullptr, 0, 0, 0));
  closesocket(opened);
}

}  // namespace
