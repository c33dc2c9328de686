// Writing a small payload behind a slice that has its block to itself, so that small pieces share
// blocks.
#pragma once

#include <cstring>

#include "base/buffer.h"

namespace oriel::tcp {

/// Bytes of its block behind a slice that nobody else refers to; 0 when shared or borrowed.
inline std::size_t room_behind(const Slice& slice) {
  const Block* block = slice.block();
  if (block == nullptr || block->references != 1) return 0;
  const auto* begin = reinterpret_cast<const std::uint8_t*>(block + 1);
  return block->capacity - static_cast<std::size_t>(slice.data() - begin) - slice.size();
}

/// Copies `bytes` behind `tail` and lengthens it; false, with nothing done, when they do not fit.
inline bool append_in_place(Slice& tail, ByteView bytes) {
  if (room_behind(tail) < bytes.size()) return false;
  std::memcpy(tail.mutable_data() + tail.size(), bytes.data(), bytes.size());
  tail.truncate(tail.size() + bytes.size());
  return true;
}

}  // namespace oriel::tcp
