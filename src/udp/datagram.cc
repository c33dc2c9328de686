// UDP headers, with the checksum's three ways of being there.
#include "udp/datagram.h"

#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

namespace oriel::udp {
namespace {

std::uint16_t checksum_field(const Endpoint& source, const Endpoint& destination,
                             std::span<const ByteView> pieces, ByteView header) {
  const auto length = load_be16(header.data() + 4);
  wire::ChecksumAccumulator sum(wire::pseudo_header_sum(source.address, destination.address,
                                                        wire::ip_protocol::kUdp, length));
  sum.add(header);
  for (ByteView p : pieces) sum.add(p);
  return wire::udp_checksum_field(sum);
}

}  // namespace

Offload emit_header(const Endpoint& source, const Endpoint& destination,
                    std::span<const ByteView> pieces, ChecksumMode mode,
                    std::span<std::uint8_t, kHeaderBytes> out) {
  std::size_t length = kHeaderBytes;
  for (ByteView p : pieces) length += p.size();
  wire::UdpHeader header;
  header.source_port = source.port;
  header.destination_port = destination.port;
  header.length_bytes = static_cast<std::uint16_t>(length);
  wire::emit_udp(header, out);
  Offload offload;
  switch (mode) {
    case ChecksumMode::kNone:
      break;
    case ChecksumMode::kComplete:
      store_be16(out.data() + kChecksumOffset, checksum_field(source, destination, pieces, out));
      break;
    case ChecksumMode::kPartial:
      store_be16(out.data() + kChecksumOffset,
                 wire::partial_checksum(source.address, destination.address,
                                        wire::ip_protocol::kUdp, header.length_bytes));
      offload.checksum = Offload::Checksum::kPartial;
      offload.checksum_offset = kChecksumOffset;
      break;
  }
  return offload;
}

ParseOutcome parse_datagram(const IpAddress& source, const IpAddress& destination,
                            ByteView transport, bool is_verified, ParsedDatagram& out) {
  const auto parsed = wire::parse_udp(transport);
  if (!parsed) return ParseOutcome::kTruncated;
  if (parsed->header.destination_port == 0) return ParseOutcome::kZeroPort;
  if (!is_verified) {
    if (parsed->header.checksum == 0 && source.is_v6()) return ParseOutcome::kZeroChecksum;
    if (!wire::is_udp_checksum_ok(source, destination, transport)) {
      return ParseOutcome::kBadChecksum;
    }
  }
  out.source_port = parsed->header.source_port;
  out.destination_port = parsed->header.destination_port;
  out.payload_bytes = parsed->payload.size();
  return ParseOutcome::kOk;
}

}  // namespace oriel::udp
