// The core's end: what programs closed is delivered, the rest is reset, and nothing is left.
#include "stack/core.h"

namespace oriel::stack {
namespace {

/// Everything that the program sent, its FIN included, is acknowledged.
bool is_delivered(TcpState state) {
  return state == TcpState::kFinWait2 || state == TcpState::kTimeWait || state == TcpState::kClosed;
}

}  // namespace

bool Core::abort_those(bool is_orphan, ErrorCode reason) {
  std::vector<Stream*> streams;
  table_.for_each([&](socket::TcpStream& s) {
    if (s.connection().is_orphan() == is_orphan) streams.push_back(&static_cast<Stream&>(s));
  });
  bool is_any_under_way = false;
  for (Stream* stream : streams) {
    const tcp::Connection& c = stream->connection();
    if (c.bytes_acked() != c.bytes_queued()) is_any_under_way = true;
    stream->abort(now_, reason);
  }
  return is_any_under_way;
}

bool Core::abort_open(ErrorCode reason) {
  return abort_those(false, reason);
}

bool Core::abort_closed(ErrorCode reason) {
  return abort_those(true, reason);
}

bool Core::has_undelivered() const {
  bool is_found = false;
  table_.for_each([&](const socket::TcpStream& s) {
    const tcp::Connection& c = s.connection();
    if (c.is_orphan() && !is_delivered(c.state())) is_found = true;
  });
  const auto holds_some = [](const auto& port) {
    return port != nullptr && (port->is_blocked() || port->device().has_undelivered());
  };
  return is_found || std::any_of(links_.begin(), links_.end(), holds_some);
}

bool Core::has_half_closed() const {
  bool is_found = false;
  table_.for_each([&](const socket::TcpStream& s) {
    const tcp::Connection& c = s.connection();
    if (c.is_orphan() && c.state() == TcpState::kFinWait2) is_found = true;
  });
  return is_found;
}

// Without a path nothing leaves: a RST now could take the bytes away that the peer has yet to read.
void Core::forget_delivered() {
  std::vector<Stream*> delivered;
  table_.for_each([&](socket::TcpStream& s) {
    const tcp::Connection& c = s.connection();
    if (c.is_orphan() && is_delivered(c.state())) delivered.push_back(&static_cast<Stream&>(s));
  });
  for (Stream* stream : delivered) {
    leave_table(*stream);
    stream->abort(now_, ErrorCode::kConnectionAborted);
  }
}

void Core::shut_down(ErrorCode reason) {
  std::vector<Stream*> all;
  table_.for_each([&](socket::TcpStream& s) { all.push_back(&static_cast<Stream&>(s)); });
  for (Stream* stream : all) stream->abort(now_, reason);
  pipes_.abort_all(now_, reason);
  if (kernel_ != nullptr) kernel_->abort_all(now_, reason);
  give_up_offers(reason);
  refuse_all_held(reason);
  while (!echoes_.empty()) {
    EchoRequest* echo = echoes_.back();
    echoes_.pop_back();
    timers_.cancel(*echo);
    echo->complete(reason);
  }
  run_all();
  // What a full device still holds up ends here: nobody is left to wait for it.
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if (links_[i] != nullptr) lose_link(*links_[i]);
  }
  run_all();
  if (udp_path_ != nullptr) ip_.release_path(std::exchange(udp_path_, nullptr));
}

void Core::abandon_devices() {
  pipes_.abandon();
  if (domain_ != nullptr) domain_->abandon();
  if (kernel_ != nullptr) kernel_->abandon();
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if (links_[i] == nullptr) continue;
    if (!links_[i]->is_peer()) links_[i]->abandon_device();  // a peer's may close: it says nothing
    lose_link(*links_[i]);
  }
  run_all();
}

}  // namespace oriel::stack
