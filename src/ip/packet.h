// Packets as the IP layer hands them about: delivered upwards, owned on their way out, and the
// events that ICMP errors become.
//
// A delivered packet keeps its IP header in front of the transport bytes, because an ICMP error
// that answers it has to quote both. Offsets in a delivered Offload are relative to the transport
// header.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "ip/statistics.h"
#include "oriel/address.h"
#include "oriel/link.h"
#include "wire/ipv4.h"

namespace oriel::ip {

namespace protocol = wire::ip_protocol;  // kIcmp, kTcp, kUdp, kIcmpv6

/// A packet that the layer made or copied and that has to leave by a device (or, for
/// kLoopbackInterface, has to be given to Layer::input again).
struct OwnedPacket {
  std::uint32_t interface_index = 0;
  Slice bytes;  ///< link header included where the interface has one
  Offload offload;
};

/// What an ICMP error, or a neighbour that does not answer, says about one of our flows.
struct IcmpEvent {
  enum class Kind : std::uint8_t {
    kHostUnreachable,
    kNetUnreachable,
    kPortUnreachable,
    kProtocolUnreachable,
    kPacketTooBig,  ///< `mtu` is set; validate, then Layer::learn_pmtu
    kTimeExceeded,
    kAdminProhibited,
    kParameterProblem,
  };
  Kind kind = Kind::kHostUnreachable;
  std::uint8_t protocol = 0;  ///< of the packet that the error quotes
  IpAddress source;           ///< source of the quoted packet: one of ours
  IpAddress destination;      ///< destination of the quoted packet: the peer
  IpAddress reporter;         ///< who sent the error; ours when resolution failed here
  std::uint32_t mtu = 0;      ///< kPacketTooBig: next-hop MTU, >= 68 (IPv4) or >= 1280 (IPv6)
  std::uint32_t interface_index = 0;
  /// First eight transport bytes of the quoted packet: ports, then for TCP the sequence number.
  std::array<std::uint8_t, 8> transport{};

  std::uint16_t source_port() const { return load_be16(transport.data()); }
  std::uint16_t destination_port() const { return load_be16(transport.data() + 2); }
  std::uint32_t tcp_seq() const { return load_be32(transport.data() + 4); }
};

/// What came out of Layer::input.
enum class Verdict : std::uint8_t {
  kDeliver,   ///< the packet's transport bytes are for the caller
  kError,     ///< `Delivery::error` is for the caller
  kConsumed,  ///< the layer dealt with it
  kDropped,   ///< counted under `Delivery::drop_reason`
};

struct Delivery {
  Slice packet;                        ///< from the IP header to the end of the datagram
  std::uint16_t transport_offset = 0;  ///< where the transport header starts in `packet`
  std::uint8_t protocol = 0;
  std::uint8_t hop_limit = 0;
  std::uint8_t traffic_class = 0;     ///< DSCP << 2 | ECN
  bool is_checksum_verified = false;  ///< transport checksum needs no check here
  bool is_multicast = false;          ///< destination was multicast or broadcast (IP or link)
  DropReason drop_reason = DropReason::kNone;
  std::uint32_t interface_index = 0;
  std::uint16_t gso_size = 0;  ///< != 0: merged TCP segments, cut in units of this
  Offload offload;             ///< checksum_start is 0 = the transport header
  IpAddress source;
  IpAddress destination;
  IcmpEvent error;  ///< only with Verdict::kError

  std::uint8_t ecn() const { return traffic_class & 3; }
  ByteView transport_view() const { return packet.view().subspan(transport_offset); }
  /// The transport bytes with shared ownership.
  Slice transport() const {
    return packet.subslice(transport_offset, packet.size() - transport_offset);
  }
};

}  // namespace oriel::ip
