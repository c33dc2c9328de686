// The UDP header written and checked (RFC 768, RFC 8200 8.1, RFC 1122 4.1).
//
// A checksum of zero means "none" over IPv4 and is forbidden over IPv6. Bytes behind the UDP length
// are cut off; a length beyond the packet is an error. Port 0 as destination goes nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "oriel/address.h"
#include "oriel/link.h"

namespace oriel::udp {

inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kChecksumOffset = 6;
/// Largest payload: IP packet of 65535 (IPv4) or IP payload of 65535 (IPv6).
inline constexpr std::size_t kPayloadBytesMaxIpv4 = 65535 - 20 - kHeaderBytes;
inline constexpr std::size_t kPayloadBytesMaxIpv6 = 65535 - kHeaderBytes;

enum class ChecksumMode : std::uint8_t {
  kComplete,  ///< sum everything here
  kPartial,   ///< leave the pseudo-header sum; the device does the rest
  kNone,      ///< zero field; IPv4 only
};

/// Writes the header of a datagram whose payload is `pieces`; returns the Offload that belongs to
/// it, with checksum_start counting from the UDP header. Requires: payload no larger than
/// kPayloadBytesMax of the family.
Offload emit_header(const Endpoint& source, const Endpoint& destination,
                    std::span<const ByteView> pieces, ChecksumMode mode,
                    std::span<std::uint8_t, kHeaderBytes> out);

enum class ParseOutcome : std::uint8_t {
  kOk,
  kTruncated,  ///< fewer than eight bytes, or the length field does not fit
  kBadChecksum,
  kZeroChecksum,  ///< IPv6 without a checksum
  kZeroPort,      ///< destination port 0
};

struct ParsedDatagram {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::size_t payload_bytes = 0;  ///< right behind the eight header bytes
};

/// Checks and reads the datagram at the start of `transport`, sent from `source` to `destination`.
/// `is_verified`: the checksum needs no check.
ParseOutcome parse_datagram(const IpAddress& source, const IpAddress& destination,
                            ByteView transport, bool is_verified, ParsedDatagram& out);

}  // namespace oriel::udp
