// The rule on a path by Little's law: flight = rate x round trip, and what exceeds the path stands
// in its queue. The application keeps exactly the backlog outstanding; cwnd is the test's.
#include "tcp/ideal_send_backlog.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/req.h"

namespace oriel::tcp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kMiB = 1u << 20;
constexpr int kAcksPerRound = 20;

struct Path {
  double bytes_per_second = 12.5e6;
  double rtt_s = 0.1;       ///< without queue
  double others_bytes = 0;  ///< what others keep in flight, come what may

  double bdp() const { return bytes_per_second * rtt_s; }
};

class Bench {
 public:
  explicit Bench(const Path& p) : path(p) {}

  /// What keeps the flight: cwnd, the peer's window, the program.
  double flight() const {
    const auto target = static_cast<double>(isb.snd_buffer_target_bytes());
    return std::min({static_cast<double>(cwnd), target, static_cast<double>(window)});
  }
  double rtt() const {
    return std::max(path.rtt_s, (flight() + path.others_bytes) / path.bytes_per_second);
  }
  void run(int rounds) {
    for (int i = 0; i < rounds * kAcksPerRound; ++i) ack();
  }
  void ack() {
    const double rtt_s = rtt();
    const double dt = rtt_s / kAcksPerRound;
    const double rate = flight() / rtt_s * (1 + noise * ((acks++ * 7919 % 13) / 6.0 - 1));
    now = now + Duration(static_cast<std::int64_t>(dt * 1e9));
    if (rtt_min == Duration(0)) rtt_min = Duration(static_cast<std::int64_t>(path.rtt_s * 1e9));
    IsbInput in;
    in.now = now;
    in.delivered_bytes = static_cast<std::uint32_t>(rate * dt);
    in.flight_size = static_cast<std::uint32_t>(flight());
    in.buffered_bytes = isb.snd_buffer_target_bytes();
    in.cwnd = cwnd;
    in.snd_wnd = window;
    in.is_in_slow_start = is_in_slow_start;
    in.srtt = Duration(static_cast<std::int64_t>(rtt_s * 1e9));
    in.rtt_min = rtt_min;
    in.memory_share_bytes = memory_share;
    in.bytes_max = bytes_max;
    changes += isb.on_ack(in) ? 1 : 0;
  }
  /// The peer answers a probe: nothing is in flight.
  void probe_answer() {
    now = now + seconds(1);
    IsbInput in;
    in.now = now;
    in.buffered_bytes = isb.snd_buffer_target_bytes();
    in.cwnd = cwnd;
    in.snd_wnd = window;
    in.srtt = in.rtt_min = milliseconds(100);
    changes += isb.on_ack(in) ? 1 : 0;
  }
  void last_ack() {
    IsbInput in;
    in.now = now;
    in.delivered_bytes = in.flight_size = 1000;
    in.is_idle = true;
    in.cwnd = cwnd;
    in.snd_wnd = window;
    in.srtt = in.rtt_min = milliseconds(100);
    in.memory_share_bytes = memory_share;
    changes += isb.on_ack(in) ? 1 : 0;
  }
  double backlog() const { return isb.backlog_bytes(); }

  Path path;
  IdealSendBacklog isb;
  std::uint32_t cwnd = 14'600;
  std::uint32_t window = 1u << 30;
  std::uint64_t memory_share = UINT64_MAX;
  std::uint64_t bytes_max = UINT64_MAX;
  bool is_in_slow_start = false;
  double noise = 0;
  int changes = 0;
  int acks = 0;
  Instant now{0};
  Duration rtt_min{0};
};

TEST(IdealSendBacklog, BeginsAt65536) {
  REQ("ISB-2");
  Bench b(Path{});
  EXPECT_EQ(b.isb.backlog_bytes(), 65536u);
  b.is_in_slow_start = true;
  b.ack();
  EXPECT_EQ(b.isb.backlog_bytes(), 65536u);
  EXPECT_EQ(b.changes, 0);
}

TEST(IdealSendBacklog, CoversTheNextRoundTripOfSlowStart) {
  REQ("ISB-3");
  Bench b(Path{1.25e9, 0.1});
  b.is_in_slow_start = true;
  int rounds = 0;
  for (; b.cwnd < 64 * kMiB; ++rounds) {
    const std::uint32_t begin = b.cwnd;
    for (int i = 0; i < kAcksPerRound; ++i) {
      b.ack();
      EXPECT_GE(b.isb.snd_buffer_target_bytes(), 2 * b.cwnd);
      b.cwnd += begin / kAcksPerRound;
    }
  }
  EXPECT_LE(b.changes, 2 * rounds) << "coalesced";
}

// Whatever cwnd is in a deep queue: between 1 and 2 times what the path holds.
TEST(IdealSendBacklog, SettlesWithinOneAndTwoBdp) {
  REQ("ISB-3");
  const Path paths[] = {
      {125e6, 0.1}, {12.5e6, 0.6}, {12.5e6, 0.1}, {1.25e6, 0.1}, {125e6, 0.02}, {625e6, 0.01},
  };
  for (const Path& path : paths) {
    for (const double noise : {0.0, 0.05}) {
      Bench b(path);
      b.noise = noise;
      b.is_in_slow_start = true;
      while (b.cwnd < 1.2 * path.bdp()) {
        b.run(1);
        b.cwnd *= 2;
      }
      b.is_in_slow_start = false;
      for (int i = 0; i < 200; ++i) {  // cwnd grows into the queue for as long as it is in use
        b.run(1);
        if (b.flight() >= 0.9 * b.cwnd) b.cwnd += b.cwnd / 50;
      }
      const double times = static_cast<double>(b.isb.snd_buffer_target_bytes()) / path.bdp();
      EXPECT_GE(times, 1.0) << path.bytes_per_second << " x " << path.rtt_s;
      EXPECT_LE(times, 2.0) << path.bytes_per_second << " x " << path.rtt_s;
      b.changes = 0;
      b.run(500);
      EXPECT_EQ(b.changes, 0) << "settled, silent";
    }
  }
}

// Short round trips leave time for the program and for bursts of the devices.
TEST(IdealSendBacklog, LeavesMillisecondsOnShortPaths) {
  Bench b(Path{125e6, 0.0005});
  b.cwnd = 8 * kMiB;
  b.run(100);
  EXPECT_GE(b.backlog(), 125e6 * 0.005);
  EXPECT_LE(b.backlog(), 125e6 * 0.012);
}

TEST(IdealSendBacklog, ThePeersWindowBoundsIt) {
  REQ("ISB-3");
  Bench b(Path{125e6, 0.1});
  b.window = 262'140;
  b.cwnd = 4 * kMiB;
  b.run(20);
  EXPECT_GE(b.isb.backlog_bytes(), 262'140u);
  EXPECT_LE(b.isb.backlog_bytes(), 2 * 262'140u);
  b.window = 16'776'960;
  b.cwnd = 64 * kMiB;
  b.run(50);
  EXPECT_EQ(b.isb.backlog_bytes(), 16'777'216u);
}

TEST(IdealSendBacklog, FallsWithAClosingWindowAndRisesWhenItOpens) {
  REQ("ISB-3");
  Bench b(Path{125e6, 0.1});
  b.cwnd = 8 * kMiB;
  b.run(20);
  const double open = b.backlog();
  EXPECT_GE(open, 8.0 * kMiB);
  b.window = 0;
  b.probe_answer();
  b.probe_answer();
  EXPECT_EQ(b.backlog(), open) << "a reader may only be slow to read";
  for (int i = 0; i < 4; ++i) b.probe_answer();
  EXPECT_EQ(b.backlog(), 65536.0);
  b.window = 16 * kMiB;
  b.probe_answer();
  EXPECT_GE(b.backlog(), 8.0 * kMiB) << "at once";
}

// What is reported ends at 16 MiB; the internal buffer follows the path.
TEST(IdealSendBacklog, ReportEndsAt16MiBButTheBufferDoesNot) {
  Bench b(Path{1.25e9, 0.1});
  b.cwnd = 110 * kMiB;
  b.run(20);
  EXPECT_EQ(b.isb.backlog_bytes(), 16'777'216u);
  EXPECT_GE(b.isb.snd_buffer_target_bytes(), 120u * kMiB);
}

// CUBIC on a shallow queue: cut to 0.7, back to where it was, again and again.
TEST(IdealSendBacklog, EndsWhereTheLinkHasNoUseForMore) {
  REQ("ISB-3");
  Bench b({12.5e6, 0.1});
  b.cwnd = 8 * kMiB;
  b.bytes_max = 384u << 10;
  b.run(50);
  EXPECT_EQ(b.isb.backlog_bytes(), 384u << 10);
  EXPECT_EQ(b.isb.snd_buffer_target_bytes(), 384u << 10);
  b.changes = 0;
  b.run(50);
  EXPECT_EQ(b.changes, 0) << "and stays there, silently";
}

TEST(IdealSendBacklog, ASawtoothIsSilent) {
  Bench b(Path{12.5e6, 0.1});
  const auto peak = static_cast<std::uint32_t>(b.path.bdp() * 1.2);
  const auto saw = [&](int teeth) {
    for (int t = 0; t < teeth; ++t) {
      for (int i = 0; i <= 30; ++i) {
        b.cwnd = static_cast<std::uint32_t>(peak * (0.7 + 0.01 * i));
        b.run(2);
      }
    }
  };
  saw(2);
  b.changes = 0;
  saw(20);
  EXPECT_EQ(b.changes, 0);
  EXPECT_GE(b.backlog(), peak);
}

TEST(IdealSendBacklog, FallsAfterLossesButNotBelowWhatIsNeeded) {
  REQ("ISB-3");
  Bench b(Path{1.25e9, 0.1});  // so far from full that cwnd alone decides
  b.cwnd = 8 * kMiB;
  b.run(20);
  const double before = b.backlog();
  b.cwnd = static_cast<std::uint32_t>(8 * kMiB * 0.7);
  b.run(20);
  EXPECT_EQ(b.backlog(), before) << "CUBIC will want it again";
  b.cwnd = static_cast<std::uint32_t>(8 * kMiB * 0.49);
  b.run(20);
  EXPECT_LE(b.backlog(), before * 0.6);
  EXPECT_GE(b.backlog(), 1.2 * b.cwnd);
  EXPECT_EQ(b.changes, 2);
}

TEST(IdealSendBacklog, FollowsAPathThatDropsToATenthAndRecovers) {
  REQ("ISB-3");
  Bench b(Path{125e6, 0.1});
  b.cwnd = 18 * kMiB;
  b.run(50);
  const double full = b.backlog();
  b.path.bytes_per_second /= 10;
  b.cwnd = 7 * kMiB;  // the queue overflowed
  b.run(10);
  EXPECT_LE(b.backlog(), 2 * b.path.bdp()) << "within ten round trips";
  EXPECT_GE(b.backlog(), b.path.bdp());
  b.changes = 0;
  b.run(100);
  EXPECT_EQ(b.changes, 0) << "and stays";
  b.path.bytes_per_second *= 10;
  for (int i = 0; i < 30; ++i) {
    b.run(1);
    if (b.flight() >= 0.9 * b.cwnd) b.cwnd += b.cwnd / 4;
  }
  EXPECT_GE(b.backlog(), b.path.bdp());
  EXPECT_LE(b.backlog(), 2 * full);
}

// Others keep three times the path in its queue: less in flight is less of the path for us, so the
// ceiling would be a spiral.
TEST(IdealSendBacklog, IsNotStarvedByOthersInADeepQueue) {
  REQ("ISB-3");
  Bench b(Path{12.5e6, 0.02});
  b.rtt_min = milliseconds(20);
  b.path.others_bytes = 3 * b.path.bdp();
  b.cwnd = static_cast<std::uint32_t>(3 * b.path.bdp());
  double sum = 0;
  constexpr int kRounds = 600;
  for (int i = 0; i < kRounds; ++i) {
    b.run(1);
    sum += b.flight() / (b.flight() + b.path.others_bytes);
  }
  EXPECT_GE(sum / kRounds, 0.4) << "half would be all of cwnd";
}

// The route became ten times as long; the smallest round trip is remembered for minutes.
TEST(IdealSendBacklog, SurvivesALongerRoute) {
  Bench b(Path{12.5e6, 0.02});
  b.cwnd = 4 * kMiB;
  b.run(50);
  b.path.rtt_s = 0.2;
  double sum = 0;
  constexpr int kRounds = 600;
  for (int i = 0; i < kRounds; ++i) {
    b.run(1);
    sum += b.flight() / b.rtt();
  }
  EXPECT_GE(sum / kRounds, 0.85 * b.path.bytes_per_second);
}

TEST(IdealSendBacklog, APauseMakesItForget) {
  REQ("ISB-3");
  Bench b(Path{125e6, 0.1});
  b.cwnd = 8 * kMiB;
  b.run(20);
  EXPECT_TRUE(b.isb.deadline().is_never());
  b.last_ack();
  const Instant due = b.isb.deadline();
  EXPECT_EQ(due, b.now + IdealSendBacklog::kForgetAfter);
  EXPECT_FALSE(b.isb.on_timeout(due, false, UINT64_MAX)) << "not idle any more";
  b.last_ack();
  EXPECT_TRUE(b.isb.on_timeout(b.isb.deadline(), true, UINT64_MAX));
  EXPECT_EQ(b.isb.backlog_bytes(), 65536u);
  EXPECT_TRUE(b.isb.deadline().is_never());
  b.now = due;
  b.run(2);
  EXPECT_GE(b.backlog(), 8.0 * kMiB) << "congestion control has kept its window";
}

TEST(IdealSendBacklog, TheHostsMemoryThrottlesItDownToNothingAndBack) {
  REQ("ISB-3");
  Bench b(Path{125e6, 0.1});
  b.cwnd = 8 * kMiB;
  b.run(20);
  const double free = b.backlog();
  b.memory_share = 300'000;
  b.run(1);
  EXPECT_LE(b.backlog(), 300'000.0);
  EXPECT_GE(b.backlog(), 250'000.0);
  b.changes = 0;
  for (int i = 0; i < 100; ++i) {
    b.memory_share = 300'000 + 10'000 * static_cast<unsigned>(i % 4);
    b.ack();
  }
  EXPECT_EQ(b.changes, 0) << "small moves of free memory are nobody's news";
  b.memory_share = 0;
  b.last_ack();
  EXPECT_EQ(b.backlog(), 0.0);
  const Instant due = b.isb.deadline();
  EXPECT_EQ(due, b.now + IdealSendBacklog::kLookAgain) << "no ACK will come to tell";
  EXPECT_TRUE(b.isb.on_timeout(due, true, UINT64_MAX));
  EXPECT_EQ(b.backlog(), free);
}

}  // namespace
}  // namespace oriel::tcp
