// ICMP errors and IPv4 fragments of a path, built from the packet that does not fit.
#include "sim/path_router.h"

#include <algorithm>

#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::sim {
namespace {

constexpr std::size_t kIcmpHeaderBytes = 8;
constexpr std::size_t kIcmpErrorBytesMaxV4 = 576;   // RFC 1812 4.3.2.3
constexpr std::size_t kIcmpErrorBytesMaxV6 = 1280;  // RFC 4443 3.2
constexpr std::uint8_t kIcmpUnreachable = 3;
constexpr std::uint8_t kIcmpFragmentationNeeded = 4;
constexpr std::uint8_t kIcmpv6TooBig = 2;
constexpr std::uint8_t kIcmpv6InfoMin = 128;  // smaller types are errors

bool is_icmpv4_error(std::uint8_t type) {
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

std::vector<std::uint8_t> too_big_v4(ByteView packet, std::size_t mtu) {
  const auto h = wire::parse_quoted_ipv4(packet);
  if (!h || h->fragment_offset_bytes != 0) return {};
  if (h->protocol == wire::ip_protocol::kIcmp && packet.size() > h->header_bytes &&
      is_icmpv4_error(packet[h->header_bytes])) {
    return {};
  }
  const std::size_t quote =
      std::min(packet.size(), kIcmpErrorBytesMaxV4 - wire::kIpv4HeaderBytesMin - kIcmpHeaderBytes);
  std::vector<std::uint8_t> out(wire::kIpv4HeaderBytesMin + kIcmpHeaderBytes + quote);
  wire::Ipv4Header answer;
  answer.source = h->destination;
  answer.destination = h->source;
  answer.total_bytes = static_cast<std::uint16_t>(out.size());
  answer.protocol = wire::ip_protocol::kIcmp;
  wire::emit_ipv4(answer, out);
  std::uint8_t* icmp = out.data() + wire::kIpv4HeaderBytesMin;
  icmp[0] = kIcmpUnreachable;
  icmp[1] = kIcmpFragmentationNeeded;
  store_be16(icmp + 6, static_cast<std::uint16_t>(mtu));
  std::memcpy(icmp + kIcmpHeaderBytes, packet.data(), quote);
  store_be16(icmp + 2, wire::checksum({icmp, kIcmpHeaderBytes + quote}));
  return out;
}

std::vector<std::uint8_t> too_big_v6(ByteView packet, std::size_t mtu) {
  const auto h = wire::parse_quoted_ipv6(packet);
  if (!h) return {};
  if (h->next_header == wire::ip_protocol::kIcmpv6 && packet.size() > wire::kIpv6HeaderBytes &&
      packet[wire::kIpv6HeaderBytes] < kIcmpv6InfoMin) {
    return {};
  }
  const std::size_t quote =
      std::min(packet.size(), kIcmpErrorBytesMaxV6 - wire::kIpv6HeaderBytes - kIcmpHeaderBytes);
  std::vector<std::uint8_t> out(wire::kIpv6HeaderBytes + kIcmpHeaderBytes + quote);
  wire::Ipv6Header answer;
  answer.source = h->destination;
  answer.destination = h->source;
  answer.payload_bytes = static_cast<std::uint16_t>(kIcmpHeaderBytes + quote);
  answer.next_header = wire::ip_protocol::kIcmpv6;
  wire::emit_ipv6(answer, out);
  std::uint8_t* icmp = out.data() + wire::kIpv6HeaderBytes;
  icmp[0] = kIcmpv6TooBig;
  store_be32(icmp + 4, static_cast<std::uint32_t>(mtu));
  std::memcpy(icmp + kIcmpHeaderBytes, packet.data(), quote);
  const ByteView message(icmp, kIcmpHeaderBytes + quote);
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(answer.source, answer.destination, wire::ip_protocol::kIcmpv6,
                              static_cast<std::uint32_t>(message.size()));
  const std::uint16_t sum = wire::checksum_fold(wire::checksum_add(pseudo, message));
  store_be16(icmp + 2, static_cast<std::uint16_t>(~sum));
  return out;
}

}  // namespace

std::size_t effective_mtu(ByteView packet, std::size_t mtu) {
  const bool is_v6 = !packet.empty() && packet[0] >> 4 == 6;
  return std::max(mtu, is_v6 ? kIpv6LinkMtuMin : kIpv4LinkMtuMin);
}

std::vector<std::uint8_t> too_big_answer(ByteView packet, std::size_t mtu) {
  if (packet.empty()) return {};
  if (packet[0] >> 4 == 4) return too_big_v4(packet, mtu);
  if (packet[0] >> 4 == 6) return too_big_v6(packet, mtu);
  return {};
}

std::vector<std::vector<std::uint8_t>> fragment_ipv4(ByteView packet, std::size_t mtu) {
  std::vector<std::vector<std::uint8_t>> out;
  const auto h = wire::parse_ipv4(packet);
  if (!h || h->df || mtu < kIpv4LinkMtuMin) return out;
  const std::size_t step = (mtu - h->header_bytes) & ~std::size_t{7};
  const ByteView payload = packet.subspan(h->header_bytes, h->total_bytes - h->header_bytes);
  for (std::size_t at = 0; at < payload.size(); at += step) {
    const std::size_t n = std::min(step, payload.size() - at);
    wire::Ipv4Header f = *h;
    // Options go into every fragment here; only those with the copied flag need to (RFC 791 3.1).
    f.total_bytes = static_cast<std::uint16_t>(h->header_bytes + n);
    f.fragment_offset_bytes = static_cast<std::uint16_t>(h->fragment_offset_bytes + at);
    f.mf = h->mf || at + n < payload.size();
    std::vector<std::uint8_t>& bytes = out.emplace_back(h->header_bytes + n);
    wire::emit_ipv4(f, bytes);
    std::memcpy(bytes.data() + h->header_bytes, payload.data() + at, n);
  }
  return out;
}

}  // namespace oriel::sim
