#include "ip/reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ip/hosts_test.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::ip {
namespace {

using Outcome = Reassembly::Outcome;

class ReassemblyTest : public ::testing::Test {
 protected:
  /// A fragment of `data_` with `id`, over IPv4 or IPv6 (the headers before the data are not looked
  /// at but for the fields that assembling takes over).
  Fragment fragment(std::size_t begin, std::size_t end, bool has_more, std::uint32_t id = 1,
                    bool is_v4 = true) {
    Fragment f;
    f.source = addr(is_v4 ? "10.0.0.1" : "fd00::1");
    f.destination = addr(is_v4 ? "10.0.0.2" : "fd00::2");
    f.identification = id;
    f.protocol = protocol::kUdp;
    f.has_more = has_more;
    f.offset_bytes = static_cast<std::uint32_t>(begin);
    const ByteView bytes(data_.data() + begin, end - begin);
    f.packet = pool_.copy_of(ip_packet(f.source, f.destination, protocol::kUdp, bytes));
    f.data_offset = is_v4 ? 20 : 40;
    return f;
  }
  Outcome add(const Fragment& f, Instant now = at(0)) {
    return reassembly_.add(now, f, whole_, reason_);
  }

  std::vector<std::uint8_t> data_ = pattern(65535);
  BufferPool pool_;
  Reassembly reassembly_{pool_};
  Slice whole_;
  DropReason reason_ = DropReason::kNone;
};

TEST_F(ReassemblyTest, EveryOrderGivesTheSameDatagram) {
  struct Range {
    std::size_t begin, end;
  };
  for (bool is_v4 : {true, false}) {
    const Range ranges[] = {{0, 16}, {16, 40}, {40, 48}, {48, 75}};
    int order[] = {0, 1, 2, 3};
    std::uint32_t id = 0;
    do {
      ++id;
      for (int i = 0; i < 4; ++i) {
        const Range r = ranges[order[i]];
        EXPECT_EQ(add(fragment(r.begin, r.end, r.end != 75, id, is_v4)),
                  i == 3 ? Outcome::kComplete : Outcome::kStored);
      }
      const std::size_t header = is_v4 ? 20 : 40;
      ASSERT_EQ(whole_.size(), header + 75);
      EXPECT_TRUE(std::equal(data_.begin(), data_.begin() + 75, whole_.data() + header));
      if (is_v4) {
        const auto h = wire::parse_ipv4(whole_);
        ASSERT_TRUE(h);
        EXPECT_FALSE(h->is_fragment());
        EXPECT_EQ(h->protocol, protocol::kUdp);
        EXPECT_EQ(h->ttl, 64);
      } else {
        const auto h = wire::parse_ipv6(whole_);
        ASSERT_TRUE(h);
        EXPECT_EQ(h->next_header, protocol::kUdp);
        EXPECT_EQ(h->payload_bytes, 75);
      }
      EXPECT_EQ(reassembly_.bytes(), 0u);
      EXPECT_EQ(reassembly_.size(), 0u);
    } while (std::next_permutation(std::begin(order), std::end(order)));
    EXPECT_EQ(id, 24u);
  }
}

TEST_F(ReassemblyTest, OverlapsEndTheWholeDatagram) {
  struct Row {
    const char* why;
    std::size_t begin, end;
    bool has_more;
  };
  const Row rows[] = {
      {"inside", 24, 32, true},
      {"over the left edge", 8, 24, true},
      {"over the right edge", 32, 48, true},
      {"around", 8, 64, true},
      {"same start, longer", 16, 48, true},
      {"an end before what came", 16, 20, false},
      {"end inside", 0, 20, false},
  };
  std::uint32_t id = 0;
  for (const Row& row : rows) {
    ++id;
    ASSERT_EQ(add(fragment(16, 40, true, id)), Outcome::kStored);
    EXPECT_EQ(add(fragment(row.begin, row.end, row.has_more, id)), Outcome::kDropped) << row.why;
    EXPECT_EQ(reason_, DropReason::kFragmentOverlap) << row.why;
    EXPECT_EQ(reassembly_.bytes(), 0u) << row.why;
    // RFC 5722 4: also those not yet received.
    EXPECT_EQ(add(fragment(0, 16, true, id)), Outcome::kDropped) << row.why;
    EXPECT_EQ(add(fragment(40, 48, false, id)), Outcome::kDropped) << row.why;
  }
  Slice first;
  while (reassembly_.expire(at(30'000), first)) EXPECT_TRUE(first.empty());
  EXPECT_EQ(reassembly_.size(), 0u);
}

TEST_F(ReassemblyTest, BytesBehindTheEndAreAContradiction) {
  ASSERT_EQ(add(fragment(40, 48, false)), Outcome::kStored);
  EXPECT_EQ(add(fragment(48, 56, true)), Outcome::kDropped);
  EXPECT_EQ(reason_, DropReason::kFragmentOverlap);
}

TEST_F(ReassemblyTest, ExactDuplicatesAreIgnoredAndForgedOnesAreNot) {
  ASSERT_EQ(add(fragment(0, 16, true)), Outcome::kStored);
  EXPECT_EQ(add(fragment(0, 16, true)), Outcome::kStored);
  EXPECT_EQ(add(fragment(16, 20, false)), Outcome::kComplete);
  ASSERT_EQ(add(fragment(0, 16, true, 2)), Outcome::kStored);
  Fragment forged = fragment(0, 16, true, 2);
  forged.packet.mutable_data()[25] ^= 1;
  EXPECT_EQ(add(forged), Outcome::kDropped);
  EXPECT_EQ(reason_, DropReason::kFragmentOverlap);
}

TEST_F(ReassemblyTest, MalformedAndTinyFragments) {
  struct Row {
    std::size_t begin, end;
    bool has_more;
    std::uint8_t next_header;
    DropReason expected;
  };
  const Row rows[] = {
      {0, 12, true, protocol::kUdp, DropReason::kFragmentMalformed},          // not a multiple of 8
      {8, 8, false, protocol::kUdp, DropReason::kFragmentMalformed},          // empty
      {65504, 65528, false, protocol::kUdp, DropReason::kFragmentMalformed},  // past 65535
      {0, 16, true, protocol::kTcp, DropReason::kFragmentTiny},
      {8, 64, false, protocol::kTcp, DropReason::kFragmentTiny},
      {0, 24, true, protocol::kTcp, DropReason::kNone},
      {0, 8, true, protocol::kUdp, DropReason::kNone},
  };
  std::uint32_t id = 0;
  for (const Row& row : rows) {
    Fragment f = fragment(row.begin, row.end, row.has_more, ++id);
    f.protocol = row.next_header;
    add(f);
    EXPECT_EQ(reason_, row.expected) << row.begin << "-" << row.end;
  }
}

TEST_F(ReassemblyTest, TimeIsThirtySecondsForIpv4AndSixtyForIpv6) {
  add(fragment(0, 16, true, 1, true), at(0));
  add(fragment(16, 32, true, 2, true), at(0));
  add(fragment(0, 16, true, 1, false), at(0));
  EXPECT_EQ(reassembly_.next_deadline(), at(30'000));
  Slice first;
  EXPECT_FALSE(reassembly_.expire(at(29'999), first));
  ASSERT_TRUE(reassembly_.expire(at(30'000), first));
  EXPECT_EQ(first.size(), 20u + 16u);
  ASSERT_TRUE(reassembly_.expire(at(30'000), first));
  EXPECT_TRUE(first.empty());  // offset 0 never came
  EXPECT_FALSE(reassembly_.expire(at(30'000), first));
  EXPECT_EQ(reassembly_.next_deadline(), at(60'000));
  EXPECT_TRUE(reassembly_.expire(at(60'000), first));
  EXPECT_EQ(reassembly_.bytes(), 0u);
}

TEST_F(ReassemblyTest, OneSourceMayHaveSixtyFourUnderWay) {
  for (std::uint32_t id = 0; id < kReassemblyPerSourceMax; ++id) {
    ASSERT_EQ(add(fragment(0, 16, true, id)), Outcome::kStored);
  }
  EXPECT_EQ(add(fragment(0, 16, true, 1000)), Outcome::kDropped);
  EXPECT_EQ(reason_, DropReason::kReassemblyLimit);
  EXPECT_EQ(add(fragment(16, 24, false, 0)), Outcome::kComplete);
  EXPECT_EQ(add(fragment(0, 16, true, 1000)), Outcome::kStored);
}

TEST_F(ReassemblyTest, MemoryStaysBelowTheLimitAndTheOldestGoesFirst) {
  Reassembly small(pool_, 64 << 10);
  for (std::uint32_t id = 0; id < 60; ++id) {
    ASSERT_EQ(small.add(at(id), fragment(0, 1400, true, id), whole_, reason_), Outcome::kStored);
    ASSERT_LE(small.bytes(), 64u << 10);
  }
  EXPECT_EQ(small.add(at(61), fragment(1400, 1404, false, 59), whole_, reason_),
            Outcome::kComplete);
  EXPECT_EQ(small.add(at(61), fragment(1400, 1404, false, 0), whole_, reason_), Outcome::kStored);
}

TEST_F(ReassemblyTest, FragmentsOfOneDatagramAreLimited) {
  for (std::size_t i = 0; i < kFragmentsPerDatagramMax; ++i) {
    ASSERT_EQ(add(fragment(16 * i, 16 * i + 8, true)), Outcome::kStored);
  }
  EXPECT_EQ(add(fragment(16 * 200, 16 * 200 + 8, true)), Outcome::kDropped);
  EXPECT_EQ(reason_, DropReason::kReassemblyLimit);
}

}  // namespace
}  // namespace oriel::ip
