// What a capture writes, byte for byte, and that the traffic passes unchanged.
#include "link/pcap_tap.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "link/packet_collector.h"

namespace oriel::link {
namespace {

/// Takes at most `room` packets; gives what the test has put into `waiting`.
class FakeDevice final : public Device {
 public:
  const DeviceInfo& info() const override { return info_; }
  std::size_t transmit(std::span<const PacketOut> burst) override {
    return std::min(burst.size(), room);
  }
  ErrorCode receive(RxBurst& burst) override {
    for (; !waiting.empty(); waiting.pop_front()) {
      const ByteSpan buffer = burst.buffer();
      if (buffer.empty()) break;
      std::copy(waiting.front().bytes.begin(), waiting.front().bytes.end(), buffer.begin());
      burst.commit(waiting.front().bytes.size(), waiting.front().offload);
    }
    return ErrorCode::kOk;
  }
  std::size_t room = 100;
  std::deque<PacketCollector::Packet> waiting;
  DeviceInfo info_;
};

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string bytes(std::initializer_list<int> values) {
  std::string s;
  for (int v : values) s.push_back(static_cast<char>(v));
  return s;
}

class PcapTapTest : public ::testing::Test {
 protected:
  PcapTapTest() {
    char name[] = "/tmp/oriel-pcap-XXXXXX";
    const int fd = ::mkstemp(name);
    ::close(fd);
    path_ = name;
  }
  ~PcapTapTest() override { std::filesystem::remove(path_); }
  std::string path_;
};

TEST_F(PcapTapTest, WritesHeaderAndBothDirections) {
  auto inner = std::make_unique<FakeDevice>();
  inner->waiting.push_back({{0x60, 4, 5}, {}});
  auto tap = capture(std::move(inner), path_, [] { return Instant{7'000'000'009}; });
  ASSERT_TRUE(tap);
  const std::uint8_t out[] = {0x45, 1};
  const std::uint8_t tail[] = {2};
  const ByteView pieces[] = {out, tail};
  const PacketOut packet{pieces, {}};
  EXPECT_EQ((*tap)->transmit({&packet, 1}), 1u);
  PacketCollector collector(100);
  EXPECT_EQ((*tap)->receive(collector), ErrorCode::kOk);
  ASSERT_EQ(collector.packets.size(), 1u);
  EXPECT_EQ(collector.packets[0].bytes, (std::vector<std::uint8_t>{0x60, 4, 5}));
  tap->reset();
  const std::string stamp = bytes({7, 0, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0});
  EXPECT_EQ(read_file(path_), bytes({0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0,   0, 0, 0,
                                     0,    0,    0,    0,    0, 0, 4, 0, 101, 0, 0, 0}) +
                                  stamp + bytes({0x45, 1, 2}) + stamp + bytes({0x60, 4, 5}));
}

TEST_F(PcapTapTest, EthernetHasItsOwnLinkType) {
  auto inner = std::make_unique<FakeDevice>();
  inner->info_.framing = DeviceInfo::Framing::kEthernet;
  auto tap = capture(std::move(inner), path_, [] { return Instant{0}; });
  ASSERT_TRUE(tap);
  tap->reset();
  EXPECT_EQ(read_file(path_)[20], 1);
}

TEST_F(PcapTapTest, OnlyWhatTheDeviceTookIsWritten) {
  auto inner = std::make_unique<FakeDevice>();
  inner->room = 1;
  auto tap = capture(std::move(inner), path_, [] { return Instant{0}; });
  ASSERT_TRUE(tap);
  const std::uint8_t data[] = {0x45};
  const ByteView piece = data;
  const PacketOut burst[] = {{{&piece, 1}, {}}, {{&piece, 1}, {}}};
  EXPECT_EQ((*tap)->transmit(burst), 1u);
  tap->reset();
  EXPECT_EQ(read_file(path_).size(), 24u + 16 + 1);
}

TEST_F(PcapTapTest, PartialChecksumIsFinishedInTheCopyOnly) {
  auto tap = capture(std::make_unique<FakeDevice>(), path_, [] { return Instant{0}; });
  ASSERT_TRUE(tap);
  // Two bytes of "IP", then a transport part whose field at offset 2 holds the seed 0x1000.
  std::uint8_t data[] = {0x45, 0, 0x01, 0x02, 0x10, 0x00, 0x03, 0x04, 0x05};
  Offload offload;
  offload.checksum = Offload::Checksum::kPartial;
  offload.checksum_start = 2;
  offload.checksum_offset = 2;
  EXPECT_TRUE(transmit_one(**tap, data, offload));
  EXPECT_EQ(data[4], 0x10);
  tap->reset();
  // ~(0x0102 + 0x1000 + 0x0304 + 0x0500) = ~0x1906 = 0xe6f9
  EXPECT_EQ(read_file(path_).substr(40),
            bytes({0x45, 0, 0x01, 0x02, 0xe6, 0xf9, 0x03, 0x04, 0x05}));
}

TEST_F(PcapTapTest, ChecksumFieldOutsideThePacketIsLeftAlone) {
  auto tap = capture(std::make_unique<FakeDevice>(), path_, [] { return Instant{0}; });
  ASSERT_TRUE(tap);
  const std::uint8_t data[] = {0x45, 0};
  Offload offload;
  offload.checksum = Offload::Checksum::kPartial;
  offload.checksum_start = 65535;
  offload.checksum_offset = 65535;
  EXPECT_TRUE(transmit_one(**tap, data, offload));
  tap->reset();
  EXPECT_EQ(read_file(path_).substr(40), bytes({0x45, 0}));
}

// REQ LFP-7: the loopback is in the same file as the link.
TEST_F(PcapTapTest, PacketsWithoutAFrameHaveOneOfZerosInAFileOfFrames) {
  const auto opened =
      Capture::open(path_, DeviceInfo::Framing::kEthernet, [] { return Instant{0}; });
  ASSERT_TRUE(opened);
  const std::uint8_t packet[] = {0x60, 1, 2};
  (*opened)->note(packet, {});
  (*opened)->flush();
  EXPECT_EQ(read_file(path_).substr(40),
            bytes({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x86, 0xdd, 0x60, 1, 2}));
}

TEST(Capture, PathThatCannotBeWrittenIsASentence) {
  const auto tap = capture(std::make_unique<FakeDevice>(), "/nonexistent-directory/x.pcap",
                           [] { return Instant{0}; });
  ASSERT_FALSE(tap);
  EXPECT_EQ(tap.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(
      tap.error().text,
      "writing the capture '/nonexistent-directory/x.pcap' failed: No such file or directory");
}

TEST(Capture, FullDiskEndsTheCaptureNotTheTraffic) {
  auto tap = capture(std::make_unique<FakeDevice>(), "/dev/full", [] { return Instant{0}; });
  ASSERT_TRUE(tap);
  const std::vector<std::uint8_t> packet(60000, 0x45);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(transmit_one(**tap, packet));
}

}  // namespace
}  // namespace oriel::link
