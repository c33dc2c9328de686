// How much of the host's memory may one sender fill? (spec ISB-3)
//
//   left of the budget   more than 1/8     what it holds, and its part of half of the rest
//                        1/8 to 1/16       from what it holds down to an equal share
//                        less              an equal share of 7/8 of the budget
//
// With plenty left nobody is held back for long; when senders want more than there is, each ends at
// the same share, whoever came first. Growth adds up to no more than half of what is free, so many
// that grow at once do not overshoot. The surprise: it is told the number of those who share and
// needs no list of them.
#pragma once

#include <cstdint>

namespace oriel::tcp {

struct MemoryState {
  std::uint64_t budget_bytes = UINT64_MAX;  ///< of the host; UINT64_MAX: none
  std::uint64_t left_bytes = UINT64_MAX;
  std::uint64_t sharers = 1;     ///< senders that hold something, this one included
  std::uint64_t held_bytes = 0;  ///< by this one
};

/// Bytes that this sender may hold in all; UINT64_MAX: as many as it likes.
std::uint64_t memory_share(const MemoryState& state);

}  // namespace oriel::tcp
