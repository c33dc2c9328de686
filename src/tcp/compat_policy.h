// Which limits apply for this profile, setting, link and socket? (spec CM-3 to CM-11, SET-1)
//
// The one place in the core that asks "which Windows is this"; everything else receives numbers.
// A profile differs from its neighbours only in what a source states: from Vista on the window is
// tuned and scaled; before, it is a fixed size by the link's speed and scaled only where the
// registry said so. The surprise: a window that scaling was agreed for on an old profile is a whole
// field, 65,535, times the factor; the size asked for only picks the factor.
#pragma once

#include <cstdint>
#include <optional>

#include "oriel/settings.h"
#include "tcp/tcp_config.h"

namespace oriel::tcp {

/// What a profile either has or has not (spec SET-1).
enum class Feature : std::uint8_t {
  kFastPath,           ///< loopback without segments: from 8 on
  kIdealSendBacklog,   ///< from Vista SP1 on
  kCompatibilityMode,  ///< from Vista on
};
bool has_feature(OsProfile profile, Feature feature);

/// What is known of the link that a connection leaves by.
struct LinkFacts {
  std::uint64_t bits_per_second = 0;              ///< 0: unknown, taken for fast
  std::optional<std::uint32_t> tcp_window_bytes;  ///< the interface's own TCPWindowSize
};

/// The numbers that profile, level and registry decide; the rest keeps its defaults.
TcpConfig tcp_config_for(const HostSettings& settings = {}, const LinkFacts& link = {});

/// The scale to put into the SYN; -1: no WSopt. Fixed from then on (spec CM-8).
std::int8_t window_scale_offer(const TcpConfig& config, const TcpSocketOptions& socket);

/// What the receive side may do under `scale` (-1: none was agreed on, or it is not known yet: what
/// the SYN says). `mss` is the one agreed on, or our own before.
ReceiveLimits receive_limits(const TcpConfig& config, const TcpSocketOptions& socket,
                             std::int8_t scale, std::uint16_t mss);

/// May a program set this receive buffer size? `shown_bytes` is what it reads back now (CM-3).
bool may_set_rcv_buffer(const TcpSocketOptions& socket, bool is_connected,
                        std::uint32_t shown_bytes, std::uint32_t wanted_bytes);

/// The other limits of a connection.
ConnectionLimits connection_limits(const TcpConfig& config, const TcpSocketOptions& socket);

}  // namespace oriel::tcp
