// RFC 9293 3.8.5, with RFC 6093's pointer: it names the octet behind the urgent data.
#include "host_bench.h"
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

TEST(MustUrgent, IsForgottenOnceReadHoweverMuchFollows) {
  REQ("RFC9293-MUST-33");
  LoneEnd end;
  end.establish();
  end.arrives(urgent(end, kPeerIss + 1, 1, "!"));
  ASSERT_EQ(end.read(), "!");
  SeqNum next = kPeerIss + 2;
  const std::string text(50000, 'x');
  for (std::uint64_t sent = 0; sent < (std::uint64_t{1} << 31) + 100000; sent += text.size()) {
    end.arrives(flag::kAck, next, kOurIss + 1, text);
    next += static_cast<std::uint32_t>(text.size());
    ASSERT_EQ(end.read(50000).size(), text.size());
    end.clear();
  }
  EXPECT_EQ(end->urgent_bytes_left(), 0u);
}

TEST(MustUrgent, IsIgnoredAfterThePeersFin) {
  // RFC 9293 3.10.7.4, sixth check: CLOSE-WAIT, CLOSING, LAST-ACK, TIME-WAIT
  LoneEnd end;
  end.establish();
  end.arrives(flag::kAck | flag::kFin, kPeerIss + 1, kOurIss + 1, "end");
  ASSERT_EQ(end->state(), TcpState::kCloseWait);
  end.events = 0;
  end.arrives(urgent(end, kPeerIss + 5, 7, ""));
  EXPECT_FALSE((end.events & event::kUrgent) != 0);
  EXPECT_EQ(end->urgent_bytes_left(), 0u);
  EXPECT_EQ(end.read(), "end");
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

namespace oriel::stack {
namespace {

TEST(MustUrgent, TheProgramHearsOfItWithoutAsking) {
  REQ("RFC9293-MUST-32");
  REQ("RFC9293-MUST-33");
  ManualPair net;
  Connected c = connect(net);
  std::vector<IoResult> news;
  const IoHandler note = [&news](IoResult r) { news.push_back(r); };
  c.server.async_wait_urgent(note);
  ASSERT_TRUE(c.client.try_send(view("calm")).has_value());
  net.run(ms(10));
  EXPECT_TRUE(news.empty());
  ASSERT_TRUE(c.client.send_urgent('!').has_value());
  net.run(ms(1000));
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0].error, ErrorCode::kOk);
  EXPECT_EQ(news[0].bytes, 5u);
  c.server.async_wait_urgent(note);
  net.run(ms(10));
  EXPECT_EQ(news.size(), 1u) << "the same urgent data is told once";
  ASSERT_TRUE(c.client.try_send(view("more")).has_value());
  ASSERT_TRUE(c.client.send_urgent('?').has_value());
  net.run(ms(1000));
  ASSERT_EQ(news.size(), 2u) << "it reaches further";
  EXPECT_EQ(news[1].bytes, 10u);
  EXPECT_EQ(c.server.info().urgent_bytes_left, 10u);
}

TEST(MustUrgent, NewsBeforeAcceptAndBeforeTheAskingIsKept) {
  REQ("RFC9293-MUST-32");
  ManualPair net;
  TcpListener l = net.b.listen_tcp(at("10.0.0.2:80")).value();
  TcpSocket client = net.a.open_tcp().value();
  client.async_connect(at("10.0.0.2:80"), [](IoResult) {});
  net.run(ms(10));
  ASSERT_TRUE(client.send_urgent('!').has_value());
  net.run(ms(10));
  TcpSocket server = l.try_accept().value();
  std::size_t heard = 0;
  server.async_wait_urgent([&](IoResult r) { heard = r.bytes; });
  net.run(ms(10));
  EXPECT_EQ(heard, 1u);
}

TEST(MustUrgent, AReceiveStopsBeforeItsLastByte) {
  REQ("RFC9293-MUST-33");
  ManualPair net;
  Connected c = connect(net);
  ASSERT_TRUE(c.client.try_send(view("ab")).has_value());
  ASSERT_TRUE(c.client.send_urgent('!').has_value());
  ASSERT_TRUE(c.client.try_send(view("calm again")).has_value());
  net.run(ms(1000));
  std::array<std::uint8_t, 100> buffer;
  EXPECT_EQ(c.server.try_receive(buffer).value(), 2u);
  EXPECT_EQ(c.server.info().urgent_bytes_left, 1u);
  EXPECT_EQ(c.server.try_receive(buffer).value(), 11u);
  EXPECT_EQ(c.server.info().urgent_bytes_left, 0u);
}

TEST(MustUrgent, WaitingForItEndsWithTheStreamOrByCancelOrClose) {
  ManualPair net;
  Connected c = connect(net);
  std::vector<ErrorCode> ends;
  const IoHandler note = [&ends](IoResult r) { ends.push_back(r.error); };
  c.server.cancel(c.server.async_wait_urgent(note));
  net.run(ms(1));
  EXPECT_EQ(ends, std::vector{ErrorCode::kCancelled});
  c.server.async_wait_urgent(note);
  ASSERT_TRUE(c.client.shutdown_send().has_value());
  net.run(ms(10));
  EXPECT_EQ(ends.back(), ErrorCode::kShutDown);
  c.client.async_wait_urgent(note);
  c.client.close();
  net.run(ms(10));
  EXPECT_EQ(ends,
            (std::vector{ErrorCode::kCancelled, ErrorCode::kShutDown, ErrorCode::kCancelled}));
}

}  // namespace
}  // namespace oriel::stack
