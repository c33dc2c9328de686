// RFC 9293 3.8.5, with RFC 6093's pointer: it names the octet behind the urgent data.
#include "lone_end.h"

namespace oriel::tcp {
namespace {

SegmentIn urgent(LoneEnd& end, SeqNum seq, std::uint16_t pointer, const std::string& text) {
  SegmentIn s = end.segment(flag::kAck | flag::kUrg, seq, kOurIss + 1, text);
  s.urgent = pointer;
  return s;
}

TEST(MustUrgent, IsSentWithThePointerBehindTheByte) {
  REQ("RFC9293-MUST-30");
  REQ("RFC9293-MUST-62");
  LoneEnd end;
  end.establish();
  end->on_send(end.now(), view_of("calm"));
  end->on_send_urgent(end.now(), '!');
  end.pump();
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_EQ(end.sent[0].text, "calm!");
  EXPECT_TRUE(end.sent[0].has(flag::kUrg));
  EXPECT_EQ(end.sent[0].header.urgent, 5);
}

TEST(MustUrgent, AnnouncesAheadOfWhatTheWindowLetsGo) {
  REQ("RFC9293-MUST-31");
  LoneEnd end;
  end.establish(1460);
  end->on_send(end.now(), view_of(std::string(20000, 'u')));
  end->on_send_urgent(end.now(), '!');
  end.pump();
  ASSERT_EQ(end.sent.size(), 1u);
  EXPECT_TRUE(end.sent[0].has(flag::kUrg));
  EXPECT_EQ(end.sent[0].header.urgent, 20001);
}

TEST(MustUrgent, OfAnyLengthIsReceivedInOrder) {
  REQ("RFC9293-MUST-31");
  LoneEnd end;
  end.establish();
  const std::string text(1460, 'u');
  for (std::uint32_t i = 0; i < 10; ++i) {
    end.arrives(
        urgent(end, kPeerIss + 1 + i * 1460, static_cast<std::uint16_t>(14600 - i * 1460), text));
  }
  EXPECT_EQ(end->urgent_bytes_left(), 14600u);
  EXPECT_EQ(end.read().size(), 14600u);
  EXPECT_EQ(end->urgent_bytes_left(), 0u);
}

TEST(MustUrgent, TheOwnerHearsOfItOnceUntilThePointerMoves) {
  REQ("RFC9293-MUST-32");
  LoneEnd end;
  end.establish();
  end.events = 0;
  end.arrives(urgent(end, kPeerIss + 1, 8, "ab"));  // the urgent bytes themselves come later
  EXPECT_TRUE((end.events & event::kUrgent) != 0);
  end.events = 0;
  end.arrives(urgent(end, kPeerIss + 3, 6, "cd"));
  EXPECT_FALSE((end.events & event::kUrgent) != 0) << "the same place";
  end.arrives(urgent(end, kPeerIss + 5, 10, "ef"));
  EXPECT_TRUE((end.events & event::kUrgent) != 0) << "further on";
}

TEST(MustUrgent, HowMuchIsLeftCanBeLearned) {
  REQ("RFC9293-MUST-33");
  LoneEnd end;
  end.establish();
  EXPECT_EQ(end->urgent_bytes_left(), 0u);
  end.arrives(urgent(end, kPeerIss + 1, 4, "abcdef"));
  EXPECT_EQ(end->urgent_bytes_left(), 4u);
  EXPECT_EQ(end.read(3), "abc");
  TcpInfo info;
  end->fill_info(end.now(), info);
  EXPECT_EQ(info.urgent_bytes_left, 1u);
  EXPECT_EQ(end.read(1), "d");
  EXPECT_EQ(end->urgent_bytes_left(), 0u);
}

TEST(MustUrgent, ARepeatedFrontDoesNotMoveThePointer) {
  REQ("RFC9293-MUST-33");
  LoneEnd end;
  end.establish();
  end.arrives(flag::kAck, kPeerIss + 1, kOurIss + 1, "abc");
  end.arrives(urgent(end, kPeerIss + 1, 5, "abcdef"));  // the first half is old
  EXPECT_EQ(end->urgent_bytes_left(), 5u);
  EXPECT_EQ(end.read(), "abcdef");
}

// Fills the receive buffer until a window of 0 was announced; returns the next number of the peer.
SeqNum shut(LoneEnd& end) {
  SeqNum next = kPeerIss + 1;
  for (int i = 0; i < 100; ++i) {
    end.arrives(flag::kAck, next, kOurIss + 1, std::string(1000, 'x'));
    end.wait(std::chrono::seconds(1));
    next = end.sent.back().header.ack;
    if (end.sent.back().header.window == 0) return next;
  }
  ADD_FAILURE() << "the window never shut";
  return next;
}

TEST(MustZeroWindow, UrgentPointersCount) {
  REQ("RFC9293-MUST-66");
  for (const char* text : {"", "!"}) {
    TcpSocketOptions options;
    options.rcv_buffer_bytes = 4000;
    LoneEnd end({}, options);
    end.establish();
    const SeqNum next = shut(end);
    end.events = 0;
    end.arrives(urgent(end, next, 1, text));
    EXPECT_TRUE((end.events & event::kUrgent) != 0) << "text: " << text;
    EXPECT_EQ(end->urgent_bytes_left(), end->readable_bytes() + 1);
  }
}

TEST(MustZeroWindow, ResetsCount) {
  REQ("RFC9293-MUST-66");
  for (const char* text : {"", "why"}) {
    TcpSocketOptions options;
    options.rcv_buffer_bytes = 4000;
    LoneEnd end({}, options);
    end.establish();
    const SeqNum next = shut(end);
    end.arrives(flag::kRst, next, SeqNum(0), text);
    EXPECT_EQ(end->error(), ErrorCode::kConnectionReset) << "text: " << text;
  }
}

}  // namespace
}  // namespace oriel::tcp
