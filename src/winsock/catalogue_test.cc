// The catalogue: which entry a triple gets, with which error otherwise; installing, ordering and
// removing providers.
#include "winsock/catalogue.h"

#include <gtest/gtest.h>
#include <ws2tcpip.h>

#include "winsock/protocol_info.h"

namespace oriel::winsock {
namespace {

constexpr GUID kLayer = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};

WSAPROTOCOL_INFOW layer_info(int chain_length) {
  WSAPROTOCOL_INFOW info = base_protocols()[0];
  info.ProtocolChain.ChainLen = chain_length;
  return info;
}

DWORD found(const Catalogue& catalogue, int family, int type, int protocol) {
  CatalogueEntry entry;
  const INT error = catalogue.find(family, type, protocol, entry);
  return error != 0 ? static_cast<DWORD>(error) : entry.info.dwCatalogEntryId;
}

TEST(Catalogue, TriplesAndTheErrorOfTheStepThatFails) {
  const Catalogue catalogue;
  EXPECT_EQ(found(catalogue, AF_INET, SOCK_STREAM, IPPROTO_TCP), 1001u);
  EXPECT_EQ(found(catalogue, AF_INET, SOCK_DGRAM, 0), 1002u);
  EXPECT_EQ(found(catalogue, AF_INET6, SOCK_STREAM, 0), 1003u);
  EXPECT_EQ(found(catalogue, AF_INET6, 0, IPPROTO_UDP), 1004u);
  EXPECT_EQ(found(catalogue, AF_UNSPEC, SOCK_DGRAM, 0), 1002u);
  EXPECT_EQ(found(catalogue, AF_INET, 0, 0), 1001u);
  EXPECT_EQ(found(catalogue, AF_UNSPEC, 0, 0), DWORD{WSAEINVAL});
  EXPECT_EQ(found(catalogue, 77, SOCK_STREAM, 0), DWORD{WSAEAFNOSUPPORT});
  EXPECT_EQ(found(catalogue, AF_INET, SOCK_RAW, 0), DWORD{WSAESOCKTNOSUPPORT});
  EXPECT_EQ(found(catalogue, AF_INET, SOCK_STREAM, IPPROTO_UDP), DWORD{WSAEPROTONOSUPPORT});
  EXPECT_EQ(found(catalogue, AF_INET, 0, 200), DWORD{WSAEPROTONOSUPPORT});
}

TEST(Catalogue, ListsWhatIsAsked) {
  const Catalogue catalogue;
  EXPECT_EQ(catalogue.list(nullptr, false).size(), kBaseProtocols);
  const INT only_udp[] = {IPPROTO_UDP, 0};
  const auto udp = catalogue.list(only_udp, false);
  ASSERT_EQ(udp.size(), 2u);
  EXPECT_EQ(udp[0].iSocketType, SOCK_DGRAM);
  const INT none[] = {0};
  EXPECT_TRUE(catalogue.list(none, false).empty());
}

TEST(Catalogue, ALayerIsHiddenAndItsChainIsNot) {
  Catalogue catalogue;
  const WSAPROTOCOL_INFOW infos[] = {layer_info(LAYERED_PROTOCOL), layer_info(2)};
  ASSERT_EQ(catalogue.install(kLayer, L"self:x", infos), 0);
  EXPECT_EQ(catalogue.list(nullptr, false).size(), kBaseProtocols + 1);
  EXPECT_EQ(catalogue.list(nullptr, true).size(), kBaseProtocols + 2);
  EXPECT_EQ(found(catalogue, AF_INET, SOCK_STREAM, 0), 1001u);  // still first
  const DWORD order[] = {1006, 1001, 1002, 1003, 1004, 1005};
  ASSERT_EQ(catalogue.reorder(order), 0);
  EXPECT_EQ(found(catalogue, AF_INET, SOCK_STREAM, 0), 1006u);
  std::wstring path;
  EXPECT_EQ(catalogue.path_of(kLayer, path), 0);
  EXPECT_EQ(path, L"self:x");
  EXPECT_EQ(catalogue.install(kLayer, L"self:x", infos), WSAEINVAL);
  EXPECT_EQ(catalogue.deinstall(kLayer), 0);
  EXPECT_EQ(catalogue.deinstall(kLayer), WSAEINVAL);
  EXPECT_EQ(found(catalogue, AF_INET, SOCK_STREAM, 0), 1001u);
}

TEST(Catalogue, RefusesBadInstallations) {
  Catalogue catalogue;
  const WSAPROTOCOL_INFOW good[] = {layer_info(2)};
  const WSAPROTOCOL_INFOW bad[] = {layer_info(MAX_PROTOCOL_CHAIN + 1)};
  EXPECT_EQ(catalogue.install(kLayer, L"", good), WSAEINVAL);
  EXPECT_EQ(catalogue.install(kLayer, std::wstring(kProviderPathMax, L'a'), good), WSAEINVAL);
  EXPECT_EQ(catalogue.install(kLayer, L"x", {}), WSAEINVAL);
  EXPECT_EQ(catalogue.install(kLayer, L"x", bad), WSAEINVAL);
  const std::vector<WSAPROTOCOL_INFOW> many(kCatalogueEntriesMax, layer_info(2));
  EXPECT_EQ(catalogue.install(kLayer, L"x", many), WSAENOBUFS);
  EXPECT_EQ(catalogue.deinstall(base_protocols()[0].ProviderId), WSAEINVAL);
}

TEST(Catalogue, AnOrderNamesEachEntryOnce) {
  Catalogue catalogue;
  const DWORD twice[] = {1001, 1001, 1003, 1004};
  const DWORD few[] = {1001, 1002};
  EXPECT_EQ(catalogue.reorder(twice), WSAEINVAL);
  EXPECT_EQ(catalogue.reorder(few), WSAEINVAL);
}

TEST(Catalogue, AProviderThatIsNotThereFailsToStart) {
  Catalogue catalogue;
  const WSAPROTOCOL_INFOW infos[] = {layer_info(2)};
  ASSERT_EQ(catalogue.install(kLayer, L"self:no_such_symbol", infos), 0);
  CatalogueEntry entry;
  ASSERT_EQ(catalogue.find_id(1005, entry), 0);
  const WSPPROC_TABLE* table = nullptr;
  EXPECT_EQ(catalogue.start(entry, table), WSAEPROVIDERFAILEDINIT);
}

TEST(Catalogue, ATableWithAHoleIsNotWhole) {
  WSPPROC_TABLE table{};
  void** const slots = reinterpret_cast<void**>(&table);
  for (std::size_t i = 0; i < 30; ++i) slots[i] = &table;  // never called
  EXPECT_TRUE(is_whole(table));
  slots[29] = nullptr;
  EXPECT_FALSE(is_whole(table));
}

TEST(ProtocolInfo, ServiceFlagsAreWindows) {
  EXPECT_EQ(base_protocols()[0].dwServiceFlags1, 0x20066u);
  EXPECT_EQ(base_protocols()[1].dwServiceFlags1, 0x20609u);
  EXPECT_EQ(base_protocols()[2].iMaxSockAddr, 28);
  const WSAPROTOCOL_INFOA narrow = to_ansi(base_protocols()[3]);
  EXPECT_STREQ(narrow.szProtocol, "MSAFD Tcpip [UDP/IPv6]");
  EXPECT_EQ(narrow.dwCatalogEntryId, 1004u);
  EXPECT_STREQ(to_wide(narrow).szProtocol, base_protocols()[3].szProtocol);
}

}  // namespace
}  // namespace oriel::winsock
