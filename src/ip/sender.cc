// Copies, fragments, solicitations. Every packet that is made here is counted once: sent or
// dropped.
#include "ip/sender.h"

#include <cstring>

#include "ip/fragments.h"
#include "ip/icmp_errors.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/ipv6.h"
#include "wire/ndp.h"

namespace oriel::ip {
namespace {

std::size_t total_bytes(std::span<const ByteView> pieces) {
  std::size_t n = 0;
  for (ByteView p : pieces) n += p.size();
  return n;
}

void copy_pieces(std::span<const ByteView> pieces, std::uint8_t* out) {
  for (ByteView p : pieces) {
    if (!p.empty()) std::memcpy(out, p.data(), p.size());
    out += p.size();
  }
}

}  // namespace

Sender::Sender(BufferPool& pool, std::uint64_t random_seed, const Settings& settings,
               Statistics& statistics, const Interfaces& interfaces, Neighbours& neighbours,
               PathTable& paths, OutQueue& out)
    : pool_(pool),
      settings_(settings),
      statistics_(statistics),
      interfaces_(interfaces),
      neighbours_(neighbours),
      paths_(paths),
      out_(out) {
  Random random(random_seed);
  identification_key_ = {random.next(), random.next()};
}

Result<void> Sender::output(Instant now, Path& path, std::span<const ByteView> pieces,
                            const Offload& offload) {
  ++statistics_.out_requests;
  OwnedPacket packet{path.interface_index, pool_.make(total_bytes(pieces)), offload};
  copy_pieces(pieces, packet.bytes.mutable_data());
  return submit(now, path, std::move(packet));
}

Result<void> Sender::send_datagram(Instant now, Path& path, std::span<const ByteView> pieces,
                                   const DatagramOptions& options) {
  ++statistics_.out_requests;
  paths_.refresh(path);
  if (path.error != ErrorCode::kOk) {
    statistics_.drop(DropReason::kNoRoute);
    return fail(path.error);
  }
  const std::size_t bytes = total_bytes(pieces);
  const std::size_t bytes_max = path.is_v4 ? 65535 - kIpv4HeaderBytes : 65535;
  const bool fits = bytes <= path.transport_bytes_max();
  if (bytes > bytes_max || (!fits && options.dont_fragment)) {
    statistics_.drop(DropReason::kTooBig);
    return fail(ErrorCode::kMessageTooLong);
  }
  NetworkHeader header;
  header.protocol = options.protocol;
  header.traffic_class = options.traffic_class;
  header.hop_limit = options.hop_limit != 0 ? options.hop_limit : settings_.hop_limit;
  header.dont_fragment = options.dont_fragment;
  header.transport_bytes = static_cast<std::uint32_t>(bytes);
  const bool is_partial = options.offload.checksum == Offload::Checksum::kPartial;
  if (fits) {
    if (path.is_v4 && !options.dont_fragment) {
      header.ipv4_id = static_cast<std::uint16_t>(next_identification(path));
    }
    OwnedPacket packet{path.interface_index, pool_.make(path.header_bytes() + bytes), {}};
    const std::size_t at =
        emit_headers(path, header, {packet.bytes.mutable_data(), packet.bytes.size()});
    copy_pieces(pieces, packet.bytes.mutable_data() + at);
    packet.offload = options.offload;
    if (is_partial) packet.offload.checksum_start += static_cast<std::uint16_t>(at);
    return submit(now, path, std::move(packet));
  }
  const Slice whole = pool_.make(bytes);
  copy_pieces(pieces, whole.mutable_data());
  if (is_partial) {
    wire::complete_checksum({whole.mutable_data(), whole.size()}, options.offload.checksum_start,
                            options.offload.checksum_offset, options.protocol == protocol::kUdp);
  }
  return send_fragments(now, path, whole, header);
}

Result<void> Sender::send_fragments(Instant now, Path& path, ByteView transport,
                                    const NetworkHeader& header) {
  const std::uint32_t identification = next_identification(path);
  const std::size_t step = fragment_data_bytes(path);
  for (std::size_t offset = 0; offset < transport.size(); offset += step) {
    const std::size_t bytes = std::min(step, transport.size() - offset);
    OwnedPacket packet{
        path.interface_index, pool_.make(kHeaderBytesMax + kIpv6FragmentHeaderBytes + bytes), {}};
    const std::size_t at =
        emit_fragment_headers(path, header, identification, offset, bytes,
                              {packet.bytes.mutable_data(), packet.bytes.size()});
    std::memcpy(packet.bytes.mutable_data() + at, transport.data() + offset, bytes);
    packet.bytes.truncate(at + bytes);
    ++statistics_.out_frag_creates;
    const Result<void> sent = submit(now, path, std::move(packet));
    if (!sent) {
      ++statistics_.out_frag_fails;
      return sent;
    }
  }
  ++statistics_.out_frag_oks;
  return {};
}

void Sender::send_message(Instant now, const IpAddress& source, const IpAddress& destination,
                          std::uint32_t interface_index, std::span<const ByteView> pieces,
                          const DatagramOptions& options) {
  const Interface* in = interfaces_.find(interface_index);
  const bool is_local =
      destination.is_link_local() || destination.is_multicast() || (in != nullptr && in->is_peer);
  const Result<Path*> path =
      paths_.acquire(destination, source, is_local ? interface_index : kAnyInterface);
  if (!path) {
    statistics_.drop(DropReason::kNoRoute);
    return;
  }
  if (send_datagram(now, **path, pieces, options)) ++statistics_.icmp_out_msgs;
  paths_.release(*path);
}

void Sender::send_frame(const Interface& out, const MacAddress& to, std::uint16_t ethertype,
                        ByteView payload) {
  OwnedPacket packet{out.index, pool_.make(wire::kEthernetHeaderBytes + payload.size()), {}};
  wire::EthernetHeader header;
  header.destination = to;
  header.source = out.mac;
  header.ethertype = ethertype;
  const std::size_t at =
      wire::emit_ethernet(header, {packet.bytes.mutable_data(), packet.bytes.size()});
  std::memcpy(packet.bytes.mutable_data() + at, payload.data(), payload.size());
  push(std::move(packet));
}

void Sender::drain_neighbours(Instant now) {
  (void)now;
  Neighbours::Solicit solicit;
  while (neighbours_.poll_solicit(solicit)) send_solicit(solicit);
  OwnedPacket packet;
  while (neighbours_.poll_released(packet)) push(std::move(packet));
  while (neighbours_.poll_failed(packet)) report_failed(packet);
}

bool Sender::poll_event(IcmpEvent& out) {
  if (events_.empty()) return false;
  out = events_.front();
  events_.pop_front();
  return true;
}

/// Link header put right, then to the device, to loopback, or to wait for the neighbour.
Result<void> Sender::submit(Instant now, Path& path, OwnedPacket packet) {
  const bool is_ready = paths_.is_ready(now, path);
  if (path.error != ErrorCode::kOk) {
    statistics_.drop(DropReason::kNoRoute);
    return fail(path.error);
  }
  if (packet.interface_index != path.interface_index ||
      packet.bytes.size() < path.header_bytes()) {  // headers written before the path moved
    statistics_.drop(DropReason::kNoRoute);
    return fail(ErrorCode::kNetworkUnreachable);
  }
  if (!is_ready && !path.is_loopback) {
    const DropReason dropped =
        neighbours_.queue({path.interface_index, path.next_hop}, std::move(packet));
    if (dropped != DropReason::kNone) statistics_.drop(dropped);
    drain_neighbours(now);
    return {};
  }
  std::memcpy(packet.bytes.mutable_data(), path.link_header.data(), path.link_header_bytes);
  if (!push(std::move(packet))) return fail(ErrorCode::kNoBuffers);
  if (neighbours_.has_output()) drain_neighbours(now);
  return {};
}

/// RFC 826 request or RFC 4861 7.2.2 solicitation.
void Sender::send_solicit(const Neighbours::Solicit& solicit) {
  const Interface* out = interfaces_.find(solicit.target.interface_index);
  if (out == nullptr || !out->is_up) return;
  const IpAddress& target = solicit.target.address;
  const auto source = select_source(*out, target, target);
  if (!source) return;
  if (target.is_v4()) {
    wire::ArpPacket request;
    request.sender_mac = out->mac;
    request.sender_ip = *source;
    request.target_mac = solicit.mac;
    request.target_ip = target;
    std::array<std::uint8_t, wire::kArpBytes> bytes;
    wire::emit_arp(request, bytes);
    ++statistics_.arp_out_requests;
    send_frame(*out, solicit.is_unicast ? solicit.mac : MacAddress::broadcast(),
               wire::ethertype::kArp, bytes);
    return;
  }
  send_neighbour_solicitation(*out, *source, solicit);
}

void Sender::report_failed(const OwnedPacket& packet) {
  statistics_.drop(DropReason::kNeighbourUnreachable);
  if (events_.size() >= kEventsMax || packet.bytes.size() < wire::kEthernetHeaderBytes) return;
  IcmpEvent event;
  event.kind = IcmpEvent::Kind::kHostUnreachable;
  event.interface_index = packet.interface_index;
  if (!quote_packet(packet.bytes.view().subspan(wire::kEthernetHeaderBytes), event)) return;
  event.reporter = event.source;
  events_.push_back(event);
}

bool Sender::push(OwnedPacket packet) {
  if (out_.push(std::move(packet))) return true;
  statistics_.drop(DropReason::kOutQueue);
  return false;
}

/// Unique for a source and destination for as long as the counter takes to come round (RFC
/// 6864 4.3), and of no use to those who would guess it (RFC 7739).
std::uint32_t Sender::next_identification(const Path& path) {
  std::array<std::uint8_t, 32> pair;
  std::memcpy(pair.data(), path.source.bytes().data(), 16);
  std::memcpy(pair.data() + 16, path.destination.bytes().data(), 16);
  return static_cast<std::uint32_t>(siphash(identification_key_, pair)) + datagrams_++;
}

}  // namespace oriel::ip
