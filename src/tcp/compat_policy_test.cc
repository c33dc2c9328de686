#include "tcp/compat_policy.h"

#include <gtest/gtest.h>

#include "support/req.h"

namespace oriel::tcp {
namespace {

constexpr std::uint16_t kPolicyMss = 1460;
constexpr OsProfile kProfiles[] = {OsProfile::k2000,  OsProfile::kXp,       OsProfile::k2003,
                                   OsProfile::kVista, OsProfile::kVistaSp1, OsProfile::k7,
                                   OsProfile::k8,     OsProfile::k10,       OsProfile::k11};

HostSettings at_level(AutotuningLevel level, OsProfile profile = OsProfile::k11) {
  HostSettings s;
  s.profile = profile;
  s.autotuning_level = level;
  return s;
}

HostSettings old(std::uint8_t rfc1323_options = 0, std::optional<std::uint32_t> window = {},
                 OsProfile profile = OsProfile::kXp) {
  HostSettings s;
  s.profile = profile;
  s.rfc1323_options = rfc1323_options;
  s.tcp_window_bytes = window;
  return s;
}

TcpSocketOptions mode(ReceiveMode m, std::uint32_t rcv_buffer_bytes = 0) {
  TcpSocketOptions s;
  s.receive_mode = m;
  s.rcv_buffer_bytes = rcv_buffer_bytes;
  return s;
}

/// As both ends scale.
ReceiveLimits agreed(const TcpConfig& c, const TcpSocketOptions& s = {}) {
  return receive_limits(c, s, window_scale_offer(c, s), kPolicyMss);
}

TEST(CompatPolicy, DefaultIsWindows11) {
  const TcpConfig c = tcp_config_for();
  EXPECT_TRUE(c.is_window_scaling);
  EXPECT_EQ(c.rcv_wind_shift, 8);
  EXPECT_EQ(c.rcv_buffer_scaled_bytes, 65536u);
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

TEST(CompatPolicy, LevelsDecideScaleAndCeiling) {
  REQ("CM-6");
  REQ("CM-10");
  struct Row {
    AutotuningLevel level;
    std::int8_t scale;
    std::uint32_t initial, ceiling;
  };
  for (const OsProfile profile : {OsProfile::kVista, OsProfile::k7, OsProfile::k11}) {
    for (const Row& row : {Row{AutotuningLevel::kDisabled, -1, 65535, 65535},
                           Row{AutotuningLevel::kHighlyRestricted, 2, 65536, 262'140},
                           Row{AutotuningLevel::kRestricted, 4, 65536, 1'048'560},
                           Row{AutotuningLevel::kNormal, 8, 65536, 16'776'960},
                           Row{AutotuningLevel::kExperimental, 14, 65536, 1'073'725'440}}) {
      const TcpConfig c = tcp_config_for(at_level(row.level, profile));
      EXPECT_EQ(window_scale_offer(c, {}), row.scale);
      EXPECT_EQ(agreed(c).initial_bytes, row.initial);
      EXPECT_EQ(agreed(c).ceiling_bytes, row.ceiling);
      EXPECT_EQ(agreed(c).is_autotuning, row.scale >= 0);
    }
  }
}

// What a SYN says, and what holds where the peer's carried no WSopt: 65,536 never wraps to 0.
TEST(CompatPolicy, WithoutAgreementTheWindowEndsAt64K) {
  REQ("CM-6");
  for (const AutotuningLevel level : {AutotuningLevel::kNormal, AutotuningLevel::kExperimental}) {
    const ReceiveLimits l = receive_limits(tcp_config_for(at_level(level)), {}, -1, kPolicyMss);
    EXPECT_EQ(l.initial_bytes, 65535u);
    EXPECT_EQ(l.ceiling_bytes, 65535u);
    EXPECT_FALSE(l.is_autotuning);
  }
}

TEST(CompatPolicy, ShiftTwoModeRestrictsOneSocket) {
  REQ("CM-4");
  const TcpConfig c = tcp_config_for();
  const TcpSocketOptions s = mode(ReceiveMode::kShiftTwo);
  EXPECT_EQ(window_scale_offer(c, s), 2);
  EXPECT_TRUE(agreed(c, s).is_autotuning);
  EXPECT_EQ(agreed(c, s).ceiling_bytes, 262'140u);
  EXPECT_EQ(window_field(agreed(c, s).initial_bytes, 2), 16384);
  // The same as the level of that name, for any profile that knows both.
  const TcpConfig level = tcp_config_for(at_level(AutotuningLevel::kHighlyRestricted));
  EXPECT_EQ(window_scale_offer(level, {}), 2);
  EXPECT_EQ(window_scale_offer(level, s), 2);
  EXPECT_EQ(agreed(level).ceiling_bytes, agreed(c, s).ceiling_bytes);
}

// Even where SO_RCVBUF asked for more.
TEST(CompatPolicy, NoScalingModeHoldsTheWindowBelow64K) {
  REQ("CM-5");
  const TcpConfig c = tcp_config_for();
  for (const std::uint32_t asked : {0u, 65536u, 1'000'000u}) {
    const TcpSocketOptions s = mode(ReceiveMode::kNoScaling, asked);
    EXPECT_EQ(window_scale_offer(c, s), -1);
    EXPECT_EQ(agreed(c, s).initial_bytes, 65535u);
    EXPECT_EQ(agreed(c, s).ceiling_bytes, 65535u);
    EXPECT_FALSE(agreed(c, s).is_autotuning);
  }
}

// With the level at `disabled` the mode of a socket changes nothing.
TEST(CompatPolicy, DisabledLevelLeavesTheModesWithoutEffect) {
  REQ("CM-10");
  const TcpConfig c = tcp_config_for(at_level(AutotuningLevel::kDisabled));
  for (const auto m : {ReceiveMode::kHost, ReceiveMode::kShiftTwo, ReceiveMode::kNoScaling}) {
    EXPECT_EQ(window_scale_offer(c, mode(m)), -1);
    EXPECT_EQ(agreed(c, mode(m)).initial_bytes, 65535u);
    EXPECT_FALSE(agreed(c, mode(m)).is_autotuning);
  }
}

TEST(CompatPolicy, ReceiveBufferSizeFixesWindowAndPicksTheSmallestScale) {
  REQ("CM-9");
  struct Row {
    ReceiveMode receive_mode;
    std::uint32_t asked;
    std::int8_t scale;
    std::uint32_t initial;
  };
  const TcpConfig c = tcp_config_for();
  for (const Row& row :
       {Row{ReceiveMode::kHost, 20'000, 0, 20'000}, Row{ReceiveMode::kHost, 65'535, 0, 65'535},
        Row{ReceiveMode::kHost, 65'536, 1, 65'536}, Row{ReceiveMode::kHost, 200'000, 2, 200'000},
        Row{ReceiveMode::kHost, 100'000'000, 8, 16'776'960},
        Row{ReceiveMode::kShiftTwo, 100'000, 1, 100'000},
        Row{ReceiveMode::kShiftTwo, 1'000'000, 2, 262'140}}) {
    const TcpSocketOptions s = mode(row.receive_mode, row.asked);
    EXPECT_EQ(window_scale_offer(c, s), row.scale) << row.asked;
    EXPECT_EQ(agreed(c, s).initial_bytes, row.initial) << row.asked;
    EXPECT_FALSE(agreed(c, s).is_autotuning);
  }
}

TEST(CompatPolicy, BeforeVistaNothingIsScaledOrStamped) {
  REQ("CM-11");
  for (const auto p : {OsProfile::k2000, OsProfile::kXp, OsProfile::k2003}) {
    const TcpConfig c = tcp_config_for(old(0, {}, p));
    EXPECT_EQ(window_scale_offer(c, {}), -1);
    EXPECT_FALSE(c.is_timestamps);
    EXPECT_FALSE(c.is_rcv_autotuning);
  }
}

TEST(CompatPolicy, DefaultWindowFollowsTheSpeedOfTheLinkInEvenMultiplesOfTheMss) {
  REQ("CM-11");
  struct Row {
    std::uint64_t bits_per_second;
    std::uint16_t mss;
    std::uint32_t window;
  };
  for (const Row& row : {Row{10'000'000, 1460, 17'520}, Row{100'000'000, 1460, 64'240},
                         Row{0, 1460, 64'240}, Row{10'000'000'000, 1460, 64'240},
                         Row{10'000'000, 536, 17'152}, Row{100'000'000, 536, 65'392},
                         Row{100'000'000, 8960, 53'760}, Row{10'000'000, 8960, 17'920},
                         Row{100'000'000, 65'495, 65'495}, Row{100'000'000, 40'000, 40'000}}) {
    const TcpConfig c = tcp_config_for(old(), {row.bits_per_second, {}});
    const ReceiveLimits l = receive_limits(c, {}, -1, row.mss);
    EXPECT_EQ(l.initial_bytes, row.window) << row.bits_per_second << " " << row.mss;
    EXPECT_FALSE(l.is_autotuning);
  }
}

TEST(CompatPolicy, RegistryOfTheInterfaceComesBeforeTheHosts) {
  REQ("CM-11");
  const HostSettings host = old(0, 30'000);
  EXPECT_EQ(
      receive_limits(tcp_config_for(host, {10'000'000, {}}), {}, -1, kPolicyMss).initial_bytes,
      22u * kPolicyMss);
  EXPECT_EQ(receive_limits(tcp_config_for(host, {0, 10'000u}), {}, -1, kPolicyMss).initial_bytes,
            8u * kPolicyMss);
  // More than the field can say, and no WSopt.
  EXPECT_EQ(receive_limits(tcp_config_for(old(0, 1'073'741'823)), {}, -1, kPolicyMss).initial_bytes,
            44u * kPolicyMss);
}

// Bit 0 is WSopt, bit 1 TSopt: 1 and 3 scale.
TEST(CompatPolicy, RegistryBitsTurnTheOptionsOn) {
  REQ("CM-11");
  for (std::uint8_t bits = 0; bits < 4; ++bits) {
    const TcpConfig c = tcp_config_for(old(bits));
    EXPECT_EQ(window_scale_offer(c, {}) >= 0, bits == 1 || bits == 3) << int{bits};
    EXPECT_EQ(c.is_timestamps, bits == 2 || bits == 3) << int{bits};
  }
}

// A whole field, and the factor does the scaling; at most 4.
TEST(CompatPolicy, RegistryWindowPicksTheFactorAndTheFieldIsFull) {
  REQ("CM-11");
  struct Row {
    std::optional<std::uint32_t> window;
    std::int8_t scale;
    std::uint32_t true_window;
  };
  for (const Row& row :
       {Row{{}, 0, 65'535}, Row{65'535, 0, 65'535}, Row{65'536, 1, 131'070},
        Row{200'000, 2, 262'140}, Row{1'048'560, 4, 1'048'560}, Row{1'073'741'823, 4, 1'048'560}}) {
    const TcpConfig c = tcp_config_for(old(1, row.window));
    EXPECT_EQ(window_scale_offer(c, {}), row.scale);
    EXPECT_EQ(agreed(c).initial_bytes, row.true_window);
    EXPECT_EQ(window_field(agreed(c).initial_bytes, static_cast<std::uint8_t>(row.scale)), 65535);
    // Only if the peer's SYN carried it too.
    EXPECT_LE(receive_limits(c, {}, -1, kPolicyMss).initial_bytes, 65'535u);
  }
  // A socket's own size needs WSopt like any other.
  EXPECT_EQ(window_scale_offer(tcp_config_for(old()), mode(ReceiveMode::kHost, 200'000)), -1);
  const TcpConfig scaling = tcp_config_for(old(1));
  EXPECT_EQ(window_scale_offer(scaling, mode(ReceiveMode::kHost, 200'000)), 2);
  EXPECT_EQ(agreed(scaling, mode(ReceiveMode::kHost, 200'000)).initial_bytes, 200'000u);
}

TEST(CompatPolicy, RegistryIsNothingToVistaAndLater) {
  REQ("CM-11");
  for (const OsProfile p : kProfiles) {
    if (p < OsProfile::kVista) continue;
    HostSettings s = old(3, 20'000, p);
    const TcpConfig c = tcp_config_for(s, {10'000'000, 10'000u});
    EXPECT_EQ(window_scale_offer(c, {}), 8);
    EXPECT_EQ(agreed(c).initial_bytes, 65'536u);
    EXPECT_FALSE(c.is_timestamps);
  }
}

TEST(CompatPolicy, ShrinkingOnceConnectedNeedsTheMode) {
  REQ("CM-3");
  TcpSocketOptions s;
  EXPECT_TRUE(may_set_rcv_buffer(s, false, 65'536, 1'000));
  EXPECT_FALSE(may_set_rcv_buffer(s, true, 65'536, 65'535));
  EXPECT_TRUE(may_set_rcv_buffer(s, true, 65'536, 65'536));
  EXPECT_TRUE(may_set_rcv_buffer(s, true, 65'536, 65'537));
  s.may_shrink_rcv_buffer = true;
  EXPECT_TRUE(may_set_rcv_buffer(s, true, 65'536, 1'000));
}

TEST(CompatPolicy, ProfilesHaveWhatTheirTimeHad) {
  REQ("SET-1");
  for (const OsProfile p : kProfiles) {
    EXPECT_EQ(has_feature(p, Feature::kFastPath), p >= OsProfile::k8);
    EXPECT_EQ(has_feature(p, Feature::kIdealSendBacklog), p >= OsProfile::kVistaSp1);
    EXPECT_EQ(has_feature(p, Feature::kCompatibilityMode), p >= OsProfile::kVista);
  }
}

TEST(CompatPolicy, ProfilesOpenAsTheirTimeDid) {
  REQ("SET-1");
  for (const OsProfile p : kProfiles) {
    HostSettings s;
    s.profile = p;
    const TcpConfig c = tcp_config_for(s);
    const bool is_recent = p >= OsProfile::k10;
    EXPECT_EQ(c.rto.initial, std::chrono::seconds(is_recent ? 1 : 3));
    EXPECT_EQ(c.syn_retransmissions_max, is_recent ? 4u : 2u);
    EXPECT_EQ(c.cc.initial_window_segments, is_recent ? 10u : 4u);
    EXPECT_EQ(c.congestion_control, is_recent ? CcAlgorithm::kCubic : CcAlgorithm::kNewReno);
  }
}

// ISB-9.
TEST(CompatPolicy, DynamicSendBufferingFromWindows7On) {
  HostSettings s;
  s.profile = OsProfile::kVistaSp1;
  EXPECT_FALSE(tcp_config_for(s).is_snd_autotuning);
  s.profile = OsProfile::k7;
  EXPECT_TRUE(tcp_config_for(s).is_snd_autotuning);
  s.is_send_autotuning = false;
  EXPECT_FALSE(tcp_config_for(s).is_snd_autotuning);
  TcpSocketOptions o;
  o.snd_buffer_bytes = 8192;
  const ConnectionLimits l = connection_limits(tcp_config_for(), o);
  EXPECT_FALSE(l.is_snd_autotuning);
  EXPECT_EQ(l.snd_buffer_initial_bytes, 8192u);
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
