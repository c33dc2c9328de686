#include "tcp/keepalive.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Off by default, two hours of silence at least by default.
TEST(Keepalive, OffUntilEnabledThenTwoHours) {
  REQ("RFC9293-MUST-25");
  REQ("RFC9293-MUST-28");
  Keepalive k;
  EXPECT_FALSE(k.is_enabled());
  EXPECT_TRUE(k.deadline().is_never());
  k.enable(Instant{5}, {});
  EXPECT_EQ(k.deadline(), Instant{5} + hours(2));
}

// One unanswered probe is not death.
TEST(Keepalive, GivesUpAfterTenUnansweredProbes) {
  REQ("RFC9293-MUST-29");
  const KeepaliveLimits limits;
  Keepalive k;
  k.enable(Instant{0}, limits);
  Instant now = k.deadline();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(k.on_timeout(now, false, limits), Keepalive::Verdict::kProbe) << i;
    EXPECT_EQ(k.deadline(), now + seconds(1));
    now = k.deadline();
  }
  EXPECT_EQ(k.on_timeout(now, false, limits), Keepalive::Verdict::kGiveUp);
  EXPECT_FALSE(k.is_enabled());
}

TEST(Keepalive, AnythingHeardStartsTheSilenceAnew) {
  REQ("RFC9293-MUST-26");
  const KeepaliveLimits limits;
  Keepalive k;
  k.enable(Instant{0}, limits);
  const Instant now = k.deadline();
  k.on_timeout(now, false, limits);
  k.on_heard(now, limits);
  EXPECT_EQ(k.probes_unanswered(), 0u);
  EXPECT_EQ(k.deadline(), now + hours(2));
}

TEST(Keepalive, DataInFlightWatchesThePeerInstead) {
  const KeepaliveLimits limits;
  Keepalive k;
  k.enable(Instant{0}, limits);
  EXPECT_EQ(k.on_timeout(k.deadline(), true, limits), Keepalive::Verdict::kNone);
  EXPECT_EQ(k.deadline(), Instant{0} + hours(4));
}

}  // namespace
}  // namespace oriel::tcp
