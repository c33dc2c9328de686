// Receiving from a stream: in order, bounded by the mark of urgent data, and the urgent byte itself
// (RFC 9293 3.8.5, RFC 6093).
//
//   | in-band ... | urgent byte | in-band ...
//                 ^ mark: urgent_bytes_left() == 1
//
// A receive ends at the mark. Read out of band (not in line), the urgent byte is copied from its
// place ahead of the reader; the reader steps over it later.
#include <algorithm>

#include "socket/stream_socket.h"

namespace oriel::socket {

// What a receive that finds no bytes would fail with; kOk when it may wait or is at the end.
ErrorCode StreamSocket::receive_error() const {
  if (is_closed_ || transport_ == nullptr) return ErrorCode::kNotConnected;
  if (transport_->has_ended() && !transport_->is_at_end_of_stream()) {
    const ErrorCode e = transport_->error();
    return e == ErrorCode::kOk ? ErrorCode::kNotConnected : e;
  }
  return ErrorCode::kOk;
}

Result<void> StreamSocket::shutdown_receive(Instant now) {
  if (is_closed_ || transport_ == nullptr || !transport_->is_connected()) {
    return fail(ErrorCode::kNotConnected);
  }
  is_receive_shut_ = true;
  progress_receives(now);
  return {};
}

std::size_t StreamSocket::readable_bytes() const {
  if (transport_ == nullptr) return 0;
  const std::size_t all = transport_->readable_bytes();
  if (is_urgent_inline_ || all == 0) return all;
  const std::uint32_t left = transport_->urgent_bytes_left();
  return left != 0 && all >= left ? all - 1 : all;
}

bool StreamSocket::has_urgent() const {
  if (has_kept_urgent_) return true;
  if (is_urgent_taken_ || transport_ == nullptr) return false;
  const std::uint32_t left = transport_->urgent_bytes_left();
  return left != 0 && transport_->readable_bytes() >= left;
}

ErrorCode StreamSocket::take_urgent(Request& request) {
  if (is_urgent_inline_) return ErrorCode::kInvalidArgument;
  if (!has_urgent()) {
    const ErrorCode e = receive_error();
    return e == ErrorCode::kOk ? ErrorCode::kWouldBlock : e;
  }
  const ByteSpan out = request.rest();
  if (out.empty()) return ErrorCode::kOk;
  if (has_kept_urgent_) {
    out[0] = kept_urgent_;
  } else {
    transport_->peek(out.first(1), transport_->urgent_bytes_left() - 1);
  }
  request.advance(1);
  if (request.is_peek) return ErrorCode::kOk;
  is_urgent_taken_ = true;
  has_kept_urgent_ = false;
  return ErrorCode::kOk;
}

// The reader is at the mark and the urgent byte is out of band: over it, keeping it for whoever
// asks.
void StreamSocket::skip_urgent_at_mark(Instant now) {
  if (transport_->readable_bytes() == 0) return;
  std::uint8_t byte = 0;
  transport_->receive(now, {&byte, 1});
  if (is_urgent_taken_) return;
  has_kept_urgent_ = true;
  kept_urgent_ = byte;
}

// Nothing but an urgent byte that is read out of band may hide the end of the stream.
void StreamSocket::step_over_urgent(Instant now) {
  const bool is_last = transport_->readable_bytes() == 1 && transport_->urgent_bytes_left() == 1;
  if (!is_urgent_inline_ && is_last) skip_urgent_at_mark(now);
}

std::size_t StreamSocket::copy_out(Instant now, ByteSpan out, const Request& request) {
  std::uint32_t left = transport_->urgent_bytes_left();
  if (left == 1 && !is_urgent_inline_) {
    skip_urgent_at_mark(now);
    left = transport_->urgent_bytes_left();
    if (left == 1) return 0;
  }
  if (left > 1) {
    const std::size_t before_mark = left - 1;
    const std::size_t seen = request.is_peek ? std::min(request.done, before_mark) : 0;
    out = out.first(std::min(out.size(), before_mark - seen));
  }
  return request.is_peek ? transport_->peek(out, request.done) : transport_->receive(now, out);
}

// kOk: done. kWouldBlock: not yet, whatever was copied so far.
ErrorCode StreamSocket::advance_receive(Instant now, Request& request, std::size_t& budget) {
  if (is_closed_ || transport_ == nullptr) return ErrorCode::kNotConnected;
  if (request.is_urgent) return take_urgent(request);
  while (budget != 0) {
    const ByteSpan out = request.rest();
    if (out.empty()) break;
    const ByteSpan now_out = out.first(std::min(out.size(), budget));
    const std::size_t n = copy_out(now, now_out, request);
    request.advance(n);
    budget -= n;
    if (n < now_out.size() || transport_->urgent_bytes_left() == 1) break;
  }
  if (!request.is_peek) step_over_urgent(now);
  const bool is_short = request.is_wait_all && !request.is_peek && request.done < request.size;
  if (request.done != 0 && !is_short) return ErrorCode::kOk;
  if (budget == 0 && transport_->readable_bytes() != 0) return ErrorCode::kWouldBlock;
  if (transport_->is_at_end_of_stream()) return ErrorCode::kOk;
  if (request.size == 0 && transport_->readable_bytes() != 0) return ErrorCode::kOk;
  const ErrorCode e = receive_error();
  return e == ErrorCode::kOk ? ErrorCode::kWouldBlock : e;
}

std::size_t StreamSocket::lend(std::span<Slice> out, std::size_t bytes_max,
                               BufferPool& pool) const {
  if (is_closed_ || is_receive_shut_ || transport_ == nullptr || !receives_.empty()) return 0;
  // What lies ahead of the urgent byte, or, in line, all of it.
  return transport_->lend(out, std::min(bytes_max, readable_bytes()), pool);
}

void StreamSocket::take_lent(Instant now, std::size_t n) {
  if (n == 0 || is_closed_ || transport_ == nullptr) return;
  transport_->skip(now, n);
  step_over_urgent(now);
}

void StreamSocket::progress_receives(Instant now) {
  std::size_t budget = kCopyBytesPerTurn;
  bool has_urgent_receives = false;
  bool is_blocked = false;  // the first in-band receive waits, and with it all behind it
  for (Request* at = receives_.front(); at != nullptr;) {
    Request& request = *at;
    at = at->next;
    if (is_blocked && !request.is_urgent) continue;
    const ErrorCode e = advance_receive(now, request, budget);
    if (e != ErrorCode::kWouldBlock) {
      receives_.remove(request);
      request.complete(e);
      continue;
    }
    if (budget == 0) {
      has_urgent_receives = may_have_urgent_receives_;
      transport_->request_service();
      break;
    }
    has_urgent_receives = has_urgent_receives || request.is_urgent;
    is_blocked = is_blocked || !request.is_urgent;
    if (!may_have_urgent_receives_) break;
  }
  may_have_urgent_receives_ = has_urgent_receives;
  if (!receives_.empty() || is_receive_shut_) want_read();
  // Bytes that nobody will read: the peer is told (RFC 1122 4.2.2.13).
  if (is_receive_shut_ && !is_closed_ && receives_.empty() && transport_ != nullptr &&
      transport_->is_connected() && transport_->readable_bytes() != 0) {
    transport_->abort(now, ErrorCode::kConnectionAborted);
  }
}

}  // namespace oriel::socket
