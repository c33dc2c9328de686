// Positions are checked where they come in; everything behind that is arithmetic on private copies.
#include "loopback/byte_ring.h"

#include <cstring>

namespace oriel::loopback {
namespace {

static_assert((kRingBytes & (kRingBytes - 1)) == 0);
constexpr std::uint64_t kMask = kRingBytes - 1;

}  // namespace

bool RingWriter::refresh() {
  const std::uint64_t consumed = peer_.control->consumed.load(std::memory_order_seq_cst);
  const std::uint64_t window = peer_.control->window.load(std::memory_order_relaxed);
  if (consumed < consumed_ || consumed > written_) return false;
  consumed_ = consumed;
  window_ = std::min<std::uint64_t>(window, kRingBytes);
  return true;
}

std::size_t RingWriter::write(ByteView bytes) {
  const std::size_t n = std::min({bytes.size(), room(), kPublishBytes});
  if (n == 0) return 0;
  copy_in(bytes.first(n));
  written_ += n;
  own_.control->written.store(written_, std::memory_order_seq_cst);  // before a look at read_point
  return n;
}

// The mark goes first: a reader that sees the byte knows what it is.
void RingWriter::write_urgent(std::uint8_t byte) {
  copy_in({&byte, 1});
  ++written_;
  own_.control->urgent_end.store(written_, std::memory_order_relaxed);
  own_.control->written.store(written_, std::memory_order_seq_cst);
}

void RingWriter::copy_in(ByteView bytes) {
  const std::size_t at = static_cast<std::size_t>(written_ & kMask);
  const std::size_t first = std::min(bytes.size(), kRingBytes - at);
  std::memcpy(own_.ring + at, bytes.data(), first);
  if (first < bytes.size()) {
    std::memcpy(own_.ring, bytes.data() + first, bytes.size() - first);
  }
}

bool RingReader::refresh() {
  const std::uint64_t written = peer_.control->written.load(std::memory_order_seq_cst);
  const std::uint64_t urgent_end = peer_.control->urgent_end.load(std::memory_order_relaxed);
  if (written < written_ || written - consumed_ > kRingBytes) return false;
  // It may already tell of bytes written after this look, but not of more than the ring can take.
  if (urgent_end < urgent_end_ || (urgent_end > written && urgent_end - written > kRingBytes)) {
    return false;
  }
  written_ = written;
  urgent_end_ = urgent_end;
  return true;
}

std::size_t RingReader::read(ByteSpan out) {
  const std::size_t n = std::min(out.size(), readable());
  if (n == 0) return 0;
  copy_out(out.first(n), consumed_);
  consumed_ += n;
  own_.control->consumed.store(consumed_,
                               std::memory_order_seq_cst);  // before a look at room_point
  return n;
}

std::size_t RingReader::peek(ByteSpan out, std::size_t offset) const {
  if (offset >= readable()) return 0;
  const std::size_t n = std::min(out.size(), readable() - offset);
  copy_out(out.first(n), consumed_ + offset);
  return n;
}

void RingReader::copy_out(ByteSpan out, std::uint64_t from) const {
  const std::size_t at = static_cast<std::size_t>(from & kMask);
  const std::size_t first = std::min(out.size(), kRingBytes - at);
  if (first != 0) std::memcpy(out.data(), peer_.ring + at, first);
  if (first < out.size()) std::memcpy(out.data() + first, peer_.ring, out.size() - first);
}

}  // namespace oriel::loopback
