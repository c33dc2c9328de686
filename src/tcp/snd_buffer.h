// The application's bytes until they are acknowledged: in order, copied in or borrowed, read in
// place.
//
//   front                       cursor                back
//   | chunk | chunk | chunk | chunk | chunk (room left) |
//   ^ release_front             ^ gather, usually right behind the last one
//
// It knows nothing of sequence numbers: offset 0 is the oldest byte not released, SND.UNA while no
// SYN or FIN is outstanding. 16 bytes and no allocation while empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/buffer.h"

namespace oriel::tcp {

class SndBuffer {
 public:
  struct Gathered {
    std::size_t pieces = 0;
    std::uint32_t bytes = 0;
  };

  SndBuffer();
  ~SndBuffer();
  SndBuffer(SndBuffer&&) noexcept;
  SndBuffer& operator=(SndBuffer&&) noexcept;

  /// Copies, filling the last block first; blocks grow with what is queued: 2 KiB, 16 KiB, 64 KiB.
  void append_copy(BufferPool& pool, ByteView bytes);
  /// No copy: the caller keeps the memory until release_front has passed it (or the buffer is
  /// gone).
  void append_borrowed(ByteView bytes);
  /// As append_borrowed, with the ownership of a slice's block.
  void append_slice(Slice bytes);

  /// Views of up to `bytes` bytes from `offset_from_front`, in order, as many as fit `out`. Good
  /// until release_front passes them. Bound: O(1) for the place after (or at) the last gather, else
  /// log2.
  Gathered gather(std::uint64_t offset_from_front, std::uint32_t bytes, std::span<ByteView> out);

  /// The first n bytes are acknowledged. Requires: n <= size().
  void release_front(std::uint64_t n);
  void clear();

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t memory_bytes() const;  ///< blocks held; borrowed memory counts nothing

 private:
  struct Store;
  Store& store();

  std::unique_ptr<Store> store_;
  std::uint64_t size_ = 0;
};

}  // namespace oriel::tcp
