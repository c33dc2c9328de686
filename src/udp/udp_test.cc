#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "udp/datagram.h"
#include "udp/endpoint.h"
#include "wire/checksum.h"

namespace oriel::udp {
namespace {

Endpoint ep(const char* text) {
  return Endpoint::parse(text).value();
}

struct Built {
  std::vector<std::uint8_t> bytes;
  Offload offload;
};

Built build(const Endpoint& from, const Endpoint& to, ChecksumMode mode) {
  const std::array<std::uint8_t, 3> a = {1, 2, 3};
  const std::array<std::uint8_t, 2> b = {4, 5};
  const std::array<ByteView, 2> pieces = {ByteView(a), ByteView(b)};
  std::array<std::uint8_t, kHeaderBytes> header;
  Built out;
  out.offload = emit_header(from, to, pieces, mode, header);
  out.bytes.assign(header.begin(), header.end());
  out.bytes.insert(out.bytes.end(), {1, 2, 3, 4, 5});
  return out;
}

TEST(UdpDatagram, RoundTripInBothFamiliesAndAllChecksumModes) {
  for (const auto& [from, to] : {std::pair{ep("10.0.0.1:5000"), ep("10.0.0.2:53")},
                                 std::pair{ep("[fd00::1]:5000"), ep("[fd00::2]:53")}}) {
    for (ChecksumMode mode :
         {ChecksumMode::kComplete, ChecksumMode::kPartial, ChecksumMode::kNone}) {
      if (mode == ChecksumMode::kNone && to.address.is_v6()) continue;
      Built d = build(from, to, mode);
      if (mode == ChecksumMode::kPartial) {
        EXPECT_EQ(d.offload.checksum, Offload::Checksum::kPartial);
        EXPECT_EQ(d.offload.checksum_offset, 6);
        ASSERT_TRUE(wire::complete_checksum(d.bytes, 0, 6, true));
      }
      ParsedDatagram p;
      ASSERT_EQ(parse_datagram(from.address, to.address, d.bytes, false, p), ParseOutcome::kOk);
      EXPECT_EQ(p.source_port, 5000);
      EXPECT_EQ(p.destination_port, 53);
      EXPECT_EQ(p.payload_bytes, 5u);
    }
  }
}

TEST(UdpDatagram, RefusesWhatIsBroken) {
  const Endpoint from = ep("[fd00::1]:5000");
  const Endpoint to = ep("[fd00::2]:53");
  const Built good = build(from, to, ChecksumMode::kComplete);
  ParsedDatagram p;
  const auto parse = [&](std::vector<std::uint8_t> bytes, bool is_verified = false) {
    return parse_datagram(from.address, to.address, bytes, is_verified, p);
  };
  auto flipped = good.bytes;
  flipped[9] ^= 1;
  EXPECT_EQ(parse(flipped), ParseOutcome::kBadChecksum);
  EXPECT_EQ(parse(flipped, true), ParseOutcome::kOk);
  auto zero = good.bytes;
  zero[6] = zero[7] = 0;
  EXPECT_EQ(parse(zero), ParseOutcome::kZeroChecksum);
  auto port = good.bytes;
  port[2] = port[3] = 0;
  EXPECT_EQ(parse(port), ParseOutcome::kZeroPort);
  auto longer = good.bytes;
  longer[5] = 14;
  EXPECT_EQ(parse(longer), ParseOutcome::kTruncated);
  EXPECT_EQ(parse({good.bytes.begin(), good.bytes.begin() + 7}), ParseOutcome::kTruncated);
  auto padded = good.bytes;
  padded.resize(40);
  EXPECT_EQ(parse(padded), ParseOutcome::kOk);
  EXPECT_EQ(p.payload_bytes, 5u);
}

TEST(DatagramQueue, IsBoundedInBytesAndCountsWhatItDrops) {
  BufferPool pool;
  DatagramQueue queue(1000);
  const std::vector<std::uint8_t> bytes(400, 7);
  EXPECT_TRUE(queue.push(
      pool, {.source = ep("10.0.0.1:1"), .destination = {}, .payload = pool.copy_of(bytes)}));
  EXPECT_TRUE(queue.push(
      pool, {.source = ep("10.0.0.1:2"), .destination = {}, .payload = pool.copy_of(bytes)}));
  EXPECT_FALSE(queue.push(
      pool, {.source = ep("10.0.0.1:3"), .destination = {}, .payload = pool.copy_of(bytes)}));
  EXPECT_EQ(queue.drops(), 1u);
  EXPECT_EQ(queue.payload_bytes(), 800u);
  ReceivedDatagram d;
  ASSERT_TRUE(queue.pop(d));
  EXPECT_EQ(d.source.port, 1);
  ASSERT_TRUE(queue.pop(d));
  EXPECT_EQ(d.source.port, 2);
  EXPECT_FALSE(queue.pop(d));
  EXPECT_EQ(queue.payload_bytes(), 0u);
}

TEST(DatagramQueue, EmptyDatagramsAreBoundedAndOneAlwaysFits) {
  BufferPool pool;
  DatagramQueue queue(kDatagramOverheadBytes * 2);
  EXPECT_TRUE(queue.push(pool, {}));
  EXPECT_TRUE(queue.push(pool, {}));
  EXPECT_FALSE(queue.push(pool, {}));
  queue.clear();
  queue.set_bytes_max(1);
  EXPECT_TRUE(queue.push(pool, {.source = {}, .destination = {}, .payload = pool.make(5000)}));
}

TEST(DatagramQueue, SmallDatagramDoesNotKeepALargeBlock) {
  BufferPool pool;
  DatagramQueue queue;
  const Slice block = pool.make(60000);
  ASSERT_TRUE(
      queue.push(pool, {.source = {}, .destination = {}, .payload = block.subslice(100, 10)}));
  EXPECT_EQ(queue.front()->payload.footprint(), 512u);
}

TEST(DatagramQueue, ErrorIsKeptUntilTaken) {
  DatagramQueue queue;
  EXPECT_FALSE(queue.take_error());
  queue.on_path_error({ErrorCode::kConnectionRefused, ep("10.0.0.1:9")});
  EXPECT_TRUE(queue.has_error());
  const auto error = queue.take_error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kConnectionRefused);
  EXPECT_EQ(error->destination.port, 9);
  EXPECT_FALSE(queue.has_error());
}

}  // namespace
}  // namespace oriel::udp
