// Headers in front of a transport packet, and the bounded queue of packets that the layer itself
// makes.
//
// `emit_headers` is the hot path of sending: link header and IP header in one run of bytes, so that
// the caller writes its transport header right behind. It touches nothing but its arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/bytes.h"
#include "ip/packet.h"
#include "ip/path.h"

namespace oriel::ip {

inline constexpr std::size_t kOutQueuePacketsMax = 1024;
/// Loopback packets wait only until the owner's next turn; TCP's windows bound them as well.
inline constexpr std::size_t kLoopbackQueuePacketsMax = 4096;
inline constexpr std::size_t kHeaderBytesMax = kLinkHeaderBytesMax + kIpv6HeaderBytes;

struct NetworkHeader {
  std::uint8_t protocol = 0;
  std::uint8_t traffic_class = 0;  ///< DSCP << 2 | ECN
  std::uint8_t hop_limit = 128;
  bool dont_fragment = true;          ///< IPv4 only
  std::uint16_t ipv4_id = 0;          ///< may be 0 with dont_fragment (RFC 6864)
  std::uint32_t transport_bytes = 0;  ///< transport header and payload; of the whole super-segment
};

/// Writes link header (Ethernet interfaces) and IP header for a packet on `path`; returns their
/// length, path.header_bytes(). The IPv4 header checksum is complete. The destination hardware
/// address is right only when the path is ready. Requires: out.size() >= path.header_bytes();
/// header.transport_bytes + IP header <= 65535 (+40: IPv6).
std::size_t emit_headers(const Path& path, const NetworkHeader& header, ByteSpan out);

/// FIFO of packets for devices. Bound: kOutQueuePacketsMax, kLoopbackQueuePacketsMax.
class OutQueue {
 public:
  /// False: full, the packet is gone.
  bool push(OwnedPacket packet);
  bool pop(OwnedPacket& out);
  bool empty() const { return device_.empty() && loopback_.empty(); }

 private:
  std::deque<OwnedPacket> device_;
  std::deque<OwnedPacket> loopback_;
};

}  // namespace oriel::ip
