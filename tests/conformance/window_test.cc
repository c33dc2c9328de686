// The receive window as the wire shows it, for every level, mode and buffer size (spec CM-3 to
// CM-10).
#include "window_case.h"

namespace oriel::tcp {
namespace {

using std::chrono::seconds;

HostSettings at_level(AutotuningLevel level) {
  HostSettings s;
  s.autotuning_level = level;
  return s;
}

struct Mode {
  const char* name;
  AutotuningLevel level;
  ReceiveMode receive_mode;
  std::int8_t scale;  // -1: no WSopt
  std::uint16_t first_field;
  std::uint32_t start_bytes;
  std::uint32_t ceiling_bytes;
};
constexpr Mode kModes[] = {
    {"default", AutotuningLevel::kNormal, ReceiveMode::kHost, 8, 256, 65'536, 16'776'960},
    {"autotuning vista", AutotuningLevel::kNormal, ReceiveMode::kShiftTwo, 2, 16'384, 65'536,
     262'140},
    {"autotuning xp", AutotuningLevel::kNormal, ReceiveMode::kNoScaling, -1, 65'535, 65'535,
     65'535},
    {"highlyrestricted", AutotuningLevel::kHighlyRestricted, ReceiveMode::kHost, 2, 16'384, 65'536,
     262'140},
    {"restricted", AutotuningLevel::kRestricted, ReceiveMode::kHost, 4, 4'096, 65'536, 1'048'560},
    {"restricted, vista", AutotuningLevel::kRestricted, ReceiveMode::kShiftTwo, 2, 16'384, 65'536,
     262'140},
    {"disabled", AutotuningLevel::kDisabled, ReceiveMode::kHost, -1, 65'535, 65'535, 65'535},
    {"disabled, vista", AutotuningLevel::kDisabled, ReceiveMode::kShiftTwo, -1, 65'535, 65'535,
     65'535},
    {"disabled, xp", AutotuningLevel::kDisabled, ReceiveMode::kNoScaling, -1, 65'535, 65'535,
     65'535},
};

void expect_opening(const Mode& mode, WindowCase& w) {
  EXPECT_EQ(w.syn.options.window_scale, mode.scale) << mode.name;
  EXPECT_EQ(w.syn.window, 65'535) << mode.name;
  EXPECT_EQ(w.first.window, mode.first_field) << mode.name;
  EXPECT_EQ(w.window(), mode.start_bytes) << mode.name;
}

TEST(WindowModes, SynFirstFieldStartAndCeilingOfTheConnectingSide) {
  REQ("CM-4");
  REQ("CM-5");
  REQ("CM-6");
  REQ("CM-10");
  for (const Mode& mode : kModes) {
    WindowCase w(at_level(mode.level), socket_mode(mode.receive_mode));
    w.connect();
    expect_opening(mode, w);
    w.fill_and_read(8);
    EXPECT_EQ(w.window(), mode.ceiling_bytes) << mode.name;
    EXPECT_EQ(w.last_field(), 65'535) << mode.name;
    TcpInfo info;
    w.end->fill_info(w.end.now(), info);
    EXPECT_EQ(info.rcv_wnd_max, mode.ceiling_bytes) << mode.name;
    EXPECT_EQ(info.window_bytes_start, mode.start_bytes) << mode.name;
    EXPECT_EQ(info.first_window_field, mode.first_field) << mode.name;
    EXPECT_EQ(info.window_scale_sent, mode.scale) << mode.name;
  }
}

TEST(WindowModes, SynAckFirstFieldStartAndCeilingOfTheAcceptingSide) {
  REQ("CM-4");
  REQ("CM-5");
  REQ("CM-6");
  REQ("CM-10");
  for (const Mode& mode : kModes) {
    WindowCase w(at_level(mode.level), socket_mode(mode.receive_mode));
    w.accept();
    expect_opening(mode, w);
    w.fill_and_read(8);
    EXPECT_EQ(w.window(), mode.ceiling_bytes) << mode.name;
  }
}

// 1 GB is not filled here; that the window grows beyond what scale 8 can say is.
TEST(WindowModes, ExperimentalIsFourteen) {
  REQ("CM-10");
  WindowCase w(at_level(AutotuningLevel::kExperimental));
  w.connect();
  EXPECT_EQ(w.syn.options.window_scale, 14);
  EXPECT_EQ(w.first.window, 4);
  EXPECT_EQ(w.window(), 65'536u);
  w.fill_and_read(8);
  EXPECT_GT(w.window(), 16'776'960u);
}

// 65,536 is one more than an unscaled field can say: it must not become 0.
TEST(WindowModes, PeerWithoutWsoptSeesAtMost64K) {
  REQ("CM-6");
  for (const Mode& mode : kModes) {
    for (const bool is_active : {true, false}) {
      WindowCase w(at_level(mode.level), socket_mode(mode.receive_mode));
      WindowCase::Peer peer;
      peer.window_scale = -1;
      is_active ? w.connect(peer) : w.accept(peer);
      EXPECT_EQ(w.syn.options.window_scale, is_active ? mode.scale : -1) << mode.name;
      EXPECT_EQ(w.scale(), -1);
      EXPECT_EQ(w.first.window, 65'535) << mode.name;
      w.fill_and_read(3);
      EXPECT_EQ(w.window(), 65'535u) << mode.name;
    }
  }
}

// Segments that nobody reads close the window; its right edge stays where it was promised, so the
// field is rounded up.
TEST(WindowModes, FieldIsRoundedUpSoThatTheEdgeStays) {
  REQ("CM-6");
  WindowCase w;
  w.connect();
  const SeqNum edge = w.edge();
  while (w.window() >= 1'460) w.receive(1'460);
  EXPECT_FALSE(w.has_rounded_down());
  EXPECT_LE(w.edge() - edge, 8'192);
  w.receive(w.window());
  w.end.wait(kWindowRtt);
  EXPECT_LE(w.last_field(), 8'192 / 256);
}

// Were every field rounded up, a peer of small segments would never see the window close.
TEST(WindowModes, SmallSegmentsCloseTheWindowToo) {
  REQ("CM-6");
  for (const AutotuningLevel level : {AutotuningLevel::kHighlyRestricted, AutotuningLevel::kNormal,
                                      AutotuningLevel::kExperimental}) {
    for (const std::uint32_t segment : {1u, 101u, 1'460u}) {
      WindowCase w(at_level(level));
      w.connect();
      const std::uint32_t unit = 1u << w.scale();
      std::uint32_t bytes = 0;
      for (std::uint32_t n; (n = std::min(segment, w.window())) != 0; bytes += n) {
        w.receive(n);
        ASSERT_LT(bytes, 200'000u) << unit << " " << segment;
      }
      EXPECT_GE(bytes, 65'536u - unit);
      EXPECT_LE(bytes, 65'536u + std::max(8'192u, 2 * unit)) << unit << " " << segment;
      // Read, it opens again.
      w.read_all();
      w.end.wait(kWindowRtt);
      EXPECT_EQ(w.window(), 65'536u) << unit << " " << segment;
    }
  }
}

// What is asked for after the SYN has left changes neither it, when it is repeated, nor the scale.
TEST(WindowModes, AfterTheSynTheModeHasNoEffect) {
  REQ("CM-8");
  for (const ReceiveMode late : {ReceiveMode::kShiftTwo, ReceiveMode::kNoScaling}) {
    WindowCase w;
    w.end.open_active();
    w.end->on_options_changed(w.end.now(), socket_mode(late));
    w.end.wait(seconds(1));
    ASSERT_EQ(w.end.sent.size(), 2u);
    EXPECT_EQ(w.end.sent[1].header.flags, flag::kSyn);
    EXPECT_EQ(w.end.sent[1].header.options.window_scale, 8);
    w.end.clear();
    SegmentIn answer = w.end.segment(flag::kSyn | flag::kAck, kPeerIss, kOurIss + 1);
    answer.options.window_scale = 7;
    w.end.arrives(std::move(answer));
    ASSERT_EQ(w.end.sent.size(), 1u);
    EXPECT_EQ(w.end.sent[0].header.window, 256);
    w.end->on_options_changed(w.end.now(), socket_mode(late));
    TcpInfo info;
    w.end->fill_info(w.end.now(), info);
    EXPECT_EQ(info.rcv_wind_shift, 8);
    EXPECT_FALSE(info.is_rcv_buf_fixed);
  }
}

// A size that was set is used, and tuning is off.
TEST(WindowOfSetSize, PicksTheSmallestScaleThatCoversIt) {
  REQ("CM-9");
  struct Row {
    ReceiveMode receive_mode;
    std::uint32_t asked;
    std::int8_t scale;
    std::uint16_t syn_field;
    std::uint32_t window;
  };
  for (const Row& row : {Row{ReceiveMode::kHost, 8'192, 0, 8'192, 8'192},
                         Row{ReceiveMode::kHost, 65'535, 0, 65'535, 65'535},
                         Row{ReceiveMode::kHost, 65'536, 1, 65'535, 65'536},
                         Row{ReceiveMode::kHost, 200'000, 2, 65'535, 200'000},
                         Row{ReceiveMode::kHost, 16'776'960, 8, 65'535, 16'776'960},
                         Row{ReceiveMode::kHost, 100'000'000, 8, 65'535, 16'776'960},
                         Row{ReceiveMode::kShiftTwo, 1'000'000, 2, 65'535, 262'140},
                         Row{ReceiveMode::kNoScaling, 1'000'000, -1, 65'535, 65'535}}) {
    WindowCase w({}, socket_mode(row.receive_mode, row.asked));
    w.connect();
    EXPECT_EQ(w.syn.options.window_scale, row.scale) << row.asked;
    EXPECT_EQ(w.syn.window, row.syn_field) << row.asked;
    EXPECT_EQ(w.window(), row.window) << row.asked;
    w.fill_and_read(3);
    EXPECT_EQ(w.window(), row.window) << row.asked << ": it is not tuned";
  }
}

TEST(WindowOfSetSize, SetOnAConnectionItGrowsAsFarAsTheScaleGoes) {
  REQ("CM-3");
  REQ("CM-9");
  WindowCase w;
  w.connect();
  w.end->on_options_changed(w.end.now(), socket_mode(ReceiveMode::kHost, 1'000'000));
  w.fill_and_read(4);
  EXPECT_EQ(w.window(), 1'000'000u / 256 * 256);
  // A connection that began with less than 65,536 has no scale to grow by.
  WindowCase small({}, socket_mode(ReceiveMode::kHost, 10'000));
  small.connect();
  small.end->on_options_changed(small.end.now(), socket_mode(ReceiveMode::kHost, 1'000'000));
  small.fill_and_read(4);
  EXPECT_EQ(small.window(), 65'535u);
}

// It shrinks as bytes arrive: what was promised holds. (WindowCase looks at every edge.)
TEST(WindowOfSetSize, ShrinksWithoutTakingBackWhatWasPromised) {
  REQ("CM-3");
  WindowCase w({}, socket_mode(ReceiveMode::kHost, 200'000));
  w.connect();
  const SeqNum promised = w.edge();
  w.end->on_options_changed(w.end.now(), socket_mode(ReceiveMode::kHost, 20'000));
  for (int i = 0; i < 9; ++i) {
    w.receive(20'000);
    w.read_all();
    EXPECT_EQ(w.edge(), promised) << i;
  }
  w.fill_and_read(3);
  EXPECT_EQ(w.window(), 20'000u);
}

// A reader that stops leaves its window to fill; one that goes on slowly is given little again.
TEST(WindowTuning, ReaderThatBecomesSlowIsNotGivenItsOldWindowAgain) {
  REQ("CM-12");
  WindowCase w;
  w.connect();
  w.fill_and_read(8);
  ASSERT_EQ(w.window(), 16'776'960u);
  // From here on 100 kB in each round trip, and the sender fills what it is offered.
  for (int round = 0; round < 300; ++round) {
    w.receive(w.window());
    w.end.read(100'000);
    w.end.wait(kWindowRtt);
  }
  EXPECT_LE(w.end->readable_bytes(), 300'000u) << "it has worked through what it was promised";
  EXPECT_GE(w.end->readable_bytes(), 50'000u) << "and there is always something to read";
  TcpInfo info;
  w.end->fill_info(w.end.now(), info);
  EXPECT_LE(info.rcv_buf, 230'000u);
}

}  // namespace
}  // namespace oriel::tcp
