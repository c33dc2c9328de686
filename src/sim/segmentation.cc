// Software segmentation: copy the headers, patch lengths, sequence, flags and sums.
#include "sim/segmentation.h"

#include <algorithm>

#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"
#include "wire/tcp_segment.h"

namespace oriel::sim {
namespace {

constexpr std::size_t kChecksumOffsetTcp = 16;

std::uint32_t pseudo_sum(const std::uint8_t* ip, bool is_ipv6, std::uint32_t length) {
  if (is_ipv6) {
    return wire::checksum_add(length + wire::ip_protocol::kTcp, ByteView(ip + 8, 32));
  }
  return wire::checksum_add(length + wire::ip_protocol::kTcp, ByteView(ip + 12, 8));
}

}  // namespace

std::optional<SuperSegment> SuperSegment::parse(ByteView packet, const Offload& offload) {
  if (offload.gso_size == 0 || packet.size() < wire::kIpv4HeaderBytesMin) return std::nullopt;
  SuperSegment s;
  const unsigned version = packet[0] >> 4;
  s.is_ipv6_ = version == 6;
  if (version == 4) {
    s.tcp_offset_ = std::size_t{packet[0] & 0x0fu} * 4;
    if (s.tcp_offset_ < wire::kIpv4HeaderBytesMin || packet[9] != wire::ip_protocol::kTcp) {
      return std::nullopt;
    }
  } else if (version == 6) {
    s.tcp_offset_ = wire::kIpv6HeaderBytes;  // super-segments carry no extension headers
    if (packet.size() < s.tcp_offset_ || packet[6] != wire::ip_protocol::kTcp) return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (packet.size() < s.tcp_offset_ + wire::kTcpHeaderBytesMin) return std::nullopt;
  const std::size_t tcp_bytes = std::size_t{packet[s.tcp_offset_ + 12]} >> 4 << 2;
  s.header_bytes_ = s.tcp_offset_ + tcp_bytes;
  if (tcp_bytes < wire::kTcpHeaderBytesMin || packet.size() < s.header_bytes_) return std::nullopt;
  s.packet_ = packet;
  s.gso_size_ = offload.gso_size;
  const std::size_t payload = packet.size() - s.header_bytes_;
  s.count_ = std::max<std::size_t>(1, (payload + s.gso_size_ - 1) / s.gso_size_);
  return s;
}

std::size_t SuperSegment::size(std::size_t index) const {
  const std::size_t payload = packet_.size() - header_bytes_;
  return header_bytes_ + std::min(gso_size_, payload - index * gso_size_);
}

Offload SuperSegment::partial_offload() const {
  Offload o;
  o.checksum = Offload::Checksum::kPartial;
  o.checksum_start = static_cast<std::uint16_t>(tcp_offset_);
  o.checksum_offset = kChecksumOffsetTcp;
  o.is_ipv6 = is_ipv6_;
  return o;
}

void SuperSegment::emit(std::size_t index, std::uint8_t* out, bool is_partial) const {
  const std::size_t bytes = size(index);
  const std::size_t at = header_bytes_ + index * gso_size_;
  std::memcpy(out, packet_.data(), header_bytes_);
  std::memcpy(out + header_bytes_, packet_.data() + at, bytes - header_bytes_);
  if (is_ipv6_) {
    store_be16(out + 4, static_cast<std::uint16_t>(bytes - wire::kIpv6HeaderBytes));
  } else {
    store_be16(out + 2, static_cast<std::uint16_t>(bytes));
    store_be16(out + 4, static_cast<std::uint16_t>(load_be16(out + 4) + index));
    store_be16(out + 10, 0);
    store_be16(out + 10, wire::checksum({out, tcp_offset_}));
  }
  std::uint8_t* tcp = out + tcp_offset_;
  store_be32(tcp + 4, load_be32(tcp + 4) + static_cast<std::uint32_t>(index * gso_size_));
  if (index + 1 != count_) {
    tcp[13] = static_cast<std::uint8_t>(tcp[13] & ~(wire::tcp_flag::kFin | wire::tcp_flag::kPsh));
  }
  if (index != 0) tcp[13] = static_cast<std::uint8_t>(tcp[13] & ~wire::tcp_flag::kCwr);
  const std::uint32_t pseudo =
      pseudo_sum(out, is_ipv6_, static_cast<std::uint32_t>(bytes - tcp_offset_));
  store_be16(tcp + kChecksumOffsetTcp, is_partial ? wire::checksum_fold(pseudo) : std::uint16_t{0});
  if (is_partial) return;
  const ByteView segment(tcp, bytes - tcp_offset_);
  const std::uint32_t sum = wire::checksum_add(pseudo, segment);
  store_be16(tcp + kChecksumOffsetTcp, static_cast<std::uint16_t>(~wire::checksum_fold(sum)));
}

}  // namespace oriel::sim
