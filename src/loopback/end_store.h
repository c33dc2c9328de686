// This process's ends: slots in a few memory files, used again and again.
//
// A file holds kSlotsPerFile of them, because mappings and descriptors are scarcer than memory:
// pages that no connection has touched cost nothing. The slot freed last goes out first: its pages
// are there and in cache, which is most of what a new connection would cost. Thread: the host's
// owner.
#pragma once

#include <cstdint>
#include <vector>

#include "loopback/end_memory.h"
#include "loopback/memory_file.h"

namespace oriel::loopback {

inline constexpr std::uint32_t kSlotsPerFile = 64;
inline constexpr std::size_t kFileBytes = kFileHeadBytes + kSlotsPerFile * kEndBytes;

class EndStore {
 public:
  struct Slot {
    std::uint32_t index = 0;  ///< file * kSlotsPerFile + place
    std::uint32_t generation = 0;
    OwnEnd end;
  };

  /// `slots_max`: ends at once.
  explicit EndStore(std::uint32_t slots_max) : slots_max_(slots_max) {}
  /// An end ready for a connection. Errors: kNoBuffers.
  Result<Slot> take(std::uint64_t window_bytes);
  /// Requires: no other end looks at its bytes any more.
  void give_back(std::uint32_t index);
  std::uint32_t in_use() const { return in_use_; }
  /// For handing over; nullptr: no such file.
  const MemoryFile* file(std::uint32_t number) const {
    return number < files_.size() ? &files_[number] : nullptr;
  }

 private:
  OwnEnd end_at(std::uint32_t index) {
    return OwnEnd::at(files_[index / kSlotsPerFile].own(), index % kSlotsPerFile);
  }
  std::uint32_t slots_max_;
  std::uint32_t in_use_ = 0;
  std::vector<MemoryFile> files_;
  std::vector<std::uint32_t> free_;
  std::vector<std::uint32_t> generations_;  // by slot
};

}  // namespace oriel::loopback
