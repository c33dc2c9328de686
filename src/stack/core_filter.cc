// Where the rules of a host are asked: connections, arrivals, departures, datagrams, and the bytes
// of connections.
//
// Each of these is called only where some rule covers the layer; without rules a packet meets one
// branch and nothing here. The IP layer's own words (echo replies, ICMP errors, neighbour
// discovery) are asked about when they arrive and are for us, and not when it sends them.
#include <array>

#include "stack/core.h"

namespace oriel::stack {
namespace {

static_assert(filter_protocol::kTcp == ip::protocol::kTcp);
static_assert(filter_protocol::kUdp == ip::protocol::kUdp);
static_assert(filter_protocol::kIcmp == ip::protocol::kIcmp);
static_assert(filter_protocol::kIcmpv6 == ip::protocol::kIcmpv6);

constexpr std::size_t kPortsBytes = 4;  // both start with source and destination port

/// What a stream rule that blocks puts into the stream.
class ResetsAll final : public StreamInspector {
 public:
  StreamVerdict inspect(const StreamChunk&, std::vector<std::uint8_t>&) override {
    return StreamVerdict::kReset;
  }
};

}  // namespace

// REQ LFP-9
std::string_view Core::loopback_inspection_reason(const Endpoint& local, const Endpoint& remote,
                                                  FilterDirection opened) const {
  return filters_.covers_loopback(local, remote, opened) ? "a filter covers it"
                                                         : std::string_view();
}

bool Core::permits(FilterLayer layer, FilterDirection direction, const Endpoint& local,
                   const Endpoint& remote, bool is_loopback) {
  FilterEvent event;
  event.layer = layer;
  event.direction = direction;
  event.is_loopback = is_loopback;
  event.local = local;
  event.remote = remote;
  if (filters_.permits(event)) return true;
  ++statistics_.filter_blocks;
  return false;
}

// Both directions of a flow are decided where its first datagram was.
bool Core::permits_datagram(FilterDirection direction, const Endpoint& local,
                            const Endpoint& remote, bool is_loopback) {
  const auto known = udp_flows_.opener(now_, local, remote);
  FilterEvent event;
  event.direction = known.value_or(direction);
  event.layer =
      event.direction == FilterDirection::kOutbound ? FilterLayer::kConnect : FilterLayer::kAccept;
  event.protocol = filter_protocol::kUdp;
  event.is_loopback = is_loopback;
  event.local = local;
  event.remote = remote;
  if (!filters_.permits(event)) {
    ++statistics_.filter_blocks;
    return false;
  }
  if (!known) udp_flows_.begin(now_, local, remote, direction);
  return true;
}

bool Core::permits_arrival(const ip::Delivery& delivery) {
  const ByteView packet = delivery.transport_view();
  FilterEvent event;
  event.layer = FilterLayer::kInboundTransport;
  event.direction = FilterDirection::kInbound;
  event.protocol = delivery.protocol;
  event.is_loopback = is_loopback_link(delivery.interface_index);
  event.local.address = delivery.destination;
  event.remote.address = delivery.source;
  const bool has_ports =
      delivery.protocol == ip::protocol::kTcp || delivery.protocol == ip::protocol::kUdp;
  if (has_ports && packet.size() >= kPortsBytes) {
    event.remote.port = load_be16(packet.data());
    event.local.port = load_be16(packet.data() + 2);
  }
  event.packet = {&packet, 1};
  if (filters_.permits(event)) return true;
  ++statistics_.filter_blocks;
  return false;
}

bool Core::permits_departure(const ip::Path& path, std::uint8_t protocol, const Endpoint& local,
                             const Endpoint& remote, std::span<const ByteView> packet) {
  FilterEvent event;
  event.layer = FilterLayer::kOutboundTransport;
  event.protocol = protocol;
  event.is_loopback = is_loopback_link(path.interface_index);
  event.local = local;
  event.remote = remote;
  event.packet = packet;
  if (filters_.permits(event)) return true;
  ++statistics_.filter_blocks;
  return false;
}

// The header is written for the rules here, and again where it leaves.
bool Core::permits_segment(const ip::Path& path, const Endpoint& local, const Endpoint& remote,
                           const tcp::SegmentOut& segment) {
  std::array<std::uint8_t, kHeadBytes> head;
  std::array<ByteView, kPayloadPiecesMax + 1> pieces;
  Offload offload;
  const std::size_t bytes = build_head(path, local, remote, segment, head, offload);
  pieces[0] = ByteView(head).first(bytes).subspan(path.header_bytes());
  std::copy_n(segment.pieces.begin(), segment.piece_count, pieces.begin() + 1);
  return permits_departure(path, filter_protocol::kTcp, local, remote,
                           {pieces.data(), std::size_t{segment.piece_count} + 1});
}

void Core::inspect_stream(Stream& stream, FilterDirection opened) {
  FilterEvent event;
  event.layer = FilterLayer::kStream;
  event.direction = opened;
  event.is_loopback = stream.path != nullptr && is_loopback_link(stream.path->interface_index);
  event.local = stream.local();
  event.remote = stream.remote();
  auto chain = filters_.stream_chain(event);
  if (chain.is_blocked) {
    ++statistics_.filter_blocks;
    chain.inspectors.push_back(std::make_unique<ResetsAll>());
  }
  if (chain.inspectors.empty()) return;
  inspected_[&stream] =
      std::make_unique<socket::InspectedStream>(stream, std::move(chain.inspectors));
  stream.mark_inspected();
}

socket::Transport& Core::front_of(socket::TcpStream& stream) {
  socket::InspectedStream& front = *inspected_.find(&stream)->second;
  front.begin(now_);
  return front;
}

}  // namespace oriel::stack
