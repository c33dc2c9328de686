// Headers at fixed places; lengths are checked before they are believed.
#include "sim/seen_segment.h"

#include <algorithm>

#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/tcp_options.h"

namespace oriel::sim {

std::size_t locate_tcp(ByteView head, std::size_t* ip_total_bytes) {
  if (head.size() < wire::kIpv4HeaderBytesMin) return 0;
  const unsigned version = head[0] >> 4;
  if (version == 4) {
    const std::size_t ihl = std::size_t{head[0] & 0x0fu} * 4;
    const bool is_fragment = (load_be16(head.data() + 6) & 0x3fff) != 0;
    if (ihl < wire::kIpv4HeaderBytesMin || is_fragment || head[9] != wire::ip_protocol::kTcp) {
      return 0;
    }
    *ip_total_bytes = load_be16(head.data() + 2);
    return ihl;
  }
  if (version != 6 || head.size() < wire::kIpv6HeaderBytes) return 0;
  if (head[6] != wire::ip_protocol::kTcp) return 0;
  *ip_total_bytes = wire::kIpv6HeaderBytes + load_be16(head.data() + 4);
  return wire::kIpv6HeaderBytes;
}

bool see_segment(ByteView head, std::size_t packet_bytes, SeenSegment* out) {
  std::size_t total = 0;
  const std::size_t ip = locate_tcp(head, &total);
  if (ip == 0 || head.size() < ip + wire::kTcpHeaderBytesMin || total > packet_bytes) return false;
  const std::uint8_t* t = head.data() + ip;
  const std::size_t tcp_bytes = std::size_t{t[12]} >> 4 << 2;
  if (tcp_bytes < wire::kTcpHeaderBytesMin || head.size() < ip + tcp_bytes) return false;
  // A super-segment may be longer than its length field says; then the buffer is right.
  const std::size_t end = std::max(total, packet_bytes);
  const bool is_v6 = head[0] >> 4 == 6;
  out->source = is_v6 ? IpAddress::v6(head.data() + 8) : IpAddress::v4(head.data() + 12);
  out->destination = is_v6 ? IpAddress::v6(head.data() + 24) : IpAddress::v4(head.data() + 16);
  out->header.source_port = load_be16(t);
  out->header.destination_port = load_be16(t + 2);
  out->header.seq = SeqNum(load_be32(t + 4));
  out->header.ack = SeqNum(load_be32(t + 8));
  out->header.flags = t[13];
  out->header.window = load_be16(t + 14);
  out->payload_bytes = static_cast<std::uint32_t>(end - ip - tcp_bytes);
  out->window_scale = -1;
  if ((t[13] & wire::tcp_flag::kSyn) != 0) {
    const auto options = wire::parse_tcp_options(
        {t + wire::kTcpHeaderBytesMin, tcp_bytes - wire::kTcpHeaderBytesMin});
    if (options) out->window_scale = options->window_scale;
  }
  return true;
}

std::size_t FlowHash::operator()(const FlowKey& k) const {
  std::uint64_t h = std::uint64_t{k.local_port} << 16 | k.remote_port;
  for (const IpAddress* a : {&k.local, &k.remote}) {
    std::uint64_t w;
    std::memcpy(&w, a->bytes().data() + 8, 8);
    h = (h ^ w) * 0x9e3779b97f4a7c15u;
    h ^= h >> 32;
  }
  return h;
}

}  // namespace oriel::sim
