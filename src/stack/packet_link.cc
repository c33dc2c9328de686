// A bounded queue of copies; the memory of taken packets is used again.
#include "stack/packet_link.h"

#include <utility>

namespace oriel::stack {
namespace {
constexpr std::size_t kSparesMax = 64;
}

std::size_t PacketLink::transmit(std::span<const PacketOut> burst) {
  std::size_t taken = 0;
  for (const PacketOut& packet : burst) {
    if (bytes_ >= kBytesMax) break;
    Packet copy;
    if (!spare_.empty()) {
      copy.bytes = std::move(spare_.back());
      spare_.pop_back();
      copy.bytes.clear();
    }
    copy.offload = packet.offload;
    for (const ByteView piece : packet.pieces) {
      copy.bytes.insert(copy.bytes.end(), piece.begin(), piece.end());
    }
    bytes_ += copy.bytes.size();
    queue_.push_back(std::move(copy));
    ++taken;
  }
  return taken;
}

const PacketLink::Packet* PacketLink::take() {
  if (queue_.empty()) return nullptr;
  if (taken_.bytes.capacity() != 0 && spare_.size() < kSparesMax) {
    spare_.push_back(std::move(taken_.bytes));
  }
  taken_ = std::move(queue_.front());
  queue_.pop_front();
  bytes_ -= taken_.bytes.size();
  return &taken_;
}

}  // namespace oriel::stack
