// Host and UdpSocket of the native API.
#include <utility>

#include "stack/config.h"
#include "stack/host_impl.h"
#include "stack/process_host.h"

namespace oriel {
namespace {

using stack::Blocked;
using stack::deadline_of;
using stack::HostImpl;
using stack::kNoWaiting;

constexpr const char* kManualOnly = "only a manual host has packet links";

}  // namespace

Host::Host(std::shared_ptr<HostImpl> impl) : impl_(std::move(impl)) {}
Host::Host(Host&&) noexcept = default;

Host& Host::operator=(Host&& other) noexcept {
  std::swap(impl_, other.impl_);
  std::swap(is_of_process_, other.is_of_process_);
  return *this;
}

Host::~Host() {
  if (impl_ == nullptr) return;
  if (is_of_process_) {
    stack::ProcessHost::release();
  } else {
    impl_->stop();
  }
}

void Host::end(Duration limit) {
  if (!is_of_process_) impl_->end(limit);
}

void Host::apply_settings(const HostSettings& settings) {
  impl_->apply_settings(settings);
}

Result<Host> Host::create(const HostOptions& options) {
  auto impl = std::make_shared<HostImpl>(options);
  impl->start();
  return Host(std::move(impl));
}

// --- network

Result<LinkId> Host::add_link(std::unique_ptr<Device> device, const LinkOptions& options) {
  return impl_->add_link(std::move(device), options);
}

Result<void> Host::remove_link(LinkId link) {
  HostImpl::Turn turn(*impl_);
  if (impl_->runner() != nullptr) impl_->runner()->rewatch();
  return turn->remove_link(link);
}

Result<void> Host::add_address(LinkId link, const Prefix& address) {
  HostImpl::Turn turn(*impl_);
  return turn->add_address(link, address);
}

Result<void> Host::add_route(const Prefix& destination, std::optional<IpAddress> gateway,
                             LinkId link) {
  HostImpl::Turn turn(*impl_);
  return turn->add_route(destination, gateway, link);
}

// --- sockets

Result<TcpSocket> Host::open_tcp(const TcpOptionsForSocket& options) {
  HostImpl::Turn turn(*impl_);
  auto handle = impl_->make_handle();
  handle->plan = std::make_unique<stack::SocketHandle::Plan>();
  handle->plan->options = options;
  return TcpSocket(std::move(handle));
}

Result<TcpListener> Host::listen_tcp(const Endpoint& local, const ListenOptions& options) {
  HostImpl::Turn turn(*impl_);
  const auto listener = turn->listen(local, options.backlog, stack::socket_options(options.tcp));
  if (!listener) return Failure(listener.error());
  (*listener)->set_fast_path(options.tcp.is_loopback_fast_path);
  auto handle = impl_->make_handle();
  handle->listener = *listener;
  return TcpListener(std::move(handle));
}

Result<UdpSocket> Host::open_udp(const Endpoint& local) {
  HostImpl::Turn turn(*impl_);
  const auto socket = turn->open_udp(local);
  if (!socket) return Failure(socket.error());
  auto handle = impl_->make_handle();
  handle->udp = *socket;
  return UdpSocket(std::move(handle));
}

void Host::async_ping(const IpAddress& to, std::size_t bytes, Duration timeout,
                      std::function<void(Result<Duration>)> handler) {
  HostImpl::Turn turn(*impl_);
  stack::EchoCall* call = impl_->echo_calls().create();
  if (call == nullptr) return;
  call->sink = impl_.get();
  call->to = to;
  call->handler = std::move(handler);
  turn->ping(*call, bytes, timeout);
}

Result<Duration> Host::ping(const IpAddress& to, std::size_t bytes, Duration timeout) {
  if (!impl_->may_block()) return fail(ErrorCode::kNotSupported, kNoWaiting);
  HostImpl::Turn turn(*impl_);
  stack::BlockedEcho call;
  Blocked blocked(*impl_->runner());
  call.sink = &blocked;
  call.to = to;
  turn->ping(call, bytes, timeout);
  impl_->runner()->wait(blocked, Instant::never());
  if (call.error != ErrorCode::kOk) return fail(call.error);
  return call.round_trip;
}

HostStatistics Host::statistics() const {
  HostImpl::Turn turn(*impl_);
  return turn->statistics();
}

std::vector<TcpInfo> Host::connections() const {
  HostImpl::Turn turn(*impl_);
  return turn->connections();
}

// --- manual hosts

Result<LinkId> Host::add_packet_link(const DeviceInfo& info, const LinkOptions& options) {
  if (!impl_->is_manual()) return fail(ErrorCode::kNotSupported, kManualOnly);
  return impl_->add_packet_link(info, options);
}

void Host::advance(Instant now) {
  if (impl_->is_manual()) impl_->advance(now);
}

Instant Host::next_deadline() const {
  return impl_->is_manual() ? impl_->next_deadline() : Instant::never();
}

Instant Host::now() const {
  HostImpl::Turn turn(*impl_);
  return turn->now();
}

void Host::inject(LinkId link, ByteView packet, const Offload& offload) {
  if (impl_->is_manual()) impl_->inject(link, packet, offload);
}

std::optional<Host::TakenPacket> Host::take(LinkId link) {
  if (!impl_->is_manual()) return std::nullopt;
  const stack::PacketLink::Packet* packet = impl_->take(link);
  if (packet == nullptr) return std::nullopt;
  return TakenPacket{packet->bytes, packet->offload};
}

// --- UDP

Endpoint UdpSocket::local() const {
  if (handle_ == nullptr) return {};
  HostImpl::Turn turn(*handle_->host);
  return handle_->udp == nullptr ? Endpoint{} : handle_->udp->local();
}

Result<void> UdpSocket::send_to(const Endpoint& to, ByteView bytes) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl::Turn turn(*handle_->host);
  if (handle_->udp == nullptr) return fail(ErrorCode::kConnectionAborted);
  return handle_->udp->send_to(turn->now(), to, bytes);
}

RequestId UdpSocket::async_receive_from(ByteSpan buffer, DatagramHandler handler) {
  if (handle_ == nullptr) return 0;
  HostImpl& host = *handle_->host;
  HostImpl::Turn turn(host);
  stack::DatagramCall* call = host.datagram_calls().create();
  if (call == nullptr) return 0;
  const RequestId id = host.next_id();
  call->kind = socket::Request::Kind::kReceiveFrom;
  call->sink = &host;
  call->id = id;
  call->data = buffer.data();
  call->size = buffer.size();
  call->handler = std::move(handler);
  if (handle_->udp == nullptr) {
    call->complete(ErrorCode::kConnectionAborted);
  } else {
    handle_->udp->submit(*call);
  }
  return id;
}

Result<Datagram> UdpSocket::receive_from(ByteSpan buffer, Duration timeout) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl& host = *handle_->host;
  if (!host.may_block()) return fail(ErrorCode::kNotSupported, kNoWaiting);
  HostImpl::Turn turn(host);
  if (handle_->udp == nullptr) return fail(ErrorCode::kConnectionAborted);
  stack::BlockedDatagram call;
  call.kind = socket::Request::Kind::kReceiveFrom;
  call.data = buffer.data();
  call.size = buffer.size();
  Blocked blocked(*host.runner());
  call.sink = &blocked;
  handle_->udp->submit(call);
  if (!host.runner()->wait(blocked, deadline_of(turn->now(), timeout))) {
    handle_->udp->cancel(call);
    return fail(ErrorCode::kTimedOut);
  }
  if (call.error != ErrorCode::kOk) return fail(call.error);
  return stack::to_datagram(call);
}

Result<Datagram> UdpSocket::try_receive_from(ByteSpan buffer) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl::Turn turn(*handle_->host);
  if (handle_->udp == nullptr) return fail(ErrorCode::kConnectionAborted);
  stack::BlockedDatagram call;
  call.data = buffer.data();
  call.size = buffer.size();
  const ErrorCode e = handle_->udp->try_receive(call);
  if (e != ErrorCode::kOk) return fail(e);
  return stack::to_datagram(call);
}

Result<void> UdpSocket::connect(const Endpoint& to) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl::Turn turn(*handle_->host);
  if (handle_->udp == nullptr) return fail(ErrorCode::kConnectionAborted);
  return turn->connect_udp(*handle_->udp, to);
}

void UdpSocket::cancel(RequestId id) {
  if (handle_ == nullptr) return;
  HostImpl::Turn turn(*handle_->host);
  if (handle_->udp != nullptr) handle_->udp->cancel(id);
}

void UdpSocket::close() {
  if (handle_ != nullptr) handle_->host->close_handle(*handle_);
}

}  // namespace oriel
