// Requests of one kind on one socket, first in first out, linked through themselves.
//
// Sixteen bytes when empty, which is what nearly all queues of a host with many idle sockets are.
#pragma once

#include <cassert>

#include "socket/request.h"

namespace oriel::socket {

class RequestQueue {
 public:
  bool empty() const { return head_ == nullptr; }
  Request* front() const { return head_; }

  void push(Request& request) {
    assert(!request.is_queued);
    request.is_queued = true;
    request.next = nullptr;
    (head_ == nullptr ? head_ : tail_->next) = &request;
    tail_ = &request;
  }
  /// Unlinks the first. Requires: !empty().
  Request& pop() {
    Request& first = *head_;
    head_ = first.next;
    first.next = nullptr;
    return first;
  }
  /// Unlinks it wherever it is; false: not in this queue. Bound: the queue's length.
  bool remove(Request& request) {
    Request* before = nullptr;
    for (Request* at = head_; at != nullptr; before = at, at = at->next) {
      if (at != &request) continue;
      (before == nullptr ? head_ : before->next) = at->next;
      if (tail_ == at) tail_ = before;
      at->next = nullptr;
      return true;
    }
    return false;
  }
  /// The request with that name, or nullptr. Bound: the queue's length.
  Request* find(std::uint64_t id) const {
    Request* at = head_;
    while (at != nullptr && at->id != id) at = at->next;
    return at;
  }
  /// Ends all of them with one outcome. Bound: their number.
  void complete_all(ErrorCode outcome) {
    while (!empty()) pop().complete(outcome);
  }

 private:
  Request* head_ = nullptr;
  Request* tail_ = nullptr;
};

}  // namespace oriel::socket
