// Slots: a stack of free ones, and files added as they are needed.
#include "loopback/end_store.h"

namespace oriel::loopback {

Result<EndStore::Slot> EndStore::take(std::uint64_t window_bytes) {
  if (in_use_ == slots_max_) return fail(ErrorCode::kNoBuffers, "all loopback rings are in use");
  if (free_.empty()) {
    auto file = MemoryFile::create(kFileBytes);
    if (!file) return Failure(file.error());
    const auto first = static_cast<std::uint32_t>(files_.size()) * kSlotsPerFile;
    files_.push_back(std::move(*file));
    generations_.resize(first + kSlotsPerFile, 0);
    for (std::uint32_t i = kSlotsPerFile; i-- > 0;) free_.push_back(first + i);
  }
  Slot slot;
  slot.index = free_.back();
  free_.pop_back();
  slot.generation = ++generations_[slot.index];
  slot.end = end_at(slot.index);
  reset_end(slot.end, slot.generation, window_bytes);
  ++in_use_;
  return slot;
}

void EndStore::give_back(std::uint32_t index) {
  free_.push_back(index);
  --in_use_;
}

}  // namespace oriel::loopback
