// The loopback between processes: which process a loopback address and port lead to, the links to
// those processes, and what happens to connections when one of them is gone.
//
// A peer's link is an interface that carries loopback addresses. A path is bound to it when a
// connection or datagram turns out to be for that process, so segments pass it like any device and
// nothing of the hot path knows. A peer's death is a reset, made up here (LFP-11), except to
// connections whose FIN it had sent: those have all that they will get, and keep it.
#include "stack/core.h"
#include "stack/stat_lines.h"

namespace oriel::stack {
namespace {

/// A link without connections, over which nothing passed between two looks, is let go.
constexpr Duration kIdleLookInterval = std::chrono::seconds(10);
/// Interfaces that peers may have; the rest is for links.
constexpr std::size_t kPeersMax = 240;

std::uint64_t packets_of(const LinkPort& port) {
  const DeviceCounters c = port.device().counters();
  return c.packets_in + c.packets_out;
}

}  // namespace

// REQ LFP-3
Result<ip::Path*> Core::path_to(PortOf of, const Endpoint& to,
                                const std::optional<IpAddress>& source, Trust trust) {
  const auto path = ip_.acquire_path(to.address, source);
  if (!path || domain_ == nullptr || !to.address.is_loopback()) return path;
  const IpAddress from = (*path)->source;
  if (!from.is_loopback()) return path;
  const auto link = owner_link(of, to, trust);
  if (link && *link == ip::kLoopbackInterface) return path;
  ip_.release_path(*path);
  if (!link) return Failure(link.error());
  return ip_.acquire_path(to.address, from, *link);
}

// Nobody but us, and then perhaps nobody at all: kLoopbackInterface.
Result<LinkId> Core::owner_link(PortOf of, const Endpoint& to, Trust trust) {
  bool has_wildcard = false;
  if (of == PortOf::kTcp) {
    const socket::Listener* here = listeners_.find(to);
    if (here != nullptr && here->local().address == to.address) return ip::kLoopbackInterface;
    has_wildcard = here != nullptr;
  } else {
    const socket::UdpSocket* here = udp_.find(to);
    if (here != nullptr && here->local().address == to.address) return ip::kLoopbackInterface;
    has_wildcard = here != nullptr;
  }
  const auto peer = domain_->find(now_, of, to, has_wildcard, trust);
  if (!peer) return Failure(peer.error());
  if (*peer == nullptr) return ip::kLoopbackInterface;
  return (*peer)->link != 0 ? (*peer)->link : add_peer(**peer);
}

// A native socket on `::` takes both families without having asked.
static bool takes_both(const IpAddress& a, socket::PortSharing sharing, bool is_dual) {
  return is_dual || (sharing == socket::PortSharing::kNone && a == IpAddress::v6_any());
}

Result<void> Core::hold_port(PortOf of, const Endpoint& local, socket::PortSharing sharing,
                             bool is_dual, bool is_picked) {
  const bool is_for_both = takes_both(local.address, sharing, is_dual);
  if (!is_shared(local.address)) return hold_in_kernel(of, local, is_for_both, is_picked);
  loopback::PortNames& ports = domain_->ports();
  const bool is_in_block =
      loopback::is_ephemeral(local.port) && ports.owns_block(loopback::block_of(local.port));
  if (!is_in_block) {
    if (const auto held = ports.hold(of, local, sharing, is_for_both); !held) return held;
  }
  const auto held = hold_in_kernel(of, local, is_for_both, is_picked);
  if (!held && !is_in_block) ports.release(of, local, sharing, is_for_both);
  return held;
}

void Core::release_port(PortOf of, const Endpoint& local, socket::PortSharing sharing,
                        bool is_dual) {
  release_in_kernel(of, local, takes_both(local.address, sharing, is_dual));
  if (!is_shared(local.address)) return;
  domain_->ports().release(of, local, sharing, takes_both(local.address, sharing, is_dual));
}

// --- links

Result<LinkId> Core::add_peer(loopback::Peer& peer) {
  const auto is_peer = [](const auto& port) { return port != nullptr && port->is_peer(); };
  const auto peers = std::count_if(links_.begin(), links_.end(), is_peer);
  auto index = static_cast<std::size_t>(peers) < kPeersMax
                   ? ip_.add_peer(peer.device->info())
                   : Result<std::uint32_t>(fail(ErrorCode::kNoBuffers, "240 peers at most"));
  if (!index) {
    domain_->forget(peer);
    return index;
  }
  peer.link = *index;
  auto device = std::move(peer.device);
  if (capture_ != nullptr) device = capture_->wrap(std::move(device));
  links_.resize(std::max<std::size_t>(links_.size(), *index + 1));
  links_[*index] = std::make_unique<LinkPort>(std::move(device), *index, pool_);
  links_[*index]->mark_peer();
  meet(peer);
  if (next_peer_check_.is_never()) next_peer_check_ = now_ + kIdleLookInterval;
  return *index;
}

void Core::look_at_peers() {
  domain_->look(now_);
  while (loopback::Peer* peer = domain_->take_arrival()) (void)add_peer(*peer);
  for (int q = domain_->take_question(); q >= 0; q = domain_->take_question()) {
    domain_->answer(q, stat_messages());
  }
}

std::vector<std::string> Core::stat_messages() const {
  std::vector<std::string> lines;
  for (const TcpInfo& info : connections()) lines.push_back(stat_line(info));
  const auto add_port = [&](PortOf of, const Endpoint& local, bool is_v6_only) {
    const bool is_dual = !is_v6_only && local.address == IpAddress::v6_any();
    const std::string why = unreached(of, local, is_dual);
    lines.push_back(stat_line_of_port(of == PortOf::kTcp ? "tcp" : "udp", local,
                                      why.empty() ? std::string_view("-") : why));
  };
  listeners_.for_each(
      [&](const socket::Listener& l) { add_port(PortOf::kTcp, l.local(), l.is_v6_only()); });
  udp_.for_each(
      [&](const socket::UdpSocket& u) { add_port(PortOf::kUdp, u.local(), u.is_v6_only()); });
  return join_lines(lines);
}

// A link goes when both ends have nothing on it. Whoever finds it idle first starts nothing new
// there and says so; the other hangs up once it finds the same.
void Core::retire_idle_peers() {
  next_peer_check_ = Instant::never();
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if (links_[i] == nullptr || !links_[i]->is_peer()) continue;
    LinkPort& port = *links_[i];
    next_peer_check_ = now_ + kIdleLookInterval;
    const std::uint64_t packets = packets_of(port);
    const bool is_idle = port.peer_streams == 0 && packets == port.packets_seen &&
                         !has_far_pipes(port.interface_index()) &&
                         !has_held_on(port.interface_index());
    port.packets_seen = packets;
    loopback::Peer* peer = domain_->peer_of_link(port.interface_index());
    if (!is_idle || peer == nullptr) continue;
    if (peer->state->is_leaving) {
      lose_peer(port);
    } else {
      domain_->retire(*peer);
    }
  }
}

// REQ LFP-11
void Core::lose_peer(LinkPort& port) {
  const std::uint32_t index = port.interface_index();
  while (Stream* stream = port.waiting_streams.pop()) ready_.push(*stream);
  std::vector<Stream*> lost;
  table_.for_each([&](socket::TcpStream& s) {
    auto& stream = static_cast<Stream&>(s);
    if (stream.path != nullptr && stream.path->interface_index == index) lost.push_back(&stream);
  });
  for (Stream* stream : lost) lose_peer_stream(*stream);
  drop_held_on(index, ErrorCode::kConnectionReset);
  lose_far_side(index);
  if (domain_ != nullptr) {
    if (const loopback::Peer* peer = domain_->peer_of_link(index)) domain_->forget(*peer);
  }
  links_[index].reset();
  ip_.remove_interface(index);
}

void Core::lose_peer_stream(Stream& stream) {
  tcp::Connection& connection = stream.connection();
  const bool is_all_acked = connection.bytes_acked() == connection.bytes_queued();
  switch (connection.state()) {
    case TcpState::kCloseWait:  // what is unread stays, and the end behind it
      break;
    case TcpState::kClosing:
    case TcpState::kLastAck:
    case TcpState::kTimeWait:
      connection.on_abort(now_, is_all_acked ? ErrorCode::kOk : ErrorCode::kConnectionReset);
      break;
    case TcpState::kSynSent:
      connection.on_abort(now_, ErrorCode::kConnectionRefused);
      break;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kSynReceived:
    case TcpState::kEstablished:
    case TcpState::kFinWait1:
    case TcpState::kFinWait2:
      connection.on_abort(now_, ErrorCode::kConnectionReset);
      break;
  }
  leave_table(stream);
  make_ready(stream);
}

// Whatever a stream without a path wants to send, nobody is there to take it: RST would be the
// answer. Only its end is good news: the peer has all that was sent before.
void Core::end_without_peer(Stream& stream) {
  tcp::Connection& connection = stream.connection();
  if (connection.is_closed()) return;
  if (connection.bytes_acked() != connection.bytes_queued()) {
    connection.on_abort(now_, ErrorCode::kConnectionReset);
  } else if (connection.is_send_closed()) {
    connection.on_abort(now_, ErrorCode::kOk);
  }
}

}  // namespace oriel::stack
