// What a stream socket says of its ideal send backlog, and who waits for another value.
//
// `backlog_told_` is the value that the program heard last, from a report or from a wait that
// completed. A wait ends when the present value differs from it, whenever the change came: so no
// order of asking and waiting loses one, and a program that only waits again does not spin.
#include "socket/stream_socket.h"

namespace oriel::socket {

// kOk while there is a backlog to tell of. What ends sending ends that, too, whatever is queued.
ErrorCode StreamSocket::backlog_error() const {
  if (is_closed_ || transport_ == nullptr || connecting() != nullptr)
    return ErrorCode::kNotConnected;
  if (is_shutdown_wanted_ || transport_->is_send_closed()) return ErrorCode::kCancelled;
  if (transport_->has_ended()) return ErrorCode::kCancelled;
  return transport_->is_connected() ? ErrorCode::kOk : ErrorCode::kNotConnected;
}

Result<std::uint32_t> StreamSocket::report_backlog() {
  if (const ErrorCode e = backlog_error(); e != ErrorCode::kOk) return fail(e);
  backlog_told_ = transport_->ideal_send_backlog();
  return backlog_told_;
}

void StreamSocket::begin_backlog_wait(Request& request) {
  if (const ErrorCode e = backlog_wait_refusal(); e != ErrorCode::kOk) return request.complete(e);
  request.is_queued = true;
  lone_ = &request;
  progress_backlog_wait();
}

void StreamSocket::progress_backlog_wait() {
  if (backlog_wait() == nullptr) return;
  if (backlog_error() != ErrorCode::kOk) return cancel_backlog_wait();
  const std::uint32_t backlog = transport_->ideal_send_backlog();
  if (backlog == backlog_told_) return;
  backlog_told_ = backlog;
  lone_->done = backlog;
  end_lone(ErrorCode::kOk);
}

void StreamSocket::cancel_backlog_wait() {
  if (backlog_wait() != nullptr) end_lone(ErrorCode::kCancelled);
}

}  // namespace oriel::socket
