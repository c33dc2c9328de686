#include "tcp/compat_policy.h"

#include <algorithm>

#include "base/profile_numbers.h"

namespace oriel::tcp {
namespace {

constexpr std::uint8_t kCompatibleShift = 2;   // CM-4
constexpr std::uint8_t kRegistryShiftMax = 4;  // CM-11: the seed's "maximum scale factor of 4"
constexpr std::uint8_t kWindowScalingBit = 1;  // of Tcp1323Opts
constexpr std::uint8_t kTimestampsBit = 2;
constexpr std::uint32_t kTunedInitialBytes = 65536;    // CM-6
constexpr std::uint32_t kSlowLinkWindowBytes = 16384;  // CM-11: at 10 Mbit/s
constexpr std::uint64_t kFastLinkBitsPerSecond = 100'000'000;

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

// REQ CM-6, CM-10
void use_level(TcpConfig& config, AutotuningLevel level) {
  const bool is_tuned = level != AutotuningLevel::kDisabled;
  config.is_window_scaling = is_tuned;
  config.is_rcv_autotuning = is_tuned;
  config.rcv_wind_shift = config.rcv_wind_shift_max = shift_for(level);
  config.rcv_buffer_scaled_bytes = kTunedInitialBytes;
  config.rcv_buffer_unscaled_bytes = kWindowFieldMax;
}

// A link of unknown speed is taken for fast: nearly all are, and a window that is too small costs
// more than one that is too large.
std::uint32_t window_for_speed(std::uint64_t bits_per_second) {
  const bool is_slow = bits_per_second != 0 && bits_per_second < kFastLinkBitsPerSecond;
  return is_slow ? kSlowLinkWindowBytes : kWindowFieldMax;
}

// REQ CM-11
void use_registry(TcpConfig& config, const HostSettings& settings, const LinkFacts& link) {
  const std::optional<std::uint32_t> set =
      link.tcp_window_bytes ? link.tcp_window_bytes : settings.tcp_window_bytes;
  const std::uint32_t window = std::max(1u, set.value_or(window_for_speed(link.bits_per_second)));
  config.is_rcv_autotuning = false;
  config.is_window_scaling = (settings.rfc1323_options & kWindowScalingBit) != 0;
  config.is_timestamps = (settings.rfc1323_options & kTimestampsBit) != 0;
  config.rcv_wind_shift = smallest_shift_for(window, kRegistryShiftMax);
  config.rcv_wind_shift_max = kRegistryShiftMax;
  config.rcv_buffer_scaled_bytes = window_ceiling_bytes(config.rcv_wind_shift);
  config.rcv_buffer_unscaled_bytes = std::min(window, kWindowFieldMax);
  config.is_rcv_buffer_even_mss = true;
}

void use_profile(TcpConfig& config, OsProfile profile) {
  const ProfileNumbers numbers = profile_numbers(profile);
  config.rto.initial = numbers.rto_initial;
  config.syn_retransmissions_max = numbers.syn_retransmits;
  config.cc.initial_window_segments = numbers.initial_window_segments;
  config.ack.delay = numbers.delayed_ack;
  config.time_wait = numbers.time_wait;
  config.retransmissions_max = numbers.data_retransmits;
  config.congestion_control = numbers.congestion == CongestionAlgorithm::kCubic
                                  ? CcAlgorithm::kCubic
                                  : CcAlgorithm::kNewReno;
}

// 12 x 1,460 for 16,384, 44 x 1,460 for 65,535: up to an even number of segments, down where that
// is more than a field can say.
std::uint32_t even_multiple(std::uint32_t bytes, std::uint16_t mss) {
  const std::uint32_t pair = 2u * mss;
  if (pair == 0) return bytes;
  const std::uint32_t up = (bytes + pair - 1) / pair * pair;
  if (up <= kWindowFieldMax) return up;
  const std::uint32_t down = kWindowFieldMax / pair * pair;
  if (down != 0) return down;
  return mss <= kWindowFieldMax ? mss : kWindowFieldMax;  // segments of half a window and more
}

}  // namespace

// REQ SET-1
bool has_feature(OsProfile profile, Feature feature) {
  switch (feature) {
    case Feature::kFastPath:
      return profile >= OsProfile::k8;
    case Feature::kIdealSendBacklog:
      return profile >= OsProfile::kVistaSp1;
    case Feature::kCompatibilityMode:
      return profile >= OsProfile::kVista;
  }
  return false;
}

TcpConfig tcp_config_for(const HostSettings& settings, const LinkFacts& link) {
  TcpConfig config;
  use_profile(config, settings.profile);
  if (settings.profile >= OsProfile::kVista) {
    use_level(config, settings.autotuning_level);
  } else {
    use_registry(config, settings, link);
  }
  // REQ ISB-9
  config.is_snd_autotuning = settings.is_send_autotuning && settings.profile >= OsProfile::k7;
  return config;
}

// REQ CM-4, CM-5, CM-9
std::int8_t window_scale_offer(const TcpConfig& config, const TcpSocketOptions& socket) {
  if (!config.is_window_scaling || socket.receive_mode == ReceiveMode::kNoScaling) return -1;
  const bool is_sized = socket.rcv_buffer_bytes != 0;
  std::uint8_t shift = is_sized ? config.rcv_wind_shift_max : config.rcv_wind_shift;
  if (socket.receive_mode == ReceiveMode::kShiftTwo) shift = std::min(shift, kCompatibleShift);
  if (is_sized) shift = smallest_shift_for(socket.rcv_buffer_bytes, shift);
  return static_cast<std::int8_t>(shift);
}

// REQ CM-4, CM-5, CM-6, CM-9, CM-11
ReceiveLimits receive_limits(const TcpConfig& config, const TcpSocketOptions& socket,
                             std::int8_t scale, std::uint16_t mss) {
  ReceiveLimits limits;
  const bool is_scaled = scale >= 0;
  limits.ceiling_bytes = window_ceiling_bytes(is_scaled ? static_cast<std::uint8_t>(scale) : 0);
  limits.is_autotuning = config.is_rcv_autotuning && is_scaled && socket.rcv_buffer_bytes == 0;
  if (socket.rcv_buffer_bytes != 0) {
    limits.initial_bytes = socket.rcv_buffer_bytes;
  } else if (is_scaled) {
    limits.initial_bytes = config.rcv_buffer_scaled_bytes;
  } else if (config.is_rcv_buffer_even_mss) {
    limits.initial_bytes = even_multiple(config.rcv_buffer_unscaled_bytes, mss);
  } else {
    limits.initial_bytes = config.rcv_buffer_unscaled_bytes;
  }
  limits.initial_bytes = std::min(limits.initial_bytes, limits.ceiling_bytes);
  return limits;
}

// REQ CM-3
bool may_set_rcv_buffer(const TcpSocketOptions& socket, bool is_connected,
                        std::uint32_t shown_bytes, std::uint32_t wanted_bytes) {
  return !is_connected || wanted_bytes >= shown_bytes || socket.may_shrink_rcv_buffer;
}

ConnectionLimits connection_limits(const TcpConfig& config, const TcpSocketOptions& socket) {
  ConnectionLimits limits;
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

}  // namespace oriel::tcp
