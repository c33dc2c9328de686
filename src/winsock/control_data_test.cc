// Control data there and back, and every way of being malformed.
#include "winsock/control_data.h"

#include <gtest/gtest.h>
#include <ws2tcpip.h>

#include <cstring>
#include <vector>

namespace oriel::winsock {
namespace {

struct Received final : socket::DatagramRequest {};

struct Entry {
  explicit Entry(int level, int type, std::size_t data_bytes)
      : bytes(WSA_CMSG_SPACE(data_bytes)), data(bytes.data() + WSA_CMSG_LEN(0)) {
    const WSACMSGHDR head{WSA_CMSG_LEN(data_bytes), level, type};
    std::memcpy(bytes.data(), &head, sizeof head);
  }
  int read(int family) {
    const WSABUF control{static_cast<ULONG>(bytes.size()), bytes.data()};
    return read_control(control, family, source, how);
  }
  std::vector<char> bytes;
  char* data;
  IpAddress source;
  socket::DatagramSend how;
};

TEST(ControlData, WritesWhatIsAskedFor) {
  Received received;
  received.destination = IpAddress::v4(10, 0, 0, 7);
  received.interface_index = 3;
  received.hop_limit = 61;
  received.traffic_class = 0xb9;
  SocketOptions options;
  char room[256];
  WSABUF control{sizeof room, room};
  EXPECT_TRUE(write_control(received, AF_INET, options, control));
  EXPECT_EQ(control.len, 0u);
  options.is_packet_info_told = options.is_hop_limit_told = options.is_traffic_class_told = true;
  control = {sizeof room, room};
  EXPECT_TRUE(write_control(received, AF_INET, options, control));
  EXPECT_EQ(control.len, WSA_CMSG_SPACE(sizeof(in_pktinfo)) + 2 * WSA_CMSG_SPACE(sizeof(INT)));
  WSAMSG message{};
  message.Control = control;
  auto* head = WSA_CMSG_FIRSTHDR(&message);
  ASSERT_EQ(head->cmsg_type, IP_PKTINFO);
  in_pktinfo info;
  std::memcpy(&info, WSA_CMSG_DATA(head), sizeof info);
  EXPECT_EQ(std::memcmp(&info.ipi_addr, "\x0a\x00\x00\x07", 4), 0);
  EXPECT_EQ(info.ipi_ifindex, 4u) << "as adapters are numbered";
  head = WSA_CMSG_NXTHDR(&message, head);
  ASSERT_EQ(head->cmsg_type, IP_TTL);
  EXPECT_EQ(*WSA_CMSG_DATA(head), 61);
  head = WSA_CMSG_NXTHDR(&message, head);
  ASSERT_EQ(head->cmsg_type, IP_TOS);
  EXPECT_EQ(*WSA_CMSG_DATA(head), 0xb9);
  EXPECT_EQ(WSA_CMSG_NXTHDR(&message, head), nullptr);
}

TEST(ControlData, SaysWhatDidNotFit) {
  Received received;
  SocketOptions options;
  options.is_packet_info_told = options.is_hop_limit_told = true;
  char room[256];
  const auto whole =
      static_cast<ULONG>(WSA_CMSG_SPACE(sizeof(in6_pktinfo)) + WSA_CMSG_SPACE(sizeof(INT)));
  for (ULONG bytes = 0; bytes <= whole; ++bytes) {
    WSABUF control{bytes, room};
    EXPECT_EQ(write_control(received, AF_INET6, options, control), bytes == whole) << bytes;
    EXPECT_LE(control.len, bytes);
  }
}

TEST(ControlData, ReadsAddressHopLimitAndClass) {
  Entry address(IPPROTO_IP, IP_PKTINFO, sizeof(in_pktinfo));
  std::memcpy(address.data, "\x7f\x00\x00\x05", 4);
  EXPECT_EQ(address.read(AF_INET), 0);
  EXPECT_EQ(address.source, IpAddress::v4(127, 0, 0, 5));
  Entry any(IPPROTO_IP, IP_PKTINFO, sizeof(in_pktinfo));
  EXPECT_EQ(any.read(AF_INET), 0);
  EXPECT_TRUE(any.source.is_unspecified());
  for (const int type : {IP_TTL, IP_HOPLIMIT}) {
    Entry hops(IPPROTO_IP, type, sizeof(INT));
    hops.data[0] = 9;
    EXPECT_EQ(hops.read(AF_INET), 0);
    EXPECT_EQ(hops.how.hop_limit, 9);
  }
  Entry traffic(IPPROTO_IPV6, IPV6_TCLASS, sizeof(INT));
  traffic.data[0] = 0x28;
  EXPECT_EQ(traffic.read(AF_INET6), 0);
  EXPECT_EQ(traffic.how.traffic_class, 0x28);
  Entry ecn(IPPROTO_IPV6, IPV6_ECN, sizeof(INT));
  ecn.how.traffic_class = 0x29;
  ecn.data[0] = 2;
  EXPECT_EQ(ecn.read(AF_INET6), 0);
  EXPECT_EQ(ecn.how.traffic_class, 0x2a);
}

TEST(ControlData, RefusesWhatIsMalformed) {
  EXPECT_EQ(Entry(IPPROTO_IP, IP_PKTINFO, 4).read(AF_INET), WSAEINVAL);
  EXPECT_EQ(Entry(IPPROTO_IP, IP_TTL, 2).read(AF_INET), WSAEINVAL);
  EXPECT_EQ(Entry(IPPROTO_IP, 4711, 4).read(AF_INET), WSAEINVAL);
  EXPECT_EQ(Entry(IPPROTO_IPV6, IPV6_HOPLIMIT, 4).read(AF_INET), WSAEINVAL);
  Entry big(IPPROTO_IP, IP_TTL, sizeof(INT));
  big.data[1] = 1;  // 256
  EXPECT_EQ(big.read(AF_INET), WSAEINVAL);
  for (const SIZE_T length : {SIZE_T{0}, SIZE_T{15}, SIZE_T{25}, ~SIZE_T{0}}) {
    Entry entry(IPPROTO_IP, IP_TTL, sizeof(INT));
    std::memcpy(entry.bytes.data(), &length, sizeof length);
    EXPECT_EQ(entry.read(AF_INET), WSAEINVAL) << length;
  }
  Entry cut(IPPROTO_IP, IP_TTL, sizeof(INT));
  cut.bytes.resize(15);
  EXPECT_EQ(cut.read(AF_INET), WSAEINVAL);
  IpAddress source;
  socket::DatagramSend how;
  EXPECT_EQ(read_control({16, nullptr}, AF_INET, source, how), WSAEFAULT);
}

}  // namespace
}  // namespace oriel::winsock
