// Completion flags and descriptor waits across threads, with deadlines that have passed or never
// come.
#include "runtime/wait.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "runtime/clock.h"

namespace oriel::runtime {
namespace {

TEST(WaitCell, SetBeforeWaitReturnsAtOnce) {
  WaitCell cell;
  EXPECT_FALSE(cell.is_set());
  cell.set();
  cell.set();
  EXPECT_TRUE(cell.wait());
  cell.reset();
  EXPECT_FALSE(cell.is_set());
}

TEST(WaitCell, DeadlineThatHasPassedReturnsFalse) {
  WaitCell cell;
  EXPECT_FALSE(cell.wait(real_now()));
  EXPECT_FALSE(cell.wait(Instant{0}));
  EXPECT_FALSE(cell.wait(real_now() + Duration(2'000'000)));
}

TEST(WaitCell, EndsTheWaitAndPublishesWhatWasWritten) {
  for (int round = 0; round < 300; ++round) {
    auto cell = std::make_unique<WaitCell>();
    int answer = 0;
    std::thread setter([&answer, c = cell.get()] {
      answer = 42;
      c->set();
    });
    ASSERT_TRUE(cell->wait());
    ASSERT_EQ(answer, 42);
    setter.join();
  }
}

TEST(FdWait, NotifyFromAnotherThreadEndsIt) {
  WakeFd wake;
  std::thread notifier([&] { wake.notify(); });
  FdWait waits[] = {{-1, FdInterest::kRead}, {wake.fd(), FdInterest::kRead}};
  EXPECT_EQ(fd_wait(waits, Instant::never()), 1);
  EXPECT_TRUE(waits[1].is_readable);
  notifier.join();
  wake.drain();
  EXPECT_EQ(fd_wait(waits, Instant{0}), 0);
  EXPECT_FALSE(waits[1].is_readable);
}

TEST(FdWait, DeadlineIsKeptToTheNanosecondOrLater) {
  WakeFd wake;
  FdWait waits[] = {{wake.fd(), FdInterest::kRead}};
  const Instant deadline = real_now() + Duration(3'000'123);
  EXPECT_EQ(fd_wait(waits, deadline), 0);
  EXPECT_GE(real_now(), deadline);
}

TEST(FdWait, LooksBeforeItSleepsAndLearns) {
  WakeFd wake;
  FdWait waits[] = {{wake.fd(), FdInterest::kRead}};
  SpinGauge gauge;
  wake.notify();
  EXPECT_EQ(fd_wait(waits, Instant::never(), gauge), 1);
  EXPECT_NE(gauge.budget(), Duration(0));
  wake.drain();
  const Instant deadline = real_now() + 2 * SpinGauge::kShortSleep;
  EXPECT_EQ(fd_wait(waits, deadline, gauge), 0);
  EXPECT_GE(real_now(), deadline);
  EXPECT_EQ(gauge.budget(), Duration(0));  // it looked in vain
  EXPECT_EQ(fd_wait(waits, real_now() + 2 * SpinGauge::kShortSleep, gauge), 0);
  EXPECT_EQ(gauge.budget(), Duration(0));  // and slept long
  wake.notify();
  EXPECT_EQ(fd_wait(waits, Instant::never(), gauge), 1);
  EXPECT_NE(gauge.budget(), Duration(0));
}

TEST(FdWait, DoesNotLookAtManyDescriptorsAgainAndAgain) {
  WakeFd wake;
  std::vector<FdWait> waits(kFdLookMax + 1, FdWait{wake.fd(), FdInterest::kRead});
  SpinGauge gauge;
  EXPECT_EQ(fd_wait(waits, real_now() + SpinGauge::kShortSleep, gauge), 0);
  EXPECT_NE(gauge.budget(), Duration(0)) << "no look, so none in vain";
  wake.notify();
  EXPECT_EQ(fd_wait(waits, Instant::never(), gauge), static_cast<int>(waits.size()));
}

TEST(FdWait, HangUpShowsAsReadable) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  FdWait waits[] = {{pair[0], FdInterest::kReadWrite}};
  EXPECT_EQ(fd_wait(waits, Instant{0}), 1);
  EXPECT_TRUE(waits[0].is_writable);
  EXPECT_FALSE(waits[0].is_readable);
  ::close(pair[1]);
  EXPECT_EQ(fd_wait(waits, Instant{0}), 1);
  EXPECT_TRUE(waits[0].is_readable);
  ::close(pair[0]);
}

}  // namespace
}  // namespace oriel::runtime
