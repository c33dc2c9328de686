#include "tcp/compat_policy.h"

#include <algorithm>

namespace oriel::tcp {
namespace {

constexpr std::uint8_t kCompatibleShift = 2;        // CM-4
constexpr std::uint32_t kUnscaledBytesMax = 65535;  // CM-5

std::uint8_t shift_for(AutotuningLevel level) {
  switch (level) {
    case AutotuningLevel::kDisabled:
      return 0;
    case AutotuningLevel::kHighlyRestricted:
      return 2;
    case AutotuningLevel::kRestricted:
      return 4;
    case AutotuningLevel::kNormal:
      return 8;
    case AutotuningLevel::kExperimental:
      return 14;
  }
  return 8;  // a value outside the enumeration
}

bool has_autotuning(WindowsProfile profile) {
  return profile >= WindowsProfile::kVista;
}

void refuse_scaling(ConnectionLimits& limits) {
  limits.is_window_scaling = false;
  limits.rcv_wind_shift = 0;
  limits.is_rcv_autotuning = false;
  limits.rcv_buffer_ceiling_bytes = kUnscaledBytesMax;
  limits.rcv_buffer_initial_bytes = std::min(limits.rcv_buffer_initial_bytes, kUnscaledBytesMax);
}

void use_shift(ConnectionLimits& limits, std::uint8_t shift) {
  limits.rcv_wind_shift = shift;
  limits.rcv_buffer_ceiling_bytes = window_ceiling_bytes(shift);
  limits.rcv_buffer_initial_bytes =
      std::min(limits.rcv_buffer_initial_bytes, limits.rcv_buffer_ceiling_bytes);
}

}  // namespace

TcpConfig tcp_config_for(WindowsProfile profile, AutotuningLevel level) {
  TcpConfig config;
  const bool is_tuned = has_autotuning(profile) && level != AutotuningLevel::kDisabled;
  config.is_window_scaling = is_tuned;
  config.is_rcv_autotuning = is_tuned;
  config.rcv_wind_shift = is_tuned ? shift_for(level) : std::uint8_t{0};
  if (!is_tuned) config.rcv_buffer_initial_bytes = kUnscaledBytesMax;
  config.is_snd_autotuning = profile >= WindowsProfile::k7;
  return config;
}

// REQ CM-4, CM-5, CM-9
ConnectionLimits connection_limits(const TcpConfig& config, const TcpSocketOptions& socket) {
  ConnectionLimits limits;
  limits.is_window_scaling = config.is_window_scaling;
  limits.is_rcv_autotuning = config.is_rcv_autotuning && socket.rcv_buffer_bytes == 0;
  limits.rcv_buffer_initial_bytes =
      socket.rcv_buffer_bytes != 0 ? socket.rcv_buffer_bytes : config.rcv_buffer_initial_bytes;
  if (!config.is_window_scaling || socket.scaling_mode == ScalingMode::kNoScaling) {
    refuse_scaling(limits);
  } else {
    const std::uint8_t shift_max = socket.scaling_mode == ScalingMode::kShiftTwo
                                       ? std::min(config.rcv_wind_shift, kCompatibleShift)
                                       : config.rcv_wind_shift;
    use_shift(limits, socket.rcv_buffer_bytes != 0
                          ? smallest_shift_for(socket.rcv_buffer_bytes, shift_max)
                          : shift_max);
  }
  limits.is_snd_autotuning = config.is_snd_autotuning && socket.snd_buffer_bytes == 0;
  limits.snd_buffer_initial_bytes =
      socket.snd_buffer_bytes != 0 ? socket.snd_buffer_bytes : config.snd_buffer_initial_bytes;
  limits.keepalive = config.keepalive;
  if (socket.keepalive_idle.count() > 0) limits.keepalive.idle = socket.keepalive_idle;
  if (socket.keepalive_interval.count() > 0) limits.keepalive.interval = socket.keepalive_interval;
  if (socket.keepalive_probes_max != 0) limits.keepalive.probes_max = socket.keepalive_probes_max;
  limits.syn_retransmissions_max = socket.syn_retransmissions_max != 0
                                       ? socket.syn_retransmissions_max
                                       : config.syn_retransmissions_max;
  return limits;
}

// REQ CM-6
void settle_scaling(ConnectionLimits& limits, bool is_peer_scaling) {
  if (!is_peer_scaling || !limits.is_window_scaling) refuse_scaling(limits);
}

}  // namespace oriel::tcp
