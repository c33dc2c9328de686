// Packets in: from a device's burst to the connection, socket or request that they are for.
//
// Segments of one burst go to their connections one by one; each connection touched then hears once
// that the burst is over, so that one ACK answers all of them (ACK decimation).
#include "stack/core.h"
#include "udp/datagram.h"
#include "wire/checksum.h"
#include "wire/icmpv4.h"
#include "wire/icmpv6.h"
#include "wire/tcp_segment.h"

namespace oriel::stack {
namespace flag = wire::tcp_flag;

std::size_t Core::receive() {
  std::size_t packets = 0;
  if (domain_ != nullptr) look_at_peers();
  if (kernel_ != nullptr) look_at_kernel();
  for (std::size_t i = 0; i < links_.size(); ++i) {
    LinkPort* port = links_[i].get();
    if (port == nullptr) continue;
    RxBatch& rx = port->rx();
    const ErrorCode outcome = port->device().receive(rx);
    for (std::size_t k = 0; k < rx.size(); ++k) {
      input(port->interface_index(), rx.take(k), rx.offload(k));
    }
    packets += rx.size();
    rx.clear();
    if (outcome != ErrorCode::kOk) lose_link(*port);
  }
  end_burst();
  return packets;
}

void Core::input(LinkId link, Slice packet, const Offload& offload) {
  ++statistics_.packets_in;
  const ip::Verdict verdict = ip_.input(now_, link, std::move(packet), offload, delivery_);
  switch (verdict) {
    case ip::Verdict::kConsumed:
      return;
    case ip::Verdict::kDropped:
      ++statistics_.packets_dropped;
      return;
    case ip::Verdict::kError:
      on_icmp(delivery_.error);
      return;
    case ip::Verdict::kDeliver:
      break;
  }
  if (filters_.covers(FilterLayer::kInboundTransport) && !permits_arrival(delivery_)) {
    ++statistics_.packets_dropped;
    delivery_.packet = Slice();
    return;
  }
  switch (delivery_.protocol) {
    case ip::protocol::kTcp:
      tcp_input(delivery_);
      break;
    case ip::protocol::kUdp:
      udp_input(delivery_);
      break;
    case ip::protocol::kIcmp:
    case ip::protocol::kIcmpv6:
      echo_input(delivery_);
      break;
    default:
      ip_.send_protocol_unreachable(now_, delivery_);
      ++statistics_.packets_dropped;
      break;
  }
  delivery_.packet = Slice();
}

void Core::end_burst() {
  while (Stream* stream = touched_.pop()) {
    stream->is_touched = false;
    stream->connection().on_burst_end(now_);
    make_ready(*stream);
  }
}

void Core::tcp_input(ip::Delivery& delivery) {
  const ByteView bytes = delivery.transport_view();
  if (!delivery.is_checksum_verified) {
    const std::uint32_t sum =
        wire::pseudo_header_sum(delivery.source, delivery.destination, ip::protocol::kTcp,
                                static_cast<std::uint32_t>(bytes.size()));
    if (!wire::is_checksum_ok(sum, bytes)) {
      ++statistics_.checksum_errors;
      ++statistics_.packets_dropped;
      return;
    }
  }
  const auto parsed = wire::parse_tcp(bytes);
  if (!parsed || delivery.is_multicast) {
    ++statistics_.packets_dropped;
    return;
  }
  tcp::SegmentIn segment;
  segment.seq = parsed->header.seq;
  segment.ack = parsed->header.ack;
  segment.flags = parsed->header.flags;
  segment.window = parsed->header.window;
  segment.urgent = parsed->header.urgent;
  segment.mss = delivery.gso_size;
  segment.options = parsed->options;
  segment.payload = std::move(delivery.packet);
  segment.payload.remove_prefix(delivery.transport_offset + parsed->header_bytes);
  const Endpoint local{delivery.destination, parsed->header.destination_port};
  const Endpoint remote{delivery.source, parsed->header.source_port};
  socket::TcpStream* found = table_.find(local, remote);
  if (found == nullptr) return on_unmatched_segment(delivery, local, remote, segment);
  auto& stream = static_cast<Stream&>(*found);
  if (is_misrouted(stream,
                   delivery.interface_index)) {  // no process speaks for another. REQ LFP-12
    ++statistics_.packets_dropped;
    return;
  }
  if (segment.has(flag::kSyn) && stream.connection().state() == TcpState::kTimeWait &&
      stream.connection().may_be_replaced_by(segment)) {
    // The old incarnation makes room (RFC 9293 3.10.7.4); without a listener it stays.
    if (listeners_.find(local) != nullptr) {
      stream.connection().on_abort(now_, ErrorCode::kOk);
      leave_table(stream);
      make_ready(stream);
      return on_unmatched_segment(delivery, local, remote, segment);
    }
  }
  on_stream_segment(stream, segment);
}

void Core::on_stream_segment(Stream& stream, tcp::SegmentIn& segment) {
  tcp::Connection& connection = stream.connection();
  // Over the memory budget a connection that already holds its share keeps what it has; the peer
  // repeats the rest.
  if (is_over_budget() && !segment.payload.empty() && connection.memory_bytes() >= kFloorBytes) {
    ++statistics_.packets_dropped;
    segment.payload = Slice();
    return;
  }
  if (connection.state() == TcpState::kSynReceived) {
    if (!may_complete(stream, segment)) {
      ++statistics_.tcp_syn_drops;
      return;
    }
    connection.on_segment(now_, segment);
    note_if_complete(stream);
  } else {
    connection.on_segment(now_, segment);
  }
  if (connection.take_challenge()) ++statistics_.tcp_challenge_acks;
  if (stream.is_touched) return;
  stream.is_touched = true;
  touched_.push(stream);
}

// The last step of a handshake needs room among those that wait for accept.
bool Core::may_complete(const Stream& stream, const tcp::SegmentIn& segment) {
  const socket::Listener* listener = listeners_.find(stream.local());
  if (listener == nullptr || stream.user() != listener) return true;  // it opened actively
  const bool is_last_step = segment.has(flag::kAck) && !segment.has(flag::kRst);
  return !is_last_step || listener->may_complete();
}

void Core::note_if_complete(Stream& stream) {
  const TcpState state = stream.connection().state();
  if (state == TcpState::kSynReceived || state == TcpState::kClosed) return;
  socket::Listener* listener = listeners_.find(stream.local());
  if (listener != nullptr && stream.user() == listener) listener->note_complete();
}

void Core::on_unmatched_segment(const ip::Delivery& delivery, const Endpoint& local,
                                const Endpoint& remote, tcp::SegmentIn& segment) {
  const std::uint8_t kind = segment.flags & (flag::kSyn | flag::kAck | flag::kRst);
  const bool is_welcome = !filters_.covers(FilterLayer::kAccept) || kind != flag::kSyn ||
                          permits(FilterLayer::kAccept, FilterDirection::kInbound, local, remote,
                                  is_loopback_link(delivery.interface_index));
  socket::Listener* listener = kind == flag::kSyn && is_welcome ? listeners_.find(local) : nullptr;
  if (listener != nullptr) {
    const bool is_taken =
        listener->is_conditional()
            ? hold_syn(*listener, local, remote, segment, delivery.interface_index)
            : open_passive(*listener, local, remote, segment, delivery.interface_index);
    if (!is_taken) ++statistics_.tcp_syn_drops;
    return;
  }
  if (!held_syns_.empty()) hear_reset(local, remote, segment, delivery.interface_index);
  send_reset(local, remote, segment, delivery.interface_index);
}

bool Core::open_passive(socket::Listener& listener, const Endpoint& local, const Endpoint& remote,
                        const tcp::SegmentIn& syn, std::uint32_t interface_index) {
  if (!listener.may_admit() || is_over_budget()) return false;
  Stream* stream = make_half_open(listener, local, remote, syn, interface_index);
  if (stream != nullptr) listener.admit(*stream);
  return stream != nullptr;
}

Stream* Core::make_half_open(const socket::Listener& listener, const Endpoint& local,
                             const Endpoint& remote, const tcp::SegmentIn& syn,
                             std::uint32_t interface_index) {
  const auto path = path_back(remote.address, local.address, interface_index);
  if (!path) return nullptr;
  Stream* stream = make_stream(local, remote, *path, listener.options());
  if (stream == nullptr) return nullptr;
  if (filters_.covers(FilterLayer::kStream)) inspect_stream(*stream, FilterDirection::kInbound);
  if (local.address.is_loopback()) {
    stream->path_reason =
        listener.is_fast_path() ? PathReason::kConnectorDidNotAsk : PathReason::kListenerDidNotAsk;
  }
  ++statistics_.tcp_passive_opens;
  stream->connection().open_passive(now_, syn);
  make_ready(*stream);
  return stream;
}

void Core::send_reset(const Endpoint& local, const Endpoint& remote, const tcp::SegmentIn& segment,
                      std::uint32_t interface_index) {
  if (!tcp::Connection::make_reset(segment, segment_out_)) return;
  if (!reset_limit_.may_pass(now_)) return;
  const auto path = path_back(remote.address, local.address, interface_index);
  if (!path) return;
  ++statistics_.tcp_resets_out;
  emit(**path, local, remote, segment_out_);
  ip_.release_path(*path);
}

void Core::udp_input(ip::Delivery& delivery) {
  udp::ParsedDatagram parsed;
  const udp::ParseOutcome outcome =
      udp::parse_datagram(delivery.source, delivery.destination, delivery.transport_view(),
                          delivery.is_checksum_verified, parsed);
  if (outcome != udp::ParseOutcome::kOk) {
    if (outcome == udp::ParseOutcome::kBadChecksum) ++statistics_.checksum_errors;
    ++statistics_.packets_dropped;
    return;
  }
  const Endpoint local{delivery.destination, parsed.destination_port};
  socket::UdpSocket* socket = udp_.find(local);
  if (socket == nullptr) {
    if (give_to_native(delivery, parsed)) return;
    ip_.send_port_unreachable(now_, delivery);
    ++statistics_.udp_drops;
    return;
  }
  if (covers_datagrams() &&
      !permits_datagram(FilterDirection::kInbound, local, {delivery.source, parsed.source_port},
                        is_loopback_link(delivery.interface_index))) {
    ++statistics_.udp_drops;
    return;
  }
  udp::ReceivedDatagram datagram;
  datagram.source = {delivery.source, parsed.source_port};
  datagram.destination = delivery.destination;
  datagram.interface_index = delivery.interface_index;
  datagram.hop_limit = delivery.hop_limit;
  datagram.traffic_class = delivery.traffic_class;
  datagram.payload = std::move(delivery.packet);
  datagram.payload.remove_prefix(delivery.transport_offset + udp::kHeaderBytes);
  datagram.payload.truncate(parsed.payload_bytes);
  ++statistics_.udp_datagrams_in;
  if (is_over_budget() || !socket->on_datagram(std::move(datagram))) ++statistics_.udp_drops;
}

// The checksum was the IP layer's; what is left is whose request this answers.
void Core::echo_input(ip::Delivery& delivery) {
  const ByteView bytes = delivery.transport_view();
  if (bytes.size() < wire::kIcmpHeaderBytes) return;
  const std::uint16_t identifier = load_be16(bytes.data() + 4);
  const std::uint16_t sequence_number = load_be16(bytes.data() + 6);
  for (EchoRequest* echo : echoes_) {
    if (echo->identifier != identifier || echo->sequence_number != sequence_number) continue;
    if (echo->to != delivery.source) continue;
    std::erase(echoes_, echo);
    timers_.cancel(*echo);
    echo->round_trip = now_ - echo->sent_at;
    echo->done = bytes.size() - wire::kIcmpHeaderBytes;
    echo->complete(ErrorCode::kOk);
    return;
  }
}

void Core::on_icmp(const ip::IcmpEvent& event) {
  if (event.protocol == ip::protocol::kTcp) return on_icmp_tcp(event);
  if (event.protocol == ip::protocol::kUdp) return on_icmp_udp(event);
  for (EchoRequest* echo : echoes_) {
    if (echo->to != event.destination || event.kind == ip::IcmpEvent::Kind::kPacketTooBig) continue;
    if (echo->identifier != load_be16(event.transport.data() + 4)) continue;
    if (echo->sequence_number != load_be16(event.transport.data() + 6)) continue;
    std::erase(echoes_, echo);
    timers_.cancel(*echo);
    echo->complete(ErrorCode::kHostUnreachable);
    return;
  }
}

namespace {

/// What an ICMP error means to a program (RFC 1122 4.1.3.3, 4.2.3.9).
ErrorCode code_of(ip::IcmpEvent::Kind kind) {
  using Kind = ip::IcmpEvent::Kind;
  switch (kind) {
    case Kind::kPortUnreachable:
    case Kind::kProtocolUnreachable:
      return ErrorCode::kConnectionRefused;
    case Kind::kNetUnreachable:
      return ErrorCode::kNetworkUnreachable;
    case Kind::kPacketTooBig:
      return ErrorCode::kMessageTooLong;
    case Kind::kHostUnreachable:
    case Kind::kTimeExceeded:
    case Kind::kAdminProhibited:
    case Kind::kParameterProblem:
      return ErrorCode::kHostUnreachable;
  }
  return ErrorCode::kHostUnreachable;
}

/// RFC 1122 4.2.3.9: protocol, port and fragmentation-needed are hard, the rest soft. Our own
/// link's word that a neighbour does not answer is as good as hard while a connection opens.
bool is_hard(const ip::IcmpEvent& event) {
  using Kind = ip::IcmpEvent::Kind;
  return event.kind == Kind::kPortUnreachable || event.kind == Kind::kProtocolUnreachable ||
         event.kind == Kind::kAdminProhibited || event.reporter == event.source;
}

}  // namespace

void Core::on_icmp_tcp(const ip::IcmpEvent& event) {
  socket::TcpStream* found = table_.find({event.source, event.source_port()},
                                         {event.destination, event.destination_port()});
  if (found == nullptr) return;
  auto& stream = static_cast<Stream&>(*found);
  if (is_misrouted(stream, event.interface_index)) return;
  const SeqNum seq(event.tcp_seq());
  if (!stream.connection().is_in_flight(seq)) return;  // RFC 5927 4.1
  if (event.kind == ip::IcmpEvent::Kind::kPacketTooBig) {
    if (is_peer_link(event.interface_index)) return;  // it would bind all who use that address
    ip_.learn_pmtu(now_, event.destination, event.mtu);
    may_use_path(stream);  // tells the connection its new MSS
    return make_ready(stream);
  }
  tcp::PathError error;
  error.code = code_of(event.kind);
  error.quoted_seq = seq;
  error.kind = is_hard(event) ? tcp::PathError::Kind::kHard : tcp::PathError::Kind::kSoft;
  stream.connection().on_path_error(now_, error);
  make_ready(stream);
}

void Core::on_icmp_udp(const ip::IcmpEvent& event) {
  const Endpoint remote{event.destination, event.destination_port()};
  if (event.kind == ip::IcmpEvent::Kind::kPacketTooBig) {
    // Only for a destination that a socket of ours is talking to from that port.
    if (udp_.find({event.source, event.source_port()}) != nullptr &&
        !is_peer_link(event.interface_index)) {
      ip_.learn_pmtu(now_, event.destination, event.mtu);
    }
    return;
  }
  socket::UdpSocket* socket = udp_.find({event.source, event.source_port()});
  if (socket != nullptr) socket->on_path_error({code_of(event.kind), remote});
}

}  // namespace oriel::stack
