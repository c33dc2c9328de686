// Who holds a word, lets go of it, or dies with it; beside the C library's own robust mutexes.
#include "runtime/robust_word.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "runtime/futex.h"

namespace oriel::runtime {
namespace {

/// A word and its node, as far apart as they must be.
struct Held {
  std::atomic<std::uint32_t> word{0};
  std::array<std::uint8_t, 20> gap{};
  RobustNode node;
};
static_assert(offsetof(Held, node) + offsetof(RobustNode, next) == kRobustWordBefore);

class RobustMutex {
 public:
  RobustMutex() {
    pthread_mutexattr_t how;
    ::pthread_mutexattr_init(&how);
    ::pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    ::pthread_mutex_init(&mutex_, &how);
    ::pthread_mutexattr_destroy(&how);
  }
  ~RobustMutex() { ::pthread_mutex_destroy(&mutex_); }
  RobustMutex(const RobustMutex&) = delete;
  RobustMutex& operator=(const RobustMutex&) = delete;
  int lock() { return ::pthread_mutex_lock(&mutex_); }
  void unlock() { ::pthread_mutex_unlock(&mutex_); }
  void mend() { ::pthread_mutex_consistent(&mutex_); }

 private:
  pthread_mutex_t mutex_;
};

TEST(RobustWord, AThreadThatEndsWithItHasDied) {
  Held held;
  std::thread([&] {
    EXPECT_TRUE(hold_robustly(held.word, held.node));
    EXPECT_NE(held.word, 0u);
    EXPECT_FALSE(has_holder_died(held.word));
  }).join();
  EXPECT_TRUE(has_holder_died(held.word));
}

TEST(RobustWord, AThreadThatLetsGoHasNotDied) {
  Held held;
  std::thread([&] {
    ASSERT_TRUE(hold_robustly(held.word, held.node));
    let_go_robustly(held.word, held.node);
    EXPECT_EQ(held.word, 0u);
    EXPECT_TRUE(hold_robustly(held.word, held.node));  // the list is as it was
    let_go_robustly(held.word, held.node);
  }).join();
  EXPECT_EQ(held.word, 0u);
}

TEST(RobustWord, WhoSleepsAtItIsWoken) {
  if (!can_wait_for_any()) GTEST_SKIP() << "this kernel has no futex_waitv";
  Held held;
  std::atomic<bool> is_over{false};
  std::thread holder([&] {
    EXPECT_TRUE(hold_robustly(held.word, held.node));
    futex_wake_shared(&held.word);
    while (!is_over) std::this_thread::yield();
  });
  while (held.word == 0)
    futex_wait_any(std::array{FutexWord{&held.word, 0, true}}, Instant::never());
  const std::uint32_t value = held.word;
  is_over = true;
  while (!has_holder_died(held.word)) {
    futex_wait_any(std::array{FutexWord{&held.word, value, true}}, Instant::never());
  }
  holder.join();
}

// The library's mutexes come and go in front of it, and those that a thread dies with are told of.
TEST(RobustWord, TheLibrarysOwnMutexesShareTheList) {
  Held held;
  RobustMutex kept;
  RobustMutex passing;
  std::thread([&] {
    ASSERT_TRUE(hold_robustly(held.word, held.node));
    EXPECT_EQ(passing.lock(), 0);
    EXPECT_EQ(kept.lock(), 0);
    passing.unlock();
  }).join();
  EXPECT_TRUE(has_holder_died(held.word));
  EXPECT_EQ(kept.lock(), EOWNERDEAD);
  kept.mend();
  kept.unlock();
  EXPECT_EQ(passing.lock(), 0);
  passing.unlock();
}

TEST(RobustWord, LettingGoLeavesTheLibrarysMutexesOnTheList) {
  Held held;
  RobustMutex kept;
  std::thread([&] {
    ASSERT_TRUE(hold_robustly(held.word, held.node));
    EXPECT_EQ(kept.lock(), 0);
    let_go_robustly(held.word, held.node);
    kept.unlock();
    EXPECT_EQ(kept.lock(), 0);
  }).join();
  EXPECT_EQ(held.word, 0u);
  EXPECT_EQ(kept.lock(), EOWNERDEAD);
  kept.mend();
  kept.unlock();
}

TEST(RobustWord, AForkedChildHoldsNothing) {
  Held held;  // a child has a copy; that it stays as it is is what counts
  std::thread([&] {
    ASSERT_TRUE(hold_robustly(held.word, held.node));
    const std::uint32_t value = held.word;
    const pid_t child = ::fork();
    if (child == 0) {
      let_go_robustly(held.word, held.node);
      ::_exit(held.word == value ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    let_go_robustly(held.word, held.node);
  }).join();
  EXPECT_EQ(held.word, 0u);
}

TEST(RobustWord, WhatDoesNotFitTheListIsRefused) {
  Held held;
  Held other;
  std::thread([&] {
    EXPECT_FALSE(hold_robustly(other.word, held.node));  // not that far apart
    ASSERT_TRUE(hold_robustly(held.word, held.node));
    EXPECT_FALSE(hold_robustly(other.word, other.node));  // one for each thread
    let_go_robustly(held.word, held.node);
  }).join();
  EXPECT_EQ(held.word, 0u);
  EXPECT_EQ(other.word, 0u);
}

}  // namespace
}  // namespace oriel::runtime
