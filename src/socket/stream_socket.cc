// Progress of requests. Order within a direction is the order of submission; directions are
// independent.
#include "socket/stream_socket.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace oriel::socket {

void StreamSocket::attach(Transport& transport) {
  assert(transport_ == nullptr);
  transport_ = &transport;
  transport.set_user(this);
}

// What a send would fail with now; kOk when it may go or wait.
ErrorCode StreamSocket::send_error() const {
  if (is_closed_) return ErrorCode::kNotConnected;
  if (transport_ == nullptr) return ErrorCode::kNotConnected;
  if (transport_->has_ended()) {
    const ErrorCode e = transport_->error();
    return e == ErrorCode::kOk ? ErrorCode::kShutDown : e;
  }
  if (is_shutdown_wanted_ || transport_->is_send_closed()) return ErrorCode::kShutDown;
  return ErrorCode::kOk;
}

// What a receive that finds no bytes would fail with; kOk when it may wait or is at the end.
ErrorCode StreamSocket::receive_error() const {
  if (is_closed_ || transport_ == nullptr) return ErrorCode::kNotConnected;
  if (transport_->has_ended() && !transport_->is_at_end_of_stream()) {
    const ErrorCode e = transport_->error();
    return e == ErrorCode::kOk ? ErrorCode::kNotConnected : e;
  }
  return ErrorCode::kOk;
}

void StreamSocket::submit(Instant now, Request& request) {
  switch (request.kind) {
    case Request::Kind::kConnect:
      assert(connect_ == nullptr);
      request.is_queued = true;
      connect_ = &request;
      progress_connect(now);
      return;
    case Request::Kind::kSend:
    case Request::Kind::kSendBorrowed: {
      const ErrorCode e = send_error();
      if (e != ErrorCode::kOk) return request.complete(e);
      sends_.push(request);
      progress_sends(now);
      return;
    }
    case Request::Kind::kReceive: {
      receives_.push(request);
      progress_receives(now);
      return;
    }
    case Request::Kind::kAccept:
    case Request::Kind::kReceiveFrom:
    case Request::Kind::kEcho:
      return request.complete(ErrorCode::kNotSupported);
  }
}

bool StreamSocket::cancel(Instant now, std::uint64_t id) {
  if (connect_ != nullptr && connect_->id == id) {
    cancel(now, *connect_);
    return true;
  }
  for (RequestQueue* queue : {&sends_, &receives_}) {
    if (Request* found = queue->find(id); found != nullptr) {
      cancel(now, *found);
      return true;
    }
  }
  return false;
}

void StreamSocket::cancel(Instant now, Request& request) {
  if (&request == connect_) {
    connect_ = nullptr;
    request.complete(ErrorCode::kCancelled);
    transport_->abort(now, ErrorCode::kCancelled);
    return;
  }
  if (sends_.remove(request) || receives_.remove(request)) request.complete(ErrorCode::kCancelled);
}

Result<std::size_t> StreamSocket::try_send(Instant now, ByteView bytes) {
  if (const ErrorCode e = send_error(); e != ErrorCode::kOk) return fail(e);
  if (!sends_.empty()) return fail(ErrorCode::kWouldBlock);
  const std::size_t n =
      transport_->send(now, bytes.first(std::min(bytes.size(), kCopyBytesPerTurn)));
  if (n == 0 && !bytes.empty()) return fail(ErrorCode::kWouldBlock);
  return n;
}

Result<std::size_t> StreamSocket::try_receive(Instant now, ByteSpan out) {
  if (is_closed_ || transport_ == nullptr) return fail(ErrorCode::kNotConnected);
  if (!receives_.empty()) return fail(ErrorCode::kWouldBlock);
  const std::size_t n =
      transport_->receive(now, out.first(std::min(out.size(), kCopyBytesPerTurn)));
  if (n != 0) return n;
  if (transport_->is_at_end_of_stream()) return std::size_t{0};
  if (const ErrorCode e = receive_error(); e != ErrorCode::kOk) return fail(e);
  return fail(ErrorCode::kWouldBlock);
}

Result<void> StreamSocket::send_urgent(Instant now, std::uint8_t byte) {
  if (const ErrorCode e = send_error(); e != ErrorCode::kOk) return fail(e);
  if (!sends_.empty() || transport_->send_room() == 0) return fail(ErrorCode::kWouldBlock);
  transport_->send_urgent(now, byte);
  return {};
}

Result<void> StreamSocket::shutdown_send(Instant now) {
  if (is_closed_ || transport_ == nullptr) return fail(ErrorCode::kNotConnected);
  if (!transport_->is_connected()) return fail(ErrorCode::kNotConnected);
  if (is_shutdown_wanted_) return {};
  is_shutdown_wanted_ = true;
  if (sends_.empty()) transport_->shutdown_send(now);
  return {};
}

void StreamSocket::close(Instant now) {
  if (is_closed_) return;
  is_closed_ = true;
  if (connect_ != nullptr) std::exchange(connect_, nullptr)->complete(ErrorCode::kCancelled);
  sends_.complete_all(ErrorCode::kCancelled);
  receives_.complete_all(ErrorCode::kCancelled);
  if (transport_ == nullptr) return;
  transport_->close(now);
  release_if_done(now);
}

void StreamSocket::abort(Instant now, ErrorCode reason) {
  if (transport_ != nullptr) transport_->abort(now, reason);
}

void StreamSocket::on_transport_events(Instant now, Transport& /*transport*/,
                                       std::uint16_t events) {
  if ((events &
       (transport_event::kConnected | transport_event::kFailed | transport_event::kClosed)) != 0) {
    progress_connect(now);
  }
  progress_acks();
  progress_sends(now);
  progress_receives(now);
  if (is_closed_) release_if_done(now);
}

void StreamSocket::progress_connect(Instant /*now*/) {
  if (connect_ == nullptr || transport_ == nullptr) return;
  if (transport_->has_ended()) {
    const ErrorCode e = transport_->error();
    std::exchange(connect_, nullptr)
        ->complete(e == ErrorCode::kOk ? ErrorCode::kConnectionAborted : e);
    return;
  }
  if (transport_->is_connected()) std::exchange(connect_, nullptr)->complete(ErrorCode::kOk);
}

void StreamSocket::progress_sends(Instant now) {
  std::size_t budget = kCopyBytesPerTurn;
  while (!sends_.empty()) {
    if (transport_->has_ended()) {
      const ErrorCode e = transport_->error();
      sends_.complete_all(e == ErrorCode::kOk ? ErrorCode::kShutDown : e);
      return;
    }
    Request& first = *sends_.front();
    if (first.kind == Request::Kind::kSendBorrowed) {
      sends_.pop();
      transport_->send_borrowed(now, first.unsent());
      first.ack_target = transport_->bytes_queued();
      first.is_queued = false;
      acks_.push(first);
      continue;
    }
    const ByteView rest = first.unsent();
    const std::size_t n = transport_->send(now, rest.first(std::min(rest.size(), budget)));
    first.done += n;
    budget -= n;
    if (first.done == first.size) {
      sends_.pop().complete(ErrorCode::kOk);
      continue;
    }
    if (budget == 0) transport_->request_service();
    return;
  }
  if (is_shutdown_wanted_ && transport_ != nullptr && !transport_->is_send_closed()) {
    transport_->shutdown_send(now);
  }
  progress_acks();
}

void StreamSocket::progress_acks() {
  if (acks_.empty()) return;
  const std::uint64_t acked = transport_->bytes_acked();
  while (!acks_.empty() && acks_.front()->ack_target <= acked) {
    Request& first = acks_.pop();
    first.done = first.size;
    first.complete(ErrorCode::kOk);
  }
  if (!transport_->has_ended()) return;
  const ErrorCode e = transport_->error();
  acks_.complete_all(e == ErrorCode::kOk ? ErrorCode::kConnectionAborted : e);
}

void StreamSocket::progress_receives(Instant now) {
  std::size_t budget = kCopyBytesPerTurn;
  while (!receives_.empty()) {
    Request& first = *receives_.front();
    if (const ErrorCode e = transport_ == nullptr ? ErrorCode::kNotConnected : ErrorCode::kOk;
        e != ErrorCode::kOk) {
      receives_.pop().complete(e);
      continue;
    }
    if (budget == 0) return transport_->request_service();
    const ByteSpan out = first.buffer();
    first.done = transport_->receive(now, out.first(std::min(out.size(), budget)));
    budget -= first.done;
    if (first.done != 0 || transport_->is_at_end_of_stream()) {
      receives_.pop().complete(ErrorCode::kOk);
      continue;
    }
    if (out.empty() && transport_->readable_bytes() != 0) {
      receives_.pop().complete(ErrorCode::kOk);
      continue;
    }
    const ErrorCode e = receive_error();
    if (e == ErrorCode::kOk) return;
    receives_.pop().complete(e);
  }
}

void StreamSocket::release_if_done(Instant now) {
  if (!acks_.empty() || transport_ == nullptr) return;
  std::exchange(transport_, nullptr)->detach(now);
}

}  // namespace oriel::socket
