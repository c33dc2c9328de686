// TUN and TAP against the kernel, each test in a network namespace of its own.
//
// Each body runs in a forked child that has unshared its own; the namespace goes with the child.
// Needs CAP_NET_ADMIN and /dev/net/tun; says so and skips without.
#include "link/tun.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "base/bytes.h"
#include "link/packet_collector.h"
#include "wire/checksum.h"

namespace oriel::link {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kTcp = 6;

/// Runs the body in a child with its own namespace; its failures are printed there and counted
/// here.
void in_namespace(const std::function<void()>& body) {
  const int probe = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (probe < 0) GTEST_SKIP() << "/dev/net/tun cannot be opened: " << std::strerror(errno);
  ::close(probe);
  constexpr int kNoRights = 77;
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNET) != 0) ::_exit(kNoRights);
    body();
    std::fflush(nullptr);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoRights) {
    GTEST_SKIP() << "a network namespace needs CAP_SYS_ADMIN and CAP_NET_ADMIN";
  }
  EXPECT_EQ(status, 0) << "the child's failures are above";
}

void ip(const std::string& arguments) {
  ASSERT_EQ(std::system(("ip " + arguments).c_str()), 0) << arguments;
}

std::unique_ptr<Device> open(const TunOptions& options) {
  auto device = open_tun(options);
  EXPECT_TRUE(device) << device.error().text;
  return device ? std::move(*device) : nullptr;
}

/// A device t0 with the kernel at 10.9.0.1/24, IPv6 off so that nothing arrives unasked.
std::unique_ptr<Device> open_quiet(const TunOptions& options) {
  ip("tuntap add dev t0 mode " + std::string(options.is_tap ? "tap" : "tun"));
  const int fd = ::open("/proc/sys/net/ipv6/conf/t0/disable_ipv6", O_WRONLY);
  if (fd >= 0) {
    EXPECT_EQ(::write(fd, "1", 1), 1);
    ::close(fd);
  }
  ip("address add 10.9.0.1/24 dev t0");
  ip("link set t0 up");
  return open(options);
}

using Wanted = std::function<bool(const Bytes&)>;

Wanted is_ipv4(int protocol) {
  return [protocol](const Bytes& p) { return p[0] >> 4 == 4 && p[9] == protocol; };
}

/// The wanted packets of the first burst that has one. Calls `provoke` before each wait: after an
/// attach the kernel drops packets until it has noticed that the cable is plugged in.
std::vector<PacketCollector::Packet> receive(
    Device& device, const Wanted& wanted, const std::function<void()>& provoke = [] {}) {
  std::vector<PacketCollector::Packet> found;
  for (int tries = 0; found.empty() && tries < 50; ++tries) {
    provoke();
    pollfd p{device.poll_fd(), POLLIN, 0};
    ::poll(&p, 1, 100);
    PacketCollector collector(device.info().rx_buffer_bytes, 1000);
    EXPECT_EQ(device.receive(collector), ErrorCode::kOk);
    for (auto& packet : collector.packets) {
      if (wanted(packet.bytes)) found.push_back(std::move(packet));
    }
  }
  return found;
}

sockaddr_in at(const char* address, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  ::inet_pton(AF_INET, address, &a.sin_addr);
  return a;
}

const IpAddress kKernel = IpAddress::v4(10, 9, 0, 1);
const IpAddress kUs = IpAddress::v4(10, 9, 0, 2);

/// IPv4 from us to the kernel around `transport`, whose checksum field gets the pseudo-header sum.
Bytes ipv4(std::uint8_t protocol, Bytes transport, std::size_t checksum_offset) {
  const auto length = static_cast<std::uint32_t>(transport.size());
  store_be16(&transport[checksum_offset],
             wire::checksum_fold(wire::pseudo_header_sum(kUs, kKernel, protocol, length)));
  Bytes p = {0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, protocol, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1};
  store_be16(&p[2], static_cast<std::uint16_t>(20 + length));
  store_be16(&p[10], wire::checksum(p));
  p.insert(p.end(), transport.begin(), transport.end());
  return p;
}

Bytes udp(std::uint16_t to_port, const Bytes& payload) {
  Bytes u(8);
  store_be16(&u[0], 7777);
  store_be16(&u[2], to_port);
  store_be16(&u[4], static_cast<std::uint16_t>(8 + payload.size()));
  u.insert(u.end(), payload.begin(), payload.end());
  return u;
}

Offload partial(std::uint16_t offset) {
  Offload offload;
  offload.checksum = Offload::Checksum::kPartial;
  offload.checksum_start = 20;
  offload.checksum_offset = offset;
  return offload;
}

/// A UDP socket of the kernel's at 10.9.0.1:5000.
int kernel_udp() {
  const int s = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in here = at("10.9.0.1", 5000);
  EXPECT_EQ(::bind(s, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
  const timeval limit{2, 0};
  ::setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return s;
}

void send_hello(int s) {
  const sockaddr_in there = at("10.9.0.2", 7777);
  EXPECT_EQ(::sendto(s, "hello", 5, 0, reinterpret_cast<const sockaddr*>(&there), sizeof there), 5);
}

TEST(Tun, PlainDeviceCarriesPacketsBothWays) {
  in_namespace([] {
    auto device = open_quiet({.name = "t0", .is_offloaded = false});
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(device->info().name, "tun:t0");
    EXPECT_EQ(device->info().mtu, 1500u);
    EXPECT_FALSE(device->info().has_tx_checksum);
    EXPECT_EQ(device->info().tso_bytes_max, 0u);
    const int s = kernel_udp();
    const auto got = receive(*device, is_ipv4(kUdp), [s] { send_hello(s); });
    ASSERT_GE(got.size(), 1u);
    EXPECT_EQ(got[0].bytes.size(), 33u);
    EXPECT_EQ(got[0].offload.checksum, Offload::Checksum::kComplete);
    EXPECT_TRUE(wire::is_checksum_ok(wire::pseudo_header_sum(kKernel, kUs, kUdp, 13),
                                     ByteView(got[0].bytes).subspan(20)));

    Bytes reply = ipv4(kUdp, udp(5000, {'o', 'k'}), 6);
    store_be16(&reply[26], wire::checksum(ByteView(reply).subspan(20)));
    EXPECT_TRUE(transmit_one(*device, reply));
    char text[10];
    EXPECT_EQ(::recv(s, text, sizeof text, 0), 2);
    ::close(s);
  });
}

TEST(Tun, OffloadedDeviceLeavesChecksumsHalfDoneBothWays) {
  in_namespace([] {
    auto device = open_quiet({.name = "t0"});
    ASSERT_NE(device, nullptr);
    EXPECT_TRUE(device->info().has_tx_checksum);
    EXPECT_EQ(device->info().tso_bytes_max, 65535u);
    EXPECT_GE(device->info().rx_buffer_bytes, 65535u);
    const int s = kernel_udp();
    const auto got = receive(*device, is_ipv4(kUdp), [s] { send_hello(s); });
    ASSERT_GE(got.size(), 1u);
    EXPECT_EQ(got[0].offload.checksum, Offload::Checksum::kPartial);
    EXPECT_EQ(got[0].offload.checksum_start, 20);
    EXPECT_EQ(got[0].offload.checksum_offset, 6);

    // The kernel believes a partial checksum, and more pieces than one call takes are no matter.
    const Bytes reply = ipv4(kUdp, udp(5000, Bytes(120, 'x')), 6);
    std::vector<ByteView> pieces;
    for (const std::uint8_t& byte : reply) pieces.push_back({&byte, 1});
    const PacketOut out{pieces, partial(6)};
    EXPECT_EQ(device->transmit({&out, 1}), 1u);
    char text[200];
    EXPECT_EQ(::recv(s, text, sizeof text, 0), 120);
    ::close(s);
  });
}

Bytes tcp(std::uint16_t to_port, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags,
          std::size_t payload_bytes) {
  Bytes t(20 + payload_bytes, 'd');
  store_be16(&t[0], 80);
  store_be16(&t[2], to_port);
  store_be32(&t[4], seq);
  store_be32(&t[8], ack);
  t[12] = 0x50;
  t[13] = flags;
  store_be16(&t[14], 65535);
  store_be16(&t[16], 0);
  store_be16(&t[18], 0);
  return t;
}

TEST(Tun, SuperSegmentsPassBothWays) {
  in_namespace([] {
    auto device = open_quiet({.name = "t0"});
    ASSERT_NE(device, nullptr);
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const sockaddr_in there = at("10.9.0.2", 80);
    EXPECT_EQ(::connect(s, reinterpret_cast<const sockaddr*>(&there), sizeof there), -1);
    const auto syn = receive(*device, is_ipv4(kTcp));
    ASSERT_GE(syn.size(), 1u);
    const std::uint16_t port = load_be16(&syn[0].bytes[20]);
    const std::uint32_t peer_seq = load_be32(&syn[0].bytes[24]) + 1;
    EXPECT_TRUE(
        transmit_one(*device, ipv4(kTcp, tcp(port, 1000, peer_seq, 0x12, 0), 16), partial(16)));

    // Out: 20,000 bytes of payload in units of 536 (what a peer without the option may be sent).
    Offload super = partial(16);
    super.gso_size = 536;
    super.header_bytes = 40;
    EXPECT_TRUE(
        transmit_one(*device, ipv4(kTcp, tcp(port, 1001, peer_seq, 0x18, 20000), 16), super));
    Bytes read(30000);
    EXPECT_EQ(::recv(s, read.data(), read.size(), 0), 20000);

    // In: ten segments leave the kernel as one packet (its first window holds ten).
    Bytes data(5360, 'k');
    EXPECT_EQ(::send(s, data.data(), data.size(), 0), 5360);
    std::size_t largest = 0;
    for (const auto& packet : receive(*device, is_ipv4(kTcp))) {
      if (packet.offload.gso_size == 0) continue;
      EXPECT_EQ(packet.offload.gso_size, 536);
      EXPECT_EQ(packet.offload.header_bytes, 40);
      EXPECT_EQ(packet.offload.checksum, Offload::Checksum::kPartial);
      EXPECT_FALSE(packet.offload.is_ipv6);
      largest = std::max(largest, packet.bytes.size());
    }
    EXPECT_GT(largest, 1500u);
    ::close(s);
  });
}

TEST(Tun, TapCarriesEthernetFrames) {
  in_namespace([] {
    auto device = open_quiet({.name = "t0", .is_tap = true});
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(device->info().framing, DeviceInfo::Framing::kEthernet);
    EXPECT_EQ(device->info().mac.bytes[0] & 3, 2) << "locally administered, not a group";
    const int s = kernel_udp();
    const auto is_arp = [](const Bytes& frame) { return load_be16(&frame[12]) == 0x0806; };
    EXPECT_GE(receive(*device, is_arp, [s] { send_hello(s); }).size(), 1u)
        << "the kernel asks by ARP";
    ::close(s);
  });
}

TEST(Tun, DeviceThatDoesNotExistIsCreatedUpAndGoesWithUs) {
  in_namespace([] {
    auto device = open({.name = "made0", .mtu = 9000});
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(device->info().mtu, 9000u);
    ip("link show dev made0 up | grep -q 'UP.*mtu 9000'");
    device.reset();
    EXPECT_EQ(::if_nametoindex("made0"), 0u);
  });
}

TEST(Tun, EmptyNameLetsTheKernelPick) {
  in_namespace([] {
    auto device = open({});
    ASSERT_NE(device, nullptr);
    EXPECT_EQ(device->info().name, "tun:tun0");
  });
}

TEST(Tun, DeletedDeviceIsLostAndDoesNotSpin) {
  in_namespace([] {
    for (bool is_offloaded : {false, true}) {
      auto device = open({.name = "gone0", .is_offloaded = is_offloaded});
      ASSERT_NE(device, nullptr);
      ip("link delete gone0");
      pollfd p{device->poll_fd(), POLLIN, 0};
      EXPECT_EQ(::poll(&p, 1, 2000), 1) << "the wait ends";
      PacketCollector collector(device->info().rx_buffer_bytes, 100);
      EXPECT_EQ(device->receive(collector), ErrorCode::kDeviceLost);
      EXPECT_EQ(device->receive(collector), ErrorCode::kDeviceLost);
      EXPECT_TRUE(transmit_one(*device, Bytes(40, 0x45)));
      EXPECT_EQ(device->counters().dropped_out, 1u);
    }
  });
}

TEST(Tun, DeviceDeletedWhileSendingIsLost) {
  in_namespace([] {
    auto device = open({.name = "gone0", .is_offloaded = false});
    ASSERT_NE(device, nullptr);
    ip("link delete gone0");
    EXPECT_TRUE(transmit_one(*device, Bytes(40, 0x45)));
    EXPECT_EQ(device->counters().dropped_out, 1u);
    PacketCollector collector(device->info().rx_buffer_bytes);
    EXPECT_EQ(device->receive(collector), ErrorCode::kDeviceLost);
  });
}

TEST(Tun, InterfaceDownDropsAndComesBack) {
  in_namespace([] {
    auto device = open_quiet({.name = "t0", .is_offloaded = false});
    ASSERT_NE(device, nullptr);
    const int s = kernel_udp();
    Bytes packet = ipv4(kUdp, udp(5000, {'o', 'k'}), 6);
    store_be16(&packet[26], wire::checksum(ByteView(packet).subspan(20)));
    ip("link set t0 down");
    EXPECT_TRUE(transmit_one(*device, packet));
    EXPECT_EQ(device->counters().dropped_out, 1u);
    PacketCollector collector(device->info().rx_buffer_bytes);
    EXPECT_EQ(device->receive(collector), ErrorCode::kOk);
    ip("link set t0 up");
    EXPECT_TRUE(transmit_one(*device, packet));
    char text[10];
    EXPECT_EQ(::recv(s, text, sizeof text, 0), 2);
    ::close(s);
  });
}

TEST(Tun, PacketThatIsNotIpIsRefusedAndCounted) {
  in_namespace([] {
    auto device = open_quiet({.name = "t0", .is_offloaded = false});
    ASSERT_NE(device, nullptr);
    EXPECT_TRUE(transmit_one(*device, Bytes(40, 0xf5)));
    EXPECT_TRUE(transmit_one(*device, {}));
    EXPECT_EQ(device->counters().dropped_out, 2u);
  });
}

TEST(Tun, HeaderAndOffloadsAreSetAtEachAttach) {
  in_namespace([] {
    // A persistent device remembers; here a program before us left a header of 12 and no offloads.
    ip("tuntap add dev t0 mode tun");
    const int before = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    ifreq request{};
    std::strcpy(request.ifr_name, "t0");
    request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
    ASSERT_EQ(::ioctl(before, TUNSETIFF, &request), 0);
    const int twelve = 12;
    ASSERT_EQ(::ioctl(before, TUNSETVNETHDRSZ, &twelve), 0);
    ::close(before);
    for (bool is_offloaded : {true, false, true}) {
      auto device = open({.name = "t0", .is_offloaded = is_offloaded, .mtu = 1500});
      ASSERT_NE(device, nullptr);
      int header_bytes = 0;
      ASSERT_EQ(::ioctl(device->poll_fd(), TUNGETVNETHDRSZ, &header_bytes), 0);
      EXPECT_EQ(header_bytes, 10);
      ifreq now{};
      ASSERT_EQ(::ioctl(device->poll_fd(), TUNGETIFF, &now), 0);
      EXPECT_EQ((now.ifr_flags & IFF_VNET_HDR) != 0, is_offloaded);
      const std::string on = is_offloaded ? "on" : "off";
      if (std::system("command -v ethtool >/dev/null") == 0) {
        EXPECT_EQ(std::system(("ethtool -k t0 | grep -q '^tx-checksumming: " + on + "'").c_str()),
                  0);
      }
    }
  });
}

TEST(Tun, MultiQueueDeviceIsAttachedAsSuch) {
  in_namespace([] {
    ip("tuntap add dev mq0 mode tun multi_queue");
    auto first = open({.name = "mq0", .mtu = 1500});
    ASSERT_NE(first, nullptr);
    const auto plain = open_tun({.name = "mq0", .is_offloaded = false});
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().code, ErrorCode::kInProgress);
  });
}

TEST(Tun, FailuresAreSentencesThatSayWhatToDo) {
  in_namespace([] {
    auto holder = open({.name = "held0"});
    ASSERT_NE(holder, nullptr);
    ip("tuntap add dev tap0 mode tap");
    struct Row {
      TunOptions options;
      ErrorCode code;
      const char* text;
    };
    const Row rows[] = {
        {{.name = "held0"}, ErrorCode::kInProgress, "another program is attached to 'held0'"},
        {{.name = "tap0"},
         ErrorCode::kInvalidArgument,
         "'tap0' is not a tun device but tap: write tap:tap0"},
        {{.name = "held0", .is_tap = true}, ErrorCode::kInvalidArgument, "write tun:held0"},
        {{.name = "lo"}, ErrorCode::kInvalidArgument, "'lo' is not a tun device but another kind"},
        {{.name = "sixteen_letters_"}, ErrorCode::kInvalidArgument, "at most 15 characters"},
        {{.name = "a/b"}, ErrorCode::kInvalidArgument, "not an interface name"},
        {{.name = "t%d"}, ErrorCode::kInvalidArgument, "not an interface name"},
        {{.name = "x0", .mtu = 10}, ErrorCode::kInvalidArgument, "an MTU is 68 to 65535 bytes"},
    };
    for (const Row& row : rows) {
      const auto device = open_tun(row.options);
      ASSERT_FALSE(device) << row.options.name;
      EXPECT_EQ(device.error().code, row.code) << device.error().text;
      EXPECT_NE(device.error().text.find(row.text), std::string::npos) << device.error().text;
    }
  });
}

TEST(Tun, WithoutRightsTheSentenceGivesTheCommandForRoot) {
  in_namespace([] {
    ip("tuntap add dev other0 mode tun user 12345");
    // The child drops its capabilities but stays root by number: /dev/net/tun opens whatever its
    // mode.
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[2] = {};
    ASSERT_EQ(::syscall(SYS_capset, &header, none), 0);
    for (const char* name : {"new0", "other0"}) {
      const auto device = open_tun({.name = name});
      ASSERT_FALSE(device);
      EXPECT_EQ(device.error().code, ErrorCode::kPermissionDenied);
      EXPECT_NE(
          device.error().text.find("`ip tuntap add dev " + std::string(name) + " mode tun user"),
          std::string::npos)
          << device.error().text;
    }
  });
}

}  // namespace
}  // namespace oriel::link
