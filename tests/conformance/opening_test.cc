// RFC 9293 3.5, 3.7.1, 3.8.3: what the handshake says, assumes and gives up on.
#include "lone_end.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(MustMss, BothSynsAnnounceIt) {
  REQ("RFC9293-MUST-14");
  LoneEnd active({}, {}, 1440);
  active.open_active();
  ASSERT_EQ(active.sent.size(), 1u);
  EXPECT_EQ(active.sent[0].header.flags, flag::kSyn);
  EXPECT_EQ(active.sent[0].header.options.mss, 1440);
  LoneEnd passive({}, {}, 1440);
  passive.open_passive(536);
  ASSERT_EQ(passive.sent.size(), 1u);
  EXPECT_EQ(passive.sent[0].header.flags, flag::kSyn | flag::kAck);
  EXPECT_EQ(passive.sent[0].header.options.mss, 1440) << "ours, whatever the peer's is";
}

TEST(MustMss, TheAnnouncedSizeBoundsWhatIsSent) {
  REQ("RFC9293-MUST-14");
  LoneEnd end;
  end.establish(65535, 700);
  end.send(std::string(2100, 'x'));
  ASSERT_EQ(end.sent.size(), 3u);
  for (const auto& s : end.sent) EXPECT_EQ(s.text.size(), 700u);
}

TEST(MustMss, WithoutTheOptionItIs536) {
  REQ("RFC9293-MUST-15");
  LoneEnd end;
  end.establish(65535, 0);
  end.send(std::string(1072, 'x'));
  ASSERT_EQ(end.sent.size(), 2u);
  EXPECT_EQ(end.sent[0].text.size(), 536u);
  EXPECT_EQ(end.sent[1].text.size(), 536u);
}

// min(what the peer takes, what the path takes), less the options that each segment carries.
TEST(MustMss, TheSmallestLimitCountsLessOptions) {
  REQ("RFC9293-MUST-16");
  struct Row {
    std::uint16_t peer, path;
    bool has_timestamps;
    std::size_t text;
  };
  for (const Row& row : {Row{1460, 1000, false, 1000}, Row{900, 1460, false, 900},
                         Row{1460, 1460, true, 1448}, Row{1000, 1460, true, 988}}) {
    TcpConfig config;
    config.is_timestamps = row.has_timestamps;
    LoneEnd end(config, {}, row.path);
    end.open_active();
    SegmentIn answer = end.segment(flag::kSyn | flag::kAck, kPeerIss, kOurIss + 1);
    answer.options.mss = row.peer;
    answer.options.has_timestamps = row.has_timestamps;
    end.arrives(std::move(answer));
    end.clear();
    end.send(std::string(4000, 'x'));
    ASSERT_FALSE(end.sent.empty());
    EXPECT_EQ(end.sent[0].text.size(), row.text) << row.peer << " " << row.path;
  }
}

TEST(MustMss, TheOptionIsInSynsOnly) {
  REQ("RFC9293-MUST-65");
  LoneEnd end;
  end.establish();
  end.send("text");
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 5, "answer");
  end.wait(seconds(1));
  end.close();
  end.arrives(flag::kAck | flag::kFin, kPeerIss + 7, kOurIss + 6);
  ASSERT_GE(end.sent.size(), 4u);  // text, ACK, FIN, ACK of the FIN
  for (const auto& s : end.sent) EXPECT_EQ(s.header.options.mss, 0);
}

// A RST sends a passive opener back to LISTEN, silently, and tells an active one that it was
// refused.
TEST(MustSynReceived, RemembersHowItCameThere) {
  REQ("RFC9293-MUST-11");
  LoneEnd active;
  active.open_active();
  active.arrives(flag::kSyn, kPeerIss, SeqNum(0));
  ASSERT_EQ(active->state(), TcpState::kSynReceived);
  active.clear();
  active.arrives(flag::kRst, kPeerIss + 1, SeqNum(0));
  EXPECT_EQ(active->state(), TcpState::kClosed);
  EXPECT_EQ(active->error(), ErrorCode::kConnectionRefused);
  EXPECT_TRUE(active.sent.empty());
  LoneEnd passive;
  passive.open_passive();
  ASSERT_EQ(passive->state(), TcpState::kSynReceived);
  passive.clear();
  passive.arrives(flag::kRst, kPeerIss + 1, SeqNum(0));
  EXPECT_EQ(passive->state(), TcpState::kClosed);
  EXPECT_NE(passive->error(), ErrorCode::kConnectionRefused) << "nobody had asked for it";
  EXPECT_TRUE(passive.sent.empty());
}

TEST(MustSynReceived, BothOpeningAtOnceMakesOneConnection) {
  REQ("RFC9293-MUST-10");
  LoneEnd end;
  end.open_active();
  end.clear();
  end.arrives(flag::kSyn, kPeerIss, SeqNum(0));
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.flags, flag::kSyn | flag::kAck);
  EXPECT_EQ(end.sent[0].header.seq, kOurIss);
  EXPECT_EQ(end.sent[0].header.ack, kPeerIss + 1);
  end.arrives(flag::kSyn | flag::kAck, kPeerIss, kOurIss + 1);
  EXPECT_EQ(end->state(), TcpState::kEstablished);
}

TEST(MustSynSent, AWrongAckIsResetAndAResetWithoutOurAckIgnored) {
  LoneEnd end;
  end.open_active();
  end.clear();
  end.arrives(flag::kSyn | flag::kAck, kPeerIss, kOurIss + 77);
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.flags, flag::kRst);
  EXPECT_EQ(end.sent[0].header.seq, kOurIss + 77);
  end.arrives(flag::kRst, kPeerIss, SeqNum(0));
  end.arrives(flag::kRst | flag::kAck, kPeerIss, kOurIss + 77);
  EXPECT_EQ(end->state(), TcpState::kSynSent);
  end.arrives(flag::kRst | flag::kAck, SeqNum(0), kOurIss + 1);
  EXPECT_EQ(end->error(), ErrorCode::kConnectionRefused);
}

// Backed off like data; the count is R2.
TEST(MustSynLimits, RepeatsWithBackoffAndThenGivesUp) {
  REQ("RFC9293-MUST-22");
  TcpConfig config;
  config.syn_retransmissions_max = 3;
  LoneEnd end(config);
  const Instant start = end.now();
  end.open_active();
  end.wait(seconds(14));
  ASSERT_EQ(end.sent.size(), 4u);
  for (const auto& s : end.sent) {
    EXPECT_EQ(s.header.flags, flag::kSyn);
    EXPECT_EQ(s.header.seq, kOurIss);
  }
  EXPECT_EQ(end.sent[1].at - start, seconds(1));
  EXPECT_EQ(end.sent[2].at - start, seconds(3));
  EXPECT_EQ(end.sent[3].at - start, seconds(7));
  EXPECT_EQ(end->state(), TcpState::kSynSent);
  end.wait(seconds(1));
  EXPECT_EQ(end->error(), ErrorCode::kTimedOut);
}

TEST(MustSynLimits, ThreeMinutesCanBeAskedFor) {
  TcpConfig config;
  config.syn_retransmissions_max = 7;  // 1 + 2 + 4 + 8 + 16 + 32 + 60 + 60 s
  LoneEnd end(config);
  end.open_active();
  end.wait(seconds(180));
  EXPECT_EQ(end->state(), TcpState::kSynSent);
  end.wait(seconds(4));
  EXPECT_EQ(end->error(), ErrorCode::kTimedOut);
}

TEST(MustSoftErrors, AreToldWhenTheOpenFails) {
  REQ("RFC9293-MUST-47");
  REQ("RFC9293-MUST-56");
  LoneEnd end;
  end.open_active();
  PathError error;
  error.kind = PathError::Kind::kSoft;
  error.code = ErrorCode::kHostUnreachable;
  error.quoted_seq = kOurIss;
  end->on_path_error(end.now(), error);
  EXPECT_EQ(end->state(), TcpState::kSynSent) << "a soft error ends nothing";
  end.wait(seconds(120));
  EXPECT_EQ(end->state(), TcpState::kClosed);
  EXPECT_EQ(end->error(), ErrorCode::kHostUnreachable) << "not just: timed out";
}

}  // namespace
}  // namespace oriel::tcp
