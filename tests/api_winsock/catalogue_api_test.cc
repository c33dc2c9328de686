// WSAEnumProtocols and the WSC calls, as programs and installers call them.
#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include <cwchar>
#include <vector>

#include "started.h"
#include "support/win_case.h"

namespace {

GUID kLayer = {0x11111111, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};

WIN_CASE(EnumProtocols, FourWithTheFlagsOfWindows) {
  REQ("WS-4");
  const Started started;
  DWORD size = 0;
  CHECK_EQ(WSAEnumProtocolsW(nullptr, nullptr, &size), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAENOBUFS);
  REQUIRE_EQ(size, 4 * sizeof(WSAPROTOCOL_INFOW));
  std::vector<WSAPROTOCOL_INFOW> infos(4);
  REQUIRE_EQ(WSAEnumProtocolsW(nullptr, infos.data(), &size), 4);
  CHECK_EQ(infos[0].iProtocol, IPPROTO_TCP);
  CHECK_EQ(infos[0].dwServiceFlags1 & XP1_GUARANTEED_DELIVERY, DWORD{XP1_GUARANTEED_DELIVERY});
  CHECK_EQ(infos[1].dwServiceFlags1 & XP1_CONNECTIONLESS, DWORD{XP1_CONNECTIONLESS});
  for (const WSAPROTOCOL_INFOW& info : infos) {
    CHECK_EQ(info.dwServiceFlags1 & XP1_IFS_HANDLES, DWORD{XP1_IFS_HANDLES});
    CHECK_EQ(info.ProtocolChain.ChainLen, BASE_PROTOCOL);
  }
  INT only_tcp[] = {IPPROTO_TCP, 0};
  WSAPROTOCOL_INFOA two[2];
  size = sizeof two;
  CHECK_EQ(WSAEnumProtocolsA(only_tcp, two, &size), 2);
  CHECK_EQ(two[1].iAddressFamily, AF_INET6);
  CHECK_EQ(WSAEnumProtocolsA(nullptr, two, nullptr), SOCKET_ERROR);
  CHECK_EQ(WSAGetLastError(), WSAEFAULT);
}

WIN_CASE(Sockets, TriplesThatNobodyServes) {
  REQ("WS-4");
  const Started started;
  struct Row {
    int family, type, protocol, error;
  };
  constexpr Row kRows[] = {{0, 0, 0, WSAEINVAL},
                           {99, SOCK_STREAM, 0, WSAEAFNOSUPPORT},
                           {AF_INET, 99, 0, WSAESOCKTNOSUPPORT},
                           {AF_INET, SOCK_STREAM, IPPROTO_UDP, WSAEPROTONOSUPPORT},
                           {AF_INET6, SOCK_DGRAM, IPPROTO_TCP, WSAEPROTONOSUPPORT}};
  for (const Row& row : kRows) {
    CHECK_EQ(socket(row.family, row.type, row.protocol), INVALID_SOCKET);
    CHECK_EQ(WSAGetLastError(), row.error);
  }
  CHECK_EQ(WSASocketW(AF_INET, SOCK_STREAM, 0, nullptr, 0, 0x80000000), INVALID_SOCKET);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
  WSAPROTOCOL_INFOW unknown{};
  unknown.dwCatalogEntryId = 4711;
  CHECK_EQ(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &unknown, 0, 0),
           INVALID_SOCKET);
  CHECK_EQ(WSAGetLastError(), WSAEINVAL);
}

WIN_CASE(Installer, ReportsThroughItsErrorWord) {
  INT error = 0;
  WCHAR path[8];
  INT length = 8;
  CHECK_EQ(WSCDeinstallProvider(&kLayer, &error), SOCKET_ERROR);
  CHECK_EQ(error, WSAEINVAL);
  CHECK_EQ(WSCDeinstallProvider(nullptr, &error), SOCKET_ERROR);
  CHECK_EQ(error, WSAEFAULT);
  CHECK_EQ(WSCGetProviderPath(&kLayer, path, &length, &error), SOCKET_ERROR);
  CHECK_EQ(error, WSAEINVAL);
  WSAPROTOCOL_INFOW info{};
  info.ProtocolChain.ChainLen = 2;
  CHECK_EQ(WSCInstallProvider(&kLayer, nullptr, &info, 1, &error), SOCKET_ERROR);
  CHECK_EQ(error, WSAEFAULT);
  REQUIRE_EQ(WSCInstallProvider(&kLayer, L"self:abcdefgh", &info, 1, &error), 0);
  CHECK_EQ(WSCGetProviderPath(&kLayer, path, &length, &error), SOCKET_ERROR);
  CHECK_EQ(error, WSAEFAULT);
  CHECK_EQ(length, 14);
  DWORD size = 0;
  CHECK_EQ(WSCEnumProtocols(nullptr, nullptr, &size, &error), SOCKET_ERROR);
  CHECK_EQ(error, WSAENOBUFS);
  CHECK_EQ(size, 5 * sizeof(WSAPROTOCOL_INFOW));
  CHECK_EQ(WSCWriteProviderOrder(nullptr, 0), WSAEFAULT);
  DWORD too_few[] = {1001};
  CHECK_EQ(WSCWriteProviderOrder(too_few, 1), WSAEINVAL);
  CHECK_EQ(WSCDeinstallProvider(&kLayer, &error), 0);
}

}  // namespace
