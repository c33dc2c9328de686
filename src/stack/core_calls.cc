// What programs ask for, but for requests on a stream: connect, listen, bind, datagrams, echoes.
#include <array>

#include "stack/core.h"
#include "udp/datagram.h"
#include "wire/icmpv4.h"
#include "wire/icmpv6.h"

namespace oriel::stack {

/// Ports that are tried where any will do. The last is taken even if native programs do not reach
/// it.
static constexpr int kPicksMax = 256;

// An address may be bound when it is a wildcard or ours.
static bool is_bindable(const ip::Layer& ip, const IpAddress& a) {
  return a.is_unspecified() || ip.interfaces().owner_of(a) != nullptr;
}

template <class IsFree>
Result<std::uint16_t> Core::pick_port(socket::PortSpace& space, const IpAddress& local,
                                      const Endpoint& remote, IsFree&& is_free) {
  if (!is_shared(local)) return space.pick(local, remote, is_free);
  const auto& blocks = domain_->ports().blocks();
  for (;;) {
    const auto port = space.pick_among(blocks, loopback::kBlockPorts, local, remote, is_free);
    if (port) return *port;
    if (const auto more = domain_->ports().take_block(); !more) return Failure(more.error());
  }
}

Result<socket::Transport*> Core::connect(const ConnectSpec& spec) {
  const Endpoint& to = spec.remote;
  if (to.port == 0 || to.address.is_unspecified() || to.address.is_multicast() ||
      to.address.is_broadcast()) {
    return fail(ErrorCode::kInvalidArgument);
  }
  if (is_over_budget()) return fail(ErrorCode::kNoBuffers, "the host is over its memory budget");
  std::optional<IpAddress> source;
  if (spec.local) {
    if (spec.local->address.is_v4() != to.address.is_v4()) {
      return fail(ErrorCode::kInvalidArgument, "bound to an address of the other family");
    }
    if (!spec.local->address.is_unspecified()) source = spec.local->address;
  }
  const auto path = path_to(PortOf::kTcp, to, source, Trust::kNone);
  if (!path) return Failure(path.error());
  if ((*path)->is_multicast) {  // a subnet's broadcast address looks like any other
    ip_.release_path(*path);
    return fail(ErrorCode::kInvalidArgument);
  }
  const auto is_taken = [&](const Endpoint& from) {
    return table_.find(from, to) != nullptr || pipes_.is_taken(from, to) || is_offered(from, to) ||
           is_held(to, from);
  };
  Endpoint local{(*path)->source, spec.local ? spec.local->port : std::uint16_t{0}};
  if (local.port == 0) {
    const auto port = pick_port(tcp_ports_, local.address, to, [&](std::uint16_t p) {
      return !is_taken({local.address, p});
    });
    if (!port) {
      ip_.release_path(*path);
      return Failure(port.error());
    }
    local.port = *port;
  } else if (is_taken(local)) {
    ip_.release_path(*path);
    return fail(ErrorCode::kAddressInUse, "that pair of endpoints is connected, or was recently");
  }
  const bool is_loopback = is_loopback_link((*path)->interface_index);
  if (filters_.covers(FilterLayer::kConnect) &&
      !permits(FilterLayer::kConnect, FilterDirection::kOutbound, local, to, is_loopback)) {
    ip_.release_path(*path);
    return fail(ErrorCode::kPermissionDenied, "a filter blocks the connection");
  }
  if (socket::Transport* native = connect_native(spec, local, (*path)->interface_index)) {
    ip_.release_path(*path);
    return native;
  }
  PathReason reason = PathReason::kNotLoopback;
  if (socket::Transport* fast = connect_fast(spec, local, (*path)->interface_index, reason);
      fast != nullptr) {
    ip_.release_path(*path);
    return fast;
  }
  Stream* stream = make_stream(local, to, *path, spec.options);
  if (stream == nullptr) return fail(ErrorCode::kNoBuffers, "connections_max is reached");
  stream->path_reason = reason;
  if (filters_.covers(FilterLayer::kStream)) inspect_stream(*stream, FilterDirection::kOutbound);
  ++statistics_.tcp_active_opens;
  stream->connection().open_active(now_);
  make_ready(*stream);
  return stream;
}

// A port that was not asked for by number shall be free everywhere: in the kernel too, where native
// programs and other domains have theirs.
Result<Endpoint> Core::bind_port(PortOf of, socket::PortSpace& space, const Endpoint& local,
                                 socket::PortSharing sharing, bool is_dual) {
  if (!is_bindable(ip_, local.address)) return fail(ErrorCode::kAddressNotAvailable);
  const bool is_picked = local.port == 0;
  Result<void> held;
  for (int i = 0; i < (is_picked ? kPicksMax : 1); ++i) {
    Endpoint bound = local;
    const bool is_block_full = i == loopback::kBlockPorts && is_shared(local.address);
    if (is_block_full) (void)domain_->ports().take_block();  // others have it in the kernel
    if (is_picked) {
      const auto port = pick_port(space, local.address, {}, [](std::uint16_t) { return true; });
      if (!port) return Failure(port.error());
      bound.port = *port;
    }
    if (const auto taken = space.bind(bound, sharing, is_dual); !taken) {
      return Failure(taken.error());
    }
    held = hold_port(of, bound, sharing, is_dual, is_picked && i + 1 < kPicksMax);
    if (held) return bound;
    space.unbind(bound, sharing, is_dual);
    if (held.error().code != ErrorCode::kAddressInUse) break;
  }
  return Failure(held.error());
}

Result<Endpoint> Core::bind_tcp(const Endpoint& local, socket::PortSharing sharing, bool is_dual) {
  return bind_port(PortOf::kTcp, tcp_ports_, local, sharing, is_dual);
}

void Core::unbind_tcp(const Endpoint& local, socket::PortSharing sharing, bool is_dual) {
  tcp_ports_.unbind(local, sharing, is_dual);
  release_port(PortOf::kTcp, local, sharing, is_dual);
}

Result<socket::Listener*> Core::listen(const Endpoint& local, std::uint32_t backlog,
                                       const tcp::TcpSocketOptions& options) {
  const auto bound = bind_tcp(local);
  if (!bound) return Failure(bound.error());
  return make_listener(*bound, backlog, options, false);
}

socket::Listener* Core::make_listener(const Endpoint& bound, std::uint32_t backlog,
                                      const tcp::TcpSocketOptions& options, bool is_v6_only) {
  socket::ListenerLimits limits;
  limits.backlog = std::max(1u, backlog);
  limits.syn_queue_max = settings_.syn_queue_max;
  auto* listener = new socket::Listener(bound, limits, options, is_v6_only);
  listeners_.insert(*listener);
  listen_in_kernel(bound, !is_v6_only);
  return listener;
}

void Core::close_listener(socket::Listener* listener) {
  unbind_tcp(listener->local());
  delete_listener(listener);
}

void Core::delete_listener(socket::Listener* listener) {
  listeners_.erase(*listener);
  listener->close(now_);
  delete listener;
}

socket::StreamSocket* Core::adopt(socket::Transport& accepted) {
  socket::StreamSocket* socket = sockets_.create();
  if (socket == nullptr) {
    refuse(accepted);
    return nullptr;
  }
  socket->attach(accepted);
  return socket;
}

void Core::refuse(socket::Transport& accepted) {
  accepted.abort(now_, ErrorCode::kConnectionAborted);
  accepted.detach(now_);
}

Result<socket::UdpSocket*> Core::open_udp(const Endpoint& local, socket::PortSharing sharing,
                                          bool is_v6_only) {
  const bool is_dual =
      sharing != socket::PortSharing::kNone && !is_v6_only && local.address == IpAddress::v6_any();
  const auto bound = bind_port(PortOf::kUdp, udp_ports_, local, sharing, is_dual);
  if (!bound) return Failure(bound.error());
  auto* socket = new socket::UdpSocket(*this, pool_, *bound, sharing, is_v6_only);
  udp_.insert(*socket);
  return socket;
}

Result<void> Core::connect_udp(socket::UdpSocket& socket, const Endpoint& to) {
  if (to.port == 0 || !socket.may_reach(to.address)) {
    return fail(ErrorCode::kInvalidArgument);
  }
  socket.connect(to);
  return {};
}

void Core::close_udp(socket::UdpSocket* socket) {
  udp_.erase(*socket);
  const bool is_dual = socket->sharing() != socket::PortSharing::kNone && !socket->is_v6_only() &&
                       socket->local().address == IpAddress::v6_any();
  udp_ports_.unbind(socket->local(), socket->sharing(), is_dual);
  release_port(PortOf::kUdp, socket->local(), socket->sharing(), is_dual);
  socket->close();
  delete socket;
}

Result<void> Core::send_datagram(Instant now, const Endpoint& from, const Endpoint& to,
                                 std::span<const ByteView> payload,
                                 const socket::DatagramSend& how) {
  std::optional<IpAddress> source;
  if (!from.address.is_unspecified()) source = from.address;
  const auto path = path_to(PortOf::kUdp, to, source, Trust::kAWhile);
  if (!path) return Failure(path.error());
  // The last path is kept, so that a socket that talks to one peer finds it without working it out
  // again.
  if (udp_path_ != nullptr) ip_.release_path(udp_path_);
  udp_path_ = *path;
  if (udp_path_->is_multicast && !how.may_broadcast && !to.address.is_multicast()) {
    return fail(ErrorCode::kPermissionDenied);
  }
  const Endpoint local{udp_path_->source, from.port};
  if (covers_datagrams() && !permits_datagram(FilterDirection::kOutbound, local, to,
                                              is_loopback_link(udp_path_->interface_index))) {
    return fail(ErrorCode::kPermissionDenied, "a filter blocks the datagram");
  }
  std::array<std::uint8_t, udp::kHeaderBytes> head;
  std::array<ByteView, socket::kDatagramPiecesMax + 1> pieces;
  pieces[0] = ByteView(head);
  std::copy(payload.begin(), payload.end(), pieces.begin() + 1);
  std::size_t bytes = head.size();
  for (const ByteView piece : payload) bytes += piece.size();
  const bool may_offload = (udp_path_->has_tx_checksum || udp_path_->is_loopback) &&
                           bytes <= udp_path_->transport_bytes_max();
  ip::DatagramOptions options;
  options.hop_limit = how.hop_limit;
  options.traffic_class = how.traffic_class;
  options.dont_fragment = how.dont_fragment;
  options.offload = udp::emit_header(
      local, to, payload, may_offload ? udp::ChecksumMode::kPartial : udp::ChecksumMode::kComplete,
      head);
  if (filters_.covers(FilterLayer::kOutboundTransport) &&
      !permits_departure(*udp_path_, filter_protocol::kUdp, local, to,
                         {pieces.data(), payload.size() + 1})) {
    return {};  // it vanishes, as on the way
  }
  ++statistics_.udp_datagrams_out;
  return ip_.send_datagram(now, *udp_path_, {pieces.data(), payload.size() + 1}, options);
}

Result<IpAddress> Core::source_address(const IpAddress& to) {
  const auto path = ip_.acquire_path(to);
  if (!path) return Failure(path.error());
  const IpAddress source = (*path)->source;
  ip_.release_path(*path);
  return source;
}

void Core::ping(EchoRequest& request, std::size_t bytes, Duration timeout) {
  if (bytes > kEchoBytesMax) return request.complete(ErrorCode::kMessageTooLong);
  if (echoes_.size() >= kEchoesMax) return request.complete(ErrorCode::kNoBuffers);
  const auto path = ip_.acquire_path(request.to);
  if (!path) return request.complete(path.error().code);
  if (next_echo_ == 0) next_echo_ = static_cast<std::uint16_t>(random_.next());
  request.identifier = static_cast<std::uint16_t>(isn_key_.k0);
  request.sequence_number = next_echo_++;
  request.sent_at = now_;
  std::vector<std::uint8_t> data(bytes);
  for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::uint8_t>(i);
  std::vector<std::uint8_t> message(bytes + wire::kIcmpHeaderBytes);
  ip::DatagramOptions options;
  if ((*path)->is_v4) {
    options.protocol = ip::protocol::kIcmp;
    wire::emit_icmpv4(wire::Icmpv4Message::echo(wire::icmpv4_type::kEchoRequest, request.identifier,
                                                request.sequence_number, data),
                      message);
  } else {
    options.protocol = ip::protocol::kIcmpv6;
    wire::emit_icmpv6(wire::Icmpv6Message::echo(wire::icmpv6_type::kEchoRequest, request.identifier,
                                                request.sequence_number, data),
                      (*path)->source, request.to, message);
  }
  const ByteView piece(message);
  const bool is_away = !filters_.covers(FilterLayer::kOutboundTransport) ||
                       permits_departure(**path, options.protocol, {(*path)->source, 0},
                                         {request.to, 0}, {&piece, 1});
  const auto sent =
      is_away ? ip_.send_datagram(now_, **path, {&piece, 1}, options) : Result<void>{};
  ip_.release_path(*path);
  if (!sent) return request.complete(sent.error().code);
  request.is_queued = true;
  echoes_.push_back(&request);
  if (timeout > Duration{0}) timers_.schedule(request, now_ + timeout);
}

}  // namespace oriel::stack
