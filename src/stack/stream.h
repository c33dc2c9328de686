// A TCP stream as the core keeps it: with its path, its timer and its places in the core's lists.
#pragma once

#include "ip/path.h"
#include "socket/tcp_stream.h"
#include "stack/guarded_timer.h"

namespace oriel::stack {

/// Lists are single links, because a stream is on each at most once and leaves it only at its head.
class Stream final : public socket::TcpStream, public runtime::TimerNode {
 public:
  Stream(socket::StreamOwner& owner, const Endpoint& l, const Endpoint& r,
         const tcp::Connection::Setup& setup, ip::Path* p)
      : TcpStream(owner, l, r, setup), path(p), path_mss(setup.path_mss) {
    tag = static_cast<std::uint32_t>(TimerOf::kStream);
  }

  void fill_info(Instant now, TcpInfo& info) const override {
    TcpStream::fill_info(now, info);
    const bool is_loopback = path_reason != PathReason::kNotLoopback;
    info.path = is_loopback ? ConnectionPath::kLoopback : ConnectionPath::kNetwork;
    info.path_reason = path_reason;
  }

  ip::Path* path;  ///< one reference held; nullptr once out of the table
  Stream* next_ready = nullptr;
  Stream* next_touched = nullptr;
  std::uint16_t path_mss;  ///< what the connection was told last
  PathReason path_reason = PathReason::kNotLoopback;
  bool is_ready = false;    ///< on the ready list, or on a link's waiting list
  bool is_touched = false;  ///< on the touched list
  bool is_in_table = false;
  bool is_timed_wait = false;  ///< on the list of TIME-WAIT orphans
};

/// First in, first out, through one of the links.
template <Stream* Stream::*Next>
class StreamList {
 public:
  bool empty() const { return head_ == nullptr; }
  void push(Stream& s) {
    s.*Next = nullptr;
    (head_ == nullptr ? head_ : tail_->*Next) = &s;
    tail_ = &s;
  }
  Stream* pop() {
    Stream* s = head_;
    if (s != nullptr) head_ = s->*Next;
    return s;
  }
  Stream* back() const { return head_ == nullptr ? nullptr : tail_; }

 private:
  Stream* head_ = nullptr;
  Stream* tail_ = nullptr;
};
using ReadyList = StreamList<&Stream::next_ready>;
using TouchedList = StreamList<&Stream::next_touched>;

}  // namespace oriel::stack
