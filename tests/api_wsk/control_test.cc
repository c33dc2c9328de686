// WskControlSocket and WskControlClient: codes, options, and their IRPs.
#include <mstcpip.h>
#include <mswsock.h>
#include <ws2tcpip.h>

#include <thread>

#include "api_wsk/wsk_case.h"

namespace {

using namespace wsk_case;

WIN_CASE(WskControl, FastPathHasThreeStatuses) {
  REQ("LFP-1");
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  BOOLEAN on = TRUE;
  CHECK_EQ(control(s, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, &on, sizeof on), STATUS_SUCCESS);
  ULONG wide = 1;  // a DWORD, as many programs pass it
  CHECK_EQ(control(s, WskIoctl, SIO_LOOPBACK_FAST_PATH, 7, &wide, sizeof wide), STATUS_SUCCESS);
  CHECK_EQ(control(s, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, &on, 0), STATUS_INVALID_BUFFER_SIZE);
  CHECK_EQ(control(s, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, nullptr, 0), STATUS_INVALID_BUFFER_SIZE);
  PWSK_SOCKET u =
      client.socket(WSK_FLAG_DATAGRAM_SOCKET, nullptr, nullptr, SOCK_DGRAM, IPPROTO_UDP);
  CHECK_EQ(control(u, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, &on, sizeof on), STATUS_NOT_SUPPORTED);
  CHECK_EQ(control(u, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, nullptr, 0), STATUS_NOT_SUPPORTED);
  // The IRP is required.
  CHECK_EQ(basic(s).WskControlSocket(s, WskIoctl, SIO_LOOPBACK_FAST_PATH, 0, sizeof on, &on, 0,
                                     nullptr, nullptr, nullptr),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(close(s), STATUS_SUCCESS);
  CHECK_EQ(close(u), STATUS_SUCCESS);
}

// REQ LFP-4: the ordinary path where one end asked, and no error.
WIN_CASE(WskControl, FastPathIsShownByTheBacklog) {
  REQ("LFP-1");
  REQ("ISB-11");
  Client client;
  for (const bool is_fast : {false, true}) {
    Pair pair(client, is_fast);
    SIZE_T backlog = 0;
    Irp irp;
    CHECK_EQ(run(irp,
                 [&](PIRP i) {
                   return basic(pair.here).WskControlSocket(
                       pair.here, WskIoctl, SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, 0, 0, nullptr,
                       sizeof backlog, &backlog, nullptr, i);
                 }),
             STATUS_SUCCESS);
    CHECK_EQ(irp.information(), sizeof(SIZE_T));
    CHECK_EQ(backlog, 65536u);
    CHECK_EQ(send(pair.there, "12345"), STATUS_SUCCESS);
    SIZE_T waiting = 0;
    while (waiting != 5) {  // it is under way
      CHECK_EQ(control(pair.here, WskIoctl, SIO_WSK_QUERY_RECEIVE_BACKLOG, 0, nullptr, 0, &waiting,
                       sizeof waiting),
               STATUS_SUCCESS);
    }
    CHECK_EQ(
        control(pair.here, WskIoctl, SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, 0, nullptr, 0, &backlog, 4),
        STATUS_INVALID_BUFFER_SIZE);
  }
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  SIZE_T backlog = 0;
  for (const ULONG code : {SIO_WSK_QUERY_IDEAL_SEND_BACKLOG, SIO_WSK_QUERY_RECEIVE_BACKLOG}) {
    CHECK_EQ(control(s, WskIoctl, code, 0, nullptr, 0, &backlog, sizeof backlog),
             STATUS_INVALID_DEVICE_STATE);
    CHECK_EQ(basic(s).WskControlSocket(s, WskIoctl, code, 0, 0, nullptr, sizeof backlog, &backlog,
                                       nullptr, nullptr),
             STATUS_INVALID_PARAMETER);
  }
  CHECK_EQ(close(s), STATUS_SUCCESS);
}

WIN_CASE(WskControl, CompatibilityMode) {
  REQ("CM-1");
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  WSA_COMPATIBILITY_MODE mode = {WsaBehaviorAll, NTDDI_LONGHORN};
  CHECK_EQ(control(s, WskIoctl, SIO_SET_COMPATIBILITY_MODE, 0, &mode, sizeof mode), STATUS_SUCCESS);
  CHECK_EQ(control(s, WskIoctl, SIO_SET_COMPATIBILITY_MODE, 0, &mode, 4), STATUS_INVALID_PARAMETER);
  mode.BehaviorId = static_cast<WSA_COMPATIBILITY_BEHAVIOR_ID>(3);
  CHECK_EQ(control(s, WskIoctl, SIO_SET_COMPATIBILITY_MODE, 0, &mode, sizeof mode),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(close(s), STATUS_SUCCESS);
}

// REQ CM-3
WIN_CASE(WskControl, ReceiveBufferShrinksOnlyWhereTheModeAllowsIt) {
  REQ("CM-3");
  Client client;
  for (const bool is_allowed : {false, true}) {
    Pair pair(client);
    if (is_allowed) {
      WSA_COMPATIBILITY_MODE mode = {WsaBehaviorReceiveBuffering, NTDDI_LONGHORN};
      CHECK_EQ(control(pair.here, WskIoctl, SIO_SET_COMPATIBILITY_MODE, 0, &mode, sizeof mode),
               STATUS_SUCCESS);
    }
    ULONG bytes = 100'000;
    CHECK_EQ(control(pair.here, WskSetOption, SO_RCVBUF, SOL_SOCKET, &bytes, sizeof bytes),
             STATUS_SUCCESS);
    bytes = 50'000;
    CHECK_EQ(control(pair.here, WskSetOption, SO_RCVBUF, SOL_SOCKET, &bytes, sizeof bytes),
             is_allowed ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER);
    ULONG told = 0;
    CHECK_EQ(
        control(pair.here, WskGetOption, SO_RCVBUF, SOL_SOCKET, nullptr, 0, &told, sizeof told),
        STATUS_SUCCESS);
    CHECK_EQ(told, is_allowed ? 50'000u : 100'000u);
  }
}

WIN_CASE(WskControl, OptionsAreReadBack) {
  REQ("WSK-1");
  REQ("LFP-10");
  Client client;
  PWSK_SOCKET s = client.socket(WSK_FLAG_CONNECTION_SOCKET);
  struct Row {
    ULONG level;
    ULONG name;
    ULONG value;
  };
  for (const Row& row : {Row{SOL_SOCKET, SO_REUSEADDR, 1}, Row{SOL_SOCKET, SO_KEEPALIVE, 1},
                         Row{SOL_SOCKET, static_cast<ULONG>(SO_EXCLUSIVEADDRUSE), 0},
                         Row{SOL_SOCKET, SO_RCVBUF, 12345}, Row{SOL_SOCKET, SO_PORT_SCALABILITY, 1},
                         Row{IPPROTO_TCP, TCP_NODELAY, 1}, Row{IPPROTO_TCP, TCP_BSDURGENT, 1},
                         Row{IPPROTO_TCP, TCP_KEEPIDLE, 60}, Row{IPPROTO_TCP, TCP_KEEPINTVL, 5},
                         Row{IPPROTO_IP, IP_TTL, 7}, Row{IPPROTO_IP, IP_UNICAST_IF, 3}}) {
    ULONG value = row.value, told = 99;
    CHECK_EQ(control(s, WskSetOption, row.name, row.level, &value, sizeof value), STATUS_SUCCESS);
    // An IRP is optional; without one the size can be told.
    SIZE_T bytes = 0;
    CHECK_EQ(basic(s).WskControlSocket(s, WskGetOption, row.name, row.level, 0, nullptr,
                                       sizeof told, &told, &bytes, nullptr),
             STATUS_SUCCESS);
    CHECK_EQ(told, row.value);
    CHECK_EQ(bytes, sizeof told);
    CHECK_EQ(control(s, WskSetOption, row.name, row.level, &value, 3), STATUS_INVALID_BUFFER_SIZE);
    CHECK_EQ(control(s, WskSetOption, row.name, row.level, nullptr, 4), STATUS_INVALID_BUFFER_SIZE);
    CHECK_EQ(control(s, WskGetOption, row.name, row.level, nullptr, 0, &told, 0),
             STATUS_INVALID_BUFFER_SIZE);
  }
  ULONG value = 1;
  CHECK_EQ(control(s, WskSetOption, 0x7777, SOL_SOCKET, &value, 4), STATUS_NOT_SUPPORTED);
  CHECK_EQ(control(s, WskSetOption, SO_TYPE, SOL_SOCKET, &value, 4), STATUS_NOT_SUPPORTED);
  CHECK_EQ(control(s, WskIoctl, 0x12345678, 0, nullptr, 0), STATUS_NOT_SUPPORTED);
  CHECK_EQ(control(s, WskControlMax, 0, 0, nullptr, 0), STATUS_INVALID_PARAMETER);
  CHECK_EQ(close(s), STATUS_SUCCESS);
}

WIN_CASE(WskControl, EventCallbackOptionChecksItsInput) {
  REQ("WSK-1");
  Client client;
  Pair pair(client);  // no functions were given
  CHECK_EQ(set_events(pair.here, WSK_EVENT_RECEIVE), STATUS_INVALID_PARAMETER);
  CHECK_EQ(set_events(pair.here, WSK_EVENT_ACCEPT), STATUS_INVALID_PARAMETER);
  CHECK_EQ(set_events(pair.here, 0), STATUS_INVALID_PARAMETER);
  WSK_EVENT_CALLBACK_CONTROL what = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_RECEIVE};
  CHECK_EQ(
      control(pair.here, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, &what, sizeof what - 1),
      STATUS_INVALID_BUFFER_SIZE);
  CHECK_EQ(control(pair.here, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, nullptr, 0),
           STATUS_INVALID_BUFFER_SIZE);
  const NPIID other = {1, 2, 3, {4}};
  what.NpiId = &other;
  CHECK_EQ(control(pair.here, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, &what, sizeof what),
           STATUS_NOT_SUPPORTED);
  what.NpiId = nullptr;
  CHECK_EQ(control(pair.here, WskSetOption, SO_WSK_EVENT_CALLBACK, SOL_SOCKET, &what, sizeof what),
           STATUS_INVALID_PARAMETER);
}

WIN_CASE(WskControl, TransportsAreListed) {
  REQ("WSK-1");
  Client client;
  const auto& provider = client.provider;
  SIZE_T bytes = 0;
  CHECK_EQ(provider.Dispatch->WskControlClient(provider.Client, WSK_TRANSPORT_LIST_QUERY, 0,
                                               nullptr, 0, nullptr, &bytes, nullptr),
           STATUS_BUFFER_OVERFLOW);
  REQUIRE_EQ(bytes % sizeof(WSK_TRANSPORT), 0u);
  std::vector<WSK_TRANSPORT> all(bytes / sizeof(WSK_TRANSPORT));
  CHECK_EQ(provider.Dispatch->WskControlClient(provider.Client, WSK_TRANSPORT_LIST_QUERY, 0,
                                               nullptr, bytes, all.data(), &bytes, nullptr),
           STATUS_SUCCESS);
  for (const WSK_TRANSPORT& one : all) {
    PWSK_SOCKET s = client.socket(WSK_FLAG_BASIC_SOCKET, nullptr, nullptr, one.SocketType,
                                  one.Protocol, one.AddressFamily);
    REQUIRE(s != nullptr);
    CHECK_EQ(close(s), STATUS_SUCCESS);
  }
  CHECK_EQ(all.size(), 4u);
  // A change is waited for until it is cancelled.
  Irp irp;
  CHECK_EQ(provider.Dispatch->WskControlClient(provider.Client, WSK_TRANSPORT_LIST_CHANGE, 0,
                                               nullptr, 0, nullptr, nullptr, irp.get()),
           STATUS_PENDING);
  CHECK(IoCancelIrp(irp.get()));
  CHECK_EQ(irp.wait(), STATUS_CANCELLED);
  CHECK_EQ(provider.Dispatch->WskControlClient(provider.Client, WSK_TRANSPORT_LIST_CHANGE, 0,
                                               nullptr, 0, nullptr, nullptr, nullptr),
           STATUS_INVALID_PARAMETER);
  CHECK_EQ(provider.Dispatch->WskControlClient(provider.Client, 1234, 0, nullptr, 0, nullptr,
                                               nullptr, nullptr),
           STATUS_NOT_SUPPORTED);
}

}  // namespace
