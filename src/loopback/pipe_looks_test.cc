// What a host that is about to sleep sees at its rings: never twice the same news, and no news of
// the dead.
#include "loopback/pipe_looks.h"

#include <gtest/gtest.h>

#include <vector>

#include "loopback/pipe_set.h"
#include "support/req.h"

namespace oriel::loopback {
namespace {

namespace te = socket::transport_event;

class HearsRoom final : public socket::TransportUser {
 public:
  void on_transport_events(Instant, socket::Transport&, std::uint16_t events) override {
    heard |= events;
  }
  std::uint16_t heard = 0;
};

class PipeLooksTest : public ::testing::Test {
 protected:
  PipeLooksTest() {
    set.arm_late();
    tcp::TcpSocketOptions small;
    small.rcv_buffer_bytes = 4096;
    const auto pair = set.connect_here(now, Endpoint::parse("127.0.0.1:1000").value(),
                                       Endpoint::parse("127.0.0.1:80").value(), small, small);
    a = pair->connecting;
    b = pair->accepting;
    a->set_user(&user_a);
    b->set_user(&user_b);
    settle();
  }
  ~PipeLooksTest() override { settle(); }
  void settle() {
    for (int i = 0; set.has_work() && i < 100; ++i) set.run(now);
    EXPECT_FALSE(set.has_work());
  }
  /// One look of a host, which serves what it finds.
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
  void fill(Pipe& from) {
    const std::vector<std::uint8_t> bytes(10000);
    EXPECT_EQ(from.send(now, bytes), 4096u);
    settle();
  }

  Instant now{1};
  PipeSet set{256};
  Pipe* a = nullptr;
  Pipe* b = nullptr;
  HearsRoom user_a;
  HearsRoom user_b;
};

TEST_F(PipeLooksTest, NewsAreFoundOnce) {
  REQ("LFP-7");
  b->want_readable();
  EXPECT_FALSE(finds());
  const std::uint8_t byte = 1;
  EXPECT_EQ(a->send(now, {&byte, 1}), 1u);
  EXPECT_TRUE(finds());
  EXPECT_TRUE(user_b.heard & te::kReadable);
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
  fill(*a);
  EXPECT_EQ(a->send_room(), 0u);
  user_a.heard = 0;
  a->on_peer_died();
  settle();
  EXPECT_TRUE(user_a.heard & te::kSendRoom);
  EXPECT_GT(a->send_room(), 0u);  // as select asks
  EXPECT_FALSE(finds());
  const std::uint8_t byte = 1;
  (void)a->send(now, {&byte, 1});
  settle();
  EXPECT_EQ(a->error(), ErrorCode::kConnectionReset);
}

TEST_F(PipeLooksTest, AWakeUpIsAllowedForInOneLook) {
  REQ("LFP-7");
  a->want_readable();
  set.arm_waiting();
  const std::uint8_t byte = 1;
  EXPECT_EQ(b->send(now, {&byte, 1}), 1u);  // rings a's host
  b->want_readable();
  for (const bool is_first : {true, false}) {
    PipeLooks looks;
    set.add_looks(looks);
    EXPECT_EQ(looks.is_peer_waking(), is_first);
  }
}

}  // namespace
}  // namespace oriel::loopback
