// Calls pass through to the connection; the owner hears of each that may have made work.
#include "socket/tcp_stream.h"

#include <algorithm>

namespace oriel::socket {

static_assert(transport_event::kConnected == tcp::event::kConnected);
static_assert(transport_event::kReadable == tcp::event::kReadable);
static_assert(transport_event::kSendRoom == tcp::event::kSendRoom);
static_assert(transport_event::kAcked == tcp::event::kAcked);
static_assert(transport_event::kEndOfStream == tcp::event::kFinReceived);
static_assert(transport_event::kUrgent == tcp::event::kUrgent);
static_assert(transport_event::kFailed == tcp::event::kFailed);
static_assert(transport_event::kClosed == tcp::event::kClosed);
static_assert(transport_event::kBacklogChanged == tcp::event::kBacklogChanged);

Transport& StreamOwner::front_of(TcpStream& stream) {
  return stream;
}

std::size_t TcpStream::send(Instant now, ByteView bytes) {
  if (!owner_->may_buffer(*this)) return 0;
  const std::size_t n = connection_.on_send(now, bytes);
  if (n != 0) owner_->on_stream_work(*this);
  return n;
}

std::size_t TcpStream::send_whole(Instant now, ByteView bytes) {
  if (!owner_->may_buffer(*this)) return 0;
  const std::size_t n = connection_.on_send_whole(now, bytes);
  if (n != 0) owner_->on_stream_work(*this);
  return n;
}

void TcpStream::send_borrowed(Instant now, ByteView bytes) {
  connection_.on_send_borrowed(now, bytes);
  owner_->on_stream_work(*this);
}

void TcpStream::send_urgent(Instant now, std::uint8_t byte) {
  connection_.on_send_urgent(now, byte);
  owner_->on_stream_work(*this);
}

std::size_t TcpStream::receive(Instant now, ByteSpan out) {
  const std::size_t n = connection_.on_consume(now, out);
  if (n != 0) owner_->on_stream_work(*this);
  return n;
}

void TcpStream::skip(Instant now, std::size_t n) {
  connection_.on_consume_shared(now, std::min(n, connection_.readable_bytes()));
  owner_->on_stream_work(*this);
}

void TcpStream::shutdown_send(Instant now) {
  connection_.on_close(now);
  owner_->on_stream_work(*this);
}

void TcpStream::close(Instant now) {
  connection_.on_close(now);
  connection_.on_orphaned(now);
  owner_->on_stream_work(*this);
}

void TcpStream::abort(Instant now, ErrorCode reason) {
  connection_.on_abort(now, reason);
  owner_->on_stream_work(*this);
}

void TcpStream::detach(Instant /*now*/) {
  if (is_orphan_) return;
  is_orphan_ = true;
  set_user(nullptr);
  owner_->on_stream_orphaned(*this);
}

void TcpStream::set_options(Instant now, const tcp::TcpSocketOptions& options) {
  connection_.on_options_changed(now, options);
  owner_->on_stream_work(*this);
}

bool TcpStream::is_send_end_acked() const {
  switch (connection_.state()) {
    case TcpState::kFinWait2:
    case TcpState::kTimeWait:
      return true;
    case TcpState::kClosed:
      return connection_.error() == ErrorCode::kOk;
    case TcpState::kListen:
    case TcpState::kSynSent:
    case TcpState::kSynReceived:
    case TcpState::kEstablished:
    case TcpState::kFinWait1:
    case TcpState::kCloseWait:
    case TcpState::kClosing:
    case TcpState::kLastAck:
      return false;
  }
  return false;
}

bool TcpStream::is_connected() const {
  switch (connection_.state()) {
    case TcpState::kEstablished:
    case TcpState::kFinWait1:
    case TcpState::kFinWait2:
    case TcpState::kCloseWait:
    case TcpState::kClosing:
    case TcpState::kLastAck:
    case TcpState::kTimeWait:
      return true;
    case TcpState::kClosed:
    case TcpState::kListen:
    case TcpState::kSynSent:
    case TcpState::kSynReceived:
      return false;
  }
  return false;
}

void TcpStream::fill_info(Instant now, TcpInfo& info) const {
  connection_.fill_info(now, info);
  info.local = local_;
  info.remote = remote_;
}

}  // namespace oriel::socket
