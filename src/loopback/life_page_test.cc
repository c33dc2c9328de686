// What other processes see of a host's life: its death by a signal, its orderly end, and nothing
// else.
#include "loopback/life_page.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>
#include <vector>

#include "support/req.h"

namespace oriel::loopback {
namespace {

MemoryFile seen(const LifePage& page) {
  return MemoryFile::open(::dup(page.fd()), kLifePageBytes).value();
}

/// A child that holds the page until it is killed.
class Holder {
 public:
  explicit Holder(LifePage& page) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      page.hold();
      (void)!::write(ends[1], "x", 1);
      for (;;) ::pause();
    }
    std::uint8_t byte = 0;
    EXPECT_EQ(::read(ends[0], &byte, 1), 1);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~Holder() {
    kill();
    ::waitpid(pid_, nullptr, 0);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  void kill() const { ::kill(pid_, SIGKILL); }

 private:
  pid_t pid_ = -1;
};

/// Sleeps until the host has died.
void await_death(const LifeSign& sign, std::uint32_t value) {
  while (!sign.has_died()) {
    runtime::futex_wait_any(std::array{runtime::FutexWord{sign.word(), value, true}},
                            Instant::never());
  }
  sign.tell_others();
}

class LifePageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!runtime::can_wait_for_any()) GTEST_SKIP() << "this kernel has no futex_waitv";
  }
  LifePage page = LifePage::create().value();
  MemoryFile view = seen(page);
  LifeSign sign{view};
};

TEST_F(LifePageTest, AKilledProcessIsSeenDeadByWhoSleepsAtItsPage) {
  REQ("LFP-11");
  EXPECT_EQ(sign.value(), 0u);
  const Holder holder(page);
  const std::uint32_t alive = sign.value();
  EXPECT_NE(alive, 0u);
  EXPECT_FALSE(sign.has_died());
  holder.kill();
  await_death(sign, alive);
}

// The kernel wakes one; that one the others.
TEST_F(LifePageTest, EverySleeperIsTold) {
  REQ("LFP-11");
  const Holder holder(page);
  const std::uint32_t alive = sign.value();
  std::vector<std::thread> sleepers;
  for (int i = 0; i < 8; ++i) sleepers.emplace_back([&] { await_death(sign, alive); });
  holder.kill();
  for (std::thread& sleeper : sleepers) sleeper.join();
}

TEST_F(LifePageTest, AnOrderlyEndIsNoDeath) {
  std::thread([&] {
    page.hold();
    EXPECT_NE(sign.value(), 0u);
    page.let_go();
  }).join();
  EXPECT_EQ(sign.value(), 0u);
  EXPECT_FALSE(sign.has_died());
}

// Whatever the wait saw as it began: a death is never a word to be left out of the sleep.
TEST_F(LifePageTest, ADeathIsNeverSleptThrough) {
  REQ("LFP-11");
  EXPECT_EQ(sign.look(0), LifeLook::kWatch) << "who sleeps before anybody holds it is told as well";
  const Holder holder(page);
  const std::uint32_t alive = sign.value();
  EXPECT_EQ(sign.look(alive), LifeLook::kWatch);
  EXPECT_EQ(sign.look(0), LifeLook::kChanged);
  holder.kill();
  await_death(sign, alive);
  for (const std::uint32_t seen : {alive, alive + 1, sign.value(), 0u}) {
    EXPECT_EQ(sign.look(seen), LifeLook::kDied) << seen;
  }
  EXPECT_EQ(LifeSign().look(0), LifeLook::kNone);
}

// It sleeps at a word that says 0, which then is another's, and still hears of that one's death.
TEST_F(LifePageTest, WhoSleepsBeforeItIsHeldIsTold) {
  REQ("LFP-11");
  std::atomic<bool> is_told{false};
  std::thread sleeper([&] {
    while (!sign.has_died()) {
      const runtime::FutexWord word[] = {{sign.word(), 0, true}};
      if (sign.look(0) == LifeLook::kWatch) runtime::futex_wait_any(word, Instant::never());
    }
    is_told = true;
  });
  const Holder holder(page);
  EXPECT_FALSE(is_told);
  holder.kill();
  sleeper.join();
  EXPECT_TRUE(is_told);
}

TEST_F(LifePageTest, NothingButTheWordIsShown) {
  REQ("LFP-12");
  std::thread([&] {
    page.hold();
    const auto is_set = [](std::uint8_t byte) { return byte != 0; };
    const std::uint8_t* all = view.view();
    EXPECT_TRUE(std::none_of(all, all + kLifeWordAt, is_set));
    EXPECT_TRUE(std::none_of(all + kLifeWordAt + 4, all + kLifePageBytes, is_set));
    page.let_go();
  }).join();
}

TEST(LifeSign, OfNobodyNeverDies) {
  EXPECT_EQ(LifeSign().value(), 0u);
  EXPECT_FALSE(LifeSign().has_died());
  EXPECT_FALSE(LifeSign(MemoryFile()).has_died());
  LifeSign().tell_others();
  LifePage none;
  none.hold();
  none.let_go();
  EXPECT_FALSE(none);
}

}  // namespace
}  // namespace oriel::loopback
