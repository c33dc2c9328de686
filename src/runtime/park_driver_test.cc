// Who drives instead of sleeping: threads whose waits a host's work ended, one at a time, woken at
// their word by anybody; and a port that gives its packet to the thread that posts it while it
// waits.
#include "runtime/park_driver.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "runtime/clock.h"
#include "runtime/completion_port.h"
#include "runtime/event.h"
#include "runtime/park.h"
#include "runtime/thread_record.h"
#include "runtime/wait_many.h"

namespace oriel::runtime {
namespace {

/// Drives one thread at a time: it sleeps on the wake and calls `work` each time that it looks.
class FakeDriver : public ParkDriver {
 public:
  FakeDriver() { EXPECT_TRUE(set_park_driver(*this)); }
  ~FakeDriver() { remove(); }

  void remove() {
    is_ending = true;
    other_wake.notify();
    remove_park_driver(*this);
  }

  bool drive_for(const ParkWait& wait) override {
    bool is_taken = is_driving.exchange(true);
    if (is_taken || is_ending) {
      if (!is_taken) is_driving = false;
      return false;
    }
    ++drives;
    {
      const DrivenWord driven(wait);
      while (!wait.is_over() && !is_ending && real_now() < wait.deadline) {
        if (work != nullptr) {
          const HostWork at_work;
          work(*this);
          if (wait.is_over()) break;
        }
        std::array<FdWait, 2> fds;
        fds[0].fd = wait.wake.fd();
        fds[1].fd = other_wake.fd();
        fd_wait(fds, wait.deadline);
        if (fds[0].is_readable) {
          wait.wake.drain();
          ++wakes;
        }
        if (fds[1].is_readable) other_wake.drain();
      }
    }
    is_driving = false;
    return true;
  }

  void (*work)(FakeDriver&) = nullptr;
  CompletionPort* port = nullptr;
  WakeFd other_wake;
  std::atomic<bool> is_driving{false};
  std::atomic<bool> is_ending{false};
  std::atomic<int> drives{0};
  std::atomic<int> wakes{0};
};

void let_this_thread_drive() {
  ThreadRecord::current().note_wait_ended(true);
}

CompletionPort::Got get(CompletionPort& port, CompletionPacket& packet) {
  return port.get({&packet, 1}, Instant::never());
}

TEST(ParkDriver, AThreadLearnsFromWhoEndsItsWaits) {
  std::thread([] {
    ThreadRecord& self = ThreadRecord::current();
    EXPECT_FALSE(self.may_drive()) << "a program without a host's sockets";
    const auto end_by = [&](bool is_host) {
      WakeList wakes;
      Waiter waiter(self);
      {
        std::optional<HostWork> work;
        if (is_host) work.emplace();
        EXPECT_TRUE(waiter.claim(0, wakes));
      }
      EXPECT_FALSE(HostWork::is_at_work());
      waiter.sleep(Instant::never(), 0);
    };
    end_by(false);
    EXPECT_FALSE(self.may_drive());
    end_by(true);
    EXPECT_TRUE(self.may_drive());
    end_by(false);
    EXPECT_TRUE(self.may_drive()) << "one wait of another kind changes nothing";
    for (int i = 0; i < 8; ++i) end_by(false);
    EXPECT_FALSE(self.may_drive());
  }).join();
}

TEST(ParkDriver, ItsOwnWorkEndsAWaitWithoutAWake) {
  FakeDriver driver;
  auto port = make_ref<CompletionPort>(1u);
  driver.port = port.get();
  driver.work = [](FakeDriver& d) { d.port->post({42, nullptr, 0, 0}); };
  let_this_thread_drive();
  CompletionPacket packet;
  ASSERT_EQ(get(*port, packet).end, CompletionPort::End::kPackets);
  EXPECT_EQ(packet.key, 42u);
  EXPECT_EQ(driver.drives, 1);
  EXPECT_EQ(driver.wakes, 0);
}

TEST(ParkDriver, AnybodyEndsAWaitThatDrives) {
  FakeDriver driver;
  Event event(false, false);
  std::thread other([&] {
    while (!driver.is_driving) std::this_thread::yield();
    event.set();
  });
  let_this_thread_drive();
  EXPECT_EQ(wait_one(event, Instant::never()).end, WaitResult::End::kObject);
  other.join();
  EXPECT_EQ(driver.drives, 1);
  EXPECT_LE(driver.wakes, 1) << "none: it was set before the driver slept";
}

TEST(ParkDriver, AQueuedCallReachesAnAlertableWaitThatDrives) {
  FakeDriver driver;
  static std::atomic<int> calls;
  calls = 0;
  ThreadRecord& self = ThreadRecord::current();
  std::thread other([&] {
    while (!driver.is_driving) std::this_thread::yield();
    self.queue_call({[](std::uintptr_t) { ++calls; }, 0});
  });
  let_this_thread_drive();
  Event never(false, false);
  EXPECT_EQ(wait_one(never, Instant::never(), true).end, WaitResult::End::kCalls);
  EXPECT_EQ(calls, 1);
  other.join();
}

TEST(ParkDriver, ADeadlineEndsAWaitThatDrives) {
  FakeDriver driver;
  let_this_thread_drive();
  Event never(false, false);
  const Instant deadline = real_now() + Duration(2'000'000);
  EXPECT_EQ(wait_one(never, deadline).end, WaitResult::End::kTimeout);
  EXPECT_GE(real_now(), deadline);
  EXPECT_GE(driver.drives, 1);
}

TEST(ParkDriver, ADriverThatGoesLeavesTheThreadAsleepAtItsWord) {
  FakeDriver driver;
  Event event(false, false);
  std::atomic<bool> is_woken{false};
  std::thread sleeper([&] {
    let_this_thread_drive();
    wait_one(event, Instant::never());
    is_woken = true;
  });
  while (!driver.is_driving) std::this_thread::yield();
  driver.remove();
  EXPECT_FALSE(driver.is_driving) << "nobody is in it any more";
  EXPECT_FALSE(is_woken);
  event.set();
  sleeper.join();
}

TEST(ParkDriver, AProcessHasOne) {
  FakeDriver driver;
  struct : ParkDriver {
    bool drive_for(const ParkWait&) override { return false; }
  } other;
  EXPECT_FALSE(set_park_driver(other));
  remove_park_driver(other);  // does nothing
  driver.remove();
  EXPECT_TRUE(set_park_driver(other));
  remove_park_driver(other);
}

// Of two that wait at the port the driver gets what its own work posts, although the other came
// last.
TEST(ParkDriver, ThePortPrefersWhoPostsWhileItWaits) {
  FakeDriver driver;
  auto port = make_ref<CompletionPort>(2u);
  driver.port = port.get();
  static std::atomic<bool> may_post;
  may_post = false;
  driver.work = [](FakeDriver& d) {
    if (may_post.exchange(false)) d.port->post({1, nullptr, 0, 0});
  };
  CompletionPacket of_driver;
  std::thread first([&] {
    let_this_thread_drive();
    get(*port, of_driver);
  });
  while (!driver.is_driving) std::this_thread::yield();
  CompletionPacket of_other;
  std::thread second([&] { get(*port, of_other); });
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();  // it waits by now, or comes to wait
  may_post = true;
  driver.other_wake.notify();
  first.join();
  EXPECT_EQ(of_driver.key, 1u);
  port->post({2, nullptr, 0, 0});
  second.join();
  EXPECT_EQ(of_other.key, 2u);
}

// Threads that come, drive, sleep and are woken by each other: each packet is taken once. A device
// wakes the driver for as long as packets are to come: one whose packet went into the queue, because
// enough threads run, sleeps on it as a host does.
TEST(ParkDriver, StormLosesNoPacketAndNoWake) {
  constexpr int kThreads = 6;
  constexpr std::uint64_t kPackets = 20000;
  FakeDriver driver;
  auto port = make_ref<CompletionPort>(3u);
  driver.port = port.get();
  static std::atomic<std::uint64_t> posted;
  posted = 0;
  driver.work = [](FakeDriver& d) {
    const std::uint64_t n = posted.fetch_add(1);
    if (n < kPackets) d.port->post({n, nullptr, 0, 0});
  };
  std::atomic<std::uint64_t> taken{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      CompletionPacket packet;
      for (;;) {
        let_this_thread_drive();  // others end its waits too, and it would cease to
        if (get(*port, packet).end != CompletionPort::End::kPackets) return;
        if (taken.fetch_add(1) + 1 == 2 * kPackets) port->close();
      }
    });
  }
  for (std::uint64_t i = 0; i < kPackets; ++i) port->post({i, nullptr, 0, 0});
  while (taken < 2 * kPackets) {
    driver.other_wake.notify();
    std::this_thread::yield();
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(taken, 2 * kPackets);
}

}  // namespace
}  // namespace oriel::runtime
