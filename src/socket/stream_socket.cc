// Progress of requests. Order within a direction is the order of submission; directions are
// independent.
#include "socket/stream_socket.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace oriel::socket {

void StreamSocket::attach(Transport& transport) {
  assert(transport_ == nullptr);
  transport_ = &transport.front();
  transport_->set_user(this);
  is_urgent_news_ = transport_->urgent_bytes_left() != 0;  // it came before anybody accepted
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

void StreamSocket::submit(Instant now, Request& request) {
  switch (request.kind) {
    case Request::Kind::kConnect:
      assert(lone_ == nullptr);
      request.is_queued = true;
      lone_ = &request;
      progress_connect(now);
      return;
    case Request::Kind::kSend:
    case Request::Kind::kSendBorrowed: {
      const ErrorCode e = send_error();
      if (e != ErrorCode::kOk && !is_question(request)) return request.complete(e);
      sends_.push(request);
      progress_sends(now);
      return;
    }
    case Request::Kind::kShutdown: {
      if (const auto shut = shutdown_send(now); !shut) return request.complete(shut.error().code);
      acks_.push(request);
      return progress_acks();
    }
    case Request::Kind::kReceive:
      if (is_receive_shut_) return request.complete(ErrorCode::kShutDown);
      if (request.is_urgent) may_have_urgent_receives_ = true;
      receives_.push(request);
      progress_receives(now);
      return;
    case Request::Kind::kWaitUrgent:
      urgent_waits_.push(request);
      progress_urgent_waits();
      return;
    case Request::Kind::kWaitBacklog:
      return begin_backlog_wait(request);
    case Request::Kind::kAccept:
    case Request::Kind::kReceiveFrom:
    case Request::Kind::kEcho:
      return request.complete(ErrorCode::kNotSupported);
  }
}

// Bytes that are borrowed, but none: whether all before is acknowledged may be asked after the
// last.
bool StreamSocket::is_question(const Request& request) const {
  return request.kind == Request::Kind::kSendBorrowed && request.size == 0 && !is_closed_ &&
         transport_ != nullptr && !transport_->has_ended();
}

void StreamSocket::discard_queued_sends(Instant now) {
  Request* begun = nullptr;
  if (!sends_.empty() && (sends_.front()->has_begun || sends_.front()->done != 0)) {
    begun = &sends_.pop();
  }
  sends_.complete_all(ErrorCode::kCancelled);
  if (begun != nullptr) {
    begun->is_queued = false;
    sends_.push(*begun);
  } else if (transport_ != nullptr) {
    progress_sends(now);  // a shutdown waits behind them
  }
}

bool StreamSocket::cancel(Instant now, std::uint64_t id) {
  if (lone_ != nullptr && lone_->id == id) {
    cancel(now, *lone_);
    return true;
  }
  for (RequestQueue* queue : {&sends_, &receives_, &urgent_waits_}) {
    if (Request* found = queue->find(id); found != nullptr) {
      cancel(now, *found);
      return true;
    }
  }
  return false;
}

void StreamSocket::cancel(Instant now, Request& request) {
  if (&request == lone_) {
    const bool is_connect = connecting() != nullptr;
    end_lone(ErrorCode::kCancelled);
    if (is_connect) transport_->abort(now, ErrorCode::kCancelled);
    return;
  }
  if (sends_.remove(request) || receives_.remove(request) || urgent_waits_.remove(request)) {
    return request.complete(ErrorCode::kCancelled);
  }
  if (request.kind == Request::Kind::kShutdown && acks_.remove(request)) {
    request.complete(ErrorCode::kCancelled);
  }
}

ErrorCode StreamSocket::try_now(Instant now, Request& request) {
  std::size_t budget = kCopyBytesPerTurn;
  if (request.kind == Request::Kind::kReceive) {
    if (is_receive_shut_) return ErrorCode::kShutDown;
    if (!request.is_urgent && !receives_.empty()) return ErrorCode::kWouldBlock;
    return advance_receive(now, request, budget);
  }
  if (const ErrorCode e = send_error(); e != ErrorCode::kOk) return e;
  if (sends_.empty()) {
    advance_send(now, request, budget);
    if (request.done != 0 || request.size == 0) return ErrorCode::kOk;
  }
  is_send_refused_ = true;
  return ErrorCode::kWouldBlock;
}

Result<std::size_t> StreamSocket::try_send(Instant now, ByteView bytes) {
  struct Plain final : Request {
  } request;
  request.kind = Request::Kind::kSend;
  request.data = const_cast<std::uint8_t*>(bytes.data());
  request.size = bytes.size();
  if (const ErrorCode e = try_now(now, request); e != ErrorCode::kOk) return fail(e);
  return request.done;
}

Result<std::size_t> StreamSocket::try_receive(Instant now, ByteSpan out) {
  struct Plain final : Request {
  } request;
  request.data = out.data();
  request.size = out.size();
  if (const ErrorCode e = try_now(now, request); e != ErrorCode::kOk) return fail(e);
  return request.done;
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
  cancel_backlog_wait();
  if (sends_.empty()) transport_->shutdown_send(now);
  return {};
}

void StreamSocket::close(Instant now) {
  if (is_closed_) return;
  is_closed_ = true;
  if (lone_ != nullptr) end_lone(ErrorCode::kCancelled);
  sends_.complete_all(ErrorCode::kCancelled);
  receives_.complete_all(ErrorCode::kCancelled);
  urgent_waits_.complete_all(ErrorCode::kCancelled);
  for (Request* at = acks_.front(); at != nullptr;) {  // borrowed bytes stay out
    Request& request = *at;
    at = at->next;
    if (request.kind != Request::Kind::kShutdown) continue;
    acks_.remove(request);
    request.complete(ErrorCode::kCancelled);
  }
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
  if ((events & transport_event::kUrgent) != 0) {
    is_urgent_taken_ = has_kept_urgent_ = false;
    is_urgent_news_ = true;
  }
  progress_acks();
  progress_sends(now);
  progress_backlog_wait();
  progress_urgent_waits();  // before the bytes that it is about are read
  progress_receives(now);
  if (is_closed_) return release_if_done(now);
  if ((events & transport_event::kEndOfStream) != 0) step_over_urgent(now);
  if (observer_ != nullptr) tell(events);
}

// Edges for the observer, from what the transport says and from what is left after the requests.
void StreamSocket::tell(std::uint16_t events) {
  namespace te = transport_event;
  std::uint16_t what = 0;
  const std::uint16_t present = readiness();
  if ((events & (te::kConnected | te::kFailed | te::kClosed)) != 0) {
    what |= present & (ready::kConnect | ready::kConnectFailed | ready::kFailed);
  }
  if ((events & te::kConnected) != 0) what |= present & ready::kWrite;
  if ((events & te::kReadable) != 0) what |= present & ready::kRead;
  if ((events & te::kUrgent) != 0 || (events & te::kReadable) != 0) {
    what |= present & ready::kUrgent;
  }
  if ((events & (te::kReadable | te::kEndOfStream)) != 0) what |= present & ready::kEnd;
  if ((events & te::kBacklogChanged) != 0) what |= ready::kBacklog;
  if (is_send_refused_ && (present & ready::kWrite) != 0) {
    is_send_refused_ = false;
    what |= ready::kWrite;
  }
  if (what != 0) observer_->on_readiness(what);
}

std::shared_ptr<Lane> StreamSocket::lend(Loan loan) {
  if (is_closed_ || transport_ == nullptr || lone_ != nullptr) return nullptr;
  loan.is_send =
      loan.is_send && sends_.empty() && acks_.empty() && !is_send_refused_ && !is_shutdown_wanted_;
  loan.is_receive = loan.is_receive && receives_.empty() && urgent_waits_.empty() &&
                    !is_receive_shut_ && !has_kept_urgent_;
  return transport_->lend(loan);
}

std::uint16_t StreamSocket::readiness() const {
  if (is_closed_ || transport_ == nullptr) return 0;
  std::uint16_t what = 0;
  if (receives_.empty() && readable_bytes() != 0) what |= ready::kRead;
  if (transport_->is_at_end_of_stream()) what |= ready::kRead | ready::kEnd;
  if (!is_urgent_inline_ && has_urgent()) what |= ready::kUrgent;
  if (transport_->has_ended()) {
    if (transport_->error() != ErrorCode::kOk) what |= ready::kFailed;
    return what;
  }
  if (!transport_->is_connected()) return what;
  what |= ready::kConnect;
  if (sends_.empty() && !is_shutdown_wanted_ && may_begin_send()) what |= ready::kWrite;
  return what;
}

void StreamSocket::progress_connect(Instant /*now*/) {
  if (connecting() == nullptr || transport_ == nullptr) return;
  if (transport_->has_ended()) {
    const ErrorCode e = transport_->error();
    return end_lone(e == ErrorCode::kOk ? ErrorCode::kConnectionAborted : e);
  }
  if (transport_->is_connected()) end_lone(ErrorCode::kOk);
}

// Copies what may be copied now, piece by piece, at most `budget`. True: all of it.
bool StreamSocket::advance_send(Instant now, Request& request, std::size_t& budget) {
  const bool is_whole = request.is_whole && transport_->takes_whole();
  if (is_whole && !request.has_begun && request.size != 0) {
    if (!may_begin_send()) return false;
    request.has_begun = true;
    quota_.on_begin(transport_->bytes_queued() + request.size);
  }
  for (;;) {
    ByteView rest = request.rest();
    if (rest.empty()) return true;
    const bool is_last = request.done + rest.size() == request.size;
    if (request.is_urgent && is_last) {
      if (rest.size() == 1) {
        if (!is_whole && transport_->send_room() == 0) return false;
        transport_->send_urgent(now, rest[0]);
        request.advance(1);
        return true;
      }
      rest = rest.first(rest.size() - 1);
    }
    rest = rest.first(std::min(rest.size(), budget));
    const std::size_t n =
        is_whole ? transport_->send_whole(now, rest) : transport_->send(now, rest);
    request.advance(n);
    budget -= n;
    if (n < rest.size() || budget == 0) return request.done == request.size;
  }
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
      for (ByteSpan rest = first.rest(); !rest.empty(); rest = first.rest()) {
        transport_->send_borrowed(now, rest);
        first.advance(rest.size());
      }
      first.done = 0;
      first.ack_target = transport_->bytes_queued();
      first.is_queued = false;
      acks_.push(first);
      continue;
    }
    advance_send(now, first, budget);
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
  while (!acks_.empty()) {
    const Request& next = *acks_.front();
    const bool is_done = next.kind == Request::Kind::kShutdown ? transport_->is_send_end_acked()
                                                               : next.ack_target <= acked;
    if (!is_done) break;
    Request& first = acks_.pop();
    first.done = first.size;
    first.complete(ErrorCode::kOk);
  }
  if (!transport_->has_ended()) return;
  const ErrorCode e = transport_->error();
  acks_.complete_all(e == ErrorCode::kOk ? ErrorCode::kConnectionAborted : e);
}

// RFC 9293 3.8.5: news is an announcement, or one that reaches further; who waits hears it once. A
// stream that will bring no more bytes will bring no more news.
void StreamSocket::progress_urgent_waits() {
  while (!urgent_waits_.empty()) {
    if (is_urgent_news_ && transport_ != nullptr) {
      is_urgent_news_ = false;
      const std::uint32_t left = transport_->urgent_bytes_left();
      if (left == 0) continue;
      Request& first = urgent_waits_.pop();
      first.done = left;
      first.complete(ErrorCode::kOk);
      continue;
    }
    const ErrorCode e = receive_error();
    if (e == ErrorCode::kOk && !transport_->is_at_end_of_stream()) return;
    urgent_waits_.pop().complete(e == ErrorCode::kOk ? ErrorCode::kShutDown : e);
  }
}

void StreamSocket::release_if_done(Instant now) {
  if (!acks_.empty() || transport_ == nullptr) return;
  std::exchange(transport_, nullptr)->detach(now);
}

}  // namespace oriel::socket
