// Both ends of a connection in one set, without a host: what each call does to the other end.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loopback/pipe_looks.h"
#include "loopback/pipe_set.h"
#include "support/req.h"

namespace oriel::loopback {
namespace {

namespace te = socket::transport_event;

/// Notes what a pipe told.
class Listening final : public socket::TransportUser {
 public:
  void on_transport_events(Instant, socket::Transport&, std::uint16_t events) override {
    heard |= events;
    ++times;
  }
  std::uint16_t take() { return std::exchange(heard, 0); }
  std::uint16_t heard = 0;
  int times = 0;
};

Endpoint at(const char* text) {
  return Endpoint::parse(text).value();
}

ByteView pipe_view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

class PipeTest : public ::testing::Test {
 protected:
  PipeTest() { connect(); }
  ~PipeTest() override { settle(); }

  void connect(std::uint32_t window = 0) {
    tcp::TcpSocketOptions plain;
    tcp::TcpSocketOptions receiving;
    receiving.rcv_buffer_bytes = window;
    const auto pair =
        set.connect_here(now, at("127.0.0.1:1000"), at("127.0.0.1:80"), plain, receiving);
    ASSERT_TRUE(pair);
    a = pair->connecting;
    b = pair->accepting;
    a->set_user(&user_a);
    b->set_user(&user_b);
    settle();
  }
  void settle() {
    for (int i = 0; set.has_work() && i < 100; ++i) set.run(now);
    if (is_waiting) {  // as a select or a request that is queued
      set.for_each([](const Pipe& pipe) { const_cast<Pipe&>(pipe).want_readable(); });
      for (int i = 0; set.has_work() && i < 100; ++i) set.run(now);
    }
    EXPECT_FALSE(set.has_work());
  }
  std::string read(Pipe& pipe, std::size_t most = 1 << 20) {
    std::string out(most, '\0');
    out.resize(pipe.receive(now, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()}));
    return out;
  }
  std::size_t send(Pipe& pipe, const std::string& text) { return pipe.send(now, pipe_view(text)); }

  Instant now{1};
  bool is_waiting = true;
  PipeSet set{256};
  Pipe* a = nullptr;
  Pipe* b = nullptr;
  Listening user_a;
  Listening user_b;
};

TEST_F(PipeTest, BothEndsAreConnectedAtOnce) {
  EXPECT_TRUE(user_a.take() & te::kConnected);
  EXPECT_TRUE(user_b.take() & te::kConnected);
  EXPECT_TRUE(a->is_connected());
  EXPECT_EQ(a->remote(), b->local());
  EXPECT_TRUE(set.is_taken(a->local(), a->remote()));
}

TEST_F(PipeTest, BytesArriveAndAreTold) {
  user_b.take();
  EXPECT_EQ(send(*a, "hello"), 5u);
  EXPECT_EQ(a->bytes_acked(), 5u);  // the receiver's buffer holds it
  settle();
  EXPECT_EQ(user_b.take(), te::kReadable);
  EXPECT_EQ(b->readable_bytes(), 5u);
  EXPECT_EQ(read(*b), "hello");
}

TEST_F(PipeTest, ToldOnceUntilDrained) {
  user_b.times = 0;
  send(*a, "1");
  settle();
  send(*a, "2");
  send(*a, "3");
  settle();
  EXPECT_EQ(user_b.times, 1);
  EXPECT_EQ(read(*b), "123");
  send(*a, "4");
  settle();
  EXPECT_EQ(user_b.times, 2);
}

TEST_F(PipeTest, NobodyIsToldWhoDoesNotWait) {
  is_waiting = false;
  send(*a, "first");
  settle();  // the fixture waited before
  EXPECT_EQ(read(*b), "first");
  settle();
  user_b.times = 0;
  send(*a, "second");
  settle();
  EXPECT_EQ(user_b.times, 0);
  EXPECT_EQ(b->readable_bytes(), 6u);  // asked, it knows
  EXPECT_EQ(read(*b), "second");
}

TEST_F(PipeTest, FullRingLeavesTheRestWithTheSender) {
  REQ("LFP-8");
  const std::string big(kRingBytes + 1000, 'x');
  EXPECT_EQ(send(*a, big), kRingBytes);
  EXPECT_EQ(a->send_room(), 0u);
  EXPECT_EQ(send(*a, "y"), 0u);
  settle();
  user_a.take();
  EXPECT_EQ(read(*b, 10).size(), 10u);
  settle();
  EXPECT_EQ(user_a.take() & te::kSendRoom, te::kSendRoom);  // one byte waits, one finds room
  EXPECT_EQ(send(*a, "y"), 1u);
}

TEST_F(PipeTest, WakesALongSendOnlyWhenHalfIsFree) {
  send(*a, std::string(kRingBytes + 200'000, 'x'));
  settle();
  user_a.take();
  read(*b, 1000);
  settle();
  EXPECT_EQ(user_a.take(), 0);
  read(*b, kRingBytes / 2);
  settle();
  EXPECT_EQ(user_a.take(), te::kSendRoom);
}

TEST_F(PipeTest, ReceiveBufferIsTheWindow) {
  REQ("LFP-8");
  REQ("LFP-10");
  connect(4096);
  EXPECT_EQ(send(*a, std::string(10'000, 'x')), 4096u);
  tcp::TcpSocketOptions larger;
  larger.rcv_buffer_bytes = 8192;
  settle();
  user_a.take();
  b->set_options(now, larger);
  settle();
  EXPECT_EQ(user_a.take() & te::kSendRoom, te::kSendRoom);
  EXPECT_EQ(send(*a, std::string(10'000, 'x')), 4096u);
}

TEST_F(PipeTest, HalfCloseEndsOneDirection) {
  REQ("LFP-11");
  send(*a, "last");
  a->shutdown_send(now);
  settle();
  EXPECT_TRUE(user_b.take() & te::kEndOfStream);
  EXPECT_FALSE(b->is_at_end_of_stream());
  EXPECT_EQ(read(*b), "last");
  EXPECT_TRUE(b->is_at_end_of_stream());
  EXPECT_EQ(send(*a, "more"), 0u);
  EXPECT_EQ(send(*b, "answer"), 6u);
  EXPECT_EQ(read(*a), "answer");
  EXPECT_TRUE(b->is_connected());
}

TEST_F(PipeTest, CloseWithUnreadBytesResets) {
  REQ("LFP-11");
  send(*a, "never read");
  settle();
  b->close(now);
  b->detach(now);
  settle();
  EXPECT_TRUE(user_a.take() & te::kFailed);
  EXPECT_EQ(a->error(), ErrorCode::kConnectionReset);
}

TEST_F(PipeTest, SendingToAClosedEndResetsAfterTheBytesAreTaken) {
  REQ("LFP-11");
  b->close(now);
  b->detach(now);
  settle();
  EXPECT_TRUE(user_a.take() & te::kEndOfStream);
  EXPECT_EQ(send(*a, "too late"), 8u);
  settle();
  EXPECT_TRUE(user_a.take() & te::kFailed);
  EXPECT_EQ(a->error(), ErrorCode::kConnectionReset);
}

TEST_F(PipeTest, AbortDropsWhatTheOtherEndHasNotRead) {
  REQ("LFP-11");
  send(*a, "lost");
  settle();
  a->abort(now, ErrorCode::kConnectionAborted);
  settle();
  EXPECT_EQ(a->error(), ErrorCode::kConnectionAborted);
  EXPECT_EQ(b->error(), ErrorCode::kConnectionReset);
  EXPECT_EQ(b->readable_bytes(), 0u);
  EXPECT_EQ(read(*b), "");
}

TEST_F(PipeTest, BytesOutliveTheSender) {
  REQ("LFP-11");
  send(*a, "still there");
  a->close(now);
  a->detach(now);
  settle();
  EXPECT_EQ(read(*b), "still there");
  EXPECT_TRUE(b->is_at_end_of_stream());
}

TEST_F(PipeTest, BothEndsAreFreedWhenBothHaveLetGo) {
  a->close(now);
  a->detach(now);
  settle();
  EXPECT_EQ(set.size(), 2u);
  b->close(now);
  b->detach(now);
  settle();
  EXPECT_EQ(set.size(), 0u);
  EXPECT_FALSE(set.is_taken(at("127.0.0.1:1000"), at("127.0.0.1:80")));
}

TEST_F(PipeTest, SlotsAreUsedAgainAndStartEmpty) {
  for (int i = 0; i < 1000; ++i) {
    send(*a, "left behind");
    a->abort(now, ErrorCode::kConnectionAborted);
    a->detach(now);
    b->close(now);
    b->detach(now);
    settle();
    ASSERT_EQ(set.size(), 0u);
    connect();
    ASSERT_EQ(b->readable_bytes(), 0u);
    ASSERT_TRUE(b->is_connected());
  }
}

TEST_F(PipeTest, BorrowedBytesGoInAsRoomComesAndEndTheStreamBehindThem) {
  const std::string big(kRingBytes * 2 + 5, 'z');
  a->send_borrowed(now, pipe_view(big));
  a->shutdown_send(now);
  EXPECT_EQ(a->bytes_queued(), big.size());
  EXPECT_EQ(a->bytes_acked(), kRingBytes);
  std::string got;
  for (int i = 0; i < 100 && !b->is_at_end_of_stream(); ++i) {
    settle();
    got += read(*b, 50'000);
  }
  EXPECT_EQ(got, big);
  EXPECT_EQ(a->bytes_acked(), big.size());
}

TEST_F(PipeTest, UrgentByteIsAnnouncedAndMarked) {
  REQ("LFP-11");
  send(*a, "ab");
  a->send_urgent(now, '!');
  settle();
  EXPECT_TRUE(user_b.take() & te::kUrgent);
  EXPECT_EQ(b->urgent_bytes_left(), 3u);
  EXPECT_EQ(read(*b, 2), "ab");
  EXPECT_EQ(b->urgent_bytes_left(), 1u);
}

TEST_F(PipeTest, PeerThatDiesIsAReset) {
  REQ("LFP-11");
  user_b.take();
  b->on_peer_died();
  settle();
  EXPECT_TRUE(user_b.take() & te::kFailed);
  EXPECT_EQ(b->error(), ErrorCode::kConnectionReset);
}

TEST_F(PipeTest, TellsWhatItIs) {
  send(*a, "four");
  TcpInfo info;
  b->peek({}, 0);
  settle();
  b->fill_info(now, info);
  EXPECT_EQ(info.path, ConnectionPath::kFast);
  EXPECT_EQ(info.path_reason, PathReason::kFast);
  EXPECT_EQ(info.state, TcpState::kEstablished);
  EXPECT_EQ(info.bytes_in, 4u);
  EXPECT_EQ(info.ideal_send_backlog, 65536u);
}

TEST_F(PipeTest, AbandonedEndsTouchTheMemoryNoMore) {
  send(*a, "the parent's");
  set.abandon();
  settle();
  EXPECT_EQ(a->error(), ErrorCode::kDeviceLost);
  EXPECT_EQ(send(*a, "x"), 0u);
  EXPECT_EQ(read(*b), "");
}

/// A host that is not armed, and looks before it sleeps.
class PipeLooksTest : public PipeTest {
 protected:
  PipeLooksTest() {
    is_waiting = false;
    set.arm_late();
    connect(4096);
  }
  /// One look, which serves what it finds.
  bool finds() {
    PipeLooks looks;
    set.add_looks(looks);
    Instant after = now;
    SpinPolicy spin;
    if (looks.empty() || !looks.look(spin, after)) return false;
    set.look_at_waiting();
    settle();
    return true;
  }
};

TEST_F(PipeLooksTest, NewsAreFoundOnce) {
  REQ("LFP-7");
  b->want_readable();
  EXPECT_FALSE(finds());
  send(*a, "1");
  EXPECT_TRUE(finds());
  EXPECT_TRUE(user_b.take() & te::kReadable);
  EXPECT_FALSE(finds());
}

TEST_F(PipeLooksTest, ADeadEndThatHadShutIsNoNews) {
  REQ("LFP-11");
  b->shutdown_send(now);
  settle();
  a->on_peer_died();
  settle();
  EXPECT_FALSE(a->has_ended());  // what it had sent may still be read
  a->want_readable();
  EXPECT_FALSE(finds());
}

TEST_F(PipeLooksTest, WhoWaitsForRoomAtADeadEndIsTold) {
  REQ("LFP-11");
  b->shutdown_send(now);
  settle();
  EXPECT_EQ(send(*a, std::string(10000, 'x')), 4096u);
  EXPECT_EQ(a->send_room(), 0u);
  user_a.take();
  a->on_peer_died();
  settle();
  EXPECT_TRUE(user_a.take() & te::kSendRoom);
  EXPECT_GT(a->send_room(), 0u);  // as select asks
  EXPECT_FALSE(finds());
  send(*a, "1");
  settle();
  EXPECT_EQ(a->error(), ErrorCode::kConnectionReset);
}

TEST_F(PipeLooksTest, AWakeUpIsAllowedForInOneLook) {
  REQ("LFP-7");
  a->want_readable();
  set.arm_waiting();
  send(*b, "1");  // rings a's host
  b->want_readable();
  for (const bool is_first : {true, false}) {
    PipeLooks looks;
    set.add_looks(looks);
    EXPECT_EQ(looks.is_peer_waking(), is_first);
  }
  settle();
}

TEST(PipeSetTest, NoMoreEndsThanItsLimit) {
  PipeSet set(3);
  const tcp::TcpSocketOptions o;
  ASSERT_TRUE(set.connect_here(Instant{1}, at("127.0.0.1:1"), at("127.0.0.1:80"), o, o));
  const auto second = set.connect_here(Instant{1}, at("127.0.0.1:2"), at("127.0.0.1:80"), o, o);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kNoBuffers);
  EXPECT_EQ(set.size(), 2u);
}

}  // namespace
}  // namespace oriel::loopback
