// The machine's names, as far as every machine agrees, and our own tables.
#include "runtime/name_service.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/service_table.h"

namespace oriel::runtime {
namespace {

TEST(NameService, NumericNamesNeedNoServer) {
  const auto v4 = resolve_host("192.0.2.7", NameFamily::kAny);
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->addresses, (std::vector<NamedAddress>{{IpAddress::v4(192, 0, 2, 7), 0}}));
  EXPECT_FALSE(resolve_host("192.0.2.7", NameFamily::kV6));
  EXPECT_FALSE(resolve_host(std::string("a\0b", 3), NameFamily::kAny));
}

TEST(NameService, LocalhostIsLoopback) {
  const auto host = resolve_host("localhost", NameFamily::kV4);
  ASSERT_TRUE(host);
  EXPECT_TRUE(host->addresses.front().address.is_loopback());
}

TEST(NameService, ServicesBothWays) {
  EXPECT_EQ(find_service("http", "tcp")->number, 80);
  EXPECT_EQ(find_service("domain", "udp")->number, 53);
  EXPECT_EQ(find_service(std::uint16_t{443}, "tcp")->name, "https");
  EXPECT_FALSE(find_service("no-such-service", ""));
  EXPECT_FALSE(find_service("http", "no-such-protocol"));
}

TEST(NameService, ProtocolsBothWays) {
  EXPECT_EQ(find_protocol("tcp")->number, 6);
  EXPECT_EQ(find_protocol(17)->name, "udp");
  EXPECT_FALSE(find_protocol("no-such-protocol"));
}

TEST(ServiceTable, KnowsAliasesAndWhichProtocolCarriesWhat) {
  EXPECT_EQ(service_table_row("www", "")->name, "http");
  EXPECT_EQ(service_table_row("syslog", "udp")->number, 514);
  EXPECT_EQ(service_table_row(std::uint16_t{514}, "tcp")->name, "cmd");
  EXPECT_EQ(service_table_row(std::uint16_t{514}, "udp")->name, "syslog");
  EXPECT_FALSE(service_table_row("tftp", "tcp"));
  EXPECT_EQ(protocol_table_row("UDP")->number, 17);
  EXPECT_FALSE(protocol_table_row(200));
}

TEST(NameService, TheMachineHasAName) {
  EXPECT_FALSE(own_host_name().empty());
}

}  // namespace
}  // namespace oriel::runtime
