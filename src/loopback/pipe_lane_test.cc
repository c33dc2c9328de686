// Bytes that pass a pipe without its owner, and everything that puts an end to that.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "loopback/pipe_set.h"
#include "support/req.h"

namespace oriel::loopback {
namespace {

ByteView sent_view(const std::string& s) {
  return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

class PipeLaneTest : public ::testing::Test {
 protected:
  PipeLaneTest() {
    const auto pair = set.connect_here(now, Endpoint::parse("127.0.0.1:1000").value(),
                                       Endpoint::parse("127.0.0.1:80").value(), {}, {});
    a = pair->connecting;
    b = pair->accepting;
    settle();
  }
  void settle() {
    for (int i = 0; set.has_work() && i < 100; ++i) set.run(now);
    ASSERT_FALSE(set.has_work());
  }
  /// Not patient: nothing here waits for anybody.
  static std::shared_ptr<socket::Lane> lend(Pipe& pipe) { return pipe.lend({true, true, false}); }
  static std::string read(socket::Lane& lane, std::size_t most = 1000) {
    std::string out(most, '\0');
    out.resize(lane.receive({reinterpret_cast<std::uint8_t*>(out.data()), out.size()}).bytes);
    return out;
  }

  Instant now{1};
  PipeSet set{8};
  Pipe* a = nullptr;
  Pipe* b = nullptr;
};

TEST_F(PipeLaneTest, CarriesBytesWithoutTheOwner) {
  REQ("LFP-7");
  const auto from = lend(*a);
  const auto to = lend(*b);
  ASSERT_TRUE(from && to);
  EXPECT_EQ(from->send(sent_view("hello")).bytes, 5u);
  EXPECT_EQ(read(*to, 2), "he");
  EXPECT_EQ(read(*to), "llo");
  EXPECT_EQ(read(*to), "");
  EXPECT_FALSE(set.has_work());
}

TEST_F(PipeLaneTest, TakesWhatFitsAndNoMore) {
  REQ("LFP-8");
  const auto from = lend(*a);
  const std::string big(2 * kRingBytes, 'x');
  EXPECT_EQ(from->send(sent_view(big)).bytes, kRingBytes);
  EXPECT_EQ(from->send(sent_view(big)).bytes, 0u);
  const auto to = lend(*b);
  EXPECT_EQ(read(*to, 100).size(), 100u);
  EXPECT_EQ(from->send(sent_view(big)).bytes, 100u);
}

TEST_F(PipeLaneTest, TheOwnersTouchTakesADirectionBack) {
  const auto lane = lend(*b);
  EXPECT_EQ(b->readable_bytes(), 0u);
  ASSERT_EQ(a->send(now, sent_view("hello")), 5u);
  EXPECT_EQ(read(*lane), "") << "receiving is the owner's now";
  EXPECT_EQ(lane->send(sent_view("there")).bytes, 5u) << "sending is not";
  EXPECT_EQ(b->readable_bytes(), 5u) << "and nothing is lost";
  ASSERT_EQ(lend(*b), lane) << "the same one each time";
  EXPECT_EQ(read(*lane), "hello");
}

TEST_F(PipeLaneTest, EndsAndUrgentDataGoTheUsualWay) {
  const auto lane = lend(*b);
  a->send_urgent(now, 'u');
  EXPECT_EQ(read(*lane), "");
  std::uint8_t byte = 0;
  EXPECT_EQ(b->receive(now, {&byte, 1}), 1u);
  EXPECT_EQ(byte, 'u');
  const auto from = lend(*a);
  a->shutdown_send(now);
  EXPECT_EQ(from->send(sent_view("late")).bytes, 0u);
  settle();
  lend(*b);
  EXPECT_EQ(read(*lane), "");
  EXPECT_TRUE(b->is_at_end_of_stream());
  EXPECT_EQ(lend(*b), nullptr);
}

TEST_F(PipeLaneTest, ARememberedLaneOfAPipeThatIsGoneDoesNothing) {
  const auto lane = lend(*b);
  for (Pipe* pipe : {a, b}) {
    pipe->close(now);
    pipe->detach(now);
  }
  settle();
  ASSERT_EQ(set.size(), 0u);
  EXPECT_EQ(lane->send(sent_view("x")).bytes, 0u);
  EXPECT_EQ(read(*lane), "");
}

TEST_F(PipeLaneTest, SaysThatTheOtherHostWaits) {
  const auto from = lend(*a);
  b->want_readable();
  settle();
  EXPECT_TRUE(from->send(sent_view("x")).must_ring);
  EXPECT_FALSE(from->send(sent_view("y")).must_ring) << "once";
}

TEST_F(PipeLaneTest, ABellTellsWhoPolls) {
  REQ("LFP-7");
  const auto from = lend(*a);
  socket::QuietWord quiet;
  ASSERT_TRUE(b->watch_quiet(quiet));
  const auto has_rung = [&] { return quiet.word->load() != quiet.seen; };
  EXPECT_FALSE(has_rung());
  EXPECT_FALSE(from->send(sent_view("x")).must_ring) << "it takes no turn of anybody's";
  EXPECT_TRUE(has_rung());
  EXPECT_FALSE(b->watch_quiet(quiet)) << "something is there now";
  settle();
  ASSERT_EQ(read(*lend(*b)), "x");
  ASSERT_TRUE(b->watch_quiet(quiet));
  EXPECT_EQ(lend(*a)->send(sent_view("y")).bytes, 1u);
  EXPECT_TRUE(has_rung()) << "again";
}

TEST_F(PipeLaneTest, TheBellAlsoTellsOfTheEnd) {
  socket::QuietWord quiet;
  ASSERT_TRUE(b->watch_quiet(quiet));
  a->shutdown_send(now);
  EXPECT_NE(quiet.word->load(), quiet.seen);
  settle();
  EXPECT_FALSE(b->watch_quiet(quiet));
}

// Whoever polls may not put to sleep whoever waits at the same end.
TEST_F(PipeLaneTest, PollingLeavesAHostArmed) {
  const auto from = lend(*a);
  b->want_readable();
  settle();
  socket::QuietWord quiet;
  ASSERT_TRUE(b->watch_quiet(quiet));
  EXPECT_TRUE(from->send(sent_view("x")).must_ring);
  EXPECT_NE(quiet.word->load(), quiet.seen);
}

TEST_F(PipeLaneTest, AHostThatIsArmedLaterLeavesTheBell) {
  const auto from = lend(*a);
  socket::QuietWord quiet;
  ASSERT_TRUE(b->watch_quiet(quiet));
  b->want_readable();
  settle();
  EXPECT_TRUE(from->send(sent_view("x")).must_ring);
  EXPECT_NE(quiet.word->load(), quiet.seen);
}

// Whoever sleeps late is armed late: nothing rings while somebody looks.
TEST_F(PipeLaneTest, ArmsOnlyWhoSleeps) {
  set.arm_late();
  const auto from = lend(*a);
  b->want_readable();
  settle();
  PipeLooks looks;
  set.add_looks(looks);
  EXPECT_FALSE(looks.empty());
  SpinPolicy spin;
  Instant later = now;
  EXPECT_FALSE(looks.look(spin, later));
  EXPECT_FALSE(from->send(sent_view("x")).must_ring);
  EXPECT_TRUE(looks.look(spin, later));
  set.arm_waiting();
  EXPECT_TRUE(set.has_work()) << "what came before is found by the look behind the arming";
  settle();
  EXPECT_EQ(b->readable_bytes(), 1u);
}

// One end's thread sends and receives by its lane while the owner of both looks, takes back and
// lends again: the stream stays whole.
TEST_F(PipeLaneTest, AThreadAndTheOwnerShareAnEnd) {
  constexpr std::uint64_t kBytes = 400'000;
  const auto lane = lend(*a);
  std::mutex owner;
  std::atomic<bool> is_over{false};
  std::thread echo([&] {
    std::string buffer(5000, '\0');
    std::uint64_t done = 0;
    while (done < kBytes) {
      auto* bytes = reinterpret_cast<std::uint8_t*>(buffer.data());
      std::size_t got = lane->receive({bytes, buffer.size()}).bytes;
      if (got == 0) {
        const std::scoped_lock hold(owner);
        got = a->receive(now, {bytes, buffer.size()});
        lend(*a);
      }
      for (std::size_t at = 0; at < got;) {
        std::size_t sent = lane->send(ByteView(bytes + at, got - at)).bytes;
        if (sent == 0) {
          const std::scoped_lock hold(owner);
          sent = a->send(now, ByteView(bytes + at, got - at));
          lend(*a);
        }
        at += sent;
        if (sent == 0) std::this_thread::yield();
      }
      done += got;
      if (got == 0) std::this_thread::yield();
    }
    is_over = true;
  });
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint8_t bytes[777];
  while (received < kBytes) {
    const std::scoped_lock hold(owner);
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(sizeof bytes, kBytes - sent));
    for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>((sent + i) * 7);
    sent += b->send(now, ByteView(bytes, n));
    const std::size_t got = b->receive(now, {bytes, sizeof bytes});
    for (std::size_t i = 0; i < got; ++i) {
      ASSERT_EQ(bytes[i], static_cast<std::uint8_t>((received + i) * 7));
    }
    received += got;
    TcpInfo info;
    a->fill_info(now, info);
    set.run(now);
  }
  echo.join();
  EXPECT_TRUE(is_over);
}

}  // namespace
}  // namespace oriel::loopback
