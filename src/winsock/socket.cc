// The states of a socket and what moves it between them. Order of errors as Windows documents:
// closed, wrong kind, wrong state, then what the stack says.
#include "winsock/socket.h"

#include <algorithm>
#include <utility>

#include "winsock/error_table.h"
#include "winsock/operation.h"

namespace oriel::winsock {
namespace {

IpAddress wildcard_of(int family) {
  return family == AF_INET ? IpAddress::v4_any() : IpAddress::v6_any();
}

// SOMAXCONN_HINT(n) is -n: 200 to 65535 are obeyed. SOMAXCONN and what is senseless become 200.
std::uint32_t backlog_of(int asked) {
  constexpr int kUsualMax = 200;
  constexpr int kHintedMax = 65535;
  if (asked < 0) {
    const int hint = -std::max(asked, -kHintedMax);
    return static_cast<std::uint32_t>(std::max(hint, kUsualMax));
  }
  return static_cast<std::uint32_t>(std::clamp(asked, 1, kUsualMax));
}

}  // namespace

tcp::TcpSocketOptions SocketOptions::tcp() const {
  tcp::TcpSocketOptions o;
  o.is_nodelay = is_nodelay;
  o.is_keepalive = is_keepalive;
  // 0 asks the stack for its own rule: sends of a socket without a buffer are borrowed
  // (spi_send.cc).
  if (is_snd_buffer_set || is_backlog_queried) {
    o.snd_buffer_bytes = std::max<DWORD>(1, snd_buffer_bytes);
  }
  // As is 0 here: the window is the stack's own.
  if (is_rcv_buffer_set) o.rcv_buffer_bytes = rcv_buffer_bytes;
  o.receive_mode = receive_mode;
  o.may_shrink_rcv_buffer = may_shrink_rcv_buffer;
  o.keepalive_idle = std::chrono::milliseconds(keepalive_idle_ms);
  o.keepalive_interval = std::chrono::milliseconds(keepalive_interval_ms);
  o.keepalive_probes_max = keepalive_probes;
  constexpr DWORD kForEver = 0xffffffff;
  o.user_timeout = o.connect_timeout = retransmit_ms_max == kForEver
                                           ? Duration::max()
                                           : std::chrono::milliseconds(retransmit_ms_max);
  o.syn_retransmissions_max = syn_repeats;
  return o;
}

// --- binding

int Socket::bind(Core& core, const Endpoint& local) {
  if (is_closed_) return WSAENOTSOCK;
  if (is_bound() || stream_ != nullptr || acceptor_ != nullptr) return WSAEINVAL;
  if (kind_.family == AF_INET6 && options_.is_v6_only && local.address.is_v4()) {
    return WSAEADDRNOTAVAIL;
  }
  const socket::PortSharing sharing = options_.sharing();
  if (!is_stream()) {
    const auto opened = core.open_udp(local, sharing, options_.is_v6_only);
    if (!opened) return wsa_error_of(opened.error().code);
    datagrams_ = *opened;
    datagrams_->set_observer(this);
    apply_datagram_options();
    events_.record(FD_WRITE);
    return 0;
  }
  is_bound_dual_ = is_dual() && local.address == IpAddress::v6_any();
  bound_sharing_ = sharing;
  const auto bound = core.bind_tcp(local, sharing, is_bound_dual_);
  if (!bound) return wsa_error_of(bound.error().code);
  bound_ = *bound;
  return 0;
}

int Socket::bind_if_unbound(Core& core) {
  return is_bound() ? 0 : bind(core, {wildcard_of(kind_.family), 0});
}

void Socket::release_port(Core& core) {
  if (bound_) core.unbind_tcp(*bound_, bound_sharing_, is_bound_dual_);
  bound_.reset();
}

// --- listening and accepting

int Socket::listen(Core& core, int backlog) {
  if (is_closed_) return WSAENOTSOCK;
  if (!is_stream()) return WSAEOPNOTSUPP;
  if (stream_ != nullptr) return WSAEISCONN;
  if (!bound_) return WSAEINVAL;
  if (listener_ != nullptr) {
    listener_->set_backlog(backlog_of(backlog));
    return 0;
  }
  listener_ = core.make_listener(*bound_, backlog_of(backlog), options_.tcp(),
                                 kind_.family == AF_INET6 && !is_bound_dual_);
  listener_->set_observer(this);
  listener_->set_fast_path(options_.is_fast_path);
  listener_->set_conditional(options_.is_conditional_accept);
  return 0;
}

bool Socket::adopt(Core& core, socket::Transport& accepted) {
  socket::StreamSocket* stream = core.adopt(accepted);
  if (stream == nullptr) return false;
  is_connected_ = is_accepted_ = true;
  is_error_taken_ = false;
  connected_at_ = core.now();
  attach(*stream);
  events_.reset();
  record_events(readiness() & ~socket::ready::kConnect);
  return true;
}

void Socket::inherit(Core& core, const Socket& listening) {
  options_ = listening.options_;
  apply_options(core);
}

// REQ CM-7
void Socket::inherit_compatibility(const Socket& listening) {
  options_.receive_mode = listening.options_.receive_mode;
  options_.may_shrink_rcv_buffer |= listening.options_.may_shrink_rcv_buffer;
}

bool Socket::may_accept_into() const {
  if (is_closed_ || !is_stream() || acceptor_ != nullptr) return false;
  if (listener_ != nullptr || stream_ != nullptr) return false;
  return retired_ != nullptr || !bound_;
}

void Socket::retire_stream() {
  if (stream_ == nullptr) return;
  stream_->set_observer(nullptr);
  retired_ = std::exchange(stream_, nullptr);
  options_.is_backlog_queried = false;
  is_connected_ = is_accepted_ = is_context_due_ = false;
}

void Socket::release_retired(Core& core) {
  if (retired_ != nullptr) core.close_socket(std::exchange(retired_, nullptr));
}

std::optional<DWORD> Socket::connected_seconds(Core& core) const {
  if (stream_ == nullptr || !is_connected_) return std::nullopt;
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(core.now() - connected_at_);
  return static_cast<DWORD>(since.count());
}

void Socket::attach(socket::StreamSocket& stream) {
  stream_ = &stream;
  stream.set_observer(this);
  stream.set_urgent_inline(options_.is_urgent_inline);
}

// --- connecting

// What the stack is told to connect from; nullopt: anything.
std::optional<Endpoint> Socket::local_for(const Endpoint& to) const {
  if (!bound_) return std::nullopt;
  Endpoint local = *bound_;
  if (local.address.is_unspecified() && to.address.is_v4()) local.address = IpAddress::v4_any();
  return local;
}

int Socket::begin_connect(Core& core, const Endpoint& to) {
  if (is_closed_) return WSAENOTSOCK;
  if (listener_ != nullptr || acceptor_ != nullptr) return WSAEINVAL;
  if (is_connected_) return WSAEISCONN;
  release_retired(core);
  if (stream_ != nullptr) {
    if (!stream_->transport()->has_ended()) return WSAEALREADY;
    core.close_socket(std::exchange(stream_, nullptr));  // another attempt after a failed one
  }
  if (to.port == 0 || to.address.is_unspecified()) return WSAEADDRNOTAVAIL;
  if (kind_.family == AF_INET6 && options_.is_v6_only && to.address.is_v4()) {
    return WSAENETUNREACH;
  }
  Core::ConnectSpec spec;
  spec.remote = to;
  spec.local = local_for(to);
  spec.is_port_reserved = bound_.has_value();
  spec.options = options_.tcp();
  spec.is_fast_path_asked = options_.is_fast_path;
  if (spec.local && spec.local->address.is_v4() != to.address.is_v4()) return WSAEADDRNOTAVAIL;
  socket::StreamSocket* socket = core.make_socket();
  if (socket == nullptr) return WSAENOBUFS;
  const auto stream = core.connect(spec);
  if (!stream) {
    core.close_socket(socket);
    const ErrorCode e = stream.error().code;
    return e == ErrorCode::kInvalidArgument ? WSAEADDRNOTAVAIL : wsa_error_of(e);
  }
  socket->attach(**stream);
  is_error_taken_ = is_context_due_ = false;
  attach(*socket);
  events_.reset();
  return 0;
}

int Socket::connect_datagrams(Core& core, const Endpoint& to) {
  if (is_closed_) return WSAENOTSOCK;
  if (to.address.is_unspecified() && to.port == 0) {
    if (datagrams_ != nullptr) datagrams_->disconnect();
    is_connected_ = false;
    return 0;
  }
  if (to.address.is_unspecified() || to.port == 0) return WSAEADDRNOTAVAIL;
  if (const int e = bind_if_unbound(core); e != 0) return e;
  if (!datagrams_->may_reach(to.address)) return WSAEADDRNOTAVAIL;
  const auto source = core.source_address(to.address);
  if (!source) return wsa_error_of(source.error().code);
  datagrams_->connect(to);
  is_connected_ = true;
  events_.record(FD_CONNECT);
  return 0;
}

// --- ending

int Socket::shut_down(Core& core, int how) {
  if (is_closed_) return WSAENOTSOCK;
  if (!is_stream()) {
    if (!is_connected_) return WSAENOTCONN;
    is_receive_shut_ = is_receive_shut_ || how != SD_SEND;
    is_send_shut_ = is_send_shut_ || how != SD_RECEIVE;
    return 0;
  }
  if (stream_ == nullptr || !is_connected_ || is_context_due_) return WSAENOTCONN;
  const socket::Transport& transport = *stream_->transport();
  if (transport.has_ended() && transport.error() != ErrorCode::kOk) {
    return wsa_error_of(transport.error());
  }
  const Instant now = core.now();
  // An end that came in order leaves nothing to shut; a second time changes nothing.
  if (how != SD_SEND) (void)stream_->shutdown_receive(now);
  if (how != SD_RECEIVE) (void)stream_->shutdown_send(now);
  return 0;
}

void Socket::close(Core& core) {
  if (is_closed_) return;
  is_closed_ = true;
  events_.select(0, {});
  if (acceptor_ != nullptr) acceptor_->cancel(core);
  for (auto at = operations_.begin(); at != operations_.end();) {
    Operation& operation = *at;
    ++at;  // cancelling unlinks it
    operation.cancel(core);
  }
  release_retired(core);
  if (stream_ != nullptr) {
    stream_->set_observer(nullptr);
    const bool is_abortive =
        is_connected_ && options_.lingering.l_onoff != 0 && options_.lingering.l_linger == 0;
    if (is_abortive) stream_->abort(core.now(), ErrorCode::kConnectionAborted);
    // Pending sends end with the close (documented), and the program has its memory back: what was
    // to be sent from there cannot be.
    if (is_lending()) stream_->abort(core.now(), ErrorCode::kCancelled);
    core.close_socket(std::exchange(stream_, nullptr));
  }
  if (listener_ != nullptr) core.delete_listener(std::exchange(listener_, nullptr));
  if (datagrams_ != nullptr) core.close_udp(std::exchange(datagrams_, nullptr));
  release_port(core);
  while (!watchers_.empty()) {
    Watcher& watcher = *watchers_.pop_front();
    watcher.on_ready(*this, Watcher::kClosed);
  }
}

void Socket::on_last_handle() {
  stack::HostImpl::Turn turn(*host_);
  close(turn.core());
}

// --- asking

int Socket::send_refusal() const {
  if (is_closed_) return WSAENOTSOCK;
  if (!is_stream()) return is_send_shut_ ? WSAESHUTDOWN : 0;
  if (stream_ == nullptr) return WSAENOTCONN;
  if (!is_connected_ && !stream_->transport()->is_connected()) return WSAENOTCONN;
  return 0;
}

int Socket::receive_refusal() const {
  if (is_closed_) return WSAENOTSOCK;
  if (!is_stream()) {
    if (datagrams_ == nullptr) return WSAEINVAL;
    return is_receive_shut_ ? WSAESHUTDOWN : 0;
  }
  if (stream_ == nullptr) return WSAENOTCONN;
  if (!is_connected_ && !stream_->transport()->is_connected()) return WSAENOTCONN;
  return 0;
}

std::optional<Endpoint> Socket::local(Core& core) const {
  if (is_accepted_ && is_context_due_) return std::nullopt;
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

std::optional<Endpoint> Socket::peer() const {
  if (datagrams_ != nullptr) return datagrams_->peer();
  if (stream_ == nullptr || !is_connected_ || is_context_due_) return std::nullopt;
  return stream_->transport()->remote();
}

std::uint16_t Socket::readiness() const {
  if (stream_ != nullptr) return as_shown(stream_->readiness());
  if (listener_ != nullptr) return listener_->readiness();
  if (datagrams_ != nullptr) return datagrams_->readiness();
  return is_stream() ? std::uint16_t{0} : socket::ready::kWrite;
}

std::uint16_t Socket::as_shown(std::uint16_t what) const {
  namespace ready = socket::ready;
  if (stream_ == nullptr) return what;
  if (!is_connected_ && (what & ready::kFailed) != 0) return ready::kConnectFailed;
  if ((what & ready::kConnect) != 0 && stream_->is_send_shut()) what |= ready::kWrite;
  return what;
}

void Socket::want_write() {
  if (stream_ != nullptr) stream_->want_write();
}

int Socket::take_error() {
  if (stream_ == nullptr || is_error_taken_ || !stream_->transport()->has_ended()) return 0;
  is_error_taken_ = true;
  return wsa_error_of(stream_->transport()->error());
}

bool Socket::has_pending_sends() const {
  if (stream_ == nullptr || stream_->transport()->has_ended()) return false;
  return stream_->transport()->bytes_acked() < stream_->transport()->bytes_queued();
}

void Socket::apply_options(Core& core) {
  if (listener_ != nullptr) {
    listener_->set_options(options_.tcp());
    listener_->set_fast_path(options_.is_fast_path);
  }
  apply_datagram_options();
  if (stream_ == nullptr || stream_->transport() == nullptr) return;
  stream_->set_urgent_inline(options_.is_urgent_inline);
  stream_->transport()->set_options(core.now(), options_.tcp());
}

void Socket::apply_datagram_options() {
  if (datagrams_ == nullptr) return;
  datagrams_->set_errors_told(options_.is_udp_reset_told);
  datagrams_->set_receive_bytes_max(options_.rcv_buffer_bytes);
}

bool Socket::is_lending() {
  if (lending_calls_ != 0) return true;
  for (const Operation& operation : operations_) {
    if (operation.kind == socket::Request::Kind::kSendBorrowed && operation.size != 0) return true;
  }
  return false;
}

// --- who waits

std::shared_ptr<socket::Lane> Socket::lend_lane() {
  if (is_closed_ || stream_ == nullptr || !is_connected_) return nullptr;
  if (events_.is_selecting() || !watchers_.empty()) return nullptr;
  socket::Loan loan;
  loan.is_patient = !is_non_blocking();
  loan.is_receive = true;
  loan.is_send = !options_.is_snd_buffer_set || options_.snd_buffer_bytes != 0;
  return stream_->lend(loan);
}

void Socket::track(Operation& operation) {
  operations_.push_back(operation);
}

bool Socket::cancel_io(OVERLAPPED* which, std::uint32_t thread_id) {
  stack::HostImpl::Turn turn(*host_);
  bool is_any = false;
  for (auto at = operations_.begin(); at != operations_.end();) {
    Operation& operation = *at;
    ++at;  // cancelling unlinks it
    if (!operation.is_for(which, thread_id)) continue;
    is_any = true;
    operation.cancel(turn.core());
  }
  return is_any;
}

// The FD_ events whose conditions these bits are.
LONG Socket::events_for(std::uint16_t what) const {
  namespace ready = socket::ready;
  LONG events = 0;
  const bool has_bytes = stream_ == nullptr || stream_->readable_bytes() != 0;
  if ((what & ready::kRead) != 0 && has_bytes) events |= FD_READ;
  if ((what & ready::kWrite) != 0) events |= FD_WRITE;
  if ((what & ready::kUrgent) != 0) events |= FD_OOB;
  if ((what & ready::kAccept) != 0) events |= FD_ACCEPT;
  if ((what & (ready::kConnect | ready::kConnectFailed)) != 0) events |= FD_CONNECT;
  if ((what & (ready::kEnd | ready::kFailed)) != 0) events |= FD_CLOSE;
  return events;
}

void Socket::record_events(std::uint16_t what) {
  namespace ready = socket::ready;
  constexpr std::uint16_t kErrors = ready::kConnectFailed | ready::kFailed;
  const bool has_failed = stream_ != nullptr && (what & kErrors) != 0;
  events_.record(events_for(what), has_failed ? wsa_error_of(stream_->transport()->error()) : 0);
}

// Reading the last byte is what uncovers the end of the stream.
void Socket::note_receive(bool is_urgent) {
  const LONG present = holding();
  events_.rearm(is_urgent ? FD_OOB : FD_READ, present);
  want_read();
  if ((present & FD_CLOSE) != 0) record_events(readiness());
}

void Socket::on_readiness(std::uint16_t what) {
  if ((what & socket::ready::kConnect) != 0 && !is_connected_) {
    is_connected_ = true;
    connected_at_ = host_->core().now();
  }
  what = as_shown(what);
  record_events(what);
  for (auto at = watchers_.begin(); at != watchers_.end();) {
    Watcher& watcher = *at;
    ++at;  // it may leave
    watcher.on_ready(*this, what);
  }
  want_read();
}

}  // namespace oriel::winsock
