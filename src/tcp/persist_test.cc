#include "tcp/persist.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// First after one RTO, then exponentially.
TEST(Persist, KnocksAfterRtoAndTwiceAsLongUpToAMinute) {
  REQ("RFC9293-MUST-36");
  REQ("RFC9293-SHLD-29");
  REQ("RFC9293-SHLD-30");
  const PersistLimits limits;
  Persist p;
  Instant now{0};
  p.arm(now, seconds(1), limits);
  for (const int expected : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
    EXPECT_EQ(p.deadline() - now, seconds(expected));
    now = p.deadline();
    p.on_timeout(now, seconds(1), limits);
  }
}

TEST(Persist, ArmingTwiceKeepsTheFirstDeadline) {
  Persist p;
  p.arm(Instant{0}, seconds(1), {});
  p.arm(Instant{500}, seconds(1), {});
  EXPECT_EQ(p.deadline(), Instant{0} + seconds(1));
}

TEST(Persist, DisarmForgetsTheBackOff) {
  Persist p;
  p.arm(Instant{0}, seconds(1), {});
  p.on_timeout(p.deadline(), seconds(1), {});
  p.disarm();
  EXPECT_FALSE(p.is_armed());
  p.arm(Instant{0}, seconds(1), {});
  EXPECT_EQ(p.deadline(), Instant{0} + seconds(1));
}

// As long as the peer answers, a closed window is no reason to give up.
TEST(Persist, AnswersResetTheCountNotTheBackOff) {
  REQ("RFC9293-MUST-37");
  Persist p;
  p.arm(Instant{0}, seconds(1), {});
  p.on_timeout(Instant{0}, seconds(1), {});
  p.on_timeout(Instant{0}, seconds(1), {});
  EXPECT_EQ(p.probes_unanswered(), 2u);
  p.on_answer();
  EXPECT_EQ(p.probes_unanswered(), 0u);
  EXPECT_EQ(p.deadline(), Instant{0} + seconds(4));
}

TEST(Persist, NeverFasterThanTheSmallestInterval) {
  Persist p;
  p.arm(Instant{0}, milliseconds(1), {});
  EXPECT_EQ(p.deadline(), Instant{0} + milliseconds(300));
}

TEST(Persist, HundredsOfTimeoutsStayAtTheMaximum) {
  Persist p;
  p.arm(Instant{0}, seconds(60), {});
  for (int i = 0; i < 1000; ++i) p.on_timeout(Instant{0}, seconds(60), {});
  EXPECT_EQ(p.deadline(), Instant{0} + seconds(60));
}

}  // namespace
}  // namespace oriel::tcp
