// A datagram cut for a small path (RFC 791 3.2, RFC 8200 4.5): where each fragment starts and ends.
//
// Pure arithmetic and headers; the sender does the queueing. Every fragment but the last carries a
// multiple of eight bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "ip/output.h"

namespace oriel::ip {

inline constexpr std::size_t kIpv6FragmentHeaderBytes = 8;

/// Data bytes of each fragment but the last on `path`; a multiple of 8, at least 8.
std::size_t fragment_data_bytes(const Path& path);

/// Writes link header, IP header and (IPv6) fragment header of the fragment that carries
/// [offset, offset + bytes) of a datagram. Returns their length.
/// `header.transport_bytes` is that of the whole datagram. Requires: out.size() >= kHeaderBytesMax
/// + 8.
std::size_t emit_fragment_headers(const Path& path, const NetworkHeader& header,
                                  std::uint32_t identification, std::size_t offset,
                                  std::size_t bytes, ByteSpan out);

}  // namespace oriel::ip
