// What watchers and boxes read of a TCP segment in an IP packet, and how they tell flows apart.
//
// IPv4 and IPv6 without extension headers; fragments are nobody's segment. Nothing is verified: who
// looks does not own the packet.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "oriel/address.h"
#include "wire/tcp_segment.h"

namespace oriel::sim {

struct SeenSegment {
  IpAddress source;
  IpAddress destination;
  wire::TcpHeader header;
  std::int8_t window_scale = -1;  ///< parsed for SYNs only
  std::uint32_t payload_bytes = 0;
  SeqNum data_end() const { return header.seq + payload_bytes; }
};

/// Where the TCP header starts in the packet whose first bytes are `head`; 0: there is none to
/// read. `ip_total_bytes` becomes what the IP header says of the whole packet.
std::size_t locate_tcp(ByteView head, std::size_t* ip_total_bytes);

/// Reads the headers at `head` of a packet of `packet_bytes`. False: not a whole TCP segment.
bool see_segment(ByteView head, std::size_t packet_bytes, SeenSegment* out);

/// One direction of one connection, or one end of it: who is `local` is the user's choice.
struct FlowKey {
  IpAddress local;
  IpAddress remote;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};
struct FlowHash {
  std::size_t operator()(const FlowKey& k) const;
};

}  // namespace oriel::sim
