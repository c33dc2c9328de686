// Chunks in a ring, found by their stream offset; the cursor makes sequential gathering O(1).
#include "tcp/snd_buffer.h"

#include <algorithm>

#include "tcp/compaction.h"
#include "tcp/ring.h"

namespace oriel::tcp {
namespace {

// Blocks grow with what is queued, so that a short answer holds 2 KiB and a bulk sender few chunks.
constexpr std::size_t kFirstBlockBytes = 2048;
constexpr std::size_t kMiddleBlockBytes = 16384;
constexpr std::size_t kLargeBlockBytes = 65536;
constexpr std::size_t kBorrowedChunkMax = 1u << 30;  // a slice counts in 32 bits

std::size_t block_bytes_for(std::uint64_t queued, std::size_t wanted) {
  const std::uint64_t total = queued + wanted;
  if (total <= kFirstBlockBytes) return kFirstBlockBytes;
  if (total <= 4 * kMiddleBlockBytes) return kMiddleBlockBytes;
  return kLargeBlockBytes;
}

struct Chunk {
  Slice slice;
  std::uint64_t begin = 0;  // stream offset of its first byte
  std::uint64_t end() const { return begin + slice.size(); }
};

}  // namespace

struct SndBuffer::Store {
  Ring<Chunk> chunks;
  std::uint64_t front = 0;  // stream offset of the oldest byte held
  std::uint64_t back = 0;
  std::size_t memory_bytes = 0;
  std::uint32_t cursor = 0;  // chunk where the last gather ended

  void push(Slice slice) {
    memory_bytes += slice.footprint();
    const std::uint64_t begin = back;
    back += slice.size();
    chunks.push_back(Chunk{std::move(slice), begin});
  }

  // The chunk that holds stream offset `at`. Requires: front <= at < back.
  std::uint32_t find(std::uint64_t at) const {
    for (std::uint32_t i = cursor; i < chunks.size() && i <= cursor + 1; ++i) {
      const Chunk& chunk = chunks[i];
      if (at - chunk.begin < chunk.slice.size()) return i;
    }
    std::uint32_t low = 0;
    std::uint32_t high = chunks.size() - 1;
    while (low < high) {
      const std::uint32_t middle = low + (high - low + 1) / 2;
      if (chunks[middle].begin <= at) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
};

SndBuffer::SndBuffer() = default;
SndBuffer::~SndBuffer() = default;
SndBuffer::SndBuffer(SndBuffer&& o) noexcept
    : store_(std::move(o.store_)), size_(std::exchange(o.size_, 0)) {}
SndBuffer& SndBuffer::operator=(SndBuffer&& o) noexcept {
  store_ = std::move(o.store_);
  size_ = std::exchange(o.size_, 0);
  return *this;
}

SndBuffer::Store& SndBuffer::store() {
  if (store_ == nullptr) store_ = std::make_unique<Store>();
  return *store_;
}

void SndBuffer::append_copy(BufferPool& pool, ByteView bytes) {
  if (bytes.empty()) return;
  Store& s = store();
  if (!s.chunks.empty()) {
    Slice& tail = s.chunks.back().slice;
    const std::size_t n = std::min(bytes.size(), room_behind(tail));
    if (n != 0 && append_in_place(tail, bytes.first(n))) {
      s.back += n;
      size_ += n;
      bytes = bytes.subspan(n);
    }
  }
  while (!bytes.empty()) {
    Block* block = pool.allocate(block_bytes_for(size_, bytes.size()));
    const std::size_t n = std::min<std::size_t>(bytes.size(), block->capacity);
    Slice slice = Slice::adopt(block, 0, n);
    std::memcpy(slice.mutable_data(), bytes.data(), n);
    s.push(std::move(slice));
    size_ += n;
    bytes = bytes.subspan(n);
  }
}

void SndBuffer::append_borrowed(ByteView bytes) {
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), kBorrowedChunkMax);
    append_slice(Slice::borrow(bytes.first(n)));
    bytes = bytes.subspan(n);
  }
}

void SndBuffer::append_slice(Slice bytes) {
  if (bytes.empty()) return;
  size_ += bytes.size();
  store().push(std::move(bytes));
}

SndBuffer::Gathered SndBuffer::gather(std::uint64_t offset_from_front, std::uint32_t bytes,
                                      std::span<ByteView> out) {
  Gathered done;
  if (offset_from_front >= size_ || bytes == 0) return done;
  Store& s = *store_;
  std::uint64_t at = s.front + offset_from_front;
  std::uint32_t i = s.find(at);
  while (done.bytes < bytes && done.pieces < out.size() && i < s.chunks.size()) {
    const Chunk& chunk = s.chunks[i];
    const std::size_t skip = static_cast<std::size_t>(at - chunk.begin);
    const std::size_t n = std::min<std::size_t>(chunk.slice.size() - skip, bytes - done.bytes);
    out[done.pieces++] = chunk.slice.view().subspan(skip, n);
    done.bytes += static_cast<std::uint32_t>(n);
    at += n;
    s.cursor = i++;
  }
  return done;
}

void SndBuffer::release_front(std::uint64_t n) {
  if (n == 0) return;
  if (n >= size_) return clear();
  Store& s = *store_;
  s.front += n;
  size_ -= n;
  while (s.chunks.front().end() <= s.front) {
    s.memory_bytes -= s.chunks.pop_front().slice.footprint();
    if (s.cursor != 0) --s.cursor;
  }
}

void SndBuffer::clear() {
  store_.reset();
  size_ = 0;
}

std::size_t SndBuffer::memory_bytes() const {
  return store_ == nullptr ? 0 : store_->memory_bytes;
}

}  // namespace oriel::tcp
