// Headers written in one go, and two FIFOs.
#include "ip/output.h"

#include <cstring>

#include "wire/ipv4.h"
#include "wire/ipv6.h"

namespace oriel::ip {

std::size_t emit_headers(const Path& path, const NetworkHeader& header, ByteSpan out) {
  // Of fixed size, so that it is three stores; the IP header overwrites what is too much.
  std::memcpy(out.data(), path.link_header.data(), kLinkHeaderBytesMax);
  const ByteSpan network = out.subspan(path.link_header_bytes);
  if (path.is_v4) {
    wire::Ipv4Header h;
    h.source = path.source;
    h.destination = path.destination;
    h.total_bytes = static_cast<std::uint16_t>(kIpv4HeaderBytes + header.transport_bytes);
    h.id = header.ipv4_id;
    h.df = header.dont_fragment;
    h.dscp_ecn = header.traffic_class;
    h.ttl = header.hop_limit;
    h.protocol = header.protocol;
    return path.link_header_bytes + wire::emit_ipv4(h, network);
  }
  wire::Ipv6Header h;
  h.source = path.source;
  h.destination = path.destination;
  h.payload_bytes = static_cast<std::uint16_t>(header.transport_bytes);
  h.traffic_class = header.traffic_class;
  h.next_header = header.protocol;
  h.hop_limit = header.hop_limit;
  return path.link_header_bytes + wire::emit_ipv6(h, network);
}

bool OutQueue::push(OwnedPacket packet) {
  const bool is_loopback = packet.interface_index == kLoopbackInterface;
  std::deque<OwnedPacket>& queue = is_loopback ? loopback_ : device_;
  if (queue.size() >= (is_loopback ? kLoopbackQueuePacketsMax : kOutQueuePacketsMax)) return false;
  queue.push_back(std::move(packet));
  return true;
}

bool OutQueue::pop(OwnedPacket& out) {
  std::deque<OwnedPacket>& queue = device_.empty() ? loopback_ : device_;
  if (queue.empty()) return false;
  out = std::move(queue.front());
  queue.pop_front();
  return true;
}

}  // namespace oriel::ip
