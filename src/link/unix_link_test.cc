// The packet socket: whole packets in order, backpressure, peers that come and go, paths left
// behind.
#include "link/unix_link.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "link/packet_collector.h"

namespace oriel::link {
namespace {

class UnixLinkTest : public ::testing::Test {
 protected:
  UnixLinkTest() {
    char name[] = "/tmp/oriel-link-XXXXXX";
    directory_ = ::mkdtemp(name);
    path_ = directory_ + "/link";
  }
  ~UnixLinkTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Device> open(bool is_listener, std::size_t mtu = 1500) {
    auto device = open_unix_link({path_, is_listener, mtu});
    EXPECT_TRUE(device) << device.error().text;
    return device ? std::move(*device) : nullptr;
  }
  Error open_error(bool is_listener) { return open_unix_link({path_, is_listener, 1500}).error(); }

  static std::vector<PacketCollector::Packet> drain(Device& device) {
    PacketCollector collector(device.info().rx_buffer_bytes, 100'000);
    EXPECT_EQ(device.receive(collector), ErrorCode::kOk);
    return collector.packets;
  }
  static bool is_readable(const Device& device) {
    pollfd p{device.poll_fd(), POLLIN, 0};
    return ::poll(&p, 1, 0) == 1;
  }
  static std::vector<std::uint8_t> packet(std::size_t bytes, int first) {
    std::vector<std::uint8_t> p(bytes);
    std::iota(p.begin(), p.end(), static_cast<std::uint8_t>(first));
    return p;
  }
  /// Both ends, the connection accepted.
  void join(std::size_t mtu = 1500) {
    listener_ = open(true, mtu);
    connector_ = open(false, mtu);
    EXPECT_TRUE(drain(*listener_).empty());
  }

  std::string directory_;
  std::string path_;
  std::unique_ptr<Device> listener_;
  std::unique_ptr<Device> connector_;
};

TEST_F(UnixLinkTest, CarriesWholePacketsInOrderBothWays) {
  join(65535);
  for (Device* from : {listener_.get(), connector_.get()}) {
    Device& to = from == listener_.get() ? *connector_ : *listener_;
    const auto a = packet(1, 1), b = packet(1500, 2), c = packet(65535, 3);
    const ByteView split[] = {ByteView(b).first(40), ByteView(b).subspan(40, 0),
                              ByteView(b).subspan(40)};
    const ByteView whole_a = a, whole_c = c;
    const PacketOut burst[] = {{{&whole_a, 1}, {}}, {split, {}}, {{&whole_c, 1}, {}}};
    EXPECT_EQ(from->transmit(burst), 3u);
    EXPECT_TRUE(is_readable(to));
    const auto got = drain(to);
    ASSERT_EQ(got.size(), 3u);
    EXPECT_EQ(got[0].bytes, a);
    EXPECT_EQ(got[1].bytes, b);
    EXPECT_EQ(got[2].bytes, c);
    EXPECT_EQ(got[0].offload.checksum, Offload::Checksum::kComplete);
    EXPECT_FALSE(is_readable(to));
    EXPECT_EQ(to.counters().bytes_in, 1u + 1500 + 65535);
    EXPECT_EQ(from->counters().bytes_out, 1u + 1500 + 65535);
  }
}

TEST_F(UnixLinkTest, StopsAtTheBurstsEndAndGoesOn) {
  join();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(transmit_one(*connector_, packet(100, i)));
  PacketCollector two(1500, 2);
  EXPECT_EQ(listener_->receive(two), ErrorCode::kOk);
  EXPECT_EQ(two.packets.size(), 2u);
  EXPECT_TRUE(is_readable(*listener_));
  const auto rest = drain(*listener_);
  ASSERT_EQ(rest.size(), 3u);
  EXPECT_EQ(rest[0].bytes, packet(100, 2));
}

TEST_F(UnixLinkTest, FullLinkTakesFewerAndSaysWhenThereIsRoom) {
  join();
  const auto p = packet(1500, 0);
  const ByteView whole = p;
  const std::vector<PacketOut> burst(100, PacketOut{{&whole, 1}, {}});
  std::size_t sent = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::size_t n = listener_->transmit(burst);
    sent += n;
    if (n < burst.size()) break;
  }
  ASSERT_LT(sent, 100'000u);
  EXPECT_EQ(listener_->transmit(burst), 0u);
  EXPECT_FALSE(is_readable(*listener_));
  EXPECT_EQ(listener_->counters().dropped_out, 0u);
  std::size_t arrived = 0;
  for (auto got = drain(*connector_); !got.empty(); got = drain(*connector_)) arrived += got.size();
  EXPECT_EQ(arrived, sent);
  EXPECT_TRUE(is_readable(*listener_)) << "room shows as readable";
  EXPECT_TRUE(drain(*listener_).empty());
  EXPECT_FALSE(is_readable(*listener_)) << "and is reported once";
  EXPECT_EQ(listener_->transmit(burst), burst.size());
}

TEST_F(UnixLinkTest, WithoutAPeerPacketsAreDroppedAndCounted) {
  listener_ = open(true);
  EXPECT_TRUE(transmit_one(*listener_, packet(60, 0)));
  EXPECT_EQ(listener_->counters().dropped_out, 1u);
  EXPECT_TRUE(drain(*listener_).empty());
}

TEST_F(UnixLinkTest, PacketsBeyondTheMtuAreDroppedAndCounted) {
  listener_ = open(true, 1500);
  connector_ = open(false, 9000);
  EXPECT_TRUE(transmit_one(*connector_, packet(1501, 0)));
  EXPECT_TRUE(transmit_one(*connector_, packet(1500, 7)));
  const auto got = drain(*listener_);
  ASSERT_EQ(got.size(), 1u);
  EXPECT_EQ(got[0].bytes, packet(1500, 7));
  EXPECT_EQ(listener_->counters().dropped_in, 1u);
}

TEST_F(UnixLinkTest, EmptyPacketDoesNotLookLikeAHangUp) {
  join();
  const ByteView empty;
  const auto p = packet(40, 1);
  const ByteView whole = p;
  const PacketOut burst[] = {{{&whole, 1}, {}}, {{&empty, 1}, {}}, {{&whole, 1}, {}}};
  EXPECT_EQ(connector_->transmit(burst), 3u);
  EXPECT_EQ(drain(*listener_).size(), 2u);
  EXPECT_EQ(connector_->counters().dropped_out, 1u);
}

TEST_F(UnixLinkTest, ConnectingEndLosesTheDeviceWithItsListener) {
  join();
  EXPECT_TRUE(transmit_one(*listener_, packet(50, 1)));
  listener_.reset();
  EXPECT_TRUE(is_readable(*connector_));
  PacketCollector collector(1500);
  EXPECT_EQ(connector_->receive(collector), ErrorCode::kDeviceLost);
  EXPECT_EQ(collector.packets.size(), 1u) << "what had arrived before is given first";
  EXPECT_EQ(connector_->receive(collector), ErrorCode::kDeviceLost);
  EXPECT_TRUE(transmit_one(*connector_, packet(50, 1)));
  EXPECT_EQ(connector_->counters().dropped_out, 1u);
}

TEST_F(UnixLinkTest, WithBothItsEndsItRefusesAThird) {
  join();
  for (int i = 0; i < 2; ++i) {
    const Error refused = open_error(false);
    EXPECT_EQ(refused.code, ErrorCode::kAddressInUse);
    EXPECT_NE(refused.text.find("both its ends"), std::string::npos) << refused.text;
  }
  EXPECT_EQ(open_error(true).code, ErrorCode::kAddressInUse);
  EXPECT_FALSE(is_readable(*listener_)) << "and the loop hears nothing of it";
  EXPECT_TRUE(transmit_one(*connector_, packet(70, 1)));
  EXPECT_EQ(drain(*listener_).size(), 1u);
}

TEST_F(UnixLinkTest, WhoWaitedBeforeThePeerWasTakenIsHungUpOn) {
  listener_ = open(true);
  connector_ = open(false);
  auto second = open(false);
  EXPECT_TRUE(drain(*listener_).empty());
  PacketCollector collector(1500);
  EXPECT_EQ(second->receive(collector), ErrorCode::kDeviceLost);
  EXPECT_TRUE(transmit_one(*connector_, packet(70, 1)));
  EXPECT_EQ(drain(*listener_).size(), 1u);
}

TEST_F(UnixLinkTest, ListenerTakesTheNextPeerAfterAHangUp) {
  join();
  for (int peer = 2; peer < 5; ++peer) {
    EXPECT_TRUE(transmit_one(*connector_, packet(70, 1)));
    connector_.reset();
    EXPECT_EQ(drain(*listener_).size(), 1u);
    EXPECT_FALSE(is_readable(*listener_));
    connector_ = open(false);
    ASSERT_NE(connector_, nullptr);
    EXPECT_TRUE(is_readable(*listener_));
    EXPECT_TRUE(transmit_one(*connector_, packet(70, peer)));
    const auto got = drain(*listener_);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].bytes, packet(70, peer));
    EXPECT_TRUE(transmit_one(*listener_, packet(80, 3)));
    EXPECT_EQ(drain(*connector_).size(), 1u);
  }
}

TEST_F(UnixLinkTest, PeerLostWhileSendingIsFollowedByTheNext) {
  join();
  connector_.reset();
  EXPECT_TRUE(transmit_one(*listener_, packet(70, 1)));
  EXPECT_EQ(listener_->counters().dropped_out, 1u);
  connector_ = open(false);
  EXPECT_TRUE(drain(*listener_).empty());
  EXPECT_TRUE(transmit_one(*listener_, packet(70, 1)));
  EXPECT_EQ(drain(*connector_).size(), 1u);
}

TEST_F(UnixLinkTest, PathGoesWithItsListener) {
  listener_ = open(true);
  EXPECT_TRUE(std::filesystem::exists(path_));
  listener_.reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixLinkTest, PathOfADeadListenerIsReplacedOfALivingOneRefused) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  const int dead = ::socket(AF_UNIX, SOCK_SEQPACKET, 0);
  ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  listener_ = open(true);
  ASSERT_NE(listener_, nullptr);
  const Error refused = open_error(true);
  EXPECT_EQ(refused.code, ErrorCode::kAddressInUse);
  EXPECT_NE(refused.text.find("another program listens"), std::string::npos) << refused.text;
  connector_ = open(false);
  EXPECT_TRUE(transmit_one(*connector_, packet(90, 4)));
  EXPECT_EQ(drain(*listener_).size(), 1u) << "the probe was not taken for a peer";
}

TEST_F(UnixLinkTest, WhatIsNotASocketIsNeverRemoved) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(open_error(true).code, ErrorCode::kAddressInUse);
  EXPECT_EQ(std::filesystem::file_size(path_), 8u);
}

TEST_F(UnixLinkTest, ConnectingSaysWhyItFailed) {
  EXPECT_EQ(open_error(false).code, ErrorCode::kNotFound);
  path_ = std::string(200, 'x');
  EXPECT_EQ(open_error(false).code, ErrorCode::kInvalidArgument);
  path_ = "/nonexistent-directory/link";
  EXPECT_EQ(open_error(true).code, ErrorCode::kNotFound);
  EXPECT_EQ(open_unix_link({directory_ + "/a", true, 67}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(open_unix_link({directory_ + "/a", true, 65536}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(OpenLink, UnknownFormsGetASentenceThatListsThem) {
  for (const char* spec : {"", "tun", "tun:", "eth0", "udp:x", ":", "unix:"}) {
    const auto device = open_link(spec);
    ASSERT_FALSE(device) << spec;
    EXPECT_EQ(device.error().code, ErrorCode::kInvalidArgument) << spec;
    EXPECT_NE(device.error().text.find("tun:NAME, tap:NAME"), std::string::npos) << spec;
  }
}

}  // namespace
}  // namespace oriel::link
