// A whole connection against another: states, data, loss, closing, attacks. Pieces have their own
// tests.
#include "tcp/connection.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "support/req.h"
#include "tcp/connection_pair.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
namespace flag = wire::tcp_flag;

ByteView bytes_of(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

std::string pattern(std::size_t n, std::uint64_t seed = 7) {
  Random random(seed);
  std::string s(n, '\0');
  for (char& c : s) c = static_cast<char>(random.next());
  return s;
}

std::string read_all(ConnectionPair& pair, int end) {
  std::string s;
  std::uint8_t buffer[65536];
  while (const std::size_t n = pair[end].on_consume(pair.now(), buffer)) {
    s.append(reinterpret_cast<char*>(buffer), n);
  }
  return s;
}

// Moves `data` from end 0 to end 1, reading as it comes; true when all arrived within `limit`.
bool transfer(ConnectionPair& pair, const std::string& data, std::string& got, Duration limit) {
  const Instant end = pair.now() + limit;
  std::size_t sent = 0;
  while (got.size() < data.size() && pair.now() < end) {
    sent += pair[0].on_send(pair.now(), bytes_of(data).subspan(sent));
    if (!pair.step(end)) break;
    got += read_all(pair, 1);
  }
  return got == data;
}

ConnectionPair make_pair(Duration delay = milliseconds(10)) {
  return ConnectionPair({}, {}, delay);
}

TEST(Connection, HandshakeOffersScaleEightAndThenSaysTwoHundredFiftySix) {
  REQ("CM-6");
  ConnectionPair pair = make_pair();
  pair.is_logging = true;
  pair.connect();
  pair.run_for(milliseconds(100));
  EXPECT_EQ(pair[0].state(), TcpState::kEstablished);
  EXPECT_EQ(pair[1].state(), TcpState::kEstablished);
  ASSERT_EQ(pair.log[0].size(), 2u);  // SYN, ACK
  ASSERT_EQ(pair.log[1].size(), 1u);  // SYN-ACK
  EXPECT_EQ(pair.log[0][0].flags, flag::kSyn);
  EXPECT_EQ(pair.log[0][0].options.window_scale, 8);
  EXPECT_EQ(pair.log[0][0].window, 65535);
  EXPECT_EQ(pair.log[0][0].options.mss, 1460);
  EXPECT_TRUE(pair.log[0][0].options.is_sack_permitted);
  EXPECT_FALSE(pair.log[0][0].options.has_timestamps);
  EXPECT_EQ(pair.log[1][0].flags, flag::kSyn | flag::kAck);
  EXPECT_EQ(pair.log[0][1].flags, flag::kAck);
  EXPECT_EQ(pair.log[0][1].window, 256);
}

TEST(Connection, DataArrivesInOrderBothWaysAcrossTheWrap) {
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  const std::string data = pattern(3'000'000);
  std::string got;
  EXPECT_TRUE(transfer(pair, data, got, seconds(30)));
  EXPECT_EQ(pair[1].on_send(pair.now(), bytes_of("hello")), 5u);
  pair.run_for(milliseconds(200));
  EXPECT_EQ(read_all(pair, 0), "hello");
  TcpInfo info;
  pair[0].fill_info(pair.now(), info);
  EXPECT_EQ(info.bytes_acked, data.size());
  EXPECT_EQ(info.segments_retransmitted, 0u);
}

TEST(Connection, SuperSegmentsCarryTheSameBytes) {
  ConnectionPair::End big;
  big.payload_bytes_max = 65000;
  ConnectionPair pair(big, big, milliseconds(1));
  pair.connect();
  pair.run_for(milliseconds(10));
  const std::string data = pattern(5'000'000);
  std::string got;
  EXPECT_TRUE(transfer(pair, data, got, seconds(30)));
}

TEST(Connection, ASlowConnectionSendsSmallSuperSegments) {
  ConnectionPair::End big;
  big.payload_bytes_max = 65000;
  ConnectionPair pair(big, big, milliseconds(50));
  pair.connect();
  pair.run_for(milliseconds(200));
  pair.is_logging = true;
  const std::string data = pattern(10 * 1460);
  EXPECT_EQ(pair[0].on_send(pair.now(), bytes_of(data)), data.size());
  pair.run_for(milliseconds(10));
  ASSERT_EQ(pair.log[0].size(), 5u);  // the initial window, two segments at a time
  for (const SegmentOut& segment : pair.log[0]) EXPECT_EQ(segment.payload_bytes, 2u * 1460);
}

TEST(Connection, SurvivesRandomLossOfBothDirections) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    ConnectionPair::End end;
    end.config.is_timestamps = seed % 2 == 0;
    end.config.is_sack = seed % 3 != 0;
    if (seed % 4 == 0) end.payload_bytes_max = 20000;
    ConnectionPair pair(end, end, milliseconds(20));
    pair.filter = [&](int, SegmentOut&, Instant& arrives) {
      if (random.chance(0.05)) arrives = arrives + milliseconds(7);
      return !random.chance(0.03);
    };
    pair.connect();
    pair.run_for(seconds(20));
    ASSERT_EQ(pair[0].state(), TcpState::kEstablished) << "seed " << seed;
    const std::string data = pattern(400'000, seed);
    std::string got;
    ASSERT_TRUE(transfer(pair, data, got, seconds(300)))
        << "seed " << seed << " got " << got.size();
    pair[0].on_close(pair.now());
    pair.run_for(seconds(60));
    EXPECT_TRUE(pair[1].is_at_end_of_stream()) << "seed " << seed;
    pair[1].on_close(pair.now());
    pair.run_for(seconds(400));
    EXPECT_EQ(pair[0].state(), TcpState::kClosed) << "seed " << seed;
    EXPECT_EQ(pair[1].state(), TcpState::kClosed) << "seed " << seed;
  }
}

TEST(Connection, OneLostSegmentIsRepairedWithoutATimeout) {
  ConnectionPair pair = make_pair(milliseconds(50));
  pair.connect();
  pair.run_for(milliseconds(500));
  int text_segments = 0;
  pair.filter = [&](int from, SegmentOut& s, Instant&) {
    return !(from == 0 && s.payload_bytes != 0 && ++text_segments == 30);
  };
  const std::string data = pattern(300'000);
  std::string got;
  ASSERT_TRUE(transfer(pair, data, got, seconds(30)));
  TcpInfo info;
  pair[0].fill_info(pair.now(), info);
  EXPECT_EQ(info.segments_retransmitted, 1u);
  EXPECT_EQ(info.timeouts, 0u);
  EXPECT_EQ(info.fast_retransmit_episodes, 1u);
}

// A device gives ACKs in bursts: those before the first sign of a loss must not make the window
// that it cuts look smaller than it was.
TEST(Connection, ALossInABurstOfAcksCutsTheWholeWindow) {
  ConnectionPair pair = make_pair(milliseconds(50));
  pair.connect();
  pair.run_for(milliseconds(200));
  bool is_losing = false;
  Instant last;
  int burst = 0;  // segments since the sender last paused
  pair.filter = [&](int from, SegmentOut&, Instant& arrives) {
    constexpr Duration kGrid = milliseconds(25);
    if (from == 1) {  // ACKs wait for the next mark and come together
      arrives = Instant{(arrives.ns + kGrid.count() - 1) / kGrid.count() * kGrid.count()};
      return true;
    }
    burst = arrives > last ? 1 : burst + 1;
    last = arrives = arrives > last ? arrives : last + std::chrono::microseconds(20);
    const bool is_lost = is_losing && burst == 40;
    if (is_lost) is_losing = false;
    return !is_lost;
  };
  const std::string data = pattern(2'000'000);
  pair[0].on_send_borrowed(pair.now(), bytes_of(data));
  std::string got;
  TcpInfo info;
  const auto run_until = [&](auto&& is_reached) {
    for (int i = 0; i < 4000 && !is_reached(); ++i) {
      pair.run_for(milliseconds(1));
      got += read_all(pair, 1);
      pair[0].fill_info(pair.now(), info);
    }
  };
  run_until([&] { return info.cwnd >= 60 * 1460; });
  is_losing = true;
  std::uint32_t cwnd_before = 0;
  run_until([&] {
    if (info.fast_retransmit_episodes == 0) cwnd_before = info.cwnd;
    return info.fast_retransmit_episodes != 0;
  });
  ASSERT_EQ(info.fast_retransmit_episodes, 1u);
  EXPECT_GE(info.ssthresh, cwnd_before * 65 / 100);
}

TEST(Connection, ALostTailIsRepairedByAProbe) {
  ConnectionPair pair = make_pair(milliseconds(50));
  pair.connect();
  pair.run_for(milliseconds(500));
  bool is_dropped = false;
  pair.filter = [&](int from, SegmentOut& s, Instant&) {
    if (from == 0 && (s.flags & flag::kPsh) != 0 && !is_dropped) {
      is_dropped = true;
      return false;
    }
    return true;
  };
  const std::string data = pattern(10'000);
  std::string got;
  const Instant begin = pair.now();
  ASSERT_TRUE(transfer(pair, data, got, seconds(30)));
  EXPECT_LE(pair.now() - begin, milliseconds(450));  // PTO ends where the RTO would (RFC 8985 7.2)
  TcpInfo info;
  pair[0].fill_info(pair.now(), info);
  EXPECT_EQ(info.tail_loss_probes, 1u);
  EXPECT_EQ(info.timeouts, 0u);
}

TEST(Connection, HalfCloseLetsTheOtherDirectionGoOn) {
  REQ("RFC9293-HALF-CLOSE");
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair[0].on_close(pair.now());
  pair.run_for(milliseconds(100));
  EXPECT_EQ(pair[0].state(), TcpState::kFinWait2);
  EXPECT_EQ(pair[1].state(), TcpState::kCloseWait);
  EXPECT_TRUE(pair[1].is_at_end_of_stream());
  EXPECT_EQ(pair[1].on_send(pair.now(), bytes_of("after")), 5u);
  pair.run_for(milliseconds(100));
  EXPECT_EQ(read_all(pair, 0), "after");
  pair[1].on_close(pair.now());
  pair.run_for(milliseconds(100));
  EXPECT_EQ(pair[0].state(), TcpState::kTimeWait);
  EXPECT_EQ(pair[1].state(), TcpState::kClosed);
  EXPECT_EQ(pair[1].error(), ErrorCode::kOk);
  pair.run_for(seconds(130));
  EXPECT_EQ(pair[0].state(), TcpState::kClosed);
}

TEST(Connection, SimultaneousOpenAndCloseEndInOrder) {
  REQ("RFC9293-MUST-10");
  REQ("RFC9293-SIMULTANEOUS-OPEN");
  ConnectionPair pair = make_pair();
  pair.open_both();
  pair.run_for(seconds(3));
  EXPECT_EQ(pair[0].state(), TcpState::kEstablished);
  EXPECT_EQ(pair[1].state(), TcpState::kEstablished);
  pair[0].on_send(pair.now(), bytes_of("ping"));
  pair.run_for(milliseconds(100));
  EXPECT_EQ(read_all(pair, 1), "ping");
  pair[0].on_close(pair.now());
  pair[1].on_close(pair.now());
  pair.run_for(milliseconds(100));
  EXPECT_EQ(pair[0].state(), TcpState::kTimeWait);
  EXPECT_EQ(pair[1].state(), TcpState::kTimeWait);
}

TEST(Connection, AClosedWindowIsProbedAndOpensAgain) {
  REQ("RFC9293-MUST-35");
  ConnectionPair::End reader;
  reader.options.rcv_buffer_bytes = 8192;
  ConnectionPair pair({}, reader, milliseconds(10));
  pair.connect();
  pair.run_for(milliseconds(100));
  const std::string data = pattern(40'000);
  std::size_t sent = pair[0].on_send(pair.now(), bytes_of(data));
  ASSERT_EQ(sent, data.size());
  pair.run_for(seconds(600));
  EXPECT_EQ(pair[0].state(), TcpState::kEstablished);
  EXPECT_LE(pair[1].readable_bytes(), 8192u);
  TcpInfo info;
  pair[0].fill_info(pair.now(), info);
  EXPECT_GE(info.zero_window_probes, 5u);
  std::string got;
  while (got.size() < data.size()) {
    got += read_all(pair, 1);
    if (!pair.step(pair.now() + seconds(100))) break;
  }
  EXPECT_EQ(got, data);
}

TEST(Connection, ALostWindowUpdateDoesNotHangTheSender) {
  ConnectionPair::End reader;
  reader.options.rcv_buffer_bytes = 8192;
  ConnectionPair pair({}, reader, milliseconds(10));
  pair.connect();
  pair.run_for(milliseconds(100));
  const std::string data = pattern(12'000);
  pair[0].on_send(pair.now(), bytes_of(data));
  pair.run_for(seconds(5));
  pair.filter = [](int from, SegmentOut&, Instant&) { return from == 0; };
  std::string got = read_all(pair, 1);  // the update is lost
  pair.pump();
  pair.filter = {};
  pair.run_for(seconds(130));
  got += read_all(pair, 1);
  EXPECT_EQ(got, data);
}

TEST(Connection, AResetMustHitTheNextNumberExactly) {
  REQ("RFC5961-3.2");
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair.is_logging = true;
  SegmentIn rst;
  rst.flags = flag::kRst;
  rst.seq = SeqNum(1000) + 1 + 500;  // in the window, not its beginning
  pair[1].on_segment(pair.now(), rst);
  pair.pump();
  EXPECT_EQ(pair[1].state(), TcpState::kEstablished);
  ASSERT_EQ(pair.log[1].size(), 1u);
  EXPECT_EQ(pair.log[1][0].flags, flag::kAck);
  rst.seq = SeqNum(1001);
  pair[1].on_segment(pair.now(), rst);
  EXPECT_EQ(pair[1].state(), TcpState::kClosed);
  EXPECT_EQ(pair[1].error(), ErrorCode::kConnectionReset);
}

TEST(Connection, ASynOnALiveConnectionGetsAChallengeAck) {
  REQ("RFC5961-4.2");
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair.is_logging = true;
  SegmentIn syn;
  syn.flags = flag::kSyn;
  syn.seq = SeqNum(5000);
  pair[1].on_segment(pair.now(), syn);
  pair.pump();
  EXPECT_EQ(pair[1].state(), TcpState::kEstablished);
  ASSERT_EQ(pair.log[1].size(), 1u);
  EXPECT_EQ(pair.log[1][0].flags, flag::kAck);
}

TEST(Connection, UnreadBytesAtCloseMakeAReset) {
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair[0].on_send(pair.now(), bytes_of("nobody reads this"));
  pair.run_for(milliseconds(100));
  pair[1].on_orphaned(pair.now());
  pair.run_for(milliseconds(100));
  EXPECT_EQ(pair[0].state(), TcpState::kClosed);
  EXPECT_EQ(pair[0].error(), ErrorCode::kConnectionReset);
}

TEST(Connection, AResetBehindAFinIsNoEndOfStream) {
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair[0].on_send(pair.now(), bytes_of("lost unread"));
  pair[0].on_close(pair.now());
  pair.run_for(milliseconds(100));
  EXPECT_EQ(pair[1].readable_bytes(), 11u);
  pair[0].on_abort(pair.now(), ErrorCode::kConnectionAborted);
  pair.run_for(milliseconds(100));
  EXPECT_EQ(pair[1].error(), ErrorCode::kConnectionReset);
  EXPECT_EQ(pair[1].readable_bytes(), 0u);
  EXPECT_FALSE(pair[1].is_at_end_of_stream());
}

TEST(Connection, AResetInLastAckLeavesWhatCameReadable) {
  REQ("RFC9293-3.10.7.4");
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair[0].on_send(pair.now(), bytes_of("came whole"));
  pair[0].on_close(pair.now());
  pair.run_for(milliseconds(100));
  pair.filter = [](int from, SegmentOut&, Instant&) { return from == 1; };  // the last ACK is lost
  pair[1].on_close(pair.now());
  pair.run_for(milliseconds(100));
  ASSERT_EQ(pair[1].state(), TcpState::kLastAck);
  SegmentIn rst;
  rst.flags = flag::kRst;
  rst.seq = SeqNum(1000) + 1 + 10 + 1;
  pair[1].on_segment(pair.now(), rst);
  EXPECT_EQ(pair[1].state(), TcpState::kClosed);
  EXPECT_EQ(pair[1].error(), ErrorCode::kOk);
  EXPECT_EQ(read_all(pair, 1), "came whole");
  EXPECT_TRUE(pair[1].is_at_end_of_stream());
}

TEST(Connection, SilenceEndsInATimeout) {
  REQ("RFC9293-MUST-20");
  ConnectionPair::End end;
  end.config.retransmissions_max = 3;
  ConnectionPair pair(end, end, milliseconds(10));
  pair.connect();
  pair.run_for(milliseconds(100));
  pair.filter = [](int, SegmentOut&, Instant&) { return false; };
  pair[0].on_send(pair.now(), bytes_of("lost"));
  pair.run_for(seconds(60));
  EXPECT_EQ(pair[0].state(), TcpState::kClosed);
  EXPECT_EQ(pair[0].error(), ErrorCode::kTimedOut);
}

TEST(Connection, AnOrphanKeepsSendingUntilTheRetransmissionsAreOver) {
  REQ("RFC9293-SHLD-11");
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair[0].on_send(pair.now(), bytes_of("last words"));
  pair[0].on_close(pair.now());
  pair[0].on_orphaned(pair.now());
  pair.filter = [](int, SegmentOut&, Instant&) { return false; };
  pair.run_for(seconds(100));
  EXPECT_EQ(pair[0].state(), TcpState::kFinWait1);
  pair.filter = nullptr;
  pair.run_for(seconds(100));
  EXPECT_EQ(read_all(pair, 1), "last words");
  EXPECT_TRUE(pair[1].is_at_end_of_stream());
}

TEST(Connection, NobodyAnswersTheSyn) {
  ConnectionPair pair = make_pair();
  pair.is_logging = true;
  pair.filter = [](int, SegmentOut&, Instant&) { return false; };
  pair.connect();
  pair.run_for(seconds(120));
  EXPECT_EQ(pair[0].state(), TcpState::kClosed);
  EXPECT_EQ(pair[0].error(), ErrorCode::kTimedOut);
  EXPECT_EQ(pair.log[0].size(), 5u);  // FACTS 3.4: 1 s and four retransmissions
}

TEST(Connection, UrgentPointerNamesTheByteAfter) {
  REQ("RFC9293-MUST-62");
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  pair.is_logging = true;
  pair[0].on_send_urgent(pair.now(), '!');
  pair.run_for(milliseconds(100));
  ASSERT_FALSE(pair.log[0].empty());
  EXPECT_TRUE(pair.log[0][0].flags & flag::kUrg);
  EXPECT_EQ(pair.log[0][0].urgent, 1);
  EXPECT_TRUE(pair.events[1] & event::kUrgent);
}

TEST(Connection, KeepaliveEndsAConnectionWhosePeerIsGone) {
  ConnectionPair::End end;
  end.options.is_keepalive = true;
  ConnectionPair pair(end, {}, milliseconds(10));
  pair.connect();
  pair.run_for(seconds(3 * 3600));
  EXPECT_EQ(pair[0].state(), TcpState::kEstablished);
  pair.filter = [](int, SegmentOut&, Instant&) { return false; };
  pair.run_for(seconds(3 * 3600));
  EXPECT_EQ(pair[0].error(), ErrorCode::kTimedOut);
}

TEST(Connection, ASmallerPathMtuIsObeyed) {
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  const std::string data = pattern(100'000);
  std::string got;
  int too_big = 0;
  SeqNum quoted;
  pair.filter = [&](int from, SegmentOut& s, Instant&) {
    if (from == 0 && s.payload_bytes > 1000) {
      ++too_big;
      quoted = s.seq;
      return false;
    }
    return true;
  };
  std::size_t sent = pair[0].on_send(pair.now(), bytes_of(data));
  pair.pump();
  ASSERT_GT(too_big, 0);
  PathError error;
  error.kind = PathError::Kind::kPacketTooBig;
  error.path_mss = 1000;
  error.quoted_seq = quoted;
  pair[0].on_path_error(pair.now(), error);
  ASSERT_TRUE(transfer(pair, data.substr(0, sent) + data.substr(sent), got, seconds(60)) ||
              got.size() >= sent);
}

TEST(Connection, AnOrphanInLastAckCutsAndSendsAgainAtOnceWhenThePathShrinks) {
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(milliseconds(100));
  const std::string data = pattern(2'920);
  pair[1].on_close(pair.now());
  pair.run_for(milliseconds(100));
  SeqNum quoted;
  pair.filter = [&](int from, SegmentOut& s, Instant&) {
    if (from != 0 || (s.mss != 0 ? s.mss : s.payload_bytes) <= 1000) return true;
    quoted = s.seq;
    return false;
  };
  ASSERT_EQ(pair[0].on_send(pair.now(), bytes_of(data)), data.size());
  pair[0].on_close(pair.now());
  pair[0].on_orphaned(pair.now());
  pair.pump();
  ASSERT_EQ(pair[0].state(), TcpState::kLastAck);
  PathError error;
  error.kind = PathError::Kind::kPacketTooBig;
  error.path_mss = 1000;
  error.quoted_seq = quoted;
  pair[0].on_path_error(pair.now(), error);
  pair.is_logging = true;
  pair.run_for(milliseconds(10));  // one way, no timer
  ASSERT_EQ(pair.log[0].size(), 3u);
  EXPECT_EQ(pair.log[0][0].seq, SeqNum(1001));
  EXPECT_EQ(pair.log[0][0].mss, 1000);  // the device cuts it
  EXPECT_EQ(pair.log[0][1].payload_bytes, 1000u);
  EXPECT_EQ(pair.log[0][2].payload_bytes, 460u);
  EXPECT_NE(pair.log[0][2].flags & flag::kFin, 0);
  EXPECT_EQ(read_all(pair, 1), data);
  pair.run_for(milliseconds(100));
  EXPECT_TRUE(pair[0].is_closed());
  EXPECT_EQ(pair[0].error(), ErrorCode::kOk);
}

TEST(Connection, ChallengeAcksAreLimited) {
  REQ("RFC5961-7");
  ConnectionPair pair = make_pair();
  pair.connect();
  pair.run_for(seconds(2));
  pair.is_logging = true;
  for (int i = 0; i < 100; ++i) {
    SegmentIn syn;
    syn.flags = flag::kSyn;
    syn.seq = SeqNum(5000);
    pair[1].on_segment(pair.now(), syn);
    pair.pump();
  }
  EXPECT_EQ(pair.log[1].size(), 10u);
}

TEST(Connection, IsSmallEnoughToHaveAHundredThousand) {
  EXPECT_LE(sizeof(Connection), 1200u) << sizeof(Connection);
}

}  // namespace
}  // namespace oriel::tcp
