// In-order bytes until the application reads them: whole slices as they came from the network.
//
// Memory follows data: a small payload that would keep a large block alive is copied behind its
// predecessor or into a block of its size, so memory_bytes() stays within a small factor of size()
// (tests assert it). Read by copy, or lend the front slice without one. 32 bytes and no allocation
// while empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "tcp/ring.h"

namespace oriel::tcp {

class RcvBuffer {
 public:
  /// A payload smaller than its block by this factor is copied out of it.
  static constexpr std::size_t kCompactionFactor = 4;

  /// Requires: size() + bytes.size() < 2^32 (the receive window sees to it).
  void append(BufferPool& pool, Slice&& bytes);

  /// Copies out and releases as many bytes as there are and fit; returns how many.
  std::size_t read(ByteSpan out);
  std::size_t read(std::span<const ByteSpan> out);
  /// Copies without releasing, from `offset`.
  std::size_t peek(ByteSpan out, std::size_t offset = 0) const;
  /// The first runs of bytes where they lie, sharing their ownership, of together at most
  /// `bytes_max` (the last may be cut); they stay in the buffer. Returns how many runs. Bound:
  /// out.size().
  std::size_t share(std::span<Slice> out, std::size_t bytes_max) const;
  /// Drops the first n bytes (lent bytes that were used). Requires: n <= size().
  void consume(std::size_t n);

  /// The first run of bytes where it lies; empty when the buffer is.
  ByteView front_slice() const { return ring_.empty() ? ByteView{} : ring_[0].view(); }
  /// The same, with ownership. Requires: not empty.
  Slice pop_front_slice();

  std::uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t memory_bytes() const { return memory_bytes_; }
  void clear() { consume(size_); }

 private:
  [[no_unique_address]] Ring<Slice> ring_;
  std::uint32_t size_ = 0;
  std::size_t memory_bytes_ = 0;
};

}  // namespace oriel::tcp
