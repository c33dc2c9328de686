#include "tcp/isn.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

constexpr SipKey kKey{1, 2};
const Endpoint kLocal{IpAddress::v4(10, 0, 0, 1), 1000};
const Endpoint kRemote{IpAddress::v4(10, 0, 0, 2), 80};

// The clock drives it, a tick every 64 ns: a pair that is used again after 10 us is beyond what a
// few bytes took.
TEST(Isn, MovesForwardOneEvery64Nanoseconds) {
  REQ("RFC9293-MUST-8");
  const SeqNum first = initial_seq_num(kKey, kLocal, kRemote, Instant{0});
  EXPECT_EQ(initial_seq_num(kKey, kLocal, kRemote, Instant{63}) - first, 0);
  EXPECT_EQ(initial_seq_num(kKey, kLocal, kRemote, Instant{64}) - first, 1);
  EXPECT_EQ(initial_seq_num(kKey, kLocal, kRemote, Instant{1'000'000'000}) - first, 15'625'000);
}

TEST(Isn, EveryPartOfThePairAndTheKeyMatter) {
  REQ("RFC9293-MUST-9");
  const SeqNum first = initial_seq_num(kKey, kLocal, kRemote, Instant{0});
  const auto with = [&](Endpoint l, Endpoint r, SipKey k) {
    return initial_seq_num(k, l, r, Instant{0});
  };
  EXPECT_NE(with({kLocal.address, 1001}, kRemote, kKey), first);
  EXPECT_NE(with(kLocal, {kRemote.address, 81}, kKey), first);
  EXPECT_NE(with({IpAddress::v4(10, 0, 0, 3), 1000}, kRemote, kKey), first);
  EXPECT_NE(with(kLocal, {IpAddress::v4(10, 0, 0, 3), 80}, kKey), first);
  EXPECT_NE(with(kRemote, kLocal, kKey), first);
  EXPECT_NE(with(kLocal, kRemote, {1, 3}), first);
}

TEST(Isn, WrapsWithTheClock) {
  const SeqNum first = initial_seq_num(kKey, kLocal, kRemote, Instant{0});
  const Instant wrapped{(std::int64_t{1} << 32) * 64};
  EXPECT_EQ(initial_seq_num(kKey, kLocal, kRemote, wrapped), first);
}

TEST(TimestampOffset, SteadyForAPairAndUnlikeItsIsn) {
  EXPECT_EQ(timestamp_offset(kKey, kLocal, kRemote), timestamp_offset(kKey, kLocal, kRemote));
  EXPECT_NE(timestamp_offset(kKey, kLocal, kRemote), timestamp_offset(kKey, kRemote, kLocal));
  EXPECT_NE(timestamp_offset(kKey, kLocal, kRemote),
            initial_seq_num(kKey, kLocal, kRemote, Instant{0}).value());
}

}  // namespace
}  // namespace oriel::tcp
