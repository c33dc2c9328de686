// Free heads, first in first out.
#include "wsk/socket_head.h"

#include <memory>
#include <utility>
#include <vector>

#include "wsk/socket.h"

namespace oriel::wsk {
namespace {

class HeadPool {
 public:
  SocketHead& take() {
    const runtime::LockHold hold(lock_);
    if (free_count_ <= kClosedHeadsKept) {
      all_.push_back(std::make_unique<SocketHead>());
      return *all_.back();
    }
    SocketHead& head = *std::exchange(first_, first_->next);
    --free_count_;
    return head;
  }
  void give(SocketHead& head) {
    const runtime::LockHold hold(lock_);
    head.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &head;
    last_ = &head;
    ++free_count_;
  }

 private:
  runtime::Lock lock_;
  SocketHead* first_ = nullptr;
  SocketHead* last_ = nullptr;
  std::size_t free_count_ = 0;
  std::vector<std::unique_ptr<SocketHead>> all_;
};

HeadPool& pool() {
  static HeadPool* const the = new HeadPool;  // outlives every thread
  return *the;
}

SocketHead& head_of(PWSK_SOCKET shown) {
  static_assert(offsetof(SocketHead, shown) == 0);
  return *reinterpret_cast<SocketHead*>(shown);
}

}  // namespace

PWSK_SOCKET make_head(runtime::Ref<Socket> socket, const void* dispatch) {
  SocketHead& head = pool().take();
  const runtime::LockHold hold(head.lock);
  head.shown.Dispatch = dispatch;
  head.socket.store(socket.detach(), std::memory_order_release);
  return &head.shown;
}

runtime::Ref<Socket> find_socket(PWSK_SOCKET shown) {
  if (shown == nullptr) return {};
  SocketHead& head = head_of(shown);
  const runtime::LockHold hold(head.lock);
  return runtime::Ref<Socket>(head.socket.load(std::memory_order_relaxed));
}

bool shows(PWSK_SOCKET shown, const Socket* socket) {
  return head_of(shown).socket.load(std::memory_order_acquire) == socket;
}

runtime::Ref<Socket> take_from_head(PWSK_SOCKET shown) {
  if (shown == nullptr) return {};
  SocketHead& head = head_of(shown);
  runtime::Ref<Socket> socket;
  {
    const runtime::LockHold hold(head.lock);
    socket = runtime::Ref<Socket>::adopt(head.socket.exchange(nullptr, std::memory_order_acq_rel));
  }
  if (socket) pool().give(head);
  return socket;
}

}  // namespace oriel::wsk
