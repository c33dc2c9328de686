// RFC 9293 3.7.4, 3.8: data, acknowledgments, windows, limits and keep-alive of an open connection.
#include "lone_end.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(MustAcceptance, OnlyWhatTouchesTheWindowCounts) {
  LoneEnd end;
  end.establish();
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, "abc");
  EXPECT_EQ(end.read(), "abc");
  end.clear();
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, "abcde");  // half old
  EXPECT_EQ(end.read(), "de");
  end.clear();
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, "abc");  // all old: only says where we are
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.ack, kPeerIss + 6);
  end.clear();
  end.arrives(flag::kAck, kPeerIss + 1'000'000, kOurIss + 1, "far");
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.ack, kPeerIss + 6);
  EXPECT_EQ(end.read(), "");
}

TEST(MustPush, TheLastSegmentCarriesItAlsoWhenRepeated) {
  REQ("RFC9293-MUST-61");
  LoneEnd end;
  end.establish();
  end.send(std::string(3000, 'x'));
  ASSERT_EQ(end.sent.size(), 3u);
  EXPECT_FALSE(end.sent[0].has(flag::kPsh));
  EXPECT_FALSE(end.sent[1].has(flag::kPsh));
  EXPECT_TRUE(end.sent[2].has(flag::kPsh));
  end.clear();
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 2921);
  end.wait(seconds(10));
  ASSERT_FALSE(end.sent.empty());
  for (const auto& s : end.sent) EXPECT_TRUE(s.has(flag::kPsh)) << "nothing more is queued";
}

// Less than a segment, too small a window for Nagle and for the silly window rule: it goes after a
// while.
TEST(MustPush, DataIsNotKeptForEver) {
  REQ("RFC9293-MUST-60");
  LoneEnd end;
  end.establish(100);
  end.send("first");
  end.send("second");
  ASSERT_EQ(end.sent.size(), 1u) << "Nagle";
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 6, {}, 100);
  ASSERT_EQ(end.sent.size(), 2u) << "the acknowledgment lets it go";
  EXPECT_EQ(end.sent[1].text, "second");
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 12, {}, 10);
  end.clear();
  end.send(std::string(1000, 'x'));
  end.wait(seconds(60));
  EXPECT_GE(end.text_segments(), 1u) << "the override timer lets part of it go";
}

TEST(MustAck, AtLeastEverySecondFullSegmentAndWithinHalfASecond) {
  REQ("RFC9293-MUST-40");
  TcpConfig config;
  config.ack.quick_segments = 0;
  LoneEnd end(config);
  end.establish();
  const std::string full(1460, 'x');
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, full);
  EXPECT_TRUE(end.sent.empty());
  end.arrives(flag::kAck, kPeerIss + 1461, kOurIss + 1, full);
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.ack, kPeerIss + 2921);
  end.clear();
  end.arrives(flag::kAck, kPeerIss + 2921, kOurIss + 1, "short");
  EXPECT_TRUE(end.sent.empty());
  end.wait(milliseconds(499));
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.ack, kPeerIss + 2926);
}

TEST(MustAck, OneForAllThatArrivedTogether) {
  REQ("RFC9293-MUST-58");
  REQ("RFC9293-MUST-59");
  LoneEnd end;
  end.establish();
  for (std::uint32_t i = 0; i < 10; ++i) {
    SegmentIn s =
        end.segment(flag::kAck, kPeerIss + 1 + i * 1460, kOurIss + 1, std::string(1460, 'x'));
    end->on_segment(end.now(), s);
  }
  end->on_burst_end(end.now());
  end.pump();
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.ack, kPeerIss + 14601);
}

// What was sent is beyond the new right edge: it is repeated or waits, the connection goes on.
TEST(MustWindow, TakenBackItDoesNoHarm) {
  REQ("RFC9293-MUST-34");
  LoneEnd end;
  end.establish(10000);
  end.send(std::string(14600, 'x'));
  ASSERT_EQ(end.text_segments(), 6u);
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1461, {}, 1460);
  const std::size_t before = end.text_segments();
  end.wait(seconds(30));
  for (std::size_t i = before; i < end.sent.size(); ++i) {
    const auto bytes = static_cast<std::uint32_t>(end.sent[i].text.size());
    EXPECT_TRUE(seq_leq(end.sent[i].header.seq + bytes, kOurIss + 10001)) << "no new text beyond";
  }
  EXPECT_EQ(end->state(), TcpState::kEstablished);
  for (int i = 0; i < 20 && end->bytes_acked() < 14600; ++i) {  // wide again: all is acknowledged
    SeqNum last = kOurIss + 1461;
    for (const auto& s : end.sent) {
      last = seq_max(last, s.header.seq + static_cast<std::uint32_t>(s.text.size()));
    }
    end.arrives(flag::kAck, kPeerIss + 1, last);
    end.wait(seconds(1));
  }
  EXPECT_EQ(end->bytes_acked(), 14600u) << "all of it left in the end";
}

// Byte by byte the program reads, but the window is not announced byte by byte.
TEST(MustWindow, TheReceiverDoesNotOfferCrumbs) {
  REQ("RFC9293-MUST-39");
  TcpSocketOptions options;
  options.rcv_buffer_bytes = 8000;
  LoneEnd end({}, options);
  end.establish();
  std::uint32_t got = 0;
  for (; got + 1000 <= 8000; got += 1000) {
    end.arrives(flag::kAck, kPeerIss + 1 + got, kOurIss + 1, std::string(1000, 'x'));
  }
  end.wait(seconds(1));
  ASSERT_FALSE(end.sent.empty());
  ASSERT_EQ(end.sent.back().header.window, 0) << "full";
  SeqNum edge = end.sent.back().header.ack;
  end.clear();
  for (int i = 0; i < 4000; ++i) {
    ASSERT_EQ(end.read(1), "x");
    if (i % 100 == 0) end.arrives(flag::kAck, kPeerIss + got, kOurIss + 1, "p");  // knocks
  }
  ASSERT_FALSE(end.sent.empty());
  int moves = 0;
  for (const auto& s : end.sent) {
    const SeqNum now_edge = s.header.ack + s.header.window;
    if (now_edge == edge) continue;
    EXPECT_GE(now_edge - edge, 1460) << "by min(buffer / 2, MSS) at least";
    edge = now_edge;
    ++moves;
  }
  EXPECT_GE(moves, 1);
}

TEST(MustWindow, AShutOneIsProbedWithoutEnd) {
  REQ("RFC9293-MUST-35");
  REQ("RFC9293-MUST-36");
  REQ("RFC9293-MUST-37");
  TcpConfig config;
  config.retransmissions_max = 3;
  LoneEnd end(config);
  end.establish(0);
  end.send("waits");
  EXPECT_TRUE(end.sent.empty());
  for (int i = 0; i < 200; ++i) {  // more than R2 allows unanswered
    end.wait(seconds(61));
    ASSERT_FALSE(end.sent.empty()) << i;
    end.clear();
    end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, {}, 0);
    ASSERT_EQ(end->state(), TcpState::kEstablished);
  }
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, {}, 1000);
  ASSERT_EQ(end.text_segments(), 1u);
}

TEST(MustLimits, R2EndsTheConnectionAndAProgramSetsIt) {
  REQ("RFC9293-MUST-20");
  REQ("RFC9293-MUST-21");
  TcpSocketOptions options;
  options.user_timeout = seconds(20);
  LoneEnd end({}, options);
  end.establish();
  end.send("lost");
  end.wait(seconds(19));
  EXPECT_EQ(end->state(), TcpState::kEstablished);
  end.wait(seconds(41));  // the next time-out after it
  EXPECT_EQ(end->state(), TcpState::kClosed);
  EXPECT_EQ(end->error(), ErrorCode::kTimedOut);
  EXPECT_TRUE((end.events & event::kFailed) != 0);

  LoneEnd patient;
  patient.establish();
  patient.send("lost");
  patient.wait(seconds(60));
  EXPECT_EQ(patient->state(), TcpState::kEstablished) << "the default is R2 = 15 repetitions";
}

TEST(MustSoftErrors, DoNotEndAnOpenConnection) {
  REQ("RFC9293-MUST-56");
  LoneEnd end;
  end.establish();
  end.send("text");
  PathError error;
  error.code = ErrorCode::kHostUnreachable;
  error.quoted_seq = kOurIss + 1;
  end->on_path_error(end.now(), error);
  EXPECT_EQ(end->state(), TcpState::kEstablished);
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 5);
  EXPECT_EQ(end->bytes_acked(), 4u);
}

TEST(MustKeepalive, IsSwitchedOnAndOffForOneConnection) {
  REQ("RFC9293-MUST-24");
  REQ("RFC9293-MUST-25");
  LoneEnd end;
  end.establish();
  end.wait(minutes(121));
  EXPECT_TRUE(end.sent.empty()) << "off by default";
  TcpSocketOptions options;
  options.is_keepalive = true;
  end->on_options_changed(end.now(), options);
  end.wait(minutes(119));
  EXPECT_TRUE(end.sent.empty());
  end.wait(minutes(1) + milliseconds(1));
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.seq, kOurIss) << "just below what the peer expects";
  EXPECT_TRUE(end.sent[0].text.empty());
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1);
  end.clear();
  options.is_keepalive = false;
  end->on_options_changed(end.now(), options);
  end.wait(minutes(500));
  EXPECT_TRUE(end.sent.empty());
  EXPECT_EQ(end->state(), TcpState::kEstablished);
}

TEST(MustNagle, HoldsTheSecondShortSegmentUnlessSwitchedOff) {
  REQ("RFC9293-MUST-17");
  for (const bool is_nodelay : {false, true}) {
    TcpSocketOptions options;
    options.is_nodelay = is_nodelay;
    LoneEnd end({}, options);
    end.establish();
    end.send("a");
    end.send("b");
    EXPECT_EQ(end.sent.size(), is_nodelay ? 2u : 1u);
  }
}

}  // namespace
}  // namespace oriel::tcp
