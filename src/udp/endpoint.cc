// A deque with a budget.
#include "udp/endpoint.h"

#include <utility>

namespace oriel::udp {
namespace {

/// A block may be this many times as large as what it keeps alive before the bytes are copied down.
constexpr std::size_t kFootprintFactorMax = 4;

}  // namespace

bool DatagramQueue::push(BufferPool& pool, ReceivedDatagram datagram) {
  const std::size_t cost = datagram.payload.size() + kDatagramOverheadBytes;
  if (!queue_.empty() &&
      payload_bytes_ + queue_.size() * kDatagramOverheadBytes + cost > bytes_max_) {
    ++drops_;
    return false;
  }
  const std::size_t size = datagram.payload.size();
  const bool is_wasteful = !datagram.payload.is_owning() ||
                           datagram.payload.footprint() > kFootprintFactorMax * (size + 512);
  if (is_wasteful) datagram.payload = pool.copy_of(datagram.payload);
  payload_bytes_ += size;
  queue_.push_back(std::move(datagram));
  return true;
}

bool DatagramQueue::pop(ReceivedDatagram& out) {
  if (queue_.empty()) return false;
  out = std::move(queue_.front());
  queue_.pop_front();
  payload_bytes_ -= out.payload.size();
  return true;
}

void DatagramQueue::clear() {
  queue_.clear();
  payload_bytes_ = 0;
}

std::optional<PathError> DatagramQueue::take_error() {
  return std::exchange(error_, std::nullopt);
}

}  // namespace oriel::udp
