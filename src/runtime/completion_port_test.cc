// Order, limits and crowds at a completion port.
#include "runtime/completion_port.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/thread_record.h"
#include "runtime/wait_many.h"

namespace oriel::runtime {
namespace {

using End = CompletionPort::End;
constexpr Instant kNow{0};

CompletionPort::Got get_one(CompletionPort& port, CompletionPacket& packet, Instant deadline,
                            bool is_alertable = false) {
  return port.get({&packet, 1}, deadline, is_alertable);
}

TEST(CompletionPort, PacketsLeaveInOrderBeyondTheFirstRing) {
  auto port = make_ref<CompletionPort>(0u);
  CompletionPacket packet;
  EXPECT_EQ(get_one(*port, packet, kNow).end, End::kTimeout);
  for (std::uintptr_t i = 0; i < 1000; ++i) EXPECT_TRUE(port->post({i, nullptr, 3, i * 2}));
  EXPECT_EQ(port->depth(), 1000u);
  for (std::uintptr_t i = 0; i < 500; ++i) {
    ASSERT_EQ(get_one(*port, packet, kNow).end, End::kPackets);
    ASSERT_EQ(packet.key, i);
    ASSERT_EQ(packet.bytes, i * 2);
    ASSERT_EQ(packet.status, 3u);
  }
  std::array<CompletionPacket, 600> many;
  const auto got = port->get(many, kNow);
  EXPECT_EQ(got.count, 500u);
  EXPECT_EQ(many[499].key, 999u);
}

TEST(CompletionPort, DeadlineAndQueuedCallsEndAWait) {
  auto port = make_ref<CompletionPort>(1u);
  CompletionPacket packet;
  const Instant deadline = real_now() + Duration(2'000'000);
  EXPECT_EQ(get_one(*port, packet, deadline).end, End::kTimeout);
  EXPECT_GE(real_now(), deadline);
  ThreadRecord& self = ThreadRecord::current();
  std::thread caller([&] { self.queue_call({[](std::uintptr_t) {}, 0}); });
  EXPECT_EQ(get_one(*port, packet, Instant::never(), true).end, End::kCalls);
  caller.join();
  port->post({});
  EXPECT_EQ(get_one(*port, packet, kNow).end, End::kPackets) << "the wait left nothing behind";
}

TEST(CompletionPort, CloseEndsWaitsAndPosts) {
  auto port = make_ref<CompletionPort>(0u);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      CompletionPacket packet;
      EXPECT_EQ(get_one(*port, packet, Instant::never()).end, End::kClosed);
    });
  }
  port->close();
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(port->post({}));
}

// The second thread gets its packet only when the first parks.
TEST(CompletionPort, ConcurrencyOfOneLetsTheNextRunWhenTheFirstParks) {
  auto port = make_ref<CompletionPort>(1u);
  Event first_may_go(false, false);
  std::atomic<int> running{0};
  port->post({1});
  port->post({2});
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      CompletionPacket packet;
      ASSERT_EQ(get_one(*port, packet, Instant::never()).end, End::kPackets);
      EXPECT_EQ(running.fetch_add(1), packet.key == 1 ? 0 : 1);
      if (packet.key == 1) {
        EXPECT_EQ(port->depth(), 1u) << "the other must not have been let in";
        wait_one(first_may_go, Instant::never());
      } else {
        first_may_go.set();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(running.load(), 2);
}

TEST(CompletionPort, StormDeliversEachPacketOnce) {
  constexpr int kConsumers = 3;
  constexpr int kProducers = 2;
  constexpr std::uintptr_t kEach = 20'000;
  auto port = make_ref<CompletionPort>(2u);
  std::vector<std::atomic<std::uint8_t>> seen(kProducers * kEach);
  std::atomic<std::size_t> delivered{0};
  std::vector<std::thread> threads;
  for (int c = 0; c < kConsumers; ++c) {
    threads.emplace_back([&, c] {
      std::array<CompletionPacket, 8> packets;
      for (int round = 0;; ++round) {
        const Instant deadline = round % 5 == 0 ? real_now() + Duration(30'000) : Instant::never();
        const std::size_t room = c == 0 ? packets.size() : 1;
        const auto got = port->get(std::span(packets).first(room), deadline);
        if (got.end == End::kClosed) return;
        for (std::size_t i = 0; i < got.count; ++i) seen[packets[i].key].fetch_add(1);
        delivered.fetch_add(got.count);
      }
    });
  }
  for (int p = 0; p < kProducers; ++p) {
    threads.emplace_back([&, p] {
      for (std::uintptr_t i = 0; i < kEach; ++i) port->post({p * kEach + i});
    });
  }
  while (delivered.load() < kProducers * kEach) std::this_thread::yield();
  port->close();
  for (auto& thread : threads) thread.join();
  for (auto& count : seen) ASSERT_EQ(count.load(), 1);
}

}  // namespace
}  // namespace oriel::runtime
