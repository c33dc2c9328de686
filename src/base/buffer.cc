// Block recycling: one free list a size class; the newest block goes out first because it is in
// cache.
#include "base/buffer.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <new>

namespace oriel {
namespace {

constexpr std::size_t kClasses = std::size(BufferPool::kSizes);

std::size_t class_of(std::size_t bytes) {
  for (std::size_t i = 0; i < kClasses; ++i) {
    if (bytes <= BufferPool::kSizes[i]) return i;
  }
  return kClasses;
}

}  // namespace

BufferPool::~BufferPool() {
  assert(bytes_in_use_ == 0 && "a slice outlives its pool");
  for (Block* head : free_) {
    while (head != nullptr) {
      Block* next = head->next_free;
      std::free(head);
      head = next;
    }
  }
}

Block* BufferPool::allocate(std::size_t bytes) {
  const std::size_t c = class_of(bytes);
  Block* block = nullptr;
  if (c < kClasses && free_[c] != nullptr) {
    block = free_[c];
    free_[c] = block->next_free;
    kept_bytes_ -= block->capacity;
  } else {
    const std::size_t capacity = c < kClasses ? kSizes[c] : bytes;
    void* memory = std::malloc(sizeof(Block) + capacity);
    if (memory == nullptr) throw std::bad_alloc();
    block = new (memory) Block{this, 0, static_cast<std::uint32_t>(capacity), nullptr};
  }
  block->references = 1;
  bytes_in_use_ += block->capacity;
  return block;
}

Slice BufferPool::copy_of(ByteView bytes) {
  Slice s = make(bytes.size());
  if (!bytes.empty()) std::memcpy(s.mutable_data(), bytes.data(), bytes.size());
  return s;
}

void BufferPool::free(Block* block) {
  bytes_in_use_ -= block->capacity;
  const std::size_t c = class_of(block->capacity);
  if (c == kClasses) {
    std::free(block);
    return;
  }
  kept_bytes_ += block->capacity;
  block->next_free = free_[c];
  free_[c] = block;
  // Two for one, so that what is kept goes down with what is in use.
  const std::size_t kept_bytes_max = std::max(kKeptBytesMax, bytes_in_use_);
  for (int i = 0; i < 2 && kept_bytes_ > kept_bytes_max && free_[c] != nullptr; ++i) {
    Block* surplus = free_[c];
    free_[c] = surplus->next_free;
    kept_bytes_ -= surplus->capacity;
    std::free(surplus);
  }
}

}  // namespace oriel
