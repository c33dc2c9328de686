// Positions count bytes from the link's beginning; only the sender's own count and checked credits
// say where it may write.
#include "loopback/packet_ring.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace oriel::loopback {
namespace {

static_assert((kPacketRingBytes & (kPacketRingBytes - 1)) == 0);
constexpr std::uint64_t kMask = kPacketRingBytes - 1;

}  // namespace

bool PacketRingOut::prepare() {
  auto file = MemoryFile::create(kPacketRingBytes, "oriel-packets");
  if (file) file_ = std::move(*file);
  return file.has_value();
}

void PacketRingOut::write(std::span<const ByteView> pieces) {
  for (const ByteView piece : pieces) {
    if (piece.empty()) continue;
    const auto at = static_cast<std::size_t>(written_ & kMask);
    const std::size_t first = std::min(piece.size(), kPacketRingBytes - at);
    std::memcpy(file_.own() + at, piece.data(), first);
    std::memcpy(file_.own(), piece.data() + first, piece.size() - first);
    written_ += piece.size();
  }
}

void PacketRingOut::on_credit(std::uint64_t position) {
  if (!file_ || position < read_ || position > written_) return;
  read_ = position;
  is_accepted_ = true;
}

bool PacketRingIn::open(int fd) {
  auto file = MemoryFile::open(fd, kPacketRingBytes);
  if (!file || file_) return false;
  file_ = std::move(*file);
  file_.close_fd();
  return true;
}

bool PacketRingIn::read(ByteSpan out) {
  if (!file_ || out.empty() || out.size() > kPacketRingBytes) return false;
  const auto at = static_cast<std::size_t>(consumed_ & kMask);
  const std::size_t first = std::min(out.size(), kPacketRingBytes - at);
  std::memcpy(out.data(), file_.view() + at, first);
  if (first < out.size()) std::memcpy(out.data() + first, file_.view(), out.size() - first);
  consumed_ += out.size();
  return true;
}

bool PacketRingIn::take_due_credit() {
  if (consumed_ - told_ < kCreditBytes) return false;
  told_ = consumed_;
  return true;
}

}  // namespace oriel::loopback
