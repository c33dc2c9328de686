// Two hosts and a cable whose packets the test reads, counts, changes and makes.
//
// 10.0.0.1 (a) and 10.0.0.2 (b), without link headers: a packet begins with its IP header.
#pragma once

#include <cstring>
#include <optional>
#include <vector>

#include "stack/manual_pair_test.h"
#include "support/req.h"
#include "wire/checksum.h"
#include "wire/icmpv4.h"
#include "wire/ipv4.h"
#include "wire/tcp_segment.h"

namespace oriel::stack {
namespace flag = wire::tcp_flag;
using Packet = std::vector<std::uint8_t>;

struct TcpView {
  IpAddress source;
  IpAddress destination;
  std::uint8_t hop_limit = 0;
  wire::TcpHeader header;
  wire::TcpOptions options;
  std::size_t tcp_offset = 0;
  std::size_t text_offset = 0;
  std::size_t text_bytes = 0;
};

inline IpAddress address_at(ByteView packet, std::size_t offset, bool is_v4) {
  return is_v4 ? IpAddress::v4(packet.data() + offset) : IpAddress::v6(packet.data() + offset);
}

/// What a TCP packet of either family says; nullopt: something else.
inline std::optional<TcpView> tcp_of(ByteView packet) {
  TcpView v;
  const bool is_v4 = packet[0] >> 4 == 4;
  if (packet[is_v4 ? 9 : 6] != wire::ip_protocol::kTcp) return std::nullopt;
  v.source = address_at(packet, is_v4 ? 12 : 8, is_v4);
  v.destination = address_at(packet, is_v4 ? 16 : 24, is_v4);
  v.hop_limit = packet[is_v4 ? 8 : 7];
  v.tcp_offset = is_v4 ? 20 : 40;
  const auto parsed = wire::parse_tcp(packet.subspan(v.tcp_offset));
  if (!parsed) return std::nullopt;
  v.header = parsed->header;
  v.options = parsed->options;
  v.text_offset = v.tcp_offset + parsed->header_bytes;
  v.text_bytes = packet.size() - v.text_offset;
  return v;
}

inline bool is_tcp_sum_good(ByteView packet, const TcpView& v) {
  const ByteView tcp = packet.subspan(v.tcp_offset);
  return wire::is_checksum_ok(
      wire::pseudo_header_sum(v.source, v.destination, wire::ip_protocol::kTcp,
                              static_cast<std::uint32_t>(tcp.size())),
      tcp);
}

/// Makes the checksum right again after a change.
inline void mend(Packet& packet) {
  const bool is_v4 = packet[0] >> 4 == 4;  // not parsed: the options may be broken
  const std::size_t at = is_v4 ? 20 : 40;
  store_be16(packet.data() + at + 16, 0);
  const ByteView tcp = ByteView(packet).subspan(at);
  const std::uint32_t sum = wire::pseudo_header_sum(
      address_at(packet, is_v4 ? 12 : 8, is_v4), address_at(packet, is_v4 ? 16 : 24, is_v4),
      wire::ip_protocol::kTcp, static_cast<std::uint32_t>(tcp.size()));
  store_be16(packet.data() + at + 16,
             static_cast<std::uint16_t>(~wire::checksum_fold(wire::checksum_add(sum, tcp))));
}

inline Packet ipv4_packet(const IpAddress& from, const IpAddress& to, std::uint8_t protocol,
                          ByteView payload) {
  wire::Ipv4Header h;
  h.source = from;
  h.destination = to;
  h.protocol = protocol;
  h.total_bytes = static_cast<std::uint16_t>(20 + payload.size());
  Packet packet(wire::kIpv4HeaderBytesMax + payload.size());
  wire::emit_ipv4(h, packet);
  packet.resize(20 + payload.size());
  std::copy(payload.begin(), payload.end(), packet.begin() + 20);
  return packet;
}

/// A segment with these very option bytes, a multiple of 4.
inline Packet tcp_packet(const IpAddress& from, const IpAddress& to, const wire::TcpHeader& header,
                         const Packet& options = {}, ByteView text = {}) {
  Packet tcp(wire::kTcpHeaderBytesMax + text.size());
  wire::emit_tcp(header, {}, tcp);
  tcp.resize(20 + options.size() + text.size());
  tcp[12] = static_cast<std::uint8_t>((20 + options.size()) / 4 << 4);
  std::copy(options.begin(), options.end(), tcp.begin() + 20);
  std::copy(text.begin(), text.end(),
            tcp.begin() + 20 + static_cast<std::ptrdiff_t>(options.size()));
  Packet packet = ipv4_packet(from, to, wire::ip_protocol::kTcp, tcp);
  mend(packet);
  return packet;
}

inline wire::TcpHeader syn_header(std::uint16_t from_port = 5000, std::uint16_t to_port = 80) {
  wire::TcpHeader h;
  h.source_port = from_port;
  h.destination_port = to_port;
  h.seq = SeqNum(100);
  h.flags = flag::kSyn;
  h.window = 65535;
  return h;
}

/// An ICMP message that quotes `quoted`.
inline Packet icmp_packet(const IpAddress& from, const IpAddress& to, std::uint8_t type,
                          std::uint8_t code, std::uint32_t rest, ByteView quoted) {
  const wire::IcmpMessage m{type, code, rest,
                            quoted.first(std::min<std::size_t>(quoted.size(), 28))};
  Packet icmp(wire::kIcmpHeaderBytes + m.body.size());
  wire::emit_icmpv4(m, icmp);
  return ipv4_packet(from, to, wire::ip_protocol::kIcmp, icmp);
}

/// Keeps a copy of what passes, both ways.
struct Log {
  struct Entry {
    bool is_from_a;
    Packet bytes;
    TcpView tcp;
  };
  std::vector<Entry> entries;
  explicit Log(ManualPair& net) {
    net.drop = [this](bool is_from_a, ByteView p, const Offload&) {
      if (const auto v = tcp_of(p)) entries.push_back({is_from_a, Packet(p.begin(), p.end()), *v});
      return false;
    };
  }
  std::vector<Entry> from(bool is_a) const {
    std::vector<Entry> some;
    for (const Entry& e : entries) {
      if (e.is_from_a == is_a) some.push_back(e);
    }
    return some;
  }
};

}  // namespace oriel::stack
