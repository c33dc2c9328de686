// See config.h. What a profile decides is tcp/compat_policy's; what a setting says goes over it.
#include "stack/config.h"

#include <algorithm>

#include "tcp/compat_policy.h"

namespace oriel::stack {
namespace {

tcp::CcAlgorithm algorithm(CongestionAlgorithm a) {
  switch (a) {
    case CongestionAlgorithm::kCubic:
      return tcp::CcAlgorithm::kCubic;
    case CongestionAlgorithm::kNewReno:
      return tcp::CcAlgorithm::kNewReno;
  }
  return tcp::CcAlgorithm::kCubic;
}

}  // namespace

tcp::TcpConfig tcp_config(const HostSettings& s, const tcp::LinkFacts& link) {
  tcp::TcpConfig c = tcp::tcp_config_for(s, link);
  c.is_sack = s.is_sack;
  c.is_timestamps = c.is_timestamps || s.is_timestamps;
  if (s.congestion) c.congestion_control = algorithm(*s.congestion);
  if (s.initial_window_segments) {
    c.cc.initial_window_segments = std::max(1u, *s.initial_window_segments);
  }
  if (s.rto_initial) c.rto.initial = *s.rto_initial;
  if (s.syn_retransmits) c.syn_retransmissions_max = *s.syn_retransmits;
  c.rto.rto_min = s.rto_min;
  if (s.delayed_ack) c.ack.delay = *s.delayed_ack;
  if (s.time_wait) c.time_wait = *s.time_wait;
  c.keepalive.idle = s.keepalive_idle;
  c.keepalive.interval = s.keepalive_interval;
  c.synack_retransmissions_max = s.synack_retransmits;
  if (s.data_retransmits) c.retransmissions_max = *s.data_retransmits;
  c.snd_buffer_bytes_max = s.snd_buffer_bytes_max;
  return c;
}

tcp::TcpSocketOptions socket_options(const TcpOptionsForSocket& options) {
  tcp::TcpSocketOptions o;
  o.is_nodelay = options.is_nodelay;
  o.is_keepalive = options.is_keepalive;
  o.rcv_buffer_bytes = options.receive_buffer_bytes.value_or(0);
  o.snd_buffer_bytes = options.send_buffer_bytes.value_or(0);
  o.receive_mode = options.compatibility.receive_mode;
  o.may_shrink_rcv_buffer = options.compatibility.may_shrink_receive_buffer;
  if (options.user_timeout) o.user_timeout = std::max(*options.user_timeout, Duration{1});
  return o;
}

std::uint32_t shown_rcv_buffer(const TcpInfo& info) {
  constexpr std::uint32_t kTunedBytes = 65536;
  return info.is_rcv_buf_fixed ? info.rcv_buf : kTunedBytes;
}

ip::Settings ip_settings(const HostSettings& settings) {
  ip::Settings s;
  s.hop_limit = std::max<std::uint8_t>(settings.hop_limit, 1);  // REQ RFC9293-MUST-49
  return s;
}

}  // namespace oriel::stack
