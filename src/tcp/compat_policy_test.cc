#include "tcp/compat_policy.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

TEST(CompatPolicy, DefaultIsWindows11) {
  const TcpConfig c = tcp_config_for();
  EXPECT_TRUE(c.is_window_scaling);
  EXPECT_EQ(c.rcv_wind_shift, 8);
  EXPECT_EQ(c.rcv_buffer_initial_bytes, 65536u);
  EXPECT_TRUE(c.is_sack);
  EXPECT_FALSE(c.is_timestamps);
  EXPECT_EQ(c.ack.delay, std::chrono::milliseconds(40));
  EXPECT_EQ(c.ack.segments, 2u);
  EXPECT_EQ(c.rto.initial, std::chrono::seconds(1));
  EXPECT_EQ(c.rto.rto_min, std::chrono::milliseconds(300));
  EXPECT_EQ(c.rto.rto_max, std::chrono::seconds(60));
  EXPECT_EQ(c.syn_retransmissions_max, 4u);
  EXPECT_EQ(c.cc.initial_window_segments, 10u);
  EXPECT_EQ(c.keepalive.idle, std::chrono::hours(2));
  EXPECT_EQ(c.keepalive.interval, std::chrono::seconds(1));
  EXPECT_EQ(c.keepalive.probes_max, 10u);
  EXPECT_EQ(c.time_wait, std::chrono::seconds(120));
}

// CM-6 and CM-10.
TEST(CompatPolicy, LevelsDecideScaleAndCeiling) {
  struct Row {
    AutotuningLevel level;
    bool is_scaling;
    std::uint8_t shift;
    std::uint32_t initial, ceiling;
  };
  for (const Row& row : {Row{AutotuningLevel::kDisabled, false, 0, 65535, 65535},
                         Row{AutotuningLevel::kHighlyRestricted, true, 2, 65536, 262'140},
                         Row{AutotuningLevel::kRestricted, true, 4, 65536, 1'048'560},
                         Row{AutotuningLevel::kNormal, true, 8, 65536, 16'776'960},
                         Row{AutotuningLevel::kExperimental, true, 14, 65536, 1'073'725'440}}) {
    const ConnectionLimits l =
        connection_limits(tcp_config_for(WindowsProfile::k11, row.level), {});
    EXPECT_EQ(l.is_window_scaling, row.is_scaling);
    EXPECT_EQ(l.is_rcv_autotuning, row.is_scaling);
    EXPECT_EQ(l.rcv_wind_shift, row.shift);
    EXPECT_EQ(l.rcv_buffer_initial_bytes, row.initial);
    EXPECT_EQ(l.rcv_buffer_ceiling_bytes, row.ceiling);
  }
}

TEST(CompatPolicy, ProfilesBeforeVistaDoNotScale) {
  for (const auto p : {WindowsProfile::k2000, WindowsProfile::kXp, WindowsProfile::k2003}) {
    const ConnectionLimits l = connection_limits(tcp_config_for(p), {});
    EXPECT_FALSE(l.is_window_scaling);
    EXPECT_EQ(l.rcv_buffer_ceiling_bytes, 65535u);
  }
  EXPECT_TRUE(tcp_config_for(WindowsProfile::kVista).is_window_scaling);
}

// ISB-9.
TEST(CompatPolicy, DynamicSendBufferingFromWindows7On) {
  EXPECT_FALSE(tcp_config_for(WindowsProfile::kVistaSp1).is_snd_autotuning);
  EXPECT_TRUE(tcp_config_for(WindowsProfile::k7).is_snd_autotuning);
  TcpSocketOptions s;
  s.snd_buffer_bytes = 8192;
  const ConnectionLimits l = connection_limits(tcp_config_for(), s);
  EXPECT_FALSE(l.is_snd_autotuning);
  EXPECT_EQ(l.snd_buffer_initial_bytes, 8192u);
}

TEST(CompatPolicy, ShiftTwoModeRestrictsOneSocket) {
  REQ("CM-4");
  TcpSocketOptions s;
  s.scaling_mode = ScalingMode::kShiftTwo;
  const ConnectionLimits l = connection_limits(tcp_config_for(), s);
  EXPECT_TRUE(l.is_window_scaling);
  EXPECT_TRUE(l.is_rcv_autotuning);
  EXPECT_EQ(l.rcv_wind_shift, 2);
  EXPECT_EQ(l.rcv_buffer_ceiling_bytes, 262'140u);
  EXPECT_EQ(window_field(l.rcv_buffer_initial_bytes, l.rcv_wind_shift), 16384);
}

// Even where SO_RCVBUF asked for more.
TEST(CompatPolicy, NoScalingModeHoldsTheWindowBelow64K) {
  REQ("CM-5");
  TcpSocketOptions s;
  s.scaling_mode = ScalingMode::kNoScaling;
  s.rcv_buffer_bytes = 1'000'000;
  const ConnectionLimits l = connection_limits(tcp_config_for(), s);
  EXPECT_FALSE(l.is_window_scaling);
  EXPECT_FALSE(l.is_rcv_autotuning);
  EXPECT_EQ(l.rcv_buffer_initial_bytes, 65535u);
  EXPECT_EQ(l.rcv_buffer_ceiling_bytes, 65535u);
}

TEST(CompatPolicy, ReceiveBufferSizeFixesWindowAndPicksTheSmallestScale) {
  REQ("CM-9");
  TcpSocketOptions s;
  s.rcv_buffer_bytes = 200'000;
  ConnectionLimits l = connection_limits(tcp_config_for(), s);
  EXPECT_FALSE(l.is_rcv_autotuning);
  EXPECT_EQ(l.rcv_wind_shift, 2);
  EXPECT_EQ(l.rcv_buffer_initial_bytes, 200'000u);
  s.rcv_buffer_bytes = 100'000'000;
  l = connection_limits(tcp_config_for(), s);
  EXPECT_EQ(l.rcv_wind_shift, 8);
  EXPECT_EQ(l.rcv_buffer_initial_bytes, 16'776'960u);
}

// 65,536 never wraps to 0.
TEST(CompatPolicy, PeerWithoutScalingHoldsTheWindowBelow64K) {
  REQ("CM-6");
  ConnectionLimits l = connection_limits(tcp_config_for(), {});
  settle_scaling(l, false);
  EXPECT_FALSE(l.is_window_scaling);
  EXPECT_EQ(l.rcv_wind_shift, 0);
  EXPECT_EQ(l.rcv_buffer_initial_bytes, 65535u);
  EXPECT_EQ(l.rcv_buffer_ceiling_bytes, 65535u);
  ConnectionLimits both = connection_limits(tcp_config_for(), {});
  settle_scaling(both, true);
  EXPECT_EQ(both.rcv_wind_shift, 8);
}

TEST(CompatPolicy, SocketOverridesKeepaliveAndSynCount) {
  REQ("RFC9293-MUST-27");
  TcpSocketOptions s;
  s.keepalive_idle = std::chrono::seconds(5);
  s.keepalive_probes_max = 3;
  s.syn_retransmissions_max = 1;
  const ConnectionLimits l = connection_limits(tcp_config_for(), s);
  EXPECT_EQ(l.keepalive.idle, std::chrono::seconds(5));
  EXPECT_EQ(l.keepalive.interval, std::chrono::seconds(1));
  EXPECT_EQ(l.keepalive.probes_max, 3u);
  EXPECT_EQ(l.syn_retransmissions_max, 1u);
}

}  // namespace
}  // namespace oriel::tcp
