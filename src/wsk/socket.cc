// The states of a socket and what moves it between them. A call in the wrong state is
// STATUS_INVALID_DEVICE_STATE; else what the stack says.
#include "wsk/socket.h"

#include <utility>

#include "win32/sockaddr.h"
#include "wsk/irp_map.h"

namespace oriel::wsk {

using Turn = stack::HostImpl::Turn;

Socket::Socket(runtime::Ref<Client> client, const Setup& setup)
    : client_(std::move(client)),
      host_(client_->host()),
      category_(setup.category),
      family_(setup.family),
      is_datagram_(setup.is_datagram),
      context_(setup.context),
      dispatch_(setup.dispatch) {
  client_->note_socket_made(setup.is_own);
  callbacks_.set_available(available_events());
  callbacks_.set_static(client_->static_events());
}

Socket::~Socket() = default;

// Whoever takes the last count completes the close, and only then the client has one socket less.
// A call that was still in progress as the socket closed, against the rules, may count once more.
void Socket::note_ended() {
  if (outstanding_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (is_finished_.exchange(true, std::memory_order_acq_rel)) return;
  const runtime::Ref<Client> client = client_;
  if (close_irp_ != nullptr) irp_map::complete(*close_irp_, STATUS_SUCCESS, 0);
  client->note_socket_closed();
}

// --- the client's functions

const WSK_CLIENT_LISTEN_DISPATCH* Socket::listen_client() const {
  if (dispatch_ == nullptr || category_ == Category::kBasic) return nullptr;
  if (category_ == Category::kListen) {
    return static_cast<const WSK_CLIENT_LISTEN_DISPATCH*>(dispatch_);
  }
  if (category_ != Category::kStream || is_accepted_) return nullptr;
  return static_cast<const WSK_CLIENT_STREAM_DISPATCH*>(dispatch_)->Listen;
}

const WSK_CLIENT_CONNECTION_DISPATCH* Socket::connection_client() const {
  if (dispatch_ == nullptr) return nullptr;
  if (category_ == Category::kConnection || is_accepted_) {
    return static_cast<const WSK_CLIENT_CONNECTION_DISPATCH*>(dispatch_);
  }
  if (category_ != Category::kStream) return nullptr;
  return static_cast<const WSK_CLIENT_STREAM_DISPATCH*>(dispatch_)->Connect;
}

const WSK_CLIENT_DATAGRAM_DISPATCH* Socket::datagram_client() const {
  if (category_ != Category::kDatagram) return nullptr;
  return static_cast<const WSK_CLIENT_DATAGRAM_DISPATCH*>(dispatch_);
}

ULONG Socket::available_events() const {
  ULONG mask = 0;
  if (const auto* c = listen_client(); c != nullptr && c->WskAcceptEvent != nullptr) {
    mask |= WSK_EVENT_ACCEPT;
  }
  if (const auto* c = connection_client(); c != nullptr) {
    if (c->WskReceiveEvent != nullptr) mask |= WSK_EVENT_RECEIVE;
    if (c->WskDisconnectEvent != nullptr) mask |= WSK_EVENT_DISCONNECT;
    if (c->WskSendBacklogEvent != nullptr) mask |= WSK_EVENT_SEND_BACKLOG;
  }
  if (const auto* c = datagram_client(); c != nullptr && c->WskReceiveFromEvent != nullptr) {
    mask |= WSK_EVENT_RECEIVE_FROM;
  }
  return mask;
}

// A stream socket that listens hands down, too.
ULONG Socket::may_hand_down() const {
  return category_ == Category::kListen || listener_ != nullptr ? kConnectionEvents : 0;
}

void Socket::set_connection_client(PVOID context, const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) {
  context_ = context;
  dispatch_ = dispatch;
  callbacks_.set_available(available_events());
  callbacks_.set_static(client_->static_events());
}

// --- binding and listening

NTSTATUS Socket::bind(Core& core, const Endpoint& local) {
  if (is_closed_ || is_bound() || stream_ != nullptr) return STATUS_INVALID_DEVICE_STATE;
  if (family_ == AF_INET6 && options_.is_v6_only && local.address.is_v4()) {
    return STATUS_INVALID_ADDRESS_COMPONENT;
  }
  if (category_ == Category::kDatagram) {
    const auto opened = core.open_udp(local, options_.sharing(), options_.is_v6_only);
    if (!opened) return status_of(opened.error().code);
    datagrams_ = *opened;
    datagrams_->set_observer(this);
    if (options_.receive_buffer != kReceiveBufferDefault) apply_options(core);
    return STATUS_SUCCESS;
  }
  is_bound_dual_ = is_dual() && local.address == IpAddress::v6_any();
  bound_sharing_ = options_.sharing();
  const auto bound = core.bind_tcp(local, bound_sharing_, is_bound_dual_);
  if (!bound) return status_of(bound.error().code);
  bound_ = *bound;
  return category_ == Category::kListen ? listen(core) : STATUS_SUCCESS;
}

NTSTATUS Socket::listen(Core& core) {
  if (is_closed_ || !bound_ || stream_ != nullptr || listener_ != nullptr) {
    return STATUS_INVALID_DEVICE_STATE;
  }
  listener_ =
      core.make_listener(*bound_, kBacklog, options_.tcp, family_ == AF_INET6 && !is_bound_dual_);
  listener_->set_observer(this);
  listener_->set_fast_path(options_.is_fast_path);
  listener_->set_conditional(options_.is_conditional);
  return STATUS_SUCCESS;
}

void Socket::release_port(Core& core) {
  if (bound_) core.unbind_tcp(*bound_, bound_sharing_, is_bound_dual_);
  bound_.reset();
}

// --- connecting and accepting

NTSTATUS Socket::begin_connect(Core& core, const Endpoint& to) {
  if (is_closed_ || !bound_ || listener_ != nullptr || is_connected_) {
    return STATUS_INVALID_DEVICE_STATE;
  }
  if (stream_ != nullptr) {
    if (!stream_->transport()->has_ended()) return STATUS_INVALID_DEVICE_STATE;
    core.close_socket(std::exchange(stream_, nullptr));  // another attempt after a failed one
  }
  if (to.port == 0 || to.address.is_unspecified()) return STATUS_INVALID_ADDRESS_COMPONENT;
  Core::ConnectSpec spec;
  spec.remote = to;
  spec.local = *bound_;
  if (bound_->address.is_unspecified() && to.address.is_v4()) {
    spec.local->address = IpAddress::v4_any();
  }
  if (spec.local->address.is_v4() != to.address.is_v4()) return STATUS_INVALID_ADDRESS_COMPONENT;
  spec.is_port_reserved = true;
  spec.options = options_.tcp;
  spec.is_fast_path_asked = options_.is_fast_path;
  socket::StreamSocket* stream = core.make_socket();
  if (stream == nullptr) return STATUS_INSUFFICIENT_RESOURCES;
  const auto transport = core.connect(spec);
  if (!transport) {
    core.close_socket(stream);
    const ErrorCode e = transport.error().code;
    return e == ErrorCode::kInvalidArgument ? STATUS_INVALID_ADDRESS_COMPONENT : status_of(e);
  }
  stream->attach(**transport);
  attach(*stream);
  return STATUS_SUCCESS;
}

void Socket::attach(socket::StreamSocket& stream) {
  stream_ = &stream;
  stream.set_observer(this);
}

void Socket::note_connected() {
  is_connected_ = true;
  look_for_events();
}

bool Socket::adopt(Core& core, socket::Transport& accepted) {
  socket::StreamSocket* stream = core.adopt(accepted);
  if (stream == nullptr) return false;
  is_connected_ = is_accepted_ = true;
  attach(*stream);
  return true;
}

void Socket::inherit(Core& core, const Socket& listening, bool is_by_event) {
  options_ = listening.options_;
  apply_options(core);
  if (is_by_event) callbacks_.inherit(listening.callbacks_.handed_down());
  look_for_events();
}

// --- ending

void Socket::close(Core& core) {
  if (is_closed_) return;
  is_closed_ = true;
  if (drain_ != nullptr) std::exchange(drain_, nullptr)->complete(ErrorCode::kCancelled);
  held_.complete_all(ErrorCode::kCancelled);
  for (auto at = operations_.begin(); at != operations_.end();) {
    auto& operation = static_cast<PendingIrp&>(*at);
    ++at;  // cancelling unlinks it
    operation.cancel(core);
  }
  if (stream_ != nullptr) {
    stream_->set_observer(nullptr);
    const socket::Transport* transport = stream_->transport();
    const bool is_over = transport->is_send_closed() && transport->is_at_end_of_stream();
    if (!is_over) stream_->abort(core.now(), ErrorCode::kCancelled);
    core.close_socket(std::exchange(stream_, nullptr));
  }
  refuse_inspected(core);
  if (listener_ != nullptr) core.delete_listener(std::exchange(listener_, nullptr));
  if (datagrams_ != nullptr) core.close_udp(std::exchange(datagrams_, nullptr));
  release_port(core);
}

void Socket::track(PendingIrp& operation) {
  note_begun();
  operations_.push_back(operation);
}

// It may lie in any queue of the socket; borrowed bytes stay out until they are acknowledged.
void Socket::cancel(Core& core, StreamIrp& operation) {
  if (drain_ == &operation) {
    drain_ = nullptr;
    return operation.complete(ErrorCode::kCancelled);
  }
  if (held_.remove(operation)) return operation.complete(ErrorCode::kCancelled);
  if (operation.kind == socket::Request::Kind::kAccept) {
    if (accepts_.remove(operation)) return operation.complete(ErrorCode::kCancelled);
    if (listener_ != nullptr) listener_->cancel(operation);
  } else if (stream_ != nullptr) {
    stream_->cancel(core.now(), operation);
  }
}

void Socket::cancel(Core& /*core*/, DatagramIrp& operation) {
  if (datagrams_ != nullptr) datagrams_->cancel(operation);
}

// --- asking

std::optional<Endpoint> Socket::local(Core& core) const {
  if (stream_ != nullptr && stream_->transport() != nullptr) return stream_->transport()->local();
  if (datagrams_ == nullptr) return bound_;
  Endpoint local = datagrams_->local();
  if (local.address.is_unspecified() && datagrams_->peer()) {
    if (const auto source = core.source_address(datagrams_->peer()->address)) {
      local.address = *source;
    }
  }
  return local;
}

std::optional<Endpoint> Socket::remote() const {
  if (datagrams_ != nullptr) return datagrams_->peer();
  if (stream_ == nullptr || !is_connected_) return std::nullopt;
  return stream_->transport()->remote();
}

NTSTATUS Socket::send_refusal() const {
  return is_closed_ || stream_ == nullptr || !is_connected_ ? STATUS_INVALID_DEVICE_STATE
                                                            : STATUS_SUCCESS;
}

void Socket::apply_options(Core& core) {
  if (listener_ != nullptr) {
    listener_->set_options(options_.tcp);
    listener_->set_fast_path(options_.is_fast_path);
  }
  if (datagrams_ != nullptr) datagrams_->set_receive_bytes_max(options_.receive_buffer);
  if (stream_ != nullptr && stream_->transport() != nullptr) {
    stream_->transport()->set_options(core.now(), options_.tcp);
  }
}

// What is lent tells nobody of bytes, ends and room: whoever has a callback for those gets no lane.
void Socket::lend_lane() {
  if (is_closed_ || stream_ == nullptr || drain_ != nullptr || is_receive_paused_) return;
  if (must_hold_receives() || callbacks_.is_any_enabled()) return;
  socket::Loan loan;
  loan.is_send = loan.is_receive = true;
  auto lane = stream_->lend(loan);
  if (lane == nullptr || way_->kept != nullptr) return;  // a second stream goes without
  way_->kept = std::move(lane);
  way_->lane.store(way_->kept.get(), std::memory_order_release);
}

void Socket::ring_peer() {
  Turn turn(host());
  if (stream_ != nullptr && stream_->transport() != nullptr) stream_->transport()->ring_peer();
}

void Socket::set_nodelay(Core& core, bool is_on) {
  if (is_on == is_sending_at_once_ || stream_->transport() == nullptr) return;
  is_sending_at_once_ = is_on;
  tcp::TcpSocketOptions options = options_.tcp;
  options.is_nodelay = options.is_nodelay || is_on;
  stream_->transport()->set_options(core.now(), options);
}

Outcome Socket::settle_datagram(DatagramIrp& irp, PSOCKADDR from, PULONG told_flags) {
  if (irp.error != ErrorCode::kOk) return {status_of(irp.error), 0};
  if (from != nullptr) {
    INT bytes = win32::sockaddr_bytes(family_);
    win32::write_sockaddr(irp.source, family_, from, &bytes);
  }
  const bool is_cut = irp.datagram_bytes > irp.size;
  if (told_flags != nullptr) *told_flags = is_cut ? MSG_TRUNC : 0;
  return {is_cut ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS, irp.done};
}

}  // namespace oriel::wsk
