// Threads that wait at a pipe: woken by the other end, by their own, and by time.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>

#include "loopback/pipe_set.h"
#include "runtime/clock.h"
#include "support/req.h"

namespace oriel::loopback {
namespace {

using For = socket::DirectWait::For;

Endpoint ring_end(const char* text) {
  return Endpoint::parse(text).value();
}

/// A set whose owner is whoever holds the lock, as a host's baton is held.
class Shared {
 public:
  Shared() {
    const tcp::TcpSocketOptions o;
    const auto pair =
        set.connect_here(Instant{1}, ring_end("[::1]:1"), ring_end("[::1]:80"), o, o).value();
    a = pair.connecting;
    b = pair.accepting;
    settle();
  }
  void settle() {
    while (set.has_work()) set.run(Instant{1});
  }
  /// One byte out of `pipe`, however long it takes; -1: the connection ended.
  int take(Pipe& pipe) {
    for (;;) {
      std::unique_lock hold(lock);
      std::uint8_t byte = 0;
      const std::size_t n = pipe.receive(Instant{1}, {&byte, 1});
      settle();
      if (n == 1) return byte;
      if (pipe.has_ended() || pipe.is_at_end_of_stream()) return -1;
      wait(pipe, For::kReadable, hold);
    }
  }
  void give(Pipe& pipe, ByteView bytes) {
    while (!bytes.empty()) {
      std::unique_lock hold(lock);
      bytes = bytes.subspan(pipe.send(Instant{1}, bytes));
      settle();
      if (!bytes.empty()) wait(pipe, For::kRoom, hold);
    }
  }
  bool wait(Pipe& pipe, For what, std::unique_lock<std::mutex>& hold,
            Instant deadline = Instant::never()) {
    socket::DirectWait* door = pipe.direct_wait();
    auto ticket = door->begin(what, 1);
    settle();
    if (!ticket) return true;
    ++waiting;
    hold.unlock();
    const bool is_in_time = door->wait(*ticket, deadline);
    hold.lock();
    --waiting;
    door->end(*ticket);
    settle();
    return is_in_time;
  }

  std::mutex lock;
  PipeSet set{8};
  Pipe* a = nullptr;
  Pipe* b = nullptr;
  std::atomic<int> waiting{0};
};

class PipeWait : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shared.a->direct_wait() == nullptr) GTEST_SKIP() << "this kernel has no futex_waitv";
  }
  Shared shared;
};

TEST_F(PipeWait, PingPongLosesNoWakeUp) {
  constexpr int kRounds = 20'000;
  std::thread echo([&] {
    for (int i = 0; i < kRounds; ++i) {
      const std::uint8_t byte = static_cast<std::uint8_t>(shared.take(*shared.b));
      shared.give(*shared.b, {&byte, 1});
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    const auto byte = static_cast<std::uint8_t>(i);
    shared.give(*shared.a, {&byte, 1});
    ASSERT_EQ(shared.take(*shared.a), byte);
  }
  echo.join();
}

TEST_F(PipeWait, SenderThatWaitsForRoomGoesOn) {
  const std::string big(8 * kRingBytes, 'r');
  std::thread sender([&] {
    shared.give(*shared.a, {reinterpret_cast<const std::uint8_t*>(big.data()), big.size()});
  });
  std::string out(10'000, '\0');
  std::size_t got = 0;
  while (got < big.size()) {
    std::unique_lock hold(shared.lock);
    const std::size_t n =
        shared.b->receive(Instant{1}, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    got += n;
    shared.settle();
    if (n == 0) shared.wait(*shared.b, For::kReadable, hold);
  }
  sender.join();
  EXPECT_EQ(got, big.size());
}

TEST_F(PipeWait, OwnCloseAndOtherEndsResetWakeTheWaiter) {
  for (const bool is_other_end : {false, true}) {
    Shared fresh;
    std::thread waiter([&] { EXPECT_EQ(fresh.take(*fresh.b), -1); });
    while (fresh.waiting == 0) std::this_thread::yield();
    {
      const std::scoped_lock hold(fresh.lock);
      (is_other_end ? fresh.a : fresh.b)->abort(Instant{1}, ErrorCode::kConnectionAborted);
      fresh.settle();
    }
    waiter.join();
  }
}

TEST_F(PipeWait, EndOfStreamWakesTheWaiter) {
  std::thread waiter([&] { EXPECT_EQ(shared.take(*shared.b), -1); });
  while (shared.waiting == 0) std::this_thread::yield();
  {
    const std::scoped_lock hold(shared.lock);
    shared.a->shutdown_send(Instant{1});
    shared.settle();
  }
  waiter.join();
}

TEST_F(PipeWait, AWaitEndsAtItsDeadline) {
  std::unique_lock hold(shared.lock);
  EXPECT_FALSE(shared.wait(*shared.b, For::kReadable, hold,
                           runtime::real_now() + std::chrono::milliseconds(1)));
}

TEST_F(PipeWait, ThePipeStaysWhileSomebodyWaits) {
  std::thread waiter([&] { EXPECT_EQ(shared.take(*shared.b), -1); });
  while (shared.waiting == 0) std::this_thread::yield();
  {
    const std::scoped_lock hold(shared.lock);
    for (Pipe* pipe : {shared.b, shared.a}) {
      pipe->abort(Instant{1}, ErrorCode::kCancelled);
    }
    shared.settle();
  }
  waiter.join();
}

}  // namespace
}  // namespace oriel::loopback
