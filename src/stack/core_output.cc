// Streams that are ready: their events to their users, their segments to the devices.
//
// Events go first, because a program that reads inside them opens the window which the ACK then
// tells. Headers are written into a head of the link's burst; payload stays where it lies. A path
// that is not ready (neighbour unknown, loopback) goes through the IP layer, which copies.
#include "stack/core.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/tcp_segment.h"

namespace oriel::stack {
namespace {

constexpr std::uint16_t kTcpChecksumOffset = 16;
constexpr std::uint32_t kIpPacketBytesMax = 65535;

/// What one segment may carry on this path: a super-segment where the device cuts, else one MSS.
std::uint32_t payload_bytes_max(const ip::Path& path, std::uint32_t smss) {
  if (path.tso_bytes_max == 0) return smss;
  const std::uint32_t ip_bytes =
      static_cast<std::uint32_t>(path.header_bytes() - path.link_header_bytes);
  const std::uint32_t packet = std::min(path.tso_bytes_max, kIpPacketBytesMax);
  const std::uint32_t headers = ip_bytes + static_cast<std::uint32_t>(wire::kTcpHeaderBytesMax);
  return packet > headers + smss ? packet - headers : smss;
}

}  // namespace

bool Core::run() {
  drain_ip();
  // Those that are ready now; whoever gets ready meanwhile has the next turn.
  Stream* const last = ready_.back();
  while (Stream* stream = ready_.pop()) {
    stream->is_ready = false;
    service(*stream);
    if (stream == last) break;
  }
  if (pipes_.has_work()) pipes_.run(now_);
  if (kernel_ != nullptr && kernel_->has_work()) kernel_->run(now_);
  flush_links();
  drain_ip();
  end_burst();
  if (!lingering_.empty()) sweep_lingering();
  return has_work();
}

void Core::service(Stream& stream) {
  dispatch(stream);
  const bool has_more = transmit(stream);
  if (stream.is_ready) return;  // parked on a link, or made ready by its user
  dispatch(stream);
  if (has_more) make_ready(stream);
  arm(stream);
  if (!stream.connection().is_closed() || stream.is_ready) return;
  leave_table(stream);
  if (stream.is_orphan() && !stream.is_touched) reap(stream);
}

void Core::dispatch(Stream& stream) {
  const std::uint16_t events = stream.connection().take_events();
  if (!stream.take_service_due() && events == 0) return;
  if ((events & tcp::event::kAcked) != 0 && stream.path != nullptr) {
    ip_.confirm_path(now_, *stream.path);
  }
  if (stream.connection().state() == TcpState::kTimeWait) note_time_wait(stream);
  if (stream.user() != nullptr) stream.user()->on_transport_events(now_, stream, events);
}

// Brings the path up to date and tells the connection of a new MSS. False: nothing can leave now.
bool Core::may_use_path(Stream& stream) {
  if (stream.path == nullptr) return false;
  ip::Path& path = *stream.path;
  ip_.refresh_path(path);
  if (path.error != ErrorCode::kOk) return false;
  const auto mss =
      static_cast<std::uint16_t>(path.transport_bytes_max() - wire::kTcpHeaderBytesMin);
  if (mss != stream.path_mss) {
    stream.path_mss = mss;
    stream.connection().on_path_mss(now_, mss);
  }
  return true;
}

// True: its turn is over, but it has more.
bool Core::transmit(Stream& stream) {
  if (stream.path == nullptr) {
    end_without_peer(stream);
    return false;
  }
  tcp::Connection& connection = stream.connection();
  const bool is_usable = may_use_path(stream);
  LinkPort* port = link(stream.path->interface_index);
  if (port != nullptr && port->is_blocked()) {
    if (stream.is_ready) return false;  // on the ready list already: it parks at its next turn
    stream.is_ready = true;
    port->waiting_streams.push(stream);
    return false;
  }
  const std::uint32_t bytes_max = payload_bytes_max(*stream.path, connection.smss());
  std::size_t sent = 0;
  while (connection.poll_transmit(now_, bytes_max, segment_out_)) {
    // Without a path the segment is lost like any other: retransmission finds the path when it is
    // back.
    if (is_usable) emit(*stream.path, stream.local(), stream.remote(), segment_out_);
    sent += segment_out_.payload_bytes + wire::kTcpHeaderBytesMin;
    if (sent >= kBytesPerTurn) return true;
    if (port != nullptr && port->is_blocked()) return true;
  }
  return false;
}

std::size_t Core::build_head(const ip::Path& path, const Endpoint& local, const Endpoint& remote,
                             const tcp::SegmentOut& segment, ByteSpan head, Offload& offload) {
  const std::size_t network_bytes = path.header_bytes();
  const ByteSpan tcp_head = head.subspan(network_bytes);
  wire::TcpHeader header;
  header.source_port = local.port;
  header.destination_port = remote.port;
  header.seq = segment.seq;
  header.ack = segment.ack;
  header.flags = segment.flags;
  header.window = segment.window;
  header.urgent = segment.urgent;
  const std::size_t tcp_bytes = wire::emit_tcp(header, segment.options, tcp_head);
  const auto transport_bytes = static_cast<std::uint32_t>(tcp_bytes + segment.payload_bytes);
  ip::NetworkHeader network;
  network.protocol = ip::protocol::kTcp;
  network.hop_limit = ip_.settings().hop_limit;
  network.transport_bytes = transport_bytes;
  ip::emit_headers(path, network, head);
  const std::uint32_t pseudo =
      wire::pseudo_header_sum(local.address, remote.address, ip::protocol::kTcp, transport_bytes);
  if (path.has_tx_checksum || path.is_loopback) {
    store_be16(tcp_head.data() + kTcpChecksumOffset, wire::checksum_fold(pseudo));
    offload.checksum = Offload::Checksum::kPartial;
    offload.checksum_start = static_cast<std::uint16_t>(network_bytes);
    offload.checksum_offset = kTcpChecksumOffset;
  } else {
    wire::ChecksumAccumulator sum(pseudo);
    sum.add(tcp_head.first(tcp_bytes));
    for (std::size_t i = 0; i < segment.piece_count; ++i) sum.add(segment.pieces[i]);
    store_be16(tcp_head.data() + kTcpChecksumOffset, sum.finish());
  }
  if (segment.mss != 0) {
    offload.gso_size = segment.mss;
    offload.header_bytes = static_cast<std::uint16_t>(network_bytes + tcp_bytes);
    offload.is_ipv6 = !path.is_v4;
  }
  return network_bytes + tcp_bytes;
}

void Core::emit(ip::Path& path, const Endpoint& local, const Endpoint& remote,
                const tcp::SegmentOut& segment) {
  if (filters_.covers(FilterLayer::kOutboundTransport) &&
      !permits_segment(path, local, remote, segment)) {
    return;  // it vanishes, as on the way: retransmission asks again
  }
  const std::span<const ByteView> payload(segment.pieces.data(), segment.piece_count);
  Offload offload;
  LinkPort* port = link(path.interface_index);
  const bool is_direct = port != nullptr && ip_.is_path_ready(now_, path);
  const ByteSpan slot = is_direct ? port->head() : ByteSpan{};
  if (!slot.empty()) {
    const std::size_t bytes = build_head(path, local, remote, segment, slot, offload);
    port->add(bytes, payload, offload);
    return;
  }
  std::array<std::uint8_t, kHeadBytes> head;
  std::array<ByteView, kPayloadPiecesMax + 1> pieces;
  const std::size_t bytes = build_head(path, local, remote, segment, head, offload);
  pieces[0] = ByteView(head).first(bytes);
  std::copy(payload.begin(), payload.end(), pieces.begin() + 1);
  // A failure is a lost packet: counted by the layer, repaired by retransmission.
  (void)ip_.output(now_, path, {pieces.data(), payload.size() + 1}, offload);
}

// What the IP layer made or copied: to devices, or back in for loopback. Bound: what is queued when
// it starts.
void Core::drain_ip() {
  if (!ip_.has_transmit() && !ip_.has_event()) return;
  ip::IcmpEvent event;
  while (ip_.poll_event(event)) on_icmp(event);
  ip::OwnedPacket packet;
  for (std::size_t i = 0; i < ip::kLoopbackQueuePacketsMax && ip_.poll_transmit(packet); ++i) {
    if (packet.interface_index == ip::kLoopbackInterface) {
      ++statistics_.packets_out;
      if (capture_ != nullptr) capture_->note(packet.bytes.view(), packet.offload);
      input(packet.interface_index, std::move(packet.bytes), packet.offload);
      continue;
    }
    LinkPort* port = link(packet.interface_index);
    // Nothing is kept for a process that does not read: it may never do so again.
    const bool is_stuck = port != nullptr && port->is_peer() && port->is_blocked();
    if (port == nullptr || is_stuck || !port->add_owned(std::move(packet))) {
      ++statistics_.packets_dropped;
    }
  }
  if (capture_ != nullptr) capture_->flush();
  end_burst();
  flush_links();
}

void Core::flush_links() {
  for (const auto& port : links_) {
    if (port == nullptr) continue;
    if (port->has_burst()) port->flush();
    if (port->is_blocked()) continue;
    while (Stream* stream = port->waiting_streams.pop()) ready_.push(*stream);
  }
}

}  // namespace oriel::stack
