// Objects of one type in chunks, recycled through a free list: stable addresses, O(1) both ways.
//
// The free list runs through the memory of the free objects. The newest free one goes out first,
// because it is in cache. Memory goes back when the last object does, all but one chunk.
//
//   chunk: | next chunk | object | free -+ | object | free |
//                                  ^-----+------------ free_
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <new>
#include <utility>

namespace oriel {

/// Pool of T. Every object must be destroyed before the slab. Thread: the owner of the objects.
template <class T>
class Slab {
 public:
  static constexpr std::size_t kChunkBytes = 16384;

  /// `objects_max`: objects alive at once.
  explicit Slab(std::size_t objects_max) : objects_max_(objects_max) {}
  ~Slab() {
    assert(size_ == 0 && "an object outlives its slab");
    release_chunks();
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  /// A new object, or nullptr when objects_max are alive. Throws bad_alloc.
  template <class... Args>
  T* create(Args&&... args) {
    if (size_ == objects_max_) return nullptr;
    if (free_ == nullptr) add_chunk();
    Cell* cell = free_;
    Cell* next = cell->next;
    T* object = nullptr;
    try {
      object = new (cell->bytes) T(std::forward<Args>(args)...);
    } catch (...) {
      cell->next = next;  // the constructor may have written over it
      throw;
    }
    free_ = next;
    ++size_;
    return object;
  }

  /// Requires: `object` came from create of this slab.
  void destroy(T* object) {
    object->~T();
    Cell* cell = reinterpret_cast<Cell*>(object);
    cell->next = free_;
    free_ = cell;
    if (--size_ == 0 && chunks_->next != nullptr) keep_one_chunk();
  }

  std::size_t size() const { return size_; }
  std::size_t objects_max() const { return objects_max_; }
  std::size_t chunk_count() const { return chunk_count_; }

 private:
  union Cell {
    Cell* next;
    alignas(T) std::byte bytes[sizeof(T)];
  };
  static constexpr std::size_t kCells = std::max<std::size_t>(1, kChunkBytes / sizeof(Cell));
  struct Chunk {
    Chunk* next;
    Cell cells[kCells];
  };

  void add_chunk() {
    Chunk* chunk = new Chunk;
    chunk->next = chunks_;
    chunks_ = chunk;
    ++chunk_count_;
    thread_cells(*chunks_);
  }
  void thread_cells(Chunk& chunk) {
    for (std::size_t i = kCells; i-- > 0;) {
      chunk.cells[i].next = free_;
      free_ = &chunk.cells[i];
    }
  }
  void keep_one_chunk() {
    Chunk* kept = chunks_;
    chunks_ = kept->next;
    release_chunks();
    kept->next = nullptr;
    chunks_ = kept;
    chunk_count_ = 1;
    free_ = nullptr;
    thread_cells(*kept);
  }
  void release_chunks() {
    while (chunks_ != nullptr) {
      Chunk* next = chunks_->next;
      delete chunks_;
      chunks_ = next;
    }
  }

  Chunk* chunks_ = nullptr;
  Cell* free_ = nullptr;
  std::size_t size_ = 0;
  std::size_t objects_max_;
  std::size_t chunk_count_ = 0;
};

}  // namespace oriel
