// The machine's own loopback as part of ours: the kernel's ports beside those of loopback addresses
// and wildcards, callers and datagrams of native programs, and connects and datagrams that nobody
// on Oriel would answer.
#include <array>

#include "stack/core.h"
#include "udp/datagram.h"

namespace oriel::stack {

namespace {

bool is_loopback_or_any(const IpAddress& a) {
  return a.is_unspecified() || a.is_loopback();
}

}  // namespace

// What the kernel denies, or what another process on Oriel has there under rules that the kernel
// does not know, keeps nobody from a port by number.
Result<void> Core::hold_in_kernel(PortOf of, const Endpoint& local, bool is_dual, bool is_picked) {
  if (kernel_ == nullptr || !is_loopback_or_any(local.address)) return {};
  const auto hold_one = [&](const Endpoint& at) {
    const loopback::KernelPort port = kernel_->hold(of, at);
    if (port == loopback::KernelPort::kElsewhere && is_picked) {
      kernel_->release(of, at);
      return false;
    }
    return port != loopback::KernelPort::kNative;
  };
  constexpr const char* kWhy = "a program of the machine has the port";
  if (!hold_one(local)) return fail(ErrorCode::kAddressInUse, kWhy);
  if (!is_dual || hold_one({IpAddress::v4_any(), local.port})) return {};
  kernel_->release(of, local);
  return fail(ErrorCode::kAddressInUse, kWhy);
}

void Core::release_in_kernel(PortOf of, const Endpoint& local, bool is_dual) {
  if (kernel_ == nullptr || !is_loopback_or_any(local.address)) return;
  kernel_->release(of, local);
  if (is_dual) kernel_->release(of, {IpAddress::v4_any(), local.port});
}

void Core::listen_in_kernel(const Endpoint& bound, bool is_dual) {
  if (kernel_ == nullptr) return;
  kernel_->listen(bound);
  if (is_dual && bound.address == IpAddress::v6_any()) {
    kernel_->listen({IpAddress::v4_any(), bound.port});
  }
}

std::string Core::unreached(PortOf of, const Endpoint& local, bool is_dual) const {
  if (kernel_ == nullptr || !is_loopback_or_any(local.address)) return {};
  const bool is_here = kernel_->is_reached(of, local);
  const bool is_v4 = !is_dual || kernel_->is_reached(of, {IpAddress::v4_any(), local.port});
  if (is_here && is_v4) return {};
  const std::string all = "native programs cannot reach it";
  if (!is_dual || (!is_here && !is_v4)) return all;
  return all + (is_here ? " at 127.0.0.1" : " at ::1");
}

void Core::look_at_kernel() {
  if (domain_->take_news_beside()) {
    kernel_->look();
    while (loopback::KernelStream* stream = kernel_->take_arrival()) admit_native(*stream);
    while (const auto datagram = kernel_->take_datagram()) take_from_native(*datagram);
  }
  while (const auto refused = kernel_->take_refusal()) {
    socket::UdpSocket* socket = udp_.find(refused->from);
    if (socket != nullptr) {
      socket->on_path_error({ErrorCode::kConnectionRefused, refused->to});
    }
  }
}

void Core::admit_native(loopback::KernelStream& stream) {
  socket::Listener* listener = listeners_.find(stream.local());
  const bool is_welcome =
      listener != nullptr && listener->may_admit() && listener->may_complete() &&
      !is_over_budget() &&
      !is_inspected_natively(stream.local(), stream.remote(), FilterDirection::kInbound);
  if (!is_welcome) {
    ++statistics_.tcp_syn_drops;
    refuse(stream);
    return;
  }
  ++statistics_.tcp_passive_opens;
  stream.set_options(now_, listener->options());
  listener->admit(stream);
  listener->note_complete();
}

// The kernel's packets and bytes pass no rule: where some rule would see the connection, there is
// none. REQ LFP-9
bool Core::is_inspected_natively(const Endpoint& local, const Endpoint& remote,
                                 FilterDirection opened) {
  if (loopback_inspection_reason(local, remote, opened).empty()) return false;
  ++statistics_.filter_blocks;
  return true;
}

// Whatever stands against it (nobody listens there, above all), the connect goes on among our own,
// where it meets the same answer as without native programs.
socket::Transport* Core::connect_native(const ConnectSpec& spec, const Endpoint& local,
                                        LinkId way) {
  if (kernel_ == nullptr || way != ip::kLoopbackInterface) return nullptr;
  if (!spec.remote.address.is_loopback() || listeners_.find(spec.remote) != nullptr) return nullptr;
  if (is_inspected_natively(local, spec.remote, FilterDirection::kOutbound)) return nullptr;
  std::optional<Endpoint> from;
  if (spec.local) from = local;
  const auto stream = kernel_->connect(from, spec.remote);
  if (!stream) return nullptr;
  (*stream)->set_options(now_, spec.options);
  ++statistics_.tcp_active_opens;
  return *stream;
}

// --- datagrams

// A native program's datagram becomes a packet of our loopback: so the IP layer, the rules and the
// capture see it like any other.
void Core::take_from_native(const loopback::KernelDatagram& datagram) {
  const auto path = ip_.acquire_path(datagram.destination.address, datagram.source.address,
                                     ip::kLoopbackInterface);
  if (!path) return;  // not from a loopback address
  std::array<std::uint8_t, udp::kHeaderBytes> head;
  const std::array<ByteView, 2> pieces = {ByteView(head), datagram.payload};
  const std::span<const ByteView> payload(&pieces[1], 1);
  const bool is_one = head.size() + datagram.payload.size() <= (*path)->transport_bytes_max();
  ip::DatagramOptions options;
  options.offload =
      udp::emit_header(datagram.source, datagram.destination, payload,
                       is_one ? udp::ChecksumMode::kPartial : udp::ChecksumMode::kComplete, head);
  (void)ip_.send_datagram(now_, **path, pieces, options);
  ip_.release_path(*path);
}

// The other way round: a packet on our loopback for a port that nobody on Oriel has. Only from a
// port that is held there, so nothing that came from the kernel can go back to it.
bool Core::give_to_native(const ip::Delivery& delivery, const udp::ParsedDatagram& parsed) {
  if (kernel_ == nullptr || delivery.interface_index != ip::kLoopbackInterface) return false;
  if (delivery.is_multicast || !delivery.destination.is_loopback()) return false;
  return kernel_->send_datagram(
      {delivery.source, parsed.source_port}, {delivery.destination, parsed.destination_port},
      delivery.transport_view().subspan(udp::kHeaderBytes, parsed.payload_bytes));
}

}  // namespace oriel::stack
