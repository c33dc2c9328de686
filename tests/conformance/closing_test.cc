// RFC 9293 3.6 and 3.10.7.4: half-close, RST in every state, TIME-WAIT.
#include "lone_end.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Leads a fresh connection into `state`; the peer's next number is kPeerIss + 1 or, after its FIN,
// + 2.
SeqNum lead_to(LoneEnd& end, TcpState state) {
  end.establish();
  const SeqNum next = kPeerIss + 1;
  const bool is_peer_first = state == TcpState::kCloseWait || state == TcpState::kLastAck;
  if (is_peer_first) end.arrives(flag::kAck | flag::kFin, next, kOurIss + 1);
  if (state != TcpState::kEstablished && state != TcpState::kCloseWait) end.close();
  if (state == TcpState::kFinWait2) end.arrives(flag::kAck, next, kOurIss + 2);
  if (state == TcpState::kClosing) end.arrives(flag::kAck | flag::kFin, next, kOurIss + 1);
  if (state == TcpState::kTimeWait) end.arrives(flag::kAck | flag::kFin, next, kOurIss + 2);
  EXPECT_EQ(end->state(), state);
  end.clear();
  const bool has_fin = is_peer_first || state == TcpState::kClosing || state == TcpState::kTimeWait;
  return has_fin ? next + 1 : next;
}

constexpr TcpState kSynchronised[] = {
    TcpState::kEstablished, TcpState::kFinWait1, TcpState::kFinWait2, TcpState::kCloseWait,
    TcpState::kClosing,     TcpState::kLastAck,  TcpState::kTimeWait};

TEST(MustReset, EndsTheConnectionInEveryStateAndTheProgramHears) {
  REQ("RFC9293-MUST-12");
  for (const TcpState state : kSynchronised) {
    LoneEnd end;
    const SeqNum next = lead_to(end, state);
    end.arrives(flag::kRst, next, SeqNum(0));
    EXPECT_EQ(end->state(), TcpState::kClosed) << static_cast<int>(state);
    EXPECT_TRUE(end.sent.empty()) << "a RST is not answered";
    const bool is_quiet =
        state == TcpState::kClosing || state == TcpState::kLastAck || state == TcpState::kTimeWait;
    if (is_quiet) continue;  // both sides had finished (RFC 9293 3.10.7.4)
    EXPECT_EQ(end->error(), ErrorCode::kConnectionReset) << static_cast<int>(state);
    EXPECT_TRUE((end.events & event::kFailed) != 0);
  }
}

TEST(MustReset, BesideTheExpectedNumberItIsQuestionedAndOutsideTheWindowDropped) {
  for (const TcpState state : kSynchronised) {
    LoneEnd end;
    const SeqNum next = lead_to(end, state);
    end.arrives(flag::kRst, next - 1, SeqNum(0));
    EXPECT_TRUE(end.sent.empty()) << static_cast<int>(state);
    EXPECT_EQ(end->state(), state);
    end.arrives(flag::kRst, next + 5, SeqNum(0));
    EXPECT_EQ(end->state(), state);
    ASSERT_EQ(end.sent.size(), 1u) << static_cast<int>(state);
    EXPECT_EQ(end.sent[0].header.ack, next);
  }
}

TEST(MustClose, WhatIsQueuedGoesBeforeTheFin) {
  LoneEnd end;
  end.establish(0);
  end.send("last words");
  end.close();
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, {}, 1000);
  std::string text;
  for (const auto& s : end.sent) text += s.text;
  EXPECT_EQ(text, "last words");
  EXPECT_TRUE(end.sent.back().has(flag::kFin));
  EXPECT_EQ(end->state(), TcpState::kFinWait1);
}

TEST(MustClose, HalfClosedItStillReceives) {
  LoneEnd end;
  lead_to(end, TcpState::kFinWait2);
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 2, "still here");
  EXPECT_EQ(end.read(), "still here");
  end.arrives(flag::kAck | flag::kFin, kPeerIss + 11, kOurIss + 2);
  EXPECT_EQ(end->state(), TcpState::kTimeWait);
  EXPECT_EQ(end.sent.back().header.ack, kPeerIss + 12);
}

TEST(MustTimeWait, LastsTwiceTheSegmentLifetime) {
  REQ("RFC9293-MUST-13");
  LoneEnd end;
  lead_to(end, TcpState::kTimeWait);
  end.wait(seconds(120) - milliseconds(1));
  EXPECT_EQ(end->state(), TcpState::kTimeWait);
  end.wait(milliseconds(1));
  EXPECT_EQ(end->state(), TcpState::kClosed);
}

TEST(MustTimeWait, ARepeatedFinIsAcknowledgedAndStartsItAnew) {
  REQ("RFC9293-MUST-13");
  LoneEnd end;
  lead_to(end, TcpState::kTimeWait);
  end.wait(seconds(100));
  end.arrives(flag::kAck | flag::kFin, kPeerIss + 1, kOurIss + 2);
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].header.ack, kPeerIss + 2);
  end.wait(seconds(119));
  EXPECT_EQ(end->state(), TcpState::kTimeWait);
  end.wait(seconds(1));
  EXPECT_EQ(end->state(), TcpState::kClosed);
}

}  // namespace
}  // namespace oriel::tcp
