// Where payload bytes live: reference-counted blocks from a pool, and slices of them.
//
// Packets are received into blocks and stay there until the application has read them; sent bytes
// wait in blocks until they are acknowledged. Reference counts are not atomic: a pool, its blocks
// and its slices belong to one host, and whoever owns the host at the moment is the only one to
// touch them.
//
//   Block: | header | bytes ............................... |
//                        ^ slice.data()  ^ + slice.size()
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace oriel {

class BufferPool;

/// Fixed-size memory with a reference count. Made only by a BufferPool.
struct Block {
  BufferPool* pool;
  std::uint32_t references;
  std::uint32_t capacity;  ///< bytes after this header
  Block* next_free;
  std::uint8_t* bytes() { return reinterpret_cast<std::uint8_t*>(this + 1); }
};

/// A run of bytes in a block, sharing its ownership. Default: empty, no block.
class Slice {
 public:
  Slice() = default;
  /// Takes over one reference that the caller holds.
  static Slice adopt(Block* block, std::size_t offset, std::size_t size) {
    Slice s;
    s.block_ = block;
    s.data_ = block->bytes() + offset;
    s.size_ = static_cast<std::uint32_t>(size);
    return s;
  }
  /// Bytes that somebody else keeps alive (a caller's buffer, a test's array); no ownership.
  static Slice borrow(ByteView bytes) {
    Slice s;
    s.data_ = const_cast<std::uint8_t*>(bytes.data());
    s.size_ = static_cast<std::uint32_t>(bytes.size());
    return s;
  }
  Slice(const Slice& o) : block_(o.block_), data_(o.data_), size_(o.size_) {
    if (block_ != nullptr) ++block_->references;
  }
  Slice(Slice&& o) noexcept
      : block_(std::exchange(o.block_, nullptr)),
        data_(std::exchange(o.data_, nullptr)),
        size_(std::exchange(o.size_, 0)) {}
  Slice& operator=(const Slice& o) { return *this = Slice(o); }
  Slice& operator=(Slice&& o) noexcept {
    if (this == &o) return *this;
    release();
    block_ = std::exchange(o.block_, nullptr);
    data_ = std::exchange(o.data_, nullptr);
    size_ = std::exchange(o.size_, 0);
    return *this;
  }
  ~Slice() { release(); }

  const std::uint8_t* data() const { return data_; }
  std::uint8_t* mutable_data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {data_, size_}; }
  operator ByteView() const { return view(); }  // NOLINT: a slice is a view with ownership
  bool is_owning() const { return block_ != nullptr; }
  const Block* block() const { return block_; }
  /// Bytes of memory that keeping this slice keeps: the whole block, or 0 when borrowed.
  std::size_t footprint() const { return block_ == nullptr ? 0 : block_->capacity; }

  void remove_prefix(std::size_t n) {
    data_ += n;
    size_ -= static_cast<std::uint32_t>(n);
  }
  void truncate(std::size_t n) { size_ = static_cast<std::uint32_t>(n); }
  Slice subslice(std::size_t offset, std::size_t n) const {
    Slice s = *this;
    s.data_ += offset;
    s.size_ = static_cast<std::uint32_t>(n);
    return s;
  }

 private:
  inline void release();
  Block* block_ = nullptr;
  std::uint8_t* data_ = nullptr;
  std::uint32_t size_ = 0;
};

/// Blocks of a few sizes, recycled. Bound: keeps free blocks of at most `kKeptBytesMax`, or of as
/// many bytes as are in use when that is more: thousands of busy connections fill and empty their
/// buffers in turns, and fresh pages for each turn cost as much as the copying. The rest goes back
/// to the heap. Thread: the host's owner.
class BufferPool {
 public:
  static constexpr std::size_t kSizes[] = {512, 2048, 16384,
                                           66048};  // last: 64 KiB packet + headers
  static constexpr std::size_t kKeptBytesMax = 64u << 20;

  BufferPool() = default;
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// A block of at least `bytes` with one reference that the caller owns. Larger than the largest
  /// size: an exact, unpooled block.
  Block* allocate(std::size_t bytes);
  /// A slice of a fresh block, `bytes` long.
  Slice make(std::size_t bytes) { return Slice::adopt(allocate(bytes), 0, bytes); }
  Slice copy_of(ByteView bytes);
  void free(Block* block);  ///< called by the last slice

  std::size_t bytes_in_use() const { return bytes_in_use_; }
  /// What the owner wants to stay within: allocation goes on beyond it; whoever takes blocks asks.
  void set_budget(std::uint64_t bytes) { budget_bytes_ = bytes; }
  std::uint64_t budget() const { return budget_bytes_; }
  /// Of the budget, not in use.
  std::uint64_t bytes_left() const {
    return budget_bytes_ > bytes_in_use_ ? budget_bytes_ - bytes_in_use_ : 0;
  }
  /// How many share the budget at the moment; each counts itself.
  std::uint64_t sharers() const { return sharers_; }
  void add_sharers(std::int64_t change) { sharers_ += static_cast<std::uint64_t>(change); }
  std::size_t bytes_kept() const { return kept_bytes_; }  ///< in free blocks

 private:
  Block* free_[std::size(kSizes)] = {};
  std::size_t kept_bytes_ = 0;
  std::size_t bytes_in_use_ = 0;
  std::uint64_t budget_bytes_ = UINT64_MAX;
  std::uint64_t sharers_ = 0;
};

inline void Slice::release() {
  if (block_ != nullptr && --block_->references == 0) block_->pool->free(block_);
  block_ = nullptr;
}

}  // namespace oriel
