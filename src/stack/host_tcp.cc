// TcpSocket and TcpListener of the native API: each call takes the core's turn, does one thing,
// gives it back.
#include <algorithm>
#include <utility>

#include "stack/config.h"
#include "stack/direct_transfer.h"
#include "stack/host_impl.h"

namespace oriel {
namespace {

using socket::Request;
using stack::Blocked;
using stack::BlockedCall;
using stack::deadline_of;
using stack::HostImpl;
using stack::IoCall;
using stack::kNoWaiting;
using stack::SocketHandle;

std::uint8_t* bytes_of(ByteView bytes) {
  return const_cast<std::uint8_t*>(bytes.data());
}

// Why a call on this handle fails before anything else; kOk when it may go on.
ErrorCode refusal(const SocketHandle& handle) {
  if (handle.host->is_stopped()) return ErrorCode::kConnectionAborted;
  return handle.stream == nullptr ? ErrorCode::kNotConnected : ErrorCode::kOk;
}

Result<void> begin_connect(stack::Core& core, SocketHandle& handle, const Endpoint& remote) {
  if (handle.host->is_stopped()) return fail(ErrorCode::kConnectionAborted);
  if (handle.plan == nullptr) {
    return fail(handle.stream == nullptr ? ErrorCode::kNotConnected : ErrorCode::kAlreadyConnected);
  }
  if (handle.stream != nullptr) {
    const socket::Transport& t = *handle.stream->transport();
    if (!t.has_ended()) {
      return fail(t.is_connected() ? ErrorCode::kAlreadyConnected : ErrorCode::kInProgress);
    }
    core.close_socket(std::exchange(handle.stream, nullptr));  // a new attempt after a failed one
  }
  stack::Core::ConnectSpec spec;
  spec.remote = remote;
  spec.local = handle.plan->bound;
  spec.options = stack::socket_options(handle.plan->options);
  spec.is_fast_path_asked = handle.plan->options.is_loopback_fast_path;
  socket::StreamSocket* socket = core.make_socket();
  if (socket == nullptr) return fail(ErrorCode::kNoBuffers);
  const auto stream = core.connect(spec);
  if (!stream) {
    core.close_socket(socket);
    return Failure(stream.error());
  }
  socket->attach(**stream);
  handle.stream = socket;
  return {};
}

RequestId submit_io(const std::shared_ptr<SocketHandle>& handle, Request::Kind kind,
                    std::uint8_t* data, std::size_t size, IoHandler handler) {
  HostImpl& host = *handle->host;
  HostImpl::Turn turn(host);
  const RequestId id = host.next_id();
  IoCall* call = host.io_calls().create();
  if (call == nullptr) return 0;
  call->kind = kind;
  call->sink = &host;
  call->id = id;
  call->data = data;
  call->size = size;
  call->handler = std::move(handler);
  if (const ErrorCode e = refusal(*handle); e != ErrorCode::kOk) {
    call->complete(e);
  } else {
    handle->stream->submit(turn->now(), *call);
  }
  return id;
}

// Submits a request of this thread and waits for it. Requires: the turn is held.
ErrorCode wait_for(HostImpl& host, stack::Core& core, SocketHandle& handle, BlockedCall& call,
                   Duration timeout) {
  Blocked blocked(*host.runner());
  call.sink = &blocked;
  handle.stream->submit(core.now(), call);
  if (host.runner()->wait(blocked, deadline_of(core.now(), timeout))) return call.error;
  handle.stream->cancel(core.now(), call);
  return ErrorCode::kTimedOut;
}

// Moves bytes as `call` says, however long it takes.
Result<void> move_bytes(const std::shared_ptr<SocketHandle>& handle, BlockedCall& call) {
  if (handle == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl& host = *handle->host;
  if (!host.may_block()) return fail(ErrorCode::kNotSupported, kNoWaiting);
  HostImpl::Turn turn(host);
  if (const ErrorCode e = refusal(*handle); e != ErrorCode::kOk) return fail(e);
  socket::StreamSocket* const stream = handle->stream;
  std::optional<ErrorCode> e;
  if (stream->transport() != nullptr && stream->transport()->direct_wait() != nullptr) {
    e = stream->try_now(turn->now(), call);
    const bool is_part =
        e == ErrorCode::kOk && call.kind == Request::Kind::kSend && call.done < call.size;
    if (e == ErrorCode::kWouldBlock || is_part) {
      e = stack::transfer_directly(turn, *stream, call, Instant::never(),
                                   [&] { return handle->stream == stream; });
    }
  }
  if (!e) e = wait_for(host, turn.core(), *handle, call, {});
  if (*e != ErrorCode::kOk) return fail(*e);
  return {};
}

// What never waits: `call(stream, now)` in a turn, if the handle has a stream.
template <class Call>
auto at_once(const std::shared_ptr<SocketHandle>& handle, Call call)
    -> decltype(call(*handle->stream, Instant())) {
  if (handle == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl::Turn turn(*handle->host);
  if (const ErrorCode e = refusal(*handle); e != ErrorCode::kOk) return fail(e);
  return call(*handle->stream, turn->now());
}

}  // namespace

RequestId TcpSocket::async_connect(const Endpoint& remote, IoHandler handler) {
  if (handle_ == nullptr) return 0;
  HostImpl& host = *handle_->host;
  HostImpl::Turn turn(host);
  const RequestId id = host.next_id();
  IoCall* call = host.io_calls().create();
  if (call == nullptr) return 0;
  call->kind = Request::Kind::kConnect;
  call->sink = &host;
  call->id = id;
  call->handler = std::move(handler);
  if (const auto begun = begin_connect(turn.core(), *handle_, remote); !begun) {
    call->complete(begun.error().code);
  } else {
    handle_->stream->submit(turn->now(), *call);
  }
  return id;
}

RequestId TcpSocket::async_send(ByteView bytes, IoHandler handler) {
  if (handle_ == nullptr) return 0;
  return submit_io(handle_, Request::Kind::kSend, bytes_of(bytes), bytes.size(),
                   std::move(handler));
}

RequestId TcpSocket::async_send_borrowed(ByteView bytes, IoHandler handler) {
  if (handle_ == nullptr) return 0;
  return submit_io(handle_, Request::Kind::kSendBorrowed, bytes_of(bytes), bytes.size(),
                   std::move(handler));
}

RequestId TcpSocket::async_receive(ByteSpan buffer, IoHandler handler) {
  if (handle_ == nullptr) return 0;
  return submit_io(handle_, Request::Kind::kReceive, buffer.data(), buffer.size(),
                   std::move(handler));
}

RequestId TcpSocket::async_wait_urgent(IoHandler handler) {
  if (handle_ == nullptr) return 0;
  return submit_io(handle_, Request::Kind::kWaitUrgent, nullptr, 0, std::move(handler));
}

RequestId TcpSocket::async_wait_backlog_change(IoHandler handler) {
  if (handle_ == nullptr) return 0;
  return submit_io(handle_, Request::Kind::kWaitBacklog, nullptr, 0, std::move(handler));
}

Result<std::uint32_t> TcpSocket::ideal_send_backlog() {
  return at_once(handle_, [](auto& s, Instant) { return s.report_backlog(); });
}

void TcpSocket::cancel(RequestId id) {
  if (handle_ == nullptr) return;
  HostImpl::Turn turn(*handle_->host);
  if (handle_->stream != nullptr) handle_->stream->cancel(turn->now(), id);
}

Result<void> TcpSocket::connect(const Endpoint& remote, Duration timeout) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl& host = *handle_->host;
  if (!host.may_block()) return fail(ErrorCode::kNotSupported, kNoWaiting);
  HostImpl::Turn turn(host);
  if (auto begun = begin_connect(turn.core(), *handle_, remote); !begun) return begun;
  BlockedCall call;
  call.kind = Request::Kind::kConnect;
  const ErrorCode e = wait_for(host, turn.core(), *handle_, call, timeout);
  if (e != ErrorCode::kOk) return fail(e);
  return {};
}

Result<std::size_t> TcpSocket::send(ByteView bytes) {
  BlockedCall call;
  call.kind = Request::Kind::kSend;
  call.data = bytes_of(bytes);
  call.size = bytes.size();
  if (auto moved = move_bytes(handle_, call); !moved) return Failure(moved.error());
  return bytes.size();
}

Result<std::size_t> TcpSocket::receive(ByteSpan buffer) {
  BlockedCall call;
  call.kind = Request::Kind::kReceive;
  call.data = buffer.data();
  call.size = buffer.size();
  if (auto moved = move_bytes(handle_, call); !moved) return Failure(moved.error());
  return call.done;
}

Result<std::size_t> TcpSocket::try_send(ByteView bytes) {
  return at_once(handle_, [bytes](auto& s, Instant now) { return s.try_send(now, bytes); });
}

Result<std::size_t> TcpSocket::try_receive(ByteSpan buffer) {
  return at_once(handle_, [buffer](auto& s, Instant now) { return s.try_receive(now, buffer); });
}

Result<void> TcpSocket::send_urgent(std::uint8_t byte) {
  return at_once(handle_, [byte](auto& s, Instant now) { return s.send_urgent(now, byte); });
}

Result<void> TcpSocket::shutdown_send() {
  return at_once(handle_, [](auto& s, Instant now) { return s.shutdown_send(now); });
}

void TcpSocket::close() {
  if (handle_ != nullptr) handle_->host->close_handle(*handle_);
}

void TcpSocket::abort() {
  if (handle_ == nullptr) return;
  HostImpl::Turn turn(*handle_->host);
  if (handle_->stream != nullptr) {
    handle_->stream->abort(turn->now(), ErrorCode::kConnectionAborted);
  }
}

Result<void> TcpSocket::set_options(const TcpOptionsForSocket& options) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl::Turn turn(*handle_->host);
  if (handle_->host->is_stopped()) return fail(ErrorCode::kConnectionAborted);
  const tcp::TcpSocketOptions wanted = stack::socket_options(options);
  if (handle_->stream != nullptr && wanted.rcv_buffer_bytes != 0) {
    TcpInfo info;
    socket::Transport& transport = *handle_->stream->transport();
    transport.fill_info(turn->now(), info);
    if (!tcp::may_set_rcv_buffer(wanted, transport.is_connected(), stack::shown_rcv_buffer(info),
                                 wanted.rcv_buffer_bytes)) {
      return fail(ErrorCode::kInvalidArgument,
                  "receive_buffer_bytes of a connection only grows, unless its compatibility says "
                  "that it may shrink");
    }
  }
  if (handle_->plan != nullptr) handle_->plan->options = options;
  if (handle_->stream == nullptr) {
    return handle_->plan != nullptr ? Result<void>{} : fail(ErrorCode::kNotConnected);
  }
  handle_->stream->transport()->set_options(turn->now(), wanted);
  return {};
}

Result<void> TcpSocket::bind(const Endpoint& local) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl::Turn turn(*handle_->host);
  if (handle_->host->is_stopped()) return fail(ErrorCode::kConnectionAborted);
  if (handle_->plan == nullptr || handle_->stream != nullptr || handle_->plan->bound) {
    return fail(ErrorCode::kInvalidArgument, "bound or connected already");
  }
  const auto bound = turn->bind_tcp(local);
  if (!bound) return Failure(bound.error());
  handle_->plan->bound = *bound;
  return {};
}

TcpInfo TcpSocket::info() const {
  TcpInfo info;
  if (handle_ == nullptr) return info;
  HostImpl::Turn turn(*handle_->host);
  if (handle_->stream != nullptr) handle_->stream->transport()->fill_info(turn->now(), info);
  return info;
}

// --- listener

Endpoint TcpListener::local() const {
  if (handle_ == nullptr) return {};
  HostImpl::Turn turn(*handle_->host);
  return handle_->listener == nullptr ? Endpoint{} : handle_->listener->local();
}

RequestId TcpListener::async_accept(AcceptHandler handler) {
  if (handle_ == nullptr) return 0;
  HostImpl& host = *handle_->host;
  HostImpl::Turn turn(host);
  stack::AcceptCall* call = host.accept_calls().create();
  if (call == nullptr) return 0;
  const RequestId id = host.next_id();
  call->kind = Request::Kind::kAccept;
  call->sink = &host;
  call->id = id;
  call->handler = std::move(handler);
  if (handle_->listener == nullptr) {
    call->complete(ErrorCode::kConnectionAborted);
  } else {
    handle_->listener->submit(*call);
  }
  return id;
}

Result<TcpSocket> TcpListener::accept(Duration timeout) {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl& host = *handle_->host;
  if (!host.may_block()) return fail(ErrorCode::kNotSupported, kNoWaiting);
  std::shared_ptr<SocketHandle> accepted;
  HostImpl::Turn turn(host);
  if (handle_->listener == nullptr) return fail(ErrorCode::kConnectionAborted);
  BlockedCall call;
  call.kind = Request::Kind::kAccept;
  Blocked blocked(*host.runner());
  call.sink = &blocked;
  handle_->listener->submit(call);
  if (!host.runner()->wait(blocked, deadline_of(turn->now(), timeout))) {
    handle_->listener->cancel(call);
    return fail(ErrorCode::kTimedOut);
  }
  if (call.error != ErrorCode::kOk) return fail(call.error);
  accepted = host.adopt(call.accepted);
  if (accepted == nullptr) return fail(ErrorCode::kNoBuffers);
  return TcpSocket(std::move(accepted));
}

Result<TcpSocket> TcpListener::try_accept() {
  if (handle_ == nullptr) return fail(ErrorCode::kNotConnected);
  HostImpl& host = *handle_->host;
  HostImpl::Turn turn(host);
  if (handle_->listener == nullptr) return fail(ErrorCode::kConnectionAborted);
  socket::Transport* stream = handle_->listener->try_accept();
  if (stream == nullptr) return fail(ErrorCode::kWouldBlock);
  auto accepted = host.adopt(stream);
  if (accepted == nullptr) return fail(ErrorCode::kNoBuffers);
  return TcpSocket(std::move(accepted));
}

void TcpListener::cancel(RequestId id) {
  if (handle_ == nullptr) return;
  HostImpl::Turn turn(*handle_->host);
  if (handle_->listener != nullptr) handle_->listener->cancel(id);
}

void TcpListener::close() {
  if (handle_ != nullptr) handle_->host->close_handle(*handle_);
}

}  // namespace oriel
