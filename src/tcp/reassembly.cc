// Sorted disjoint ranges in a deque (holes are filled near the front, data arrives at the back, and
// both ends are cheap), each with its slices in order.
#include "tcp/reassembly.h"

#include <algorithm>
#include <array>
#include <deque>

#include "tcp/compaction.h"
#include "tcp/ring.h"

namespace oriel::tcp {
namespace {

struct Range {
  SeqNum begin;
  SeqNum end;
  Ring<Slice> slices;
};

// How many of the latest changes are remembered for SACK; more than blocks fit, since several may
// have merged into one range.
constexpr std::size_t kRecentMax = 8;

}  // namespace

struct Reassembly::Store {
  std::deque<Range> ranges;
  std::array<SeqNum, kRecentMax>
      recent;  // a sequence number inside each range changed, latest first
  std::size_t recent_count = 0;
  std::size_t memory_bytes = 0;
  std::size_t slice_count = 0;
  std::uint32_t size = 0;

  // Index of the first range whose end is beyond `seq`; ranges.size() if none. The last and the
  // latest range first: that is where in-order arrivals behind a hole go.
  std::size_t first_ending_after(SeqNum seq) const {
    if (ranges.empty() || seq_leq(ranges.back().end, seq)) return ranges.size();
    std::size_t low = 0;
    std::size_t high = ranges.size() - 1;
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (seq_gt(ranges[middle].end, seq)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  void note_recent(SeqNum seq) {
    const std::size_t kept = std::min(recent_count, kRecentMax - 1);
    // A run of appends to one range is one change.
    if (recent_count != 0 && is_same_range(recent[0], seq)) {
      recent[0] = seq;
      return;
    }
    std::copy_backward(recent.begin(), recent.begin() + static_cast<std::ptrdiff_t>(kept),
                       recent.begin() + static_cast<std::ptrdiff_t>(kept) + 1);
    recent[0] = seq;
    recent_count = kept + 1;
  }
  bool is_same_range(SeqNum a, SeqNum b) const {
    const std::size_t i = first_ending_after(a);
    return i < ranges.size() && seq_leq(ranges[i].begin, a) && seq_leq(ranges[i].begin, b) &&
           seq_lt(b, ranges[i].end);
  }

  void add_slice(BufferPool& pool, Range& range, Slice piece) {
    if (piece.size() * kCompactionFactor < piece.footprint()) {
      if (!range.slices.empty() && append_in_place(range.slices.back(), piece)) return;
      piece = pool.copy_of(piece);
    }
    memory_bytes += piece.footprint();
    ++slice_count;
    range.slices.push_back(std::move(piece));
  }

  // Puts a piece that overlaps nothing into the hole before range `i`. False: a limit was reached.
  bool fill(BufferPool& pool, std::size_t i, SeqNum seq, Slice piece) {
    const auto bytes = static_cast<std::uint32_t>(piece.size());
    if (slice_count >= kSlicesMax) return false;
    const bool is_joining_left = i > 0 && ranges[i - 1].end == seq;
    const bool is_joining_right = i < ranges.size() && ranges[i].begin == seq + bytes;
    if (is_joining_left) {
      Range& left = ranges[i - 1];
      add_slice(pool, left, std::move(piece));
      left.end = seq + bytes;
      if (is_joining_right) join(i - 1);
    } else {
      if (ranges.size() >= kRangesMax && !is_joining_right) return false;
      Range fresh{seq, seq + bytes, {}};
      add_slice(pool, fresh, std::move(piece));
      ranges.insert(ranges.begin() + static_cast<std::ptrdiff_t>(i), std::move(fresh));
      if (is_joining_right) join(i);
    }
    size += bytes;
    return true;
  }

  // Range i + 1 begins where i ends: one range from here on.
  void join(std::size_t i) {
    Range& left = ranges[i];
    Range& right = ranges[i + 1];
    while (!right.slices.empty()) left.slices.push_back(right.slices.pop_front());
    left.end = right.end;
    ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
};

Reassembly::Reassembly() = default;
Reassembly::~Reassembly() = default;
Reassembly::Reassembly(Reassembly&&) noexcept = default;
Reassembly& Reassembly::operator=(Reassembly&&) noexcept = default;

std::uint32_t Reassembly::insert(BufferPool& pool, SeqNum seq, Slice payload) {
  if (payload.empty()) return 0;
  if (store_ == nullptr) store_ = std::make_unique<Store>();
  Store& s = *store_;
  const SeqNum end = seq + static_cast<std::uint32_t>(payload.size());
  const std::uint32_t held_before = s.size;
  bool has_noted = false;
  SeqNum at = seq;
  std::size_t i = s.first_ending_after(at);
  // Each turn passes one held range or fills one hole; filling may join ranges, so look again by
  // seq.
  while (seq_lt(at, end)) {
    if (i < s.ranges.size() && seq_leq(s.ranges[i].begin, at)) {
      const SeqNum held_end = seq_min(s.ranges[i].end, end);
      if (!has_noted) note_duplicate({at, held_end});
      has_noted = true;
      at = held_end;
      ++i;
      continue;
    }
    const SeqNum hole_end = i < s.ranges.size() ? seq_min(s.ranges[i].begin, end) : end;
    Slice piece = payload.subslice(seq_span(seq, at), seq_span(at, hole_end));
    if (at == seq && hole_end == end) payload = Slice();  // the common case: keep one reference
    if (!s.fill(pool, i, at, std::move(piece))) break;
    at = hole_end;
    i = s.first_ending_after(at);
  }
  const std::uint32_t added = s.size - held_before;
  if (added != 0 || has_noted) s.note_recent(seq_lt(seq, at) ? at - 1 : seq);
  if (s.ranges.empty()) store_.reset();
  return added;
}

Slice Reassembly::pop_ready(SeqNum rcv_nxt) {
  if (store_ == nullptr) return {};
  Store& s = *store_;
  while (!s.ranges.empty() && seq_leq(s.ranges.front().begin, rcv_nxt)) {
    Range& range = s.ranges.front();
    Slice slice = range.slices.pop_front();
    const auto bytes = static_cast<std::uint32_t>(slice.size());
    s.memory_bytes -= slice.footprint();
    s.size -= bytes;
    --s.slice_count;
    const std::uint32_t stale = seq_span(range.begin, rcv_nxt);
    range.begin += bytes;
    if (range.slices.empty()) s.ranges.pop_front();
    if (s.ranges.empty()) store_.reset();
    if (stale < bytes) {
      slice.remove_prefix(stale);
      return slice;
    }
    if (store_ == nullptr) break;
  }
  return {};
}

std::size_t Reassembly::sack_blocks(std::span<SeqRange> out) {
  std::size_t n = 0;
  if (has_duplicate() && !out.empty()) out[n++] = duplicate_;
  duplicate_ = {};
  if (store_ == nullptr) return n;
  const std::size_t first = n;
  const Store& s = *store_;
  const auto add = [&](const Range& r) {
    const SeqRange block{r.begin, r.end};
    for (std::size_t j = first; j < n; ++j) {
      if (out[j] == block) return;
    }
    out[n++] = block;
  };
  for (std::size_t j = 0; j < s.recent_count && n < out.size(); ++j) {
    const std::size_t i = s.first_ending_after(s.recent[j]);
    if (i < s.ranges.size() && seq_leq(s.ranges[i].begin, s.recent[j])) add(s.ranges[i]);
  }
  // Changes merged or were delivered: fill up with what the peer should retransmit around first.
  for (std::size_t i = 0; i < s.ranges.size() && i < kRecentMax && n < out.size(); ++i) {
    add(s.ranges[i]);
  }
  return n;
}

bool Reassembly::empty() const {
  return store_ == nullptr;
}
std::uint32_t Reassembly::size() const {
  return store_ == nullptr ? 0 : store_->size;
}
std::size_t Reassembly::memory_bytes() const {
  return store_ == nullptr ? 0 : store_->memory_bytes;
}
std::size_t Reassembly::range_count() const {
  return store_ == nullptr ? 0 : store_->ranges.size();
}
SeqNum Reassembly::highest() const {
  return store_->ranges.back().end;
}
void Reassembly::clear() {
  store_.reset();
  duplicate_ = {};
}

}  // namespace oriel::tcp
