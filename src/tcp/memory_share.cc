#include "tcp/memory_share.h"

#include <algorithm>

namespace oriel::tcp {

std::uint64_t memory_share(const MemoryState& s) {
  if (s.budget_bytes == UINT64_MAX) return UINT64_MAX;
  const std::uint64_t sharers = std::max<std::uint64_t>(s.sharers, 1);
  const std::uint64_t reserve = s.budget_bytes / 8;  // for newcomers and for what is received
  const std::uint64_t equal = (s.budget_bytes - reserve) / sharers;
  if (s.left_bytes > reserve) {
    return std::max(equal, s.held_bytes + (s.left_bytes - reserve) / (2 * sharers));
  }
  const std::uint64_t tight = reserve / 2;
  if (s.left_bytes <= tight || s.held_bytes <= equal) return equal;
  const auto part =
      static_cast<double>(s.left_bytes - tight) / static_cast<double>(reserve - tight);
  return equal + static_cast<std::uint64_t>(static_cast<double>(s.held_bytes - equal) * part);
}

}  // namespace oriel::tcp
