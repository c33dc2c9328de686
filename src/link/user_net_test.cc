// The network in the process, frame by frame: who answers, what wakes a sleeper, which ports are
// refused. No peer outside this process and no waiting: what is asked is answered at once.
#include "link/user_net.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "link/packet_collector.h"
#include "runtime/unique_fd.h"

namespace oriel::link {
namespace {

using ::testing::HasSubstr;

/// Who has 10.0.2.2? says 10.0.2.15.
std::vector<std::uint8_t> arp_question(const MacAddress& mac) {
  std::vector<std::uint8_t> f(6, 0xff);
  f.insert(f.end(), mac.bytes.begin(), mac.bytes.end());
  for (int v : {8, 6, 0, 1, 8, 0, 6, 4, 0, 1}) f.push_back(static_cast<std::uint8_t>(v));
  f.insert(f.end(), mac.bytes.begin(), mac.bytes.end());
  for (int v : {10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2}) {
    f.push_back(static_cast<std::uint8_t>(v));
  }
  return f;
}

bool is_readable(int fd) {
  pollfd p{fd, POLLIN, 0};
  return ::poll(&p, 1, 0) == 1;
}

/// Takes what the network says by itself when it starts.
void drain(Device& device) {
  PacketCollector all(2048);
  device.receive(all);
}

/// A socket that has some port of 127.0.0.1, and that port.
std::pair<UniqueFd, std::uint16_t> taken_port() {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof a;
  ::bind(fd.get(), reinterpret_cast<sockaddr*>(&a), size);
  ::listen(fd.get(), 1);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&a), &size);
  return {std::move(fd), ntohs(a.sin_port)};
}

TEST(UserNet, AnAnswerWakesTheSleeperUntilItIsTaken) {
  auto device = open_user_net().value();
  EXPECT_EQ(device->info().framing, DeviceInfo::Framing::kEthernet);
  drain(*device);
  EXPECT_FALSE(is_readable(device->poll_fd()));
  ASSERT_TRUE(transmit_one(*device, arp_question(device->info().mac)));
  EXPECT_TRUE(is_readable(device->poll_fd()));
  PacketCollector answers(2048);
  EXPECT_EQ(device->receive(answers), ErrorCode::kOk);
  ASSERT_EQ(answers.packets.size(), 1u);
  const auto& reply = answers.packets[0].bytes;
  ASSERT_GE(reply.size(), 42u);
  EXPECT_EQ(reply[21], 2);  // ARP reply
  EXPECT_FALSE(is_readable(device->poll_fd()));
}

TEST(UserNet, AFullBurstLeavesTheRestForTheNext) {
  auto device = open_user_net().value();
  drain(*device);
  const auto question = arp_question(device->info().mac);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(transmit_one(*device, question));
  PacketCollector two(2048, 2);
  device->receive(two);
  EXPECT_EQ(two.packets.size(), 2u);
  EXPECT_TRUE(is_readable(device->poll_fd()));
  PacketCollector rest(2048);
  device->receive(rest);
  EXPECT_EQ(rest.packets.size(), 1u);
}

TEST(UserNet, RubbishIsSwallowed) {
  auto device = open_user_net().value();
  for (std::size_t size : {0u, 1u, 13u, 14u, 15u, 33u, 34u, 60u, 1514u}) {
    for (int fill : {0x00, 0x08, 0x45, 0x60, 0xff}) {
      const std::vector<std::uint8_t> frame(size, static_cast<std::uint8_t>(fill));
      EXPECT_TRUE(transmit_one(*device, frame));
    }
  }
  EXPECT_EQ(device->receive(*std::make_unique<PacketCollector>(2048)), ErrorCode::kOk);
}

TEST(UserNet, APortThatIsTakenIsNamed) {
  const auto [fd, port] = taken_port();
  UserNetOptions options;
  options.publish = {PublishedPort{false, IpAddress::v4(127, 0, 0, 1), port, 80}};
  const auto device = open_user_net(options);
  ASSERT_FALSE(device.has_value());
  EXPECT_EQ(device.error().code, ErrorCode::kAddressInUse);
  EXPECT_THAT(device.error().text,
              HasSubstr("another program on this machine has TCP port " + std::to_string(port)));
}

TEST(UserNet, AnAddressThatTheMachineLacksIsNamed) {
  UserNetOptions options;
  options.publish = {PublishedPort{true, IpAddress::v4(192, 0, 2, 1), 40000, 53}};
  const auto device = open_user_net(options);
  ASSERT_FALSE(device.has_value());
  EXPECT_THAT(device.error().text, HasSubstr("publishing udp/192.0.2.1:40000:53 failed: "));
  EXPECT_THAT(device.error().text, HasSubstr("no such address"));
}

TEST(UserNet, MtuLimits) {
  UserNetOptions options;
  options.mtu = 1279;
  EXPECT_THAT(open_user_net(options).error().text, HasSubstr("1280 to 65521"));
  options.mtu = 9000;
  EXPECT_TRUE(open_user_net(options).has_value());
}

TEST(OpenLink, UserIsALinkAndTheOthersAreListed) {
  EXPECT_TRUE(open_link("user").has_value());
  EXPECT_THAT(open_link("user:").error().text,
              HasSubstr("write user (no rights needed), tun:NAME"));
}

}  // namespace
}  // namespace oriel::link
