// See config.h. Profiles and layers of settings come later and will end here too.
#include "stack/config.h"

#include <algorithm>

#include "tcp/compat_policy.h"

namespace oriel::stack {
namespace {

constexpr std::int8_t kWindowScaleMax = 14;  // RFC 7323 2.3

tcp::CcAlgorithm algorithm(CongestionAlgorithm a) {
  switch (a) {
    case CongestionAlgorithm::kCubic:
      return tcp::CcAlgorithm::kCubic;
    case CongestionAlgorithm::kNewReno:
      return tcp::CcAlgorithm::kNewReno;
  }
  return tcp::CcAlgorithm::kCubic;
}

tcp::TcpConfig make(const HostSettings& s, bool is_window_scaling) {
  using tcp::AutotuningLevel;
  tcp::TcpConfig c =
      tcp::tcp_config_for(tcp::WindowsProfile::k11, is_window_scaling ? AutotuningLevel::kNormal
                                                                      : AutotuningLevel::kDisabled);
  if (is_window_scaling) {
    c.rcv_wind_shift =
        static_cast<std::uint8_t>(std::clamp<std::int8_t>(s.window_scale, 0, kWindowScaleMax));
  }
  c.is_sack = s.is_sack;
  c.is_timestamps = s.is_timestamps;
  c.congestion_control = algorithm(s.congestion);
  c.cc.initial_window_segments = std::max(1u, s.initial_window_segments);
  c.rto.initial = s.rto_initial;
  c.rto.rto_min = s.rto_min;
  c.ack.delay = s.delayed_ack;
  c.time_wait = s.time_wait;
  c.keepalive.idle = s.keepalive_idle;
  c.keepalive.interval = s.keepalive_interval;
  c.syn_retransmissions_max = s.syn_retransmits;
  c.synack_retransmissions_max = s.synack_retransmits;
  c.retransmissions_max = s.data_retransmits;
  c.snd_buffer_bytes_max = s.snd_buffer_bytes_max;
  return c;
}

}  // namespace

tcp::TcpConfig tcp_config(const HostSettings& settings) {
  return make(settings, settings.is_window_scaling);
}

tcp::TcpConfig tcp_config_with_scaling(const HostSettings& settings) {
  return make(settings, true);
}

tcp::TcpSocketOptions socket_options(const TcpOptionsForSocket& options) {
  tcp::TcpSocketOptions o;
  o.is_nodelay = options.is_nodelay;
  o.is_keepalive = options.is_keepalive;
  o.rcv_buffer_bytes = options.receive_buffer_bytes.value_or(0);
  o.snd_buffer_bytes = options.send_buffer_bytes.value_or(0);
  if (options.window_scaling == false) o.scaling_mode = tcp::ScalingMode::kNoScaling;
  if (options.user_timeout) o.user_timeout = std::max(*options.user_timeout, Duration{1});
  return o;
}

ip::Settings ip_settings(const HostSettings& settings) {
  ip::Settings s;
  s.hop_limit = std::max<std::uint8_t>(settings.hop_limit, 1);  // REQ RFC9293-MUST-49
  return s;
}

}  // namespace oriel::stack
