// From SYN to accept.
#include "socket/listener.h"

namespace oriel::socket {

void Listener::admit(Transport& stream) {
  stream.set_user(this);
  half_open_.push_back(stream);
  ++half_open_count_;
}

// --- held requests

void Listener::hold(HeldRequest& request) {
  request.set_user(this);
  held_.push_back(request);
  ++held_count_;
  hand_out();
  if (observer_ != nullptr && readiness() != 0) observer_->on_readiness(ready::kAccept);
}

HeldRequest* Listener::try_take_held() {
  Transport* first = held_.pop_front();
  if (first == nullptr) return nullptr;
  --held_count_;
  first->set_user(nullptr);
  return first->as_held();
}

Transport* Listener::permit(HeldRequest& request) {
  Transport* stream = request.permit();
  if (stream == nullptr) return nullptr;
  stream->is_decided_ = true;
  admit(*stream);
  if (stream->is_connected()) note_complete();
  return stream;
}

bool Listener::is_awaited() const {
  const Request* first = first_waiting();
  return first != nullptr && !first->is_asking;
}

void Listener::admit_awaited(Transport& stream) {
  stream.is_decided_ = true;
  admit(stream);
  promise(*first_waiting(), stream);
}

// --- accepting

void Listener::submit(Request& request) {
  accepts_.push(request);
  if (request.accepted != nullptr) ++promised_count_;
  hand_out();
}

bool Listener::cancel(std::uint64_t id) {
  Request* found = accepts_.find(id);
  if (found == nullptr) return false;
  cancel(*found);
  return true;
}

void Listener::cancel(Request& request) {
  if (!accepts_.remove(request)) return;
  if (request.accepted != nullptr) --promised_count_;
  request.accepted = nullptr;
  request.complete(ErrorCode::kCancelled);
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
  if (stream.as_held() != nullptr) {
    held_.push_front(stream);
    ++held_count_;
  } else {
    stream.is_on_ready_list_ = true;
    ready_.push_front(stream);
    ++ready_count_;
  }
  if (stream.has_ended()) return forget(now, stream);
  hand_out();
}

// The first that no stream is promised to. Bound: the promised ones before it.
Request* Listener::first_waiting() const {
  Request* at = accepts_.front();
  while (at != nullptr && at->accepted != nullptr) at = at->next;
  return at;
}

Request* Listener::promised(const Transport& stream) const {
  if (promised_count_ == 0) return nullptr;
  Request* at = accepts_.front();
  while (at != nullptr && at->accepted != &stream) at = at->next;
  return at;
}

void Listener::promise(Request& request, Transport& stream) {
  request.accepted = &stream;
  ++promised_count_;
}

void Listener::complete(Request& request, Transport& with) {
  accepts_.remove(request);
  request.accepted = &with;
  request.complete(ErrorCode::kOk);
}

// Established streams first; a plain request lets in what is held, one that asks is handed it.
void Listener::hand_out() {
  while (ready_count_ + held_count_ != 0) {
    Request* waiting = first_waiting();
    if (waiting == nullptr) return;
    if (Transport* stream = try_accept(); stream != nullptr) {
      complete(*waiting, *stream);
    } else if (HeldRequest* held = try_take_held(); waiting->is_asking) {
      complete(*waiting, *held);
    } else if (Transport* let_in = permit(*held); let_in != nullptr) {
      promise(*waiting, *let_in);
    }
  }
}

void Listener::close(Instant now) {
  promised_count_ = 0;
  while (!accepts_.empty()) {
    Request& request = accepts_.pop();
    request.accepted = nullptr;
    request.complete(ErrorCode::kCancelled);
  }
  for (Streams* list : {&held_, &half_open_, &ready_}) {
    while (Transport* stream = list->pop_front()) {
      stream->abort(now, ErrorCode::kConnectionAborted);
      stream->detach(now);
    }
  }
  held_count_ = 0;
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
      if (Request* owed = promised(stream); owed != nullptr) {
        stream.unlink();
        stream.set_user(nullptr);
        --ready_count_;
        --promised_count_;
        return complete(*owed, stream);
      }
      hand_out();
      if (observer_ != nullptr && readiness() != 0) observer_->on_readiness(ready::kAccept);
    }
  }
  if (stream.user() == this && stream.has_ended()) forget(now, stream);
}

void Listener::forget(Instant now, Transport& stream) {
  Request* owed = promised(stream);
  if (stream.as_held() != nullptr) {
    --held_count_;
  } else {
    --(stream.is_on_ready_list_ ? ready_count_ : half_open_count_);
  }
  stream.unlink();
  stream.detach(now);
  if (owed != nullptr) promise_failed(*owed);
}

// Whoever asked for this one hears of it; a plain accept goes on waiting for another.
void Listener::promise_failed(Request& request) {
  --promised_count_;
  request.accepted = nullptr;
  if (!request.is_asking) return hand_out();
  accepts_.remove(request);
  request.complete(ErrorCode::kConnectionReset);
}

}  // namespace oriel::socket
