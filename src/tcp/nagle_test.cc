#include "tcp/nagle.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

NagleInput queued(std::uint32_t unsent) {
  NagleInput in;
  in.unsent_bytes = unsent;
  in.usable_window_bytes = 100'000;
  in.smss = 1460;
  in.snd_wnd_max = 65'535;
  return in;
}

TEST(Nagle, FullSegmentAlwaysMayGo) {
  NagleInput in = queued(1460);
  in.has_short_unacked = true;
  EXPECT_TRUE(may_send_segment(in));
}

TEST(Nagle, NothingToSendIsNothing) {
  EXPECT_FALSE(may_send_segment(queued(0)));
  NagleInput closed = queued(100);
  closed.usable_window_bytes = 0;
  EXPECT_FALSE(may_send_segment(closed));
}

// Minshall: only a short segment in flight holds back the next short one.
TEST(Nagle, ShortSegmentWaitsForAShortOneInFlight) {
  NagleInput in = queued(100);
  EXPECT_TRUE(may_send_segment(in));
  in.has_short_unacked = true;
  EXPECT_FALSE(may_send_segment(in));
}

// An application can turn it off.
TEST(Nagle, NodelaySendsAtOnce) {
  REQ("RFC9293-MUST-17");
  NagleInput in = queued(100);
  in.has_short_unacked = true;
  in.is_nodelay = true;
  EXPECT_TRUE(may_send_segment(in));
}

TEST(Nagle, TailBeforeFinGoesAndCorkedTailWaits) {
  NagleInput in = queued(100);
  in.has_short_unacked = true;
  in.is_push_final = true;
  EXPECT_TRUE(may_send_segment(in));
  in.is_push_final = false;
  in.has_short_unacked = false;
  in.is_more_coming = true;
  EXPECT_FALSE(may_send_segment(in));
}

// Sender's silly window avoidance.
TEST(Nagle, SillyWindowIsNotUsed) {
  REQ("RFC9293-MUST-38");
  NagleInput in = queued(5000);
  in.usable_window_bytes = 200;
  in.is_nodelay = true;
  EXPECT_FALSE(may_send_segment(in));
  in.snd_wnd_max = 400;  // a peer whose whole buffer is 400 bytes
  EXPECT_TRUE(may_send_segment(in));
  in.snd_wnd_max = 401;
  EXPECT_FALSE(may_send_segment(in));
}

}  // namespace
}  // namespace oriel::tcp
