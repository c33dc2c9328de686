// From SYN to accept.
#include "socket/listener.h"

namespace oriel::socket {

void Listener::admit(Transport& stream) {
  stream.set_user(this);
  half_open_.push_back(stream);
  ++half_open_count_;
}

void Listener::submit(Request& request) {
  accepts_.push(request);
  hand_out();
}

bool Listener::cancel(std::uint64_t id) {
  Request* found = accepts_.find(id);
  if (found == nullptr) return false;
  cancel(*found);
  return true;
}

void Listener::cancel(Request& request) {
  if (accepts_.remove(request)) request.complete(ErrorCode::kCancelled);
}

Transport* Listener::try_accept() {
  Transport* stream = ready_.pop_front();
  if (stream == nullptr) return nullptr;
  --ready_count_;
  stream->set_user(nullptr);
  return stream;
}

void Listener::put_back(Instant now, Transport& stream) {
  stream.set_user(this);
  stream.is_on_ready_list_ = true;
  ready_.push_front(stream);
  ++ready_count_;
  if (stream.has_ended()) return forget(now, stream);
  hand_out();
}

void Listener::hand_out() {
  while (!accepts_.empty() && !ready_.empty()) {
    Request& request = accepts_.pop();
    request.accepted = try_accept();
    request.complete(ErrorCode::kOk);
  }
}

void Listener::close(Instant now) {
  accepts_.complete_all(ErrorCode::kCancelled);
  for (Streams* list : {&half_open_, &ready_}) {
    while (Transport* stream = list->pop_front()) {
      stream->abort(now, ErrorCode::kConnectionAborted);
      stream->detach(now);
    }
  }
  half_open_count_ = 0;
  ready_count_ = 0;
  completing_count_ = 0;
}

// A stream that came here is on half_open_ until its kConnected, then on ready_; text and FIN that
// come while it waits are its own business until somebody accepts it.
void Listener::on_transport_events(Instant now, Transport& stream, std::uint16_t events) {
  if ((events & transport_event::kConnected) != 0) {
    stream.unlink();
    --half_open_count_;
    if (completing_count_ != 0) --completing_count_;
    ready_.push_back(stream);
    stream.is_on_ready_list_ = true;
    ++ready_count_;
    if ((events & transport_event::kFailed) == 0) {
      hand_out();
      if (observer_ != nullptr && readiness() != 0) observer_->on_readiness(ready::kAccept);
    }
  }
  if (stream.user() == this && stream.has_ended()) forget(now, stream);
}

void Listener::forget(Instant now, Transport& stream) {
  --(stream.is_on_ready_list_ ? ready_count_ : half_open_count_);
  stream.unlink();
  stream.detach(now);
}

}  // namespace oriel::socket
